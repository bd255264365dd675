"""Round numbers for axes."""

from __future__ import annotations

import math

LEAST_GAP = 0.1
"""Ticks of a square-root axis stand at least this share of its length apart."""


def nice_ticks(low: float, high: float, wanted: int) -> list[float]:
    """Round numbers from ``low`` to ``high``, about ``wanted`` of them."""
    raw = (high - low) / max(wanted, 1)
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * magnitude for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * magnitude >= raw * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, 10) for index in range(first, last + 1)]


def square_root_ticks(low: float, high: float) -> list[float]:
    """Round ordinates whose square roots lie from ``low`` to ``high``, highest first."""
    magnitude = 10.0 ** math.floor(math.log10(high**2))
    ticks: list[float] = []
    for value in (factor * magnitude * 0.1**decade for decade in range(6) for factor in (8, 6, 4, 2, 1)):
        root = math.sqrt(value)
        if low <= root <= high and (not ticks or math.sqrt(ticks[-1]) - root > LEAST_GAP * (high - low)):
            ticks.append(float(f"{value:.6g}"))
    return ticks
