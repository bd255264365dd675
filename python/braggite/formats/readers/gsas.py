"""GSAS powder data of constant-wavelength X-rays: `BANK` records of type STD, ESD or FXYE."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum, UnknownFormat
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.text_blocks import TRUNCATED, Line, count, even_axis, flat, number, rows, text_lines
from braggite.formats.text_header import radiation_in

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.arrays import FloatArray
    from braggite.formats.scan import PendingScan

_BANK = re.compile(r"BANK\s+\d+\s+\d+\s+\d+\s+[A-Z]", re.MULTILINE)
_MARK = re.compile(rb"(?m)^BANK\s+\d+\s+\d+\s+\d+\s+(?:CON[SDQ]|RALF|SLOG|TIME_MAP|LOG6|LPSD|EDS)")
CONSTANT_STEP = ("CONST", "CONS", "COND")
CENTIDEGREE = 0.01
STD_WIDTH, ESD_WIDTH = 8, 16
"""Characters of a value with its repeat count, and of a value with its standard deviation."""
SUFFIXES = (".gsas", ".gsa", ".gda", ".xra", ".fxye", ".esd")


@dataclass(frozen=True, slots=True)
class _Bank:
    """A `BANK` line and the records after it."""

    line: Line
    fields: list[str]
    records: list[Line]


def claims(head: bytes, path: Path) -> Evidence:
    """A `BANK` line in the first 4 kB, or else the suffix."""
    if _MARK.search(head):
        return Evidence.FIRST_LINE
    return Evidence.SUFFIX if path.suffix.lower() in SUFFIXES else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """Every bank."""
    lines, ended = text_lines(content, where)
    starts = [index for index, line in enumerate(lines) if _BANK.match(line.text)]
    if not starts:
        raise UnknownFormat("no BANK line: this is no GSAS powder data", where=where, suggestion="export .xy or .xye")
    if not ended:
        raise InvalidSpectrum("the last line is not ended", where=f"{where}:{len(lines)}", suggestion=TRUNCATED)
    header = [line.text.strip() for line in lines[: starts[0]] if line.text.strip()]
    banks = [
        _Bank(lines[start], lines[start].text.split(), [line for line in lines[start + 1 : end] if line.text.strip()])
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)
    ]
    return [
        partial(_scan, header, bank, where if len(banks) == 1 else f"{where}: bank {index}")
        for index, bank in enumerate(banks)
    ]


def _scan(header: list[str], bank: _Bank, where: str) -> Scan:
    place = f"{where}:{bank.line.number}"
    n, binning = count(bank.fields[2], "the number of points", place), bank.fields[4]
    kind = bank.fields[-1] if bank.fields[-1].isalpha() else "STD"
    if binning not in CONSTANT_STEP:
        raise UnknownFormat(
            f"the binning {binning} is of time of flight or of another axis than 2-theta",
            where=place,
            suggestion="only constant-wavelength X-ray patterns are analysed",
        )
    if kind not in ("STD", "ESD", "FXYE", "FXY"):
        raise UnknownFormat(f"records of type {kind} are not read", where=place, suggestion="export .xye")
    notes: list[Diagnostic] = []
    if kind in ("FXYE", "FXY"):
        table = rows(bank.records[:n], (3,) if kind == "FXYE" else (2,), where)
        x, y, sigma = table[:, 0] * CENTIDEGREE, table[:, 1], table[:, 2] if kind == "FXYE" else None
        found = len(bank.records)
    else:
        start, step = (number(field, "a bin coefficient", place) * CENTIDEGREE for field in bank.fields[5:7])
        y, sigma, found = _standard(bank, n, where) if kind == "STD" else _pairs(bank, n, where)
        x = even_axis(start, step, n, place)
    if found < n or y.size != n:
        raise InvalidSpectrum(f"{n} points are declared, {found} stand here", where=place, suggestion=TRUNCATED)
    if sigma is not None and np.any(sigma <= 0):
        detail = f"{int(np.sum(sigma <= 0))} standard deviations are not positive; none is used"
        notes.append(Diagnostic.of("third_column_not_sigma", where=where, detail=detail))
        sigma = None
    return Scan(
        x=x,
        y=y,
        sigma=sigma,
        where=where,
        technique="xrd",
        name=header[0][:80].strip() if header else "",
        radiation=radiation_in("\n".join(header)),
        metadata={"header": header, "bank": bank.line.text.strip()},
        notes=tuple(notes),
    )


def _standard(bank: _Bank, n: int, where: str) -> tuple[FloatArray, FloatArray | None, int]:
    """Ordinates of STD records; a repeat count other than 1 means an average, with its standard deviation."""
    cells = [cell for cell in _cells(bank.records, STD_WIDTH) if cell.text.strip()][:n]
    repeats = np.array([number(cell.text[:2].strip() or "1", "a repeat count", _at(cell, where)) for cell in cells])
    y = np.array([number(cell.text[2:], "an ordinate", _at(cell, where)) for cell in cells])
    repeats = np.maximum(repeats, 1.0)
    averaged = bool(np.any(repeats != 1))
    return y, np.sqrt(np.maximum(y, 1 / repeats) / repeats) if averaged else None, len(cells)


def _pairs(bank: _Bank, n: int, where: str) -> tuple[FloatArray, FloatArray | None, int]:
    """Ordinates and standard deviations of ESD records, in columns of eight characters or separated by blanks."""
    values = flat(bank.records, where) if _separated(bank.records) else None
    if values is None:
        cells = [cell for cell in _cells(bank.records, ESD_WIDTH // 2) if cell.text.strip()]
        values = np.array([number(cell.text, "an ordinate", _at(cell, where)) for cell in cells])
    values = values[: 2 * n]
    even = values[: values.size // 2 * 2]
    return even[::2], even[1::2], values.size // 2


def _separated(records: list[Line]) -> bool:
    """Whether blanks separate all values (ten a record, fewer in the last)."""
    return all(len(line.text.split()) in (10, 2) for line in records[:-1])


def _cells(records: list[Line], width: int) -> list[Line]:
    """Fields of fixed width, each with the number of its line."""
    return [
        Line(line.number, line.text[at : at + width])
        for line in records
        for at in range(0, len(line.text.rstrip()), width)
    ]


def _at(cell: Line, where: str) -> str:
    return f"{where}:{cell.number}"


READER = Reader(
    name="gsas",
    title="GSAS powder data",
    suffixes=SUFFIXES,
    claims=claims,
    read=read,
    text=True,
    reads="banks of constant step (STD, ESD) and with positions (FXYE), in centidegrees",
    sigma="the file's (ESD, FXYE); sqrt(counts/repeats) for STD",
    refuses="time-of-flight binning (RALF, SLOG, TIME_MAP); records of type ALT; fewer points than declared",
)
