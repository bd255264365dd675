"""STOE powder data `RAW_1.06Powdat`: one range, checked against its own start, end and step."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from braggite.errors import UnknownFormat
from braggite.formats.binary_cursor import Cursor
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.text_blocks import even_axis
from braggite.formats.tube import tube_radiation

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.formats.scan import PendingScan

MAGIC = b"RAW_1."
KNOWN = b"RAW_1.06Powdat"
DATA = 2560
END_TOLERANCE_DEG = 1e-3
"""Start, step and end are single-precision numbers of up to 180 degrees."""


def claims(head: bytes, _path: Path) -> Evidence:
    """The letters of the magic, of any version."""
    return Evidence.MAGIC if head.startswith(MAGIC) else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """The one range; the data must fill the file up to zero padding."""
    cursor = Cursor(content, where)
    if not content.startswith(KNOWN):
        raise UnknownFormat(
            f"only STOE files of version 1.06 are read, not {content[:14]!r}",
            where=f"{where}: byte 0",
            suggestion="export the scan as .xy or .xrdml",
        )
    n = cursor.i16(2082, "the number of points")
    cursor.need(DATA, 4 * n, f"{n} ordinates")
    cursor.ends(DATA + 4 * n)
    return [partial(_scan, cursor, n)]


def _scan(cursor: Cursor, n: int) -> Scan:
    where = cursor.where
    start, step, end = (
        cursor.f32(at, f"the {name} angle") for at, name in ((572, "start"), (342, "step"), (576, "end"))
    )
    if abs(start + n * step - end) > END_TOLERANCE_DEG:
        raise cursor.fail(f"start {start:g}, step {step:g} and end {end:g} contradict {n} points", 572)
    radiation, notes = tube_radiation(
        cursor.f32(322, "the K-alpha1 wavelength"), cursor.f32(326, "the K-alpha2 wavelength"), where=where
    )
    return Scan(
        x=even_axis(start, step, n, where),
        y=cursor.array(DATA, n, "<i4", "the counts"),
        where=where,
        technique="xrd",
        radiation=radiation,
        metadata={"start_deg": start, "step_deg": step, "end_deg": end},
        notes=tuple(notes),
    )


READER = Reader(
    name="stoe-raw",
    title="STOE RAW 1.06",
    suffixes=(".raw",),
    claims=claims,
    read=read,
    reads="one range",
    sigma="sqrt(counts)",
    refuses="other versions; angles that contradict the number of points",
)
