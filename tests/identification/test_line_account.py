"""Accounting of single lines on patterns drawn by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from braggite.identification.line_account import account_lines, total_sigma, unexplained_lines

X = np.arange(20.0, 60.0, 0.02)
FWHM = 0.2
LINES = (25.0, 31.0, 38.0, 44.0, 52.0)


def line(position: float, height: float) -> np.ndarray:
    return height * np.exp(-4.0 * np.log(2.0) * ((X - position) / FWHM) ** 2)


def drawn(observed_heights: dict[float, float], *, other: np.ndarray | None = None, seed: int | None = None):
    """A pattern and a match whose one phase has lines of 1000 at LINES, observed as given."""
    background = np.full(X.size, 100.0)
    curve = sum(line(position, 1000.0) for position in LINES)
    others = np.zeros(X.size) if other is None else other
    observed = background + sum(line(p, h) for p, h in observed_heights.items()) + others
    sigma = np.sqrt(background + curve + others)
    if seed is not None:
        observed = observed + sigma * np.random.default_rng(seed).standard_normal(X.size)
    spectrum = SimpleNamespace(x=X, y=observed, step_median=0.02)
    pattern = SimpleNamespace(spectrum=spectrum, sigma=sigma, fwhm_deg=FWHM, background=background)
    calculated = background + curve + others
    fit = SimpleNamespace(x=X, observed=observed, calculated=calculated, background=background)
    return pattern, fit, SimpleNamespace(curve=curve)


def test_sorts_lines_by_what_the_pattern_shows() -> None:
    heights = {25.0: 1000.0, 31.0: 0.0, 38.0: 3000.0, 44.0: 700.0, 52.0: 380.0}
    pattern, fit, phase = drawn(heights)
    account = account_lines(pattern, fit, phase, total_sigma(pattern, fit, 0.03))
    assert account.matched == pytest.approx((25.0, 44.0), abs=0.011)
    assert account.missing == pytest.approx((31.0,), abs=0.011)
    assert account.wrong_intensity == pytest.approx((38.0, 52.0), abs=0.011)


def test_a_line_under_a_stronger_one_of_another_phase_is_not_counted() -> None:
    pattern, fit, phase = drawn(dict.fromkeys(LINES, 1000.0), other=line(31.05, 5000.0))
    account = account_lines(pattern, fit, phase, total_sigma(pattern, fit, 0.03))
    assert account.matched == pytest.approx((25.0, 38.0, 44.0, 52.0), abs=0.011)
    assert not account.missing
    assert not account.wrong_intensity


def test_lines_in_the_noise_are_not_counted() -> None:
    pattern, fit, phase = drawn(dict.fromkeys(LINES, 1000.0))
    account = account_lines(pattern, fit, phase, np.full(X.size, 5000.0))
    assert (account.matched, account.missing, account.wrong_intensity) == ((), (), ())


def test_a_phase_without_amount_has_no_lines() -> None:
    pattern, fit, _ = drawn(dict.fromkeys(LINES, 1000.0))
    empty = SimpleNamespace(curve=np.zeros(X.size))
    assert account_lines(pattern, fit, empty, total_sigma(pattern, fit, 0.03)).matched == ()


def test_misfit_adds_in_quadrature_to_counting() -> None:
    pattern, fit, _ = drawn(dict.fromkeys(LINES, 1000.0))
    sigma = total_sigma(pattern, fit, 0.1)
    net = fit.calculated - fit.background
    assert sigma == pytest.approx(np.hypot(pattern.sigma, 0.1 * net), rel=1e-12)
    assert total_sigma(pattern, fit, 0.0) == pytest.approx(pattern.sigma)


def test_a_line_that_no_phase_has_is_unexplained() -> None:
    pattern, fit, _ = drawn({**dict.fromkeys(LINES, 1000.0), 48.0: 300.0, 28.0: 150.0}, seed=1)
    found = unexplained_lines(pattern, fit, 0.03, 0.01)
    assert [line.position_deg for line in found] == pytest.approx([48.0, 28.0], abs=0.03)
    significance = [line.significance for line in found]
    assert significance == sorted(significance, reverse=True)
    assert significance[-1] > 4.0


@pytest.mark.parametrize("seed", range(5))
def test_noise_and_small_misfit_leave_nothing_unexplained(seed: int) -> None:
    heights = dict.fromkeys(LINES, 1000.0) | {25.0: 1040.0, 38.0: 970.0}
    pattern, fit, _ = drawn(heights, seed=seed)
    assert unexplained_lines(pattern, fit, 0.05, 0.01) == []


def test_without_any_phase_every_line_is_unexplained() -> None:
    pattern, _, _ = drawn(dict.fromkeys(LINES, 1000.0), seed=1)
    found = sorted(line.position_deg for line in unexplained_lines(pattern, None, 0.05, 0.01))
    assert found == pytest.approx(LINES, abs=0.03)
