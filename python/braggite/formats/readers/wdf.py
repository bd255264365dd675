"""Renishaw WiRE `.wdf` through renishawWiRE: single spectra, series and maps; each spectrum is a scan."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.errors import UnknownFormat
from braggite.formats.binary_cursor import Cursor
from braggite.formats.optional_package import on_file, package
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.arrays import FloatArray
    from braggite.formats.scan import PendingScan

MAGIC, BLOCK_HEADER = b"WDF1", 16
RAMAN_SHIFT = "RamanShift"


def claims(head: bytes, path: Path) -> Evidence:
    """The name of the first block."""
    if head.startswith(MAGIC):
        return Evidence.MAGIC
    return Evidence.SUFFIX if path.suffix.lower() == ".wdf" else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """One scan a spectrum, in the order of the measurement."""
    if not content.startswith(MAGIC):
        raise UnknownFormat("the file does not start with WDF1", where=where, suggestion="export it from WiRE again")
    wire = package("renishawWiRE", extra="raman", title="Renishaw WDF", where=where)
    _check_blocks(Cursor(content, where))
    x, spectra, metadata = on_file(content, ".wdf", partial(_contents, wire), where)
    return [partial(_scan, x, spectra, metadata, index, where) for index in range(len(spectra))]


def _check_blocks(cursor: Cursor) -> None:
    """Blocks follow one another to the end of the file; the data block holds as many floats as the header declares."""
    points, capacity = (
        cursor.u32(60, "points of a spectrum"),
        cursor.u32(64, "spectra") | cursor.u32(68, "spectra") << 32,
    )
    at, data = 0, -1
    while at < len(cursor):
        cursor.need(at, BLOCK_HEADER, "a block's header")
        length = cursor.u32(at + 8, "length of a block") | cursor.u32(at + 12, "length of a block") << 32
        if length < BLOCK_HEADER:
            raise cursor.fail(f"a block of {length} bytes", at)
        cursor.need(at, length, "a block")
        if cursor.content[at : at + 4] == b"DATA":
            data = (length - BLOCK_HEADER) // 4
        at += length
    if data != points * capacity:
        raise cursor.fail(
            f"{capacity} spectra of {points} points are declared, {max(data, 0)} ordinates stand here", 60
        )


def _contents(wire: Any, path: str) -> tuple[FloatArray, FloatArray, dict[str, Any]]:
    """Positions (points,), ordinates (spectra, points) and what else the file states."""
    found = wire.WDFReader(path)
    try:
        unit = found.xlist_unit.name
        if unit != RAMAN_SHIFT:
            raise UnknownFormat(
                f"the axis is in {unit}, not a Raman shift", where=path, suggestion="export the Raman shift"
            )
        n = int(found.point_per_spectrum)
        spectra = np.array(found.spectra, dtype=np.float64).reshape(-1, n)[: int(found.count)]
        x = np.array(found.xdata, dtype=np.float64).reshape(-1)[:n]
        metadata = {
            "title": str(found.title),
            "laser_wavelength_nm": float(found.laser_length),
            "accumulations": int(found.accumulation_count),
            "measurement": found.measurement_type.name,
            "ordinate": found.spectral_unit.name,
            "software": f"{found.application_name} {'.'.join(map(str, found.application_version))}",
            "complete": bool(found.is_completed),
            "map_shape": [int(v) for v in getattr(found, "map_shape", ())],
            "map": {k: v if isinstance(v, float) else str(v) for k, v in getattr(found, "map_info", {}).items()},
            "origins": {
                str(label): np.array(values, dtype=np.float64).tolist()
                for _, _, _, label, values in found.origin_list_header
                if label not in ("Flags", "Checksum")
            },
        }
    finally:
        found.close()
    return x, spectra, metadata


def _scan(x: FloatArray, spectra: FloatArray, metadata: dict[str, Any], index: int, where: str) -> Scan:
    origins = {name: values[index] for name, values in metadata["origins"].items() if index < len(values)}
    return Scan(
        x=x,
        y=spectra[index],
        where=f"{where}: spectrum {index}",
        technique="raman",
        y_unit="counts" if metadata["ordinate"] == "Counts" else None,
        name=metadata["title"],
        metadata={**metadata, "origins": origins, "index": index},
    )


READER = Reader(
    name="wdf",
    title="Renishaw WDF",
    suffixes=(".wdf",),
    claims=claims,
    read=read,
    sigma="none: the ordinates are scaled and accumulated",
    reads="single spectra, series and maps, with `braggite[raman]`",
    refuses="axes other than the Raman shift",
)
