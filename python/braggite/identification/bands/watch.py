"""What is said of phases the user asked about, whose bands may not be there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

from braggite.identification.bands.candidates import candidates_of
from braggite.identification.bands.search import Member
from braggite.identification.report import UpperLimit, WatchedPhase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from braggite.identification.bands.judgement import Judged
    from braggite.identification.bands.search import Hypothesis, Search
    from braggite.identification.belief import Dismissal
    from braggite.identification.options import IdentifyOptions
    from braggite.matching.band_pattern import BandRow
    from braggite.references.phase import Phase


@dataclass(frozen=True, slots=True)
class BandWatch:
    """What a search found in a spectrum and what was made of that."""

    search: Search
    hypothesis: Hypothesis
    judged: Sequence[Judged]
    dismissed: Mapping[str, Dismissal]
    options: IdentifyOptions

    def all(self, phases: Sequence[Phase]) -> tuple[WatchedPhase, ...]:
        """Every watched phase, in the order asked; a limit is a share of the area of all bands."""
        return tuple(self._watched(phase) for phase in phases)

    def _watched(self, phase: Phase) -> WatchedPhase:
        for entry in self.judged:
            found = entry.phase
            if found.name == phase.name:
                return WatchedPhase(phase.name, found.verdict, found.confidence, self._limit_of_found(entry))
        rival_of = next((entry for entry in self.judged if phase.name in dict(entry.rivals)), None)
        if rival_of is not None:
            base = self.search.without(self.hypothesis, self.hypothesis.place(rival_of.candidate))
            return WatchedPhase(phase.name, "indeterminate", rival_of.phase.confidence, self._limit(phase, base))
        confidence = self.dismissed[phase.name].confidence if phase.name in self.dismissed else 0.0
        return WatchedPhase(phase.name, "not_detected", confidence, self._limit(phase, self.hypothesis))

    def _limit_of_found(self, entry: Judged) -> UpperLimit | None:
        amount = entry.phase.band_fraction
        if amount is None or amount.su is None:
            return None
        quantile = NormalDist().inv_cdf(self.options.limit_level)
        return UpperLimit(min(amount.value + quantile * amount.su, 1.0), "band_fraction", self.options.limit_level)

    def _limit(self, phase: Phase, hypothesis: Hypothesis) -> UpperLimit | None:
        """The largest share of any variant that the spectrum allows beside the others; None without bands to see."""
        variants, _ = candidates_of([phase], self.search.pattern)
        shares = [self._share(variant.rows, hypothesis) for variant in variants]
        known = [share for share in shares if share is not None]
        return UpperLimit(max(known), "band_fraction", self.options.limit_level) if known else None

    def _share(self, rows: tuple[BandRow, ...], hypothesis: Hypothesis) -> float | None:
        """By a normal cut at zero, so that a negative estimate does not make a limit of nothing."""
        beside = self.search.with_member(hypothesis, Member(None, rows), free_sign=True)
        place = len(beside.members) - 1
        area, variance = float(beside.view.areas[place]), float(beside.view.area_covariance[place, place])
        others = float(sum(area for area in beside.view.areas[:-1] if area > 0.0))
        if variance <= 0.0:
            return None
        normal, su, level = NormalDist(), math.sqrt(variance), self.options.limit_level
        below = normal.cdf(-area / su)
        most = area + su * normal.inv_cdf(min(below + level * (1.0 - below), 1.0 - 1e-12))
        return min(most / (most + others), 1.0) if others > 0.0 else 1.0
