"""Scienta SES `.txt`: sections in brackets, an axis in the header, rows of energy and ordinates."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum, UnknownFormat
from braggite.formats.energy_axis import energy_kind
from braggite.formats.number_lines import NumberedLine, rows, stated_number, without_cut_row
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.text_encoding import decode, split_lines

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.formats.scan import PendingScan

_FIRST_LINE = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*\[Info\]\s*[\r\n]+Number of Regions=")
_SECTION = re.compile(r"\[(\D+?)\s*(\d{0,9})\]\s*")


def claims(head: bytes, path: Path) -> Evidence:
    """The section that the export starts with."""
    return Evidence.FIRST_LINE if _FIRST_LINE.search(head) else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """One scan a region."""
    lines, _ = split_lines(decode(content))
    stated: dict[int, dict[str, str]] = {}
    data: dict[int, list[NumberedLine]] = {}
    section, index = "", 0
    for number, line in enumerate(lines, start=1):
        heading = _SECTION.fullmatch(line)
        if heading:
            section, index = heading[1].strip().lower(), int(heading[2] or 0)
        elif section == "data" and line.strip():
            data.setdefault(index, []).append((number, line))
        elif section != "data" and "=" in line:
            name, _, value = line.partition("=")
            stated.setdefault(index, {}).setdefault(name.strip(), value.strip())
    declared = stated_number(stated.get(0, {}).get("Number of Regions", ""))
    if declared != len(data):
        raise InvalidSpectrum(
            f"{declared or 0:g} regions are declared, {len(data)} hold data",
            where=where,
            suggestion="the file is probably truncated; export it again",
        )
    last = max(data, default=0)
    if data:
        data[last], notes = without_cut_row(data[last], content, where)
        if notes:
            raise InvalidSpectrum("the last row may be cut", where=notes[0].where, suggestion="export the file again")
    return [partial(_scan, stated.get(index, {}), data[index], where) for index in sorted(data)]


def _scan(stated: dict[str, str], data: list[NumberedLine], where: str) -> Scan:
    place = f"{where}:{data[0][0]}"
    width = len(data[0][1].split())
    if width != 2:
        raise UnknownFormat(
            f"the region has {width - 1} slices",
            where=place,
            suggestion="integrate over the slices in the instrument's software",
        )
    table = rows(data, (0, 1), where)
    declared = stated_number(stated.get("Dimension 1 size", ""))
    if declared is not None and declared != len(table):
        raise InvalidSpectrum(
            f"the header declares {declared:g} points, {len(table)} stand here",
            where=place,
            suggestion="the file is probably truncated; export it again",
        )
    notes = []
    kind = energy_kind(stated.get("Dimension 1 name", "")) or energy_kind(stated.get("Energy Scale", ""))
    if kind is None:
        kind = "binding"
        notes.append(Diagnostic.of("energy_axis_assumed", where=place, value=kind))
    step_ms = stated_number(stated.get("Step Time", ""))
    return Scan(
        x=table[:, 0],
        y=table[:, 1],
        where=place,
        technique="xps",
        energy=kind,
        photon_energy_ev=stated_number(stated.get("Excitation Energy", "")),
        name=" ".join(dict.fromkeys(v for v in (stated.get("Sample", ""), stated.get("Region Name", "")) if v)),
        metadata={
            "region": stated.get("Region Name", ""),
            "pass_energy_ev": stated_number(stated.get("Pass Energy", "")),
            "sweeps": stated_number(stated.get("Number of Sweeps", "")),
            "dwell_s": None if step_ms is None else step_ms / 1000,
            "stated": {name: value for name, value in stated.items() if name != "Dimension 1 scale"},
        },
        notes=tuple(notes),
    )


READER = Reader(
    name="scienta-text",
    title="Scienta SES text",
    suffixes=(".txt",),
    claims=claims,
    read=read,
    sigma="from counting where the ordinates are whole",
    reads="every region",
    refuses="regions with several slices",
    text=True,
)
