"""How many true phases are called present, by how clearly the pattern shows them, and how many so called are there."""

from __future__ import annotations

from typing import Any

from validation.scoring import Aim

BINS = ((5.0, 10.0, None), (10.0, 30.0, 0.95), (30.0, float("inf"), 0.98))
"""Significance of a phase if everything else were known, from and below, and the share that should be found."""
MEASURED_WEIGHT_FRACTION = 0.05
MEASURED_AIM = 0.95
PRECISION_AIM = 0.97
SIMULATOR = "amount over its standard deviation if everything else were known, stated by the separate simulator"


def aims(rows: list[dict[str, Any]]) -> list[Aim]:
    """Aims on all scans whose labels are not in doubt; look-alikes of a true phase answer to its name."""
    scored = [row for row in rows if not row["doubtful"]]
    phases = [phase for row in scored for phase in row["phases"]]
    measured = [phase for phase in phases if phase["significance"] is None]
    major = [phase for phase in measured if round(phase["weight_fraction"], 3) >= MEASURED_WEIGHT_FRACTION]
    called = sum(row["n_present"] for row in scored)
    false = sum(len(row["false_present"]) for row in scored)
    precision = 1.0 - false / called if called else None
    return [
        *(
            Aim("simulated", f"found, significance {_range(low, high)}", found(inside), aim, True, SIMULATOR)
            for low, high, aim in BINS
            if aim is not None
            for inside in [within(phases, low, high)]
        ),
        Aim("measured", "found, from 5 wt%", found(major), MEASURED_AIM, True, "labels of S04 and S05"),
        Aim("all", "of those called present are there", precision, PRECISION_AIM, True, "labels and simulators"),
    ]


def table(rows: list[dict[str, Any]]) -> list[tuple[str, int, float | None]]:
    """Range of significance, number of true phases, share called present."""
    phases = [phase for row in rows if not row["doubtful"] for phase in row["phases"]]
    return [
        (_range(low, high), len(within(phases, low, high)), found(within(phases, low, high))) for low, high, _ in BINS
    ]


def within(phases: list[dict[str, Any]], low: float, high: float) -> list[dict[str, Any]]:
    """Those of known significance in a range."""
    return [phase for phase in phases if phase["significance"] is not None and low <= phase["significance"] < high]


def found(phases: list[dict[str, Any]]) -> float | None:
    """Share called present, by themselves or as one that has nearly the same lines."""
    return sum(phase["group_present"] for phase in phases) / len(phases) if phases else None


def _range(low: float, high: float) -> str:
    return f"above {low:g}" if high == float("inf") else f"{low:g} to {high:g}"
