"""Identification by bands: Raman and infrared."""

from __future__ import annotations

from braggite.identification.bands.identify import identify_bands

__all__ = ["identify_bands"]
