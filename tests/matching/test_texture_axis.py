"""Along which axis a match takes crystals to be oriented: simulated specimens of known texture."""

from __future__ import annotations

import pytest

import braggite as bg
from braggite.radiation import radiation_named
from braggite.simulation import PhaseState, simulate_pattern


def matched(axis: tuple[int, int, int], r: float, seed: int) -> bg.PhaseFit:
    phase = bg.ReferenceLibrary.default()["licoo2-layered"]
    scan = simulate_pattern(
        [PhaseState(phase, texture=(axis, r), intensity_sd=0.03)],
        radiation=radiation_named("CuKa"),
        two_theta_deg=(12.0, 90.0, 0.02),
        peak_counts=8_000.0,
        background=200.0,
        seed=seed,
    )
    return bg.match_structure(scan, [phase]).phases[0]


@pytest.mark.parametrize("seed", range(5))
def test_weakly_oriented_plates_are_not_taken_for_needles(seed: int) -> None:
    assert matched((0, 0, 1), 0.85, seed).texture_axis == (0, 0, 1)


@pytest.mark.parametrize("seed", range(3))
def test_strongly_oriented_needles_are_still_found(seed: int) -> None:
    assert matched((1, 0, 0), 1.6, seed).texture_axis == (1, 0, 0)
