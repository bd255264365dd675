"""Balances against pymatgen where it gives one, and by counting atoms."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from braggite.errors import OptionError
from braggite.formation.reaction import LARGEST_DENOMINATOR, Species, balanced
from braggite.references.formula import parse_formula

GASES = ("CO2", "H2O", "O2", "Li2O")
UNIQUE = [
    (["Li2CO3", "BaO", "TiO2"], ["Li2BaTi6O14"], ["CO2"]),
    (["BaTiO3", "Li2CO3"], ["Li2BaTi6O14", "Ba2TiO4"], ["CO2"]),
    (["Li7La3Zr2O12"], ["La2Zr2O7", "La2O3"], ["Li2O"]),
    (["La(OH)3", "ZrO2"], ["La2Zr2O7"], ["H2O"]),
    (["Co3O4", "Li2CO3"], ["LiCoO2"], ["CO2", "O2"]),
    (["Li2CO3", "BaO", "TiO2"], ["Li3Ba2Ti9.25O22"], ["CO2"]),
]


def imbalance(reaction) -> dict[str, Fraction]:
    left: dict[str, Fraction] = {}
    for formula, coefficient in reaction.terms:
        for symbol, amount in Species(formula, 0).atoms.items():
            left[symbol] = left.get(symbol, Fraction(0)) + coefficient * amount
    return {symbol: amount for symbol, amount in left.items() if amount}


@pytest.mark.parametrize(("consumed", "formed", "gases"), UNIQUE, ids="+".join)
def test_equals_pymatgen_where_there_is_one_reaction(consumed, formed, gases):
    from pymatgen.analysis.reaction_calculator import Reaction
    from pymatgen.core import Composition

    (reaction,) = balanced(consumed, formed, GASES).reactions
    names = [*consumed, *formed, *gases]
    peer = Reaction([Composition(f) for f in [*consumed, *gases]], [Composition(f) for f in formed])
    theirs = [peer.get_coeff(Composition(formula)) for formula in names]
    ours = [float(reaction.coefficient(formula)) for formula in names]
    # Referent: pymatgen, whose coefficients are floating-point; equal up to a common factor.
    assert [value * theirs[0] for value in ours] == pytest.approx([value * ours[0] for value in theirs], rel=1e-6)
    assert imbalance(reaction) == {}


def test_an_equation_reads_as_a_chemist_writes_it():
    assert balanced(["Li2CO3", "BaO", "TiO2"], ["Li2BaTi6O14"], GASES).reactions[0].equation == (
        "Li2CO3 + BaO + 6 TiO2 -> Li2BaTi6O14 + CO2"
    )


def test_as_few_gases_as_will_do_take_part():
    assert balanced(["BaO", "TiO2"], ["BaTiO3"], GASES).gases == ()
    assert balanced(["BaCO3", "TiO2"], ["BaTiO3"], GASES).gases == ("CO2",)


def test_several_reactions_are_all_given():
    balance = balanced(["Li2CO3", "BaO", "TiO2"], ["Li2BaTi6O14", "BaTi4O9", "Li2TiO3"], GASES)
    assert {reaction.equation for reaction in balance.reactions} == {
        "BaO + 4 TiO2 -> BaTi4O9",
        "Li2CO3 + TiO2 -> Li2TiO3 + CO2",
        "Li2CO3 + BaO + 6 TiO2 -> Li2BaTi6O14 + CO2",
    }


@pytest.mark.parametrize(
    ("consumed", "formed", "element"),
    [
        (["Li6.5La3Zr1.5Ta0.5O12"], ["La2Zr2O7"], "Ta"),
        (["TiO2"], ["BaTiO3"], "Ba"),
        (["NaCl", "TiO2"], ["TiO"], "Cl"),
    ],
)
def test_an_element_on_one_side_only_is_named(consumed, formed, element):
    balance = balanced(consumed, formed, ("O2",))
    assert not balance.reactions
    assert (element,) in {obstacle.elements for obstacle in balance.obstacles}


def test_amounts_that_do_not_fit_are_named_with_their_excess():
    balance = balanced(["BaTiO3", "Li2CO3"], ["Li2BaTi6O14"], GASES)
    assert {(obstacle.elements, obstacle.excess) for obstacle in balance.obstacles} == {
        (("Ba",), (5,)),
        (("Ti",), (-5,)),
    }
    assert "for each Li2BaTi6O14 5 Ba have gone into something not identified" in balance.obstacles[0].reason


def test_two_elements_are_set_aside_where_one_is_not_enough():
    """Without oxygen in the air, the barium that is left over keeps some of it."""
    obstacles = balanced(["BaTiO3"], ["Li2BaTi6O14"], ("Li2O",)).obstacles
    assert {obstacle.elements: obstacle.excess for obstacle in obstacles} == {
        ("Ba", "O"): (5, 5),
        ("O", "Ti"): (-10, -5),
    }


def test_a_product_only_on_the_wrong_side_does_not_balance():
    """CaCO3 from CaO needs carbon dioxide to enter; where it may not, carbon is what is missing."""
    assert balanced(["CaO"], ["CaCO3"], ("CO2",)).reactions[0].equation == "CaO + CO2 -> CaCO3"
    (obstacle,) = balanced(["CaO"], ["CaCO3"], ()).obstacles
    assert obstacle.elements == ("C",)


def test_decimals_stand_for_simple_fractions():
    (reaction,) = balanced(["La2O3", "TiO2"], ["La0.6667TiO3"]).reactions
    assert reaction.equation == "La2O3 + 3 TiO2 -> 3 La0.6667TiO3"


@given(st.dictionaries(st.sampled_from(["Li2O", "BaO", "TiO2", "La2O3", "ZrO2", "CoO"]), st.integers(1, 9), min_size=2))
@settings(max_examples=40, deadline=None)
def test_a_compound_forms_from_its_oxides_in_the_amounts_it_was_made_of(amounts):
    atoms: dict[str, float] = {}
    for formula, count in amounts.items():
        for symbol, number in parse_formula(formula):
            atoms[symbol] = atoms.get(symbol, 0) + number * count
    product = "".join(f"{symbol}{number:g}" for symbol, number in atoms.items())
    (reaction,) = balanced(list(amounts), [product]).reactions
    ratio = reaction.coefficient(product)
    assert {formula: -reaction.coefficient(formula) / ratio for formula in amounts} == amounts
    assert imbalance(reaction) == {}
    assert max(c.denominator for _, c in reaction.terms) <= LARGEST_DENOMINATOR


@pytest.mark.parametrize(
    ("consumed", "formed", "complaint"),
    [
        ([], ["TiO2"], "needs something"),
        (["TiO2"], ["TiO2"], "both sides"),
        (["TiO2"], ["Xx2"], "Xx"),
        ([f"Ti{i}O2" for i in range(1, 16)], ["BaO"], "species"),
    ],
)
def test_what_cannot_be_a_reaction_is_refused(consumed, formed, complaint):
    with pytest.raises(OptionError, match=complaint):
        balanced(consumed, formed)
