"""Rows of numbers whose columns a format fixes: every row of the same length, every value finite."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.arrays import FloatArray

NumberedLine = tuple[int, str]


def rows(lines: Sequence[NumberedLine], columns: Sequence[int], where: str, separator: str | None = None) -> FloatArray:
    """(rows, columns) values of the chosen columns of numbered lines.

    Raises
    ------
    InvalidSpectrum
        A missing column or a value that is no finite number; the line is named.
    """
    values = np.empty((len(lines), len(columns)))
    for row, (number, text) in enumerate(lines):
        fields = text.split(separator)
        for column, index in enumerate(columns):
            field = fields[index].strip() if index < len(fields) else ""
            value = _number(field)
            if value is None:
                raise InvalidSpectrum(
                    f"{field[:40]!r} is not a number (row {text[:60]!r})",
                    where=f"{where}:{number}",
                    suggestion="the file is probably truncated or damaged; export it again",
                )
            values[row, column] = value
    return values


def _number(field: str) -> float | None:
    try:
        value = float(field)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in field else None


def stated_number(text: str) -> float | None:
    """The number at the beginning of a header value (``20.0 eV``); None where there is none."""
    words = text.split()
    return _number(words[0].rstrip(",;")) if words else None


def without_cut_row(
    lines: list[NumberedLine], content: bytes, where: str
) -> tuple[list[NumberedLine], list[Diagnostic]]:
    """The rows, without the last one (and then a diagnostic) where the file may end inside it.

    A row is whole where a line end follows it, or where all rows have one length.
    """
    if content.rstrip(b"\x1a\0 \t").endswith((b"\n", b"\r")) or not lines:
        return lines, []
    if len(lines) > 2 and len({len(text) for _, text in lines}) == 1:
        return lines, []
    return lines[:-1], [Diagnostic.of("last_row_dropped", where=f"{where}:{lines[-1][0]}")]
