"""What is said of phases the user asked about, whose bands may not be there."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

from braggite.identification.bands.candidates import candidates_of
from braggite.identification.bands.search import Member
from braggite.identification.report import UpperLimit, WatchedPhase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.identification.bands.judgement import Judged
    from braggite.identification.bands.search import Hypothesis, Search
    from braggite.identification.options import IdentifyOptions
    from braggite.references.phase import Phase


def watched(
    phases: Sequence[Phase],
    search: Search,
    hypothesis: Hypothesis,
    judged: Sequence[Judged],
    options: IdentifyOptions,
) -> tuple[WatchedPhase, ...]:
    """Every watched phase, in the order asked; a limit is a share of the area of all bands."""
    return tuple(_watched(phase, search, hypothesis, judged, options) for phase in phases)


def _watched(
    phase: Phase, search: Search, hypothesis: Hypothesis, judged: Sequence[Judged], options: IdentifyOptions
) -> WatchedPhase:
    for entry in judged:
        found = entry.phase
        if found.name == phase.name:
            return WatchedPhase(phase.name, found.verdict, found.confidence, _limit_of_found(entry, options))
    rival_of = next((entry for entry in judged if phase.name in (name for name, _ in entry.rivals)), None)
    if rival_of is not None:
        base = search.without(hypothesis, hypothesis.place(rival_of.candidate))
        limit = _limit(phase, search, base, options)
        return WatchedPhase(phase.name, "indeterminate", rival_of.phase.confidence, limit)
    return WatchedPhase(phase.name, "not_detected", 0.0, _limit(phase, search, hypothesis, options))


def _limit_of_found(entry: Judged, options: IdentifyOptions) -> UpperLimit | None:
    amount = entry.phase.band_fraction
    if amount is None or amount.su is None:
        return None
    quantile = NormalDist().inv_cdf(options.limit_level)
    return UpperLimit(min(amount.value + quantile * amount.su, 1.0), "band_fraction", options.limit_level)


def _limit(phase: Phase, search: Search, hypothesis: Hypothesis, options: IdentifyOptions) -> UpperLimit | None:
    """The largest share of any variant that the spectrum allows beside the others; None without bands to see."""
    variants, _ = candidates_of([phase], search.pattern)
    shares = [_share(variant.rows, search, hypothesis, options.limit_level) for variant in variants]
    known = [share for share in shares if share is not None]
    return UpperLimit(max(known), "band_fraction", options.limit_level) if known else None


def _share(rows: tuple[tuple[float, ...], ...], search: Search, hypothesis: Hypothesis, level: float) -> float | None:
    """Profile of the phase's area: a truncated normal, so that a negative estimate does not make a limit of nothing."""
    beside = search.with_member(hypothesis, Member(None, rows), free_sign=True)  # type: ignore[arg-type]
    place = len(beside.members) - 1
    area, variance = float(beside.view.areas[place]), float(beside.view.area_covariance[place, place])
    others = float(sum(area for area in beside.view.areas[:-1] if area > 0.0))
    if variance <= 0.0:
        return None
    normal, su = NormalDist(), math.sqrt(variance)
    below = normal.cdf(-area / su)
    most = area + su * normal.inv_cdf(min(below + level * (1.0 - below), 1.0 - 1e-12))
    return min(most / (most + others), 1.0) if others > 0.0 else 1.0
