"""phase.toml -> Phase; every fault names the file and the key. The format stands in docs/phase-format.md."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from braggite.errors import BraggiteError, LibraryError
from braggite.references import symmetry
from braggite.references import toml_values as values
from braggite.references.band_reader import read_band_references
from braggite.references.cell import Cell
from braggite.references.citation import STATUSES, Citation
from braggite.references.elements import ATOMIC_NUMBER
from braggite.references.phase import Phase
from braggite.references.structure import Site, Structure

SCHEMA = "braggite.phase/1"
FILE_NAME = "phase.toml"

_PHASE_KEYS = {
    "schema", "title", "formula", "aliases", "groups", "note", "structure", "structure_alternatives",
    "raman", "ftir", "xps",
}  # fmt: skip
_STRUCTURE_KEYS = {
    "space_group", "space_group_number", "hall", "formula_units", "temperature_k", "stable_range_k",
    "stable_range_source", "evidence_grade", "cell_tolerance",
    "cell_tolerance_reason", "cell_status", "label", "note", "cell", "sites", "source", "known_deviations",
}  # fmt: skip
_CELL_KEYS = ("a_angstrom", "b_angstrom", "c_angstrom", "alpha_deg", "beta_deg", "gamma_deg")
_SOURCE_TEXTS = (
    "journal", "volume", "pages", "doi", "role", "database_id", "origin", "licence", "coordinates_citation",
)  # fmt: skip
_SOURCE_KEYS = {*_SOURCE_TEXTS, "authors", "year", "citation_status"}
_SPECIES = re.compile(r"([A-Z][a-z]?)(?:(\d*)([+-]))?")


def read_phase(path: str | Path) -> Phase:
    """Read one ``phase.toml``; the folder it stands in gives the phase its name.

    Raises
    ------
    LibraryError
        The file is missing, is no TOML, states another schema, or a key is missing, unknown or out of its meaning.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LibraryError(f"cannot be read: {error}", where=str(path)) from None
    folder = path.resolve().parent
    return parse_phase(text, name=folder.name, where=str(path), folder=folder)


