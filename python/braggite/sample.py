"""A sample on disk: ``sample.toml`` names its files and what is known about it (docs/sample-toml.md)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from braggite.errors import InvalidSpectrum

SCHEMA = "braggite.sample/1"


@dataclass(frozen=True, slots=True)
class SampleFile:
    """One measurement of a sample and what its file does not say."""

    path: Path
    technique: Any = None
    wavelength: str | None = None
    radiation: str | None = None
    scan: int | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """A named sample: its files, its elements or precursors, the phases to watch."""

    name: str
    files: tuple[SampleFile, ...]
    elements: tuple[str, ...] | None = None
    precursors: tuple[str, ...] | None = None
    watch: tuple[str, ...] = ()


def read_sample(path: str | Path) -> Sample:
    """Read a ``sample.toml``; relative paths start at its folder.

    Raises
    ------
    InvalidSpectrum
        Not TOML, another schema, an unknown key, or a value of the wrong kind; the message names the key.
    """
    path = Path(path)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidSpectrum(f"{path} cannot be read as TOML: {error}", where=str(path)) from None
    if table.get("schema") != SCHEMA:
        raise _fault(path, "schema", f'must be "{SCHEMA}", not {table.get("schema")!r}')
    _only(path, table, {"schema", "name", "elements", "precursors", "watch", "files"}, "")
    files = table.get("files")
    if not isinstance(files, list) or not files:
        raise _fault(path, "files", "must list at least one [[files]] table with a path")
    return Sample(
        name=str(table.get("name", path.stem)),
        files=tuple(_file(path, entry, index) for index, entry in enumerate(files)),
        elements=_strings(path, table, "elements"),
        precursors=_strings(path, table, "precursors"),
        watch=_strings(path, table, "watch") or (),
    )


def _file(path: Path, entry: Any, index: int) -> SampleFile:
    key = f"files[{index}]"
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
        raise _fault(path, f"{key}.path", "must be a file name")
    _only(path, entry, {"path", "technique", "wavelength_angstrom", "radiation", "scan"}, f"{key}.")
    wavelength = entry.get("wavelength_angstrom")
    if wavelength is not None:
        values = wavelength if isinstance(wavelength, list) else [wavelength]
        if not all(isinstance(value, int | float) for value in values):
            raise _fault(path, f"{key}.wavelength_angstrom", "must be a number or a list of two")
        wavelength = ",".join(str(value) for value in values)
    technique = entry.get("technique")
    if technique not in (None, "xrd", "raman", "ftir", "xps"):
        raise _fault(path, f"{key}.technique", f"{technique!r} is not one of xrd, raman, ftir, xps")
    scan = entry.get("scan")
    if scan is not None and not isinstance(scan, int):
        raise _fault(path, f"{key}.scan", "must be a whole number")
    return SampleFile(path.parent / entry["path"], technique, wavelength, entry.get("radiation"), scan)


def _strings(path: Path, table: dict[str, Any], key: str) -> tuple[str, ...] | None:
    values = table.get(key)
    if values is None:
        return None
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise _fault(path, key, 'must be a list of strings such as ["Li", "O"]')
    return tuple(values)


def _only(path: Path, table: dict[str, Any], known: set[str], prefix: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise _fault(path, f"{prefix}{unknown[0]}", f"is not a key of {SCHEMA} (known: {', '.join(sorted(known))})")


def _fault(path: Path, key: str, what: str) -> InvalidSpectrum:
    return InvalidSpectrum(f"{path}: {key} {what}", where=str(path), suggestion="see docs/sample-toml.md")
