"""Promises of a peak fit: truth comes back, ties hold, what cannot be known is said, bad input is refused."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from peak_patterns import Truth, core_level, diffractogram, gaussian, lorentzian, pseudo_voigt

import braggite as bg
from braggite.errors import InvalidSpectrum, OptionError
from braggite.kernels import fit_peaks
from braggite.radiation import radiation_named

X = np.linspace(0.0, 20.0, 801)
TWO = 400 * pseudo_voigt(X, 5.0, 0.5, 0.3) + 300 * pseudo_voigt(X, 12.0, 0.8, 0.7) + 20 + X


def codes(fit: bg.PeakFit) -> set[str]:
    return {note.code for note in fit.diagnostics}


@pytest.mark.parametrize(("shape", "line"), [("gaussian", gaussian), ("lorentzian", lorentzian)])
def test_exact_data_give_back_the_truth(shape: str, line: Any) -> None:
    y = 400 * line(X, 5.0, 0.5) + 300 * line(X, 12.0, 0.8) + 20 + X
    fit = fit_peaks(X, y, [5.2, 11.8], shape=shape)
    assert fit.converged
    # 1e-9: data are exact to rounding
    np.testing.assert_allclose(fit.position, [5.0, 12.0], rtol=1e-9)
    np.testing.assert_allclose(fit.area, [400.0, 300.0], rtol=1e-9)
    np.testing.assert_allclose(fit.fwhm, [0.5, 0.8], rtol=1e-9)
    np.testing.assert_allclose(fit.height, [400 * line(5.0, 5.0, 0.5), 300 * line(12.0, 12.0, 0.8)], rtol=1e-9)


def test_the_same_in_other_units_and_origins() -> None:
    base = fit_peaks(X, TWO, [5.2, 11.8])
    other = fit_peaks(1e-7 * X, 1e9 * TWO, [5.2e-7, 11.8e-7])
    assert other.converged
    np.testing.assert_allclose(other.position, 1e-7 * base.position, rtol=1e-9)
    np.testing.assert_allclose(other.area, 1e2 * base.area, rtol=1e-7)


def test_rows_are_fitted_as_alone_by_any_number_of_threads() -> None:
    rng = np.random.default_rng(77)
    rows = TWO * np.array([1.0, 0.5, 2.0])[:, None] + rng.normal(size=(3, X.size))
    noise = np.array([1.0, 2.0, 0.5])[:, None] * np.ones_like(rows)
    for sigma in (None, noise[0], noise):
        each = [None if sigma is None else np.broadcast_to(sigma, rows.shape)[i] for i in range(3)]
        alone = [
            fit_peaks(X, row, [5.2, 11.8], sigma=own, background="shirley") for row, own in zip(rows, each, strict=True)
        ]
        for threads in (1, 2, 5):
            together = fit_peaks(X, rows, [5.2, 11.8], sigma=sigma, background="shirley", threads=threads)
            for one, other in zip(alone, together, strict=True):
                assert one.n_iterations == other.n_iterations
                for name in ("values", "covariance", "curve", "background", "x", "y", "weight"):
                    np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert fit_peaks(X, np.empty((0, X.size)), [5.2]) == []


def test_bad_rows_are_refused_by_name() -> None:
    rows = np.array([TWO, TWO])
    rows[1, 3] = np.nan
    with pytest.raises(InvalidSpectrum, match=r"y\[1, 3\]"):
        fit_peaks(X, rows, [5.2])
    with pytest.raises(InvalidSpectrum, match="sigma"):
        fit_peaks(X, [TWO, TWO], [5.2], sigma=np.ones((3, X.size)))
    for threads in (0, 4096, "two"):
        with pytest.raises(OptionError, match="threads"):
            fit_peaks(X, [TWO, TWO], [5.2], threads=threads)


def test_sixty_peaks_stand_within_their_uncertainties() -> None:
    truth = diffractogram(60)
    y, sigma = truth.counts(1)
    fit = fit_peaks(truth.x, y, truth.centre + 0.03, sigma=sigma)
    assert fit.converged
    assert fit.n_free == 242
    # expected 1 with a standard deviation of root(2 / 3758) = 0.023
    assert abs(fit.chi2_reduced - 1.0) < 0.1
    # 4.5 standard uncertainties: one of 180 normal deviates exceeds that once in 800 samples
    for ours, su, true in ((fit.position, fit.position_su, truth.centre), (fit.area, fit.area_su, truth.area)):
        assert np.nanmax(np.abs(ours - true) / su) < 4.5


def test_two_thirds_of_intervals_hold_the_truth() -> None:
    x = np.linspace(0.0, 10.0, 121)
    truth = Truth(
        x, 50 + 600 * pseudo_voigt(x, 4.0, 1.0, 0.5) + 400 * pseudo_voigt(x, 6.0, 1.2, 0.5), *[np.zeros(2)] * 4
    )
    inside = {"position": 0, "area": 0, "fwhm": 0}
    wanted = {"position": [4.0, 6.0], "area": [600.0, 400.0], "fwhm": [1.0, 1.2]}
    draws = 500
    specs = [bg.PeakSpec(at, fixed=("eta",), fwhm=1.0) for at in (4.1, 5.9)]
    for seed in range(draws):
        y = np.random.default_rng(seed).poisson(truth.mean).astype(float)
        fit = fit_peaks(x, y, specs, sigma=np.sqrt(truth.mean), background="constant")
        assert fit.converged
        for name in inside:
            su = getattr(fit, f"{name}_su") / fit.su_scale
            inside[name] += int(np.sum(np.abs(getattr(fit, name) - wanted[name]) < su))
    for name, count in inside.items():
        # 68.3 % of 1,000 intervals; binomial standard deviation 1.5 %, three of them
        assert abs(count / (2 * draws) - 0.683) < 0.045, name


def test_a_doublet_keeps_distance_ratio_and_widths() -> None:
    y = 300 * pseudo_voigt(X, 6.0, 0.7, 0.4) + 150 * pseudo_voigt(X, 9.5, 0.7, 0.4) + 30
    fit = fit_peaks(X, y, bg.doublet(6.2, 3.5, 0.5), background="constant")
    np.testing.assert_allclose(fit.position, [6.0, 9.5], rtol=1e-9)  # exact data
    np.testing.assert_allclose(fit.area, [300.0, 150.0], rtol=1e-8)
    assert fit.names == ("6.2_position", "6.2_fwhm", "6.2_eta", "6.2_area", "background_0")
    # the partner's uncertainties are those of the first, by the factors
    assert fit.position_su[1] == pytest.approx(fit.position_su[0])
    assert fit.area_su[1] == pytest.approx(0.5 * fit.area_su[0])


@pytest.mark.parametrize("at", [25.0, 75.0, 120.0])
def test_emission_lines_keep_bragg_s_law_and_their_weights(at: float) -> None:
    radiation = radiation_named("CuKa")
    (first, _), (second, weight) = radiation.lines
    partner = 2 * np.degrees(np.arcsin(np.sin(np.radians(at / 2)) * second / first))
    x = at + np.linspace(-2.0, 3.0, 1001)
    y = 300 * pseudo_voigt(x, at, 0.1, 0.4) + weight * 300 * pseudo_voigt(x, partner, 0.1, 0.4) + 30
    fit = fit_peaks(x, y, bg.emission_lines(at + 0.05, radiation, label="110"), background="constant")
    assert fit.names == ("110_position", "110_fwhm", "110_eta", "110_area", "background_0")
    np.testing.assert_allclose(fit.position, [at, partner], atol=2e-6)  # what the docstring says of the tangent
    np.testing.assert_allclose(fit.area, [300.0, weight * 300.0], rtol=1e-4)


@pytest.mark.parametrize("at", [-1.0, 0.0, 180.0, 179.9, np.nan, "x"])
def test_an_angle_that_a_wavelength_cannot_have_is_refused(at: Any) -> None:
    with pytest.raises(OptionError, match="two_theta_deg"):
        bg.emission_lines(at, radiation_named("CuKa"))


def test_shared_widths_are_one_unknown() -> None:
    fit = fit_peaks(X, TWO, [5.0, 12.0], shared=("fwhm",))
    assert fit.fwhm[0] == fit.fwhm[1]
    assert sum(name.endswith("fwhm") for name in fit.names) == 1


def test_a_common_shift_moves_what_priors_hold() -> None:
    y = 400 * gaussian(X, 5.3, 0.5) + 300 * gaussian(X, 12.3, 0.8) + 20
    specs = [bg.PeakSpec(at, priors={"position": (at, 0.001)}) for at in (5.0, 12.0)]
    fit = fit_peaks(X, y, specs, sigma=np.full(X.size, 1.0), shape="gaussian", shift=(-1.0, 1.0), background="constant")
    assert fit.values[fit.names.index("shift")] == pytest.approx(0.3, abs=1e-4)  # far inside the prior of 0.001
    np.testing.assert_allclose(fit.position, [5.3, 12.3], atol=1e-6)


def test_fixed_numbers_stay_and_have_no_uncertainty() -> None:
    specs = [{"position": 5.0, "fwhm": 0.5, "fixed": ("position", "eta"), "parameters": {"eta": 0.3}}, 12.0]
    fit = fit_peaks(X, TWO, specs)
    assert fit.position[0] == 5.0
    assert np.isnan(fit.position_su[0])
    assert fit[0].position.su is None
    assert fit[0].parameters["eta"].value == 0.3


def test_active_shirley_belongs_to_the_peaks() -> None:
    truth = core_level()
    fit = fit_peaks(truth.x, truth.mean, [284.8, 288.9], background="shirley")
    assert fit.converged
    np.testing.assert_allclose(fit.area, truth.area, rtol=1e-7)  # exact data
    assert fit.values[fit.names.index("shirley_rate")] == pytest.approx(0.06, rel=1e-7)
    np.testing.assert_allclose(fit.background + fit.components.sum(axis=0), fit.curve, rtol=1e-12)


@pytest.mark.parametrize(
    ("background", "coefficients"), [("none", 0), ("constant", 1), ("linear", 2), (5, 6), (None, 0)]
)
def test_backgrounds_by_name_and_order(background: Any, coefficients: int) -> None:
    fit = fit_peaks(X, TWO, [5.0, 12.0], background=background)
    assert sum(name.startswith("background_") for name in fit.names) == coefficients


def test_a_fixed_background_is_taken_off_and_put_back() -> None:
    fixed = fit_peaks(X, TWO, [5.0, 12.0], background=20 + X)
    np.testing.assert_array_equal(fixed.background, 20 + X)
    np.testing.assert_allclose(fixed.area, [400.0, 300.0], rtol=1e-8)  # exact data


def test_unknown_noise_scales_uncertainties_and_says_so() -> None:
    rng = np.random.default_rng(3)
    y = TWO + rng.normal(0.0, 4.0, X.size)
    free = fit_peaks(X, y, [5.0, 12.0])
    known = fit_peaks(X, y, [5.0, 12.0], sigma=np.full(X.size, 4.0))
    assert free.su_scaled
    assert "uncertainty_scaled" in codes(free)
    # the residuals' own deviation is 4 to root(1 / 1582) = 2.5 %, three of them
    np.testing.assert_allclose(free.position_su, known.position_su, rtol=0.08)
    assert known.su_scale >= 1.0


def test_a_peak_that_is_not_there_ends_at_zero_area() -> None:
    rng = np.random.default_rng(5)
    y = TWO - 30 * gaussian(X, 16.0, 0.5) + rng.normal(0.0, 0.5, X.size)
    fit = fit_peaks(X, y, [5.0, 12.0, {"position": 16.0, "fwhm": 0.5}])
    assert fit.area[2] == 0.0
    assert "p3_area" in fit.at_bound
    assert "at_bound" in codes(fit)
    negative = fit_peaks(X, y, [5.0, 12.0, {"position": 16.0, "fwhm": 0.5, "negative": True}])
    assert negative.area[2] == pytest.approx(-30.0, abs=3.0)


def test_two_peaks_at_one_place_are_answered_and_reported() -> None:
    y = 400 * gaussian(X, 5.0, 0.5) + 20
    same = {"position": 5.0, "fwhm": 0.5, "fixed": ("position", "fwhm")}
    fit = fit_peaks(X, y, [same, same], shape="gaussian", background="constant")
    assert fit.undetermined == ("p1_area", "p2_area")
    assert "not_determined" in codes(fit)
    assert np.isnan(fit.area_su).all()
    assert fit.area.sum() == pytest.approx(400.0)
    free = fit_peaks(X, TWO, [5.0, 5.0, 12.0])
    assert np.isfinite(free.curve).all()


def test_flat_data_are_answered() -> None:
    fit = fit_peaks(X, np.full(X.size, 7.0), [5.0, 12.0])
    assert fit.converged
    np.testing.assert_allclose(fit.curve, 7.0, rtol=1e-6)
    assert fit_peaks(X, np.zeros(X.size), [5.0]).area[0] == 0.0


def test_out_of_steps_is_a_result_that_says_so() -> None:
    fit = fit_peaks(X, TWO, [5.3, 11.5], max_iterations=1)
    assert not fit.converged
    assert fit.stop_reason == "max_iterations"
    assert "not_converged" in codes(fit)


def test_unweighted_points_are_left_out() -> None:
    y, sigma = TWO.copy(), np.ones(X.size)
    y[200:205], sigma[200:205] = 1e6, np.inf
    fit = fit_peaks(X, y, [5.0, 12.0], sigma=sigma)
    np.testing.assert_allclose(fit.area, [400.0, 300.0], rtol=1e-8)  # exact data
    assert fit.n_points == X.size - 5


BAD: list[tuple[type[Exception], str, dict[str, Any]]] = [
    (OptionError, "no peak", {"centers": []}),
    (OptionError, "outside", {"centers": [25.0]}),
    (OptionError, "outside", {"centers": [np.nan]}),
    (OptionError, "number", {"centers": ["five"]}),
    (OptionError, "unknown key", {"centers": [{"position": 5.0, "widht": 1.0}]}),
    (OptionError, "no number", {"centers": [{"position": 5.0, "fixed": ("gamma",)}]}),
    (OptionError, "circle", {"centers": [bg.PeakSpec(5.0, ties={"fwhm": bg.Tie(0)})]}),
    (OptionError, "no peak", {"centers": [bg.PeakSpec(5.0, ties={"area": bg.Tie("other")})]}),
    (OptionError, "outside its bounds", {"centers": [bg.PeakSpec(5.0, bounds={"position": (6.0, 7.0)})]}),
    (OptionError, "two peaks", {"centers": [bg.PeakSpec(5.0, label="a"), bg.PeakSpec(6.0, label="a")]}),
    (OptionError, "fwhm", {"centers": [bg.PeakSpec(5.0, fwhm=-1.0)]}),
    (OptionError, "eta", {"centers": [bg.PeakSpec(5.0, parameters={"eta": 3.0}, fixed=("eta",))]}),
    (OptionError, "shape", {"centers": [5.0], "shape": "triangle"}),
    (OptionError, "background", {"centers": [5.0], "background": "wavy"}),
    (OptionError, "background", {"centers": [5.0], "background": [1.0, 2.0]}),
    (OptionError, "tail", {"centers": [5.0], "tail": 2.0}),
    (OptionError, "max_iterations", {"centers": [5.0], "max_iterations": 0}),
    (InvalidSpectrum, "sigma", {"centers": [5.0], "sigma": np.zeros(801)}),
    (InvalidSpectrum, "sigma", {"centers": [5.0], "sigma": np.ones(7)}),
    (InvalidSpectrum, "weight", {"centers": [5.0], "sigma": np.full(801, np.inf)}),
    (InvalidSpectrum, "not finite", {"centers": [5.0], "y": np.where(X == 5.0, np.nan, TWO)}),
    (InvalidSpectrum, "x has", {"centers": [5.0], "x": X[:-1]}),
    (InvalidSpectrum, "predecessor", {"centers": [5.0], "x": X[::-1]}),
    (InvalidSpectrum, "points", {"centers": [0.05, 0.1, 0.15], "x": X[:9], "y": TWO[:9]}),
    (InvalidSpectrum, "point", {"centers": [0.0], "x": X[:1], "y": TWO[:1]}),
]  # fmt: skip


@pytest.mark.parametrize(("error", "words", "given"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_bad_input_is_refused_by_name(error: type[Exception], words: str, given: dict[str, Any]) -> None:
    with pytest.raises(error, match=words):
        fit_peaks(**({"x": X, "y": TWO} | given))


def test_a_spectrum_is_fitted_by_the_defaults_of_its_technique() -> None:
    truth = diffractogram(8, 3000)
    y, _ = truth.counts(4)
    spectrum = bg.Spectrum.from_arrays(truth.x, y, counts=True, y_unit="counts")
    fit = bg.fit_peaks(spectrum)
    assert fit.converged
    assert fit.unit == "deg"
    assert fit.options["background"] == "estimated"
    listed = bg.fit_peaks(spectrum, bg.find_peaks(spectrum), background=3)
    for positions in (fit.position, listed.position):
        # a twentieth of the mean width
        assert np.max(np.min(np.abs(positions[:, None] - truth.centre), axis=0)) < 0.01


def test_results_print_pickle_plot_and_stay_frozen() -> None:
    fit = fit_peaks(X, TWO, [5.0, 12.0])
    again = pickle.loads(pickle.dumps(fit))
    np.testing.assert_array_equal(again.position, fit.position)
    for array in (again.position, again.covariance, again.curve, again.components, again.parameters["eta"][0]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0
    assert "<table>" in fit._repr_html_()
    document = fit.to_dict()
    assert document["peaks"][0]["shape"]["name"] == "pseudo_voigt"
    assert document["peaks"][0]["position"]["value"] == pytest.approx(5.0)
    assert fit.correlation.shape == (len(fit.names),) * 2
    assert fit.plot().get_title().startswith("reduced chi-square")
