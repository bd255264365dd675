"""Rows of numbers in a text file: one separator and one decimal sign for all of it, no half rows."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from braggite._core import regular_rows
from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum, UnknownFormat
from braggite.formats.text_encoding import decode, split_lines

if TYPE_CHECKING:
    from braggite.arrays import FloatArray

COMMENT_LEADERS = ("#", "!", "'", '"', "/", ";", "*", "%", "$", "_", "<")
DECLARING_WIDTH = 1
"""Length of a first row that may declare the number of rows."""
MAX_HEADER_LINES = 10_000
"""More lines before the numbers are a log or a letter; instruments write some hundred."""
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?")
_MISSING = re.compile(r"[+-]?(?:nan|inf(?:inity)?|-{2,}|n/?a|null|none|1\.#\w+|#[\w!/]+|\*+)", re.IGNORECASE)
_QUOTED_THOUSANDS = re.compile(r'"\d{1,3}(?:,\d{3})+(?:\.\d*)?"')
_LINE = re.compile(r"[^\r\n]*(?:\r*\n|\r|\Z)")
_NUMERIC_LINE = re.compile(r"[\s\d.,;+\-eEdD\"]*\d[\s\d.,;+\-eEdD\"]*")


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of one file are written."""

    separator: str | None
    decimal_comma: bool

    def fields(self, line: str) -> list[str]:
        """The fields of a row, without quotes and trailing separators."""
        parts = line.split() if self.separator is None else line.split(self.separator)
        if self.separator == "\t":  # blanks beside tabs separate numbers too
            parts = [word for part in parts for word in (part.split() if _NUMERIC_LINE.fullmatch(part) else [part])]
        fields = [part.strip().strip('"').strip() for part in parts]
        while len(fields) > 1 and not fields[-1]:
            fields.pop()
        return fields

    def number(self, field: str) -> float | None:
        """The number a field holds; None when it holds none."""
        if self.decimal_comma:
            field = field.replace(",", ".")
        return float(field.replace("D", "e").replace("d", "e")) if _NUMBER.fullmatch(field) else None


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The rows of one text file.

    Attributes
    ----------
    header : comment and title lines, in their order
    columns : names of the columns, where the file gives one name a column
    rows : (rows, columns) values
    labels : text of a leading label column, one a row; empty without one
    """

    header: list[str]
    columns: list[str]
    rows: FloatArray
    labels: list[str]
    notes: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str


def read_table(content: bytes, where: str) -> Table:
    """The one table of a text file.

    Raises
    ------
    UnknownFormat
        No table of numbers, or thousands separators.
    InvalidSpectrum
        A row that is not numbers, a missing value, or rows of different length; the line is named.
    """
    text = decode(content)
    regular = _regular_table(text)
    if regular is not None:
        _require_short_header(regular.header, where)
        return regular
    lines, ended = split_lines(text)
    header, data = _separate(lines)
    _require_short_header(header, where)
    if not data:
        raise UnknownFormat("no rows of numbers", where=where, suggestion="export two columns: position and intensity")
    layout = _layout(data, where)
    rows, labels, notes = _rows(data, layout, where, ended=ended)
    rows = _without_declared_count(rows, data, where)
    width = len(rows[0])
    columns = _column_names(header, layout, width + bool(labels))
    return Table(header, columns[bool(labels) :], np.array(rows, dtype=np.float64), labels, tuple(notes))


def _require_short_header(header: list[str], where: str) -> None:
    if len(header) > MAX_HEADER_LINES:
        raise UnknownFormat(
            f"{len(header)} lines of text stand beside the rows of numbers; this is no table",
            where=where,
            suggestion="export two columns: position and intensity",
        )


def _regular_table(text: str) -> Table | None:
    """The table where everything after the header is whole rows of plain numbers, read at once; None otherwise.

    The slow way gives the same for such a text; it alone names faults.
    """
    header, start = _header_before_rows(text)
    block = text[start:]
    if not block.endswith(("\n", "\r")):
        return None
    separator = ";" if ";" in block else "," if "," in block else None
    decimal_comma = separator == ";" and "," in block
    if decimal_comma and "." in block:
        return None
    rows = regular_rows(block, separator, decimal_comma)
    if rows is None or rows[1] < 2:
        return None
    values, width, tabs = rows
    layout = Layout("\t" if separator is None and tabs else separator, decimal_comma)
    return Table(header, _column_names(header, layout, width), values.reshape(-1, width), [], ())


def _header_before_rows(text: str) -> tuple[list[str], int]:
    """Header lines, and where the first row of numbers begins."""
    header: list[str] = []
    in_block = False
    for match in _LINE.finditer(text):
        line = match[0].strip()
        if not in_block and line and not line.startswith("/*") and _is_row(line):
            return header, match.start()
        if line:
            in_block = (in_block or line.startswith("/*")) and "*/" not in line
            header.append(line)
    return header, len(text)


def _separate(lines: list[str]) -> tuple[list[str], list[_Line]]:
    """Header lines, and the lines from the first row of numbers on (comments between rows go to the header)."""
    header: list[str] = []
    data: list[_Line] = []
    in_block = False
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text:
            continue
        if in_block or text.startswith("/*"):
            in_block = "*/" not in text
            header.append(text)
        elif _is_row(text):
            data.append(_Line(number, text))
        elif text.startswith(COMMENT_LEADERS) or not data:
            header.append(text)
        elif (_is_title(text) or not re.search(r"[\s;,\d]", text)) and _are_settings(data):
            header += [line.text for line in data] + [text]
            data = []
        else:
            data.append(_Line(number, text))
    return header, data


def _is_title(text: str) -> bool:
    """Column names only: two or more fields, each with a letter, none a number or a missing value."""
    names = [name.strip() for name in re.split(r"[;,\t]", text.rstrip(";,\t "))]
    return len(names) > 1 and all(
        re.search(r"[^\W\d_]", name) and not _NUMBER.fullmatch(name) and not _MISSING.fullmatch(name) for name in names
    )


def _are_settings(data: list[_Line]) -> bool:
    """Lines like ``integration time;3000``: a name of its own before each number."""
    labels = [re.split(r"[;,\t]", line.text)[0].strip() for line in data]
    return len(set(labels)) == len(labels) and not any(_NUMBER.fullmatch(label) for label in labels)


def _is_row(text: str) -> bool:
    """Numbers only, or a short label and then numbers only."""
    if _NUMERIC_LINE.fullmatch(text):
        return True
    label, separator, rest = text.partition(";" if ";" in text else "\t" if "\t" in text else ",")
    labelled = bool(separator) and re.fullmatch(r"[A-Za-z][\w /().+-]{0,40}", label.strip()) is not None
    return labelled and re.search(r"\d", rest) is not None and _NUMERIC_LINE.fullmatch(rest.strip()) is not None


def _layout(data: list[_Line], where: str) -> Layout:
    """One separator and one decimal sign for the whole file; thousands separators are refused."""
    sample = "\n".join(line.text for line in data)
    separator = ";" if ";" in sample else "\t" if all("\t" in line.text for line in data) else None
    if separator is None and "," in sample:
        glued = all(
            len(parts) > 1 and all(re.fullmatch(r"[^,]+(?:,[^,]+)?", part) for part in parts)
            for parts in (line.text.split() for line in data)
        )
        separator = None if glued else ","
    layout = Layout(separator, decimal_comma=separator != "," and "," in sample)
    has_point = re.search(r"\d\.\d", sample) is not None
    for line in data if "," in sample else ():
        several = layout.decimal_comma and any(field.count(",") > 1 for field in layout.fields(line.text))
        if several or _QUOTED_THOUSANDS.search(line.text) or (layout.decimal_comma and has_point):
            raise UnknownFormat(
                f"commas and points, or several commas, stand inside numbers: {line.text[:40]!r}",
                where=f"{where}:{line.number}",
                suggestion="export the numbers without thousands separators",
            )
    return layout


def _rows(
    data: list[_Line], layout: Layout, where: str, *, ended: bool
) -> tuple[list[list[float]], list[str], list[Diagnostic]]:
    rows: list[list[float]] = []
    labels: list[str] = []
    notes: list[Diagnostic] = []
    labelled = layout.number(layout.fields(data[0].text)[0]) is None
    whole = data if ended or _last_is_whole(data, layout) else data[:-1]
    plain = _plain_rows(whole, layout)
    for line in whole if plain is None else ():
        fields = layout.fields(line.text)
        if labelled:
            labels.append(fields.pop(0))
        values = [layout.number(field) for field in fields]
        numbers = [value for value in values if value is not None]
        if len(numbers) < len(fields) or not all(map(math.isfinite, numbers)):
            raise _not_numbers(fields, values, line, where)
        if rows and len(numbers) != len(rows[-1]) and (len(rows) > 1 or len(rows[0]) != DECLARING_WIDTH):
            raise _other_length(rows, numbers, data, where)
        rows.append(numbers)
    rows = rows if plain is None else plain
    if len(rows) < len(data):
        notes.append(Diagnostic.of("last_row_dropped", where=f"{where}:{data[-1].number}", value=data[-1].text[:60]))
    if not rows:
        raise InvalidSpectrum("no complete row of numbers", where=where)
    return rows, labels, notes


def _plain_rows(data: list[_Line], layout: Layout) -> list[list[float]] | None:
    """All rows at once where nothing is unusual about any of them; None otherwise (the slow way names the fault)."""
    separator = None if layout.separator == "\t" else layout.separator
    rows = regular_rows("\n".join(line.text for line in data), separator, layout.decimal_comma)
    return None if rows is None else rows[0].reshape(-1, rows[1]).tolist()


def _other_length(rows: list[list[float]], numbers: list[float], data: list[_Line], where: str) -> InvalidSpectrum:
    """The error for a row of another length; the odd one of three is blamed."""
    middle = len(rows) == 2 and len(numbers) == len(rows[0])
    line = data[len(rows) - 1] if middle else data[len(rows)]
    found, usual = (len(rows[1]), len(rows[0])) if middle else (len(numbers), len(rows[-1]))
    return InvalidSpectrum(
        f"{found} columns among rows of {usual}: {line.text[:60]!r}",
        where=f"{where}:{line.number}",
        suggestion="remove or repair that row; nothing is interpolated silently",
    )


def _not_numbers(fields: list[str], values: list[float | None], line: _Line, where: str) -> InvalidSpectrum:
    bad = next((field for field, value in zip(fields, values, strict=True) if value is None), line.text)
    what = "a missing value" if not bad or _MISSING.fullmatch(bad) else "not a number"
    return InvalidSpectrum(
        f"{bad[:40]!r} is {what} (row {line.text[:60]!r})",
        where=f"{where}:{line.number}",
        suggestion="remove or repair that row; nothing is interpolated silently",
    )


def _last_is_whole(data: list[_Line], layout: Layout) -> bool:
    """Whether a last line without line end is complete: every row ends with the same number of decimals."""
    point = "," if layout.decimal_comma else "."
    decimals = {len(layout.fields(line.text)[-1].partition(point)[2]) for line in data}
    return len(data) > 2 and len(decimals) == 1 and decimals != {0}


def _without_declared_count(rows: list[list[float]], data: list[_Line], where: str) -> list[list[float]]:
    """The rows without a first line that holds their number."""
    if len(rows) < 2 or len(rows[0]) == len(rows[1]):
        if len(rows[0]) < 2:
            raise UnknownFormat(
                "one column of numbers without positions",
                where=f"{where}:{data[0].number}",
                suggestion="export two columns: position and intensity",
            )
        return rows
    declared, rest = rows[0][0], rows[1:]
    if declared != int(declared):
        raise InvalidSpectrum(
            f"{len(rest[0])} columns after a row of 1: {data[1].text[:60]!r}", where=f"{where}:{data[1].number}"
        )
    if int(declared) != len(rest):
        raise InvalidSpectrum(
            f"line {data[0].number} declares {int(declared)} rows, {len(rest)} stand here",
            where=where,
            suggestion="the file is probably truncated",
        )
    return rest


def _column_names(header: list[str], layout: Layout, width: int) -> list[str]:
    """Names from the last header line that splits into one name a column; unnamed otherwise."""
    for line in reversed(header[-3:]):
        text = line.lstrip("#!'/;*%$ \t")
        for split in ([text.split(layout.separator)] if layout.separator else []) + [
            text.split(","),
            text.split("\t"),
            re.split(r"\s{2,}", text),
            text.split(),
        ]:
            names = [name.strip(" \t\"'#") for name in split if name.strip()]
            if len(names) == width and all(re.search(r"[^\W\d_]", name) for name in names):
                return names
    return [""] * width
