"""Tables in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def number(value: float | None) -> str:
    """Three figures; a dash for nothing."""
    return "-" if value is None else f"{value:.3g}"


def line(*cells: str) -> str:
    """One row."""
    return "| " + " | ".join(cells) + " |\n"


def head(columns: Sequence[str]) -> str:
    """Names of columns and the rule below them."""
    return line(*columns) + "|---" * len(columns) + "|\n"


def aims_table(aims: Iterable[dict[str, Any]]) -> str:
    """What was aimed at, and whether it was reached."""
    text = head(("table", "what", "figure", "aim", "reached"))
    for aim in aims:
        reached = "yes" if aim["passed"] else "**no**"
        sense = "≥" if aim["sense"] == ">=" else "≤"
        text += line(aim["table"], aim["what"], number(aim["figure"]), f"{sense} {number(aim['aim'])}", reached)
    return text
