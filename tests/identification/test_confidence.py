"""From what a phase shows to confidence, by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from braggite.identification.confidence import SCORES, SHARPENING, Traits, confidence, prior_weight
from braggite.references import ReferenceLibrary

CLEAR = Traits(
    significance=15.0,
    without_strongest=12.0,
    n_matched=12,
    n_clear=12,
    explained_share=0.96,
    discrepancy=0.05,
    at_cell_bound=False,
    n_candidates=25,
)
NOTHING = replace(CLEAR, significance=0.5, without_strongest=0.2, n_matched=0, n_clear=3)


def test_a_clear_phase_is_present_and_nothing_is_not_possible() -> None:
    assert confidence(CLEAR) > 0.95
    assert confidence(NOTHING) < 0.5


@pytest.mark.parametrize(
    "less",
    [
        {"significance": 3.0},
        {"without_strongest": 2.0},
        {"n_matched": 6},
        {"discrepancy": 0.12},
        {"explained_share": 0.5},
        {"n_candidates": 250},
    ],
)
def test_less_of_what_speaks_for_a_phase_is_less_confidence(less: dict[str, Any]) -> None:
    assert confidence(replace(CLEAR, **less)) < confidence(CLEAR)


@pytest.mark.parametrize("extreme", [-1e300, -1.0, 0.0, 1e300])
def test_confidence_stays_between_0_and_1(extreme: float) -> None:
    traits = replace(CLEAR, significance=extreme, without_strongest=extreme, discrepancy=extreme)
    assert 0.0 < confidence(traits) < 1.0


def test_more_of_a_score_is_more_confidence() -> None:
    scores = np.linspace(*SCORES, 400)
    log_odds = np.polynomial.polynomial.polyval(scores, SHARPENING)
    assert np.all(np.diff(log_odds) > 0.0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"significance": 2.1}, "2.1 standard deviations"),
        ({"without_strongest": 3.0}, "rests on one line"),
        ({"n_matched": 2, "n_clear": 5}, "only 2 of 5 clear lines agree"),
        ({"n_matched": 0, "n_clear": 0}, "no clear lines of its own"),
        ({"explained_share": 0.4}, "60 % of the signal is left over"),
        ({"at_cell_bound": True}, "end of its tolerance"),
    ],
)
def test_doubts_are_said_in_words(changes: dict[str, Any], words: str) -> None:
    assert CLEAR.doubts() == []
    assert any(words in doubt for doubt in replace(CLEAR, **changes).doubts())


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
