"""Bruker RAW version 4: `RAW4.00`, then segments; a segment of type 0 or 160 is a range with its data."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from braggite.formats.binary_cursor import Cursor
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.scan_axis import is_two_theta, require_two_theta
from braggite.formats.text_blocks import even_axis
from braggite.formats.tube import tube_radiation

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.formats.scan import PendingScan

MAGIC = b"RAW4.00"
FIRST_SEGMENT = 61
TEXT, SOURCE, DRIVE = 10, 30, 50
RANGES = (0, 160)
RANGE_START, RECORDS_START = 72, 88
"""Bytes from the marker of a range to its fields, and from those to its nested records."""
AT_START_DEG = 1e-6
"""A scanned drive sits at the start angle as it was written."""


@dataclass(slots=True)
class _Header:
    """What the segments before a range say about it."""

    texts: dict[str, str] = field(default_factory=dict)
    source_at: int | None = None


@dataclass(frozen=True, slots=True)
class _Range:
    """Where a range and its data begin, and how many data of which size there are."""

    at: int
    data: int
    n: int
    size: int


def claims(head: bytes, _path: Path) -> Evidence:
    """The seven letters of the magic."""
    return Evidence.MAGIC if head.startswith(MAGIC) else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """Every range; segments and data together must fill the file."""
    cursor = Cursor(content, where)
    cursor.need(0, FIRST_SEGMENT, "the file header")
    header, scans = _Header(), list[partial[Scan]]()
    at, end = FIRST_SEGMENT, len(content.rstrip(b"\0"))
    while at < end:
        kind = cursor.u32(at, "the type of a segment")
        if kind in RANGES:
            begin = at + RANGE_START
            n, size = cursor.u32(begin + 16, "the number of points"), cursor.u32(begin + 64, "the size of a datum")
            data = begin + RECORDS_START + cursor.u32(begin + 68, "the length of the nested records")
            if size < 4:
                raise cursor.fail(f"a datum of {size} bytes holds no number", begin + 64)
            cursor.need(data, n * size, f"a range of {n} points")
            scans.append(partial(_scan, cursor, header, _Range(at, data, n, size)))
            at = data + n * size
            continue
        length = cursor.u32(at + 4, "the length of a segment")
        if length < 8:
            raise cursor.fail(f"a segment of {length} bytes", at)
        cursor.need(at, length, f"a segment of type {kind}")
        if kind == TEXT and length >= 36:
            header.texts[cursor.text(at + 12, 24, "a key")] = cursor.text(at + 36, length - 36, "a value")
        elif kind == SOURCE:
            header.source_at = at
        at += length
    return list(scans)


def _scan(cursor: Cursor, header: _Header, found: _Range) -> Scan:
    at = found.at
    where = f"{cursor.where}: byte {at}"
    begin = at + RANGE_START
    start, step = cursor.f64(begin, "the start angle"), cursor.f64(begin + 8, "the step")
    axis = cursor.text(at + 32, 24, "the scan's name")
    drive = _scanned_drive(cursor, begin + RECORDS_START, found.data, start)
    require_two_theta(drive or axis, where)
    source = header.source_at
    wavelengths = (
        (cursor.f64(begin + 40, "the wavelength"), None, None)
        if source is None
        else tuple(
            cursor.f64(source + offset, name)
            for offset, name in ((80, "the K-alpha1 wavelength"), (88, "the K-alpha2 wavelength"), (104, "the ratio"))
        )
    )
    radiation, notes = tube_radiation(*wavelengths, where=where)
    return Scan(
        x=even_axis(start, step, found.n, where),
        y=cursor.array(found.data, found.n, "<f4", "the ordinates", stride=found.size),
        where=where,
        technique="xrd",
        name=header.texts.get("SAMPLEID", ""),
        radiation=radiation,
        metadata={
            **header.texts,
            "scan_axis": axis,
            "start_deg": start,
            "step_deg": step,
            # seconds summed over a line detector in some files: kept, but never used for a standard deviation
            "seconds_per_step": cursor.f32(begin + 20, "the time per step"),
            "tube_kv": cursor.f32(begin + 28, "the voltage"),
            "tube_ma": cursor.f32(begin + 32, "the current"),
            "measured": f"{cursor.text(12, 12, 'the date')} {cursor.text(24, 10, 'the time')}".strip(),
        },
        notes=tuple(notes),
    )


def _scanned_drive(cursor: Cursor, at: int, end: int, start: float) -> str:
    """Name of the drive that moved: its flag is not zero and it sits at the start angle; empty when none does.

    Where several do (coupled drives at one angle), 2-theta is the scanned one if it is among them.
    """
    moved: list[str] = []
    while at < end:
        kind, length = cursor.u32(at, "the type of a record"), cursor.u32(at + 4, "the length of a record")
        if length < 8 or at + length > end:
            raise cursor.fail(f"a record of {length} bytes, and {end - at} are left", at)
        if kind == DRIVE and length >= 64 and cursor.u32(at + 8, "a drive's flag"):
            name = cursor.text(at + 12, 24, "a drive's name")
            if abs(cursor.f64(at + 56, f"the position of {name}") - start) < AT_START_DEG:
                moved.append(name)
        at += length
    return next((name for name in moved if is_two_theta(name)), moved[0] if moved else "")


READER = Reader(
    name="bruker-raw4",
    title="Bruker RAW version 4 (RAW4.00)",
    suffixes=(".raw",),
    claims=claims,
    read=read,
    reads="every range, data of any size",
    sigma="sqrt(counts); none for ordinates that are not whole, because the stored time is summed over the detector",
    refuses="scans of another axis than 2-theta; segments that do not fill the file",
)
