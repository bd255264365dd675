"""Numbers of the instrument in a match: refined, or held at those of a calibrated instrument."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from braggite.matching.results import MatchResult


@dataclass(frozen=True, slots=True)
class InstrumentNumber:
    """A number of the instrument, and whether the match refined it."""

    value: float
    refined: bool


def instrument_number(result: MatchResult, kind: str) -> InstrumentNumber | None:
    """The number of that kind; None where the match neither refined nor held it."""
    parameter = result.parameter(kind)
    if parameter is not None:
        return InstrumentNumber(parameter.value.value, refined=True)
    held = (result.options.get("instrument") or {}).get("profile", {}).get(kind)
    return None if held is None else InstrumentNumber(held["value"], refined=False)
