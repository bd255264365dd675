"""One scan of a series, read or refused, at its value of the variable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from braggite.errors import BraggiteError
    from braggite.spectrum import Spectrum


@dataclass(frozen=True, slots=True)
class Scan:
    """A file of the series: ``spectrum`` where it was read, else the ``error`` that says why not."""

    label: str
    value: float
    spectrum: Spectrum | None = None
    error: BraggiteError | None = None
