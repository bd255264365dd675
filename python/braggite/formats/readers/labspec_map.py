"""LabSpec text maps: a row of Raman shifts, then rows of position and ordinates; each row is a scan."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from braggite.errors import InvalidSpectrum
from braggite.formats.number_lines import rows, without_cut_row
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.text_encoding import decode, split_lines

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.arrays import FloatArray
    from braggite.diagnostics import Diagnostic
    from braggite.formats.scan import PendingScan

_NUMBER = r"[-+]?[\d.]+(?:[eE][-+]?\d+)?"
_SHIFTS = re.compile(rf"(?m)^(\t{{1,3}})(?={_NUMBER}(?:\t{_NUMBER}){{3}})")
"""A row that leaves the columns of the positions (one for a line, two for a map) empty."""


def claims(head: bytes, path: Path) -> Evidence:
    """A row of numbers behind empty first columns, with nothing but settings before it."""
    text = decode(head).replace("\r\n", "\n").replace("\r", "\n")
    found = _SHIFTS.search(text)
    before = text[: found.start()] if found else "x"
    return Evidence.FIRST_LINE if all(line.startswith("#") for line in before.splitlines()) else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """One scan a row."""
    lines, _ = split_lines(decode(content))
    start = next((index for index, line in enumerate(lines) if _SHIFTS.match(line)), None)
    if start is None:
        raise InvalidSpectrum("no row of Raman shifts", where=where, suggestion="export the map again")
    n_positions = len(lines[start]) - len(lines[start].lstrip("\t"))
    stated = dict(re.findall(r"(?m)^#([^=\n]+)=\t?(.*)$", "\n".join(lines[:start])))
    width = len(lines[start].rstrip("\t").split("\t"))
    numbered = [(number, line) for number, line in enumerate(lines[start:], start=start + 1) if line.strip()]
    shifts = rows(numbered[:1], range(n_positions, width), where, "\t")[0]
    spectra, notes = without_cut_row(numbered[1:], content, where)
    for number, line in spectra:
        if len(line.rstrip("\t").split("\t")) != width:
            raise InvalidSpectrum(
                f"{len(line.rstrip(chr(9)).split(chr(9)))} columns among rows of {width}",
                where=f"{where}:{number}",
                suggestion="the file is probably truncated; export the map again",
            )
    table = rows(spectra, range(width), where, "\t")
    return [partial(_scan, shifts, row, n_positions, stated, where=where, notes=notes) for row in table]


def _scan(
    shifts: FloatArray,
    row: FloatArray,
    n_positions: int,
    stated: dict[str, str],
    notes: list[Diagnostic],
    *,
    where: str,
) -> Scan:
    position = row[:n_positions].tolist()
    return Scan(
        x=shifts,
        y=row[n_positions:],
        where=f"{where}: position {', '.join(f'{value:g}' for value in position)}",
        technique="raman",
        name=stated.get("Title", "") or stated.get("Sample", ""),
        metadata={"position": position, "stated": stated},
        notes=tuple(notes),
    )


READER = Reader(
    name="labspec-map",
    title="LabSpec text map",
    suffixes=(".txt",),
    claims=claims,
    read=read,
    sigma="none",
    reads="every row of the map",
    refuses="rows of unequal length",
    text=True,
)
