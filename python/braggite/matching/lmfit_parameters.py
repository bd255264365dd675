"""What both bridges to lmfit share: legal names, and correlations on parameters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lmfit.parameter import valid_symbol_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lmfit import Parameters

    from braggite.arrays import FloatArray


def identifier(name: str) -> str:
    """The name as lmfit takes names: letters, digits and underscores, no digit first, no word of Python."""
    plain = re.sub(r"\W", "_", name, flags=re.ASCII)
    return plain if valid_symbol_name(plain) else f"p{plain}"


def identifiers(names: Iterable[str]) -> dict[str, str]:
    """An identifier for every name; those that would be alike are told apart by a number at their end."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = free = identifier(name)
        number = 1
        while free in taken:
            number += 1
            free = f"{plain}_{number}"
        found[name] = free
        taken.add(free)
    return found


def correlate(parameters: Parameters, free: Mapping[str, int], correlation: FloatArray) -> None:
    """Tell every free parameter its correlations; ``free`` holds its row in ``correlation`` by its name."""
    for name, i in free.items():
        parameters[name].correl = {other: float(correlation[i, j]) for other, j in free.items() if other != name}
