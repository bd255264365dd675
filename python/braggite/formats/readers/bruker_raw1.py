"""Bruker (Siemens) RAW version 1: `RAW ` and 152 bytes of header before each range."""

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

MAGIC = b"RAW "
HEADER = 156


def claims(head: bytes, _path: Path) -> Evidence:
    """The four letters of the magic."""
    return Evidence.MAGIC if head.startswith(MAGIC) else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """Every range; together they must fill the file."""
    cursor = Cursor(content, where)
    scans: list[PendingScan] = []
    at, following = 0, 1
    while following:
        if content[at : at + 4] != MAGIC:
            raise UnknownFormat(
                "a further range does not begin as the first one does",
                where=f"{where}: byte {at}",
                suggestion="export the scan as .xy or .xrdml",
            )
        cursor.need(at, HEADER, "a range header")
        n = cursor.u32(at + 4, "the number of points")
        cursor.need(at + HEADER, 4 * n, f"{n} ordinates")
        scans.append(partial(_scan, cursor, at, n))
        following = cursor.u32(at + 152, "the number of following ranges")
        at += HEADER + 4 * n
    cursor.ends(at)
    return scans


def _scan(cursor: Cursor, at: int, n: int) -> Scan:
    where = f"{cursor.where}: byte {at}"
    start, step = cursor.f32(at + 24, "the start angle"), cursor.f32(at + 12, "the step")
    radiation, notes = tube_radiation(
        cursor.f32(at + 72, "the K-alpha1 wavelength"), cursor.f32(at + 76, "the K-alpha2 wavelength"), where=where
    )
    seconds = cursor.f32(at + 8, "the time per step")
    return Scan(
        x=even_axis(start, step, n, where),
        y=cursor.array(at + HEADER, n, "<f4", "the ordinates"),
        where=where,
        dwell_s=seconds,
        technique="xrd",
        name=cursor.text(at + 40, 32, "the sample's name"),
        radiation=radiation,
        metadata={
            "start_deg": start,
            "step_deg": step,
            "seconds_per_step": seconds,
            "scan_mode": cursor.u32(at + 16, "the scan mode"),
        },
        notes=tuple(notes),
    )


READER = Reader(
    name="bruker-raw1",
    title="Bruker RAW version 1",
    suffixes=(".raw",),
    claims=claims,
    read=read,
    reads="every range",
    sigma="sqrt(counts); sqrt(rate/time) for rates that are whole counts",
    refuses="data that do not fill the file",
)
