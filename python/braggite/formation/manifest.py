"""A series on disk: its manifest names the scans with their values and what went into the furnace (docs/series.md)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from braggite.errors import OptionError
from braggite.formation.analysis import GASES
from braggite.formation.elements import formula_mass
from braggite.formation.variable import KINDS, Variable, guessed_variable, stated_variable
from braggite.references.formula import parse_formula
from braggite.sample import SampleFile, measurement
from braggite.toml_keys import TomlFile

SCHEMA = "braggite.series-manifest/1"


@dataclass(frozen=True, slots=True)
class Manifest:
    """A named series.

    Attributes
    ----------
    files, labels, values : one each for every scan
    start : moles of the compounds weighed in, by formula; None where it is not stated
    gases : formulas that may leave or enter
    """

    name: str
    variable: Variable
    files: tuple[SampleFile, ...]
    labels: tuple[str, ...]
    values: tuple[float, ...]
    elements: tuple[str, ...] | None = None
    precursors: tuple[str, ...] | None = None
    watch: tuple[str, ...] = ()
    start: dict[str, float] | None = None
    gases: tuple[str, ...] = GASES


def read_manifest(path: str | Path) -> Manifest:
    """Read a manifest; relative paths start at its folder.

    Raises
    ------
    InvalidSpectrum
        Not TOML, another schema, an unknown key, or a value of the wrong kind; the message names the key.
    """
    path = Path(path)
    file = TomlFile(path, SCHEMA, "docs/series.md")
    known = {"schema", "name", "variable", "elements", "precursors", "watch", "start", "gases", "files"}
    table = file.table(known)
    entries = file.files(table)
    files = tuple(measurement(file, entry, i, frozenset({"value", "label"})) for i, entry in enumerate(entries))
    labels = tuple(str(entry.get("label", one.path.stem)) for entry, one in zip(entries, files, strict=True))
    variable, values = _variable(file, table.get("variable"), entries, labels)
    return Manifest(
        name=str(table.get("name", path.stem)),
        variable=variable,
        files=files,
        labels=labels,
        values=values,
        elements=file.strings(table, "elements"),
        precursors=file.strings(table, "precursors"),
        watch=file.strings(table, "watch") or (),
        start=_start(file, table.get("start")),
        gases=_gases(file, file.strings(table, "gases")),
    )


def _variable(
    file: TomlFile, stated: Any, entries: list[Any], labels: tuple[str, ...]
) -> tuple[Variable, tuple[float, ...]]:
    given = [entry.get("value") for entry in entries]
    missing = next((i for i, value in enumerate(given) if not _is_number(value)), None)
    if stated is None:
        if missing is not None:
            variable, values = guessed_variable(labels)
            return variable, tuple(values)
        return Variable("value", "", "other"), tuple(float(value) for value in given)
    if not isinstance(stated, dict) or not all(isinstance(value, str) for value in stated.values()):
        raise file.fault("variable", 'must be a table such as {name = "temperature", unit = "C"}')
    file.only(stated, {"name", "unit", "kind"}, "variable.")
    kind = stated.get("kind")
    if kind is not None and kind not in KINDS:
        raise file.fault("variable.kind", f"{kind!r} is none of {', '.join(KINDS)}")
    variable = stated_variable(stated.get("name", "value"), stated.get("unit", ""), kind)
    if not variable.ordered:
        return variable, tuple(float(index) for index in range(len(labels)))
    if missing is not None:
        raise file.fault(f"files[{missing}].value", f"must be the {variable.name}, a number")
    return variable, tuple(float(value) for value in given)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _start(file: TomlFile, stated: Any) -> dict[str, float] | None:
    """Moles by formula, from ``start.moles`` or ``start.weights``."""
    if stated is None:
        return None
    if not isinstance(stated, dict) or len(stated) != 1 or next(iter(stated)) not in ("moles", "weights"):
        raise file.fault("start", "must be a table start.moles or start.weights of formulas with their amounts")
    unit, amounts = next(iter(stated.items()))
    if not isinstance(amounts, dict) or not amounts:
        raise file.fault(f"start.{unit}", "must name at least one formula with its amount")
    moles = {}
    for formula, amount in amounts.items():
        if not _is_number(amount) or not amount > 0.0:
            raise file.fault(f"start.{unit}.{formula}", "must be a positive number")
        _check_formula(file, f"start.{unit}", formula)
        moles[formula] = float(amount) / (formula_mass(formula) if unit == "weights" else 1.0)
    return moles


def _gases(file: TomlFile, stated: tuple[str, ...] | None) -> tuple[str, ...]:
    for formula in stated or ():
        _check_formula(file, "gases", formula)
    return GASES if stated is None else stated


def _check_formula(file: TomlFile, key: str, formula: str) -> None:
    try:
        parse_formula(formula)
    except OptionError as error:
        raise file.fault(key, error.message) from None
