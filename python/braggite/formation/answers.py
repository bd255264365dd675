"""Did X form? One sentence with its number or its limit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from braggite.reporting.style import format_percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.formation.amounts import Amount, Change
    from braggite.formation.report import PhaseSeries
    from braggite.formation.variable import Variable

Outcome = Literal["formed", "present_throughout", "present", "consumed", "possible", "not_seen", "undecided"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of a phase that was asked about.

    ``outcome``: "formed" (appears), "consumed" (is there and then gone), "present_throughout", "present" (in some of
    the samples), "possible", "not_seen", or "undecided" where its look-alike is there or nothing could be measured.
    """

    phase: str
    outcome: Outcome
    sentence: str

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {"phase": self.phase, "outcome": self.outcome, "sentence": self.sentence}


def answer(phase: PhaseSeries, variable: Variable, labels: Sequence[str]) -> Answer:
    """The sentence for one phase; ``labels`` are those of the points."""
    outcome, sentence = _answer(phase, variable, labels)
    if phase.evidence_grade in ("D", "E") and outcome not in ("undecided",):
        sentence += f" (its reference is of grade {phase.evidence_grade}: conditional on it)"
    return Answer(phase.name, outcome, f"{sentence}.")


def _answer(phase: PhaseSeries, variable: Variable, labels: Sequence[str]) -> tuple[Outcome, str]:
    name = phase.formula or phase.name
    places = [
        variable.text(a.value) if variable.ordered else label for a, label in zip(phase.amounts, labels, strict=True)
    ]
    seen = [i for i, amount in enumerate(phase.amounts) if amount.verdict == "present"]
    known = [i for i, amount in enumerate(phase.amounts) if amount.verdict != "failed"]
    if not seen:
        return _without(phase, name, places, known)
    most = max(seen, key=lambda i: _fraction(phase.amounts[i]))
    largest = f"{percent(phase.amounts[most])} at {places[most]}" if variable.ordered else _largest(phase, places, most)
    came, went = ("appears", "is gone") if variable.kind == "composition" else ("formed", "was consumed")
    if variable.ordered and phase.appearance is not None:
        then = f", and is gone {_between(phase.disappearance, variable)}" if phase.disappearance else ""
        return (
            "formed",
            f"{name} {came} {_between(phase.appearance, variable)}: {largest}{_unseen(phase.appearance)}{then}",
        )
    if variable.ordered and phase.disappearance is not None:
        return (
            "consumed",
            f"{name} {went} {_between(phase.disappearance, variable)}: {largest}{_unseen(phase.disappearance)}",
        )
    if len(seen) == len(known):
        least = min(seen, key=lambda i: _fraction(phase.amounts[i]))
        span = largest if least == most else f"from {percent(phase.amounts[least])} at {places[least]} to {largest}"
        where = "at every point" if variable.ordered else "in every sample"
        return "present_throughout", f"{name} is there {where}: {span}"
    limits = _limit_clause([phase.amounts[i] for i in known if i not in seen])
    return "present", f"{name} is in {len(seen)} of {len(known)} scans: {largest}{limits}"


def _without(phase: PhaseSeries, name: str, places: Sequence[str], known: Sequence[int]) -> tuple[Outcome, str]:
    possible = [i for i in known if phase.amounts[i].verdict == "possible"]
    if possible:
        most = max(possible, key=lambda i: _fraction(phase.amounts[i]))
        amount = phase.amounts[most]
        return "possible", (
            f"{name} may have formed: {percent(amount)} at {places[most]}, confidence {amount.confidence or 0.0:.2f}, "
            "which is not enough to call it present"
        )
    absent = [phase.amounts[i] for i in known if phase.amounts[i].verdict == "not_detected"]
    if not known:
        return "undecided", f"nothing is known of {name}: no scan could be used"
    if len(absent) < len(known):
        rivals = ", ".join(phase.stands_for) or "a phase that was found"
        return "undecided", f"{name} cannot be told apart from {rivals}"
    limits = [a.upper_limit.value for a in absent if a.upper_limit is not None and math.isfinite(a.upper_limit.value)]
    if not limits:
        return "not_seen", f"{name} was not seen; no limit could be stated"
    level = next(a.upper_limit.level for a in absent if a.upper_limit is not None)
    spread = (
        "" if len(limits) == 1 or max(limits) < 1.5 * min(limits) else f" (the least is {100 * min(limits):.2g} wt%)"
    )
    return (
        "not_seen",
        f"{name} was not seen; less than {100 * max(limits):.2g} wt% at {100 * level:.0f} % in every scan{spread}",
    )


def percent(amount: Amount) -> str:
    """``12.3(4) wt%``."""
    fraction = amount.weight_fraction
    if fraction is None:
        return "an unknown amount"
    return f"{format_percent(100 * fraction.value, None if fraction.su is None else 100 * fraction.su)} wt%"


def _fraction(amount: Amount) -> float:
    return amount.weight_fraction.value if amount.weight_fraction is not None else 0.0


def _largest(phase: PhaseSeries, places: Sequence[str], most: int) -> str:
    return f"most, {percent(phase.amounts[most])}, in {places[most]}"


def _between(change: Change | None, variable: Variable) -> str:
    return "" if change is None else variable.between(*sorted((change.after, change.by)))


def _unseen(change: Change) -> str:
    return "" if change.resolved else " (on the other side as much might have gone unseen)"


def _limit_clause(absent: Sequence[Amount]) -> str:
    limits = [a.upper_limit for a in absent if a.verdict == "not_detected" and a.upper_limit is not None]
    if not limits:
        return ""
    largest = max(limits, key=lambda limit: limit.value)
    return f"; where not detected, less than {100 * largest.value:.2g} wt% at {100 * largest.level:.0f} %"
