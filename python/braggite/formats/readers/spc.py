"""Galactic (Thermo GRAMS) `.spc`: new little-endian and old form, one or several subfiles; each subfile is a scan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.errors import UnknownFormat
from braggite.formats.binary_cursor import Cursor
from braggite.formats.infrared import ordinate_unit, wavenumbers
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.arrays import FloatArray
    from braggite.formats.scan import PendingScan
    from braggite.spectrum import TechniqueName

NEW, BIG_ENDIAN, OLD = 0x4B, 0x4C, 0x4D
SHORT, MULTI, XYXYXY, XVALS = 0x01, 0x04, 0x40, 0x80
"""Flags: 16-bit integers; several subfiles; positions for each subfile; positions stored once."""
FLOAT_EXPONENT = -128
NEW_HEADER, OLD_HEADER, SUBHEADER, LOG_HEADER = 512, 256, 32, 64
MAX_SUBFILES = 1 << 20

X_TYPES = {1: "wavenumber (cm-1)", 2: "micrometers", 3: "nanometers", 13: "Raman shift (cm-1)"}
Y_TYPES = {
    1: "interferogram",
    2: "absorbance",
    3: "Kubelka-Munk",
    4: "counts",
    12: "percent",
    128: "transmittance",
    129: "reflectance",
}
RAMAN_EXPERIMENT, RAMAN_SHIFT = 11, 13
INTERFEROGRAM = 1


@dataclass(frozen=True, slots=True)
class _Header:
    """Fields that both forms have."""

    flags: int
    experiment: int
    exponent: int
    n: int
    first: float
    last: float
    n_subfiles: int | None
    x_type: int
    y_type: int
    metadata: dict[str, Any]
    data_at: int
    log_at: int


@dataclass(frozen=True, slots=True)
class _Subfile:
    """Where a subfile's numbers lie."""

    exponent: int
    n: int
    x_at: int | None
    y_at: int
    metadata: dict[str, Any]


def claims(head: bytes, path: Path) -> Evidence:
    """The version byte under the suffix (one byte alone is no evidence)."""
    suffixed = path.suffix.lower() == ".spc"
    if suffixed and len(head) > 1 and head[1] in (NEW, BIG_ENDIAN, OLD, 0xCF):
        return Evidence.MAGIC
    return Evidence.SUFFIX if suffixed else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """One scan a subfile."""
    version = content[1] if len(content) > 1 else -1
    if version not in (NEW, OLD):
        kind = "big-endian SPC" if version == BIG_ENDIAN else "not a Galactic SPC"
        raise UnknownFormat(
            f"this is {kind} file (version byte {version:#04x})",
            where=f"{where}: byte 1",
            suggestion="export the spectrum as JCAMP-DX or two-column text",
        )
    cursor = Cursor(content, where)
    header = _new_header(cursor) if version == NEW else _old_header(cursor)
    if header.n < 1 and not header.flags & XYXYXY:
        raise cursor.fail("the header declares no points", 4)
    subfiles = _subfiles(cursor, header, old=version == OLD)
    return [partial(_scan, cursor, header, subfile, version == OLD) for subfile in subfiles]


def _new_header(cursor: Cursor) -> _Header:
    cursor.need(0, NEW_HEADER, "the header")
    content = cursor.content
    minute = cursor.u32(32, "date")
    return _Header(
        flags=content[0],
        experiment=content[2],
        exponent=int.from_bytes(content[3:4], "little", signed=True),
        n=cursor.u32(4, "number of points"),
        first=cursor.f64(8, "first position"),
        last=cursor.f64(16, "last position"),
        n_subfiles=cursor.u32(24, "number of subfiles"),
        x_type=content[28],
        y_type=content[29],
        metadata={
            "measured": _date(minute >> 20, minute >> 16 & 15, minute >> 11 & 31, minute >> 6 & 31, minute & 63),
            "resolution": cursor.text(36, 9, "resolution"),
            "source": cursor.text(45, 9, "source"),
            "comment": cursor.text(88, 130, "comment"),
            "method": cursor.text(264, 48, "method"),
        },
        data_at=NEW_HEADER,
        log_at=cursor.u32(248, "offset of the log"),
    )


def _old_header(cursor: Cursor) -> _Header:
    cursor.need(0, OLD_HEADER, "the header")
    content = cursor.content
    n = cursor.f32(4, "number of points")
    if n != int(n) or n < 0:
        raise cursor.fail(f"the header declares {n:g} points", 4)
    return _Header(
        flags=content[0],
        experiment=0,
        exponent=cursor.i16(2, "exponent"),
        n=int(n),
        first=cursor.f32(8, "first position"),
        last=cursor.f32(12, "last position"),
        n_subfiles=None,
        x_type=content[16] & 0x7F,
        y_type=content[17],
        metadata={
            "measured": _date(cursor.u16(18, "year"), content[20], content[21], content[22], content[23]),
            "resolution": cursor.text(24, 8, "resolution"),
            "scans": cursor.u16(34, "number of scans"),
            "comment": cursor.text(64, 130, "comment"),
        },
        data_at=OLD_HEADER - SUBHEADER,  # the first subheader is the end of the header
        log_at=0,
    )


def _date(year: int, month: int, day: int, hour: int, minute: int) -> str:
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}" if year else ""


