"""Powder CIF: every block that holds a measured X-ray pattern over 2-theta is a scan."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum, UnknownFormat
from braggite.formats.cif_beam import instrument_of, radiation_of, values_of
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.text_blocks import TRUNCATED, count, even_axis, number
from braggite.formats.text_encoding import decode

if TYPE_CHECKING:
    from pathlib import Path

    import gemmi

    from braggite.arrays import FloatArray
    from braggite.formats.scan import PendingScan

_MARK = re.compile(rb"(?mi)^\s*_pd_(?:meas|proc|calc|block|phase)_")
_BLOCK = re.compile(rb"(?mi)^data_\S")
_VALUE = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:\((\d+)\))?((?:[eE][+-]?\d+)?)")
ORDINATES = (
    "_pd_meas_counts_total",
    "_pd_meas_intensity_total",
    "_pd_proc_intensity_total",
    "_pd_proc_intensity_net",
)
POSITIONS = ("_pd_meas_2theta_scan", "_pd_meas_2theta_corrected", "_pd_proc_2theta_corrected")
FOREIGN = ("_pd_meas_time_of_flight", "_pd_proc_d_spacing", "_pd_proc_recip_len_Q")
WEIGHT = "_pd_proc_ls_weight"


def _place_and_message(text: str, where: str) -> tuple[str, str]:
    """Line and sentence of what gemmi says: ``string:54:29(1403): unterminated 'string'``."""
    found = re.match(r"string:(\d+):(\d+)(?:\(\d+\))?: (.*)", text)
    return (f"{where}:{found[1]}", f"{found[3]}, column {found[2]}") if found else (where, text)


def claims(head: bytes, path: Path) -> Evidence:
    """A data block, or powder items, at the beginning of a file with the suffix; powder items under any other."""
    suffixed = path.suffix.lower() in (".cif", ".pdcif")
    if _MARK.search(head) or (suffixed and _BLOCK.search(head)):
        return Evidence.FIRST_LINE
    return Evidence.SUFFIX if suffixed else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """Every block with measured ordinates that is not a calculated copy (its name ends with `calc`)."""
    import gemmi

    text = decode(content)
    try:
        document = gemmi.cif.read_string(text)
    except (ValueError, RuntimeError, IndexError) as error:
        place, message = _place_and_message(str(error).partition("\n")[0], where)
        raise InvalidSpectrum(f"the CIF cannot be parsed: {message}", where=place, suggestion=TRUNCATED) from None
    blocks = [block for block in document if _ordinate_tag(block) and not block.name.lower().endswith("calc")]
    if blocks and blocks[-1].name == document[-1].name and not text.rstrip(" \t\x1a").endswith(("\n", "\r")):
        # the last number of the pattern may be cut
        line = len(text.splitlines())
        raise InvalidSpectrum("the last line is not ended", where=f"{where}:{line}", suggestion=TRUNCATED)
    if not blocks:
        raise UnknownFormat(
            "no measured powder pattern in this CIF",
            where=where,
            suggestion="a structure belongs in the reference library: braggite references add",
        )
    return [
        partial(_scan, document, block, where if len(blocks) == 1 else f"{where}: data_{block.name}")
        for block in blocks
    ]


def _ordinate_tag(block: gemmi.cif.Block) -> str | None:
    return next((tag for tag in ORDINATES if any(value not in "?." for value in block.find_values(tag))), None)


def _scan(document: gemmi.cif.Document, block: gemmi.cif.Block, where: str) -> Scan:
    probes = {probe.lower() for probe in values_of(document, block, "_diffrn_radiation_probe")}
    if probes - {"x-ray", "xray", "x-rays"}:
        raise UnknownFormat(
            f"the pattern was measured with {', '.join(sorted(probes))}",
            where=where,
            suggestion="only X-rays are analysed",
        )
    tag = _ordinate_tag(block)
    assert tag is not None
    y, bracketed = _numbers(block, tag, where)
    x = _two_theta(block, tag, y.size, where)
    for name in ("_pd_meas_number_of_points", "_pd_proc_number_of_points"):
        declared = block.find_value(name)
        if declared and declared not in "?." and count(declared, name, where) != y.size:
            raise InvalidSpectrum(f"{name} is {declared}, {y.size} stand here", where=where, suggestion=TRUNCATED)
    weights = _numbers(block, WEIGHT, where)[0] if len(block.find_values(WEIGHT)) == y.size else None
    sigma, notes = _sigma(bracketed, weights, where)
    radiation = radiation_of(document, block, where)
    return Scan(
        x=x,
        y=y,
        sigma=sigma,
        where=where,
        technique="xrd",
        name=_text(block, "_pd_phase_name") or _text(block, "_pd_block_id") or block.name,
        radiation=radiation,
        instrument=instrument_of(document, block, radiation),
        metadata={"block": block.name, "ordinate": tag},
        notes=tuple(notes),
    )


def _numbers(block: gemmi.cif.Block, tag: str, where: str) -> tuple[FloatArray, FloatArray | None]:
    """Values of a column, and their standard uncertainties where every value has one in brackets."""
    values, uncertainties = [], []
    for index, text in enumerate(block.find_values(tag)):
        match = _VALUE.fullmatch(text)
        if match is None:
            raise InvalidSpectrum(f"{tag} holds {text[:40]!r}, not a number", where=f"{where}: row {index + 1}")
        values.append(float(match[1] + match[3]))
        if match[2]:
            decimals = len(match[1].partition(".")[2])
            uncertainties.append(float(match[2] + f"e-{decimals}") * float(f"1{match[3] or 'e0'}"))
    complete = len(uncertainties) == len(values)
    return np.array(values, dtype=np.float64), np.array(uncertainties) if complete and values else None


def _two_theta(block: gemmi.cif.Block, ordinate: str, n: int, where: str) -> FloatArray:
    """Stored positions, or an even axis over the range of the ordinate's own kind (measured or processed)."""
    for tag in POSITIONS:
        if len(block.find_values(tag)) == n:
            return _numbers(block, tag, where)[0]
    for tag in FOREIGN:
        if len(block.find_values(tag)):
            raise UnknownFormat(
                f"the positions are {tag}, not 2-theta", where=where, suggestion="only 2-theta patterns are analysed"
            )
    kind = "meas" if ordinate.startswith("_pd_meas") else "proc"
    edges = [block.find_value(f"_pd_{kind}_2theta_range_{edge}") for edge in ("min", "inc", "max")]
    if not all(edges):
        raise InvalidSpectrum(f"no 2-theta beside {ordinate}", where=where)
    start, step, stop = (number(str(edge), f"_pd_{kind}_2theta_range", where) for edge in edges)
    return even_axis(start, step, n, where, stop=stop)


