"""Matches of patterns that numpy simulated apart from the engine, against the truth behind them."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from samples import (
    DISPLACEMENT_MM,
    FRACTIONS,
    PROFILE,
    RUTILE_SIZE_NM,
    pattern,
    phase,
    phases,
    true_cell,
)

import braggite as bg
from braggite.matching import MatchOptions, MatchResult, match_structure
from braggite.radiation import radiation_named
from braggite.simulation import SCHERRER, PhaseState, simulate_pattern

if TYPE_CHECKING:
    from pathlib import Path

SYMMETRIC = MatchOptions(axial_ratio=0.0)
SEEDS = range(30)


@cache
def noise_free() -> MatchResult:
    return match_structure(pattern(), phases(), options=SYMMETRIC)


@cache
def noisy() -> tuple[MatchResult, ...]:
    return tuple(match_structure(pattern(seed), phases(), options=SYMMETRIC) for seed in SEEDS)


def test_noise_free_cells_and_amounts() -> None:
    result = noise_free()
    assert result.converged
    for fit in result.phases:
        a, c = true_cell(fit.name)
        # Simulation model: the engine cuts tails at 25 widths, the simulation at 60; 3 ppm is what that costs.
        assert fit.cell["a_angstrom"].value == pytest.approx(a, rel=3e-6)
        assert fit.cell["c_angstrom"].value == pytest.approx(c, rel=3e-6)
        assert fit.weight_fraction.value == pytest.approx(FRACTIONS[fit.name], abs=5e-4), "simulated truth"
        assert fit.r_bragg_percent < 0.3, "the intensities come from the same structure"


def test_noise_free_displacement_and_widths() -> None:
    result = noise_free()
    value = {name: parameter.value.value for name, parameter in result.parameters.items()}
    assert value["displacement_mm"] == pytest.approx(DISPLACEMENT_MM, abs=0.0005), "simulated truth"
    for name in ("u", "v", "w"):
        assert value[f"gauss_{name}_deg2"] == pytest.approx(getattr(PROFILE, name), abs=2e-4), "simulated truth"
    wavelength = radiation_named("CuKa").wavelength_angstrom
    scherrer = np.degrees(SCHERRER * wavelength / (10.0 * RUTILE_SIZE_NM))
    # Lorentzian width of rutile at theta = 0: the instrument's X and its size.
    assert value["tio2-rutile.size_width_deg"] == pytest.approx(PROFILE.x + scherrer, rel=0.05)
    assert value["al2o3-corundum.size_width_deg"] == pytest.approx(PROFILE.x, abs=0.0005)


def test_noise_free_curve() -> None:
    result = noise_free()
    worst = np.max(np.abs(result.calculated - result.observed))
    assert worst < 0.005 * result.observed.max(), "simulation model: largest miss of any point"


def test_zero_shift_in_transmission() -> None:
    from dataclasses import replace

    spectrum = pattern(displacement_mm=0.0, zero_deg=0.03)
    spectrum = replace(spectrum, instrument=replace(spectrum.instrument, geometry="debye-scherrer"))
    result = match_structure(spectrum, phases(), options=SYMMETRIC)
    assert result.parameters["zero_deg"].value.value == pytest.approx(0.03, abs=0.001), "simulated truth"
    assert "displacement_mm" not in result.parameters


@pytest.mark.parametrize("factor", [0.9962, 0.998, 1.002, 1.0038])
def test_cells_are_found_from_anywhere_within_their_tolerance(factor: float) -> None:
    states = [PhaseState(phases()[0], 0.7, factor), PhaseState(phases()[1], 0.3, 2.0 - factor)]
    given = {"profile": PROFILE, "two_theta_deg": (20.0, 90.0, 0.02), "background": (120.0, -40.0, 10.0)}
    spectrum = simulate_pattern(states, radiation=radiation_named("CuKa"), seed=1, **given)
    result = match_structure(spectrum, phases(), options=SYMMETRIC)
    for fit, truth in zip(result.phases, (factor, 2.0 - factor), strict=True):
        reference = phase(fit.name).structure
        assert abs(factor - 1.0) < reference.cell_tolerance
        # Simulated truth: 30 ppm, four counting uncertainties of the worst edge.
        assert fit.cell["a_angstrom"].value == pytest.approx(truth * reference.cell.a_angstrom, rel=3e-5)
    assert result.statistics.gof < 1.1


def test_texture() -> None:
    state = PhaseState(phase("licoo2"), texture=((0, 0, 1), 0.7))
    spectrum = simulate_pattern([state], radiation=radiation_named("CuKa"), profile=PROFILE, seed=5)
    result = match_structure(spectrum, [phase("licoo2")], options=SYMMETRIC)
    march = result.parameters["licoo2-layered.log_march"].value
    assert np.exp(march.value) == pytest.approx(0.7, abs=0.03), "simulated truth"


def test_cells_scatter_as_their_uncertainties_say() -> None:
    for index, name in enumerate(FRACTIONS):
        for key, truth in zip(("a_angstrom", "c_angstrom"), true_cell(name), strict=True):
            check_scatter(name, [result.phases[index].cell[key] for result in noisy()], truth)


def test_weight_fractions_scatter_as_their_uncertainties_say() -> None:
    for index, name in enumerate(FRACTIONS):
        check_scatter(name, [result.phases[index].weight_fraction for result in noisy()], FRACTIONS[name])


def check_scatter(name: str, values: list, truth: float) -> None:
    z_counting = np.array([(value.value - truth) / value.su_counting for value in values])
    z = np.array([(value.value - truth) / value.su for value in values])
    # Standard deviation of 30 draws is known to 13 %; the band allows for that and for the misfit of the profile.
    assert 0.7 < np.std(z_counting, ddof=1) < 1.5, f"{name}: counting z-scores scatter by {np.std(z_counting):.2f}"
    # Residuals are white here, so the widening for serial correlation must leave the counting band.
    assert 0.7 < np.sqrt(np.mean(z**2)) < 1.5, f"{name}: root mean square z {np.sqrt(np.mean(z**2)):.2f}"


def test_uncertainties_are_in_order() -> None:
    for fit in noisy()[0].phases:
        for value in (*fit.cell.values(), fit.weight_fraction):
            assert value.su is None or value.su >= value.su_counting > 0.0, "counting is part of the whole"
        assert fit.cell["alpha_deg"].su is None, "fixed by symmetry"
        relative = {key: fit.cell[key].su_counting / fit.cell[key].value for key in ("a_angstrom", "c_angstrom")}
        volume = fit.cell["volume_angstrom3"]
        # Tied lengths move together: between 2 da - dc and 2 da + dc, whatever their correlation.
        largest = 2.0 * relative["a_angstrom"] + relative["c_angstrom"]
        smallest = abs(2.0 * relative["a_angstrom"] - relative["c_angstrom"])
        assert smallest <= volume.su_counting / volume.value <= largest


def test_the_volume_of_a_cube_is_three_times_as_uncertain_as_its_edge() -> None:
    spectrum = simulate_pattern([PhaseState(phase("mgo"))], radiation=radiation_named("CuKa"), seed=3)
    cell = match_structure(spectrum, [phase("mgo")]).phases[0].cell
    edge, volume = cell["a_angstrom"], cell["volume_angstrom3"]
    assert volume.value == pytest.approx(edge.value**3, rel=1e-12)
    assert volume.su / volume.value == pytest.approx(3.0 * edge.su / edge.value, rel=1e-9), "identity: V = a³"


def test_the_cell_of_a_standard(test_data: Path) -> None:
    """LaB6 on a diffractometer with axial divergence, from a simulator written apart from the project."""
    folder = test_data / "simulated" / "J00_instrument_standards"
    files = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["files"]
    truth = next(entry for entry in files if entry["file"] == "A_LaB6.xye")
    result = match_structure(bg.read(folder / "A_LaB6.xye"), [phase("lab6")])
    edge = result.phases[0].cell["a_angstrom"]
    # The simulator's own cell, and the aim of 20 ppm; it differs from the reference by 400 ppm.
    assert edge.value == pytest.approx(truth["phases"][0]["cell"][0], rel=1e-5)
    assert abs(edge.value - truth["phases"][0]["cell"][0]) < 3.0 * edge.su
    axial = result.parameters["axial_ratio"].value
    assert axial.value == pytest.approx(truth["profile"]["S_L"], abs=3.0 * axial.su)


def test_statistics_by_hand() -> None:
    result = noisy()[0]
    statistics = result.statistics
    weight = result.sigma**-2.0
    residual = weight * (result.observed - result.calculated) ** 2
    rwp = 100.0 * np.sqrt(residual.sum() / np.sum(weight * result.observed**2))
    rexp = 100.0 * np.sqrt((statistics.n_points - statistics.n_free) / np.sum(weight * result.observed**2))
    assert statistics.rwp_percent == pytest.approx(rwp, rel=1e-9), "Toby, Powder Diffr. 21 (2006) 67"
    assert statistics.rexp_percent == pytest.approx(rexp, rel=1e-9)
    assert statistics.gof == pytest.approx(rwp / rexp, rel=1e-9)
    assert statistics.n_points == result.x.size
    steps = np.diff((result.observed - result.calculated) / result.sigma)
    assert statistics.durbin_watson == pytest.approx(np.sum(steps**2) / residual.sum(), rel=1e-9)
    assert 0.9 < statistics.gof < 1.2, "the model is the truth but for its profile"


def test_a_phase_that_is_not_there_gets_nothing_worth_naming() -> None:
    guests = [*phases(), phase("mgo")]
    result = match_structure(pattern(1), guests, options=SYMMETRIC)
    guest = result.phases[2].weight_fraction
    assert guest.value < 0.003, "simulated truth: 0"
    assert guest.su is None or guest.value < 4.0 * guest.su
    assert sum(fit.weight_fraction.value for fit in result.phases) == pytest.approx(1.0, abs=1e-12)
