"""Header values and blocks of numbers inside text formats; every error names the line."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from braggite.errors import InvalidSpectrum, UnknownFormat
from braggite.formats.text_encoding import decode, is_binary, split_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.arrays import FloatArray

TRUNCATED = "the file is probably truncated; export or copy it again"
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?")


class Line(NamedTuple):
    """A line without its end, and its number from 1."""

    number: int
    text: str


def text_lines(content: bytes, where: str) -> tuple[list[Line], bool]:
    """All lines of a text file, and whether the last one was ended; ``UnknownFormat`` for a NUL byte."""
    if is_binary(content):
        raise UnknownFormat(
            "this is not text: a NUL byte stands in it",
            where=f"{where}: byte {content.index(0)}",
            suggestion="export a text file from the instrument's software",
        )
    lines, ended = split_lines(decode(content))
    return [Line(number, text) for number, text in enumerate(lines, start=1)], ended


def number(text: str, what: str, where: str) -> float:
    """The one finite number a header field holds."""
    plain = text.strip()
    value = float(plain.replace("D", "e").replace("d", "e")) if _NUMBER.fullmatch(plain) else math.nan
    if not math.isfinite(value):
        raise InvalidSpectrum(f"{what} is {plain[:40]!r}, not a number", where=where)
    return value


def optional_number(text: str | None, what: str, where: str) -> float | None:
    """As :func:`number`; None for a missing or empty field."""
    return number(text, what, where) if text is not None and text.strip() else None


def count(text: str, what: str, where: str) -> int:
    """A whole number that is not negative."""
    value = number(text, what, where)
    if value < 0 or value != int(value):
        raise InvalidSpectrum(f"{what} is {text.strip()[:40]!r}, not a count", where=where)
    return int(value)


def rows(lines: Sequence[Line], widths: tuple[int, ...], where: str, *, separator: str | None = None) -> FloatArray:
    """(n, width) rows of numbers, one a line; the width is one of ``widths`` and the same throughout."""
    kept = [line for line in lines if line.text.strip()]
    if not kept:
        raise InvalidSpectrum("no rows of numbers", where=where, suggestion=TRUNCATED)
    values = [_row(line, separator, where) for line in kept]
    width = len(values[0])
    for line, row in zip(kept, values, strict=True):
        if len(row) not in widths or len(row) != width:
            usual = width if width in widths else widths[0]
            raise InvalidSpectrum(
                f"{len(row)} columns, not {usual}: {line.text.strip()[:60]!r}",
                where=f"{where}:{line.number}",
                suggestion=TRUNCATED,
            )
    return np.array(values, dtype=np.float64)


def flat(lines: Sequence[Line], where: str, *, separator: str | None = None) -> FloatArray:
    """(n,) numbers, any number of them a line."""
    return np.array([value for line in lines for value in _row(line, separator, where)], dtype=np.float64)


def even_axis(start: float, step: float, n: int, where: str, *, stop: float | None = None) -> FloatArray:
    """(n,) positions from ``start``; ``InvalidSpectrum`` where ``n`` contradicts a stated ``stop`` or the step is 0."""
    if step == 0:
        raise InvalidSpectrum("the step is 0", where=where)
    declared = n if stop is None else (stop - start) / step + 1
    if not abs(declared) < 1e9 or round(declared) != n:
        raise InvalidSpectrum(
            f"start {start:g}, step {step:g}, stop {stop:g} make {declared:.6g} points, {n} stand here",
            where=where,
            suggestion=TRUNCATED,
        )
    return np.asarray(start + step * np.arange(n), dtype=np.float64)


def _row(line: Line, separator: str | None, where: str) -> list[float]:
    fields = line.text.split(separator)
    while fields and not fields[-1].strip():
        fields.pop()
    try:
        values = [float(field) for field in fields]
    except ValueError:
        values = []
    if len(values) < len(fields) or not all(map(math.isfinite, values)):
        bad = next((field for field in fields if not _NUMBER.fullmatch(field.strip())), line.text)
        raise InvalidSpectrum(
            f"{bad.strip()[:40]!r} is not a number (row {line.text.strip()[:60]!r})", where=f"{where}:{line.number}"
        )
    return values
