"""Whole-pattern matching: the engine's Python face."""

from __future__ import annotations

from braggite.matching.band_match import BandFit, BandMatch, FittedBand
from braggite.matching.band_options import BandOptions
from braggite.matching.direct_derivation import match_direct_derivation
from braggite.matching.free_strengths import match_lebail, match_pawley
from braggite.matching.line_results import FigureOfMerit, LineMatch, MatchedLine, PhaseLines
from braggite.matching.lines import match_lines
from braggite.matching.microstructure import Microstructure
from braggite.matching.options import MatchOptions
from braggite.matching.peak_fitting import fit_peaks
from braggite.matching.peak_results import FittedPeak, PeakFit
from braggite.matching.peak_spec import PeakSpec, Tie, doublet, emission_lines
from braggite.matching.results import MatchResult
from braggite.matching.structure import match_structure

__all__ = [
    "BandFit",
    "BandMatch",
    "BandOptions",
    "FigureOfMerit",
    "FittedBand",
    "FittedPeak",
    "LineMatch",
    "MatchOptions",
    "MatchResult",
    "MatchedLine",
    "Microstructure",
    "PeakFit",
    "PeakSpec",
    "PhaseLines",
    "Tie",
    "doublet",
    "emission_lines",
    "fit_peaks",
    "match_direct_derivation",
    "match_lebail",
    "match_lines",
    "match_pawley",
    "match_structure",
]
