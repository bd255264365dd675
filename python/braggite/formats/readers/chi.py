"""FIT2D and pyFAI `.chi`: a title, two axis labels, the number of points, then rows."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from braggite.errors import InvalidSpectrum, UnknownFormat
from braggite.formats import text_header
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.text_blocks import TRUNCATED, Line, count, rows, text_lines
from braggite.formats.text_encoding import decode

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.formats.scan import PendingScan

HEADER_LINES = 4
_NAMED_AXIS = re.compile(r"theta|^\W*q\b|radi|azimuth|\bd\b|spacing|angle", re.IGNORECASE)


def claims(head: bytes, path: Path) -> Evidence:
    """Three lines of text, the second one naming an axis, then a count, in a file with the suffix."""
    lines = decode(head).splitlines()[:HEADER_LINES]
    named = len(lines) == HEADER_LINES and _NAMED_AXIS.search(lines[1]) and re.fullmatch(r"\s*\d+.*", lines[3])
    return Evidence.FIRST_LINE if named and path.suffix.lower() == ".chi" else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """The one pattern."""
    lines, ended = text_lines(content, where)
    if not ended:
        raise InvalidSpectrum("the last line is not ended", where=f"{where}:{len(lines)}", suggestion=TRUNCATED)
    return [partial(_scan, lines, where)]


def _scan(lines: list[Line], where: str) -> Scan:
    header = [line.text.strip() for line in lines[:HEADER_LINES]]
    axis = header[1]
    text_header.refuse_foreign_axis([axis], f"{where}:2")
    if not re.search(r"2[- ]?th", axis.lower()) or "rad" in axis.lower():
        raise UnknownFormat(
            f"the axis is {axis!r}, not 2-theta in degrees",
            where=f"{where}:2",
            suggestion="integrate to 2-theta in degrees",
        )
    declared = count(header[3].split()[0], "the number of points", f"{where}:4")
    table = rows(lines[HEADER_LINES:], (2, 3), where)
    if len(table) != declared:
        raise InvalidSpectrum(
            f"{declared} points are declared, {len(table)} stand here", where=where, suggestion=TRUNCATED
        )
    return Scan(
        x=table[:, 0],
        y=table[:, 1],
        sigma=table[:, 2] if table.shape[1] == 3 else None,
        where=where,
        technique="xrd",
        metadata={"header": header},
    )


READER = Reader(
    name="chi",
    title="FIT2D CHI",
    suffixes=(".chi",),
    claims=claims,
    read=read,
    reads="two or three columns",
    text=True,
    sigma="the third column where there is one; integrated frames are not counts",
    refuses="Q, radial and azimuthal axes, 2-theta in radians; another number of rows than declared",
)
