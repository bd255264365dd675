"""Files in, spectra out, and back: dispatch by evidence, one reader a format."""

from __future__ import annotations

from braggite.formats.describe import describe
from braggite.formats.reading import read, read_all
from braggite.formats.write import write

__all__ = ["describe", "read", "read_all", "write"]
