"""Thermo OMNIC `.spa .spg .srs` through spectrochempy: each spectrum is a scan."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.formats.infrared import ordinate_unit, wavenumbers
from braggite.formats.optional_package import on_file, package
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan

if TYPE_CHECKING:
    from pathlib import Path as FilePath

    from braggite.formats.scan import PendingScan

SUFFIXES = (".spa", ".spg", ".srs")


def claims(head: bytes, path: FilePath) -> Evidence:
    """The words that OMNIC files start with."""
    if head.startswith((b"Spectral Data File", b"Spectral Exte File")):
        return Evidence.MAGIC
    return Evidence.SUFFIX if path.suffix.lower() in SUFFIXES else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """One scan a spectrum."""
    package("spectrochempy", extra="omnic", title="Thermo OMNIC", where=where)
    suffix = ".spg" if content.startswith(b"Spectral Exte") else ".spa"
    if where.lower().endswith(".srs"):
        suffix = ".srs"
    x, table, stated = on_file(content, suffix, _contents, where)
    return [partial(_scan, x, table[index], stated, index, where) for index in range(len(table))]


def _contents(path: str) -> tuple[Any, Any, dict[str, str]]:
    import spectrochempy

    found = spectrochempy.read_omnic(path)
    x = np.asarray(found.x.data, dtype=np.float64)
    table = np.atleast_2d(np.asarray(found.data, dtype=np.float64))
    stated = {
        "title": str(found.title or ""),
        "units": str(found.units or ""),
        "x_units": str(found.x.units or ""),
        "name": str(found.name or ""),
    }
    return x, table, stated


def _scan(x: Any, y: Any, stated: dict[str, str], index: int, where: str) -> Scan:
    place = f"{where}: spectrum {index}"
    axis = "cm-1" if "cm" in stated["x_units"] else stated["x_units"]
    shifts, axis_notes = wavenumbers(x, axis, place)
    raman = "raman" in stated["title"].lower()
    unit, scale, notes = ordinate_unit(stated["title"], y, place)
    return Scan(
        x=shifts,
        y=y,
        where=place,
        technique="raman" if raman else "ftir",
        y_unit=unit,
        name=stated["name"],
        metadata={"stated": stated, "index": index, **({"transmittance_scale": scale} if scale else {})},
        notes=(*axis_notes, *notes),
    )


READER = Reader(
    name="omnic",
    title="Thermo OMNIC",
    suffixes=SUFFIXES,
    claims=claims,
    read=read,
    sigma="none",
    reads="every spectrum, with `braggite[omnic]`",
    refuses="axes other than wavenumbers or wavelengths",
)
