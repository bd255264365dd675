"""Balanced reactions by exact arithmetic: every one there is, or which element stands in the way.

A reaction is *elementary* where it cannot do without any of its species: the null space of its composition matrix has
one dimension. Every reaction that turns what was consumed into what formed is a sum of elementary ones with positive
shares (Schuster & Hilgetag, J. Biol. Syst. 2, 1994, 165), so these say all that chemistry alone can say.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import lcm
from typing import TYPE_CHECKING, Literal

from braggite.errors import OptionError
from braggite.references.formula import parse_formula

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

MOST_SPECIES = 14
LARGEST_DENOMINATOR = 1000
"""Amounts of a formula are taken for the fraction nearest to them: 0.6667 is 2/3."""
LARGEST_COEFFICIENT = 400
"""Beyond it whole numbers stop being readable, and the coefficients are divided by that of the first product."""

Side = Literal[-1, 0, 1]


@dataclass(frozen=True, slots=True)
class Species:
    """A formula that takes part: consumed (-1), formed (+1), or a gas that may do either (0)."""

    formula: str
    side: Side

    @property
    def atoms(self) -> dict[str, Fraction]:
        """Atoms per formula unit, exactly."""
        return {
            symbol: Fraction(f"{amount:.6f}").limit_denominator(LARGEST_DENOMINATOR)
            for symbol, amount in parse_formula(self.formula)
        }


@dataclass(frozen=True, slots=True)
class Reaction:
    """Formulas and coefficients: negative consumed, positive formed."""

    terms: tuple[tuple[str, Fraction], ...]

    def coefficient(self, formula: str) -> Fraction:
        """The coefficient of a formula, 0 where it takes no part."""
        return dict(self.terms).get(formula, Fraction(0))

    @property
    def equation(self) -> str:
        """``Li2CO3 + BaO + 6 TiO2 -> Li2BaTi6O14 + CO2``."""
        left = " + ".join(_term(-c, formula) for formula, c in self.terms if c < 0)
        right = " + ".join(_term(c, formula) for formula, c in self.terms if c > 0)
        return f"{left} -> {right}"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Elements without which the rest would balance, and why; ``excess`` atoms of each are left over for a product.

    A positive excess has gone into something not identified; a negative one came from something not identified.
    """

    elements: tuple[str, ...]
    reason: str
    excess: tuple[Fraction, ...] = ()


