"""Emission lines with natural widths: patterns that numpy simulated with them, against the truth behind them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from samples import phase

import braggite as bg
from braggite.matching import MatchOptions, match_pawley, match_structure
from braggite.radiation import EMISSION_PROFILES, full_emission, radiation_named
from braggite.simulation import PhaseState, Profile, simulate_pattern
from braggite.values import Value

PROFILE = Profile(u=0.004, v=-0.004, w=0.004, x=0.012, y=0.006)
FULL = full_emission(radiation_named("CuKa"))
FULL_SHARP = replace(FULL, widths_angstrom=())
SEEDS = range(4)
TRUTH = {
    "gauss_u_deg2": PROFILE.u,
    "gauss_v_deg2": PROFILE.v,
    "gauss_w_deg2": PROFILE.w,
    "lorentz_x_deg": PROFILE.x,
    "lorentz_y_deg": PROFILE.y,
}


@cache
def emitted(seed: int | None, *, counts: float = 40000.0, name: str = "si") -> bg.Spectrum:
    """A scan under the six lines of copper, whose file states the doublet, the sample 0.03 mm too high."""
    spectrum = simulate_pattern(
        [PhaseState(phase(name))],
        radiation=FULL,
        profile=PROFILE,
        two_theta_deg=(18.0, 140.0, 0.01),
        displacement_mm=0.03,
        peak_counts=counts,
        background=150.0,
        seed=seed,
    )
    return replace(spectrum, radiation=radiation_named("CuKa"))


def known_instrument(radiation: bg.Radiation) -> bg.InstrumentProfile:
    return bg.InstrumentProfile(
        radiation=radiation,
        diffractometer=bg.Instrument(radius_mm=240.0),
        axial_ratio=Value(0.0),
        **{name: Value(value, 0.02 * abs(value)) for name, value in TRUTH.items()},
    )


def true_edge(name: str = "si") -> float:
    structure = phase(name).structure
    assert structure is not None
    return structure.cell.a_angstrom


def edge_in_su(result: bg.MatchResult, name: str = "si") -> float:
    edge = result.phases[0].cell["a_angstrom"]
    assert edge.su is not None
    return float((edge.value - true_edge(name)) / edge.su)


def test_the_curve_is_that_of_the_simulation() -> None:
    # The simulation sums pseudo-Voigts of numpy, each line at its own angle with its own widths, size and strain zero.
    options = MatchOptions(instrument=known_instrument(FULL))
    result = match_structure(emitted(None), [phase("si")], options=options)
    worst = np.max(np.abs(result.calculated - result.observed)) / result.observed.max()
    assert worst < 0.003, f"simulation model: largest miss of any point {worst:.4f}"
    doublet = match_structure(
        emitted(None), [phase("si")], options=MatchOptions(instrument=known_instrument(FULL_SHARP))
    )
    missed = np.max(np.abs(doublet.calculated - doublet.observed)) / doublet.observed.max()
    assert missed > 3.0 * worst, "lines without natural widths do not draw it"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cell_is_met(seed: int) -> None:
    full = match_pawley(emitted(seed), [phase("si")], options=MatchOptions(axial_ratio=0.0, emission="full"))
    assert full.converged
    assert abs(edge_in_su(full)) < 3.0, "simulated truth"
    sharp = match_pawley(emitted(seed), [phase("si")], options=MatchOptions(axial_ratio=0.0))
    assert abs(edge_in_su(sharp)) > 10.0, "the centroid of the emitted lines is not that of the doublet"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_calibration_gives_the_widths_without_those_of_the_source(seed: int) -> None:
    calibration = bg.calibrate(emitted(seed), "si", cell_angstrom=true_edge(), options=MatchOptions(emission="full"))
    instrument = calibration.instrument
    assert instrument is not None, calibration.diagnostics
    pulls = {
        name: (getattr(instrument, name).value - truth) / getattr(instrument, name).su for name, truth in TRUTH.items()
    }
    assert all(abs(pull) < 3.0 for pull in pulls.values()), f"simulated truth: {pulls}"
    assert instrument.radiation == replace(FULL, name="CuKa")
    sharp = bg.calibrate(emitted(seed), "si", cell_angstrom=true_edge()).match
    assert sharp is not None
    y = sharp.parameters["lorentz_y_deg"].value
    assert (y.value - PROFILE.y) / y.su > 3.0, "without them the natural width is part of Y"


def test_the_profile_of_copper_is_that_of_its_authors() -> None:
    lines = np.array(EMISSION_PROFILES["Cu"])
    # Hölzer et al. (1997): integrated K-alpha2 over K-alpha1; the peak within 1 ppm of NIST SRD-128.
    assert (lines[2, 1] + lines[3, 1]) / (lines[0, 1] + lines[1, 1]) == pytest.approx(0.521, abs=5e-4)
    at = np.linspace(1.5402, 1.5410, 8001)
    curve = sum(w / width / (1.0 + (2.0 * (at - line) / width) ** 2) for line, w, width in lines)
    assert at[np.argmax(curve)] == pytest.approx(1.5405929, rel=1e-6)


def test_which_lines_are_emitted() -> None:
    assert full_emission(FULL) is FULL
    assert len(FULL.lines) == 6
    behind = full_emission(radiation_named("CuKa"), monochromator=True)
    assert [line[0] for line in behind.lines] == [line[0] for line in FULL.lines[:4]], "no satellites"
    single = full_emission(radiation_named("CuKa1"))
    assert [line[0] for line in single.lines] == [1.5405925, 1.5410769]
    ghost = bg.Radiation(((1.5406, 1.0), (1.5444, 0.5), (1.39223, 0.015)))
    *main, (wavelength, weight) = full_emission(ghost).lines
    assert wavelength == 1.39223
    assert weight / sum(w for _, w in main) == pytest.approx(0.01), "identity: 0.015 of 1.5"
    assert full_emission(ghost).widths_angstrom[-1] == 0.0


@pytest.mark.parametrize("radiation", [radiation_named("CoKa"), radiation_named("CuKb")])
def test_sources_without_a_profile_are_refused(radiation: bg.Radiation) -> None:
    with pytest.raises(bg.OptionError, match="no emission profile"):
        match_pawley(replace(emitted(0), radiation=radiation), [phase("si")], options=MatchOptions(emission="full"))


def test_an_instrument_holds_the_natural_widths_once() -> None:
    sharp = MatchOptions(instrument=known_instrument(radiation_named("CuKa")), emission="full")
    with pytest.raises(bg.OptionError, match="part of this instrument"):
        match_pawley(emitted(0), [phase("si")], options=sharp)
    natural = known_instrument(FULL)
    stated, silent = (
        match_pawley(emitted(0), [phase("si")], options=MatchOptions(instrument=natural, emission=emission))
        for emission in ("full", "doublet")
    )
    assert np.array_equal(stated.calculated, silent.calculated), "its emission lines stand over the option"
    with pytest.raises(bg.OptionError, match="none of doublet, full"):
        MatchOptions(emission="triplet")
