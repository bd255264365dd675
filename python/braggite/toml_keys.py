"""Checked access to the keys of the TOML files a user writes: what is wrong is named with file and key."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from braggite.errors import InvalidSpectrum

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A file with its schema and the page that explains it."""

    path: Path
    schema: str
    page: str

    def table(self, known: set[str]) -> dict[str, Any]:
        """The top table.

        Raises
        ------
        InvalidSpectrum
            Not TOML, another schema, or an unknown key.
        """
        try:
            table = tomllib.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InvalidSpectrum(f"{self.path} cannot be read as TOML: {error}", where=str(self.path)) from None
        if table.get("schema") != self.schema:
            raise self.fault("schema", f'must be "{self.schema}", not {table.get("schema")!r}')
        self.only(table, known, "")
        return table

    def only(self, table: dict[str, Any], known: set[str], prefix: str) -> None:
        """Refuse keys that are not ``known``."""
        unknown = sorted(set(table) - known)
        if unknown:
            raise self.fault(
                f"{prefix}{unknown[0]}", f"is not a key of {self.schema} (known: {', '.join(sorted(known))})"
            )

    def strings(self, table: dict[str, Any], key: str) -> tuple[str, ...] | None:
        """A list of strings; None where there is none."""
        values = table.get(key)
        if values is None:
            return None
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise self.fault(key, 'must be a list of strings such as ["Li", "O"]')
        return tuple(values)

    def files(self, table: dict[str, Any]) -> list[Any]:
        """The ``[[files]]`` tables, at least one."""
        files = table.get("files")
        if not isinstance(files, list) or not files:
            raise self.fault("files", "must list at least one [[files]] table with a path")
        return files

    def fault(self, key: str, what: str) -> InvalidSpectrum:
        """The error that names the file and the key."""
        return InvalidSpectrum(f"{self.path}: {key} {what}", where=str(self.path), suggestion=f"see {self.page}")
