"""Spectrum in, new Spectrum out, its history one step longer."""

from __future__ import annotations

from braggite.preprocessing.atmosphere import compensate_atmosphere
from braggite.preprocessing.attenuated_reflection import correct_atr
from braggite.preprocessing.background import Background, estimate_background, subtract_background
from braggite.preprocessing.blank import subtract_blank
from braggite.preprocessing.despike import Despiked, despike, despike_replicates
from braggite.preprocessing.normalise import normalise
from braggite.preprocessing.ordinates import kubelka_munk, to_absorbance, to_transmittance
from braggite.preprocessing.ranges import exclude_range
from braggite.preprocessing.smooth import smooth

__all__ = [
    "Background",
    "Despiked",
    "compensate_atmosphere",
    "correct_atr",
    "despike",
    "despike_replicates",
    "estimate_background",
    "exclude_range",
    "kubelka_munk",
    "normalise",
    "smooth",
    "subtract_background",
    "subtract_blank",
    "to_absorbance",
    "to_transmittance",
]
