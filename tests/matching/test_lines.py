"""Matches of observed lines, against the truth behind simulated patterns and figures reckoned by hand."""

from __future__ import annotations

import json
import pickle
from functools import cache

import numpy as np
import pytest
from samples import DISPLACEMENT_MM, FRACTIONS, PROFILE, pattern, phase, phases, true_cell

import braggite as bg
from braggite.matching import MatchOptions
from braggite.matching.line_merit import figure_of_merit
from braggite.matching.line_verdict import line_verdict
from braggite.radiation import radiation_named
from braggite.references.powder_lines import powder_lines
from braggite.simulation import PhaseState, Profile, simulate_pattern

BROAD = Profile(u=0.01, v=-0.005, w=0.01, x=0.03, y=0.03)
SINGLE = ["lab6", "llzo-ta-cubic", "batio3-tetragonal", "licoo2", "zro2-monoclinic", "li2bati6o14"]
STRETCH = 1.001


@cache
def matched(seed: int = 1) -> bg.LineMatch:
    return bg.match_lines(pattern(seed), phases())


@cache
def stretched(name: str, seed: int, profile: Profile = BROAD) -> bg.Spectrum:
    state = PhaseState(phase(name), 1.0, STRETCH)
    return simulate_pattern(
        [state], radiation=radiation_named("CuKa"), seed=seed, displacement_mm=DISPLACEMENT_MM, profile=profile
    )


@pytest.mark.parametrize("profile", [PROFILE, BROAD], ids=["narrow", "broad"])
def test_cells_and_shifts_scatter_as_their_uncertainties_say(profile: Profile) -> None:
    z, ppm, shifts = [], [], []
    for name in SINGLE:
        for seed in range(3):
            result = bg.match_lines(stretched(name, seed, profile), [phase(name)])
            assert result.converged
            reference = phase(name).structure
            assert reference is not None
            for key in ("a_angstrom", "b_angstrom", "c_angstrom"):
                value, truth = result.phases[0].cell[key], STRETCH * getattr(reference.cell, key)
                assert value.su is not None
                z.append((value.value - truth) / value.su)
                ppm.append(1e6 * (value.value / truth - 1.0))
            shift = result.parameters["displacement_mm"].value
            assert shift.su is not None
            shifts.append((shift.value - DISPLACEMENT_MM) / shift.su)
    # 54 cell lengths, of which those of one pattern go together: a root mean square of 1 is known to about 25 %.
    assert 0.4 < np.sqrt(np.mean(np.square(z))) < 1.5, "simulated truth"
    assert np.sqrt(np.mean(np.square(shifts))) < 1.5
    assert np.max(np.abs(ppm)) < 150.0, "a tenth of the tolerance of identification, which is 0.1 % and more"


def test_a_mixture_with_lines_in_common() -> None:
    for seed in range(5):
        for fit in matched(seed).phases:
            for key, truth in zip(("a_angstrom", "c_angstrom"), true_cell(fit.name), strict=True):
                value = fit.cell[key]
                assert value.su is not None
                assert abs(value.value - truth) < 4.0 * value.su, "simulated truth; worst of 20"
                assert value.value == pytest.approx(truth, rel=2.5e-4), "rutile: 60 nm, half-resolved doublets"
            assert fit.weight_fraction is not None
            assert fit.weight_fraction.su is not None
            assert abs(fit.weight_fraction.value - FRACTIONS[fit.name]) < 4.0 * fit.weight_fraction.su
            assert fit.positions("missing") == ()
    shared = {line.shared_with for fit in matched().phases for line in fit.lines}
    assert shared == {(), ("al2o3-corundum",), ("tio2-rutile",)}, "one line is claimed by both"


def test_a_line_of_no_phase_is_extra_and_a_phase_that_is_not_there_misses_its_lines() -> None:
    alone = bg.match_lines(pattern(1), phases()[:1])
    strongest = {round(line.position_deg, 1) for line in alone.extra[:3]}
    assert {27.5, 36.1} <= strongest, "rutile 110 and 101"
    assert "unexplained_lines" in {note.code for note in alone.diagnostics}
    with_guest = bg.match_lines(pattern(1), [*phases(), phase("mgo")])
    guest = with_guest.phases[2]
    assert guest.weight_fraction is not None
    assert guest.weight_fraction.value < 0.02
    assert not [line for line in guest.lines if line.status == "matched" and not line.shared_with]


def test_strengths_that_do_not_fit_are_named() -> None:
    """Plates of layered cobaltate lying flat: 003 too strong, lines across it too weak."""
    state = PhaseState(phase("licoo2"), texture=((0, 0, 1), 0.4))
    flat = simulate_pattern([state], radiation=radiation_named("CuKa"), profile=PROFILE, seed=5)
    (fit,) = bg.match_lines(flat, [phase("licoo2")]).phases
    assert len(fit.positions("wrong_intensity")) >= 3
    (straight,) = bg.match_lines(stretched("licoo2", 1), [phase("licoo2")]).phases
    assert fit.positions("wrong_intensity") != straight.positions("wrong_intensity") == ()


def test_a_line_left_out_is_missing() -> None:
    full = stretched("lab6", 1)
    keep = full.y.copy()
    gone = np.abs(full.x - 48.9) < 1.2
    keep[gone] = np.random.default_rng(1).poisson(100.0, gone.sum())
    cut = bg.Spectrum.from_arrays(full.x, keep, technique="xrd", counts=True, radiation=full.radiation)
    (fit,) = bg.match_lines(cut, [phase("lab6")]).phases
    assert [line.hkl for line in fit.lines if line.status == "missing"] == [(2, 1, 0)]


