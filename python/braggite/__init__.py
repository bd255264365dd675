"""Braggite: which phases are in the sample, from powder XRD, Raman, FT-IR and XPS."""

from __future__ import annotations

from braggite._core import __version__
from braggite.calibration import Calibration, InstrumentProfile, Standard, calibrate
from braggite.diagnostics import Diagnostic
from braggite.errors import BraggiteError, InternalError, InvalidSpectrum, LibraryError, OptionError, UnknownFormat
from braggite.formats import read, read_all, write
from braggite.identification import (
    Evidence,
    IdentifyOptions,
    PhaseEvidence,
    PhaseReport,
    UpperLimit,
    WatchedPhase,
    identify,
)
from braggite.lineshapes import lmfit_model
from braggite.matching import (
    FigureOfMerit,
    FittedPeak,
    LineMatch,
    MatchedLine,
    MatchOptions,
    MatchResult,
    Microstructure,
    PeakFit,
    PeakSpec,
    PhaseLines,
    Tie,
    doublet,
    emission_lines,
    fit_peaks,
    match_direct_derivation,
    match_lebail,
    match_lines,
    match_pawley,
    match_structure,
)
from braggite.peaks import Peak, PeakList, estimate_fwhm, find_peaks
from braggite.preprocessing import (
    Background,
    Despiked,
    despike,
    despike_replicates,
    estimate_background,
    smooth,
    subtract_background,
)
from braggite.references import Cell, Phase, ReferenceLibrary, reference_intensity_ratio
from braggite.spectrum import Instrument, Radiation, Spectrum, Step
from braggite.values import Value

__all__ = [
    "Background",
    "BraggiteError",
    "Calibration",
    "Cell",
    "Despiked",
    "Diagnostic",
    "Evidence",
    "FigureOfMerit",
    "FittedPeak",
    "IdentifyOptions",
    "Instrument",
    "InstrumentProfile",
    "InternalError",
    "InvalidSpectrum",
    "LibraryError",
    "LineMatch",
    "MatchOptions",
    "MatchResult",
    "MatchedLine",
    "Microstructure",
    "OptionError",
    "Peak",
    "PeakFit",
    "PeakList",
    "PeakSpec",
    "Phase",
    "PhaseEvidence",
    "PhaseLines",
    "PhaseReport",
    "Radiation",
    "ReferenceLibrary",
    "Spectrum",
    "Standard",
    "Step",
    "Tie",
    "UnknownFormat",
    "UpperLimit",
    "Value",
    "WatchedPhase",
    "__version__",
    "calibrate",
    "despike",
    "despike_replicates",
    "doublet",
    "emission_lines",
    "estimate_background",
    "estimate_fwhm",
    "find_peaks",
    "fit_peaks",
    "identify",
    "lmfit_model",
    "match_direct_derivation",
    "match_lebail",
    "match_lines",
    "match_pawley",
    "match_structure",
    "read",
    "read_all",
    "reference_intensity_ratio",
    "smooth",
    "subtract_background",
    "write",
]
