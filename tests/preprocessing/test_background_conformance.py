"""What every background method promises; a method joins by its name standing in ``METHODS``."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_conformance import KernelConformance, spectrum

import braggite as bg
from braggite.kernels import background
from braggite.preprocessing.methods import METHODS

FEW_POINTS = {"snip": {"half_window": 2}}


class BackgroundConformance(KernelConformance):
    kernel = staticmethod(background)

    def short(self):
        return FEW_POINTS.get(self.method, {})

    def counters(self, result):
        return result.rows_iterations

    def test_scales_with_the_ordinates(self):
        x, y = spectrum()
        for factor in (2.0**-30, 2.0**40):
            # powers of two are exact, so nothing but the floor of a deviation could differ
            np.testing.assert_allclose(self.run(y * factor, x).curve, self.run(y, x).curve * factor, rtol=1e-9)

    @pytest.mark.parametrize("slope", [0.0, 0.5])
    def test_a_constant_and_a_line_are_their_own_background(self, slope):
        x, _ = spectrum()
        y = 7.0 + slope * x
        result = self.run(y, x)
        assert result.converged
        np.testing.assert_allclose(
            result.curve, y, rtol=1e-6
        )  # the stiff solve's conditioning, lam 1e6 x rounding 1e-16 x n

    def test_equal_steps_need_no_axis(self):
        x, y = spectrum()
        np.testing.assert_array_equal(self.run(y).curve, self.run(y, x).curve)

    def test_refuses_unknown_and_absurd_options_by_name(self):
        x, y = spectrum()
        method = METHODS[self.method]
        absurd = {"lams": 1.0, "stiffness_width": -1.0}
        if method.stiffness is None:
            assert "stiffness_width" not in method.defaults
        else:
            absurd[method.stiffness] = 0.0
        if "end_points" in method.defaults:
            absurd["end_points"] = 0
        if "p" in method.defaults:
            absurd["p"] = 1.5
        if "tol" in method.defaults:
            absurd |= {"tol": -1.0, "max_iterations": -1}
        for name, value in (("poly_order", 51), ("iterations", 0), ("num_knots", 1), ("num_std_below", 0.0)):
            absurd |= {name: value} if name in method.defaults else {}
        text = method.stiffness or next(iter(method.defaults), "lam")
        for name, value in [*absurd.items(), ("stiffness_width", np.nan), (text, "stiff")]:
            with pytest.raises(bg.OptionError, match=name):
                self.run(y, x, **{name: value})
        if method.stiffness is not None:
            self.refuses_two_names_for_one_stiffness(y, x, method)

    def refuses_two_names_for_one_stiffness(self, y, x, method):
        with pytest.raises(bg.OptionError, match="stiffness_width"):
            self.run(y, x, **{"stiffness_width": 5.0, method.stiffness: method.defaults[method.stiffness]})

    def test_masked_points_do_not_matter(self):
        x, y = spectrum()
        mask = (x > 53) & (x < 57)
        if METHODS[self.method].leaves_out == "never":
            with pytest.raises(bg.OptionError, match="mask"):
                self.run(y, x, mask=mask)
            return
        spoilt = np.where(mask, 1e7, y)
        np.testing.assert_array_equal(self.run(y, x, mask=mask).curve, self.run(spoilt, x, mask=mask).curve)
        np.testing.assert_array_equal(
            self.run(y, x, mask=mask).curve, self.run(y, x, weights=np.where(mask, 0.0, 1.0)).curve
        )
        with pytest.raises(bg.InvalidSpectrum):
            self.run(y, x, mask=np.ones(x.size, dtype=bool))
        with pytest.raises(bg.OptionError, match="weights"):
            self.run(y, x, weights=-np.ones(x.size))


class WhittakerConformance(BackgroundConformance):
    def test_the_width_means_the_same_on_a_finer_grid(self):
        x, _ = spectrum(601)
        fine, _ = spectrum(6001)
        smooth = lambda at: 100 + 40 * np.sin(at / 6) + 500 * np.exp(-0.5 * ((at - 40) / 0.4) ** 2)  # noqa: E731
        coarse_curve = self.run(smooth(x), x, stiffness_width=8.0).curve
        fine_curve = self.run(smooth(fine), fine, stiffness_width=8.0).curve[::10]
        # noise-free: what differs is the discretisation, a fraction of a per cent of the peak's 500
        np.testing.assert_allclose(coarse_curve, fine_curve, atol=5.0)


class TestAsls(WhittakerConformance):
    method = "asls"


class TestAirpls(WhittakerConformance):
    method = "airpls"


class TestArpls(WhittakerConformance):
    method = "arpls"


class TestIasls(WhittakerConformance):
    method = "iasls"


class TestDrpls(WhittakerConformance):
    method = "drpls"

    @pytest.mark.parametrize("slope", [0.0])
    def test_a_constant_and_a_line_are_their_own_background(self, slope):
        # its penalty on the slope itself bends a line; a constant stays
        super().test_a_constant_and_a_line_are_their_own_background(slope)

    def test_the_width_means_the_same_on_a_finer_grid(self):
        # its weights end as a step at the noise level, so without noise every point is a peak; same noise per degree
        curves = {}
        for n in (601, 6001):
            x, _ = spectrum(n)
            noise = np.random.default_rng(2).normal(0.0, np.sqrt(n / 600), n)
            y = 100 + 40 * np.sin(x / 6) + 500 * np.exp(-0.5 * ((x - 40) / 0.4) ** 2) + noise
            curves[n] = self.run(y, x, stiffness_width=8.0).curve
        # three standard deviations of the curve under two draws of the noise, 1 % of the peak's 500
        np.testing.assert_allclose(curves[601], curves[6001][::10], atol=5.0)


class TestIarpls(WhittakerConformance):
    method = "iarpls"


class TestAspls(WhittakerConformance):
    method = "aspls"


class TestPsalsa(WhittakerConformance):
    method = "psalsa"


class TestDerpsalsa(WhittakerConformance):
    method = "derpsalsa"


class TestSnip(BackgroundConformance):
    method = "snip"


class RegionConformance(BackgroundConformance):
    def test_equal_steps_need_no_axis(self):
        x, y = spectrum()
        # positions enter by their differences, which differ by rounding
        np.testing.assert_allclose(self.run(y).curve, self.run(y, x).curve, rtol=1e-9)


class TestLinear(RegionConformance):
    method = "linear"


class TestModpoly(RegionConformance):
    method = "modpoly"


class TestImodpoly(RegionConformance):
    method = "imodpoly"


class TestChebyshev(RegionConformance):
    method = "chebyshev"


class TestRubberband(RegionConformance):
    method = "rubberband"


class TestConcaveRubberband(RegionConformance):
    method = "concave_rubberband"


class TestSonneveldVisser(RegionConformance):
    method = "sonneveld_visser"


class TestBruckner(RegionConformance):
    method = "bruckner"


class SplineConformance(WhittakerConformance):
    test_equal_steps_need_no_axis = RegionConformance.test_equal_steps_need_no_axis

    def test_a_width_that_the_knots_cannot_follow_is_refused(self):
        x, y = spectrum()
        with pytest.raises(bg.OptionError, match="num_knots"):
            self.run(y, x, stiffness_width=2.0)
        assert self.run(y, x, stiffness_width=2.0, num_knots=150).converged


class TestPsplineAsls(SplineConformance):
    method = "pspline_asls"


class TestPsplineArpls(SplineConformance):
    method = "pspline_arpls"


class OpeningConformance(BackgroundConformance):
    @pytest.mark.parametrize("slope", [0.0])
    def test_a_constant_and_a_line_are_their_own_background(self, slope):
        # the opening of a ramp is flat over the last half window
        super().test_a_constant_and_a_line_are_their_own_background(slope)


class TestTophat(OpeningConformance):
    method = "tophat"


class TestMor(OpeningConformance):
    method = "mor"


class TestImor(OpeningConformance):
    method = "imor"


class TestRollingBall(OpeningConformance):
    method = "rolling_ball"
    test_equal_steps_need_no_axis = RegionConformance.test_equal_steps_need_no_axis


class TestAuto(BackgroundConformance):
    method = "auto"


class LevelConformance(RegionConformance):
    @pytest.mark.parametrize("slope", [0.0])
    def test_a_constant_and_a_line_are_their_own_background(self, slope):
        # both know one cause of background, electrons above the lower end; a ramp without a peak has another
        super().test_a_constant_and_a_line_are_their_own_background(slope)


class TestShirley(LevelConformance):
    method = "shirley"


class TestSmart(LevelConformance):
    method = "smart"


class TougaardConformance(LevelConformance):
    def test_equal_steps_need_no_axis(self):
        # its loss function has a unit, so a point counts as one
        _, y = spectrum()
        np.testing.assert_array_equal(self.run(y).curve, self.run(y, np.arange(y.size, dtype=float)).curve)


class TestTougaardU2(TougaardConformance):
    method = "tougaard_u2"


class TestTougaardU3(TougaardConformance):
    method = "tougaard_u3"


class TestTougaardU4(TougaardConformance):
    method = "tougaard_u4"


def test_every_method_is_held_to_it():
    tested = {value.method for name, value in globals().items() if name.startswith("Test")}
    assert tested == set(METHODS)


@pytest.mark.parametrize("method", sorted(METHODS))
@settings(max_examples=60, deadline=None)
@given(y=st.lists(st.floats(-1e12, 1e12), min_size=4, max_size=120))
def test_whatever_the_data_the_curve_is_finite_or_the_refusal_ours(method, y):
    try:
        result = background(y, method=method)
    except bg.OptionError:
        # windows and orders that so few points cannot fill
        assert len(y) < 82
        return
    except bg.InvalidSpectrum:
        # too few points, or weights that fall like exp(-residual) and vanish at nearly all of them
        assert len(y) < 10 or method in {"psalsa", "derpsalsa"}
        return
    assert np.all(np.isfinite(result.curve))


def test_the_page_has_a_row_for_every_method_and_names_its_options():
    page = (Path(__file__).parents[2] / "docs" / "backgrounds.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:4] for line in page.splitlines() if line.startswith("| `")]
    names = [name for row in rows for name in re.findall(r"`(\w+)`", row[0])]
    assert sorted(names) == sorted(METHODS)
    written = set(re.findall(r"`(\w+)`", page))
    assert {option for method in METHODS.values() for option in method.defaults} <= written


def test_weights_that_vanish_nearly_everywhere_are_refused_as_data():
    with pytest.raises(bg.InvalidSpectrum, match="undetermined"):
        background([-1.0, 0, 0, 0, 0, 0, -1.0, 0, 0, 0, 0], method="derpsalsa")
