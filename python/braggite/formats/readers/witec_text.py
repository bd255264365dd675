"""WITec text exports: a header, then a column of positions and one of ordinates for each graph; each is a scan."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from braggite.errors import InvalidSpectrum, UnknownFormat
from braggite.formats.number_lines import rows, without_cut_row
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.text_encoding import decode, split_lines

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.arrays import FloatArray
    from braggite.diagnostics import Diagnostic
    from braggite.formats.scan import PendingScan

_BEGINNING = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*//Exported ASCII-File\s*[\r\n]+\s*\[Header\]")
AGAIN = "export the spectra from WITec Project again"


@dataclass(frozen=True, slots=True, eq=False)
class _Export:
    """One file: a column of positions, then one a graph."""

    titles: list[str]
    units: list[str]
    table: FloatArray
    stated: dict[str, str]
    notes: list[Diagnostic]
    where: str


def claims(head: bytes, path: Path) -> Evidence:
    """The first two lines."""
    return Evidence.FIRST_LINE if _BEGINNING.match(head) else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """One scan a graph."""
    lines, _ = split_lines(decode(content))
    start = next((index for index, line in enumerate(lines) if line.strip() == "[Data]"), None)
    if start is None or start + 3 > len(lines):
        raise InvalidSpectrum("no [Data] with titles and units", where=where, suggestion=AGAIN)
    pairs = (line.partition("=") for line in lines[:start] if "=" in line)
    stated = {name.strip(): value.strip() for name, _, value in pairs}
    separator = next((sign for sign in "\t;," if sign in lines[start + 2]), ",")
    titles, units = ([cell.strip() for cell in lines[at].split(separator)] for at in (start + 1, start + 2))
    numbered = [(number, line) for number, line in enumerate(lines[start + 3 :], start + 4) if line.strip()]
    data, notes = without_cut_row(numbered, content, where)
    _require_points(stated, len(data), len(titles), where)
    table = rows(data, range(len(titles)), where, separator)
    export = _Export(titles, units + [""] * (len(titles) - len(units)), table, stated, notes, where)
    return [partial(_scan, export, column) for column in range(1, len(titles))]


def _require_points(stated: dict[str, str], n_rows: int, n_columns: int, where: str) -> None:
    """Raise unless the rows and graphs that the header declares stand here."""
    declared = stated.get("SizeGraph", "")
    if declared.isascii() and declared.isdigit() and declared[:9] != str(n_rows):
        raise InvalidSpectrum(
            f"SizeGraph declares {declared[:9]} points, {n_rows} stand here",
            where=where,
            suggestion=f"the file is probably truncated; {AGAIN}",
        )
    if n_columns < 2:
        raise InvalidSpectrum("no graph stands beside the positions", where=where, suggestion=AGAIN)


def _scan(export: _Export, column: int) -> Scan:
    title, unit = export.titles[column], export.units[0]
    place = f"{export.where}: {title}"
    wavelengths = re.fullmatch(r"nm|nanometers?", unit, re.IGNORECASE) is not None
    if not wavelengths and re.search(r"1/\s*cm|cm\^?-1", unit) is None:
        raise UnknownFormat(
            f"the positions are in {unit[:30]!r}, neither cm-1 nor nm",
            where=place,
            suggestion="choose the Raman shift (rel. 1/cm) in WITec Project and export again",
        )
    return Scan(
        x=export.table[:, 0],
        y=export.table[:, column],
        where=place,
        technique="raman",
        wavelengths_nm=wavelengths,
        name=title,
        metadata={"stated": export.stated, "ordinate_unit": export.units[column]},
        notes=tuple(export.notes),
    )


READER = Reader(
    name="witec-text",
    title="WITec text",
    suffixes=(".txt",),
    claims=claims,
    read=read,
    sigma="none: detector counts carry an offset",
    reads="every graph, over Raman shifts or, with `--laser`, over wavelengths in nm",
    refuses="positions in other units; another number of points than declared",
    text=True,
)
