"""Points at the ceiling of a detector."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from braggite.arrays import FloatArray

LEVEL = 0.003
"""Points at a ceiling lie this close together, as a share of it: subtracted dark spectra differ by as much."""
FALL = 0.01
"""Share of the ceiling by which the next point lies lower; the top of a broad band falls gently."""
FEWEST = 3


def saturated_points(y: FloatArray) -> NDArray[np.bool_]:
    """(n,) True where ordinates stand at a ceiling: three or more at the maximum, beside which they fall steeply."""
    top = float(np.max(y))
    none = np.zeros(y.size, dtype=bool)
    if not top > 0.0:
        return none
    high = y >= (1.0 - LEVEL) * top
    edges = np.flatnonzero(np.diff(np.concatenate([[False], high, [False]]).astype(int))).reshape(-1, 2)
    at_ceiling = none.copy()
    for start, end in edges:
        beside = [y[i] for i in (start - 1, end) if 0 <= i < y.size]
        if all(value <= (1.0 - FALL) * top for value in beside):
            at_ceiling[start:end] = True
    return at_ceiling if np.count_nonzero(at_ceiling) >= FEWEST else none


def note_saturation(x: FloatArray, y: FloatArray, *, unit: str, where: str | None) -> tuple[Diagnostic, ...]:
    """The remark ``detector_saturated`` with the ranges concerned, or nothing."""
    points = saturated_points(y)
    if not points.any():
        return ()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], points, [False]]).astype(int))).reshape(-1, 2)
    ranges = [[float(x[a]), float(x[b - 1])] for a, b in edges]
    at = ", ".join(f"{(a + b) / 2:.0f}" for a, b in ranges[:5]) + (" ..." if len(ranges) > 5 else "")
    detail = f"{np.count_nonzero(points)} points stand at the ceiling of the detector, near {at} {unit}"
    suggestion = "measure with less light or a shorter time; heights and positions of these lines are wrong"
    return (
        Diagnostic.of("detector_saturated", where=where, value=ranges, detail=detail,
                      suggestion=suggestion),
    )  # fmt: skip