def _subfiles(cursor: Cursor, header: _Header, *, old: bool) -> list[_Subfile]:
    """Places of all subfiles; they must fill the file up to its log, zero padding apart."""
    at = header.data_at
    shared_x: int | None = None
    if header.flags & XVALS and not header.flags & XYXYXY:
        shared_x = at
        cursor.need(at, 4 * header.n, "positions")
        at += 4 * header.n
    count = 1 if not header.flags & MULTI else header.n_subfiles
    if count is not None and not 0 < count <= MAX_SUBFILES:
        raise cursor.fail(f"{count} subfiles are declared", 24)
    end = header.log_at or len(cursor)
    if header.log_at:
        _require_log(cursor, header.log_at)
    found: list[_Subfile] = []
    while len(found) < count if count is not None else at + SUBHEADER < end:
        subfile, at = _subfile(cursor, header, at, shared_x, old=old)
        found.append(subfile)
    if not header.flags & XYXYXY and not header.log_at:  # a directory follows the subfiles of XYXYXY files
        cursor.ends(at)
    elif at > end:
        raise cursor.fail("the subfiles run into the log", at)
    return found


def _subfile(cursor: Cursor, header: _Header, at: int, x_at: int | None, *, old: bool) -> tuple[_Subfile, int]:
    cursor.need(at, SUBHEADER, "a subfile's header")
    exponent, n = header.exponent, header.n
    if header.flags & MULTI and not old:
        exponent = int.from_bytes(cursor.content[at + 1 : at + 2], "little", signed=True)
    metadata = {"index": cursor.u16(at + 2, "index of a subfile"), "z": _plain(cursor, at + 4)}
    if header.flags & XYXYXY and not old:
        n = cursor.u32(at + 16, "points of a subfile")
        x_at = at + SUBHEADER
        cursor.need(x_at, 4 * n, "positions of a subfile")
        at = x_at + 4 * n
    else:
        at += SUBHEADER
    size = 2 if header.flags & SHORT and exponent != FLOAT_EXPONENT else 4
    cursor.need(at, size * n, f"{n} ordinates")
    return _Subfile(exponent, n, x_at, at, metadata), at + size * n


def _plain(cursor: Cursor, at: int) -> float | None:
    value = float(np.frombuffer(cursor.content, "<f4", 1, at)[0])
    return value if np.isfinite(value) else None


def _scan(cursor: Cursor, header: _Header, subfile: _Subfile, old: bool) -> Scan:
    where = f"{cursor.where}: byte {subfile.y_at}"
    if header.y_type == INTERFEROGRAM or header.x_type not in X_TYPES:
        kind = "an interferogram" if header.y_type == INTERFEROGRAM else f"an axis of type {header.x_type}"
        raise UnknownFormat(
            f"the file holds {kind}, not a spectrum over cm-1", where=where, suggestion="export the spectrum itself"
        )
    y = _ordinates(cursor, header, subfile, old=old)
    if subfile.x_at is None:
        x = np.linspace(header.first, header.last, subfile.n)  # the file stores its first and last position only
    else:
        x = cursor.array(subfile.x_at, subfile.n, "<f4", "positions")
    x, axis_notes = wavenumbers(x, X_TYPES[header.x_type], where)
    unit, scale, notes = ordinate_unit(Y_TYPES.get(header.y_type, ""), y, where)
    return Scan(
        x=x,
        y=y,
        where=where,
        technique=_technique(header),
        y_unit=unit,
        name=header.metadata["comment"].partition("\n")[0],
        metadata=header.metadata
        | subfile.metadata
        | {"x_type": X_TYPES[header.x_type], "y_type": Y_TYPES.get(header.y_type, header.y_type)}
        | {"log": _log(cursor, header.log_at)}
        | ({"transmittance_scale": scale} if scale else {}),
        notes=(*axis_notes, *notes),
    )


def _technique(header: _Header) -> TechniqueName | None:
    """Raman where the axis or the experiment says so; infrared for absorbance of an infrared experiment."""
    if header.x_type == RAMAN_SHIFT or header.experiment == RAMAN_EXPERIMENT:
        return "raman"
    return "ftir" if header.y_type in (128, 129) or (header.y_type == 2 and header.experiment in (4, 5)) else None


def _ordinates(cursor: Cursor, header: _Header, subfile: _Subfile, *, old: bool) -> FloatArray:
    """Floats, or integers times a power of two; old files store the two halves of an integer the wrong way round."""
    n, at, exponent = subfile.n, subfile.y_at, subfile.exponent
    if exponent == FLOAT_EXPONENT:
        return cursor.array(at, n, "<f4", "ordinates")
    if not -60 < exponent < 60:
        raise cursor.fail(f"the exponent of the ordinates is {exponent}", at)
    if header.flags & SHORT:
        return cursor.array(at, n, "<i2", "ordinates") * 2.0 ** (exponent - 16)
    if not old:
        return cursor.array(at, n, "<i4", "ordinates") * 2.0 ** (exponent - 32)
    halves = cursor.array(at, 2 * n, "<u2", "ordinates")
    values = halves[0::2] * 65536.0 + halves[1::2]
    values[values >= 2.0**31] -= 2.0**32
    return values * 2.0 ** (exponent - 32)


def _require_log(cursor: Cursor, at: int) -> None:
    """Raise unless the log fills the file to its end, as its size says."""
    cursor.need(at, LOG_HEADER, "the header of the log")
    size = cursor.u32(at, "size of the log")
    cursor.need(at, size, "the log")
    cursor.ends(at + size)


def _log(cursor: Cursor, at: int) -> dict[str, str]:
    """The ``name=value`` lines of the log; empty where there is none."""
    if at <= 0:
        return {}
    text_at = at + cursor.u32(at + 8, "offset of the log's text")
    lines = cursor.content[text_at : text_at + (1 << 16)].partition(b"\0")[0].decode("cp1252", "replace").splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


READER = Reader(
    name="spc",
    title="Galactic SPC",
    suffixes=(".spc",),
    claims=claims,
    read=read,
    sigma="none: the ordinates are neither counts nor rates of known dwell",
    reads="new little-endian and old form; every subfile",
    refuses="big-endian files, interferograms, axes other than cm-1, micrometres or nanometres",
)
