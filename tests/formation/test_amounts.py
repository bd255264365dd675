"""Appearance, roles, exchanges and element balances of made amounts."""

from __future__ import annotations

import numpy as np
import pytest
from made_amounts import FAILED, amounts, no

from braggite.formation.amounts import (
    Amount,
    Change,
    appearance,
    disappearance,
    with_what_limits_leave_open,
)
from braggite.formation.conversion import conversion, mole_changes, moles_per_reference
from braggite.formation.elements import element_balances, formula_mass, reference_element, scale_variances
from braggite.formation.exchange import change_over, exchange, role
from braggite.identification.report import UpperLimit
from braggite.values import Value


@pytest.mark.parametrize(
    ("entries", "appears", "gone"),
    [
        ((no(), no(), 0.1, 0.2), Change(1.0, 2.0, True), None),
        ((0.2, 0.1, no(), no()), None, Change(1.0, 2.0, True)),
        ((no(), 0.1, no()), Change(0.0, 1.0, True), Change(1.0, 2.0, True)),
        ((no(), ("?", 0.01), 0.1), Change(0.0, 2.0, True), None),
        ((no(), FAILED, 0.1), Change(0.0, 2.0, True), None),
        ((no(0.2), 0.1, 0.1), Change(0.0, 1.0, False), None),
        ((0.1, 0.2, 0.3), None, None),
        ((no(), no(), ("?", 0.01)), None, None),
        ((0.1, no(), 0.1), None, None),
    ],
)
def test_appearance_and_disappearance(entries, appears, gone):
    assert appearance(amounts(*entries)) == appears
    assert disappearance(amounts(*entries)) == gone


def test_repeats_at_one_value_must_agree():
    pair = (*amounts(no()), Amount(1.0, "not_detected", 0.0, None, UpperLimit(0.01)), *amounts(no(), 0.1)[1:])
    assert appearance(pair) is None


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((no(), 0.1, 0.2), "formed"),
        ((0.2, 0.1, no()), "consumed"),
        ((no(), 0.2, no()), "intermediate"),
        ((0.1, 0.101, 0.1), "unchanged"),
        ((FAILED, FAILED, 0.1), "unknown"),
        ((no(), ("?", 0.1), no()), "unknown"),
        ((no(), no(), no()), "unchanged"),
    ],
)
def test_roles(entries, expected):
    assert role(amounts(*entries)) == expected


def test_the_change_carries_both_uncertainties():
    change = change_over(amounts(no(0.00329), 0.1))
    # 0.00329 is 1.645 times the 0.002 of the other end.
    assert change.su == pytest.approx(np.hypot(0.002, 0.002), rel=1e-3)


@pytest.mark.parametrize(("fraction", "su"), [(1.0, None), (0.6, 0.005)])
def test_fractions_are_as_uncertain_as_the_limits_of_the_others_allow(fraction, su):
    found = (Amount(0.0, "present", 0.99, Value(fraction, su), UpperLimit(1.0)),)
    absent = (Amount(0.0, "not_detected", 0.0, None, UpperLimit(0.0329)),)
    (first, second) = with_what_limits_leave_open([found, absent])
    # The limit is 1.645 times 0.02.
    assert first[0].weight_fraction.su == pytest.approx(np.hypot(su or 0.0, 0.02 * fraction), rel=1e-3)
    assert second == absent


def test_an_exchange_has_the_slope_it_was_made_with():
    rng = np.random.default_rng(5)
    rising = np.linspace(0.0, 0.4, 9)
    up = amounts(*(rising + rng.normal(0, 0.002, 9)).clip(0.0001))
    down = amounts(*(0.9 - 0.5 * rising + rng.normal(0, 0.002, 9)))
    found = exchange(("up", up), ("down", down))
    assert abs(found.slope.value + 0.5) < 3 * found.slope.su
    assert -1.0 < found.low < found.correlation < found.high < 0.0


def test_uncertain_slopes_cover_their_truth():
    rising, pulls = np.linspace(0.0, 0.1, 8), []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        up = amounts(*(0.05 + rising + rng.normal(0, 0.002, 8)))
        down = amounts(*(0.8 - 1.5 * rising + rng.normal(0, 0.002, 8)))
        slope = exchange(("up", up), ("down", down)).slope
        pulls.append((slope.value + 1.5) / slope.su)
    # Nominal 95 %, binomial standard deviation 1.5 % of 200.
    assert np.mean(np.abs(pulls) < 1.96) > 0.95 - 3 * 0.0154


@pytest.mark.parametrize(
    ("up", "down"),
    [((0.1, 0.2, 0.3), (0.3, 0.2, 0.1)), ((0.1, 0.2, 0.3, 0.4), (0.3, 0.1, 0.3, 0.1)), ((0.1,) * 5, (0.2,) * 5)],
    ids=["too few", "not surely", "flat"],
)
def test_no_exchange_without_evidence(up, down):
    assert exchange(("up", amounts(*up)), ("down", amounts(*down))) is None


def test_scale_variances_give_back_the_uncertainties_of_shares():
    relative = np.array([0.01, 0.02, 0.05])
    scales = np.array([5.0, 3.0, 2.0])
    w = scales / scales.sum()
    jacobian = np.diag(w) - np.outer(w, w)
    sus = np.sqrt(jacobian**2 @ relative**2)
    np.testing.assert_allclose(scale_variances(w, sus), relative**2, rtol=1e-9)


