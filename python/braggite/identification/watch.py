"""What is said of the phases the user asked about: verdict, confidence, and how much may be there."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

from braggite import _core
from braggite.errors import LibraryError
from braggite.identification.report import UpperLimit, WatchedPhase
from braggite.matching.phases import match_phase, structure_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.identification.judgement import Judgement
    from braggite.identification.options import IdentifyOptions
    from braggite.identification.report import PhaseEvidence
    from braggite.matching.pattern import EnginePattern
    from braggite.references import Phase

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

    def _watched(self, phase: Phase) -> WatchedPhase:
        for entry in self.judgement.phases:
            if entry.name == phase.name:
                return WatchedPhase(phase.name, entry.verdict, entry.confidence, self._limit_of_found(entry))
        for entry in self.judgement.phases:
            if phase.name in entry.rivals:
                limit = self._limit(phase, (phase.name, entry.name))
                return WatchedPhase(phase.name, "indeterminate", entry.confidence, limit)
        dismissed = self.judgement.dismissed.get(phase.name)
        confidence = 0.0 if dismissed is None else dismissed.confidence
        return WatchedPhase(phase.name, "not_detected", confidence, self._limit(phase, (phase.name,)))

    def _limit_of_found(self, phase: PhaseEvidence) -> UpperLimit | None:
        amount = phase.weight_fraction
        if amount is None or amount.su is None:
            return None
        quantile = NormalDist().inv_cdf(self.options.limit_level)
        most = max((amount.value, *(phase.weight_fraction_range or ())))
        conditional = phase.evidence_grade in _CONDITIONAL_GRADES
        value = min(most + quantile * amount.su, 1.0)
        return UpperLimit(value, level=self.options.limit_level, basis=phase.basis, conditional=conditional)

    def _limit(self, phase: Phase, without: tuple[str, ...]) -> UpperLimit | None:
        """The most that may be there of a phase beside the others; None where nothing else is there to weigh it by."""
        members = self.judgement.members
        leaving = [i for i, name in enumerate(members) if name in without]
        if len(leaving) == len(members) or phase.structure is None:
            return None
        conditional = structure_of(phase).evidence_grade in _CONDITIONAL_GRADES
        tolerance = _DOUBTFUL_CELL_TOLERANCE if conditional else None
        wavelength, measured = self.pattern.radiation.wavelength_angstrom, self.pattern.range_deg
        try:
            view = match_phase(phase, wavelength, measured, cell_tolerance=tolerance)
        except LibraryError:
            return None
        value, _, _ = _core.upper_limit(
            self.found,
            view,
            leaving,
            self.pattern.prior,
            rise=NormalDist().inv_cdf(self.options.limit_level) ** 2,
            decoys=self.options.decoys,
            intensity_sd=_INTENSITY_SD["doubtful" if conditional else "measured"],
        )
        return UpperLimit(value, level=self.options.limit_level, conditional=conditional)
