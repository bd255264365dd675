"""Braggite: which phases are in the sample, from powder XRD, Raman, FT-IR and XPS."""

from __future__ import annotations

from braggite._core import __version__
from braggite.diagnostics import Diagnostic
from braggite.errors import BraggiteError, InternalError, InvalidSpectrum, LibraryError, OptionError, UnknownFormat
from braggite.formats import read, write
from braggite.peaks import Peak, PeakList, estimate_fwhm, find_peaks
from braggite.preprocessing import Background, estimate_background, subtract_background
from braggite.references import Cell, Phase, ReferenceLibrary
from braggite.spectrum import Instrument, Radiation, Spectrum, Step

__all__ = [
    "Background",
    "BraggiteError",
    "Cell",
    "Diagnostic",
    "Instrument",
    "InternalError",
    "InvalidSpectrum",
    "LibraryError",
    "OptionError",
    "Peak",
    "PeakList",
    "Phase",
    "Radiation",
    "ReferenceLibrary",
    "Spectrum",
    "Step",
    "UnknownFormat",
    "__version__",
    "estimate_background",
    "estimate_fwhm",
    "find_peaks",
    "read",
    "subtract_background",
    "write",
]
