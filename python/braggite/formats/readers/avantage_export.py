"""Thermo Avantage exports: a line with the number of energies, titles and units, then rows of energy and rate.

Written from a measured workbook; as text, its rows are tab-separated lines, of which no measured file could be had.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING

from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum, UnknownFormat
from braggite.formats.energy_axis import energy_kind
from braggite.formats.number_lines import rows, without_cut_row
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.text_encoding import decode, split_lines
from braggite.formats.text_header import unit_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from braggite.formats.number_lines import NumberedLine
    from braggite.formats.scan import PendingScan

_AXIS = re.compile(r"[\ufeff\s]*Axis\t([^\t]+)\t+Elements=\t*\s*(\d{1,9})\s*")
_ENERGIES = re.compile(r"\s*(?:Binding|Kinetic) Energy\b", re.IGNORECASE)
AGAIN = "export the spectra from Avantage again"


def claims(head: bytes, path: Path) -> Evidence:
    """The line of the first axis."""
    return Evidence.FIRST_LINE if _AXIS.match(decode(head).lstrip("\ufeff\r\n\t ")) else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """The one spectrum of a text export."""
    lines, _ = split_lines(decode(content))
    numbered, notes = without_cut_row(list(enumerate(lines, start=1)), content, where)
    return [partial(export_scan, numbered, "", where, notes)]


def is_export(lines: Sequence[NumberedLine]) -> bool:
    """Whether lines of tab-separated cells are such an export."""
    return any(_AXIS.fullmatch(text) for _, text in lines)


def export_scan(lines: Sequence[NumberedLine], name: str, where: str, notes: Sequence[Diagnostic] = ()) -> Scan:
    """The spectrum of one export, from its lines of tab-separated cells.

    Raises
    ------
    UnknownFormat
        Further axes than the energy (levels of a profile, points of a map).
    InvalidSpectrum
        No titles, another number of rows than declared, or a row that is not numbers.
    """
    axes = [(found[1], int(found[2])) for _, text in lines if (found := _AXIS.fullmatch(text))]
    further = [axis for axis, n in axes if axis != "Energy" and n > 1]
    if further or not axes:
        raise UnknownFormat(
            f"the spectra lie over {', '.join(further) or 'no energy'} too",
            where=where,
            suggestion="export each spectrum of its own, or the .avg dump, from Avantage",
        )
    start = next((index for index, (_, text) in enumerate(lines) if _ENERGIES.match(text)), None)
    if start is None or start + 2 > len(lines):
        raise InvalidSpectrum("no line of titles (Binding Energy ...)", where=where, suggestion=AGAIN)
    titles, units = ([cell.strip() for cell in lines[at][1].split("\t")] for at in (start, start + 1))
    ordinate = next((index for index, unit in enumerate(units) if index and unit_in(unit)), None)
    if ordinate is None:
        raise InvalidSpectrum(f"no column in counts among {units}", where=f"{where}:{lines[start][0] + 1}")
    data = [(number, text) for number, text in lines[start + 2 :] if text.strip()]
    if len(data) != axes[0][1]:
        raise InvalidSpectrum(
            f"{axes[0][1]} energies are declared, {len(data)} rows stand here",
            where=where,
            suggestion=f"the file is probably truncated; {AGAIN}",
        )
    table = rows(data, (0, ordinate), where, "\t")
    file = next(
        (text.strip() for _, text in lines[:start] if re.match(r"\s*\w:\\|.*\.vgd\s*$", text, re.IGNORECASE)), ""
    )
    unit = unit_in(units[ordinate])
    place = f"{where}:{data[0][0]}" if data else where
    rate = unit == "counts/s"
    return Scan(
        x=table[:, 0],
        y=table[:, 1],
        where=place,
        technique="xps",
        energy=energy_kind(titles[0]),
        y_unit=unit,
        decided=rate,  # six digits of a rate, without its dwell, prove no counts even where they are whole
        name=name or PureWindowsPath(file).stem,
        metadata={"region": name or PureWindowsPath(file).stem, "further_columns": [t for t in titles[1:] if t]},
        notes=(*notes, *([Diagnostic.of("sigma_unknown", where=place)] if rate else [])),
    )


READER = Reader(
    name="avantage-export",
    title="Thermo Avantage text export",
    suffixes=(".txt",),
    claims=claims,
    read=read,
    sigma="sqrt(counts) for counts; none for rates, whose dwell is not exported",
    reads="the one spectrum; names of the components of a fit are kept",
    refuses="profiles and maps; another number of rows than declared",
    text=True,
)
