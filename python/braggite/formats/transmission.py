"""The transmission of an electron analyser that a file stores beside its ordinates: they are divided by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from braggite.diagnostics import Diagnostic

if TYPE_CHECKING:
    from braggite.arrays import FloatArray


def called_transmission(label: str) -> bool:
    """Whether a column of a photoelectron spectrum is named so."""
    return "transmission" in label.lower()


def usable_transmission(values: FloatArray, where: str) -> tuple[FloatArray | None, list[Diagnostic]]:
    """(n,) values to divide by, with a diagnostic; None where they are all 1, or not positive (which is said)."""
    low, high = float(values.min()), float(values.max())
    if low <= 0:
        return None, [Diagnostic.of("transmission_unusable", where=where, value=low)]
    if low == high == 1.0:
        return None, []
    return values, [Diagnostic.of("transmission_divided", where=where, value=[low, high])]
