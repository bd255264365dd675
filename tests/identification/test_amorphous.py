"""Broad humps of the background on simulated patterns with and without one."""

from __future__ import annotations

import numpy as np
import pytest

import braggite as bg
from braggite import ReferenceLibrary
from braggite.identification.amorphous import Hump, amorphous_humps
from braggite.radiation import radiation_named
from braggite.simulation import PhaseState, simulate_pattern

X = np.arange(10.0, 80.0, 0.02)


def gaussian(centre: float, fwhm: float) -> np.ndarray:
    return np.exp(-4.0 * np.log(2.0) * ((X - centre) / fwhm) ** 2)


def ground() -> np.ndarray:
    """A level that falls and air scatter."""
    return 200.0 * (1.0 - 0.3 * (X - X[0]) / 70.0) + 500.0 * np.exp(-(X - X[0]) / 5.4)


def humps_of(expected: np.ndarray, seed: int = 1) -> tuple[Hump, ...]:
    observed = np.random.default_rng(seed).poisson(expected).astype(float)
    return amorphous_humps(X, observed, np.zeros_like(X), expected, np.sqrt(np.maximum(observed, 1.0)))


@pytest.mark.parametrize(("centre", "fwhm"), [(22.0, 8.0), (28.0, 5.0), (45.0, 12.0)])
def test_a_hump_is_found_where_it_is_and_as_wide(centre: float, fwhm: float) -> None:
    (hump,) = humps_of(ground() + 100.0 * gaussian(centre, fwhm))
    # Widths are tried in steps of a quarter, places in steps of a degree.
    assert abs(hump.position_deg - centre) <= 1.0
    assert abs(hump.fwhm_deg / fwhm - 1.0) < 0.2
    assert hump.area_share == pytest.approx(1.0)


def test_two_humps_are_told_apart() -> None:
    found = humps_of(ground() + 150.0 * gaussian(23.0, 8.0) + 100.0 * gaussian(45.0, 9.0))
    assert sorted(round(hump.position_deg, -1) for hump in found) == [20, 40]


def test_a_share_of_the_signal_is_that_of_the_areas() -> None:
    expected = ground() + 100.0 * gaussian(25.0, 8.0)
    observed = np.random.default_rng(3).poisson(expected).astype(float)
    lines = 300.0 * gaussian(40.0, 8.0 / 3.0)
    (hump,) = amorphous_humps(X, observed + lines, lines, expected, np.sqrt(observed + lines + 1.0))
    assert hump.area_share == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("seed", range(20))
def test_slopes_and_air_scatter_are_no_humps(seed: int) -> None:
    assert humps_of(ground(), seed) == ()


def test_a_hump_lower_than_backgrounds_are_smooth_is_none() -> None:
    assert humps_of(1e4 * (ground() + 4.0 * gaussian(25.0, 8.0))) == ()


def test_a_group_of_lines_is_no_hump() -> None:
    rng = np.random.default_rng(5)
    crowd = sum(400.0 * gaussian(at, 0.2) for at in rng.uniform(20.0, 30.0, 12))
    observed = rng.poisson(ground() + crowd).astype(float)
    assert amorphous_humps(X, observed, np.zeros_like(X), ground(), np.sqrt(np.maximum(observed, 1.0))) == ()


def test_a_short_scan_says_nothing() -> None:
    few = X < 20.0
    assert amorphous_humps(X[few], ground()[few], 0.0 * X[few], ground()[few], np.sqrt(ground()[few])) == ()


@pytest.mark.parametrize("height", [0.0, 150.0])
def test_identification_flags_a_hump_and_claims_no_amount(height: float) -> None:
    library = ReferenceLibrary.default()
    scan = simulate_pattern(
        [PhaseState(library["llzo-ta-cubic"])],
        radiation=radiation_named("CuKa"),
        two_theta_deg=(10.0, 79.99, 0.02),
        peak_counts=5000.0,
        background=100.0,
        seed=4,
    )
    extra = np.random.default_rng(6).poisson(height * gaussian(24.0, 8.0))
    scan = bg.Spectrum.from_arrays(scan.x, scan.y + extra, technique="xrd", counts=True, radiation=scan.radiation)
    report = bg.identify(scan, library=library.filter(elements="Li La Zr Ta O"))
    notes = [note for note in report.diagnostics if note.code == "amorphous_hump"]
    assert len(notes) == (height > 0.0)
    for note in notes:
        assert abs(note.value[0]["position_deg"] - 24.0) <= 1.0
        assert set(note.value[0]) == {"position_deg", "fwhm_deg", "area_share", "significance"}
    assert [phase.name for phase in report.phases] == ["llzo-ta-cubic"]
    assert report.phases[0].basis == "crystalline"
