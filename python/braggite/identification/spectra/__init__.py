"""Which reference a whole spectrum resembles most."""

from __future__ import annotations

from braggite.identification.spectra.reference_shelf import ReferenceShelf
from braggite.identification.spectra.result import SpectrumHit, SpectrumSearch
from braggite.identification.spectra.search import search_spectra

__all__ = ["ReferenceShelf", "SpectrumHit", "SpectrumSearch", "search_spectra"]
