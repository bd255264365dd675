"""Bruker UXD: text with `_KEY = value` lines; every data block is a range."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.scan_axis import require_two_theta
from braggite.formats.text_blocks import (
    TRUNCATED,
    Line,
    count,
    even_axis,
    flat,
    number,
    optional_number,
    rows,
    text_lines,
)
from braggite.formats.tube import tube_radiation
from braggite.spectrum import Instrument

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.formats.scan import PendingScan

_MARK = re.compile(rb"(?m)^\s*_FILEVERSION\b")
_KEY = re.compile(r"_(\w+)\s*(?:=\s*'?(.*?)'?)?\s*")
_DATA = re.compile(r"(2THETA)?(COUNTS|CPS)")


@dataclass(slots=True)
class _Range:
    keys: dict[str, str]
    data: str
    lines: list[Line]


def claims(head: bytes, path: Path) -> Evidence:
    """The key `_FILEVERSION`, or else the suffix."""
    if _MARK.search(head):
        return Evidence.FIRST_LINE
    return Evidence.SUFFIX if path.suffix.lower() == ".uxd" else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """Every range; keys of the file hold for all ranges until a range states its own."""
    lines, ended = text_lines(content, where)
    ranges: list[_Range] = []
    keys: dict[str, str] = {}
    block: _Range | None = None
    for line in lines:
        text = line.text.strip()
        match = _KEY.fullmatch(text)
        if match and _DATA.fullmatch(match[1]):
            block = _Range(dict(keys), match[1], [])
            ranges.append(block)
        elif match:
            block = None
            keys[match[1]] = match[2] or ""
        elif text.startswith((";", "'")) or not text:
            continue
        elif block is None:
            raise InvalidSpectrum(f"neither a key nor data: {text[:60]!r}", where=f"{where}:{line.number}")
        else:
            block.lines.append(line)
    cut = ranges[-1].lines.pop() if ranges and not ended and ranges[-1].lines else None
    return [
        partial(_scan, found, where if len(ranges) == 1 else f"{where}: range {index}", cut if last else None)
        for index, found in enumerate(ranges)
        for last in (index == len(ranges) - 1,)
    ]


def _scan(found: _Range, where: str, cut: Line | None) -> Scan:
    keys, notes = found.keys, []
    axis = keys.get("DRIVE", "")
    require_two_theta(axis, where)
    positions_stored = found.data.startswith("2THETA")
    if cut is not None:
        notes.append(Diagnostic.of("last_row_dropped", where=f"{where}:{cut.number}", value=cut.text[:60]))
    if positions_stored:
        table = rows(found.lines, (2,), where)
        x, y = table[:, 0], table[:, 1]
    else:
        y = flat(found.lines, where)
        start, step = (number(keys.get(key, ""), f"_{key}", where) for key in ("START", "STEPSIZE"))
        x = even_axis(start, step, y.size, where)
    declared = keys.get("STEPCOUNT", "").strip()
    if declared and count(declared, "_STEPCOUNT", where) != y.size:
        raise InvalidSpectrum(f"{declared} points are declared, {y.size} stand here", where=where, suggestion=TRUNCATED)
    wavelengths = [optional_number(keys.get(key), f"_{key}", where) for key in ("WL1", "WL2", "WLRATIO")]
    radiation, beam_notes = tube_radiation(*wavelengths, anode=keys.get("ANODE", ""), where=where)
    return Scan(
        x=x,
        y=y,
        where=where,
        dwell_s=optional_number(keys.get("STEPTIME"), "_STEPTIME", where),
        technique="xrd",
        y_unit="counts/s" if found.data.endswith("CPS") else "counts",
        name=keys.get("SAMPLE", ""),
        radiation=radiation,
        instrument=Instrument(radius_mm=optional_number(keys.get("GONIOMETER_RADIUS"), "_GONIOMETER_RADIUS", where)),
        metadata={"scan_axis": axis, "header": dict(keys)},
        notes=(*notes, *beam_notes),
    )


READER = Reader(
    name="uxd",
    title="Bruker UXD",
    suffixes=(".uxd",),
    claims=claims,
    read=read,
    text=True,
    reads="every range, with positions or with start and step",
    sigma="sqrt(counts); sqrt(rate/time) for rates that are whole counts",
    refuses="ranges whose drive is not 2-theta (rocking curves, pole figures); counts that contradict `_STEPCOUNT`",
)
