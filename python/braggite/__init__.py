"""Braggite: which phases are in the sample, from powder XRD, Raman, FT-IR and XPS."""

from __future__ import annotations

from braggite._core import __version__
from braggite.diagnostics import Diagnostic
from braggite.errors import BraggiteError, InternalError, InvalidSpectrum, LibraryError, OptionError, UnknownFormat
from braggite.spectrum import Instrument, Radiation, Spectrum, Step

__all__ = [
    "BraggiteError",
    "Diagnostic",
    "Instrument",
    "InternalError",
    "InvalidSpectrum",
    "LibraryError",
    "OptionError",
    "Radiation",
    "Spectrum",
    "Step",
    "UnknownFormat",
    "__version__",
]
