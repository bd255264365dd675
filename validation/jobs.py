"""The jobs of a ceramics laboratory, one line each: right phases, error of fractions, limits."""

from __future__ import annotations

import statistics
from typing import Any

from validation.markdown import head, line, number
from validation.scoring import weight_error

HEAD = """
## The laboratory's jobs

By job of the separate simulator, from the scans below. A scan is *right* where every phase is called present, by itself
or as one of nearly the same lines, and nothing else is. *Seen* are phases whose significance, everything else known, is
at least 10. Limits: of each true phase, whether its fraction lies below; of the phases that a laboratory would watch
for and that are not there, the median limit.

"""
COLUMNS = (
    "job", "scans", "right", "phases", "called present", "seen", "of these present", "false present",
    "mean error of found, wt%", "limits of true phases that hold", "median limit of absent, wt%",
)  # fmt: skip
SEEN = 10.0


def figures(rows: list[dict[str, Any]]) -> dict[str, float | None]:
    """What one job reaches, by the names of :data:`COLUMNS`."""
    phases = [phase for row in rows for phase in row["phases"]]
    seen = [phase for phase in phases if (phase["significance"] or 0.0) >= SEEN]
    right = [not row["false_present"] and all(phase["group_present"] for phase in row["phases"]) for row in rows]
    limits = [entry for row in rows for entry in row.get("limits", ())]
    there = [entry["weight_fraction"] <= entry["limit"] for entry in limits if entry["weight_fraction"] > 0.0]
    absent = [100.0 * entry["limit"] for entry in limits if not entry["weight_fraction"] > 0.0]
    return {
        "scans": len(rows),
        "right": _share(right),
        "phases": len(phases),
        "called present": _share([phase["group_present"] for phase in phases]),
        "seen": len(seen),
        "of these present": _share([phase["group_present"] for phase in seen]),
        "false present": sum(len(row["false_present"]) for row in rows),
        "mean error of found, wt%": weight_error(rows, missed=False),
        "limits of true phases that hold": _share(there),
        "median limit of absent, wt%": statistics.median(absent) if absent else None,
    }


def section(tables: list[dict[str, Any]]) -> str:
    """The jobs as a section of the page."""
    jobs = [table for table in tables if table["name"].startswith("J")]
    text = HEAD + head(COLUMNS)
    for table in sorted(jobs, key=lambda table: table["name"]):
        reached = figures(table["rows"])
        text += line(table["name"], *(number(reached[column]) for column in COLUMNS[1:]))
    return text


def _share(values: list[bool]) -> float | None:
    return statistics.fmean(values) if values else None
