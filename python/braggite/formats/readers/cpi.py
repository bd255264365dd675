"""Sietronics CPI: ten header lines, then one ordinate a line."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from braggite.errors import InvalidSpectrum
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.text_blocks import TRUNCATED, Line, even_axis, number, rows, text_lines
from braggite.formats.tube import tube_radiation

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.formats.scan import PendingScan

MAGIC = b"SIETRONICS XRD SCAN"
DATA_MARK, HEADER_LINES = "SCANDATA", 10


def claims(head: bytes, path: Path) -> Evidence:
    """The first line, or else the suffix."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(MAGIC):
        return Evidence.FIRST_LINE
    return Evidence.SUFFIX if path.suffix.lower() == ".cpi" else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """The one scan."""
    lines, ended = text_lines(content, where)
    if len(lines) <= HEADER_LINES or lines[HEADER_LINES - 1].text.strip() != DATA_MARK:
        raise InvalidSpectrum(f"line {HEADER_LINES} is not {DATA_MARK}", where=where, suggestion=TRUNCATED)
    if not ended:
        raise InvalidSpectrum("the last line is not ended", where=f"{where}:{len(lines)}", suggestion=TRUNCATED)
    return [partial(_scan, lines, where)]


def _scan(lines: list[Line], where: str) -> Scan:
    header = [line.text.strip() for line in lines[:HEADER_LINES]]
    y = rows(lines[HEADER_LINES:], (1,), where)[:, 0]
    start, stop, step, wavelength = (
        number(header[at], what, f"{where}:{at + 1}")
        for at, what in ((1, "the start"), (2, "the end"), (3, "the step"), (5, "the wavelength"))
    )
    radiation, notes = tube_radiation(wavelength, anode=header[4], where=where)
    return Scan(
        x=even_axis(start, step, y.size, where, stop=stop),
        y=y,
        where=where,
        technique="xrd",
        name=header[8],
        radiation=radiation,
        metadata={"header": header},
        notes=tuple(notes),
    )


READER = Reader(
    name="cpi",
    title="Sietronics CPI",
    suffixes=(".cpi",),
    claims=claims,
    read=read,
    reads="one scan",
    text=True,
    sigma="sqrt(counts)",
    refuses="a start, end and step that contradict the number of ordinates",
)
