"""Reference phases made ready for the engine."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from braggite import _core
from braggite.errors import LibraryError
from braggite.references.powder_lines import compiled_structure

if TYPE_CHECKING:
    from braggite.references.phase import Phase
    from braggite.references.structure import Structure

RELATIVE_FLOOR = 2e-4
"""Lines weaker than this share of the strongest (multiplicity times |F|^2) do not take part in a match."""
NO_MASS = 1.0
"""Stands for the mass of a cell without atoms, whose phase has no scale and no weight fraction."""
MARGIN_DEG = 1.0
"""Lines this far outside the measured range still reach into it."""


def match_phase(
    phase: Phase,
    wavelength_angstrom: float,
    range_deg: tuple[float, float],
    *,
    cell_tolerance: float | None = None,
    relative_floor: float = RELATIVE_FLOOR,
    needs_atoms: bool = True,
    shortest_angstrom: float | None = None,
) -> _core.MatchPhase:
    """The engine's view of a phase for a wavelength and a range of 2-theta.

    ``cell_tolerance`` stands for that of the structure where it is larger; lines weaker than ``relative_floor`` of the
    strongest do not take part. Lines that only ``shortest_angstrom`` brings into the range do, with the dispersion of
    the wavelength itself. Where no atoms are known and ``needs_atoms`` is off, all lines are expected to have one
    strength.

    Raises
    ------
    LibraryError
        The phase has no structure, or no atoms where it needs them, or no line in the range.
    """
    structure = structure_of(phase)
    if needs_atoms and not structure.has_atoms:
        raise LibraryError(
            f"of phase {phase.name} only the cell is known, no atoms and so no intensities",
            where=phase.name,
            suggestion="match it with free intensities (pawley, lebail or lines), or give its atoms",
        )
    tolerance = max(structure.cell_tolerance, cell_tolerance or 0.0)
    reaching = _reaching_in(range_deg, cell_tolerance or 0.0)
    listed, reaching = _seen_by(shortest_angstrom or wavelength_angstrom, wavelength_angstrom, reaching)
    return _compiled(
        structure,
        wavelength_angstrom,
        listed_angstrom=listed,
        two_theta_deg=reaching,
        cell_tolerance=tolerance,
        relative_floor=relative_floor,
    )


def _seen_by(shortest: float, wavelength: float, range_deg: tuple[float, float]) -> tuple[float, tuple[float, float]]:
    """The shorter wavelength and the range that it needs for all lines of both."""
    if shortest >= wavelength:
        return wavelength, range_deg
    low = np.degrees(2.0 * np.arcsin(np.sin(np.radians(0.5 * range_deg[0])) * shortest / wavelength))
    return shortest, (float(low), range_deg[1])


def _reaching_in(range_deg: tuple[float, float], strain: float) -> tuple[float, float]:
    """Positions of lines that reach into the range once lengths have changed by ``strain``."""
    sine = np.sin(0.5 * np.radians(range_deg)) * (1.0 - strain, 1.0 + strain)
    low, high = np.degrees(2.0 * np.arcsin(np.minimum(sine, 1.0)))
    return round(max(float(low) - MARGIN_DEG, 0.5), 3), round(min(float(high) + MARGIN_DEG, 179.0), 3)


def structure_of(phase: Phase) -> Structure:
    """The structure of a phase; ``LibraryError`` where it has none."""
    if phase.structure is None:
        raise LibraryError(f"phase {phase.name} has no crystal structure to match", where=phase.name)
    return phase.structure


@lru_cache(maxsize=2048)
def _compiled(
    structure: Structure,
    wavelength_angstrom: float,
    *,
    listed_angstrom: float,
    two_theta_deg: tuple[float, float],
    cell_tolerance: float,
    relative_floor: float,
) -> _core.MatchPhase:
    return _core.MatchPhase(
        compiled_structure(structure, wavelength_angstrom),
        cell=structure.cell.parameters,
        metric=metric(structure),
        cell_tolerance=cell_tolerance,
        cell_mass=structure.mass_per_cell or NO_MASS,
        wavelength_angstrom=listed_angstrom,
        two_theta_min_deg=two_theta_deg[0],
        two_theta_max_deg=two_theta_deg[1],
        relative_floor=relative_floor,
    )


def metric(structure: Structure) -> str:
    """The engine's word for which cell numbers are free."""
    match structure.crystal_system:
        case "monoclinic":
            return f"monoclinic-{structure.unique_axis or 'b'}"
        case "trigonal" | "hexagonal":
            return "hexagonal"
        case other:
            return other
