"""Which phases a sample of known elements may hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from braggite.errors import OptionError
from braggite.references.formula import parse_elements, parse_formula

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

FROM_AIR = frozenset({"O"})
"""What a reaction may take up whatever its precursors: oxygen."""


@dataclass(frozen=True, slots=True)
class Chemistry:
    """A filter by elements; None does not ask.

    Attributes
    ----------
    within : a phase is made of these elements only
    all_of : it holds every one of these
    any_of : it holds at least one of these
    none_of : it holds none of these
    """

    within: frozenset[str] | None = None
    all_of: frozenset[str] = frozenset()
    any_of: frozenset[str] = frozenset()
    none_of: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        elements: str | Iterable[str] | None = None,
        *,
        precursors: str | Iterable[str] | None = None,
        all_of: str | Iterable[str] | None = None,
        any_of: str | Iterable[str] | None = None,
        none_of: str | Iterable[str] | None = None,
    ) -> Chemistry:
        """From what a user writes: symbols, and formulas of precursors.

        Raises
        ------
        OptionError
            No element or formula, or elements both demanded and excluded.
        """
        allowed = None if elements is None else parse_elements(elements)
        if precursors is not None:
            allowed = (allowed or frozenset()) | elements_of_precursors(precursors)
        demanded, one, excluded = (
            frozenset() if given is None else parse_elements(given) for given in (all_of, any_of, none_of)
        )
        for wanted, what in ((demanded, "all of"), (one, "any of")):
            if clash := wanted & excluded:
                raise OptionError(f"{min(clash)} is both wanted ({what}) and excluded (none of)", where=what)
        return cls(allowed, demanded, one, excluded)

    def admits(self, elements: frozenset[str]) -> bool:
        """Whether a phase of these elements passes."""
        return (
            (self.within is None or elements <= self.within)
            and self.all_of <= elements
            and (not self.any_of or not self.any_of.isdisjoint(elements))
            and self.none_of.isdisjoint(elements)
        )

    def admits_bits(self, elements: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """The same for many phases, whose elements are rows of packed bits; (n,)."""
        from braggite.references.line_index import element_bits

        admitted = np.ones(len(elements), dtype=bool)
        if self.within is not None:
            admitted &= ~(elements & ~element_bits(self.within)).any(axis=1)
        if self.all_of:
            admitted &= ~(~elements & element_bits(self.all_of)).any(axis=1)
        if self.any_of:
            admitted &= (elements & element_bits(self.any_of)).any(axis=1)
        if self.none_of:
            admitted &= ~(elements & element_bits(self.none_of)).any(axis=1)
        return admitted


def elements_of_precursors(precursors: str | Iterable[str]) -> frozenset[str]:
    """The elements of everything that these compounds can form: their own, and oxygen of the air.

    Elements that leave with a gas (CO2, H2O, NH3 ...) need not be in a product, and none need to.
    """
    formulas = precursors.split(",") if isinstance(precursors, str) else list(precursors)
    if not formulas:
        raise OptionError("no precursor given", suggestion="write formulas such as Li2CO3,BaO,TiO2")
    return frozenset(symbol for formula in formulas for symbol, _ in parse_formula(formula)) | FROM_AIR
