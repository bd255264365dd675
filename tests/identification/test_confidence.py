"""From evidence to confidence, by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from braggite.identification.confidence import Gate, confidence, gates, prior_log_odds, prior_weight
from braggite.identification.line_account import LineAccount
from braggite.references import ReferenceLibrary
from braggite.values import Value

FEW = LineAccount(matched=(20.0, 30.0, 40.0), missing=(), wrong_intensity=())
CLEAR = LineAccount(matched=(20.0, 30.0, 40.0, 50.0), missing=(), wrong_intensity=())


def doubts(account: LineAccount = CLEAR, **changes: Any) -> list[Gate]:
    given = {
        "signal_share": 0.3,
        "explained_share": 0.95,
        "weight_fraction": Value(0.3, 0.01),
        "at_cell_bound": False,
        **changes,
    }
    return gates(account, **given)


def test_many_lines_speak_for_a_phase_in_a_pattern_not_understood() -> None:
    assert doubts(CLEAR, weight_fraction=Value(0.3, 0.9), explained_share=0.4) == []


def test_prior_odds_expect_a_few_phases_among_all() -> None:
    assert prior_log_odds(103) == pytest.approx(math.log(3.0 / 100.0))
    assert prior_log_odds(1) == prior_log_odds(5) == 0.0, "never better than even before the data"


@pytest.mark.parametrize("evidence", [-1e6, -5.0, 0.0, 2.0, 30.0, 1e6])
def test_confidence_is_bayes_rule_between_0_and_1(evidence: float) -> None:
    value = confidence(evidence, 60, [])
    assert 0.0 <= value <= 1.0
    if abs(evidence) < 100.0:
        odds = math.exp(evidence) * 3.0 / 57.0
        assert value == pytest.approx(odds / (1.0 + odds), rel=1e-12)


def test_confidence_rises_with_evidence_and_falls_with_candidates() -> None:
    assert confidence(5.0, 60, []) > confidence(4.0, 60, []) > confidence(4.0, 600, [])


def test_the_lowest_gate_caps() -> None:
    assert confidence(100.0, 60, [Gate("one", 0.8), Gate("two", 0.6)]) == 0.6
    assert confidence(-100.0, 60, [Gate("one", 0.8)]) < 1e-6


def test_a_clear_phase_is_not_doubted() -> None:
    assert doubts() == []


@pytest.mark.parametrize(
    ("account", "changes", "words"),
    [
        (LineAccount((), (), ()), {}, "0 clear lines of its own"),
        (LineAccount((20.0,), (), ()), {}, "1 clear lines of its own"),
        (LineAccount((20.0, 30.0), (40.0, 50.0), (60.0,)), {}, "only 2 of 5 clear lines agree"),
        (CLEAR, {"at_cell_bound": True}, "end of its tolerance"),
        (CLEAR, {"signal_share": 0.001, "weight_fraction": Value(0.001, 0.0001)}, "0.10 % of the signal"),
        (CLEAR, {"signal_share": 0.01, "weight_fraction": Value(0.3, 0.01)}, "resting on little signal"),
        (FEW, {"weight_fraction": Value(0.01, 0.006)}, "not above its uncertainty"),
        (FEW, {"weight_fraction": Value(0.01)}, "not above its uncertainty"),
        (FEW, {"explained_share": 0.4}, "most of the signal is left over"),
    ],
)
def test_each_doubt_keeps_a_phase_from_being_present(
    account: LineAccount, changes: dict[str, float], words: str
) -> None:
    found = doubts(account, **changes)
    assert any(words in doubt.reason for doubt in found)
    assert min(doubt.ceiling for doubt in found) < 0.95, "below the line of present"


def test_fewer_agreeing_lines_leave_less() -> None:
    ceilings = [
        min(d.ceiling for d in doubts(LineAccount(tuple(range(2, 2 + good)), tuple(range(50, 50 + 2 * good + 2)), ())))
        for good in (2, 3)
    ]
    assert all(0.0 < ceiling < 0.95 for ceiling in ceilings)


def test_a_form_measured_far_from_room_temperature_is_less_likely() -> None:
    phase = ReferenceLibrary.default()["al2o3-corundum"]
    structure = replace(phase.structure, temperature_k=295.0)
    warm = prior_weight(replace(phase, structure=structure))
    hot = prior_weight(replace(phase, structure=replace(structure, temperature_k=1200.0)))
    assert hot < warm <= 0.0


def test_a_doubtful_reference_is_less_likely() -> None:
    phase = ReferenceLibrary.default()["al2o3-corundum"]
    weights = [
        prior_weight(replace(phase, structure=replace(phase.structure, evidence_grade=grade))) for grade in "ABCDE"
    ]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] < weights[0]
