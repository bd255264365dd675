"""Where an axis holds no points: blocks measured apart, ranges left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from braggite.arrays import FloatArray

LEAST_STEPS = 3.0
"""A gap is longer than this many of the steps beside it; the step itself may change along a pattern."""


def after_gaps(x: FloatArray) -> NDArray[np.intp]:
    """Indices of the first point after each gap of ascending positions (n,)."""
    steps = np.diff(x)
    if steps.size < 2:
        return np.empty(0, dtype=np.intp)
    before, after = np.concatenate([[0.0], steps[:-1]]), np.concatenate([steps[1:], [0.0]])
    return np.flatnonzero(steps > LEAST_STEPS * np.maximum(before, after)) + 1


def gap_edges(x: FloatArray) -> list[tuple[float, float]]:
    """The stretches without points, half a step of either side kept."""
    steps = np.diff(x)
    return [
        (float(x[i - 1] + 0.5 * steps[max(i - 2, 0)]), float(x[i] - 0.5 * steps[min(i, steps.size - 1)]))
        for i in after_gaps(x).tolist()
        if 2 <= i < steps.size
    ]


def broken(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The curve with NaN in every gap, so that no line is drawn across it."""
    where = after_gaps(x)
    return np.insert(x, where, np.nan), np.insert(y, where, np.nan)
