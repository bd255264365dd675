"""One displacement factor for each element of a phase, against simulated truth."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from samples import PROFILE, phase

import braggite as bg
from braggite.matching import MatchOptions
from braggite.matching.displacement_factors import known_before
from braggite.radiation import radiation_named
from braggite.simulation import PhaseState, simulate_pattern

if TYPE_CHECKING:
    from braggite import MatchResult, Phase, Spectrum

OPTIONS = {
    kind: MatchOptions(axial_ratio=0.0, displacement_factors=kind) for kind in ("reference", "overall", "elements")
}
TRUTH = {
    "tio2-rutile": {"Ti": 0.75, "O": 0.95},
    "licoo2-layered": {"Li": 1.6, "Co": 0.5, "O": 0.9},
    "batio3-tetragonal": {"Ba": 0.6, "Ti": 0.45, "O": 0.9},
}


def with_b(name: str, b_iso: dict[str, float]) -> Phase:
    """The phase with these displacement factors on all sites of an element."""
    known = phase(name)
    assert known.structure is not None
    sites = tuple(
        replace(s, b_iso_angstrom2=b_iso.get(s.element, s.b_iso_used_angstrom2)) for s in known.structure.sites
    )
    return replace(known, structure=replace(known.structure, sites=sites))


def scan(states: list[PhaseState], seed: int | None, high: float = 140.0) -> Spectrum:
    return simulate_pattern(
        states, radiation=radiation_named("CuKa"), profile=PROFILE, two_theta_deg=(15.0, high, 0.02),
        peak_counts=20_000.0, background=200.0, seed=seed,
    )  # fmt: skip


@cache
def pure(name: str, seed: int | None) -> Spectrum:
    return scan([PhaseState(with_b(name, TRUTH[name]))], seed)


def b_of(result: MatchResult, name: str, element: str) -> bg.matching.FitParameter:
    return result.parameters[f"{name}.b_iso_{element.lower()}_angstrom2"]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", TRUTH)
def test_the_factors_of_a_simulated_pattern_are_found(name: str, seed: int) -> None:
    result = bg.match_structure(pure(name, seed), [phase(name)], options=OPTIONS["elements"])
    assert result.converged
    assert f"{name}.delta_b_angstrom2" not in result.parameters
    for element, truth in TRUTH[name].items():
        found = b_of(result, name, element)
        assert found.unit == "angstrom2"
        assert abs(found.value.value - truth) < 3.0 * found.value.su, f"simulated truth of {element}, three su"
    # Counting noise is left, and more where all atoms move together.
    assert result.statistics.gof < 1.03


def test_uncertainties_are_those_of_repeated_draws() -> None:
    """The scatter of 24 draws about the truth, over the stated uncertainty, is one: 0.71 to 1.29 is two sigma of 24."""
    name = "batio3-tetragonal"
    off: dict[str, list[float]] = {element: [] for element in TRUTH[name]}
    for seed in range(24):
        result = bg.match_structure(pure(name, seed), [phase(name)], options=OPTIONS["elements"])
        for element, truth in TRUTH[name].items():
            value = b_of(result, name, element).value
            off[element].append((value.value - truth) / value.su)
    for element, pulls in off.items():
        scatter = float(np.sqrt(np.mean(np.square(pulls))))
        # Uncertainties are widened for serial correlation and never narrowed, so they may be too large by a little.
        assert 0.6 < scatter < 1.3, f"{element}: {scatter}"


@pytest.mark.parametrize("name", TRUTH)
def test_without_noise_the_truth_comes_out(name: str) -> None:
    result = bg.match_structure(pure(name, None), [phase(name)], options=OPTIONS["elements"])
    for element, truth in TRUTH[name].items():
        # Simulation model: the engine cuts tails at 25 widths; the prior of 0.3 pulls a 0.02 part of its distance.
        assert b_of(result, name, element).value.value == pytest.approx(truth, abs=0.02), element


def test_every_freedom_given_to_the_factors_widens_the_scale() -> None:
    name = "licoo2-layered"
    relative, first = [], None
    for kind in ("reference", "overall", "elements"):
        first = bg.match_structure(pure(name, 1), [phase(name)], options=OPTIONS[kind])
        scale = first.parameters[f"{name}.scale"].value
        relative.append(scale.su_counting / scale.value)
    assert relative[0] < 0.8 * relative[1] < 0.8 * relative[2], "from counting, which no misfit of the model moves"
    names = list(first.parameters)
    correlation = first.correlation[names.index(f"{name}.scale"), names.index(f"{name}.b_iso_co_angstrom2")]
    assert correlation > 0.5, "a large B asks for a large scale"


def test_held_factors_stay_those_of_the_reference() -> None:
    name = "tio2-rutile"
    own = scan([PhaseState(phase(name))], 2)
    result = bg.match_structure(own, [phase(name)], options=OPTIONS["reference"])
    assert not [key for key in result.parameters if "_b_" in key or ".b_" in key or "delta_b" in key]
    assert result.statistics.gof < 1.03, "they are the true ones here"
    moved = bg.match_structure(pure(name, 2), [phase(name)], options=OPTIONS["reference"])
    assert moved.statistics.gof > 1.05, "and here they are not"


@pytest.mark.parametrize(("name", "light"), [("llzo-cubic", "Li"), ("la-oh-3", "H"), ("lioh", "H")])
@pytest.mark.parametrize("seed", range(3))
def test_light_atoms_beside_heavy_ones_do_not_run_off(name: str, light: str, seed: int) -> None:
    result = bg.match_structure(scan([PhaseState(phase(name))], seed), [phase(name)], options=OPTIONS["elements"])
    structure = phase(name).structure
    assert structure is not None
    order = tuple(dict.fromkeys(site.element for site in structure.sites))
    mean, sd = known_before(structure, 0.3)[order.index(light)]
    found = b_of(result, result.phases[0].name, light)
    assert not found.at_bound
    assert abs(found.value.value - mean) < 2.0 * sd, "what is known of it holds it"


def test_what_the_data_do_not_say_is_called_so() -> None:
    name = "la-oh-3"
    result = bg.match_structure(scan([PhaseState(phase(name))], 1), [phase(name)], options=OPTIONS["elements"])
    (note,) = (note for note in result.diagnostics if note.code == "displacement_factors_assumed")
    assert note.where == name
    assert note.value == ["H"], "lanthanum and oxygen are seen"
    clear = bg.match_structure(pure("tio2-rutile", 1), [phase("tio2-rutile")], options=OPTIONS["elements"])
    assert "displacement_factors_assumed" not in {note.code for note in clear.diagnostics}


def test_atoms_at_rest_are_a_bound() -> None:
    """Oxygen cannot have less than nothing: a pattern sharpened beyond that says so."""
    name = "tio2-rutile"
    sharp = scan([PhaseState(with_b(name, {"Ti": 0.0, "O": 0.0}))], None)
    theta = np.radians(sharp.x / 2.0)
    growing = np.exp(0.3 * (np.sin(theta) / 1.5406) ** 2 * 2.0)
    sharpened = replace(sharp, y=200.0 + (sharp.y - 200.0) * growing)
    result = bg.match_structure(sharpened, [phase(name)], options=OPTIONS["elements"])
    assert f"{name}.b_iso_o_angstrom2" in result.at_bound
    assert b_of(result, name, "O").value.value == 0.0


@pytest.mark.parametrize("seed", range(3))
def test_each_phase_of_a_mixture_has_its_own(seed: int) -> None:
    names = ("tio2-rutile", "al2o3-corundum")
    truth = {"tio2-rutile": {"Ti": 0.7, "O": 0.9}, "al2o3-corundum": {"Al": 0.5, "O": 0.6}}
    both = scan([PhaseState(with_b(name, truth[name]), 0.5) for name in names], seed)
    known = [phase(name) for name in names]
    tied = bg.match_pawley(both, known, holds=dict.fromkeys(names, "tied"), options=OPTIONS["elements"])
    for result in (bg.match_structure(both, known, options=OPTIONS["elements"]), tied):
        for name in names:
            for element, b_iso in truth[name].items():
                value = b_of(result, name, element).value
                assert abs(value.value - b_iso) < 3.0 * value.su, f"simulated truth of {element} in {name}"
        fraction = result.phases[0].weight_fraction
        assert abs(fraction.value - 0.5) < 3.0 * fraction.su, "simulated truth"


def test_the_mean_of_the_reference_counts_atoms() -> None:
    structure = phase("batio3-tetragonal").structure
    assert structure is not None
    oxygens = [
        (s.b_iso_used_angstrom2, n)
        for s, n in zip(structure.sites, structure.multiplicities, strict=True)
        if s.element == "O"
    ]
    assert sorted(n for _, n in oxygens) == [1, 2]
    mean, sd = known_before(structure, 0.3)[2]
    assert mean == pytest.approx(sum(b * n for b, n in oxygens) / 3.0, rel=1e-12)
    assert sd == 0.3, "half of the mean is less"
