"""Whether unexplained lines belong to one phase: a cubic, hexagonal or tetragonal cell that indexes them.

Cells follow from index pairs tried on the first lines. A cell is believed by its figure of merit alone (de Wolff,
J. Appl. Cryst. 1, 1968, 108), whose bound lies well above what lists of random lines reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.arrays import FloatArray
    from braggite.identification.line_account import ResidualLine
    from braggite.matching.pattern import EnginePattern
    from braggite.matching.results import MatchResult

System = Literal["cubic", "hexagonal", "tetragonal"]

MOST_LINES = 12
LEAST_LINES = 10
LEAST_MERIT = 20.0
"""Random lines do not reach it: ``python -m validation.unknown_cell``."""
_FIRST = 4
"""The lines of smallest angle on which indices are tried."""
_LOW = 18
"""Index pairs tried on each."""
_AXES_ANGSTROM = (2.2, 30.0)
_MUCH_BETTER = 4.0
"""Merit of another cell over that of a cubic one from which it is not the cubic lattice seen otherwise."""
_CHUNK = 400
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class UnknownCell:
    """A cell that indexes unexplained lines: of how many lines, and its figure of merit M."""

    system: System
    a_angstrom: float
    c_angstrom: float
    n_lines: int
    merit: float

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "system": self.system,
            "a_angstrom": self.a_angstrom,
            "c_angstrom": self.c_angstrom,
            "n_lines": self.n_lines,
            "merit": self.merit,
        }


@dataclass(frozen=True, slots=True)
class UnexplainedPhase:
    """Whether so many unexplained lines, the strongest, belong together: the cell that indexes them, or None."""

    n_lines: int
    cell: UnknownCell | None

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {"n_lines": self.n_lines, "cell": None if self.cell is None else self.cell.to_dict()}


def unexplained_phase(
    lines: Sequence[ResidualLine], fit: MatchResult | None, pattern: EnginePattern
) -> UnexplainedPhase | None:
    """Try cells on the strongest lines, the most significant of which stand first; None where there are too few.

    Positions are freed of the shift that the phases of the fit show, and of K-alpha2 partners.
    """
    wavelength = pattern.radiation.wavelength_angstrom
    chosen = _without_partners(lines, pattern)[:MOST_LINES]
    if len(chosen) < LEAST_LINES:
        return None
    positions = np.array([line.position_deg for line in chosen])
    if fit is not None and fit.phases:
        seen = np.concatenate([phase.reflections.two_theta_deg for phase in fit.phases])
        half = 0.5 * wavelength / np.concatenate([phase.reflections.d_angstrom for phase in fit.phases])
        bragg = np.degrees(2.0 * np.arcsin(np.clip(half, 0.0, 1.0)))
        order = np.argsort(seen)
        positions = positions - np.interp(positions, seen[order], (seen - bragg)[order])
    d = 0.5 * wavelength / np.sin(np.radians(0.5 * positions))
    return UnexplainedPhase(len(chosen), unknown_cell(d))


def _without_partners(lines: Sequence[ResidualLine], pattern: EnginePattern) -> list[ResidualLine]:
    """Lines that are not the weaker half of a doublet."""
    if len(pattern.radiation.lines) < 2:
        return list(lines)
    ratio = pattern.radiation.lines[1][0] / pattern.radiation.lines[0][0]
    kept: list[ResidualLine] = []
    for line in lines:
        sines = [ratio * np.sin(np.radians(0.5 * other.position_deg)) for other in kept]
        partners = [np.degrees(2.0 * np.arcsin(sine)) for sine in sines if sine < 1.0]
        if not any(abs(partner - line.position_deg) < 0.5 * pattern.fwhm_deg for partner in partners):
            kept.append(line)
    return kept


def unknown_cell(d_angstrom: FloatArray) -> UnknownCell | None:
    """The cell of highest symmetry that indexes the spacings of up to a dozen lines, None where none does.

    The cell may be a part or a multiple of the true one: systematic absences are not looked at.
    """
    if len(d_angstrom) < LEAST_LINES:
        return None
    q = np.sort(np.asarray(d_angstrom, dtype=np.float64) ** -2.0)
    best: UnknownCell | None = None
    for system, pairs in _PAIRS.items():
        cells = _cells(q, pairs, system)
        if not len(cells):
            continue
        merits = _merits(q, cells, pairs)
        k = int(np.argmax(merits))
        better = best is None or merits[k] > (_MUCH_BETTER if best.system == "cubic" else 1.0) * best.merit
        if merits[k] >= LEAST_MERIT and better:
            a, c = _axes(cells[k], system)
            best = UnknownCell(system, round(a, 4), round(c, 4), len(q), round(float(merits[k]), 1))
    return best


def _pairs(system: System) -> FloatArray:
    """(n, 2): of each line of a primitive cell what stands before A and C in Q = 1/d²; cubic cells have no C."""
    h, k, along = np.meshgrid(np.arange(9), np.arange(9), np.arange(13), indexing="ij")
    match system:
        case "cubic":
            squares = np.unique(h**2 + k**2 + np.minimum(along, 8) ** 2)
            found = np.column_stack([squares, np.zeros_like(squares)])
        case "tetragonal":
            found = np.column_stack([(h**2 + k**2).ravel(), (along**2).ravel()])
        case "hexagonal":
            found = np.column_stack([(h**2 + h * k + k**2).ravel(), (along**2).ravel()])
    found = np.unique(found, axis=0)
    return found[np.any(found > 0, axis=1)].astype(np.float64)


_PAIRS: dict[System, FloatArray] = {system: _pairs(system) for system in ("cubic", "hexagonal", "tetragonal")}


def _cells(q: FloatArray, pairs: FloatArray, system: System) -> FloatArray:
    """(n, 2) A and C that put low indices on one of the first lines, or on two of them."""
    if system == "cubic":
        a = (q[:_FIRST, None] / pairs[:_LOW, 0]).ravel()
        cells = np.column_stack([a, a])
    else:
        low = pairs[np.argsort(np.sum(pairs, axis=1), kind="stable")[:_LOW]]
        first, second = (axis.ravel() for axis in np.meshgrid(np.arange(_LOW), np.arange(_LOW), indexing="ij"))
        one, other = low[first], low[second]
        determinant = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
        one, other, determinant = (values[determinant != 0.0] for values in (one, other, determinant))
        cells = np.concatenate(
            [
                np.column_stack([q[i] * other[:, 1] - q[j] * one[:, 1], q[j] * one[:, 0] - q[i] * other[:, 0]])
                / determinant[:, None]
                for i in range(_FIRST)
                for j in range(i + 1, _FIRST)
            ]
        )
    shortest, longest = _AXES_ANGSTROM
    return cells[np.all((cells > longest**-2.0) & (cells < shortest**-2.0), axis=1)]


def _merits(q: FloatArray, cells: FloatArray, pairs: FloatArray) -> FloatArray:
    """M of every cell: Q of the last line over twice the mean error and the number of different lines up to there."""
    merits = np.zeros(len(cells))
    for start in range(0, len(cells), _CHUNK):
        calculated = np.sort(cells[start : start + _CHUNK] @ pairs.T, axis=1)
        below = calculated <= q[-1] * (1.0 + _ROUNDING)
        different = np.diff(calculated, axis=1, prepend=0.0) > _ROUNDING
        possible = np.maximum(np.sum(below & different, axis=1), 1)
        error = np.mean([np.min(np.abs(calculated - line), axis=1) for line in q], axis=0)
        merits[start : start + _CHUNK] = q[-1] / (2.0 * np.maximum(error, 1e-9) * possible)
    return merits


def _axes(cell: FloatArray, system: System) -> tuple[float, float]:
    a, c = (float(value) for value in cell**-0.5)
    return (a * float(np.sqrt(4.0 / 3.0)), c) if system == "hexagonal" else (a, c)
