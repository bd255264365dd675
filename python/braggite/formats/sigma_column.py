"""Is a third text column a standard deviation, or a fitted background?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from braggite.arrays import FloatArray

NOISE_RATIO = (0.05, 20.0)
"""Allowed ratio of the scatter seen in the data to the stated standard deviation: wide, for smoothed or merged data;
a background stands 0.02 or less under it."""
SLOPE = (0.2, 0.8)
"""Allowed power of y in sigma: 0.5 for counting noise, 1 or 0 for a background."""


def behaves_like_sigma(y: FloatArray, column: FloatArray) -> bool:
    """Whether ``column`` is positive, goes like sqrt(y), and is of the size of the scatter of ``y``."""
    if np.any(column <= 0):
        return False
    positive = y > 0
    if int(positive.sum()) < 3:
        return False
    log_y, log_column = np.log(y[positive]), np.log(column[positive])
    low, high = np.percentile(log_y, (5, 95))
    if high - low > np.log(1.5):
        centred = log_y - log_y.mean()
        slope = centred @ (log_column - log_column.mean()) / (centred @ centred)
        if not SLOPE[0] < slope < SLOPE[1]:
            return False
    if y.size < 5:
        return bool(np.all(column <= np.maximum(y, 1.0)))
    scatter = float(np.median(np.abs(np.diff(y, 2)))) / (0.6745 * np.sqrt(6.0))
    ratio = scatter / float(np.median(column))
    return bool(NOISE_RATIO[0] < ratio < NOISE_RATIO[1])
