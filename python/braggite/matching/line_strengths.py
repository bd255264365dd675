"""How much of each observed line each phase makes, from the strengths of the lines assigned to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from braggite.arrays import FloatArray
    from braggite.matching.line_list import LineList
    from braggite.matching.observed_lines import ObservedLines

MISFIT = 0.3
"""Relative misfit of a calculated strength that texture and coarse grains make usual."""
FAINT = 0.05
"""Share of the strongest line of a phase below which a calculated strength says little of its scale."""
ROUNDS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Strengths:
    """Scale of each phase (0 for one without atoms), and (lines, phases) what area each makes of an observed line."""

    scales: FloatArray
    expected: FloatArray

    @property
    def share(self) -> FloatArray:
        """(lines, phases) the share of each phase in a line; 0 where none claims it."""
        total = self.expected.sum(axis=1, keepdims=True)
        shares: FloatArray = np.divide(self.expected, total, out=np.zeros_like(self.expected), where=total > 0.0)
        return shares


def strengths(
    lists: Sequence[LineList],
    observed: ObservedLines,
    assigned: Sequence[NDArray[np.int64]],
    range_deg: tuple[float, float],
) -> Strengths:
    """Scales, not negative, that make the calculated areas meet the observed ones; an absent line counts as none.

    Residuals are relative to ``MISFIT`` of the larger of both areas, and reweighted so that single lines do not decide.
    Phases without atoms take what the others leave.
    """
    unit = np.zeros((len(observed), len(lists)))
    absent: list[FloatArray] = []
    for p, (lines, own) in enumerate(zip(lists, assigned, strict=True)):
        np.add.at(unit[:, p], own[own >= 0], lines.intensity[own >= 0])
        if lines.has_atoms:
            angle = lines.two_theta_deg(np.zeros(len(lines.freedom)))
            alone = lines.intensity[(own < 0) & (angle > range_deg[0]) & (angle < range_deg[1])]
            row = np.zeros((alone.size, len(lists)))
            row[:, p] = alone
            absent.append(row)
    tied = np.array([lines.has_atoms for lines in lists])
    matrix = np.vstack([unit, *absent])[:, tied]
    target = np.concatenate([observed.area, np.zeros(matrix.shape[0] - len(observed))])
    claimed = matrix.sum(axis=1) > 0.0
    scales = np.zeros(len(lists))
    if tied.any() and claimed.any():
        scales[tied] = _robust(matrix[claimed], target[claimed], observed.area_noise)
    expected = unit * scales
    left = np.maximum(observed.area - expected.sum(axis=1), 0.0)
    claims = (unit > 0.0) & ~tied
    number = claims.sum(axis=1)
    expected += np.divide(left, number, out=np.zeros_like(left), where=number > 0)[:, None] * claims
    return Strengths(scales, expected)


def _robust(matrix: FloatArray, target: FloatArray, noise: float) -> FloatArray:
    seen = target > 0.0
    ratio = [float(np.median((target / np.maximum(column, 1e-300))[seen & (column > 0.0)]))
             if (seen & (column > 0.0)).any() else 0.0 for column in matrix.T]  # fmt: skip
    scales = np.array(ratio)
    for _ in range(ROUNDS):
        calculated = matrix @ scales
        strongest = (matrix * scales).max(axis=0)
        faint = FAINT * np.where(matrix > 0.0, strongest, 0.0).max(axis=1)
        sigma = np.sqrt((MISFIT * np.maximum(target, calculated)) ** 2 + noise**2 + faint**2)
        residual = np.abs(target - calculated) / sigma
        weight = np.sqrt(1.0 / np.maximum(residual, 1.0)) / sigma
        scales = _not_negative(matrix * weight[:, None], target * weight)
    return scales


def _not_negative(matrix: FloatArray, target: FloatArray) -> FloatArray:
    """Least squares of a few unknowns, the most negative one dropped until none is."""
    free = np.ones(matrix.shape[1], dtype=bool)
    while free.any():
        solution = np.linalg.lstsq(matrix[:, free], target, rcond=None)[0]
        if (solution >= 0.0).all():
            whole = np.zeros(matrix.shape[1])
            whole[free] = solution
            return whole
        free[np.flatnonzero(free)[int(np.argmin(solution))]] = False
    return np.zeros(matrix.shape[1])
