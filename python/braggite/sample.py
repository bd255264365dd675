"""A sample on disk: ``sample.toml`` names its files and what is known about it (docs/sample-toml.md)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from braggite.toml_keys import TomlFile

SCHEMA = "braggite.sample/1"
FILE_KEYS = frozenset({"path", "technique", "wavelength_angstrom", "radiation", "scan"})


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
    file = TomlFile(path, SCHEMA, "docs/sample-toml.md")
    table = file.table({"schema", "name", "elements", "precursors", "watch", "files"})
    return Sample(
        name=str(table.get("name", path.stem)),
        files=tuple(measurement(file, entry, index) for index, entry in enumerate(file.files(table))),
        elements=file.strings(table, "elements"),
        precursors=file.strings(table, "precursors"),
        watch=file.strings(table, "watch") or (),
    )


def measurement(file: TomlFile, entry: Any, index: int, further: frozenset[str] = frozenset()) -> SampleFile:
    """One ``[[files]]`` table, whose keys are ``FILE_KEYS`` and ``further`` ones."""
    key = f"files[{index}]"
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
        raise file.fault(f"{key}.path", "must be a file name")
    file.only(entry, {*FILE_KEYS, *further}, f"{key}.")
    wavelength = entry.get("wavelength_angstrom")
    if wavelength is not None:
        values = wavelength if isinstance(wavelength, list) else [wavelength]
        if not all(isinstance(value, int | float) for value in values):
            raise file.fault(f"{key}.wavelength_angstrom", "must be a number or a list of two")
        wavelength = ",".join(str(value) for value in values)
    technique = entry.get("technique")
    if technique not in (None, "xrd", "raman", "ftir", "xps"):
        raise file.fault(f"{key}.technique", f"{technique!r} is not one of xrd, raman, ftir, xps")
    scan = entry.get("scan")
    if scan is not None and not isinstance(scan, int):
        raise file.fault(f"{key}.scan", "must be a whole number")
    return SampleFile(file.path.parent / entry["path"], technique, wavelength, entry.get("radiation"), scan)
