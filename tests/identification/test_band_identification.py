"""Identification by bands, on spectra made from the shipped references by another code path than the match."""

from __future__ import annotations

import json

import numpy as np
import pytest

import braggite as bg
from braggite.band_simulation import BandState, simulate_bands
from braggite.identification.bands.candidates import variants
from braggite.matching.band_pattern import band_pattern
from braggite.techniques import technique_named

LIBRARY = bg.ReferenceLibrary.default()
BATTERY = LIBRARY.filter(elements="Li La Zr Ta Ba Ti O C H Co")


def made(shares, *, technique="raman", seed=1, **options):
    states = [
        BandState(LIBRARY[name], share, position_spread=0.7, strength_sd=0.3, fwhm_sd=0.1)
        for name, share in shares.items()
    ]
    return simulate_bands(states, technique=technique, seed=seed, **options)


def present(report):
    return {phase.name for phase in report.phases if phase.verdict == "present"}


@pytest.mark.parametrize(
    "shares",
    [
        {"batio3-tetragonal": 1.0},
        {"llzo-ta-cubic": 0.6, "li2co3": 0.4},
        {"batio3-tetragonal": 0.5, "llzo-ta-cubic": 0.3, "li2co3": 0.2},
        {"baco3-witherite": 0.2, "batio3-tetragonal": 0.8},
    ],
)
def test_phases_of_mixtures_are_found_with_their_shares(shares):
    report = bg.identify(made(shares, shift_cm1=2.5, background=(0.5, 0.2, 0.1), spikes=1), library=BATTERY)
    # nothing else is named at all; among many bands a true phase may be called possible only
    assert {phase.name for phase in report.phases} == set(shares)
    assert len(present(report)) >= min(len(shares), 2)
    for phase in report.phases:
        amount = phase.band_fraction
        assert phase.weight_fraction is None
        # the truth that was drawn; 10 % absolute is what users are promised
        assert amount.value == pytest.approx(shares[phase.name], abs=0.1)
    shift = report.fits[0].shift_cm1
    assert abs(shift.value - 2.5) < 4.0 * shift.su  # the drawn shift, beside bands that moved by themselves


def test_an_axis_off_by_up_to_five_changes_nothing():
    shares = {"llzo-ta-cubic": 0.7, "la2zr2o7": 0.3}
    for shift in (-5.0, 0.0, 5.0):
        assert present(bg.identify(made(shares, shift_cm1=shift), library=BATTERY)) == set(shares)


def test_nothing_is_found_in_noise_and_in_bands_of_nobody():
    flat = made({"batio3-tetragonal": 1.0})
    noise = np.random.default_rng(3).poisson(500.0, len(flat)).astype(float)
    blank = bg.Spectrum.from_arrays(flat.x, noise, technique="raman", counts=True)
    assert bg.identify(blank, library=BATTERY).verdict == "nothing"
    without = BATTERY.without(["batio3-tetragonal", "batio3-orthorhombic", "batio3-cubic", "batio3-hexagonal"])
    report = bg.identify(flat, library=without)
    assert not present(report)
    assert report.unexplained


def test_a_missing_marker_excludes_tetragonal_batio3():
    report = bg.identify(made({"batio3-cubic": 1.0}, peak=20_000.0), library=LIBRARY.filter(elements="Ba Ti O"))
    assert "batio3-tetragonal" not in present(report)
    report = bg.identify(made({"batio3-tetragonal": 1.0}, peak=20_000.0), library=LIBRARY.filter(elements="Ba Ti O"))
    assert present(report) == {"batio3-tetragonal"}


def test_infrared_bands_are_found_in_absorbance():
    spectrum = made(
        {"li2co3": 0.7, "la-oh-3": 0.3},
        technique="ftir",
        range_cm1=(500.0, 4000.0, 1.93),
        peak=0.5,
        noise=5e-4,
        background=(0.3, -0.1),
    )
    report = bg.identify(spectrum, library=BATTERY)
    assert "li2co3" in present(report)
    assert report.fits[0].technique == "ftir"