def test_ratios_of_two_phases_carry_the_uncertainty_of_simulated_scales():
    rng = np.random.default_rng(7)
    scales = np.array([0.6, 0.4]) * (1.0 + rng.normal(0.0, 0.01, (20000, 2)))
    shares = scales / scales.sum(axis=1, keepdims=True)
    mass = np.array([formula_mass("Li2TiO3"), formula_mass("BaTiO3")])
    moles = shares / mass
    su = float(shares[:, 0].std())
    table = {
        "Li2TiO3": (Amount(0.0, "present", 1.0, Value(0.6, su)),) * 2,
        "BaTiO3": (Amount(0.0, "present", 1.0, Value(0.4, su)),) * 2,
    }
    balance = {entry.element: entry for entry in element_balances(table, (), None)}
    assert balance["Li"].reference == "Ti"
    simulated = 2 * moles[:, 0] / (moles[:, 0] + moles[:, 1])
    # Referent: 20,000 draws, whose standard deviation is good to 0.5 %.
    assert balance["Li"].ratios[0].su == pytest.approx(float(simulated.std()), rel=0.02)


@pytest.mark.parametrize(
    ("last", "hidden_limit", "verdict"), [(0.30, 0.0005, "lost"), (0.30, 0.5, "hidden"), (0.3956, 0.0005, "kept")]
)
def test_lithium_loss_is_told_from_what_may_hide(last, hidden_limit, verdict):
    """Li2TiO3 with BaTiO3: the first point holds 39.56 wt% of the lithium phase."""
    table = {
        "Li2TiO3": amounts(0.3956, last),
        "BaTiO3": amounts(0.6044, 1.0 - last),
        "Li2CO3": amounts(no(hidden_limit), no(hidden_limit)),
    }
    balance = {entry.element: entry for entry in element_balances(table, ("CO2",), None)}
    assert balance["Li"].reference == "Ti"
    assert balance["Li"].verdict == verdict
    start = {entry.element: entry for entry in element_balances(table, ("CO2",), {"Li2TiO3": 1.0, "BaTiO3": 0.3})}
    assert start["Li"].start.value == pytest.approx(2.0 / 1.3)


def test_the_reference_is_what_stays():
    assert reference_element(["Li2TiO3", "BaTiO3"], ("CO2",)) == "Ti"
    assert reference_element(["Li2CO3", "Li2O"], ()) is None


def test_one_reaction_is_tested_by_the_amounts():
    changes = {"BaTiO3": Value(-1.1, 0.02), "Li2BaTi6O14": Value(0.1, 0.002), "Ba2TiO4": Value(0.5, 0.01)}
    found = conversion(["BaTiO3"], ["Li2BaTi6O14", "Ba2TiO4"], ("CO2", "Li2O"), changes)
    assert found.status == "balanced"
    assert found.equations == ("11 BaTiO3 + Li2O -> Li2BaTi6O14 + 5 Ba2TiO4",)
    assert found.agrees
    assert abs(found.extents[0].value - 0.1) < 3 * found.extents[0].su
    wrong = conversion(["BaTiO3"], ["Li2BaTi6O14", "Ba2TiO4"], ("Li2O",), changes | {"Ba2TiO4": Value(0.1, 0.01)})
    assert not wrong.agrees


def test_several_reactions_get_the_extents_of_the_amounts():
    changes = {
        "BaO": Value(-1.0, 0.01),
        "Li2CO3": Value(-0.8, 0.01),
        "TiO2": Value(-4.7, 0.05),
        "Li2BaTi6O14": Value(0.3, 0.003),
        "BaTi4O9": Value(0.7, 0.007),
        "Li2TiO3": Value(0.1, 0.001),
    }
    consistent = changes | {"Li2CO3": Value(-0.4, 0.01), "TiO2": Value(-4.7, 0.05)}
    found = conversion(["BaO", "Li2CO3", "TiO2"], ["Li2BaTi6O14", "BaTi4O9", "Li2TiO3"], ("CO2",), consistent)
    assert found.status == "several"
    extents = dict(zip(found.equations, found.extents, strict=True))
    for equation, truth in (("BaO + 4 TiO2 -> BaTi4O9", 0.7), ("Li2CO3 + TiO2 -> Li2TiO3 + CO2", 0.1)):
        assert abs(extents[equation].value - truth) < 3 * extents[equation].su
    assert found.agrees
    assert not conversion(["BaO", "Li2CO3", "TiO2"], ["Li2BaTi6O14", "BaTi4O9", "Li2TiO3"], ("CO2",), changes).agrees


def test_what_does_not_balance_says_why():
    found = conversion(["Li6.5La3Zr1.5Ta0.5O12"], ["La2Zr2O7"], ("Li2O",), {})
    assert found.status == "not_balanced"
    assert [elements for elements, _ in found.obstacles] == [("Ta",)]
    assert conversion([], ["TiO2"], (), {}).status == "no_reaction"
    assert conversion([f"Ti{i}O2" for i in range(1, 15)], ["TiO"], (), {}).status == "too_many"


def test_moles_for_each_atom_that_stays():
    found = moles_per_reference("Ti", {"Li2TiO3": amounts(0.4)[0], "BaTiO3": amounts(0.6)[0], "BaO": amounts(no())[0]})
    lithium, barium = 0.4 / formula_mass("Li2TiO3"), 0.6 / formula_mass("BaTiO3")
    assert found["Li2TiO3"].value == pytest.approx(lithium / (lithium + barium))
    assert (found["BaO"].value, found["BaO"].su > 0.0) == (0.0, True)
    assert moles_per_reference("Ti", {"BaO": amounts(0.5)[0]}) is None
    assert mole_changes({"BaO": Value(1.0, 0.0)}, {"BaTiO3": Value(0.5, 0.1)}) == {
        "BaO": Value(-1.0, 0.0),
        "BaTiO3": Value(0.5, 0.1),
    }
