"""PerkinElmer `.sp`: blocks inside blocks, each with a number, a length and typed values; one spectrum.

The numbers were found in a measured file, whose declared range of ordinates, range of positions, interval and number
of points account for its data exactly.
"""

from __future__ import annotations

import struct
from functools import partial
from typing import TYPE_CHECKING, Any

from braggite.errors import UnknownFormat
from braggite.formats.binary_cursor import Cursor
from braggite.formats.infrared import ordinate_unit, wavenumbers
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.text_blocks import even_axis

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.formats.scan import PendingScan

MAGIC = b"PEPE"
FIRST_BLOCK, BLOCK_HEADER = 44, 6
SPECTRUM = 0x78
CONTAINERS = {0x79, 0x7A, 0x7B, 0x7C}
"""Blocks of the history that hold further blocks."""
RANGE, INTERVAL, POINTS, X_LABEL, Y_LABEL, KIND, DATA, HISTORY, ALIAS = (
    0x8B72, 0x8B74, 0x8B75, 0x8B77, 0x8B78, 0x8B7B, 0x8B7C, 0x8B7F, 0x8B81,
)  # fmt: skip
TEXT, TWO_DOUBLES, DOUBLE, INTEGER, DOUBLES = 0x7523, 0x751D, 0x751B, 0x752B, 0x7516
"""Types of values."""
MAX_DEPTH = 32


def claims(head: bytes, path: Path) -> Evidence:
    """The four letters that the file begins with."""
    return Evidence.MAGIC if head.startswith(MAGIC) else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """The one spectrum."""
    cursor = Cursor(content, where)
    kind = cursor.u16(FIRST_BLOCK, "the first block")
    if kind != SPECTRUM:
        description = cursor.text(len(MAGIC), FIRST_BLOCK - len(MAGIC), "description")
        raise UnknownFormat(
            f"the file holds {description!r} (block {kind}), not one spectrum",
            where=f"{where}: byte {FIRST_BLOCK}",
            suggestion="export the spectra as two-column text (.txt or .csv) from the instrument's software",
        )
    blocks = _blocks(cursor, FIRST_BLOCK, len(cursor))
    at, length = blocks[SPECTRUM]
    cursor.ends(at + length)
    return [partial(_scan, cursor, _blocks(cursor, at, at + length))]


def _blocks(cursor: Cursor, at: int, end: int) -> dict[int, tuple[int, int]]:
    """Place and length of the content of each block between two bytes; they fill the space."""
    found: dict[int, tuple[int, int]] = {}
    while at + BLOCK_HEADER <= end:
        number, length = cursor.u16(at, "a block"), cursor.i32(at + 2, "the length of a block")
        at += BLOCK_HEADER
        if not 0 <= length <= end - at:
            raise cursor.fail(f"block {number:#x} takes {length} bytes, and {end - at} are left", at - 4)
        found.setdefault(number, (at, length))
        at += length
    if at != end:
        raise cursor.fail(f"{end - at} bytes follow the last block", at)
    return found


def _scan(cursor: Cursor, blocks: dict[int, tuple[int, int]]) -> Scan:
    start, stop = _numbers(cursor, blocks, RANGE, TWO_DOUBLES, "range")
    (step,) = _numbers(cursor, blocks, INTERVAL, DOUBLE, "interval")
    at, _ = _value(cursor, blocks, POINTS, INTEGER, "number of points")
    n = cursor.i32(at, "number of points")
    at, length = _value(cursor, blocks, DATA, DOUBLES, "ordinates")
    if n < 1 or cursor.i32(at, "length of the ordinates") != 8 * n or length != 4 + 8 * n:
        raise cursor.fail(f"{n} ordinates are declared; {length - 4} bytes stand here", at)
    y = cursor.array(at + 4, n, "<f8", "ordinates")
    where = f"{cursor.where}: byte {at + 4}"
    labels = {name: _text(cursor, blocks, block) for name, block in (("x_label", X_LABEL), ("y_label", Y_LABEL))}
    x, axis_notes = wavenumbers(even_axis(start, step, n, where, stop=stop), labels["x_label"], where)
    unit, scale, notes = ordinate_unit(labels["y_label"], y, where)
    metadata: dict[str, Any] = labels | {"kind": _text(cursor, blocks, KIND)}
    if HISTORY in blocks:
        metadata["history"] = _texts(cursor, *blocks[HISTORY], MAX_DEPTH)
    if scale:
        metadata["transmittance_scale"] = scale
    return Scan(
        x=x,
        y=y,
        where=where,
        technique="ftir",
        y_unit=unit,
        name=_text(cursor, blocks, ALIAS),
        metadata=metadata,
        notes=(*axis_notes, *notes),
    )


def _value(cursor: Cursor, blocks: dict[int, tuple[int, int]], number: int, kind: int, what: str) -> tuple[int, int]:
    """Place and length of a value of the expected type."""
    if number not in blocks:
        raise cursor.fail(f"the file holds no {what} (block {number:#x})", FIRST_BLOCK)
    at, length = blocks[number]
    if length < 2 or cursor.u16(at, what) != kind:
        raise cursor.fail(f"{what} is of another type than {kind:#x}", at)
    return at + 2, length - 2


def _numbers(
    cursor: Cursor, blocks: dict[int, tuple[int, int]], number: int, kind: int, what: str
) -> tuple[float, ...]:
    at, length = _value(cursor, blocks, number, kind, what)
    if length % 8:
        raise cursor.fail(f"{what} takes {length} bytes, not a number of doubles", at)
    return tuple(cursor.f64(place, what) for place in range(at, at + length, 8))


def _text(cursor: Cursor, blocks: dict[int, tuple[int, int]], number: int) -> str:
    """A text; empty where the file holds none."""
    if number not in blocks:
        return ""
    at, length = _value(cursor, blocks, number, TEXT, f"block {number:#x}")
    return cursor.text(at + 2, min(cursor.u16(at, "length of a text"), max(length - 2, 0)), "a text")


def _texts(cursor: Cursor, at: int, length: int, depth: int) -> list[str]:
    """Every text of the history (who, what, when, which accessory), in the file's order; damaged parts are left out."""
    end, found = at + length, []
    while at + BLOCK_HEADER <= end and depth:
        number, size = struct.unpack_from("<Hi", cursor.content, at)
        at += BLOCK_HEADER
        if not 0 <= size <= end - at:
            break
        inner = struct.unpack_from("<H", cursor.content, at)[0] if size > BLOCK_HEADER else None
        if number in CONTAINERS or inner in CONTAINERS:
            found += _texts(cursor, at, size, depth - 1)
        elif inner == TEXT:
            found.append(cursor.text(at + 4, size - 4, "a text"))
        at += size
    return [text for text in found if text]


READER = Reader(
    name="perkinelmer-sp",
    title="PerkinElmer SP",
    suffixes=(".sp",),
    claims=claims,
    read=read,
    sigma="none",
    reads="the one spectrum, over an even axis, with the texts of its history",
    refuses="maps and other data sets; a range, interval and number of points that contradict each other",
)
