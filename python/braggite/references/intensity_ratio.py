"""Reference intensity ratios I / Ic, reckoned from structures."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from braggite.radiation import radiation_named
from braggite.references.cell import Cell
from braggite.references.citation import Citation
from braggite.references.phase import Phase
from braggite.references.powder_lines import powder_lines
from braggite.references.structure import DEFAULT_TOLERANCE, Site, Structure
from braggite.references.symmetry import describe_symbol

if TYPE_CHECKING:
    from braggite.spectrum import Radiation

MERGED_DEG = 0.1
"""Lines nearer to each other than this are one maximum."""
RANGE_DEG = (2.0, 120.0)
CORUNDUM_B_ANGSTROM2 = 0.25
"""Displacement factor of both atoms of corundum at room temperature, where single crystals show 0.2 to 0.3."""


def reference_intensity_ratio(phase: Phase, radiation: Radiation | None = None) -> float:
    """I / Ic: the strongest maximum of a phase over that of corundum, in a mixture of equal weights.

    Parameters
    ----------
    phase
        A phase with atoms.
    radiation
        Of the measurement, by default Cu K-alpha; without monochromator.

    Returns
    -------
    Ratio of integrated intensities, m |F|^2 Lp / (V M) with the mass M of the cell, of lines within 0.1 degrees
    together; 1 for corundum. Both phases absorb alike in one mixture; grains are fine and lie at random.

    Raises
    ------
    LibraryError
        A phase without atoms, or without a line up to 120 degrees.

    Notes
    -----
    Hubbard, Evans & Smith, J. Appl. Cryst. 9 (1976) 169. Of corundum the lines 104, 113 and 116 are equally strong
    within some per cent, so that tables which rest on 113 differ by so much. Structures that state no displacement
    factors take the default of their elements, which is worth several per cent.
    """
    source = radiation or radiation_named("CuKa")
    return _strongest_by_weight(phase, source) / _strongest_by_weight(_corundum(), source)


def _strongest_by_weight(phase: Phase, radiation: Radiation) -> float:
    lines = powder_lines(phase, radiation, two_theta_min_deg=RANGE_DEG[0], two_theta_max_deg=RANGE_DEG[1])
    structure = phase.structure
    assert structure is not None
    angle = lines.two_theta_deg
    first = np.searchsorted(angle, angle - 0.5 * MERGED_DEG)
    last = np.searchsorted(angle, angle + 0.5 * MERGED_DEG, side="right")
    total = np.concatenate([[0.0], np.cumsum(lines.intensity)])
    strongest = float(np.max(total[last] - total[first], initial=0.0))
    return strongest / (structure.cell.volume_angstrom3 * structure.mass_per_cell)


@cache
def _corundum() -> Phase:
    """The reference of the definition, whatever library is in use."""
    symbol, number, hall = describe_symbol("R -3 c:H")
    return Phase(
        name="corundum",
        title="corundum",
        formula="Al2O3",
        structure=Structure(
            space_group=symbol,
            space_group_number=number,
            hall=hall,
            cell=Cell(4.757, 4.757, 12.9877, 90.0, 90.0, 120.0),
            formula_units=6.0,
            sites=(
                Site("Al1", "Al", 0.0, 0.0, 0.35218, 1.0, CORUNDUM_B_ANGSTROM2),
                Site("O1", "O", 0.30625, 0.0, 0.25, 1.0, CORUNDUM_B_ANGSTROM2),
            ),
            evidence_grade="A",
            cell_tolerance=DEFAULT_TOLERANCE["A"],
            citation=Citation(authors=("Kirfel, A.", "Eichhorn, K."), journal="Acta Cryst. A", volume="46", year=1990),
        ),
    )
