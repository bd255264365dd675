"""Which phases are in the sample: search, evidence, verdicts."""

from __future__ import annotations

from braggite.identification.identify import identify
from braggite.identification.options import IdentifyOptions
from braggite.identification.report import CountingTime, Evidence, PhaseEvidence, PhaseReport, UpperLimit, WatchedPhase

__all__ = [
    "CountingTime",
    "Evidence",
    "IdentifyOptions",
    "PhaseEvidence",
    "PhaseReport",
    "UpperLimit",
    "WatchedPhase",
    "identify",
]
