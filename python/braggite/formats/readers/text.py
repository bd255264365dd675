"""Columns of numbers: `.xy .xye .dat .csv .txt .prn .tsv`, with or without header, from any software."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum, UnknownFormat
from braggite.formats import text_header
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.sigma_column import behaves_like_sigma
from braggite.formats.technique_hints import technique_in_words
from braggite.formats.text_encoding import decode, is_binary
from braggite.formats.text_table import Table, read_table
from braggite.formats.transmission import called_transmission, usable_transmission

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.arrays import FloatArray
    from braggite.formats.scan import PendingScan

SUFFIXES = (".xy", ".xye", ".dat", ".csv", ".txt", ".prn", ".tsv", ".asc", ".chi")
_SIGMA_NAME = re.compile(r"sigma|\besd\b|error|\bsu\b|std|uncertainty|\bdev", re.IGNORECASE)
_INTENSITY_NAME = re.compile(
    r"int|count|cps|psd|^i\b|i_?obs|y_?obs|absorbance|transm|signal|\braw\b|^y\b", re.IGNORECASE
)


def claims(head: bytes, path: Path) -> Evidence:
    """Text with a usual suffix, or any text that holds a row of two numbers."""
    if path.suffix.lower() in SUFFIXES:
        return Evidence.SUFFIX
    row = re.search(r"(?m)^\s*[+-]?\d[\d.,eE+-]*[\s;,]+[+-]?\d[\d.,eE+-]*", decode(head).replace("\r", "\n"))
    return Evidence.TEXT_SNIFF if row else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """One scan, or one for each label of a leading label column (the regions of an XPS export)."""
    if is_binary(content):
        raise UnknownFormat(
            "this is not text: a NUL byte stands in it",
            where=f"{where}: byte {content.index(0)}",
            suggestion="export a text file from the instrument's software",
        )
    table = read_table(content, where)
    _require_end_mark(table, where)
    text_header.refuse_foreign_axis([*table.header, *table.columns], where)
    if not table.labels:
        return [partial(_scan, table, table.rows, "", where)]
    labels = np.array(table.labels)
    return [partial(_scan, table, table.rows[labels == label], label, where) for label in dict.fromkeys(table.labels)]


def _require_end_mark(table: Table, where: str) -> None:
    """RRUFF files, which state their number in the header, end with a mark."""
    marked = any(line.startswith("##RRUFFID") for line in table.header)
    if marked and not any(line.startswith("##END") for line in table.header):
        raise InvalidSpectrum(
            "##END= is missing", where=where, suggestion="the file is probably truncated; load it again"
        )


def _scan(table: Table, rows: FloatArray, label: str, where: str) -> Scan:
    text = "\n".join(table.header)
    notes = [*table.notes, *text_header.pixels_named(table.columns, rows[:, 0], where)]
    energy = text_header.energy_in(table.columns, table.header)
    divisor = next((i for i, name in enumerate(table.columns) if i and energy and called_transmission(name)), None)
    y_column, sigma_column = _roles(table, where, [i for i in range(1, rows.shape[1]) if i != divisor])
    y, sigma = rows[:, y_column], None
    if sigma_column is not None:
        named = bool(_SIGMA_NAME.search(table.columns[sigma_column]))
        if named or behaves_like_sigma(y, rows[:, sigma_column]):
            sigma = rows[:, sigma_column]
        else:
            notes.append(Diagnostic.of("third_column_not_sigma", where=where))
    transmission, transmission_notes = (None, []) if divisor is None else usable_transmission(rows[:, divisor], where)
    if transmission is not None:
        y, sigma = y / transmission, None if sigma is None else sigma / transmission
    if re.match(r"\W*theta\b", table.columns[0].lower()):
        notes.append(Diagnostic.of("axis_label_theta", where=where, value=table.columns[0]))
    technique = technique_in_words("\n".join([text, *table.columns]))
    sample = text_header.sample_in(text)
    return Scan(
        x=rows[:, 0],
        y=y,
        sigma=sigma,
        where=where,
        dwell_s=text_header.dwell_in(text),
        attenuation=None if transmission is None else 1.0 / transmission,
        technique="xps" if energy else technique.name if technique else None,
        energy=energy,
        wavelengths_nm=text_header.names_wavelengths([*table.header, *table.columns]),
        photon_energy_ev=text_header.photon_energy_in(text) if energy else None,
        y_unit=text_header.unit_in(table.columns[y_column]),
        name=f"{sample} {label}".strip(),
        metadata={"header": list(table.header), **({"region": label} if label else {})},
        radiation=text_header.radiation_in(text),
        notes=(*notes, *transmission_notes),
    )


def _roles(table: Table, where: str, candidates: list[int]) -> tuple[int, int | None]:
    """Columns of the ordinate and of its standard deviation."""
    named = [index for index in candidates if _INTENSITY_NAME.search(table.columns[index])]
    sigmas = [index for index in candidates if _SIGMA_NAME.search(table.columns[index])]
    if not candidates or (len(candidates) > 2 and not named):
        raise UnknownFormat(
            f"{table.rows.shape[1]} columns, and no header says which one is the intensity",
            where=where,
            suggestion="export two columns (position, intensity) or three (and its standard deviation)",
        )
    ordinate = next((index for index in named if index not in sigmas), candidates[0])
    if sigmas and sigmas[0] != ordinate:
        return ordinate, sigmas[0]
    return ordinate, candidates[1] if len(candidates) == 2 and ordinate == candidates[0] else None


READER = Reader(
    name="text",
    title="columns of numbers",
    suffixes=SUFFIXES,
    claims=claims,
    read=read,
    reads="two or three columns (RRUFF and LabSpec text too), also with region names before them; any usual separator, "
    "decimal sign and encoding",
    text=True,
    sigma="the third column where it behaves like a standard deviation, else from counting",
    refuses="Q, d, time-of-flight, kinetic-energy and absorption axes; thousands separators; rows that are not numbers",
)
