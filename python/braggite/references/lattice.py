"""Phases of which only cell and space group are known."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from braggite.errors import LibraryError
from braggite.references import symmetry
from braggite.references.cell import Cell
from braggite.references.citation import Citation
from braggite.references.names import slug
from braggite.references.phase import Phase
from braggite.references.setting import to_hexagonal_axes
from braggite.references.structure import DEFAULT_TOLERANCE, Structure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.references.symmetry import CrystalSystem

_FREE: dict[CrystalSystem, str] = {
    "cubic": "a", "tetragonal": "a, c", "hexagonal": "a, c", "trigonal": "a, c", "orthorhombic": "a, b, c",
    "monoclinic": "a, b, c, unique angle", "triclinic": "a, b, c, alpha, beta, gamma",
}  # fmt: skip
_SPECIFICATION = re.compile(r"(?P<name>[^:]+):(?P<space_group>[^/\\]+):(?P<cell>[-+\d.eE,\s]+)")
_SAME_SHAPE = 1e-4
"""Relative difference of metric tensors that rounding of published cells explains."""


def phase_from_cell(
    name: str, cell: Cell | float | Sequence[float], space_group: str | int, formula: str | None
) -> Phase:
    """See :meth:`Phase.from_cell`."""
    symbol, number, hall = symmetry.describe_symbol(str(space_group).strip())
    whole = cell if isinstance(cell, Cell) else _completed(cell, number, hall)
    if symbol.endswith(":R"):
        whole, _ = to_hexagonal_axes(whole, ())
        symbol, number, hall = symmetry.describe_symbol(symbol.replace(":R", ":H"))
    _refuse_other_shapes(whole, symbol, hall)
    return Phase(
        name=slug(name),
        title=name,
        formula=formula or "",
        structure=Structure(
            space_group=symbol,
            space_group_number=number,
            hall=hall,
            cell=whole,
            formula_units=1.0,
            sites=(),
            evidence_grade="C",
            cell_tolerance=DEFAULT_TOLERANCE["C"],
            citation=Citation(origin="cell and space group as given"),
        ),
    )


def specified_phase(text: str) -> Phase | None:
    """The phase that ``NAME:SPACE GROUP:A[,B,...]`` describes; None for a text of another form."""
    found = _SPECIFICATION.fullmatch(text)
    if found is None:
        return None
    try:
        cell = [float(number) for number in found["cell"].split(",")]
    except ValueError:
        return None
    return Phase.from_cell(found["name"].strip(), cell, found["space_group"])


def _completed(cell: float | Sequence[float], number: int, hall: str) -> Cell:
    """All six numbers from those that the crystal system leaves free, or from six."""
    given = [float(value) for value in np.atleast_1d(cell)]
    if len(given) == 6:
        return Cell(*given)
    system = symmetry.crystal_system(number)
    match system, given:
        case "cubic", [a]:
            return Cell(a, a, a)
        case "tetragonal", [a, c]:
            return Cell(a, a, c)
        case "hexagonal" | "trigonal", [a, c]:
            return Cell(a, a, c, 90.0, 90.0, 120.0)
        case "orthorhombic", [a, b, c]:
            return Cell(a, b, c)
        case "monoclinic", [a, b, c, angle]:
            angles = dict.fromkeys("abc", 90.0) | {symmetry.unique_axis(hall) or "b": angle}
            return Cell(a, b, c, *angles.values())
    raise LibraryError(
        f"{len(given)} numbers are no {system} cell", suggestion=f"give {_FREE[system]}, or all six numbers"
    )


def _refuse_other_shapes(cell: Cell, symbol: str, hall: str) -> None:
    rotations, _ = symmetry.operations(hall)
    metric = cell.metric_tensor
    moved = np.einsum("nji,jk,nkl->nil", rotations, metric, rotations)
    if float(np.abs(moved - metric).max()) > _SAME_SHAPE * float(metric.max()):
        raise LibraryError(f"the cell {cell.parameters} has not the shape of {symbol}")
