"""How often a cell is found for the lines of a phase, and for lines of nothing at all."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import numpy as np

from braggite.identification.unknown_cell import LEAST_LINES, MOST_LINES, unknown_cell
from braggite.radiation import radiation_named
from braggite.references.powder_lines import powder_lines
from validation.references import library

if TYPE_CHECKING:
    import braggite as bg

POSITION_SD_DEG = 0.01
RANGE_DEG = (10.0, 70.0)
UNIAXIAL = 75
"""Number of the first tetragonal space group; trigonal, hexagonal and cubic ones follow."""


def spacings(two_theta_deg: np.ndarray) -> np.ndarray:
    """By Cu K-alpha1."""
    return radiation_named("CuKa").wavelength_angstrom / (2.0 * np.sin(np.radians(0.5 * two_theta_deg)))


def lines_of(phase: bg.Phase, count: int, rng: np.random.Generator) -> np.ndarray | None:
    """Positions of the strongest lines, off by what a fit leaves; None where there are too few."""
    low, high = RANGE_DEG
    lines = powder_lines(phase, radiation_named("CuKa"), two_theta_min_deg=low, two_theta_max_deg=high)
    if len(lines.d_angstrom) < count:
        return None
    strongest = np.argsort(-lines.intensity)[:count]
    half = radiation_named("CuKa").wavelength_angstrom / (2.0 * lines.d_angstrom[strongest])
    return np.degrees(2.0 * np.arcsin(half)) + rng.normal(0.0, POSITION_SD_DEG, count)


def right(phase: bg.Phase, cell: object) -> bool:
    """Whether the lattice of a cell holds that of a phase: volumes in a simple ratio and c or a in common."""
    found, true = cell, phase.structure.cell.parameters[:3]  # type: ignore[union-attr]
    lengths = {round(factor * length, 6) for length in true for factor in (1, 2, 3, 0.5, 1 / 3, 2**0.5, 2**-0.5, 3**0.5,
               3**-0.5, 1.5**0.5, (2 / 3) ** 0.5)}  # fmt: skip
    axes = (found.a_angstrom, found.c_angstrom)  # type: ignore[attr-defined]
    return all(any(abs(axis / length - 1.0) < 3e-3 for length in lengths) for axis in axes)


def main() -> int:
    """Print the shares."""
    parser = argparse.ArgumentParser(prog="python -m validation.unknown_cell", description=__doc__)
    parser.add_argument("--random", type=int, default=1000)
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    lines = []
    for count in (LEAST_LINES, MOST_LINES):
        false = [unknown_cell(spacings(rng.uniform(*RANGE_DEG, count))) for _ in range(options.random)]
        merits = [cell.merit for cell in false if cell is not None]
        lines.append(f"{count} random lines: {len(merits)} of {options.random} indexed {merits}")
        for name, chosen in (("high symmetry", True), ("low symmetry", False)):
            found, good, total = 0, 0, 0
            for phase in library().for_diffraction():
                structure = phase.structure
                if structure is None or not structure.has_atoms:
                    continue
                if ((structure.space_group_number or 0) >= UNIAXIAL) is not chosen:
                    continue
                positions = lines_of(phase, count, rng)
                if positions is not None:
                    cell = unknown_cell(spacings(positions))
                    total, found = total + 1, found + (cell is not None)
                    good += cell is not None and right(phase, cell)
            lines.append(f"  {name}: {found} of {total} phases indexed, {good} by their own lattice")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
