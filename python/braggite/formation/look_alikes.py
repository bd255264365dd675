"""The phases of a series: found in any of its scans, look-alikes that take turns counted as one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from braggite.references import ReferenceLibrary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.identification.options import IdentifyOptions
    from braggite.identification.report import PhaseEvidence, PhaseReport
    from braggite.references import Phase


@dataclass(frozen=True, slots=True)
class Shared:
    """Which phases every scan is measured for.

    Attributes
    ----------
    library : phases found in some scan, the candidates of every scan
    only_watched : asked about and found nowhere: no candidates, limits only
    present : names of those that some scan shows by itself as present
    stands_for : name -> look-alikes set aside in its favour
    failed : candidates that could not be computed, with the reason
    """

    library: ReferenceLibrary
    only_watched: tuple[Phase, ...]
    present: frozenset[str]
    stands_for: dict[str, tuple[str, ...]] = field(default_factory=dict)
    failed: tuple[tuple[str, str], ...] = ()

    def account(self, candidates: ReferenceLibrary) -> dict[str, Any]:
        """Every candidate: found, set aside, failed, or seen in no scan."""
        found = set(self.library.names)
        aside = {name: leader for leader, names in self.stands_for.items() for name in names}
        failed = dict(self.failed)
        rejected = [
            {"name": name, "reason": f"stands behind {aside[name]}, which no scan tells from it"}
            if name in aside
            else {"name": name, "reason": "found in no scan"}
            for name in candidates.names
            if name not in found and name not in failed
        ]
        return {
            "considered": len(candidates),
            "found": sorted(found),
            "rejected": rejected,
            "failed": [{"name": name, "reason": reason} for name, reason in self.failed],
        }


def shared_phases(
    reports: Sequence[PhaseReport | None],
    library: ReferenceLibrary,
    watched: Sequence[Phase],
    options: IdentifyOptions,
) -> Shared:
    """The union of what the scans show, less the look-alikes.

    A phase found here and there is set aside for one found more often (or with more evidence) if every scan that
    shows it counts the other among its rivals. An internal standard is always a candidate.
    """
    usable = [report for report in reports if report is not None]
    found: dict[str, list[PhaseEvidence]] = {}
    for report in usable:
        for phase in report.phases:
            found.setdefault(phase.name, []).append(phase)
    ranked = sorted(found, key=lambda name: (-_times_present(found[name]), -_evidence(found[name]), name))
    leaders: list[str] = []
    stands_for: dict[str, tuple[str, ...]] = {}
    for name in ranked:
        leader = next((other for other in leaders if all(other in phase.rivals for phase in found[name])), None)
        if leader is None:
            leaders.append(name)
        else:
            stands_for[leader] = (*stands_for.get(leader, ()), name)
    asked = {phase.name: phase for phase in watched}
    known = {phase.name: phase for phase in library} | asked
    standard = options.match.internal_standard
    names = dict.fromkeys([*leaders, *([library[standard[0]].name] if standard is not None else [])])
    aside = {name for names in stands_for.values() for name in names}
    failed = dict(entry for report in usable for entry in report.candidates.failed)
    return Shared(
        library=ReferenceLibrary([known[name] for name in names], source=library.source),
        only_watched=tuple(asked[name] for name in asked if name not in names and name not in aside),
        present=frozenset(name for name in leaders if _times_present(found[name])),
        stands_for=stands_for,
        failed=tuple(failed.items()),
    )


def _times_present(entries: Sequence[PhaseEvidence]) -> int:
    return sum(entry.verdict == "present" for entry in entries)


def _evidence(entries: Sequence[PhaseEvidence]) -> float:
    return sum(evidence.log_evidence for entry in entries for evidence in entry.evidence)