@dataclass(frozen=True, slots=True)
class Balance:
    """Every elementary reaction, with the fewest gases that let everything take part; or what stands in the way."""

    reactions: tuple[Reaction, ...]
    gases: tuple[str, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()


def balanced(consumed: Iterable[str], formed: Iterable[str], gases: Iterable[str] = ()) -> Balance:
    """Balance what was consumed against what formed.

    Parameters
    ----------
    consumed, formed
        Formulas; each must take part, on its side.
    gases
        Formulas that may leave or enter. As few as will do take part.

    Returns
    -------
    Balance
        Without reactions where none balances; its obstacles then name the elements.

    Raises
    ------
    OptionError
        A formula on both sides, nothing on one, or more species than can be searched.
    """
    left, right = list(dict.fromkeys(consumed)), list(dict.fromkeys(formed))
    if not left or not right:
        raise OptionError("a reaction needs something that is consumed and something that forms")
    repeated = sorted(set(left) & set(right))
    if repeated:
        raise OptionError(f"{repeated[0]} stands on both sides of the reaction", where=repeated[0])
    free = [gas for gas in dict.fromkeys(gases) if gas not in left and gas not in right]
    if len(left) + len(right) + len(free) > MOST_SPECIES:
        raise OptionError(f"more than {MOST_SPECIES} species cannot be balanced", suggestion="leave minor phases out")
    solids = [*(Species(formula, -1) for formula in left), *(Species(formula, 1) for formula in right)]
    for count in range(len(free) + 1):
        for chosen in combinations(free, count):
            reactions = _elementary([*solids, *(Species(gas, 0) for gas in chosen)])
            if _covers(reactions, [*left, *right]):
                return Balance(reactions, chosen)
    return Balance((), (), _obstacles(solids, [Species(gas, 0) for gas in free]))


def _covers(reactions: Sequence[Reaction], formulas: Sequence[str]) -> bool:
    taking_part = {formula for reaction in reactions for formula, _ in reaction.terms}
    return taking_part.issuperset(formulas)


def _elementary(species: Sequence[Species], without: Collection[str] = ()) -> tuple[Reaction, ...]:
    """Every elementary reaction among ``species`` with the right signs; elements of ``without`` need not balance."""
    compositions = [species_.atoms for species_ in species]
    elements = sorted({symbol for atoms in compositions for symbol in atoms if symbol not in without})
    columns = [[atoms.get(symbol, Fraction(0)) for symbol in elements] for atoms in compositions]
    found = []
    for size in range(2, min(len(species), len(elements) + 1) + 1):
        for chosen in combinations(range(len(species)), size):
            if all(species[i].side == 0 for i in chosen):
                continue
            coefficients = _only_solution([columns[i] for i in chosen])
            if coefficients is None:
                continue
            signed = _on_their_sides([species[i] for i in chosen], coefficients)
            if signed is not None:
                found.append(_whole([(species[i].formula, c) for i, c in zip(chosen, signed, strict=True)]))
    return tuple(found)


def _only_solution(columns: Sequence[Sequence[Fraction]]) -> list[Fraction] | None:
    """Coefficients, none of them zero, whose sum over the columns vanishes; None unless they are unique to a factor."""
    width = len(columns)
    rows = [[column[i] for column in columns] for i in range(len(columns[0]))]
    pivots: list[int] = []
    for column in range(width):
        pivot = next((i for i in range(len(pivots), len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        here = len(pivots)
        rows[here], rows[pivot] = rows[pivot], rows[here]
        rows[here] = [value / rows[here][column] for value in rows[here]]
        for i, row in enumerate(rows):
            if i != here and row[column]:
                rows[i] = [value - row[column] * up for value, up in zip(row, rows[here], strict=True)]
        pivots.append(column)
    free = [column for column in range(width) if column not in pivots]
    if len(free) != 1:
        return None
    solution = [Fraction(0)] * width
    solution[free[0]] = Fraction(1)
    for place, column in enumerate(pivots):
        solution[column] = -rows[place][free[0]]
    return solution if all(solution) else None


def _on_their_sides(species: Sequence[Species], coefficients: Sequence[Fraction]) -> list[Fraction] | None:
    for sign in (1, -1):
        signed = [sign * c for c in coefficients]
        if all(entry.side == 0 or entry.side * c > 0 for entry, c in zip(species, signed, strict=True)):
            return signed
    return None


def _whole(terms: Sequence[tuple[str, Fraction]]) -> Reaction:
    """Smallest whole coefficients, or those for one of the first product where whole ones are not readable."""
    factor = Fraction(lcm(*(c.denominator for _, c in terms)))
    whole = [c * factor for _, c in terms]
    common = whole[0]
    for c in whole[1:]:
        common = _common_divisor(common, c)
    whole = [c / abs(common) for c in whole]
    if max(abs(c) for c in whole) > LARGEST_COEFFICIENT:
        first = next(c for c in whole if c > 0)
        whole = [c / first for c in whole]
    return Reaction(tuple((formula, c) for (formula, _), c in zip(terms, whole, strict=True)))


def _common_divisor(a: Fraction, b: Fraction) -> Fraction:
    while b:
        a, b = b, a % b
    return a


def _obstacles(solids: Sequence[Species], gases: Sequence[Species]) -> tuple[Obstacle, ...]:
    """Elements that only one side has; else the one, or the two, without which everything would balance.

    Of pairs those come first that one phase not identified could explain, holding both or giving both.
    """
    one_sided = tuple(_one_sided([*solids, *gases]))
    if one_sided:
        return one_sided
    elements = sorted({symbol for species in solids for symbol in species.atoms})
    for size in (1, 2):
        found = [_set_aside(without, solids, gases) for without in combinations(elements, size)]
        obstacles = tuple(obstacle for obstacle in found if obstacle is not None)
        one_way = tuple(obstacle for obstacle in obstacles if len({n > 0 for n in obstacle.excess if n}) == 1)
        if obstacles:
            return one_way or obstacles
    return (Obstacle((), "no two elements set aside would let the others balance"),)


def _set_aside(without: tuple[str, ...], solids: Sequence[Species], gases: Sequence[Species]) -> Obstacle | None:
    formulas = [species.formula for species in solids]
    for count in range(len(gases) + 1):
        for chosen in combinations(gases, count):
            reactions = _elementary([*solids, *chosen], without)
            if _covers(reactions, formulas):
                return _excess(reactions, [*solids, *chosen], without)
    return None


def _one_sided(species: Sequence[Species]) -> Iterable[Obstacle]:
    for element in sorted({symbol for entry in species for symbol in entry.atoms}):
        holders = [entry for entry in species if element in entry.atoms]
        sides = {entry.side for entry in holders}
        names = ", ".join(entry.formula for entry in holders)
        if sides == {1}:
            yield Obstacle((element,), f"{element} is in {names}, but in nothing that was consumed")
        elif sides == {-1}:
            yield Obstacle((element,), f"{element} of {names} is in nothing that formed")


def _excess(reactions: Sequence[Reaction], species: Sequence[Species], without: tuple[str, ...]) -> Obstacle:
    names = " and ".join(without)
    if len(reactions) > 1:
        return Obstacle(without, f"everything but {names} could balance")
    atoms: Mapping[str, Mapping[str, Fraction]] = {entry.formula: entry.atoms for entry in species}
    terms = reactions[0].terms
    product, amount = next((formula, c) for formula, c in terms if c > 0)
    excess = tuple(
        -sum((c * atoms[formula].get(element, Fraction(0)) for formula, c in terms), Fraction(0)) / amount
        for element in without
    )
    left_over = " and ".join(f"{_number(n)} {element}" for element, n in zip(without, excess, strict=True) if n > 0)
    lacking = " and ".join(f"{_number(-n)} {element}" for element, n in zip(without, excess, strict=True) if n < 0)
    fates = [f"{left_over} have gone into"] * bool(left_over) + [f"{lacking} came from"] * bool(lacking)
    reason = f"everything but {names} balances: for each {product} {' and '.join(fates)} something not identified"
    return Obstacle(without, reason, excess)


def _term(coefficient: Fraction, formula: str) -> str:
    return formula if coefficient == 1 else f"{_number(coefficient)} {formula}"


def _number(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.4g}"
