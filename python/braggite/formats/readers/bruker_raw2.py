"""Bruker (Siemens) RAW version 2: `RAW2`, one file header of 256 bytes, then ranges."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from braggite.formats.binary_cursor import Cursor
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.text_blocks import even_axis
from braggite.formats.tube import tube_radiation

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.formats.scan import PendingScan

MAGIC = b"RAW2"
FILE_HEADER = 256
RANGE_FIELDS = 20
"""Bytes of a range header that are known."""


def claims(head: bytes, _path: Path) -> Evidence:
    """The four letters of the magic."""
    return Evidence.MAGIC if head.startswith(MAGIC) else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """Every range; together they must fill the file."""
    cursor = Cursor(content, where)
    cursor.need(0, FILE_HEADER, "the file header")
    scans: list[PendingScan] = []
    at = FILE_HEADER
    for index in range(cursor.u16(4, "the number of ranges")):
        length, n = cursor.u16(at, "the length of a range header"), cursor.u16(at + 2, "the number of points")
        if length < RANGE_FIELDS:
            raise cursor.fail(f"a range header of {length} bytes cannot hold its fields", at)
        cursor.need(at, length + 4 * n, f"range {index} of {n} points")
        scans.append(partial(_scan, cursor, at, length, n))
        at += length + 4 * n
    cursor.ends(at)
    return scans


def _scan(cursor: Cursor, at: int, length: int, n: int) -> Scan:
    where = f"{cursor.where}: byte {at}"
    start, step = cursor.f32(at + 16, "the start angle"), cursor.f32(at + 12, "the step")
    radiation, notes = tube_radiation(
        cursor.f32(190, "the K-alpha1 wavelength"),
        cursor.f32(194, "the K-alpha2 wavelength"),
        cursor.f32(198, "the K-alpha2 ratio"),
        anode=cursor.text(188, 2, "the anode"),
        where=where,
    )
    seconds = cursor.f32(at + 8, "the time per step")
    return Scan(
        x=even_axis(start, step, n, where),
        y=cursor.array(at + length, n, "<f4", "the ordinates"),
        where=where,
        dwell_s=seconds,
        technique="xrd",
        name=cursor.text(8, 160, "the sample's name"),
        radiation=radiation,
        metadata={
            "start_deg": start,
            "step_deg": step,
            "seconds_per_step": seconds,
            "kbeta_angstrom": cursor.f32(206, "the K-beta wavelength"),
            "measured": f"{cursor.text(168, 10, 'the date')} {cursor.text(178, 10, 'the time')}".strip(),
        },
        notes=tuple(notes),
    )


READER = Reader(
    name="bruker-raw2",
    title="Bruker RAW version 2",
    suffixes=(".raw",),
    claims=claims,
    read=read,
    reads="every range",
    sigma="sqrt(counts); sqrt(rate/time) for rates that are whole counts",
    refuses="data that do not fill the file",
)
