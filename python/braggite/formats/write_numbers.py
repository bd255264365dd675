"""How numbers are written: the shortest text that reads back as the same float."""

from __future__ import annotations

import numpy as np


def shortest(value: float) -> str:
    """With an exponent where that is shorter; whole numbers without a point."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def positional(value: float) -> str:
    """Without an exponent: some formats read ``e`` as a digit."""
    return np.format_float_positional(value, unique=True, trim="-")
