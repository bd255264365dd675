"""Which phases are in the sample: search, evidence, verdicts."""

from __future__ import annotations

from braggite.identification.identify import identify
from braggite.identification.options import IdentifyOptions
from braggite.identification.report import CountingTime, Evidence, PhaseEvidence, PhaseReport, UpperLimit, WatchedPhase
from braggite.identification.spectra import ReferenceShelf, SpectrumHit, SpectrumSearch, search_spectra

__all__ = [
    "CountingTime",
    "Evidence",
    "IdentifyOptions",
    "PhaseEvidence",
    "PhaseReport",
    "ReferenceShelf",
    "SpectrumHit",
    "SpectrumSearch",
    "UpperLimit",
    "WatchedPhase",
    "identify",
    "search_spectra",
]
