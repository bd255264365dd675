"""What is said of the phases the user asked about: verdict, confidence, and how much may be there."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, TypeAlias

from braggite import _core
from braggite.errors import LibraryError
from braggite.identification.report import CountingTime, UpperLimit, WatchedPhase
from braggite.matching.phases import match_phase, structure_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.identification.judgement import Judgement
    from braggite.identification.options import IdentifyOptions
    from braggite.identification.report import PhaseEvidence
    from braggite.identification.watch_auto import CouldForm
    from braggite.matching.pattern import EnginePattern
    from braggite.references import Phase
    from braggite.values import Value

_Bounded: TypeAlias = tuple[UpperLimit | None, CountingTime | None]
_CONDITIONAL_GRADES = ("D", "E")
"""References whose lines nobody has measured well: a limit holds if the reference does."""
_DOUBTFUL_CELL_TOLERANCE = 0.01
_INTENSITY_SD = {"measured": 0.1, "doubtful": 0.2}
"""Relative standard deviation of a line's intensity about the reference's: grains, displacements, and the reference."""


@dataclass(frozen=True, slots=True)
class Watch:
    """The pattern, what a search found in it and what was made of that."""

    pattern: EnginePattern
    found: _core.IdentificationView
    judgement: Judgement
    options: IdentifyOptions

    def all(self, phases: Sequence[Phase]) -> tuple[WatchedPhase, ...]:
        """Every watched phase, in the order asked."""
        return tuple(self._watched(phase) for phase in phases)

    def system(self, system: CouldForm, asked: set[str]) -> tuple[WatchedPhase, ...]:
        """Every phase that could have formed but those ``asked`` for by name, with what it stands for."""
        return tuple(
            replace(self._watched(phase), stands_for=system.stands_for[phase.name])
            for phase in system.phases
            if phase.name not in asked
        )

    def _watched(self, phase: Phase) -> WatchedPhase:
        for entry in self.judgement.phases:
            if entry.name == phase.name:
                return WatchedPhase(phase.name, entry.verdict, entry.confidence, *self._limit_of_found(entry))
        for entry in self.judgement.phases:
            if phase.name in entry.rivals:
                limit = self._limit(phase, (phase.name, entry.name))
                return WatchedPhase(phase.name, "indeterminate", entry.confidence, *limit)
        dismissed = self.judgement.dismissed.get(phase.name)
        confidence = 0.0 if dismissed is None else dismissed.confidence
        return WatchedPhase(phase.name, "not_detected", confidence, *self._limit(phase, (phase.name,)))

    def _limit_of_found(self, phase: PhaseEvidence) -> _Bounded:
        amount = phase.weight_fraction
        if amount is None or amount.su is None:
            return None, None
        quantile = NormalDist().inv_cdf(self.options.limit_level)
        most = max((amount.value, *(phase.weight_fraction_range or ())))
        conditional = phase.evidence_grade in _CONDITIONAL_GRADES
        limit = UpperLimit(
            min(most + quantile * amount.su, 1.0),
            level=self.options.limit_level,
            basis=phase.basis,
            conditional=conditional,
        )
        return limit, self._time_of_found(most, quantile, amount)

    def _time_of_found(self, most: float, quantile: float, amount: Value) -> CountingTime | None:
        """The amount stays; of its variance the counting part falls with the time."""
        if self.options.reach is None or amount.su is None:
            return None
        counting = min(amount.su_counting or 0.0, amount.su) ** 2
        lasting = amount.su**2 - counting
        wanted = max((self.options.reach - most) / quantile, 0.0) ** 2
        factor = counting / (wanted - lasting) if wanted > lasting else None
        return self._time(factor, min(most + quantile * math.sqrt(lasting), 1.0))

    def _limit(self, phase: Phase, without: tuple[str, ...]) -> _Bounded:
        """The most that may be there of a phase beside the others; None where nothing else is there to weigh it by."""
        members = self.judgement.members
        leaving = [i for i, name in enumerate(members) if name in without]
        if len(leaving) == len(members) or phase.structure is None:
            return None, None
        conditional = structure_of(phase).evidence_grade in _CONDITIONAL_GRADES
        tolerance = _DOUBTFUL_CELL_TOLERANCE if conditional else None
        wavelength, measured = self.pattern.radiation.wavelength_angstrom, self.pattern.range_deg
        try:
            view = match_phase(phase, wavelength, measured, cell_tolerance=tolerance)
        except LibraryError:
            return None, None
        value, longer = _core.upper_limit(
            self.found,
            view,
            leaving,
            self.pattern.prior,
            rise=NormalDist().inv_cdf(self.options.limit_level) ** 2,
            decoys=self.options.decoys,
            intensity_sd=_INTENSITY_SD["doubtful" if conditional else "measured"],
            reach=self.options.reach,
        )
        limit = UpperLimit(value, level=self.options.limit_level, conditional=conditional)
        return limit, None if longer is None else self._time(*longer)

    def _time(self, factor: float | None, floor: float) -> CountingTime | None:
        if self.options.reach is None:
            return None
        if factor is None:
            return CountingTime(self.options.reach, None, floor)
        factor, dwell = max(factor, 1.0), self.pattern.spectrum.metadata.get("dwell_s")
        seconds = factor * dwell if isinstance(dwell, int | float) and dwell > 0.0 else None
        return CountingTime(self.options.reach, factor, floor, seconds)
