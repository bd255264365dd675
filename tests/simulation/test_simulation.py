"""The simulator: an oracle of the engine, so its own parts are checked against closed forms."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import voigt_profile

import braggite as bg
from braggite.errors import LibraryError, OptionError
from braggite.examples import example_scans
from braggite.radiation import radiation_named
from braggite.references import ReferenceLibrary
from braggite.references.powder_lines import powder_lines
from braggite.simulation import (
    PhaseState,
    Profile,
    _texture_factors,
    simulate_pattern,
    thompson_cox_hastings,
)
from scenarios import corundum, garnet_with_titanate, reaction_product, textured_plates

CU_KA1 = radiation_named("CuKa1")
LIBRARY = ReferenceLibrary.default()


def pattern(*states: PhaseState, **options):
    given = {"radiation": CU_KA1, "background": 0.0, **options}
    return simulate_pattern(states, **given)


@pytest.mark.parametrize(("gauss", "lorentz", "fwhm", "mixing"), [(0.1, 0.0, 0.1, 0.0), (0.0, 0.2, 0.2, 1.0)])
def test_a_pure_width_stays_what_it_is(gauss, lorentz, fwhm, mixing):
    # Referent: the limits of the formula; the mixing polynomial sums to 1 within its printed digits (1e-5).
    assert thompson_cox_hastings(gauss, lorentz) == (pytest.approx(fwhm), pytest.approx(mixing, abs=1e-5))


@pytest.mark.parametrize(("gauss", "lorentz"), [(0.1, 0.02), (0.1, 0.07), (0.05, 0.1)])
def test_profile_is_nearly_a_voigt(gauss, lorentz):
    fwhm, mixing = thompson_cox_hastings(gauss, lorentz)
    x = np.linspace(-0.5, 0.5, 1001)
    u = x / fwhm
    approximate = mixing * 2 / np.pi / (1 + 4 * u**2) + (1 - mixing) * np.sqrt(4 * np.log(2) / np.pi) * np.exp(
        -4 * np.log(2) * u**2
    )
    exact = voigt_profile(x, gauss / np.sqrt(8 * np.log(2)), lorentz / 2) * fwhm
    # Referent: scipy's Voigt function. The approximation's own largest error is 1.27 % of the maximum, at lorentz =
    # 0.8 gauss; Ida, Ando & Toraya 2000 (J. Appl. Cryst. 33, 1311) set out to improve on the same figure.
    assert np.max(np.abs(approximate - exact)) < 0.013 * exact.max()


def test_mixture_is_the_weighted_sum_of_its_phases():
    # Referent: identity; intensities of phases add, each with its scale w / (Z M V).
    garnet, titanate = LIBRARY["llzo-cubic"], LIBRARY["BTO"]
    mixed = pattern(PhaseState(garnet, 3.0), PhaseState(titanate, 1.0))
    parts = np.column_stack([pattern(PhaseState(phase)).y for phase in (garnet, titanate)])
    _, residual, *_ = np.linalg.lstsq(parts, mixed.y, rcond=None)
    assert residual[0] < 1e-12 * np.sum(mixed.y**2)


def test_scale_follows_mass_and_volume_of_the_cell():
    # Referent: area of a line = w m |F|^2 LP / (Z M V), which fixes the ratio of two phases' lines.
    garnet, titanate = LIBRARY["llzo-cubic"], LIBRARY["BTO"]
    mixed = pattern(PhaseState(garnet, 1.0), PhaseState(titanate, 1.0), two_theta_deg=(15.0, 35.0, 0.01))
    areas = []
    for low, high in ((16.3, 17.1), (21.9, 22.7)):
        inside = (mixed.x > low) & (mixed.x < high)
        areas.append(np.trapezoid(mixed.y[inside], mixed.x[inside]))
    expected = []
    for phase, (low, high) in ((garnet, (16.3, 17.1)), (titanate, (21.9, 22.7))):
        lines = powder_lines(phase, CU_KA1)
        inside = (lines.two_theta_deg > low) & (lines.two_theta_deg < high)
        structure = phase.structure
        expected.append(lines.intensity[inside].sum() / (structure.mass_per_cell * structure.cell.volume_angstrom3))
    # 6 %: Lorentzian tails outside the windows and of neighbouring lines inside them.
    assert areas[1] / areas[0] == pytest.approx(expected[1] / expected[0], rel=0.06)


def test_weights_are_normalised():
    options = pattern(PhaseState(LIBRARY["BTO"], 30.0), PhaseState(LIBRARY["tio2-rutile"], 10.0)).history[-1].options
    assert options["phases"] == {"batio3-tetragonal": 0.75, "tio2-rutile": 0.25}


def test_same_seed_same_counts_and_noise_is_poisson():
    first, again, other = (corundum.__wrapped__(seed).spectrum.y for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    # Referent: variance of a difference of two Poisson draws = sum of their means; 4001 points give 2.2 % (1 sigma).
    ratio = np.sum((first - other) ** 2) / np.sum(first + other)
    assert ratio == pytest.approx(1.0, abs=0.12)


def test_alpha2_stands_where_bragg_puts_it():
    doublet = radiation_named("CuKa")
    sharp = Profile(u=0.0, v=0.0, w=0.0004, x=0.002, y=0.0)
    scan = pattern(PhaseState(LIBRARY["si"]), radiation=doublet, profile=sharp, two_theta_deg=(136.0, 138.5, 0.002))
    halves = [scan.cut(136.5, 137.1), scan.cut(137.3, 137.9)]
    found = [float(part.x[np.argmax(part.y)]) for part in halves]
    d = doublet.lines[0][0] / (2 * np.sin(np.radians(found[0] / 2)))
    # Referent: Bragg's law for the second wavelength, within one step.
    assert found[1] == pytest.approx(2 * np.degrees(np.arcsin(doublet.lines[1][0] / (2 * d))), abs=0.003)


def test_displacement_and_zero_move_lines_as_the_formula_says():
    state = PhaseState(LIBRARY["tio2-rutile"])
    step = 0.002
    places = [
        pattern(state, two_theta_deg=(26.5, 28.5, step), **options)
        for options in ({}, {"zero_deg": 0.1}, {"displacement_mm": 0.1})
    ]
    plain, zero, displaced = (float(scan.x[np.argmax(scan.y)]) for scan in places)
    assert zero - plain == pytest.approx(0.1, abs=2 * step)
    # Referent: -2 s cos(theta) / R in degrees, s = 0.1 mm, R = 240 mm.
    assert displaced - plain == pytest.approx(-np.degrees(2 * 0.1 / 240) * np.cos(np.radians(plain / 2)), abs=2 * step)


def test_cell_factor_moves_lines_down():
    phase = LIBRARY["tio2-rutile"]
    small, large = (
        pattern(PhaseState(phase, cell_factor=factor), two_theta_deg=(26.5, 28.5, 0.002)) for factor in (1.0, 1.01)
    )
    d_small, d_large = (
        CU_KA1.wavelength_angstrom / (2 * np.sin(np.radians(scan.x[np.argmax(scan.y)] / 2))) for scan in (small, large)
    )
    assert d_large / d_small == pytest.approx(1.01, abs=2e-4)  # Referent: Bragg's law; one step is 7e-5 of d.


def test_texture_is_normalised_and_favours_its_axis():
    phase = LIBRARY["LCO"]
    state = PhaseState(phase, texture=((0, 0, 1), 0.6))
    hkl = np.array([[0, 0, 3], [1, 0, 4], [1, 1, 0]])
    basal, _, prism = _texture_factors(state, phase.structure, hkl)
    # Referent: March-Dollase along and across the axis, r^-3 and r^(3/2).
    assert basal == pytest.approx(0.6**-3)
    assert prism == pytest.approx(0.6**1.5)
    assert np.all(
        _texture_factors(replace(state, texture=((0, 0, 1), 1.0)), phase.structure, hkl) == pytest.approx(1.0)
    )


def test_scenarios_know_their_truth():
    for scenario in (corundum(), garnet_with_titanate(), reaction_product(), textured_plates()):
        assert sum(scenario.truth.values()) == pytest.approx(1.0)
        assert scenario.spectrum.counts
        assert set(scenario.truth) <= set(LIBRARY.filter(elements=scenario.elements).names)


@pytest.mark.parametrize(
    ("states", "options", "error"),
    [
        ([], {}, OptionError),
        ([("BTO", 0.0)], {}, OptionError),
        ([("BTO", float("nan"))], {}, OptionError),
        ([("BTO", 1.0)], {"two_theta_deg": (50.0, 20.0, 0.02)}, OptionError),
        ([("BTO", 1.0)], {"two_theta_deg": (1.0, 5.0, 0.02)}, OptionError),
    ],
)
def test_impossible_requests_are_refused(states, options, error):
    with pytest.raises(error):
        pattern(*(PhaseState(LIBRARY[name], weight) for name, weight in states), **options)


def test_a_phase_without_structure_is_refused():
    with pytest.raises(LibraryError, match="has no structure"):
        pattern(PhaseState(replace(LIBRARY["BTO"], structure=None)))


def test_shipped_scans_are_what_their_script_makes():
    root = Path(__file__).resolve().parents[2]
    spec = importlib.util.spec_from_file_location("make_demo_scans", root / "examples" / "make_demo_scans.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    for example in example_scans():
        assert example.path.read_text(encoding="utf-8") == script.demo_scan(example), f"{example.path.name} is stale"


def test_shipped_scans_say_that_they_are_simulated_and_need_no_assumption():
    for example in example_scans():
        head = example.path.read_text(encoding="utf-8").splitlines()[0]
        assert "Simulated" in head
        assert all(name in head for name in example.truth)
        assert not bg.read(example.path).radiation.assumed
