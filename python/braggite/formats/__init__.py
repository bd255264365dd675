"""Files in, spectra out, and back: dispatch by evidence, one reader a format."""

from __future__ import annotations

from braggite.formats.reading import read

__all__ = ["read"]
