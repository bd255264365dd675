"""What every step from spectrum to spectrum keeps: its input, its history, finite numbers, read-only arrays."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest

import braggite as bg

X = np.arange(600.0, 3900.0, 2.0)
ABSORBANCE = 0.02 + 0.2 * np.exp(-0.5 * ((X - 1450.0) / 20.0) ** 2) + 0.05 * np.exp(-0.5 * ((X - 2340.0) / 10.0) ** 2)


def infrared(unit: str, y: np.ndarray) -> bg.Spectrum:
    noise = np.random.default_rng(2).normal(0.0, 1e-4, X.size)
    return bg.Spectrum.from_arrays(X, y + noise, technique="ftir", y_unit=unit)


ABSORBING = infrared("absorbance", ABSORBANCE)
STEPS = {
    "to_absorbance": (infrared("transmittance", 10**-ABSORBANCE), bg.to_absorbance),
    "to_transmittance": (ABSORBING, bg.to_transmittance),
    "kubelka_munk": (infrared("arbitrary", 10**-ABSORBANCE), lambda s: bg.kubelka_munk(s, taken_as="reflectance")),
    "intensity": (ABSORBING, bg.correct_atr),
    "full": (ABSORBING, lambda s: bg.correct_atr(s, "germanium", mode="full")),
    "dispersion": (ABSORBING, lambda s: bg.correct_atr(s, 2.4, mode="dispersion")),
    "masked": (ABSORBING, bg.compensate_atmosphere),
    "air": (ABSORBING, lambda s: bg.compensate_atmosphere(s, infrared("absorbance", ABSORBANCE))),
    "exclude_range": (ABSORBING, lambda s: bg.exclude_range(s, 1000.0, 1100.0)),
    **{name: (ABSORBING, lambda s, name=name: bg.normalise(s, name)) for name in ("maximum", "area", "vector", "snv")},
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_one_step(name):
    given, step = STEPS[name]
    before = (given.x.copy(), given.y.copy(), given.history, given.diagnostics)
    found, again = step(given), step(given)
    np.testing.assert_array_equal(before[0], given.x)
    np.testing.assert_array_equal(before[1], given.y)
    assert (given.history, given.diagnostics) == before[2:]
    np.testing.assert_array_equal(found.y, again.y)
    assert len(found.history) == len(given.history) + 1
    assert found.technique == given.technique
    assert np.all(np.isfinite(found.y))
    assert np.all(np.diff(found.x) > 0)
    assert found.sigma is None or (np.all(np.isfinite(found.sigma)) and np.all(found.sigma > 0))
    assert found.x.size == found.y.size == (found.y.size if found.sigma is None else found.sigma.size)
    with pytest.raises(ValueError, match="read-only"):
        found.y[0] = 0.0
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(found)).y, found.y)
    json.dumps([entry.to_dict() for entry in found.history], allow_nan=False)
