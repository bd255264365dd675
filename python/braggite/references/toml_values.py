"""Checked access to the tables of a reference file; every fault names the table and the key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from braggite.errors import LibraryError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def missing(key: str, where: str) -> NoReturn:
    """Refuse a table without a key it needs."""
    raise LibraryError(f"{where} states no {key}")


def refuse_unknown(values: dict[str, Any], known: Iterable[str], where: str) -> None:
    """Refuse keys that are not ``known``."""
    known = sorted(known)
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise LibraryError(f"{where} holds the unknown key {unknown[0]!r}", suggestion=f"known: {', '.join(known)}")


def table(value: Any, where: str) -> dict[str, Any]:
    """A table."""
    if not isinstance(value, dict):
        raise LibraryError(f"{where} is not a table")
    return value


def tables(value: Any, where: str) -> list[dict[str, Any]]:
    """A list of tables."""
    if not isinstance(value, list):
        raise LibraryError(f"{where} is not a list of tables", suggestion=f"write [[{where.strip('[]')}]]")
    return [table(entry, f"{where} {number}") for number, entry in enumerate(value, start=1)]


def text(values: dict[str, Any], key: str, where: str) -> str | None:
    """A text; None where there is none."""
    value = values.get(key)
    if value is not None and not isinstance(value, str):
        raise LibraryError(f"{where}: {key} = {value!r} is not a text", suggestion="put it in quotes")
    return value


def needed_text(values: dict[str, Any], key: str, where: str) -> str:
    """A text that must be there."""
    return text(values, key, where) or missing(key, where)


def texts(values: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    """A list of texts; empty where there is none."""
    given = values.get(key, [])
    if not isinstance(given, list) or not all(isinstance(value, str) for value in given):
        raise LibraryError(f"{where}: {key} = {given!r} is not a list of texts")
    return tuple(given)


def number(values: dict[str, Any], key: str, where: str) -> float:
    """A number that must be there."""
    value = values.get(key)
    if value is None:
        missing(key, where)
    if not is_number(value):
        raise LibraryError(f"{where}: {key} = {value!r} is not a number")
    return float(value)


def optional_number(values: dict[str, Any], key: str, where: str) -> float | None:
    """A number; None where there is none."""
    return number(values, key, where) if key in values else None


def interval(values: dict[str, Any], key: str, where: str, unit: str) -> tuple[float, float] | None:
    """``[lower, upper]``; None where there is none."""
    if key not in values:
        return None
    value = values[key]
    if not (isinstance(value, list) and len(value) == 2 and all(map(is_number, value))):
        raise LibraryError(f"{where}: {key} is not [lower, upper] in {unit}")
    return float(value[0]), float(value[1])


def flag(values: dict[str, Any], key: str, where: str) -> bool:
    """True or false; false where it is not stated."""
    value = values.get(key, False)
    if not isinstance(value, bool):
        raise LibraryError(f"{where}: {key} = {value!r} is neither true nor false")
    return value


def word(values: dict[str, Any], key: str, where: str, known: Collection[str]) -> Any:
    """One of some words; None where there is none."""
    value = text(values, key, where)
    if value is not None and value not in known:
        raise LibraryError(f"{where}: {key} = {value!r} is none of {', '.join(known)}")
    return value


def is_number(value: Any) -> bool:
    """Whether TOML gave a number: true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)
