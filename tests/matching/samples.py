"""Simulated two-phase samples with known truth for the tests of matching."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from braggite.radiation import radiation_named
from braggite.references import ReferenceLibrary
from braggite.simulation import PhaseState, Profile, simulate_pattern

if TYPE_CHECKING:
    from braggite.references import Phase
    from braggite.spectrum import Spectrum

PROFILE = Profile(u=0.004, v=-0.004, w=0.005, x=0.015, y=0.01)
CELL_FACTORS = {"al2o3-corundum": (1.0006, 1.0006, 1.0006), "tio2-rutile": (0.9995, 0.9995, 1.0008)}
FRACTIONS = {"al2o3-corundum": 0.7, "tio2-rutile": 0.3}
RUTILE_SIZE_NM = 60.0
DISPLACEMENT_MM = 0.05


def phase(name: str) -> Phase:
    return ReferenceLibrary.default()[name]


@cache
def phases() -> list[Phase]:
    return [phase(name) for name in FRACTIONS]


def true_cell(name: str) -> tuple[float, float]:
    """The a and c behind the pattern, in angstrom."""
    structure = phase(name).structure
    assert structure is not None
    factors = CELL_FACTORS[name]
    return structure.cell.a_angstrom * factors[0], structure.cell.c_angstrom * factors[2]


def states() -> list[PhaseState]:
    sizes = {"tio2-rutile": RUTILE_SIZE_NM}
    return [PhaseState(phase(n), w, CELL_FACTORS[n], size_nm=sizes.get(n)) for n, w in FRACTIONS.items()]


@cache
def pattern(seed: int | None = None, **options: object) -> Spectrum:
    """Corundum and rutile, cells off their references, the sample 0.05 mm too high; Poisson counts with a ``seed``."""
    given = {"profile": PROFILE, "background": (120.0, -40.0, 10.0), "displacement_mm": DISPLACEMENT_MM, **options}
    given.setdefault("two_theta_deg", (20.0, 90.0, 0.02))
    return simulate_pattern(states(), radiation=radiation_named("CuKa"), seed=seed, **given)
