"""Each phase over a series: its amount or limit at every point, where it appears, where it is gone."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Literal

from braggite.values import Value, finite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.identification.report import PhaseReport, UpperLimit
    from braggite.references.cell_relations import DerivedQuantity

PointVerdict = Literal["present", "possible", "not_detected", "indeterminate", "failed"]


@dataclass(frozen=True, slots=True)
class Amount:
    """What one scan says of one phase.

    ``weight_fraction`` stands where it was found, ``upper_limit`` wherever there is one.
    """

    value: float
    verdict: PointVerdict
    confidence: float | None = None
    weight_fraction: Value | None = None
    upper_limit: UpperLimit | None = None
    cell: dict[str, Value] | None = None
    derived: tuple[DerivedQuantity, ...] = ()

    @property
    def estimate(self) -> Value | None:
        """Amount for trends and balances: as found; 0 with the uncertainty its limit stands for where not detected."""
        if self.weight_fraction is not None:
            return self.weight_fraction if self.weight_fraction.su else None
        if self.verdict == "not_detected" and self.upper_limit is not None and math.isfinite(self.upper_limit.value):
            return Value(0.0, self.upper_limit.value / NormalDist().inv_cdf(self.upper_limit.level))
        return None

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "value": finite(self.value),
            "verdict": self.verdict,
            "confidence": finite(self.confidence),
            "weight_fraction": None if self.weight_fraction is None else self.weight_fraction.to_dict(),
            "upper_limit": None if self.upper_limit is None else self.upper_limit.to_dict(),
            "cell": None if self.cell is None else {key: number.to_dict() for key, number in self.cell.items()},
            "derived": [quantity.to_dict() for quantity in self.derived],
        }


@dataclass(frozen=True, slots=True)
class Change:
    """Where a phase appears, or is gone: between the values ``after`` and ``by``.

    ``resolved`` is False where the amount beyond lies within the limit this side: it may have been there unseen.
    """

    after: float
    by: float
    resolved: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {"after": finite(self.after), "by": finite(self.by), "resolved": self.resolved}


def amounts_of(name: str, values: Sequence[float], reports: Sequence[PhaseReport | None]) -> tuple[Amount, ...]:
    """The amount of one phase in every report; ``failed`` where a scan gave none."""
    return tuple(
        Amount(value, "failed") if report is None else _amount(name, value, report)
        for value, report in zip(values, reports, strict=True)
    )


def _amount(name: str, value: float, report: PhaseReport) -> Amount:
    watched = next((entry for entry in report.watched if entry.name == name), None)
    limit = watched.upper_limit if watched is not None else None
    found = next((phase for phase in report.phases if phase.name == name), None)
    if found is not None:
        return Amount(value, found.verdict, found.confidence, found.weight_fraction, limit, found.cell, found.derived)
    if watched is None:
        return Amount(value, "not_detected")
    return Amount(value, watched.verdict, watched.confidence, None, limit)


def with_what_limits_leave_open(columns: Sequence[tuple[Amount, ...]]) -> list[tuple[Amount, ...]]:
    """Phases of a series by points, fractions as uncertain as the phases below detection leave them.

    Fractions add up to one over the phases found at a point. A phase of the series that is not detected there may hold
    up to its limit, and take it from all others in proportion: that much is added to their uncertainties.
    """
    points = [list(point) for point in zip(*columns, strict=True)]
    for point in points:
        left_open = math.hypot(*(amount.estimate.su or 0.0 for amount in point if _absent(amount) and amount.estimate))
        for place, amount in enumerate(point):
            fraction = amount.weight_fraction
            if fraction is not None and left_open > 0.0:
                su = math.hypot(fraction.su or 0.0, fraction.value * left_open)
                point[place] = replace(amount, weight_fraction=replace(fraction, su=su))
    return [tuple(column) for column in zip(*points, strict=True)]


def _absent(amount: Amount) -> bool:
    return amount.weight_fraction is None


def appearance(amounts: Sequence[Amount]) -> Change | None:
    """Between which values the phase appears; None where it never does, or is there from the first point on."""
    return _first_change(_by_value(amounts))


def disappearance(amounts: Sequence[Amount]) -> Change | None:
    """Between which values the phase is gone for good; None where it stays, or never was there."""
    backwards = _first_change(list(reversed(_by_value(amounts))))
    return None if backwards is None else Change(backwards.by, backwards.after, backwards.resolved)


def _by_value(amounts: Sequence[Amount]) -> list[list[Amount]]:
    known = [amount for amount in amounts if amount.verdict != "failed"]
    return [list(group) for _, group in groupby(sorted(known, key=_value), key=_value)]


def _value(amount: Amount) -> float:
    return amount.value


def _first_change(groups: Sequence[Sequence[Amount]]) -> Change | None:
    """From the first end: the last value without the phase before the first value with it."""
    first = next((i for i, group in enumerate(groups) if all(a.verdict == "present" for a in group)), None)
    if first is None:
        return None
    without = [i for i in range(first) if all(a.verdict == "not_detected" for a in groups[i])]
    if not without:
        return None
    return Change(groups[without[-1]][0].value, groups[first][0].value, _resolved(groups[without[-1]], groups[first]))


def _resolved(without: Sequence[Amount], with_it: Sequence[Amount]) -> bool:
    """Whether the least that is there beyond exceeds the most that may be there this side."""
    limits = [a.upper_limit.value if a.upper_limit is not None else math.inf for a in without]
    least = []
    for amount in with_it:
        if amount.weight_fraction is None or amount.upper_limit is None:
            return False
        quantile = NormalDist().inv_cdf(amount.upper_limit.level)
        least.append(amount.weight_fraction.value - quantile * (amount.weight_fraction.su or 0.0))
    return min(least) > max(limits)