def test_a_watched_phase_has_a_limit_that_holds():
    report = bg.identify(made({"llzo-ta-cubic": 1.0}), library=BATTERY, watch=["li2co3", "llzo-ta-cubic"])
    absent, there = report.watched
    assert absent.verdict == "not_detected"
    assert there.verdict == "present"
    assert absent.upper_limit.quantity == "band_fraction"
    assert 0.0 < absent.upper_limit.value < 0.05
    shown = bg.identify(made({"llzo-ta-cubic": 0.9, "li2co3": 0.1}), library=BATTERY, watch=["li2co3"]).watched[0]
    assert shown.upper_limit.value > 0.1  # the share that was drawn


def test_every_candidate_is_accounted_for():
    report = bg.identify(made({"batio3-tetragonal": 1.0}), library=BATTERY)
    account = report.candidates
    assert account.considered == len(BATTERY)
    assert account.kept == len(report.phases)
    assert all(reason for _, reason in (*account.rejected, *account.failed))


def test_the_document_carries_bands_and_no_nan():
    report = bg.identify(made({"batio3-tetragonal": 1.0}), library=BATTERY)
    document = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    phase = document["phases"][0]
    assert phase["weight_fraction"] is None
    assert 0.0 <= phase["band_fraction"]["value"] <= 1.0
    assert phase["evidence"][0]["technique"] == "raman"
    match = report.fits[0].to_dict()
    assert match["phases"][0]["bands"][0]["position"]["su"] > 0.0
    for text in (report.to_text(), report.to_html()):
        assert "batio3-tetragonal" in text
        assert "of the bands" in text


def test_the_second_road_agrees_or_says_that_it_does_not():
    alone = bg.identify(made({"batio3-tetragonal": 1.0}), library=BATTERY)
    assert alone.spectrum_search.hits[0].name == "batio3-tetragonal"
    assert all(note.code != "roads_disagree" for note in alone.diagnostics)
    without = BATTERY.without(["batio3-tetragonal", "batio3-orthorhombic"])
    spectrum = made({"batio3-tetragonal": 0.3, "llzo-ta-cubic": 0.7}, peak=20_000.0)
    report = bg.identify(spectrum, library=without)
    first = report.spectrum_search.hits[0].name
    named = {name for phase in report.phases for name in (phase.name, *phase.rivals)}
    assert (first in named) != any(note.code == "roads_disagree" for note in report.diagnostics)
    assert report.to_dict()["spectrum_search"]["hits"]


def test_the_same_spectrum_gives_the_same_report():
    spectrum = made({"llzo-ta-cubic": 0.6, "li2co3": 0.4})
    first, second = (bg.identify(spectrum, library=BATTERY).to_dict() for _ in range(2))
    assert first == second


def test_ways_of_measuring_are_kept_apart():
    bands = LIBRARY["baco3-witherite"].bands("ftir")
    positions = [{band.position_cm1 for band in variant} for variant in variants(bands)]
    assert len(positions) == 2
    assert not any({1412.5, 1445.0} <= found for found in positions)


def test_a_calibrated_axis_is_trusted():
    spectrum = made({"batio3-tetragonal": 1.0})
    law = technique_named("raman").bands
    assert band_pattern(spectrum, bg.BandOptions()).shift_sd == law.shift_sd
    assert band_pattern(spectrum, bg.BandOptions(shift_sd_cm1=0.5)).shift_sd == 0.5


def test_too_few_points_and_absurd_options_are_refused():
    x = np.linspace(100.0, 200.0, 50)
    short = bg.Spectrum.from_arrays(x, np.ones(50), technique="raman")
    with pytest.raises(bg.InvalidSpectrum, match="120"):
        bg.identify(short, library=BATTERY)
    for options in ({"shift_sd_cm1": 0.0}, {"discrepancy": -1.0}, {"background_order": 99}, {"max_iterations": 0}):
        with pytest.raises(bg.OptionError, match=next(iter(options))):
            bg.BandOptions(**options)


def test_a_library_without_bands_says_so():
    report = bg.identify(made({"batio3-tetragonal": 1.0}), library=LIBRARY.filter(elements="Pt"))
    assert report.verdict in ("nothing", "indeterminate")
    assert any(note.code == "no_candidates" for note in report.diagnostics)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"range_cm1": (100.0, 100.0, 1.0)}, "range_cm1"),
        ({"range_cm1": (5000.0, 6000.0, 1.0)}, "no raman bands"),
    ],
)
def test_absurd_simulations_are_refused(options, match):
    with pytest.raises(bg.BraggiteError, match=match):
        simulate_bands([BandState(LIBRARY["batio3-tetragonal"])], **options)