def _sigma(
    bracketed: FloatArray | None, weights: FloatArray | None, where: str
) -> tuple[FloatArray | None, list[Diagnostic]]:
    """Uncertainties in brackets, else 1/sqrt(weight); none where some are zero (points a refinement left out)."""
    notes = []
    for column in (bracketed, weights):
        if column is None:
            continue
        if np.all(column > 0):
            return (column if column is bracketed else 1 / np.sqrt(column)), []
        detail = f"{int(np.sum(column <= 0))} uncertainties or weights are not positive; none is used"
        notes = [Diagnostic.of("third_column_not_sigma", where=where, detail=detail)]
    return None, notes


def _text(block: gemmi.cif.Block, tag: str) -> str:
    from gemmi import cif

    value = block.find_value(tag)
    text = cif.as_string(value).strip() if value else ""
    return text.splitlines()[0].strip() if text else ""


READER = Reader(
    name="powder-cif",
    title="powder CIF",
    suffixes=(".cif", ".pdcif"),
    claims=claims,
    read=read,
    text=True,
    reads="every block with `_pd_meas` or `_pd_proc` ordinates over 2-theta",
    sigma="uncertainties in brackets; 1/sqrt(`_pd_proc_ls_weight`); sqrt(counts)",
    refuses="structures without a pattern, calculated blocks, neutrons, time of flight",
)
