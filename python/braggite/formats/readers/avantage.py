"""Thermo Avantage `.avg` (the text dump of DataSpace): properties, axes, lists of ordinates; each level is a scan.

Written from descriptions of the layout and tried on files built here; no measured file could be had.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from braggite.errors import InvalidSpectrum, UnknownFormat
from braggite.formats.counts import counting_time
from braggite.formats.number_lines import stated_number
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.text_encoding import decode, split_lines

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.arrays import FloatArray
    from braggite.formats.scan import PendingScan

_PROPERTY = re.compile(r"(\w+(?:\[\d+\])?)\s*:(?:[^=]*:)?\s*VT_\w+\s*=\s*(.*)")
_AXIS = re.compile(r"\s*(\d{1,9})=\s*([^,]+),\s*([^,]+),\s*(\d{1,9}),\s*(\w+),\s*(\w+),")
_LEVEL = re.compile(r"\$AXISVALUE=.*LABEL='([^']*)'\s+POINT=(\d{1,9})\s+VALUE=([^;\s]+)")
_LIST = re.compile(r"LIST@\s*\d+=(.*)")
MAX_LEVELS = 1 << 16


@dataclass(slots=True)
class _Dump:
    """What the lines hold, by kind."""

    properties: dict[str, str] = field(default_factory=dict)
    axes: dict[int, tuple[float, float, int, str, str]] = field(default_factory=dict)
    levels: dict[int, tuple[str, str]] = field(default_factory=dict)
    values: list[float] = field(default_factory=list)


def claims(head: bytes, path: Path) -> Evidence:
    """The names of its properties or axes."""
    if re.search(rb"(?m)^\$(?:DATAAXES|SPACEAXES)=|^DS_\w*PROPID_\w+\s*:", head):
        return Evidence.FIRST_LINE
    return Evidence.SUFFIX if path.suffix.lower() == ".avg" else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """One scan for each level of the further axes (etch time, position ...)."""
    dump = _Dump()
    lines, ended = split_lines(decode(content))
    _take(lines, dump, where)
    if 0 not in dump.axes or not ended:
        raise InvalidSpectrum(
            "no $SPACEAXES, or a last line that may be cut", where=where, suggestion="dump the file from Avantage again"
        )
    _, _, n, kind, spacing = dump.axes[0]
    if kind != "ENERGY" or spacing != "LINEAR":
        raise UnknownFormat(
            f"the first axis is {kind}, {spacing}; even energies are read",
            where=where,
            suggestion="export the spectra of the map as .vgd or text",
        )
    levels = math.prod(axis[2] for index, axis in dump.axes.items() if index > 0)
    if n * levels != len(dump.values) or not 0 < levels <= MAX_LEVELS:
        raise InvalidSpectrum(
            f"{n} points at {levels} levels are declared, {len(dump.values)} ordinates stand here",
            where=where,
            suggestion="the file is probably truncated; dump it from Avantage again",
        )
    table = np.array(dump.values, dtype=np.float64).reshape(levels, n)
    return [partial(_scan, dump, table[level], level, where) for level in range(levels)]


def _take(lines: list[str], dump: _Dump, where: str) -> None:
    in_axes = False
    for number, line in enumerate(lines, start=1):
        if listed := _LIST.match(line):
            dump.values += _numbers(listed[1], f"{where}:{number}")
        elif line.startswith("$"):
            in_axes = line.startswith("$SPACEAXES")
            if level := _LEVEL.match(line):
                dump.levels[int(level[2])] = (level[1], level[3])
        elif in_axes and (axis := _AXIS.match(line)):
            start, width = _numbers(f"{axis[2]},{axis[3]}", f"{where}:{number}")
            dump.axes[int(axis[1])] = (start, width, int(axis[4]), axis[5], axis[6])
        elif stated := _PROPERTY.match(line):
            dump.properties[stated[1]] = stated[2].strip().strip("'")


def _numbers(text: str, where: str) -> list[float]:
    values = []
    for field_text in filter(None, (part.strip() for part in text.strip(" ;,").split(","))):
        value = stated_number(field_text)
        if value is None:
            raise InvalidSpectrum(f"{field_text[:40]!r} is not a number", where=where, suggestion="dump the file again")
        values.append(value)
    return values


def _scan(dump: _Dump, y: FloatArray, level: int, where: str) -> Scan:
    start, width, n, _, _ = dump.axes[0]
    stated = dump.properties

    def number(name: str) -> float | None:
        return stated_number(stated.get(name, ""))

    dwell, periods = number("DS_ACPROPID_ACQ_TIME"), number("DS_ACPROPID_PERIODS")
    title = stated.get("DS_EXT_SUPROPID_TITLE", "")
    return Scan(
        x=start + width * np.arange(n, dtype=np.float64),
        y=y,
        where=f"{where}: level {level}",
        dwell_s=counting_time(y, (dwell, dwell * periods if dwell and periods else None)),
        technique="xps",
        energy="kinetic",
        photon_energy_ev=number("DS_SOPROPID_ENERGY"),
        name=" ".join(part for part in (stated.get("DS_EXT_SUPROPID_SUBJECT", ""), title) if part),
        metadata={
            "region": title,
            "level": dump.levels.get(level),
            "dwell_s": dwell,
            "scans": periods,
            "pass_energy_ev": number("DS_ANPROPID_PASS"),
            "work_function_ev": number("DS_ANPROPID_WORK_FTN"),
            "properties": dict(stated),
        },
    )


READER = Reader(
    name="avantage",
    title="Thermo Avantage AVG",
    suffixes=(".avg",),
    claims=claims,
    read=read,
    sigma="from counting where the ordinates are whole",
    reads="spectra over even kinetic energies, one scan a level (etch time, position)",
    refuses="maps whose first axis is not an energy",
    text=True,
)
