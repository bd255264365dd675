"""Verdicts on the phases of the best hypothesis, and the final match of those that stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from braggite.identification.belief import Dismissal
from braggite.identification.confidence import Traits, confidence
from braggite.identification.line_account import account_lines, explained_share, total_sigma
from braggite.identification.report import Evidence, PhaseEvidence
from braggite.matching.phases import structure_of
from braggite.matching.structure import fitted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite import _core
    from braggite.identification.line_account import LineAccount
    from braggite.identification.options import IdentifyOptions
    from braggite.matching.pattern import EnginePattern
    from braggite.matching.results import MatchResult
    from braggite.references import Phase


@dataclass(frozen=True, slots=True)
class Judgement:
    """The phases that are at least possible, their final match, and the doubts about the others.

    ``rivals`` holds, per phase, each rival with the log evidence it loses in its place; ``members`` the name of each
    member of the best hypothesis, whether it stands or not.
    """

    fit: MatchResult | None
    phases: tuple[PhaseEvidence, ...]
    rivals: dict[str, tuple[tuple[str, float], ...]]
    dismissed: dict[str, Dismissal]
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judge:
    """What verdicts rest on: the pattern, the candidates among how many considered, and what the search found."""

    pattern: EnginePattern
    spectrum: int
    candidates: Sequence[Phase]
    n_considered: int
    found: _core.IdentificationView
    options: IdentifyOptions

    def settle(self) -> Judgement:
        """Match the members of the best hypothesis, dismiss those that are not possible, match the rest again."""
        standing = list(range(len(self.found.members)))
        names = tuple(self._candidate(member).name for member in standing)
        dismissed: dict[str, Dismissal] = {}
        while standing:
            fit = self.match(standing)
            judged = [self._judge(fit, place, member) for place, member in enumerate(standing)]
            weak = [member for member, (phase, _) in zip(standing, judged, strict=True) if not self._possible(phase)]
            if not weak:
                phases = sorted((phase for phase, _ in judged), key=lambda phase: -phase.confidence)
                rivals = {self._candidate(member).name: self._rivals(member) for member in standing}
                return Judgement(fit, tuple(phases), rivals, dismissed, names)
            for phase, doubts in judged:
                if not self._possible(phase):
                    dismissed[phase.name] = Dismissal.of(phase.confidence, doubts)
            standing = [member for member in standing if member not in weak]
        return Judgement(None, (), {}, dismissed, names)

    def _possible(self, phase: PhaseEvidence) -> bool:
        return phase.confidence >= self.options.possible

    def _candidate(self, member: int) -> Phase:
        return self.candidates[self.found.members[member]]

    def _rivals(self, member: int) -> tuple[tuple[str, float], ...]:
        _, _, rivals = self.found.contributions[member]
        return tuple((self.candidates[i].name, fall) for i, fall in sorted(rivals, key=lambda rival: rival[1]))

    def match(self, standing: list[int]) -> MatchResult:
        """The final match of some members of the best hypothesis."""
        members = [self._candidate(member) for member in standing]
        views = self.found.phases
        return fitted(
            self.pattern,
            members,
            [views[i] for i in standing],
            self.options.match,
            state=self.found.state.keep(standing),
        )

    def shown(self, fit: MatchResult, place: int, member: int) -> tuple[Traits, LineAccount]:
        """What a member of the best hypothesis, in this place of a match, shows."""
        _, significance, _ = self.found.contributions[member]
        own, discrepancy = fit.phases[place], self.found.discrepancy
        account = account_lines(self.pattern, fit, own, total_sigma(self.pattern, fit, discrepancy))
        traits = Traits(
            significance=significance,
            without_strongest=significance * account.without_strongest,
            n_matched=len(account.matched),
            n_clear=len(account.matched) + len(account.missing) + len(account.wrong_intensity),
            explained_share=explained_share(fit),
            discrepancy=discrepancy,
            at_cell_bound=any(name.startswith(f"{own.name}.cell_change") for name in fit.at_bound),
            n_candidates=self.n_considered,
        )
        return traits, account

    def _judge(self, fit: MatchResult, place: int, member: int) -> tuple[PhaseEvidence, list[str]]:
        phase, own = self._candidate(member), fit.phases[place]
        traits, account = self.shown(fit, place, member)
        probability = confidence(traits)
        log_evidence, _, _ = self.found.contributions[member]
        evidence = Evidence(
            self.spectrum, "xrd", log_evidence, account.matched, account.missing, (), account.wrong_intensity
        )
        structure = structure_of(phase)
        entry = PhaseEvidence(
            name=phase.name,
            title=phase.title,
            formula=phase.formula,
            space_group=structure.space_group,
            verdict="present" if probability >= self.options.present else "possible",
            confidence=probability,
            weight_fraction=own.weight_fraction,
            weight_fraction_range=own.weight_fraction_range,
            basis=fit.basis,
            cell=own.cell,
            microstructure=own.microstructure,
            derived=own.derived,
            rivals=tuple(name for name, _ in self._rivals(member)),
            evidence=(evidence,),
            evidence_grade=phase.evidence_grade,
            caveat=phase.caveat,
            citation=str(phase.citation) if phase.citation else None,
            reference_cell=structure.cell.to_dict(),
        )
        return entry, traits.doubts()
