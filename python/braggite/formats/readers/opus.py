"""Bruker OPUS `.0 .1 ...` through brukeropus: result spectra first, then single beams; each block is a scan."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import UnknownFormat
from braggite.formats.binary_cursor import Cursor
from braggite.formats.infrared import ordinate_unit
from braggite.formats.optional_package import on_file, package
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.formats.scan import PendingScan

MAGIC = b"\n\n\xfe\xfe"
SUFFIXES = tuple(f".{n}" for n in range(10))
SINGLE_BEAMS = ("rf", "sm", "2chrf", "2chsm")
PARAMETERS = ("snm", "sfm", "cnm", "ins", "res", "nss", "nsr", "src", "rlw", "rlp", "dxu", "fxv", "lxv", "npt")


def claims(head: bytes, path: Path) -> Evidence:
    """The four bytes every OPUS file starts with."""
    if head.startswith(MAGIC):
        return Evidence.MAGIC
    return Evidence.SUFFIX if path.suffix in SUFFIXES else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """Scans of the blocks over wavenumbers: absorbance, transmittance, reflectance or Raman before single beams."""
    if not content.startswith(MAGIC):
        raise UnknownFormat("the file does not start as OPUS files do", where=where, suggestion="export it again")
    package("brukeropus", extra="ir", title="Bruker OPUS", where=where)
    _check_directory(Cursor(content, where))
    blocks, others = on_file(content, ".0", _blocks, where)
    if not blocks:
        raise UnknownFormat(
            f"the file holds no spectrum over wavenumbers, only {', '.join(others) or 'parameters'}",
            where=where,
            suggestion="save the spectrum block in OPUS",
        )
    return [partial(_scan, block, others, where) for block in blocks]


def _check_directory(cursor: Cursor) -> None:
    """Every block of the directory lies within the file."""
    start, count = cursor.u32(12, "start of the directory"), cursor.u32(20, "number of blocks")
    cursor.need(start, 12 * count, f"a directory of {count} blocks")
    for index in range(count):
        at = start + 12 * index
        cursor.need(cursor.u32(at + 8, "place of a block"), 4 * cursor.u32(at + 4, "length of a block"), "a block")


def _blocks(path: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Blocks over wavenumbers, results first, and the names of the others."""
    import brukeropus

    file = brukeropus.read_opus(path)
    found: list[dict[str, Any]] = []
    others: list[str] = []
    for key in file.data_keys:
        block = getattr(file, key)
        unit = str(getattr(block.params, "dxu", "") or "")
        if unit != "WN" or key.startswith("ph"):
            others.append(str(block.label))
            continue
        n = int(block.params.npt)
        x, y = np.asarray(block.x, dtype=np.float64), np.asarray(block.y, dtype=np.float64)
        if not x.size == y.size == n:
            raise ValueError(f"{key}: {n} points are declared, {y.size} stand here")
        stated = {name: _of(block.params, name) or _of(file.params, name) for name in PARAMETERS}
        found.append({"key": key, "label": str(block.label), "x": x, "y": y, "stated": stated})
    return sorted(found, key=lambda block: block["key"].partition("_")[0] in SINGLE_BEAMS), others


def _of(parameters: Any, name: str) -> str | int | float | None:
    value = getattr(parameters, name, None)
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _scan(block: dict[str, Any], others: list[str], where: str) -> Scan:
    place = f"{where}: block {block['key']}"
    stated, label = block["stated"], block["label"]
    raman = block["key"].partition("_")[0] == "ra"
    unit, scale, notes = ordinate_unit("" if raman else label, block["y"], place)
    notes = list(notes)
    if block["key"].partition("_")[0] in SINGLE_BEAMS:
        notes.append(Diagnostic.of("single_beam", where=place, value=label))
    laser = stated["rlw"] if raman and isinstance(stated["rlw"], float) and stated["rlw"] > 0 else None
    return Scan(
        x=block["x"],
        y=block["y"],
        where=place,
        technique="raman" if raman else "ftir",
        y_unit=unit,
        name=str(stated["snm"] or ""),
        metadata={
            "block": block["key"],
            "label": label,
            "stated": stated,
            "other_blocks": others,
            "laser_wavelength_nm": 1e7 / laser if laser else None,
            **({"transmittance_scale": scale} if scale else {}),
        },
        notes=tuple(notes),
    )


READER = Reader(
    name="opus",
    title="Bruker OPUS",
    suffixes=SUFFIXES,
    claims=claims,
    read=read,
    sigma="none",
    reads="every block over wavenumbers, results before single beams, with `braggite[ir]`",
    refuses="interferograms and phases",
)
