"""Widths that go with direction, against simulated truth, another program's formula and patterns without any."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from samples import PROFILE as COMMON
from samples import phase

import braggite as bg
from braggite.calibration.profile import InstrumentProfile
from braggite.matching import MatchOptions
from braggite.matching.phases import match_phase
from braggite.radiation import radiation_named
from braggite.simulation import PhaseState, simulate_pattern
from braggite.spectrum import Instrument
from braggite.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from braggite import MatchResult, Spectrum

NAME = "tio2-rutile"
PROFILE = replace(COMMON, y=0.0)
"""An instrument whose own strain-like width does not add to that of the phase."""
TETRAGONAL = {"s400": 9000.0, "s004": 5000.0, "s220": -9000.0, "s202": 45000.0}
"""A full width of strain over tan theta between 0.08 and 0.18 degrees."""
MEMBERS = {
    "s400": ((4, 0, 0), (0, 4, 0)),
    "s004": ((0, 0, 4),),
    "s220": ((2, 2, 0),),
    "s202": ((2, 0, 2), (0, 2, 2)),
}
OPTIONS = MatchOptions(axial_ratio=0.0, anisotropic_strain=(NAME,))
METHODS: list[Callable[..., MatchResult]] = [bg.match_structure, bg.match_pawley]


def terms(values: dict[str, float]) -> tuple[tuple[tuple[int, int, int], float], ...]:
    return tuple((powers, value) for name, value in values.items() for powers in MEMBERS[name])


@cache
def strained(seed: int | None, share: float = 1.0) -> Spectrum:
    state = PhaseState(phase(NAME), strain_terms=terms(TETRAGONAL), strain_lorentzian_share=share)
    return simulated(state, seed)


def simulated(state: PhaseState, seed: int | None, high: float = 140.0) -> Spectrum:
    return simulate_pattern(
        [state], radiation=radiation_named("CuKa"), profile=PROFILE, two_theta_deg=(20.0, high, 0.02), seed=seed
    )


def codes(result: MatchResult) -> set[str]:
    return {note.code for note in result.diagnostics}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(4))
def test_the_terms_of_a_simulated_pattern_are_found(method: Callable[..., MatchResult], seed: int) -> None:
    result = method(strained(seed), [phase(NAME)], options=OPTIONS)
    assert "anisotropic_strain" in codes(result)
    assert f"{NAME}.strain_width_deg" not in result.parameters
    for name, truth in TETRAGONAL.items():
        found = result.parameters[f"{NAME}.strain_{name}"]
        assert found.unit == "1e-12 angstrom-4"
        assert abs(found.value.value - truth) < 3.0 * found.value.su, f"simulated truth of {name}, three su"
        assert found.value.su < 0.5 * abs(truth), "and the data do tell"


def test_the_gaussian_share_is_drawn_as_simulated() -> None:
    options = MatchOptions(axial_ratio=0.0, anisotropic_strain="auto", strain_lorentzian_share=0.5)
    result = bg.match_structure(strained(1, 0.5), [phase(NAME)], options=options)
    for name, truth in TETRAGONAL.items():
        found = result.parameters[f"{NAME}.strain_{name}"].value
        assert abs(found.value - truth) < 3.0 * found.su, f"simulated truth of {name}, three su"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("strain", [0.0, 0.0015])
def test_strain_that_is_alike_in_all_directions_stays_so(method: Callable[..., MatchResult], strain: float) -> None:
    for seed in range(3):
        plain = simulated(PhaseState(phase(NAME), strain=strain), seed)
        result = method(plain, [phase(NAME)], options=OPTIONS)
        without = method(plain, [phase(NAME)], options=MatchOptions(axial_ratio=0.0))
        assert "anisotropic_strain_not_kept" in codes(result)
        assert list(result.parameters) == list(without.parameters)
        # With the stage asked for, lines are followed further into their tails.
        assert result.statistics.rwp_percent == pytest.approx(without.statistics.rwp_percent, rel=0.01)


def test_only_the_phase_that_shows_it_gets_it() -> None:
    states = [PhaseState(phase(NAME), strain_terms=terms(TETRAGONAL)), PhaseState(phase("al2o3-corundum"))]
    both = simulate_pattern(states, radiation=radiation_named("CuKa"), profile=PROFILE, seed=2)
    options = MatchOptions(axial_ratio=0.0, anisotropic_strain="auto")
    result = bg.match_pawley(both, [phase(NAME), phase("al2o3-corundum")], options=options)
    told = {note.where: note.code for note in result.diagnostics if note.code.startswith("anisotropic")}
    assert told == {NAME: "anisotropic_strain", "al2o3-corundum": "anisotropic_strain_not_kept"}


def test_more_terms_than_lines_are_refused() -> None:
    result = bg.match_pawley(simulated(PhaseState(phase(NAME)), 1, high=42.0), [phase(NAME)], options=OPTIONS)
    note = next(note for note in result.diagnostics if note.code == "anisotropic_strain_not_kept")
    assert "cannot tell 4 terms" in note.message


def test_lines_without_variance_are_reported() -> None:
    """S400 (h² - k²)² leaves hh0 without width: noise takes some of them below zero."""
    hollow = {"s400": 9000.0, "s004": 5000.0, "s220": -19000.0, "s202": 45000.0}
    sample = simulated(PhaseState(phase(NAME), strain_terms=terms(hollow)), 1)
    result = bg.match_structure(sample, [phase(NAME)], options=OPTIONS)
    note = next(note for note in result.diagnostics if note.code == "strain_not_positive")
    assert note.value >= 1
    assert np.isfinite(result.calculated).all()


def test_size_is_stated_and_strain_is_not_where_that_goes_with_direction() -> None:
    numbers = {f"gauss_{n}_deg2": Value(getattr(PROFILE, n)) for n in "uvw"}
    numbers |= {f"lorentz_{n}_deg": Value(getattr(PROFILE, n)) for n in "xy"}
    profile = InstrumentProfile(
        radiation=radiation_named("CuKa"), diffractometer=Instrument(), axial_ratio=Value(0.0), **numbers
    )
    options = MatchOptions(axial_ratio=0.0, anisotropic_strain=(NAME,), instrument=profile)
    micro = bg.match_structure(strained(1), [phase(NAME)], options=options).phases[0].microstructure
    assert micro is not None
    assert micro.size_at_least_nm is not None
    assert micro.strain_percent is None


def test_names_are_those_of_the_match() -> None:
    with pytest.raises(bg.OptionError, match="no phase NaCl"):
        bg.match_pawley(strained(1), [phase(NAME)], options=MatchOptions(anisotropic_strain=("NaCl",)))
    with pytest.raises(bg.OptionError, match="anisotropic_strain means nothing to partitioned"):
        bg.match_lebail(strained(1), [phase(NAME)], options=OPTIONS)
    with pytest.raises(bg.OptionError, match="strain_lorentzian_share"):
        MatchOptions(strain_lorentzian_share=1.5)
    assert MatchOptions(anisotropic_strain=NAME).anisotropic_strain == (NAME,)  # type: ignore[arg-type]


def test_terms_and_widths_are_those_of_another_program() -> None:
    stephens = pytest.importorskip("rietx.crystallography.stephens", reason="the peer is part of the extra 'test'")
    for name in ("lab6", NAME, "al2o3-corundum", "batio3-hexagonal", "zro2-monoclinic", "licoo2", "li2bati6o14"):
        structure = phase(name).structure
        assert structure is not None
        view = match_phase(phase(name), 1.5406, (10.0, 120.0)).with_anisotropic_strain(1.0)
        free = len(stephens.stephens_basis(structure.space_group))
        assert len(view.strain_powers) == free, f"rietx: {name}, {structure.space_group}"
    result = bg.match_structure(strained(1), [phase(NAME)], options=OPTIONS)
    lines, fifteen = result.phases[0].reflections, np.zeros(15)
    for name in TETRAGONAL:
        for powers in MEMBERS[name]:
            value = result.parameters[f"{NAME}.strain_{name}"].value.value
            fifteen[stephens.S_EXPONENTS.index(powers)] = value
    widths = stephens.strain_width_deg(stephens.monomial_matrix(lines.hkl), fifteen, lines.d_angstrom)
    note = next(note for note in result.diagnostics if note.code == "anisotropic_strain")
    assert note.value == pytest.approx([widths.min(), widths.max()], rel=1e-9), "rietx: width over tan theta"
