"""JCAMP-DX `.jdx .dx .jcm`: infrared and Raman spectra (and our own exports); each block is a scan."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.errors import InvalidSpectrum, OptionError, UnknownFormat
from braggite.formats.energy_axis import energy_kind
from braggite.formats.infrared import ordinate_unit, wavenumbers
from braggite.formats.readers.jcamp.asdf import decode, plain_numbers
from braggite.formats.readers.jcamp.records import Block, blocks_of
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.radiation import radiation_from_wavelengths

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.arrays import FloatArray
    from braggite.formats.scan import PendingScan
    from braggite.spectrum import Radiation, TechniqueName

SUFFIXES = (".jdx", ".dx", ".jcm")
_DATA_TYPES: tuple[tuple[str, TechniqueName], ...] = (
    (r"\braman\b", "raman"),
    (r"\binfrared spectrum|\bir spectrum|\binfrared$", "ftir"),
    (r"x-?ray diffraction|powder diffraction|\bxrd\b", "xrd"),
    (r"photoelectron|\bxps\b", "xps"),
)


def claims(head: bytes, path: Path) -> Evidence:
    """A title record first; else the suffix."""
    if re.match(rb"(?:\xef\xbb\xbf)?\s*##\s*title\s*=", head, re.IGNORECASE):
        return Evidence.FIRST_LINE
    return Evidence.SUFFIX if path.suffix.lower() in SUFFIXES else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """One scan a block."""
    if not re.search(rb"##", content[:4096]):
        raise UnknownFormat("this is no JCAMP-DX file: no ##TITLE= record", where=where)
    return [partial(_scan, block, where) for block in blocks_of(content, where)]


def _scan(block: Block, where: str) -> Scan:
    place = f"{where}:{block.line}"
    technique = _technique(block, place)
    x, y = columns(block, where)
    x_units = block.text("XUNITS")
    unit, scale, notes = ordinate_unit(block.text("YUNITS"), y, place)
    if technique in ("ftir", "raman"):
        x, axis_notes = wavenumbers(x, x_units, place)
        notes += axis_notes
    return Scan(
        x=x,
        y=y,
        where=place,
        technique=technique,
        y_unit=unit,
        energy=energy_kind(x_units) or "binding" if technique == "xps" else None,
        name=block.text("TITLE").partition("\n")[0],
        radiation=_radiation(block, place) if technique == "xrd" else None,
        metadata=_metadata(block, scale),
        notes=tuple(notes),
    )


def _radiation(block: Block, where: str) -> Radiation | None:
    rays = block.text("$WAVELENGTH")
    try:
        return radiation_from_wavelengths(rays, name="stated in the file") if rays else None
    except OptionError as error:
        raise InvalidSpectrum(f"##$WAVELENGTH= {rays[:40]!r}: {error.message}", where=where) from None


def _metadata(block: Block, scale: str | None) -> dict[str, Any]:
    records = {label: value for label, value in block.records.items() if value}
    return {"records": records, **({"transmittance_scale": scale} if scale else {})}


def _technique(block: Block, where: str) -> TechniqueName:
    """The technique of a block; its data type and class are refused where they are no measured curve of ours."""
    data_type = block.text("DATATYPE").partition("\n")[0]
    if block.data_label not in ("XYDATA", "XYPOINTS"):
        kind = block.data_label.lower() or "no table"
        raise UnknownFormat(
            f"the block of data type {data_type!r} holds {kind}, not a curve",
            where=where,
            suggestion="choose a block with XYDATA or XYPOINTS",
        )
    for pattern, technique in _DATA_TYPES:
        if re.search(pattern, data_type.lower()):
            return technique
    raise UnknownFormat(
        f"the data type is {data_type!r}; infrared and Raman spectra are read",
        where=where,
        suggestion="choose another block, or export a spectrum of a technique that is analysed",
    )


def columns(block: Block, where: str) -> tuple[FloatArray, FloatArray]:
    """Positions and ordinates of a block, factors applied, in the file's order and units.

    Raises
    ------
    InvalidSpectrum
        A count that differs from ``##NPOINTS=``, a line whose position shows that points are missing, a character that
        is no number; the line is named.
    """
    x_factor = block.number("XFACTOR", where) or 1.0
    y_factor = block.number("YFACTOR", where) or 1.0
    if re.search(r"XY\s*\.\.\s*XY", block.form, re.IGNORECASE):
        numbers = [v for number, text in block.data for v in plain_numbers(text, f"{where}:{number}")]
        _declared(block, len(numbers) // 2 if len(numbers) % 2 == 0 else -1, where)
        pairs = np.array(numbers, dtype=np.float64).reshape(-1, 2)
        return pairs[:, 0] * x_factor, pairs[:, 1] * y_factor
    if not re.search(r"X\s*\+\+\s*\(\s*Y", block.form, re.IGNORECASE):
        raise UnknownFormat(f"the form {block.form[:40]!r} is not read", where=f"{where}:{block.data_line}")
    found = decode(block.data, where, block.number("NPOINTS", where))
    n = _declared(block, len(found.values), where)
    x = _positions(block, n, where)
    for line, text, index in found.checks:
        if 0 <= index < n:
            _check_position(text, x_factor, x, index, f"{where}:{line}")
    return x, np.array(found.values, dtype=np.float64) * y_factor


def _declared(block: Block, n: int, where: str) -> int:
    declared = block.number("NPOINTS", where)
    if n < 0 or (declared is not None and declared != n):
        raise InvalidSpectrum(
            f"##NPOINTS= declares {declared or 0:g} points, {max(n, 0)} stand here",
            where=f"{where}:{block.data_line}",
            suggestion="the file is probably truncated or damaged; export it again",
        )
    return n


def _positions(block: Block, n: int, where: str) -> FloatArray:
    """Evenly from FIRSTX to LASTX: this form of data stores no other positions (lines only round them)."""
    first, last, step = (block.number(label, where) for label in ("FIRSTX", "LASTX", "DELTAX"))
    if first is None or (last is None and step is None):
        raise InvalidSpectrum("FIRSTX and LASTX or DELTAX are missing", where=f"{where}:{block.line}")
    if last is None:
        return first + (step or 0.0) * np.arange(n, dtype=np.float64)
    return np.linspace(first, last, n)


def _check_position(text: str, factor: float, x: FloatArray, index: int, where: str) -> None:
    """A line's own position may differ by its rounding and one step; more means that points are missing."""
    decimals = len(text.lower().partition("e")[0].partition(".")[2])
    stated = float(text) * factor
    step = abs(x[-1] - x[0]) / max(x.size - 1, 1)
    if abs(stated - x[index]) > 1.01 * step + abs(factor) * 10.0**-decimals:
        raise InvalidSpectrum(
            f"the line states position {stated:g} for a point at {x[index]:g}",
            where=where,
            suggestion="points are missing or damaged; export the spectrum again",
        )


READER = Reader(
    name="jcamp",
    title="JCAMP-DX",
    suffixes=SUFFIXES,
    claims=claims,
    read=read,
    sigma="none; from counting where an XRD or XPS block states counts",
    reads="XYDATA and XYPOINTS of infrared, Raman, XRD and XPS blocks: AFFN, PAC, SQZ, DIF, DUP; LINK blocks",
    refuses="peak tables, NTUPLES, interferograms, UV/visible, NMR and mass spectra",
    text=True,
)
