"""From how far off a Pawley match finds cells: random starts on simulated patterns."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

import braggite as bg
from braggite.matching.results import CELL_NAMES
from braggite.radiation import radiation_named
from braggite.simulation import RADIUS_MM, PhaseState, Profile, simulate_pattern
from validation.references import library

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.matching.results import PhaseFit

CASES = {
    "LLZO": ("llzo-cubic",),
    "BaTiO3": ("batio3-tetragonal",),
    "LiCoO2": ("licoo2-layered",),
    "La2Zr2O7": ("la2zr2o7",),
    "LaB6": ("lab6",),
    "LaB6 + Al2O3 + ZrO2": ("lab6", "al2o3-corundum", "zro2-monoclinic"),
    "LLZO + La2Zr2O7 + LiCoO2": ("llzo-cubic", "la2zr2o7", "licoo2-layered"),
}
LENGTH_OFF = 0.01
SHIFT_OFF_DEG = 0.1
AIM_PPM = 50.0
PROFILE = Profile(u=0.004, v=-0.004, w=0.005, x=0.015, y=0.01)
NAMES = ("a_angstrom", "b_angstrom", "c_angstrom")


@dataclass(frozen=True)
class Start:
    """One random start: a case of ``CASES`` and the seed of cells, shift and counts."""

    case: str
    seed: int


def stretched(phase: bg.Phase, factors: Sequence[float]) -> bg.Phase:
    """The phase with the lengths of its reference cell times ``factors``."""
    structure = phase.structure
    assert structure is not None
    lengths = {name: getattr(structure.cell, name) * by for name, by in zip(NAMES, factors, strict=True)}
    return replace(phase, structure=replace(structure, cell=replace(structure.cell, **lengths)))


def random_factors(phase: bg.Phase, rng: np.random.Generator) -> list[float]:
    """Factors within ``LENGTH_OFF`` of one, equal for lengths that symmetry makes equal."""
    structure = phase.structure
    assert structure is not None
    drawn = dict.fromkeys(structure.cell.parameters[:3], 1.0)
    for length in drawn:
        drawn[length] = 1.0 + rng.uniform(-LENGTH_OFF, LENGTH_OFF)
    return [drawn[length] for length in structure.cell.parameters[:3]]


def deviations(start: Start) -> list[tuple[float, float]]:
    """Distance of every length from the truth in ppm and in standard uncertainties; infinite where not converged."""
    rng = np.random.default_rng(start.seed)
    phases = [library()[name] for name in CASES[start.case]]
    shift_deg = rng.uniform(-SHIFT_OFF_DEG, SHIFT_OFF_DEG)
    pattern = simulate_pattern(
        [PhaseState(phase, weight) for phase, weight in zip(phases, (0.5, 0.3, 0.2), strict=False)],
        radiation=radiation_named("CuKa"),
        two_theta_deg=(12.0, 110.0, 0.02),
        profile=PROFILE,
        displacement_mm=-0.5 * np.radians(shift_deg) * RADIUS_MM,
        peak_counts=40_000.0,
        background=(120.0, -40.0, 10.0),
        seed=start.seed,
    )
    away = [stretched(phase, random_factors(phase, rng)) for phase in phases]
    result = bg.match_pawley(pattern, away)
    if not result.converged:
        return [(np.inf, np.inf)]
    return [z for fit, phase in zip(result.phases, phases, strict=True) for z in _from_truth(fit, phase)]


def _from_truth(fit: PhaseFit, truth: bg.Phase) -> list[tuple[float, float]]:
    assert truth.structure is not None
    found = []
    for members in fit.cell_groups:
        value, true = fit.cell[members[0]], truth.structure.cell.parameters[CELL_NAMES.index(members[0])]
        if members[0] in NAMES:
            off = abs(value.value - true)
            found.append((off / true * 1e6, off / value.su if value.su else np.inf))
    return found


def main() -> int:
    """By case: starts that end within 50 ppm of the truth, and those whose every length is within three su besides."""
    parser = argparse.ArgumentParser(prog="python -m validation.convergence", description=__doc__)
    parser.add_argument("--starts", type=int, default=100, help="starts of each case")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    options = parser.parse_args()
    with ProcessPoolExecutor(options.workers) as pool:
        for case in CASES:
            every = list(pool.map(deviations, [Start(case, seed) for seed in range(options.starts)]))
            near = [all(ppm <= AIM_PPM for ppm, _ in lengths) for lengths in every]
            certain = [there and all(su <= 3.0 for _, su in e) for there, e in zip(near, every, strict=True)]
            missed = [seed for seed, there in enumerate(near) if not there]
            line = f"{case:26s} {np.mean(near):.2f} within {AIM_PPM:g} ppm, {np.mean(certain):.2f} also within 3 su"
            sys.stdout.write(f"{line}; missed {missed[:12]}\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
