"""CIF syntax, once for all writers: names of blocks, values, uncertainties, items and loops.

Texts stay on one line and readable by gemmi and by pymatgen, which takes ``#`` after a blank for a comment even inside
quotes, and a line that begins with ``data_`` for a block even inside a text field.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from braggite.formats.write_numbers import shortest
from braggite.values import Value, format_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LONGEST_BLOCK_NAME = 70  # CIF 1.1 allows 75
_BARE = re.compile(r"[A-Za-z0-9][\w.\-/()]*", re.ASCII)
_RESERVED = re.compile(r"(?:data|save)_|(?:loop|stop|global)_$", re.IGNORECASE)
_COMMENT = re.compile(r"(?:\s|^)#")


def block_heading(name: str) -> str:
    """``data_<name>``, with what a block's name cannot hold replaced by underscores."""
    return "data_" + (re.sub(r"[^\w.-]+", "_", name, flags=re.ASCII)[:LONGEST_BLOCK_NAME] or "block")


def one_line(text: str) -> str:
    """The text with every run of blanks, line ends and unprintable characters as one blank."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def quoted(text: str) -> str:
    """A text as a CIF value: bare where it may be, quoted with a mark it does not end at, else a text field."""
    text = one_line(text)
    if _BARE.fullmatch(text) and not _RESERVED.match(text):
        return text
    for mark in "'\"":
        if mark not in text and not _COMMENT.search(text):
            return f"{mark}{text}{mark}"
    return f"\n;{text}\n;"


def number(value: float | Value | None) -> str:
    """A number, ``5.2341(12)`` where it has an uncertainty, ``?`` where it is not known."""
    if isinstance(value, Value):
        if value.su is not None and math.isfinite(value.su) and value.su > 0 and math.isfinite(value.value):
            return format_value(value.value, value.su)
        value = value.value
    return "?" if value is None or not math.isfinite(value) else shortest(float(value))


def items(pairs: Iterable[tuple[str, object]]) -> list[str]:
    """One line an item; those with the value None are left out."""
    return [f"{tag} {_written(value)}" for tag, value in pairs if value is not None]


def loop(tags: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A loop; columns that are None in every row are left out, single gaps stand as ``?``; no rows, no loop."""
    table = [list(row) for row in rows]
    keep = [i for i in range(len(tags)) if any(row[i] is not None for row in table)]
    if not keep:
        return []
    body = (" ".join("?" if row[i] is None else _written(row[i]) for i in keep) for row in table)
    return ["loop_", *(tags[i] for i in keep), *body]


def _written(value: object) -> str:
    return number(value) if isinstance(value, float | int | Value) else quoted(str(value))
