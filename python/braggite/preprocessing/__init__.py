"""Spectrum in, new Spectrum out, its history one step longer."""

from __future__ import annotations

from braggite.preprocessing.background import Background, estimate_background, subtract_background

__all__ = ["Background", "estimate_background", "subtract_background"]
