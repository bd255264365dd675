"""One scan identified and compared with the truth; the figures of a table."""

from __future__ import annotations

import statistics
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import braggite as bg
from validation.references import library, look_alikes

if TYPE_CHECKING:
    from validation.samples import Sample, Table, TruePhase

MAJOR_WEIGHT_FRACTION = 0.10


def score(sample: Sample) -> dict[str, Any]:
    """The row of one scan; a failure is a row too, with every phase missed."""
    try:
        scan = bg.read(sample.path)
        candidates = library().filter(elements=sample.elements)
        start = time.perf_counter()
        report = bg.identify(scan, library=candidates)
        seconds = time.perf_counter() - start
    except Exception:
        return row(sample, (), seconds=None, rwp=None, considered=0, error=traceback.format_exc(limit=-3))
    fits = [fit.statistics.rwp_percent for fit in report.fits if fit is not None]
    return row(
        sample,
        report.phases,
        seconds=seconds,
        rwp=fits[0] if fits else None,
        considered=report.candidates.considered,
        error=None,
    ) | {"limits": limits(sample, scan, candidates)}


def limits(sample: Sample, scan: bg.Spectrum, candidates: bg.ReferenceLibrary) -> list[dict[str, Any]]:
    """The upper limit of every true phase and of those a laboratory would watch for; where these are known."""
    if not sample.absent:
        return []
    true = {library()[phase.accepted[0]].name: phase.weight_fraction for phase in sample.phases}
    watched = dict.fromkeys([*true, *(library()[slug].name for slug in sample.absent if slug in library())])
    report = bg.identify(scan, library=candidates, watch=[library()[name] for name in watched])
    return [
        {"name": entry.name, "weight_fraction": true.get(entry.name, 0.0), "limit": entry.upper_limit.value}
        for entry in report.watched
        if entry.upper_limit is not None
    ]


def row(
    sample: Sample,
    reported: tuple[bg.PhaseEvidence, ...],
    *,
    seconds: float | None,
    rwp: float | None,
    considered: int,
    error: str | None,
) -> dict[str, Any]:
    """What was reported for a sample, against what is in it."""
    accepted = {phase.label: {library()[slug].name for slug in phase.accepted} for phase in sample.phases}
    true_names = set().union(*accepted.values())
    false = [phase for phase in reported if phase.name not in true_names]
    return {
        "file": sample.path.name,
        "elements": sample.elements,
        "doubtful": sample.doubtful,
        "phases": [_phase(phase, accepted[phase.label], reported) for phase in sample.phases],
        "n_present": sum(phase.verdict == "present" for phase in reported),
        "false_present": [_named(phase) for phase in false if phase.verdict == "present"],
        "false_possible": [_named(phase) for phase in false if phase.verdict == "possible"],
        "candidates": considered,
        "rwp_percent": rwp,
        "seconds": seconds,
        "error": error,
    }


def _phase(phase: TruePhase, names: set[str], reported: tuple[bg.PhaseEvidence, ...]) -> dict[str, Any]:
    """Verdict and amount of one true phase; a phase that is only another one's rival is named, not found."""
    own = [entry for entry in reported if entry.name in names]
    verdicts = {entry.verdict for entry in own}
    rival_of = [entry.name for entry in reported if entry not in own and names & set(entry.rivals)]
    weights = [entry.weight_fraction.value for entry in own if entry.weight_fraction is not None]
    group = frozenset().union(*map(look_alikes, names))
    return {
        "label": phase.label,
        "weight_fraction": phase.weight_fraction,
        "verdict": "present" if "present" in verdicts else "possible" if verdicts else "missed",
        "names": [entry.name for entry in own],
        "found_weight_fraction": sum(weights) if weights else None,
        "rival_of": rival_of,
        "significance": phase.significance,
        "group_present": any(entry.verdict == "present" and entry.name in group for entry in reported),
    }


