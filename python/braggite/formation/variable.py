"""What changes from scan to scan of a series: stated by the user, or guessed from file names and said so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from braggite.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal["composition", "temperature", "time", "other", "sample"]
Origin = Literal["stated", "file names", "order"]
KINDS: tuple[Kind, ...] = ("composition", "temperature", "time", "other", "sample")
_OF_UNIT: dict[str, tuple[str, Kind, str]] = {
    "c": ("temperature", "temperature", "°C"),
    "°c": ("temperature", "temperature", "°C"),
    "degc": ("temperature", "temperature", "°C"),
    "k": ("temperature", "temperature", "K"),
    "h": ("time", "time", "h"),
    "min": ("time", "time", "min"),
    "s": ("time", "time", "s"),
    "d": ("time", "time", "d"),
}
_COMPOSITION_UNITS = ("wt%", "mol%", "at%", "%", "x", "wt", "mol", "at")
_NUMBER = re.compile(r"(\d+(?:[.p]\d+)?)([^\W\d_]*)")


@dataclass(frozen=True, slots=True)
class Variable:
    """The variable of a series.

    Attributes
    ----------
    name, unit : as tables and plots write it
    kind : "temperature" and "time" follow one mixture through changes; in a "composition" the mixture itself differs;
        "sample" has no order: neither appearance nor trends are spoken of
    origin : whether it was stated, guessed from file names, or is the order of the files alone
    """

    name: str = "sample"
    unit: str = ""
    kind: Kind = "sample"
    origin: Origin = "stated"

    @property
    def ordered(self) -> bool:
        """Whether a lower and a higher value mean something."""
        return self.kind != "sample"

    @property
    def label(self) -> str:
        """``temperature (°C)``."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    def text(self, value: float) -> str:
        """A value with its unit, and its name where the unit does not tell: ``700 °C``, ``BaTiO3 5 wt%``."""
        return f"{self._named}{value:g} {self.unit}".strip()

    def between(self, low: float, high: float) -> str:
        """``between 700 and 750 °C``."""
        return f"between {self._named}{low:g} and {high:g} {self.unit}".strip()

    @property
    def _named(self) -> str:
        return "" if self.kind in ("temperature", "time") and self.unit else f"{self.name} "

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {"name": self.name, "unit": self.unit, "kind": self.kind, "origin": self.origin}


def stated_variable(name: str, unit: str = "", kind: str | None = None) -> Variable:
    """A variable as the user names it; its kind follows from the unit where none is given.

    Raises
    ------
    OptionError
        An unknown kind.
    """
    if kind is not None and kind not in KINDS:
        raise OptionError(f"kind {kind!r} of a variable is none of {', '.join(KINDS)}", where="variable.kind")
    known = _OF_UNIT.get(unit.casefold())
    if kind is None and known is not None:
        return Variable(name, known[2], known[1])
    chosen = next((entry for entry in KINDS if entry == kind), None)
    return Variable(name, known[2] if known else unit, chosen or _kind_of(name, unit))


def parsed_variable(text: str) -> Variable:
    """``temperature:C`` or ``x``: the name and, after a colon, the unit."""
    name, _, unit = text.partition(":")
    if not name.strip():
        raise OptionError(f"{text!r} names no variable", where="variable", suggestion="write temperature:C or x")
    return stated_variable(name.strip(), unit.strip())


def guessed_variable(names: Sequence[str]) -> tuple[Variable, list[float]]:
    """The variable that file names (without suffix) tell, and its values; the order of the files where they do not.

    The names must be alike but for one number: ``LBT-600C, LBT-700C`` or ``LZ-0p5BTO, LZ-2BTO``, where p stands for
    the decimal point. Letters right after it are its unit (C, K, h, min, s, d), else its name.
    """
    split = [_NUMBER.split(name) for name in names]
    order = (Variable("sample", "", "sample", "order"), [float(index) for index in range(len(names))])
    if len(names) < 2 or len({len(parts) for parts in split}) != 1 or len(split[0]) == 1:
        return order
    columns = list(zip(*split, strict=True))
    numbers = range(1, len(columns), 3)
    words = [index for index in range(len(columns)) if index not in numbers]
    if any(len(set(columns[index])) > 1 for index in words):
        return order
    values = {index: [float(text.replace("p", ".")) for text in columns[index]] for index in numbers}
    differing = [index for index in numbers if len(set(values[index])) > 1]
    if len(differing) != 1:
        return order
    column = differing[0]
    word = columns[column + 1][0] or columns[column - 1][0].strip(" -_=")
    name, kind, unit = _OF_UNIT.get(word.casefold(), (word or "number in the file name", "", ""))
    return Variable(name, unit, "other" if not kind else _kind(kind), "file names"), values[column]


def _kind(text: str) -> Kind:
    return next(kind for kind in KINDS if kind == text)


def _kind_of(name: str, unit: str) -> Kind:
    if name.casefold() in ("temperature", "time", "composition"):
        return _kind(name.casefold())
    return "composition" if unit.casefold() in _COMPOSITION_UNITS or name == "x" else "other"
