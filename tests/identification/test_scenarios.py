"""Simulated samples with known phases: what an identification must say of each, and what it must not."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest

from braggite.errors import LibraryError, OptionError
from braggite.identification import IdentifyOptions, PhaseReport, identify
from braggite.radiation import radiation_named
from braggite.references import ReferenceLibrary
from braggite.spectrum import Spectrum
from scenarios import corundum, garnet_with_titanate, reaction_product, textured_plates

SCENARIOS = {
    "one phase": corundum,
    "one textured phase": textured_plates,
    "a minor phase of 5 %": garnet_with_titanate,
    "three phases": reaction_product,
}


@cache
def report_on(name: str) -> PhaseReport:
    scenario = SCENARIOS[name]()
    return identify(scenario.spectrum, library=library(scenario.elements), watch=list(scenario.truth))


def library(elements: str) -> ReferenceLibrary:
    return ReferenceLibrary.default().filter(elements=elements).for_diffraction()


def flat(seed: int) -> Spectrum:
    x = np.arange(15.0, 80.0, 0.02)
    counts = np.random.default_rng(seed).poisson(120.0, x.size).astype(float)
    return Spectrum.from_arrays(
        x, counts, technique="xrd", counts=True, y_unit="counts", radiation=radiation_named("CuKa")
    )


def check_account(report: PhaseReport, candidates: ReferenceLibrary) -> None:
    """Every candidate is kept, rejected or failed, once, and the latter two with a reason."""
    kept = [phase.name for phase in report.phases]
    turned_down = [*report.candidates.rejected, *report.candidates.failed]
    assert sorted([*kept, *(name for name, _ in turned_down)]) == sorted(candidates.names)
    assert report.candidates.considered == len(candidates)
    assert all(len(reason) > 10 for _, reason in turned_down)
    for phase in report.phases:
        for rival in phase.rivals:
            reasons = dict(report.candidates.rejected)
            assert rival in kept or "rival of" in reasons[rival]


@pytest.mark.parametrize("name", SCENARIOS)
def test_finds_what_is_there_and_nothing_else(name: str) -> None:
    report, truth = report_on(name), SCENARIOS[name]().truth
    assert {phase.name for phase in report.phases if phase.verdict == "present"} == set(truth)
    assert report.verdict == "identified"
    assert not report.unexplained


@pytest.mark.parametrize("name", SCENARIOS)
def test_amounts_agree_with_the_truth(name: str) -> None:
    truth = SCENARIOS[name]().truth
    for phase in report_on(name).phases:
        # Simulated truth: 3 wt% is the aim for simulated mixtures.
        assert phase.weight_fraction.value == pytest.approx(truth[phase.name], abs=0.03)


@pytest.mark.parametrize("name", SCENARIOS)
def test_confidence_evidence_and_verdict_belong_together(name: str) -> None:
    report = report_on(name)
    options = IdentifyOptions()
    for phase in report.phases:
        assert options.possible <= phase.confidence <= 1.0
        assert phase.verdict == ("present" if phase.confidence >= options.present else "possible")
        (evidence,) = phase.evidence
        assert evidence.log_evidence > 0.0, "a phase that is there explains more than it costs"
        assert evidence.matched, "a phase that is there shows a clear line"
    assert [phase.confidence for phase in report.phases] == sorted((p.confidence for p in report.phases), reverse=True)
    assert report.hypotheses[0].weight == max(hypothesis.weight for hypothesis in report.hypotheses)
    assert sum(hypothesis.weight for hypothesis in report.hypotheses) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_candidate_is_accounted_for(name: str) -> None:
    check_account(report_on(name), library(SCENARIOS[name]().elements))


@pytest.mark.parametrize("name", SCENARIOS)
def test_watched_phases_that_are_there_are_reported_so(name: str) -> None:
    watched = {entry.name: entry.verdict for entry in report_on(name).watched}
    assert watched == dict.fromkeys(SCENARIOS[name]().truth, "present")


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_document_is_whole(name: str) -> None:
    body = json.loads(json.dumps(report_on(name).to_dict(), allow_nan=False))
    assert body["schema"] == "braggite.phase-report/1"
    for key in ("sample", "verdict", "phases", "watched", "hypotheses", "candidates", "unexplained", "fits"):
        assert key in body
    assert body["options"]["max_phases"] == IdentifyOptions().max_phases


def test_repeats_bit_by_bit() -> None:
    scenario = garnet_with_titanate()
    again = identify(scenario.spectrum, library=library(scenario.elements), watch=list(scenario.truth))
    assert json.dumps(again.to_dict()) == json.dumps(report_on("a minor phase of 5 %").to_dict())


def test_the_order_of_the_library_does_not_matter() -> None:
    scenario = garnet_with_titanate()
    turned = ReferenceLibrary(list(library(scenario.elements))[::-1])
    found = {phase.name: phase for phase in identify(scenario.spectrum, library=turned).phases}
    straight = report_on("a minor phase of 5 %").phases
    assert set(found) == {phase.name for phase in straight}
    for phase in straight:
        difference = found[phase.name].weight_fraction.value - phase.weight_fraction.value
        assert abs(difference) < 0.5 * phase.weight_fraction.su


def test_an_amount_below_detection_is_not_claimed() -> None:
    scenario = garnet_with_titanate(0.0003)
    report = identify(scenario.spectrum, library=library(scenario.elements), watch=["batio3-tetragonal"])
    assert [phase.name for phase in report.phases] == ["llzo-ta-cubic"]
    assert report.watched[0].verdict == "not_detected"


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_nothing(seed: int) -> None:
    candidates = library("Li Ba Ti O C")
    report = identify(flat(seed), library=candidates, watch=["BTO"])
    assert report.verdict == "nothing"
    assert not report.phases
    assert not report.unexplained
    assert report.watched[0].verdict == "not_detected"
    check_account(report, candidates)


def test_a_phase_missing_from_the_library_leaves_lines_unexplained() -> None:
    scenario = reaction_product()
    known = ReferenceLibrary([phase for phase in library(scenario.elements) if phase.name != "li2bati6o14"])
    report = identify(scenario.spectrum, library=known)
    assert report.verdict != "identified"
    assert len(report.unexplained) > 3
    assert report.unexplained[0].significance > 10.0
    assert "unexplained_lines" in [note.code for note in report.diagnostics]
    positions = [line.position for line in report.unexplained]
    truth = identify(scenario.spectrum, library=library(scenario.elements)).fits[0]
    own = truth.phases[[fit.name for fit in truth.phases].index("li2bati6o14")]
    there = np.searchsorted(truth.x, positions)
    clear = own.curve[there] > 3.0 * truth.sigma[there]
    assert np.mean(clear) > 0.9, "the unexplained lines stand where the missing phase has signal"
    check_account(report, known)


def test_only_candidates_of_the_library_are_named() -> None:
    scenario = garnet_with_titanate()
    candidates = library("Ba Ti O")
    report = identify(scenario.spectrum, library=candidates)
    named = {phase.name for phase in report.phases} | {rival for phase in report.phases for rival in phase.rivals}
    assert named <= set(candidates.names)


def test_an_empty_library_explains_nothing_and_says_so() -> None:
    report = identify(corundum().spectrum, library=ReferenceLibrary())
    assert report.verdict == "indeterminate"
    assert report.unexplained
    assert report.candidates.considered == 0
    assert "no_candidates" in [note.code for note in report.diagnostics]


def test_a_phase_without_structure_is_named_as_failed() -> None:
    from dataclasses import replace

    phases = list(library("Al O"))
    bare = replace(phases[0], name="bare", aliases=(), structure=None)
    report = identify(corundum().spectrum, library=ReferenceLibrary([*phases, bare]))
    assert dict(report.candidates.failed)["bare"] == "phase bare has no crystal structure to match"
    check_account(report, ReferenceLibrary([*phases, bare]))


def test_refuses_several_patterns_and_unknown_names() -> None:
    scenario = corundum()
    with pytest.raises(OptionError, match="2 diffraction patterns"):
        identify([scenario.spectrum, scenario.spectrum], library=library("Al O"))
    with pytest.raises(OptionError, match="no diffraction pattern"):
        identify([], library=library("Al O"))
    with pytest.raises(LibraryError, match="unobtainium"):
        identify(scenario.spectrum, library=library("Al O"), watch=["unobtainium"])


@pytest.mark.parametrize(
    ("name", "value"), [("max_phases", 0), ("beam", 51), ("branch", 0), ("finalists", -1), ("present", 0.4)]
)
def test_names_an_absurd_option(name: str, value: float) -> None:
    with pytest.raises(OptionError, match=name):
        IdentifyOptions(**{name: value})


def test_max_phases_is_kept() -> None:
    scenario = reaction_product()
    report = identify(scenario.spectrum, library=library(scenario.elements), options=IdentifyOptions(max_phases=1))
    assert [phase.name for phase in report.phases] == ["li2bati6o14"]
    assert report.verdict != "identified", "much of the signal is left over"
