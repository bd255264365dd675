"""Air in the beam: known amounts found and taken off, carbon dioxide left out, bands of samples untouched."""

from __future__ import annotations

import numpy as np
import pytest

import braggite as bg
from braggite.preprocessing.atmosphere import GASES, PROTECTED_CM1

X = np.arange(500.0, 4000.0, 1.0)


def air(seed: int = 0) -> np.ndarray:
    """Many sharp lines of water vapour, the two branches and the Q branch of carbon dioxide."""
    generator = np.random.default_rng(seed)
    y = np.zeros(X.size)
    for low, high in GASES[1].ranges_cm1:
        for at in generator.uniform(low + 10, high - 10, 60):
            y += generator.gamma(2.0, 0.01) * np.exp(-0.5 * ((X - at) / 1.5) ** 2)
    for at, height, width in ((2335.0, 0.08, 14.0), (2362.0, 0.09, 11.0), (667.4, 0.05, 1.2)):
        y += height * np.exp(-0.5 * ((X - at) / width) ** 2)
    return y


def sample() -> np.ndarray:
    y = 0.05 + 1e-5 * X
    for at, height, width in (
        (1450.0, 0.5, 40.0), (860.0, 0.2, 5.0), (3677.0, 0.08, 3.0), (3609.0, 0.06, 3.0), (662.0, 0.1, 4.0),
        (652.0, 0.1, 4.0), (2900.0, 0.1, 30.0),
    ):  # fmt: skip
        y += height * np.exp(-0.5 * ((X - at) / width) ** 2)
    return y


def infrared(y: np.ndarray, noise: float = 0.0, seed: int = 1) -> bg.Spectrum:
    y = y + np.random.default_rng(seed).normal(0.0, noise or 1e-9, y.size)
    return bg.Spectrum.from_arrays(X, y, technique="ftir", y_unit="absorbance", sigma=np.full(X.size, noise or 1e-6))


@pytest.mark.parametrize("amounts", [(0.6, 0.4), (-0.5, 0.8), (0.0, -0.3)])
def test_amounts_are_found_and_taken_off(amounts):
    water, dioxide = amounts
    gas = air()
    inside = np.any([(low <= X) & (high >= X) for low, high in GASES[1].ranges_cm1], axis=0)
    mixed = sample() + np.where(inside, water, dioxide) * gas
    found = bg.compensate_atmosphere(infrared(mixed, 1e-4), infrared(gas, 1e-5, seed=2))
    stated = found.history[-1].options["amounts"]
    for name, truth in (("H2O", water), ("CO2", dioxide)):
        amount, su = stated[name]
        assert abs(amount - truth) <= 4.0 * su + 0.01  # 0.01: the sample's own slope among the lines
    assert np.max(np.abs(found.y - sample())) < 1.5e-3  # noise 1e-4, air 0.1
    assert "atmosphere_subtracted" in {note.code for note in found.diagnostics}
    assert len(found) == X.size


def slow_amount(y: np.ndarray, bands: np.ndarray, keep: np.ndarray) -> float:
    """Least sum of absolute differences, tried over a fine grid."""
    grid = np.linspace(-1.0, 1.0, 4001)
    pair = keep[1:] & keep[:-1]
    return float(grid[np.argmin([np.abs(np.diff(y - k * bands)[pair]).sum() for k in grid])])


def test_the_amount_is_that_of_least_absolute_differences():
    gas = np.where((X > 2190) & (X < 2480), air(), 0.0)
    keep = (X >= 2190.0) & (X <= 2480.0) | (X >= 655.0) & (X <= 682.0)
    for centre in PROTECTED_CM1.values():
        keep &= np.abs(X - centre) > 8.0
    y = sample() + 0.37 * gas + np.random.default_rng(4).normal(0.0, 3e-4, X.size)
    found = bg.compensate_atmosphere(infrared(y), infrared(gas, seed=7))
    assert found.history[-1].options["amounts"]["CO2"][0] == pytest.approx(slow_amount(y, gas, keep), abs=6e-4)


def test_without_a_spectrum_of_the_air_narrow_ranges_are_left_out_and_nothing_is_invented():
    given = infrared(sample() + air())
    found = bg.compensate_atmosphere(given)
    note = next(note for note in found.diagnostics if note.code == "atmosphere_masked")
    assert note.value == [[2280.0, 2395.0], [665.5, 670.0]]
    gone = ~np.isin(given.x, found.x)
    assert gone.sum() == len(given) - len(found) == 116 + 5
    np.testing.assert_array_equal(found.y, given.y[~gone])
    for centre in PROTECTED_CM1.values():
        assert np.isin(X[np.argmin(np.abs(X - centre))], found.x)  # no band of a sample is masked


def test_a_range_without_carbon_dioxide_is_left_alone():
    given = infrared(sample()).cut(800.0, 2000.0)
    found = bg.compensate_atmosphere(given)
    np.testing.assert_array_equal(found.y, given.y)
    assert found.history[-1].options == {"masked_cm1": []}


def test_another_grid_is_interpolated_and_said():
    gas = air()
    finer = np.arange(500.0, 4000.0, 0.5)
    reference = bg.Spectrum.from_arrays(
        finer, np.interp(finer, X, gas), technique="ftir", y_unit="absorbance", sigma=np.full(finer.size, 1e-6)
    )
    found = bg.compensate_atmosphere(infrared(sample() + 0.5 * gas), reference)
    assert found.history[-1].options["amounts"]["CO2"][0] == pytest.approx(0.5, abs=0.01)
    assert "blank_interpolated" in {note.code for note in found.diagnostics}


def test_what_cannot_be_compensated_is_refused():
    gas, given = infrared(air()), infrared(sample())
    with pytest.raises(bg.OptionError, match="of the spectrum are transmittance"):
        bg.compensate_atmosphere(bg.to_transmittance(given), gas)
    with pytest.raises(bg.OptionError, match="of the reference are transmittance"):
        bg.compensate_atmosphere(given, bg.to_transmittance(gas))
    with pytest.raises(bg.OptionError, match="must cover"):
        bg.compensate_atmosphere(given, gas.cut(1000.0, 3000.0))
