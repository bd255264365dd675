"""Chemical formulas as chemists write them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from braggite.errors import OptionError
from braggite.references.elements import ATOMIC_NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterable

_TOKEN = re.compile(r"([A-Z][a-z]?)|([(\[])|([)\]])|(\d+(?:\.\d+)?)")
_HYDRATE = re.compile(r"[·*•]")


@lru_cache(maxsize=4096)
def parse_formula(text: str) -> tuple[tuple[str, float], ...]:
    """Atoms per formula unit, sorted by symbol: ``Li1.3Al0.3Ti1.7(PO4)3``, ``CaSO4·2H2O``.

    Raises
    ------
    OptionError
        An unknown symbol, unbalanced brackets or a stray character.
    """
    amounts: dict[str, float] = {}
    for part in _HYDRATE.split(text.replace(" ", "")):
        factor = re.match(r"\d+(?:\.\d+)?", part)
        start = factor.end() if factor else 0
        for symbol, amount in _parse_part(part, start, text).items():
            amounts[symbol] = amounts.get(symbol, 0.0) + amount * (float(factor.group()) if factor else 1.0)
    if not amounts:
        raise OptionError(f"{text!r} holds no element", suggestion="write a formula such as BaTiO3")
    return tuple(sorted(amounts.items()))


def _parse_part(part: str, position: int, whole: str) -> dict[str, float]:
    stack: list[dict[str, float]] = [{}]
    while position < len(part):
        token = _TOKEN.match(part, position)
        if token is None or token.group(4):
            raise OptionError(f"{part[position:]!r} in the formula {whole!r} cannot be read")
        position = token.end()
        symbol, opening, closing = token.group(1), token.group(2), token.group(3)
        if opening:
            stack.append({})
            continue
        number = _TOKEN.match(part, position)
        amount = 1.0
        if number and number.group(4):
            amount, position = float(number.group(4)), number.end()
        if closing:
            if len(stack) == 1:
                raise OptionError(f"a bracket closes in {whole!r} that was never opened")
            group = stack.pop()
        else:
            if symbol not in ATOMIC_NUMBER:
                raise OptionError(f"{symbol!r} in the formula {whole!r} is not a chemical element")
            group = {symbol: 1.0}
        for name, count in group.items():
            stack[-1][name] = stack[-1].get(name, 0.0) + count * amount
    if len(stack) != 1:
        raise OptionError(f"a bracket stays open in {whole!r}")
    return stack[0]


def parse_elements(elements: str | Iterable[str]) -> frozenset[str]:
    """Element symbols from ``"Li Ba Ti O"``, ``"Li,Ba"`` or an iterable; ``OptionError`` for an unknown one."""
    symbols = re.split(r"[\s,;]+", elements.strip()) if isinstance(elements, str) else list(elements)
    wrong = [symbol for symbol in symbols if symbol not in ATOMIC_NUMBER]
    if wrong or not symbols:
        raise OptionError(
            f"{', '.join(map(repr, wrong)) or 'nothing'} is not a chemical element",
            suggestion='write symbols such as "Li Ba Ti O"',
        )
    return frozenset(symbols)


def write_formula(amounts: dict[str, float]) -> str:
    """A formula in the order given, amounts to four decimals: ``{"Ba": 1, "O": 3}`` -> ``BaO3``."""
    return "".join(f"{symbol}{_amount(amount)}" for symbol, amount in amounts.items())


def _amount(amount: float) -> str:
    text = f"{amount:.4f}".rstrip("0").rstrip(".")
    return "" if text == "1" else text
