"""Backgrounds fitted with the lines: the linear unknowns against a dense least-squares fit of all of them together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from samples import pattern, phases
from scipy.interpolate import BSpline

import braggite as bg
from braggite.matching import MatchOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from braggite import MatchResult

SYMMETRIC = MatchOptions(axial_ratio=0.0)
METHODS: list[Callable[..., MatchResult]] = [bg.match_structure, bg.match_pawley, bg.match_lebail]
ORDER = 5
FREE: list[dict[str, Any]] = [{"background": "spline"}, {"background": "chebyshev", "background_order": ORDER}]
ids = [options["background"] for options in FREE]


def basis(x: np.ndarray, family: str) -> np.ndarray:
    """Columns of the family by scipy and numpy: uniform cubic B-splines, Chebyshev polynomials."""
    if family == "chebyshev":
        return np.polynomial.chebyshev.chebvander(2.0 * (x - x[0]) / (x[-1] - x[0]) - 1.0, ORDER)
    intervals = round((x[-1] - x[0]) / SYMMETRIC.spline_interval_deg)
    step = (x[-1] - x[0]) / intervals
    knots = x[0] + step * np.arange(-3, intervals + 4)
    # The last knot of the range may fall short of the last point by rounding.
    return BSpline.design_matrix(np.minimum(x, knots[-4]), knots, 3).toarray()


@pytest.mark.parametrize("options", FREE, ids=ids)
def test_strengths_and_background_are_those_of_one_dense_fit(options: dict[str, Any]) -> None:
    result = bg.match_structure(pattern(3), phases(), options=replace(SYMMETRIC, **options))
    curves = np.stack([fit.curve for fit in result.phases], axis=1)
    functions = basis(result.x, options["background"])
    columns = np.hstack([curves, functions]) / result.sigma[:, None]
    solution = np.linalg.lstsq(columns, result.observed / result.sigma)[0]
    # The aim: relative 1e-8.
    assert solution[: curves.shape[1]] == pytest.approx(1.0, rel=1e-8)
    assert functions @ solution[curves.shape[1] :] == pytest.approx(result.background, rel=1e-8)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("options", FREE, ids=ids)
def test_no_function_of_the_background_is_left_in_the_residuals(
    method: Callable[..., MatchResult], options: dict[str, Any]
) -> None:
    result = method(pattern(3), phases(), options=replace(SYMMETRIC, **options))
    assert result.converged
    functions = basis(result.x, options["background"]) / result.sigma[:, None]
    residual = (result.observed - result.calculated) / result.sigma
    cosine = functions.T @ residual / np.linalg.norm(functions, axis=0) / np.linalg.norm(residual)
    # Normal equations; the diagonal is raised by 1e-10.
    assert np.abs(cosine).max() < 1e-7


def test_as_many_polynomials_as_the_data_tell() -> None:
    result = bg.match_structure(pattern(3), phases(), options=replace(SYMMETRIC, background="chebyshev"))
    assert result.options["background_order"] == 2, "simulated truth: three terms"
    z = 2.0 * (result.x - result.x[0]) / (result.x[-1] - result.x[0]) - 1.0
    truth = np.polynomial.chebyshev.chebval(z, (120.0, -40.0, 10.0))
    # Counting leaves a level of 120 over 3,500 points uncertain by 0.2; tails cut off at 25 widths come on top.
    assert np.sqrt(np.mean((result.background - truth) ** 2)) < 1.0


@pytest.mark.parametrize("method", METHODS)
def test_a_given_curve_is_held(method: Callable[..., MatchResult]) -> None:
    scan = pattern(3)
    curve = tuple(100.0 + 0.1 * scan.x)
    result = method(scan, phases(), options=replace(SYMMETRIC, background="fixed", background_curve=curve))
    assert np.array_equal(result.background, curve)
    assert (result.options["background"], result.options["background_curve"]) == ("fixed", "given")


def test_without_a_curve_the_first_estimate_is_held() -> None:
    result = bg.match_structure(pattern(3), phases(), options=replace(SYMMETRIC, background="fixed"))
    assert np.array_equal(result.background, bg.estimate_background(pattern(3)).curve)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("background", {"background": "parabola"}),
        ("background_order", {"background": "chebyshev", "background_order": -1}),
        ("background_order", {"background": "spline", "background_order": 3}),
        ("background_curve", {"background": "spline", "background_curve": (1.0, 2.0)}),
        ("background_curve", {"background": "fixed", "background_curve": (1.0, float("nan"))}),
        ("background_curve", {"background": "fixed", "background_curve": (1.0, 2.0)}),
    ],
)
def test_what_does_not_belong_together_is_refused(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(bg.OptionError) as caught:
        bg.match_structure(pattern(3), phases(), options=MatchOptions(**options))
    assert caught.value.where == name


def test_backgrounds_of_a_calibration() -> None:
    """Every family reaches the same instrument within what the data tell."""
    from braggite.radiation import radiation_named
    from braggite.simulation import PhaseState, Profile, simulate_pattern

    lab6 = bg.ReferenceLibrary.default()["lab6"]
    profile = Profile(u=0.002, v=-0.002, w=0.005, x=0.012, y=0.02)
    scan = simulate_pattern(
        [PhaseState(lab6)], radiation=radiation_named("CuKa"), two_theta_deg=(18.0, 140.0, 0.02), profile=profile,
        peak_counts=20_000.0, background=(150.0, -40.0, 10.0), seed=2,
    )  # fmt: skip
    for options in FREE:
        found = bg.calibrate(scan, lab6, options=MatchOptions(axial_ratio=0.002, **options))
        assert found.instrument is not None
        value = found.instrument.lorentz_y_deg
        assert value.su is not None
        assert abs(value.value - profile.y) < 4.0 * value.su, "simulated truth"
