"""What a judged set of phases amounts to: the verdict on the sample, and the sets beside the one reported."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from braggite.identification.report import Hypothesis

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from braggite.identification.report import PhaseEvidence, SampleVerdict, UnexplainedLine

MAX_HYPOTHESES = 7


@dataclass(frozen=True, slots=True)
class Dismissal:
    """Why a member of the best hypothesis is not even possible."""

    confidence: float
    reason: str

    @classmethod
    def of(cls, confidence: float, doubts: Iterable[str]) -> Dismissal:
        """For a confidence that is too small, with the doubts about the phase in words."""
        said = "; ".join(doubts)
        return cls(confidence, f"in the best set, but confidence {confidence:.2f}" + (f": {said}" if said else ""))


def sample_verdict(phases: Sequence[PhaseEvidence], unexplained: Sequence[UnexplainedLine]) -> SampleVerdict:
    """The verdict on a sample in which these phases were found and these lines belong to none."""
    if not phases:
        return "nothing" if not unexplained else "indeterminate"
    if all(phase.verdict != "present" for phase in phases):
        return "indeterminate"
    return "partial" if unexplained or any(phase.verdict == "possible" for phase in phases) else "identified"


def ranked_hypotheses(
    phases: Sequence[PhaseEvidence],
    rivals: Mapping[str, Sequence[tuple[str, float]]],
    dismissed: Mapping[str, Dismissal],
    rwp_percent: float | None,
) -> tuple[Hypothesis, ...]:
    """The set reported and what differs from it by one phase: left out, put in, or replaced by a rival.

    The odds against the reported set are those of the phase's confidence, or of the evidence a rival loses.
    """
    best = tuple(phase.name for phase in phases)
    odds: dict[tuple[str, ...], float] = {}
    for phase in phases:
        others = tuple(name for name in best if name != phase.name)
        odds[others] = (1.0 - phase.confidence) / phase.confidence
        for rival, fall in rivals[phase.name]:
            odds[(*others, rival)] = math.exp(-max(fall, 0.0))
    for name, dismissal in dismissed.items():
        odds[(*best, name)] = dismissal.confidence / (1.0 - dismissal.confidence)
    total = 1.0 + sum(odds.values())
    ranked = sorted(odds.items(), key=lambda entry: -entry[1])[:MAX_HYPOTHESES]
    first = Hypothesis(best, 1.0 / total, rwp_percent)
    return (first, *(Hypothesis(names, share / total, None) for names, share in ranked))
