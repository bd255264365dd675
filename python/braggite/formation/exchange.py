"""What formed at the cost of what: amounts that fall where others rise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from braggite.values import Value, finite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.formation.amounts import Amount

Role = Literal["formed", "consumed", "intermediate", "unchanged", "unknown"]
LEVEL = 0.95
LEAST_POINTS = 4


@dataclass(frozen=True, slots=True)
class Exchange:
    """Two phases whose amounts go against each other.

    Attributes
    ----------
    formed, consumed : names
    slope : change of the consumed one's weight fraction for that of the formed one, both uncertain (York 1966)
    correlation, low, high : coefficient of correlation and its 95 % interval (Fisher's z); weight fractions add up to
        one, so two phases alone always go against each other
    n_points : scans it rests on
    """

    formed: str
    consumed: str
    slope: Value
    correlation: float
    low: float
    high: float
    n_points: int

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "formed": self.formed,
            "consumed": self.consumed,
            "slope": self.slope.to_dict(),
            "correlation": {"value": finite(self.correlation), "low": finite(self.low), "high": finite(self.high)},
            "n_points": self.n_points,
        }


def change_over(amounts: Sequence[Amount]) -> Value | None:
    """Amount at the last value less that at the first; None where either is unknown."""
    known = _known(amounts)
    if len(known) < 2 or known[0][0] == known[-1][0]:
        return None
    first, last = known[0][1], known[-1][1]
    return Value(last.value - first.value, math.hypot(first.su or 0.0, last.su or 0.0))


def role(amounts: Sequence[Amount]) -> Role:
    """What the amounts say of a phase over the series, beyond what uncertainties at the 95 % level could make.

    ``intermediate``: more in between than at either end. A phase that no scan shows as present has no role.
    """
    change = change_over(amounts)
    if change is None:
        return "unknown"
    if all(amount.verdict != "present" for amount in amounts):
        return "unchanged" if all(amount.verdict in ("not_detected", "failed") for amount in amounts) else "unknown"
    quantile = NormalDist().inv_cdf(0.5 + LEVEL / 2.0)
    known = _known(amounts)
    first, last = known[0][1], known[-1][1]
    inside = known[1:-1]
    strict = NormalDist().inv_cdf(1.0 - (1.0 - LEVEL) / (2.0 * max(len(inside), 1)))
    if any(_exceeds(entry, first, strict) and _exceeds(entry, last, strict) for _, entry in inside):
        return "intermediate"
    if abs(change.value) <= quantile * (change.su or 0.0):
        return "unchanged"
    return "formed" if change.value > 0 else "consumed"


def _exceeds(more: Value, less: Value, quantile: float) -> bool:
    return more.value - less.value > quantile * math.hypot(more.su or 0.0, less.su or 0.0)


def _known(amounts: Sequence[Amount]) -> list[tuple[float, Value]]:
    known = [(amount.value, amount.estimate) for amount in amounts]
    return sorted(((x, entry) for x, entry in known if entry is not None), key=lambda pair: pair[0])


def exchange(formed: tuple[str, Sequence[Amount]], consumed: tuple[str, Sequence[Amount]]) -> Exchange | None:
    """How one phase goes with another; None unless their correlation is surely negative, with four scans at least."""
    pairs = [
        (up.estimate, down.estimate)
        for up, down in zip(formed[1], consumed[1], strict=True)
        if up.estimate is not None and down.estimate is not None
    ]
    if len(pairs) < LEAST_POINTS:
        return None
    x, y = (np.array([pair[side].value for pair in pairs]) for side in (0, 1))
    x_su, y_su = (np.array([pair[side].su or 0.0 for pair in pairs]) for side in (0, 1))
    if not (np.ptp(x) > 0.0 and np.ptp(y) > 0.0):
        return None
    correlation = float(np.clip(np.corrcoef(x, y)[0, 1], -1.0 + 1e-9, 1.0 - 1e-9))
    reach = NormalDist().inv_cdf(0.5 + LEVEL / 2.0) / math.sqrt(len(pairs) - 3)
    low, high = (math.tanh(math.atanh(correlation) + sign * reach) for sign in (-1.0, 1.0))
    if not high < 0.0:
        return None
    return Exchange(formed[0], consumed[0], _slope(x, y, x_su, y_su), correlation, low, high, len(pairs))


def _slope(x: np.ndarray, y: np.ndarray, x_su: np.ndarray, y_su: np.ndarray) -> Value:
    """Line through points uncertain in both directions, errors independent (York, Can. J. Phys. 44, 1966, 1079)."""
    slope = float(np.polyfit(x, y, 1)[0])
    for _ in range(100):
        weights = 1.0 / (y_su**2 + slope**2 * x_su**2)
        u, v = x - np.average(x, weights=weights), y - np.average(y, weights=weights)
        beta = weights * (u * y_su**2 + slope * v * x_su**2)
        before, slope = slope, float(np.sum(weights * beta * v) / np.sum(weights * beta * u))
        if abs(slope - before) <= 1e-12 * abs(slope):
            break
    adjusted = np.average(x, weights=weights) + beta
    spread = adjusted - np.average(adjusted, weights=weights)
    chi2 = float(np.sum(weights * (v - slope * u) ** 2)) / (x.size - 2)
    return Value(slope, math.sqrt(max(1.0, chi2) / float(np.sum(weights * spread**2))))
