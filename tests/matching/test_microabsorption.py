"""Micro-absorption: attenuation against tables, Brindley's factor against its definition, the way to the fractions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from tests.matching.samples import phase

from braggite import MatchOptions, OptionError, match_structure
from braggite.matching.microabsorption import (
    GRAIN_LIMIT_UM,
    absorption_contrast,
    corrected,
    linear_attenuation_per_cm,
    rescaled,
    spread,
)
from braggite.radiation import radiation_named
from braggite.simulation import PhaseState, simulate_pattern
from braggite.values import Value

COPPER = 1.54056
# Total mass attenuation at 8.0 keV in cm2/g, Hubbell & Seltzer, NISTIR 5632 (1995).
TABULATED_AT_8_KEV = {"O": 11.63, "Al": 50.33, "Ti": 202.3, "Fe": 305.6, "Cu": 52.55}
WAVELENGTH_OF_8_KEV = 1.549803


def structure(name: str):
    return phase(name).structure


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("al2o3-corundum", {"Al": 0.5293, "O": 0.4707}),
        ("tio2-rutile", {"Ti": 0.5993, "O": 0.4007}),
        ("fe2o3-hematite", {"Fe": 0.6994, "O": 0.3006}),
        ("cuo-tenorite", {"Cu": 0.7989, "O": 0.2011}),
    ],
)
def test_attenuation_against_tables(name: str, weights: dict[str, float]) -> None:
    expected = sum(TABULATED_AT_8_KEV[element] * share for element, share in weights.items())
    mine = linear_attenuation_per_cm(structure(name), WAVELENGTH_OF_8_KEV) / structure(name).density_g_cm3
    # The table holds scattering too (2 to 5 % for these), and the two calculations of f'' differ by up to 3 %.
    assert 0.92 < mine / expected < 1.03


@pytest.mark.parametrize("contrast", [-0.5, -0.1, 0.0, 0.1, 0.5, 1.0, 3.0])
def test_a_beam_straight_through(contrast: float) -> None:
    # Chords c of the unit sphere, weighted by the volume along them: closed form.
    closed = 0.375 * quad(lambda c: c * c * np.exp(-contrast * c), 0.0, 2.0)[0]
    assert absorption_contrast(contrast, 0.0) == pytest.approx(closed, rel=3e-4)  # 24 nodes a direction


@pytest.mark.parametrize("two_theta_deg", [30.0, 60.0, 120.0])
def test_a_beam_turned_within_the_sphere(two_theta_deg: float) -> None:
    rng = np.random.default_rng(4)
    points = rng.normal(size=(200_000, 3))
    points *= (rng.random(len(points)) ** (1 / 3) / np.linalg.norm(points, axis=1))[:, None]
    turned = np.radians(two_theta_deg)
    back = np.array([[1.0, 0.0, 0.0], [-np.cos(turned), -np.sin(turned), 0.0]])
    along = points @ back.T
    path = np.sum(along + np.sqrt(along**2 + 1.0 - np.sum(points**2, axis=1)[:, None]), axis=1)
    drawn = np.exp(-0.5 * path)
    # Monte Carlo from the definition: five standard errors.
    error = 5.0 * drawn.std() / np.sqrt(len(drawn))
    assert absorption_contrast(0.5, two_theta_deg) == pytest.approx(drawn.mean(), abs=error)


def test_the_correction_undoes_what_grains_do() -> None:
    names = ("bi2o3-alpha", "nio-bunsenite", "al2o3-corundum")
    structures, true = [structure(name) for name in names], np.array([0.2, 0.5, 0.3])
    attenuation = np.array([linear_attenuation_per_cm(s, COPPER) for s in structures])
    volume = true / [s.density_g_cm3 for s in structures]
    mean = volume @ attenuation / volume.sum()
    seen = true * [absorption_contrast((mu - mean) * 1e-4, 60.0) for mu in attenuation]
    found = corrected(seen / seen.sum(), structures, COPPER, grain_um=2.0, two_theta_deg=60.0)
    np.testing.assert_allclose(found, true, rtol=1e-8)  # stop rule 1e-10, slope of the fixed point below 0.9
    assert seen[0] / seen.sum() < true[0], "the strong absorber hides"
    for (low, high), fraction in zip(spread(true, structures, COPPER, two_theta_deg=60.0), true, strict=True):
        assert low <= fraction <= high


def test_a_fraction_takes_its_uncertainty_along() -> None:
    before, factor, h = 0.3, 1.7, 1e-6

    def other(w: float) -> float:
        return factor * w / (factor * w + 1.0 - w)

    slope = (other(before + h) - other(before - h)) / (2.0 * h)
    after = rescaled(Value(before, 0.01, 0.002), other(before))
    assert after.su == pytest.approx(0.01 * slope, rel=1e-8), "central difference"
    assert after.su_counting == pytest.approx(0.002 * slope, rel=1e-8)
    assert rescaled(Value(1.0, None), 1.0).su is None


def test_a_match_says_what_grains_would_do_or_corrects_for_them() -> None:
    phases = [phase("bi2o3-alpha"), phase("nio-bunsenite")]
    spectrum = simulate_pattern(
        [PhaseState(p, 0.5) for p in phases],
        radiation=radiation_named("CuKa"),
        seed=5,
        two_theta_deg=(20.0, 70.0, 0.03),
    )
    plain = match_structure(spectrum, phases)
    low, high = plain.phases[0].weight_fraction_range
    assert low == plain.phases[0].weight_fraction.value < high
    assert [note.where for note in plain.diagnostics if note.code == "microabsorption"] == ["bi2o3-alpha"]
    coarse = match_structure(spectrum, phases, options=MatchOptions(grain_um=GRAIN_LIMIT_UM))
    assert coarse.phases[0].weight_fraction.value == pytest.approx(high, rel=1e-9), "the range ends there"
    assert coarse.phases[0].weight_fraction_range is None
    assert sum(p.weight_fraction.value for p in coarse.phases) == pytest.approx(1.0, abs=1e-12)
    assert not [note for note in coarse.diagnostics if note.code == "microabsorption"]


@pytest.mark.parametrize("grain_um", [0.0, -1.0, float("nan"), 1e4])
def test_an_absurd_grain_is_refused(grain_um: float) -> None:
    with pytest.raises(OptionError, match="grain_um"):
        MatchOptions(grain_um=grain_um)
