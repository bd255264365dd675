"""What the ratio of an observed to a calculated line strength says of the line."""

from __future__ import annotations

from typing import Literal

LineVerdict = Literal["matched", "missing", "wrong_intensity"]

MATCHED_RATIO = (0.5, 2.0)
"""Observed over calculated area within which a line counts as matched."""
MISSING_RATIO = 0.25
LEAST_SIGNIFICANCE = 4.0
"""A line must be expected this clearly before its absence can count."""


def line_verdict(ratio: float) -> LineVerdict:
    """The verdict on a line from observed over calculated area."""
    if ratio < MISSING_RATIO:
        return "missing"
    return "matched" if MATCHED_RATIO[0] <= ratio <= MATCHED_RATIO[1] else "wrong_intensity"
