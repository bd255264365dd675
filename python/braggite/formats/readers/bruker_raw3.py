"""Bruker RAW version 3: `RAW1.01`, a file header of 712 bytes, then ranges whose records may carry positions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from braggite.errors import UnknownFormat
from braggite.formats.binary_cursor import Cursor
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.text_blocks import even_axis
from braggite.formats.tube import tube_radiation
from braggite.spectrum import Instrument

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.arrays import FloatArray
    from braggite.formats.scan import PendingScan

MAGIC = b"RAW1.01"
FILE_HEADER = 712
RANGE_FIELDS = 260
"""Bytes of a range header that are known."""
SCAN_TYPES = ("locked coupled", "unlocked coupled", "detector")
"""Scan types in which 2-theta moves, by their number."""


def claims(head: bytes, _path: Path) -> Evidence:
    """The seven letters of the magic."""
    return Evidence.MAGIC if head.startswith(MAGIC) else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """Every range; together they must fill the file."""
    cursor = Cursor(content, where)
    cursor.need(0, FILE_HEADER, "the file header")
    scans: list[PendingScan] = []
    at = FILE_HEADER
    ranges = cursor.i32(12, "the number of ranges")
    if ranges < 0 or ranges * RANGE_FIELDS > len(cursor):
        raise cursor.fail(f"{ranges} ranges cannot stand in {len(cursor)} bytes", 12)
    for index in range(ranges):
        header, n = cursor.i32(at, "the length of a range header"), cursor.i32(at + 4, "the number of points")
        record, varying = cursor.i32(at + 252, "the record length"), cursor.u32(at + 248, "the varying parameters")
        extra = cursor.i32(at + 256, "the length of further headers")
        if header < RANGE_FIELDS or extra < 0 or n < 0:
            raise cursor.fail(f"range {index}: header {header}, further headers {extra}, {n} points", at)
        if record != 4 + 8 * varying.bit_count():
            raise cursor.fail(f"range {index}: records of {record} bytes with {varying.bit_count()} positions", at)
        cursor.need(at, header + extra + record * n, f"range {index} of {n} points")
        scans.append(partial(_scan, cursor, at, at + header + extra, n, record))
        at += header + extra + record * n
    cursor.ends(at)
    return scans


def _scan(cursor: Cursor, at: int, data: int, n: int, record: int) -> Scan:
    where = f"{cursor.where}: byte {at}"
    kind = cursor.i32(at + 196, "the scan type")
    if not 0 <= kind < len(SCAN_TYPES):
        raise UnknownFormat(
            f"the scan is of type {kind} (rocking curve or another axis), not a 2-theta scan",
            where=where,
            suggestion="choose a 2-theta scan of the file, or measure one",
        )
    start, step = cursor.f64(at + 16, "the start angle"), cursor.f64(at + 176, "the step")
    seconds = cursor.f32(at + 192, "the time per step")
    radiation, notes = tube_radiation(
        cursor.f64(624, "the K-alpha1 wavelength"),
        cursor.f64(632, "the K-alpha2 wavelength"),
        cursor.f64(648, "the K-alpha2 ratio"),
        anode=cursor.text(608, 4, "the anode"),
        where=where,
    )
    radius = cursor.f32(564, "the radius")
    return Scan(
        x=_positions(cursor, data, record, even_axis(start, step, n, where), step),
        y=cursor.array(data, n, "<f4", "the ordinates", stride=record),
        where=where,
        dwell_s=seconds,
        technique="xrd",
        name=cursor.text(326, 60, "the sample's name"),
        radiation=radiation,
        instrument=Instrument(radius_mm=radius if radius > 0 else None),
        metadata={
            "scan_axis": SCAN_TYPES[kind],
            "start_deg": start,
            "step_deg": step,
            "seconds_per_step": seconds,
            "temperature": cursor.f32(at + 212, "the temperature"),
            "site": cursor.text(108, 218, "the site"),
            "user": cursor.text(36, 72, "the user"),
            "comment": cursor.text(386, 160, "the comment"),
            "measured": f"{cursor.text(16, 10, 'the date')} {cursor.text(26, 10, 'the time')}".strip(),
        },
        notes=tuple(notes),
    )


def _positions(cursor: Cursor, data: int, record: int, even: FloatArray, step: float) -> FloatArray:
    """Stored positions where a record carries them: the column that keeps within a step of the even axis."""
    n = even.size
    stored = [cursor.array(data + 4 + at, n, "<f8", "the positions", stride=record) for at in range(0, record - 4, 8)]
    if not stored:
        return even
    near = [column for column in stored if np.all(np.abs(column - even) <= abs(step))]
    if not near:
        raise cursor.fail("no stored position follows the start and the step", data)
    return near[0]


READER = Reader(
    name="bruker-raw3",
    title="Bruker RAW version 3 (RAW1.01)",
    suffixes=(".raw",),
    claims=claims,
    read=read,
    reads="every range, with stored positions where there are any",
    sigma="sqrt(counts); sqrt(rate/time) for rates that are whole counts",
    refuses="rocking curves and scans of other axes; records that contradict their length",
)
