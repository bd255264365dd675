"""phase.toml -> Phase; every fault names the file and the key. The format stands in docs/phase-format.md."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, NoReturn

from braggite.errors import BraggiteError, LibraryError
from braggite.references import symmetry
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
    return parse_phase(text, name=path.resolve().parent.name, where=str(path))


def parse_phase(text: str, *, name: str, where: str = FILE_NAME) -> Phase:
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
        return _read_document(document, name)
    except BraggiteError as error:
        raise LibraryError(error.message, where=where, suggestion=error.suggestion) from None


def _read_document(document: dict[str, Any], name: str) -> Phase:
    _refuse_unknown(document, _PHASE_KEYS, "the phase")
    structure = document.get("structure")
    return Phase(
        name=name,
        title=_text(document, "title", "the phase") or name,
        formula=_text(document, "formula", "the phase") or _missing("formula", "the phase"),
        aliases=_texts(document, "aliases", "the phase"),
        groups=_texts(document, "groups", "the phase"),
        structure=None if structure is None else _read_structure(_table(structure, "[structure]"), "[structure]"),
        alternatives=tuple(
            _read_structure(_table(entry, "[[structure_alternatives]]"), f"[[structure_alternatives]] {number}")
            for number, entry in enumerate(document.get("structure_alternatives", []), start=1)
        ),
        note=_text(document, "note", "the phase"),
    )


def _read_structure(table: dict[str, Any], where: str) -> Structure:
    _refuse_unknown(table, _STRUCTURE_KEYS, where)
    space_group, number, hall = _read_symmetry(table, where)
    grade = _text(table, "evidence_grade", where) or _missing("evidence_grade", where)
    deviations = _table(table.get("known_deviations", {}), f"{where} known_deviations")
    return Structure(
        space_group=space_group,
        space_group_number=number,
        hall=hall,
        cell=_read_cell(_table(table.get("cell", {}), f"{where} cell"), f"{where} cell"),
        formula_units=_number(table, "formula_units", where),
        sites=_read_sites(table.get("sites"), where),
        evidence_grade=grade,  # type: ignore[arg-type]  # Structure checks it
        cell_tolerance=_number(table, "cell_tolerance", where),
        cell_tolerance_reason=_text(table, "cell_tolerance_reason", where),
        cell_status=_status(table, "cell_status", where),
        temperature_k=_number(table, "temperature_k", where) if "temperature_k" in table else None,
        stable_range_k=_read_range(table["stable_range_k"], where) if "stable_range_k" in table else None,
        stable_range_source=_text(table, "stable_range_source", where),
        label=_text(table, "label", where),
        note=_text(table, "note", where),
        citation=_read_source(_table(table.get("source", {}), f"{where} source"), f"{where} source"),
        known_deviations=tuple((check, str(reason)) for check, reason in deviations.items()),
    )


def _read_range(value: Any, where: str) -> tuple[float, float]:
    if not (isinstance(value, list) and len(value) == 2 and all(isinstance(v, int | float) for v in value)):
        raise LibraryError(f"{where}: stable_range_k is not [lower, upper] in kelvin")
    return float(value[0]), float(value[1])


def _read_symmetry(table: dict[str, Any], where: str) -> tuple[str, int, str]:
    """Symbol, number and Hall symbol; the last two may be left out, and are then looked up."""
    symbol = _text(table, "space_group", where) or _missing("space_group", where)
    hall = _text(table, "hall", where)
    if hall is None or "space_group_number" not in table:
        symbol, number, hall = symmetry.describe_symbol(symbol)
    else:
        number = int(_number(table, "space_group_number", where))
    if symbol.endswith(":R"):
        raise LibraryError(
            f"{where}: {symbol} is a rhombohedral setting", suggestion="give the structure in hexagonal axes (:H)"
        )
    return symbol, number, hall


def _read_cell(table: dict[str, Any], where: str) -> Cell:
    _refuse_unknown(table, set(_CELL_KEYS), where)
    return Cell(*(_number(table, key, where) for key in _CELL_KEYS))


def _read_sites(rows: Any, where: str) -> tuple[Site, ...]:
    if not isinstance(rows, list) or not rows:
        _missing("sites", where)
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
    _refuse_unknown(table, _SOURCE_KEYS, where)
    texts = {key: _text(table, key, where) for key in _SOURCE_TEXTS}
    return Citation(
        authors=_texts(table, "authors", where),
        year=int(_number(table, "year", where)) if "year" in table else None,
        status=_status(table, "citation_status", where),
        coordinates=texts.pop("coordinates_citation"),
        **texts,
    )


def _missing(key: str, where: str) -> NoReturn:
    raise LibraryError(f"{where} states no {key}")


def _refuse_unknown(table: dict[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise LibraryError(
            f"{where} holds the unknown key {unknown[0]!r}", suggestion=f"known: {', '.join(sorted(known))}"
        )


def _table(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise LibraryError(f"{where} is not a table")
    return value


def _text(table: dict[str, Any], key: str, where: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise LibraryError(f"{where}: {key} = {value!r} is not a text", suggestion="put it in quotes")
    return value


def _texts(table: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    values = table.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise LibraryError(f"{where}: {key} = {values!r} is not a list of texts")
    return tuple(values)


def _number(table: dict[str, Any], key: str, where: str) -> float:
    value = table.get(key)
    if value is None:
        _missing(key, where)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise LibraryError(f"{where}: {key} = {value!r} is not a number")
    return float(value)


def _status(table: dict[str, Any], key: str, where: str) -> Any:
    value = _text(table, key, where)
    if value is not None and value not in STATUSES:
        raise LibraryError(f"{where}: {key} = {value!r} is none of {', '.join(STATUSES)}")
    return value
