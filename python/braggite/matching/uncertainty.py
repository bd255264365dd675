"""From covariances to correlations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from braggite.arrays import frozen

if TYPE_CHECKING:
    from braggite.arrays import FloatArray


def correlation_of(covariance: FloatArray) -> FloatArray:
    """(m, m) correlations of an (m, m) covariance; NaN where a number has no variance."""
    deviation = np.sqrt(np.diag(covariance))
    with np.errstate(invalid="ignore", divide="ignore"):
        return frozen(covariance / np.outer(deviation, deviation))
