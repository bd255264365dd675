"""A number and its standard uncertainty, printed as crystallographers write it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Value:
    """A fitted number.

    Attributes
    ----------
    value : the number
    su : standard uncertainty we would defend (None: none was estimated)
    su_counting : standard uncertainty from counting statistics alone
    """

    value: float
    su: float | None = None
    su_counting: float | None = None

    def __str__(self) -> str:
        return format_value(self.value, self.su)

    def to_dict(self) -> dict[str, Any]:
        """``{"value", "su"}`` of the contract, with ``su_counting`` where it is known."""
        document: dict[str, Any] = {"value": finite(self.value), "su": finite(self.su)}
        if self.su_counting is not None:
            document["su_counting"] = finite(self.su_counting)
        return document


def finite(number: float | None) -> float | None:
    """The number as a plain float, None for NaN and infinities."""
    return float(number) if number is not None and math.isfinite(number) else None


def format_value(value: float, su: float | None) -> str:
    """``5.2341(12)``: the uncertainty in units of the last digit, two digits up to 19, else one."""
    if not math.isfinite(value):
        return "-"
    if su is None or not math.isfinite(su) or su <= 0:
        return f"{value:.6g}"
    decimals = 1 - math.floor(math.log10(su))
    if round(su * 10**decimals) > 19:
        decimals -= 1
    if decimals <= 0:
        unit = 10**-decimals
        return f"{round(value / unit) * unit:.0f}({round(su / unit) * unit:.0f})"
    return f"{value:.{decimals}f}({round(su * 10**decimals)})"