def parse_phase(text: str, *, name: str, where: str = FILE_NAME, folder: Path | None = None) -> Phase:
    """Build a phase from the text of a ``phase.toml``; raises as :func:`read_phase`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LibraryError(f"is not valid TOML: {error}", where=where) from None
    schema = document.get("schema")
    if schema != SCHEMA:
        raise LibraryError(
            f"states schema {schema!r} instead of {SCHEMA!r}", where=where, suggestion=f'write schema = "{SCHEMA}"'
        )
    try:
        return _read_document(document, name, folder)
    except BraggiteError as error:
        raise LibraryError(error.message, where=where, suggestion=error.suggestion) from None


def _read_document(document: dict[str, Any], name: str, folder: Path | None) -> Phase:
    values.refuse_unknown(document, _PHASE_KEYS, "the phase")
    structure = document.get("structure")
    return Phase(
        name=name,
        title=values.text(document, "title", "the phase") or name,
        formula=values.needed_text(document, "formula", "the phase"),
        aliases=values.texts(document, "aliases", "the phase"),
        groups=values.texts(document, "groups", "the phase"),
        structure=None if structure is None else _read_structure(values.table(structure, "[structure]"), "[structure]"),
        alternatives=tuple(
            _read_structure(values.table(entry, "[[structure_alternatives]]"), f"[[structure_alternatives]] {number}")
            for number, entry in enumerate(document.get("structure_alternatives", []), start=1)
        ),
        note=values.text(document, "note", "the phase"),
        vibrations=read_band_references(document, folder),
    )


def _read_structure(table: dict[str, Any], where: str) -> Structure:
    values.refuse_unknown(table, _STRUCTURE_KEYS, where)
    space_group, number, hall = _read_symmetry(table, where)
    grade = values.needed_text(table, "evidence_grade", where)
    deviations = values.table(table.get("known_deviations", {}), f"{where} known_deviations")
    return Structure(
        space_group=space_group,
        space_group_number=number,
        hall=hall,
        cell=_read_cell(values.table(table.get("cell", {}), f"{where} cell"), f"{where} cell"),
        formula_units=values.number(table, "formula_units", where),
        sites=_read_sites(table.get("sites"), where),
        evidence_grade=grade,  # type: ignore[arg-type]  # Structure checks it
        cell_tolerance=values.number(table, "cell_tolerance", where),
        cell_tolerance_reason=values.text(table, "cell_tolerance_reason", where),
        cell_status=values.word(table, "cell_status", where, STATUSES),
        temperature_k=values.optional_number(table, "temperature_k", where),
        stable_range_k=values.interval(table, "stable_range_k", where, "kelvin"),
        stable_range_source=values.text(table, "stable_range_source", where),
        label=values.text(table, "label", where),
        note=values.text(table, "note", where),
        citation=_read_source(values.table(table.get("source", {}), f"{where} source"), f"{where} source"),
        known_deviations=tuple((check, str(reason)) for check, reason in deviations.items()),
    )


def _read_symmetry(table: dict[str, Any], where: str) -> tuple[str, int, str]:
    """Symbol, number and Hall symbol; the last two may be left out, and are then looked up."""
    symbol = values.needed_text(table, "space_group", where)
    hall = values.text(table, "hall", where)
    if hall is None or "space_group_number" not in table:
        symbol, number, hall = symmetry.describe_symbol(symbol)
    else:
        number = int(values.number(table, "space_group_number", where))
    if symbol.endswith(":R"):
        raise LibraryError(
            f"{where}: {symbol} is a rhombohedral setting", suggestion="give the structure in hexagonal axes (:H)"
        )
    return symbol, number, hall


def _read_cell(table: dict[str, Any], where: str) -> Cell:
    values.refuse_unknown(table, set(_CELL_KEYS), where)
    return Cell(*(values.number(table, key, where) for key in _CELL_KEYS))


def _read_sites(rows: Any, where: str) -> tuple[Site, ...]:
    if not isinstance(rows, list) or not rows:
        values.missing("sites", where)
    return tuple(_read_site(row, f"{where} sites, row {number}") for number, row in enumerate(rows, start=1))


def _read_site(row: Any, where: str) -> Site:
    """``[label, element, x, y, z, occupancy, B]``; occupancy and B may be left out."""
    if not isinstance(row, list) or not 5 <= len(row) <= 7 or not all(isinstance(text, str) for text in row[:2]):
        raise LibraryError(f"{where}: {row!r} is not [label, element, x, y, z, occupancy, B]")
    if not all(isinstance(number, int | float) for number in row[2:]):
        raise LibraryError(f"{where}: {row!r} holds something else than numbers after the element")
    species = _SPECIES.fullmatch(row[1])
    if species is None or species.group(1) not in ATOMIC_NUMBER:
        raise LibraryError(f"{where}: {row[1]!r} is not an element", suggestion='write "Ti" or "Ti4+"')
    element, digits, sign = species.groups()
    x, y, z, *rest = (float(number) for number in row[2:])
    occupancy = rest[0] if rest else 1.0
    b_iso = rest[1] if len(rest) > 1 else None
    if not 0.0 < occupancy <= 1.0:
        raise LibraryError(f"{where}: occupancy {occupancy} lies outside 0 to 1")
    charge = None if sign is None else int(digits or 1) * (1 if sign == "+" else -1)
    return Site(row[0], element, x, y, z, occupancy, b_iso, charge)


def _read_source(table: dict[str, Any], where: str) -> Citation:
    values.refuse_unknown(table, _SOURCE_KEYS, where)
    texts = {key: values.text(table, key, where) for key in _SOURCE_TEXTS}
    return Citation(
        authors=values.texts(table, "authors", where),
        year=int(values.number(table, "year", where)) if "year" in table else None,
        status=values.word(table, "citation_status", where, STATUSES),
        coordinates=texts.pop("coordinates_citation"),
        **texts,
    )
