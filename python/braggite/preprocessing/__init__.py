"""Spectrum in, new Spectrum out, its history one step longer."""

from __future__ import annotations

from braggite.preprocessing.background import Background, estimate_background, subtract_background
from braggite.preprocessing.blank import subtract_blank
from braggite.preprocessing.despike import Despiked, despike, despike_replicates
from braggite.preprocessing.smooth import smooth

__all__ = [
    "Background",
    "Despiked",
    "despike",
    "despike_replicates",
    "estimate_background",
    "smooth",
    "subtract_background",
    "subtract_blank",
]