def test_nothing_to_meet_does_not_converge() -> None:
    wrong = bg.match_lines(stretched("lab6", 1), [phase("licoo2")])
    assert not wrong.converged
    assert wrong.stop_reason in {"no_lines", "lines_not_met"}
    x = np.arange(10.0, 90.0, 0.02)
    noise = bg.Spectrum.from_arrays(
        x,
        np.random.default_rng(1).poisson(100.0, x.size).astype(float),
        technique="xrd",
        counts=True,
        radiation=radiation_named("CuKa"),
    )
    with pytest.raises(bg.InvalidSpectrum, match="lines were found"):
        bg.match_lines(noise, [phase("lab6")])


def test_cells_without_atoms() -> None:
    truth = true_cell("al2o3-corundum")
    bare = [bg.Phase.from_cell(p.name, p.structure.cell, p.structure.space_group) for p in phases() if p.structure]
    result = bg.match_lines(pattern(1), bare)
    fit = result.phases[0]
    assert fit.weight_fraction is None
    assert {line.intensity_calculated for line in fit.lines} == {None}
    assert fit.positions("missing") == fit.positions("wrong_intensity") == (), "no strength is expected"
    assert fit.cell["a_angstrom"].value == pytest.approx(truth[0], rel=1e-4), "simulated truth"


def test_peaks_alone_are_enough_with_their_radiation() -> None:
    spectrum = pattern(1)
    peaks = bg.find_peaks(spectrum)
    result = bg.match_lines(peaks, phases(), radiation=spectrum.radiation)
    for one, other in zip(result.phases, matched().phases, strict=True):
        assert one.cell["a_angstrom"].value == pytest.approx(other.cell["a_angstrom"].value, rel=1e-5)
    with pytest.raises(bg.OptionError, match="radiation"):
        bg.match_lines(peaks, phases())
    with pytest.raises(bg.OptionError, match="radiation"):
        bg.match_lines(spectrum, phases(), radiation=spectrum.radiation)


def test_the_figure_of_merit_by_hand() -> None:
    """Lanthanum hexaboride, every line off by 0.01 degrees: F = n / n / 0.01."""
    lines = powder_lines(phase("lab6"), radiation_named("CuKa1"), two_theta_max_deg=100.0, relative_floor=None)
    angle = np.unique(np.round(lines.two_theta_deg, 6))
    merit = figure_of_merit(angle + 0.01, angle, np.sort(lines.two_theta_deg), 1.5405929)
    assert merit is not None
    assert (merit.f_lines, merit.f_possible) == (angle.size, angle.size)
    assert merit.f == pytest.approx(1.0 / 0.01, rel=1e-6)
    assert merit.m_lines == min(20, angle.size)
    q = (2.0 * np.sin(np.radians(0.5 * (angle + 0.01))) / 1.5405929) ** 2
    exact = (2.0 * np.sin(np.radians(0.5 * angle)) / 1.5405929) ** 2
    n = merit.m_lines
    assert merit.m == pytest.approx(q[n - 1] / (2.0 * np.mean(np.abs(q - exact)[:n]) * n), rel=1e-9)
    assert figure_of_merit(angle[:3], angle[:3], angle, 1.5405929) is None


def test_half_the_lines_give_half_the_figure() -> None:
    lines = powder_lines(phase("lab6"), radiation_named("CuKa1"), two_theta_max_deg=100.0, relative_floor=None)
    angle = np.unique(np.round(lines.two_theta_deg, 6))
    every = figure_of_merit(angle + 0.01, angle, angle, 1.5405929)
    second = figure_of_merit(angle[1::2] + 0.01, angle[1::2], angle[: 2 * (angle.size // 2)], 1.5405929)
    assert every is not None
    assert second is not None
    assert second.f == pytest.approx(0.5 * every.f, rel=1e-6)


VERDICTS = [(0.0, "missing"), (0.3, "wrong_intensity"), (0.5, "matched"), (2.0, "matched"), (2.1, "wrong_intensity")]


@pytest.mark.parametrize(("ratio", "verdict"), VERDICTS)
def test_verdicts(ratio: float, verdict: str) -> None:
    assert line_verdict(ratio) == verdict


def test_the_document_is_that_of_a_match() -> None:
    body = json.loads(json.dumps(matched().to_dict(), allow_nan=False))
    whole = bg.match_structure(pattern(1), phases()).to_dict()
    assert whole.keys() <= body.keys()
    assert body["statistics"].keys() - {"chi2_reduced"} == whole["statistics"].keys()
    assert body["statistics"]["rwp_percent"] is None
    entry, other = body["phases"][0], whole["phases"][0]
    assert other.keys() <= entry.keys()
    assert other["reflections"][0].keys() - {"resolved", "group"} <= entry["reflections"][0].keys()


def test_it_repeats_whatever_the_order_and_can_be_pickled() -> None:
    again = pickle.loads(pickle.dumps(bg.match_lines(pattern(1), phases())))
    assert json.dumps(again.to_dict()) == json.dumps(matched().to_dict())
    turned = {fit.name: fit for fit in bg.match_lines(pattern(1), phases()[::-1]).phases}
    for fit in matched().phases:
        assert turned[fit.name].cell["a_angstrom"].value == pytest.approx(fit.cell["a_angstrom"].value, rel=1e-9)


USELESS = [{"strength_sd": 0.1}, {"grain_um": 1.0}, {"internal_standard": ("si", 0.1)}, {"max_iterations": 5}]


@pytest.mark.parametrize("options", USELESS)
def test_options_without_effect_are_refused(options) -> None:
    with pytest.raises(bg.OptionError, match="means nothing to a match of lines"):
        bg.match_lines(pattern(1), phases(), options=MatchOptions(**options))
    with pytest.raises(bg.OptionError, match="no phase"):
        bg.match_lines(pattern(1), [])
