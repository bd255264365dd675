"""Text exports of CasaXPS: blocks with kinetic and binding energies, with or without the components of a fit."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from braggite.errors import InvalidSpectrum
from braggite.formats.counts import counting_time
from braggite.formats.energy_axis import rounded_ev
from braggite.formats.number_lines import NumberedLine, rows, stated_number, without_cut_row
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.text_encoding import decode, split_lines

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.diagnostics import Diagnostic
    from braggite.formats.scan import PendingScan

_CHARACTERISTIC = re.compile(r"\s*Characteristic Energy eV\s+(\S+)\s+Acquisition Time s\s+(\S+)")
_TITLES = re.compile(r"K\.E\.\t|KE_")
_FIT_LINES = ("Name", "Position", "FWHM", "Area", "Lineshape")


@dataclass(slots=True)
class _Export:
    """One spectrum of the export."""

    name: str
    line: int
    photon_energy_ev: float | None
    time_s: float | None
    titles: list[str] = field(default_factory=list)
    fit: dict[str, list[str]] = field(default_factory=dict)
    data: list[NumberedLine] = field(default_factory=list)
    notes: list[Diagnostic] = field(default_factory=list)


def claims(head: bytes, path: Path) -> Evidence:
    """The line with characteristic energy and acquisition time that only CasaXPS writes."""
    return Evidence.FIRST_LINE if re.search(rb"Characteristic Energy eV\t", head) else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """One scan a block."""
    lines, _ = split_lines(decode(content))
    found: list[_Export] = []
    for number, line in enumerate(lines, start=1):
        beginning = _CHARACTERISTIC.match(line)
        if beginning:
            title = lines[number - 2].strip() if number > 1 else ""
            if found and found[-1].data and found[-1].data[-1][1].strip() == title:
                found[-1].data.pop()
            found.append(_Export(title, number, stated_number(beginning[1]), stated_number(beginning[2])))
        elif not found or not line.strip():
            continue
        elif _TITLES.match(line):
            found[-1].titles = [title.strip() for title in line.split("\t")]
        elif not found[-1].titles and line.split("\t")[0] in _FIT_LINES:
            name, _, values = line.partition("\t")
            found[-1].fit[name] = [value for value in values.split("\t") if value.strip()]
        else:
            found[-1].data.append((number, line))
    if found:
        found[-1].data, found[-1].notes = without_cut_row(found[-1].data, content, where)
    return [partial(_scan, export, where) for export in found]


def _scan(export: _Export, where: str) -> Scan:
    place = f"{where}:{export.line}"
    energy = _column(export, r"B\.E\.|BE_", place)
    rate = _column(export, r"CPS", place)
    table = rows(export.data, (energy, rate), where, "\t")
    y = table[:, 1]
    counts = [index for index, title in enumerate(export.titles) if title == "Counts"]
    if counts:
        y = rows(export.data, (counts[0],), where, "\t")[:, 0]
    further = [title for title in export.titles if title and not re.match(r"[KB]\.?E[._]|Counts$|CPS", title)]
    metadata: dict[str, Any] = {"region": export.name.rpartition(":")[2], "dwell_s": export.time_s}
    if export.fit or further:
        metadata["casaxps"] = {"fit": export.fit, "columns": further}
    return Scan(
        x=rounded_ev(table[:, 0]),  # some exports hold -2e-13
        y=y,
        where=place,
        dwell_s=None if counts else counting_time(y, (export.time_s,)),
        technique="xps",
        y_unit="counts" if counts else "counts/s",
        energy="binding",
        photon_energy_ev=export.photon_energy_ev,
        name=export.name,
        metadata=metadata,
        notes=tuple(export.notes),
    )


def _column(export: _Export, pattern: str, where: str) -> int:
    for index, title in enumerate(export.titles):
        if re.match(pattern, title):
            return index
    raise InvalidSpectrum(f"no column is called {pattern!r}", where=where, suggestion="export energies and rates")


READER = Reader(
    name="casaxps-text",
    title="CasaXPS text",
    suffixes=(".txt",),
    claims=claims,
    read=read,
    sigma="from counts, or from rates times the acquisition time, that are whole",
    reads="every spectrum of the export, with its fit",
    refuses="exports without binding energies or rates",
    text=True,
)
