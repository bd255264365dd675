"""Upper limits of watched phases on simulated patterns with known amounts."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from braggite import Phase, PhaseReport, ReferenceLibrary, WatchedPhase, identify
from braggite.identification.options import IdentifyOptions
from braggite.radiation import radiation_named
from braggite.simulation import PhaseState, simulate_pattern
from braggite.spectrum import Spectrum

WATCHED = "la2zr2o7"


def phase(name: str) -> Phase:
    return ReferenceLibrary.default()[name]


def garnet(amount: float = 0.0, *, peak_counts: float = 5_000.0, seed: int = 1) -> Spectrum:
    states = [PhaseState(phase("llzo-ta-cubic"), 1.0 - amount)]
    states += [PhaseState(phase(WATCHED), amount)] if amount else []
    return simulate_pattern(
        states,
        radiation=radiation_named("CuKa"),
        two_theta_deg=(12.0, 70.0, 0.02),
        peak_counts=peak_counts,
        background=0.04 * peak_counts,
        seed=seed,
    )


@cache
def candidates() -> ReferenceLibrary:
    return ReferenceLibrary.default().filter(elements="Li La Zr Ta O")


def limit(scan: Spectrum, watched: str | Phase = WATCHED, options: IdentifyOptions | None = None) -> float:
    (entry,) = identify(scan, library=candidates(), watch=[watched], options=options).watched
    assert entry.upper_limit is not None
    return entry.upper_limit.value


def test_a_limit_falls_with_the_counts() -> None:
    short, long = (limit(garnet(peak_counts=counts)) for counts in (1_000.0, 100_000.0))
    # By counting ten times lower; what noise does to one scan moves a limit by a factor of at most 2.5.
    assert 4.0 * long < short < 25.0 * long


def test_the_truth_lies_below_the_limit_and_not_far() -> None:
    amount = 0.004
    assert amount < limit(garnet(amount)) < 3.0 * amount


def test_a_limit_of_higher_level_is_larger() -> None:
    scan = garnet()
    usual, careful = limit(scan), limit(scan, options=replace(IdentifyOptions(), limit_level=0.99))
    assert usual < careful < 3.0 * usual


def test_found_phases_have_limits_above_their_amounts() -> None:
    report: PhaseReport = identify(garnet(0.1), library=candidates(), watch=[WATCHED])
    (found,) = (entry for entry in report.phases if entry.name == WATCHED)
    (entry,) = report.watched
    assert entry.verdict == "present"
    assert found.weight_fraction is not None
    assert entry.upper_limit is not None
    assert 0.1 < entry.upper_limit.value < 0.15
    assert entry.upper_limit.value > found.weight_fraction.value


def test_the_limit_of_a_doubtful_reference_is_conditional() -> None:
    structure = phase(WATCHED).structure
    assert structure is not None
    sure = replace(phase(WATCHED), structure=replace(structure, evidence_grade="A"))
    doubtful = replace(phase(WATCHED), structure=replace(structure, evidence_grade="E"))
    entries = identify(garnet(), library=candidates(), watch=[sure, doubtful]).watched
    assert [entry.upper_limit.conditional for entry in entries if entry.upper_limit] == [False, True]


def test_a_phase_outside_the_candidates_can_be_watched() -> None:
    assert "li2co3" not in candidates()
    assert 0.0 < limit(garnet(), "li2co3") < 0.1


def test_without_anything_to_weigh_against_there_is_no_limit() -> None:
    flat = garnet()
    flat = Spectrum.from_arrays(flat.x, 0.0 * flat.y + 200.0, technique="xrd", radiation=flat.radiation)
    (entry,) = identify(flat, library=candidates(), watch=[WATCHED]).watched
    assert entry.upper_limit is None


def watched(scan: Spectrum, reach: float) -> WatchedPhase:
    options = IdentifyOptions(reach=reach)
    (entry,) = identify(scan, library=candidates(), watch=[WATCHED], options=options).watched
    return entry


def test_counting_as_long_as_said_brings_the_limit_to_what_was_asked_for() -> None:
    ratios = []
    for seed in range(8):
        scan = garnet(peak_counts=1_000.0, seed=seed)
        target = 0.6 * limit(scan)
        time = watched(scan, target).counting_time
        assert time is not None
        assert time.factor is not None
        assert time.factor > 1.0
        ratios.append(limit(garnet(peak_counts=1_000.0 * time.factor, seed=100 + seed)) / target)
    # Limits of equal scans scatter by half; `validation.counting_time` finds medians of 1.1.
    assert 0.6 < sorted(ratios)[4] < 1.6


def test_what_misfit_leaves_cannot_be_counted_away() -> None:
    time = watched(garnet(peak_counts=100_000.0), 1e-6).counting_time
    assert time is not None
    assert not time.reachable
    assert 1e-6 < time.floor <= limit(garnet(peak_counts=100_000.0))


def test_a_limit_that_is_reached_needs_no_more_counting() -> None:
    entry = watched(garnet(), 0.5)
    assert entry.counting_time is not None
    assert entry.counting_time.factor == 1.0


def test_the_amount_of_a_found_phase_is_never_counted_away() -> None:
    entry = watched(garnet(0.1), 0.05)
    assert entry.counting_time is not None
    assert entry.upper_limit is not None
    assert not entry.counting_time.reachable
    assert 0.09 < entry.counting_time.floor <= entry.upper_limit.value


def test_seconds_are_said_where_the_scan_says_them() -> None:
    scan = garnet(peak_counts=1_000.0)
    target = 0.5 * limit(scan)
    silent, said = (watched(s, target).counting_time for s in (scan, replace(scan, metadata={"dwell_s": 2.0})))
    assert silent is not None
    assert said is not None
    assert said.factor is not None
    assert silent.seconds_per_step is None
    assert said.seconds_per_step == 2.0 * said.factor


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit_level", 0.5),
        ("limit_level", 1.0),
        ("decoys", -1),
        ("reach", 0.0),
        ("reach", 1.0),
        ("reach", float("nan")),
    ],
)
def test_absurd_options_are_refused(name: str, value: float) -> None:
    from braggite.errors import OptionError

    with pytest.raises(OptionError, match=name):
        replace(IdentifyOptions(), **{name: value})
