"""The law of an axis against a weighted polynomial fit, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

import braggite as bg
from braggite.calibration.axis_law import STRETCH_SU, AxisLaw, fitted_law, without_outliers

LINES = np.array([200.0, 420.0, 650.0, 900.0, 1150.0, 1400.0, 1700.0, 2000.0, 2300.0, 2600.0, 2900.0])


def errors(order: int) -> np.ndarray:
    u = (LINES - 1550.0) / 1350.0
    return sum(c * u**k for k, c in enumerate((2.0, 1.5, -1.2, 0.9)[: order + 1]))


@pytest.mark.parametrize("order", range(4))
def test_a_law_is_the_weighted_polynomial_through_the_lines(order):
    generator = np.random.default_rng(order)
    su = generator.uniform(0.05, 0.3, LINES.size)
    error = errors(3) + su * generator.normal(size=LINES.size)
    law, _ = fitted_law(LINES, LINES + error, su, order)
    weight = 1.0 / np.sqrt(su**2 + law.scatter_cm1**2)
    peer = np.polynomial.Polynomial.fit(LINES, error, order, w=weight)  # numpy, same weights
    np.testing.assert_allclose(law.correction_cm1(LINES), peer(LINES), atol=1e-9)
    design = np.vander((2 * LINES - 3100.0) / 2700.0, order + 1, increasing=True) * weight[:, None]
    np.testing.assert_allclose(law.covariance, np.linalg.inv(design.T @ design), rtol=1e-9)


@pytest.mark.parametrize("order", range(4))
def test_the_order_is_that_of_the_truth(order):
    chosen = []
    for seed in range(20):
        noise = np.random.default_rng(seed).normal(0.0, 0.1, LINES.size)
        law, tried = fitted_law(LINES, LINES + errors(order) + noise, np.full(LINES.size, 0.1))
        chosen.append(law.order)
        assert set(tried) == {0, 1, 2, 3}
    assert np.mean(np.array(chosen) == order) >= 0.8  # AICc takes one order too many now and then


def test_few_lines_support_few_orders():
    two = LINES[:2]
    law, tried = fitted_law(two, two + np.array([1.0, 2.0]), np.full(2, 0.1))
    assert law.order == 0
    assert set(tried) == {0}
    assert law.scatter_cm1 > 0.3  # lines that differ by 1 about one offset
    with pytest.raises(bg.OptionError, match="order = 1: 2 lines support order 0"):
        fitted_law(two, two, np.full(2, 0.1), 1)
    one, _ = fitted_law(LINES[:1], LINES[:1] + 1.5, np.array([0.2]))
    assert one.correction_cm1([100.0, 3000.0]).tolist() == [1.5, 1.5]
    assert one.su_cm1(LINES[:1])[0] == pytest.approx(0.2)


def test_one_line_far_off_is_left_out_and_bends_nothing():
    error = errors(2) + np.random.default_rng(3).normal(0.0, 0.05, LINES.size)
    error[4] += 4.0
    kept = without_outliers(LINES, LINES + error, np.full(LINES.size, 0.05))
    assert np.flatnonzero(~kept).tolist() == [4]
    honest = without_outliers(LINES, LINES + errors(2), np.full(LINES.size, 0.05))
    assert honest.all()


def test_beyond_the_lines_the_correction_stays_and_its_uncertainty_grows():
    law, _ = fitted_law(LINES, LINES + errors(1), np.full(LINES.size, 0.1), 1)
    assert law.correction_cm1(3500.0) == pytest.approx(law.correction_cm1(2900.0))
    inside, beyond = law.su_cm1([2900.0, 3500.0])
    assert beyond == pytest.approx(np.hypot(inside, STRETCH_SU * 600.0))


def test_a_law_that_folds_the_axis_is_no_calibration():
    folding = AxisLaw(0.0, 100.0, np.array([0.0, -60.0]), np.zeros((2, 2)), 0.0)
    assert not folding.increasing
    assert AxisLaw(0.0, 100.0, np.array([0.0, -40.0]), np.zeros((2, 2)), 0.0).increasing
    with pytest.raises(bg.OptionError, match="do not ascend"):
        bg.WavenumberCalibration("raman", {"name": "made"}, folding)


def test_an_offset_added_afterwards_moves_everything_alike():
    law, _ = fitted_law(LINES, LINES + errors(2), np.full(LINES.size, 0.1), 2)
    later = law.then_offset(0.7, 0.04)
    np.testing.assert_allclose(later.correction_cm1(LINES) - law.correction_cm1(LINES), 0.7, atol=1e-12)
    np.testing.assert_allclose(later.su_cm1(LINES) ** 2 - law.su_cm1(LINES) ** 2, 0.04, atol=1e-12)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"coefficients": np.zeros(5)}, "coefficients"),
        ({"covariance": np.zeros((2, 2))}, "covariance"),
        ({"coefficients": np.array([np.nan])}, "law"),
        ({"scatter_cm1": -1.0}, "law"),
        ({"low_cm1": 200.0}, "range_cm1"),
    ],
)
def test_numbers_that_cannot_be_a_law_are_refused(changes, where):
    numbers = {"low_cm1": 0.0, "high_cm1": 100.0, "coefficients": np.zeros(1), "covariance": np.zeros((1, 1))}
    with pytest.raises(bg.OptionError) as caught:
        AxisLaw(**{**numbers, "scatter_cm1": 0.0, **changes})
    assert caught.value.where == where