def _named(phase: bg.PhaseEvidence) -> dict[str, Any]:
    weight = phase.weight_fraction
    return {"name": phase.name, "weight_fraction": None if weight is None else weight.value}


@dataclass(frozen=True, slots=True)
class Aim:
    """A figure, what it should reach, and against whose truth; ``at_least`` or the figure must stay at or below."""

    table: str
    what: str
    figure: float | None
    aim: float
    at_least: bool
    referent: str

    def to_dict(self) -> dict[str, Any]:
        """Plain types, with the verdict."""
        passed = self.figure is not None and (self.figure >= self.aim if self.at_least else self.figure <= self.aim)
        return {
            "table": self.table,
            "what": self.what,
            "figure": self.figure,
            "aim": self.aim,
            "sense": ">=" if self.at_least else "<=",
            "referent": self.referent,
            "passed": passed,
        }


def aims(table: Table, rows: list[dict[str, Any]]) -> list[Aim]:
    """The aims of one table, on the scans whose labels are not in doubt."""
    scored = [row for row in rows if not row["doubtful"]]
    majors = [[phase for phase in row["phases"] if _is_major(phase)] for row in scored]
    complete = _mean([all(phase["verdict"] == "present" for phase in phases) for phases in majors])
    false = _mean([len(row["false_present"]) for row in scored])
    seconds = [row["seconds"] for row in scored if row["seconds"] is not None]
    found = [
        Aim(table.name, "scans with every major phase present", complete, 0.9, True, table.referent),
        Aim(table.name, "false phases called present, per scan", false, 0.2, False, table.referent),
        Aim(table.name, "median seconds per scan", _median(seconds), 1.0, False, "wall clock, one thread"),
    ]
    if table.weighed:
        found.append(Aim(table.name, "mean weight error, wt%", weight_error(scored), 5.0, False, table.referent))
    return found


def further_figures(rows: list[dict[str, Any]]) -> dict[str, float | None]:
    """What else one wants to know about a table; nothing here is aimed at."""
    scored = [row for row in rows if not row["doubtful"]]
    majors = [phase for row in scored for phase in row["phases"] if _is_major(phase)]
    traces = [phase for row in scored for phase in row["phases"] if not _is_major(phase)]
    seconds = [row["seconds"] for row in scored if row["seconds"] is not None]
    return {
        "scans": float(len(scored)),
        "majors_present": _mean([phase["verdict"] == "present" for phase in majors]),
        "majors_present_or_possible": _mean([phase["verdict"] != "missed" for phase in majors]),
        "majors_present_possible_or_rival": _mean(
            [phase["verdict"] != "missed" or bool(phase["rival_of"]) for phase in majors]
        ),
        "traces_present_or_possible": _mean([phase["verdict"] != "missed" for phase in traces]),
        "false_possible_per_scan": _mean([len(row["false_possible"]) for row in scored]),
        "weight_error_percent": weight_error(scored),
        "weight_error_of_found_percent": weight_error(scored, missed=False),
        "candidates_median": _median([row["candidates"] for row in scored]),
        "seconds_median": _median(seconds),
        "seconds_max": max(seconds, default=None),
    }


def weight_error(rows: list[dict[str, Any]], *, missed: bool = True) -> float | None:
    """Mean |found - true| in wt% over all true phases; a missed one counts as found with nothing, or is left out."""
    return _mean(
        [
            100 * abs((phase["found_weight_fraction"] or 0.0) - phase["weight_fraction"])
            for row in rows
            for phase in row["phases"]
            if missed or phase["found_weight_fraction"] is not None
        ]
    )


def _is_major(phase: dict[str, Any]) -> bool:
    return round(phase["weight_fraction"], 3) >= MAJOR_WEIGHT_FRACTION


def _mean(values: list[Any]) -> float | None:
    return statistics.fmean(values) if values else None


def _median(values: list[Any]) -> float | None:
    return float(statistics.median(values)) if values else None
