"""Tables of portable Raman spectrometers (B&W Tek `.txt`, Wasatch `.csv`): settings, then a column a quantity."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum
from braggite.formats.number_lines import NumberedLine, rows, without_cut_row
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.text_encoding import decode, split_lines

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.formats.scan import PendingScan

_TITLES = re.compile(r"Pixel[;,\t].*(?:Raman Shift|Wavenumber)", re.IGNORECASE)
POSITIONS = ("raman shift", "wavenumber")
"""The first of these columns holds the shift (Wasatch calls it Wavenumber)."""
ORDINATES = ("dark subtracted #1", "processed", "raw data #1", "raw")
_ABSENT = re.compile(r"\s*|NA|NaN", re.IGNORECASE)


def claims(head: bytes, path: Path) -> Evidence:
    """The first line of either maker, or the line of titles."""
    if re.match(rb"(?:\xef\xbb\xbf)?(?:File Version;BWSpec|ENLIGHTEN Version,)", head):
        return Evidence.FIRST_LINE
    return Evidence.FIRST_LINE if _TITLES.search(decode(head)) else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """The one spectrum."""
    return [partial(_scan, content, where)]


def _scan(content: bytes, where: str) -> Scan:
    lines, _ = split_lines(decode(content))
    start = next((index for index, line in enumerate(lines) if _TITLES.match(line.strip())), None)
    if start is None:
        raise InvalidSpectrum(
            "no line of column titles (Pixel, ..., Raman Shift)", where=where, suggestion="the file may be truncated"
        )
    separator = next(sign for sign in ";\t," if sign in lines[start])
    titles = [title.strip() for title in lines[start].split(separator)]
    names = [title.lower() for title in titles]
    position, ordinate = (
        next((names.index(name) for name in choice if name in names), None) for choice in (POSITIONS, ORDINATES)
    )
    if position is None or ordinate is None:
        raise InvalidSpectrum(f"no ordinate among the columns {titles}", where=f"{where}:{start + 1}")
    data = [(number, line) for number, line in enumerate(lines[start + 1 :], start=start + 2) if line.strip()]
    if separator != ",":
        data = [(number, line.replace(",", ".")) for number, line in data]
    data, notes = without_cut_row(data, content, where)
    inner = _measured(data, (position, ordinate), separator)
    if len(inner) < len(data):
        notes.append(Diagnostic.of("rows_outside_range", where=where, value=len(data) - len(inner)))
    table = rows(inner, (position, ordinate), where, separator)
    stated = dict(_settings(lines[:start], separator))
    further = [i for i, name in enumerate(names) if re.match(r"raw|dark$|reference|wavelength", name) and i != ordinate]
    return Scan(
        x=table[:, 0],
        y=table[:, 1],
        where=where,
        technique="raman",
        metadata={
            "stated": stated,
            "laser_wavelength_nm": _laser(stated),
            "ordinate": titles[ordinate],
            "columns": {titles[i]: _column(inner, i, separator) for i in further},
        },
        notes=tuple(notes),
    )


def _laser(stated: dict[str, str]) -> float | None:
    """The laser's wavelength in nm, where the settings state one."""
    text = next((value for name, value in stated.items() if name.lower().replace("_", " ") == "laser wavelength"), "")
    try:
        wavelength = float(text.replace(",", "."))
    except ValueError:
        return None
    return wavelength if wavelength > 0.0 else None


def _measured(data: list[NumberedLine], columns: tuple[int, int], separator: str) -> list[NumberedLine]:
    """The rows without those at either end that have no position or no ordinate: pixels outside the range."""

    def present(line: NumberedLine) -> bool:
        fields = line[1].split(separator)
        return all(index < len(fields) and not _ABSENT.fullmatch(fields[index]) for index in columns)

    inside = np.flatnonzero([present(line) for line in data])
    return data[inside[0] : inside[-1] + 1] if inside.size else []


def _column(data: list[NumberedLine], index: int, separator: str) -> list[str]:
    """A further column as it is written, without blanks."""
    fields = (line.split(separator) for _, line in data)
    return [field[index].strip() if index < len(field) else "" for field in fields]


def _settings(lines: list[str], separator: str) -> list[tuple[str, str]]:
    pairs = (line.partition(separator) for line in lines if separator in line)
    return [(name.strip(), value.strip()) for name, _, value in pairs]


READER = Reader(
    name="spectrometer-table",
    title="Raman spectrometer table (B&W Tek, Wasatch)",
    suffixes=(".txt", ".csv"),
    claims=claims,
    read=read,
    sigma="none: the ordinates are averaged and the dark spectrum is subtracted",
    reads="Raman shift and dark-subtracted or processed column; the others are kept",
    refuses="tables without a Raman shift or an ordinate column",
    text=True,
)
