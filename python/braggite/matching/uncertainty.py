"""From covariances to correlations, and which of them are strong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from braggite.arrays import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.arrays import FloatArray


def strong_correlations(names: Sequence[str], correlation: FloatArray, least: float) -> list[tuple[str, str, float]]:
    """Pairs of names whose correlation is at least ``least`` either way, strongest first."""
    pairs = [
        (names[i], names[j], float(correlation[i, j]))
        for i, j in np.argwhere(np.triu(np.abs(correlation) >= least, 1)).tolist()
    ]
    return sorted(pairs, key=lambda pair: -abs(pair[2]))


def correlation_of(covariance: FloatArray) -> FloatArray:
    """(m, m) correlations of an (m, m) covariance; NaN where a number has no variance."""
    deviation = np.sqrt(np.diag(covariance))
    with np.errstate(invalid="ignore", divide="ignore"):
        return frozen(covariance / np.outer(deviation, deviation))
