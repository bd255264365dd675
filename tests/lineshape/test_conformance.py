"""What every line shape promises, whatever its formula."""

from __future__ import annotations

import numpy as np
import pytest
from tests.lineshape.shapes import CASES, Case

from braggite.errors import InvalidSpectrum, OptionError
from braggite.kernels import line_shape, line_shape_area, line_shape_window, measure_line_shape
from braggite.lineshapes import LINE_SHAPES, line_shape_parameters


def test_every_shape_has_a_case():
    assert {case.name for case in CASES} == set(LINE_SHAPES)


@pytest.mark.parametrize("case", CASES, ids=str)
class TestLineShape:
    def axis(self, case: Case) -> np.ndarray:
        width = self.width(case)
        return case.center + width * np.linspace(-9.0, 9.0, 732)  # none at the centre, where halves meet

    def width(self, case: Case) -> float:
        return measure_line_shape(case.name, **case.parameters).fwhm

    def test_area(self, case: Case):
        area = measure_line_shape(case.name, **case.parameters).area
        if not case.finite_area:
            assert area is None
            return
        assert area == 1.0
        far = 1e5 * self.width(case)
        counted = line_shape_area(case.name, case.center - far, case.center + far, case.center, **case.parameters)
        # A Lorentzian has 2 / (pi 1e5 2) = 3e-6 of its area outside, a Pearson VII of exponent 1.2 less.
        assert counted == pytest.approx(1.0, abs=4e-6)

    def test_area_between_agrees_with_the_sum_of_values(self, case: Case):
        x = np.linspace(*(case.center + self.width(case) * np.array([-5.0, 8.0])), 200_001)
        summed = np.trapezoid(case.values(x), x)
        counted = line_shape_area(case.name, x[0], x[-1], case.center, **case.parameters)
        # Error of the trapezoidal rule with steps of 6e-5 widths; half lines have a kink in their curvature only.
        assert counted == pytest.approx(summed, rel=1e-8)

    def test_derivatives_agree_with_differences(self, case: Case):
        x = self.axis(case)
        _, by = line_shape(case.name, x, case.center, amplitude=3.0, derivatives=True, **case.parameters)
        assert list(by) == ["amplitude", "center", *case.parameters]

        def moved(key: str, value: float) -> np.ndarray:
            numbers = {"amplitude": 3.0, "center": case.center, **case.parameters, key: value}
            return line_shape(case.name, x, **numbers)

        bounds = {p.name: (p.lower, p.upper) for p in line_shape_parameters(case.name)}
        for key, column in by.items():
            at = {"amplitude": 3.0, "center": case.center, **case.parameters}[key]
            step = 1e-4 * (self.width(case) if key == "center" else max(abs(at), 1e-2))
            low, high = bounds.get(key, (-np.inf, np.inf))
            if at - step < low or at + step > high:
                continue
            central = (moved(key, at + step) - moved(key, at - step)) / (2 * step)
            half = (moved(key, at + step / 2) - moved(key, at - step / 2)) / step
            extrapolated = (4 * half - central) / 3
            # Rounding of values over a step of 1e-4, and the fourth order left over.
            np.testing.assert_allclose(column, extrapolated, atol=2e-8 * np.abs(extrapolated).max(), err_msg=key)

    def test_window_holds_what_it_claims(self, case: Case):
        height = case.values(np.linspace(*(case.center + self.width(case) * np.array([-1.0, 1.0])), 4001)).max()
        for tail in (0.2, 0.04):
            low, high = line_shape_window(case.name, case.center, tail=tail, **case.parameters)
            outside = np.concatenate([low - self.width(case) * np.geomspace(1e-3, 1e3, 60),
                                      high + self.width(case) * np.geomspace(1e-3, 1e3, 60)])  # fmt: skip
            if np.all(np.isfinite(outside)):
                assert case.values(outside).max() < tail * height
            else:
                # Only what a resonance leaves of the continuum stays above a level for ever.
                assert "fano" in case.name
                assert case.values(case.center + np.array([-1e6, 1e6])).max() >= 0.99 * tail * height
            # It is not wasteful either: within a quarter of its claim the line still shows.
            inside = np.array([0.75 * low + 0.25 * case.center, 0.75 * high + 0.25 * case.center])
            if np.all(np.isfinite(inside)) and not case.inner:
                assert case.values(inside).min() > 0.2 * tail * height

    def test_width_and_height_are_those_of_the_line(self, case: Case):
        if case.inner:
            return  # width and height are those of the inner line
        measured = measure_line_shape(case.name, **case.parameters)
        top = case.center + measured.maximum_offset
        x = top + measured.fwhm * np.linspace(-1.2, 1.2, 24_001)
        values = case.values(x)
        assert values.max() == pytest.approx(measured.height, rel=1e-7)
        assert x[values.argmax()] == pytest.approx(top, abs=2e-4 * measured.fwhm)
        above = x[values >= 0.5 * measured.height]
        # Two steps of the axis.
        assert above[-1] - above[0] == pytest.approx(measured.fwhm, abs=2.1e-4 * measured.fwhm)

    def test_symmetry(self, case: Case):
        u = np.linspace(0.01, 6.0, 200) * self.width(case)
        right, left = case.values(case.center + u), case.values(case.center - u)
        # x - center rounds at 50 times the precision of doubles.
        same = np.allclose(left[::-1], right[::-1], rtol=1e-10, atol=0.0)
        assert same is case.symmetric

    def test_order_and_input_do_not_matter(self, case: Case):
        x = self.axis(case)
        kept = x.copy()
        values, by = line_shape(case.name, x, case.center, derivatives=True, **case.parameters)
        shuffled = np.random.default_rng(3).permutation(x.size)
        again, by_again = line_shape(case.name, list(x[shuffled]), case.center, derivatives=True, **case.parameters)
        np.testing.assert_array_equal(again, values[shuffled])
        for key in by:
            np.testing.assert_array_equal(by_again[key], by[key][shuffled])
        np.testing.assert_array_equal(x, kept)
        np.testing.assert_allclose(values, case.values(x), rtol=1e-13, atol=1e-13 * values.max())

    def test_one_point_and_none(self, case: Case):
        assert case.values(np.array([case.center + 0.1])).shape == (1,)
        assert case.values(np.array([])).shape == (0,)

    def test_absurd_parameters_are_refused_by_name(self, case: Case):
        for parameter in line_shape_parameters(case.name):
            absurd = [np.nan, np.inf, parameter.upper * 1.01 + 1.0, parameter.lower - 0.01, "wide"]
            for value in absurd:
                with pytest.raises(OptionError, match=parameter.name):
                    line_shape(case.name, [1.0, 2.0], case.center, **{**case.parameters, parameter.name: value})
            missing = {key: value for key, value in case.parameters.items() if key != parameter.name}
            with pytest.raises(OptionError, match=f"{parameter.name} is missing"):
                line_shape(case.name, [1.0], case.center, **missing)
        with pytest.raises(OptionError, match="twist is not known"):
            line_shape(case.name, [1.0], case.center, **case.parameters, twist=1.0)
        with pytest.raises(OptionError, match="center"):
            line_shape(case.name, [1.0], np.nan, **case.parameters)
        with pytest.raises(InvalidSpectrum, match=r"x\[1\]"):
            line_shape(case.name, [1.0, np.nan], case.center, **case.parameters)


def test_unknown_shape_names_the_known_ones():
    with pytest.raises(OptionError, match="pearson7"):
        line_shape("triangle", [1.0], 0.0, fwhm=1.0)


@pytest.mark.parametrize("name", ["voigt", "thompson_cox_hastings", "finger_cox_jephcoat"])
def test_a_line_without_any_width_is_refused(name: str):
    others = {p.name: 0.01 for p in line_shape_parameters(name) if not p.is_width}
    with pytest.raises(OptionError, match="fwhm_gauss"):
        line_shape(name, [1.0], 1.0, fwhm_gauss=0.0, fwhm_lorentz=0.0, **others)
