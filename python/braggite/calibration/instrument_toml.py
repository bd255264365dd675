"""``instrument.toml``: schema ``braggite.instrument/1`` (docs/instrument-files.md)."""

from __future__ import annotations

import tomllib
from typing import Any

import numpy as np

from braggite.calibration.profile import InstrumentProfile
from braggite.errors import OptionError, UnknownFormat
from braggite.references.toml_writer import quoted
from braggite.spectrum import Instrument, Radiation
from braggite.values import Value

SCHEMA = "braggite.instrument/1"
_KEYS = {
    "": {"schema", "name", "radiation", "diffractometer", "profile", "provenance"},
    "radiation": {"name", "lines"},
    "diffractometer": {"geometry", "radius_mm", "monochromator_two_theta_deg", "divergence"},
    "profile": {*InstrumentProfile.NUMBERS, "correlation"},
}
_CHOICES = {"geometry": ("bragg-brentano", "debye-scherrer"), "divergence": ("fixed", "variable")}


def instrument_toml_text(profile: InstrumentProfile) -> str:
    """TOML text that :func:`parse_instrument_toml` reads back to the same numbers."""
    lines = [f"schema = {quoted(SCHEMA)}", f"name = {quoted(profile.name)}"]
    if profile.radiation is not None:
        whole = profile.radiation.profile if profile.radiation.widths_angstrom else profile.radiation.lines
        rows = ", ".join(_plain(line) for line in whole)
        lines += ["", "[radiation]", f"name = {quoted(profile.radiation.name)}"]
        lines += ["# wavelength in angstrom, relative weight, natural width in angstrom if any", f"lines = [{rows}]"]
    stated = {key: value for key, value in profile.diffractometer.to_dict().items() if value is not None}
    lines += ["", "[diffractometer]", *(f"{key} = {_plain(value)}" for key, value in stated.items())]
    lines += ["", "[profile]", "# FWHM_G^2 = U tan^2 + V tan + W (deg^2), FWHM_L = X / cos + Y tan (deg), of theta"]
    for name, number in zip(InstrumentProfile.NUMBERS, profile.numbers, strict=True):
        su = "" if number.su is None else f", su = {float(number.su)!r}"
        lines.append(f"{name} = {{ value = {float(number.value)!r}{su} }}")
    if profile.correlation is not None:
        rows = "\n".join(f"  [{', '.join(repr(float(v)) for v in row)}]," for row in profile.correlation)
        lines += ["# between the numbers, in the order above", f"correlation = [\n{rows}\n]"]
    stated = {key: value for key, value in profile.provenance.items() if value is not None}
    lines += ["", "[provenance]", *(f"{key} = {_plain(value)}" for key, value in stated.items())]
    return "\n".join(lines) + "\n"


def _plain(value: object) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_plain(entry) for entry in value)}]"
    return repr(value)


def parse_instrument_toml(text: str, where: str) -> InstrumentProfile:
    """The profile in the text of an ``instrument.toml``; ``UnknownFormat`` names the key that is at fault."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnknownFormat(f"{where} is not TOML: {error}", where=where) from None
    if table.get("schema") != SCHEMA:
        raise _fault(where, "schema", f'must be "{SCHEMA}", not {table.get("schema")!r}')
    parts = {part: table if part == "" else _table(where, table, part) for part in _KEYS}
    for part, known in _KEYS.items():
        unknown = sorted(set(parts[part]) - known)
        if unknown:
            raise _fault(where, f"{part}.{unknown[0]}".strip("."), f"is not a key of {SCHEMA}")
    numbers = {name: _number(where, parts["profile"], name) for name in InstrumentProfile.NUMBERS}
    try:
        return InstrumentProfile(
            radiation=_radiation(where, parts["radiation"]),
            diffractometer=_diffractometer(where, parts["diffractometer"]),
            **numbers,
            correlation=_matrix(where, parts["profile"].get("correlation")),
            name=str(table.get("name", "")),
            provenance=_table(where, table, "provenance"),
        )
    except OptionError as error:
        raise _fault(where, f"profile.{error.where}", f"cannot be used: {error.message}") from None


def _table(where: str, table: dict[str, Any], name: str) -> dict[str, Any]:
    part = table.get(name, {})
    if not isinstance(part, dict):
        raise _fault(where, name, "must be a table")
    return part


def _number(where: str, part: dict[str, Any], name: str) -> Value:
    entry = part.get(name)
    if not isinstance(entry, dict) or not set(entry) <= {"value", "su"} or not _real(entry.get("value")):
        raise _fault(where, f"profile.{name}", "must be { value = number, su = number }, su where it is known")
    if "su" in entry and not _real(entry["su"]):
        raise _fault(where, f"profile.{name}.su", "must be a number")
    return Value(float(entry["value"]), float(entry["su"]) if "su" in entry else None)


def _radiation(where: str, part: dict[str, Any]) -> Radiation | None:
    lines = part.get("lines")
    if lines is None:
        return None
    rows = lines if isinstance(lines, list) else []
    good = [row for row in rows if _is_line(row) and len(row) == len(rows[0])]
    if not good or len(good) != len(rows):
        what = (
            "must list [wavelength in angstrom, weight] pairs of positive numbers, or all with a natural width beside"
        )
        raise _fault(where, "radiation.lines", what)
    widths = tuple(float(row[2]) for row in good if len(row) == 3)
    pairs = tuple((float(row[0]), float(row[1])) for row in good)
    return Radiation(pairs, name=str(part.get("name", "")), widths_angstrom=widths)


def _is_line(row: object) -> bool:
    """Whether this is a wavelength, a weight and perhaps a natural width, which may be zero."""
    numbers = isinstance(row, list) and len(row) in (2, 3) and all(_real(v) and v >= 0 for v in row)
    return isinstance(row, list) and numbers and all(v > 0 for v in row[:2])


def _diffractometer(where: str, part: dict[str, Any]) -> Instrument:
    for key, choices in _CHOICES.items():
        if part.get(key, choices[0]) not in choices:
            raise _fault(where, f"diffractometer.{key}", f"is not one of {', '.join(choices)}")
    for key in ("radius_mm", "monochromator_two_theta_deg"):
        if key in part and not (_real(part[key]) and part[key] > 0):
            raise _fault(where, f"diffractometer.{key}", "must be a positive number")
    return Instrument(**part)


def _matrix(where: str, rows: object) -> np.ndarray[Any, np.dtype[np.float64]] | None:
    if rows is None:
        return None
    try:
        return np.array(rows, dtype=np.float64)
    except (TypeError, ValueError):
        raise _fault(where, "profile.correlation", "must be rows of numbers") from None


def _real(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))


def _fault(where: str, key: str, what: str) -> UnknownFormat:
    return UnknownFormat(f"{where}: {key} {what}", where=where, suggestion="see docs/instrument-files.md")
