"""Matches with free, shared and restrained strengths of simulated patterns, against the truth behind them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from samples import FRACTIONS, pattern, phase, phases, true_cell
from validation.convergence import Start, deviations, stretched

import braggite as bg
from braggite.matching import MatchOptions
from braggite.matching.direct_derivation import mass_per_strength
from braggite.radiation import radiation_named
from braggite.references.powder_lines import powder_lines
from braggite.simulation import PhaseState, simulate_pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from braggite import MatchResult

SYMMETRIC = MatchOptions(axial_ratio=0.0)
METHODS: list[Callable[..., MatchResult]] = [bg.match_pawley, bg.match_lebail]
SEEDS = range(40)


@cache
def pawley(seed: int | None = None) -> MatchResult:
    return bg.match_pawley(pattern(seed), phases(), options=SYMMETRIC)


@pytest.mark.parametrize("method", METHODS)
def test_cells_of_a_noise_free_pattern(method: Callable[..., MatchResult]) -> None:
    result = method(pattern(), phases(), options=SYMMETRIC)
    assert result.converged
    for fit in result.phases:
        a, c = true_cell(fit.name)
        # Simulated truth; tails are cut at 25 widths here and at 60 in the simulation. Le Bail stops near the minimum.
        assert fit.cell["a_angstrom"].value == pytest.approx(a, rel=1e-5)
        assert fit.cell["c_angstrom"].value == pytest.approx(c, rel=1e-5)
        assert fit.weight_fraction is None, "strengths of their own say nothing of amounts"


def test_uncertainties_of_cells_and_intensities_cover_the_truth() -> None:
    truth = {fit.name: fit.reflections.intensity for fit in pawley().phases}
    cells, lines = [], []
    for seed in SEEDS:
        for fit in pawley(seed).phases:
            for key, true in zip(("a_angstrom", "c_angstrom"), true_cell(fit.name), strict=True):
                value = fit.cell[key]
                assert value.su is not None
                cells.append(abs(value.value - true) < value.su)
            found, su = fit.reflections.intensity, fit.reflections.intensity_su
            assert su is not None
            clear = found > 5.0 * su
            lines += (np.abs(found - truth[fit.name])[clear] < su[clear]).tolist()
    # A normal distribution holds 0.683; 160 draws of cells scatter by 0.037.
    assert 0.57 < np.mean(cells) < 0.80
    assert 0.60 < np.mean(lines) < 0.78, "2,000 lines, but neighbours share their errors"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("factors", [(1.01, 1.01, 1.01), (0.99, 0.99, 1.01), (1.01, 1.01, 0.99), (0.99, 0.99, 0.99)])
def test_cells_one_percent_off_are_found(
    method: Callable[..., MatchResult], factors: tuple[float, float, float]
) -> None:
    away = [stretched(given, factors) for given in phases()]
    result = method(pattern(7), away, options=SYMMETRIC)
    assert result.converged
    for fit in result.phases:
        for key, true in zip(("a_angstrom", "c_angstrom"), true_cell(fit.name), strict=True):
            # The aim: within 50 ppm, or 3 standard uncertainties.
            su = fit.cell[key].su or 0.0
            assert abs(fit.cell[key].value - true) < max(50e-6 * true, 3.0 * su)


def test_axes_that_changed_places_are_put_right_and_reported() -> None:
    """Barium titanate from a = 4.03, c = 4.00: the tetragonal axis is the other one."""
    tetragonal = phase("batio3-tetragonal")
    pattern_of_it = simulate_pattern([PhaseState(tetragonal)], radiation=radiation_named("CuKa"), seed=1)
    result = bg.match_pawley(pattern_of_it, [stretched(tetragonal, (1.009, 1.009, 0.993))])
    assert "axes_exchanged" in {note.code for note in result.diagnostics}
    assert tetragonal.structure is not None
    for key in ("a_angstrom", "c_angstrom"):
        true = getattr(tetragonal.structure.cell, key)
        assert result.phases[0].cell[key].value == pytest.approx(true, rel=50e-6), "the aim"


@pytest.mark.parametrize("case", ["LLZO", "LaB6 + Al2O3 + ZrO2"])
def test_random_starts_reach_the_truth(case: str) -> None:
    """Two of the hundred starts a case of `python -m validation.convergence`."""
    for seed in (3, 4):
        assert all(ppm < 50.0 for ppm, _ in deviations(Start(case, seed))), "the aim"


def test_the_dial_runs_from_tied_to_free() -> None:
    def matched(strength_sd: float) -> MatchResult:
        options = replace(SYMMETRIC, strength_sd=strength_sd)
        return bg.match_pawley(pattern(3), phases(), holds=dict.fromkeys(FRACTIONS, "restrained"), options=options)

    tied = bg.match_pawley(pattern(3), phases(), holds=dict.fromkeys(FRACTIONS, "tied"), options=SYMMETRIC)
    misfit = [
        result.statistics.rwp_percent for result in (tied, matched(1e-4), matched(0.1), matched(100.0), pawley(3))
    ]
    assert misfit[1:] == sorted(misfit[1:], reverse=True), "each step along the dial frees more"
    assert misfit[1] == pytest.approx(misfit[0], abs=2e-3), "limit: a strict restraint is a tie, B aside"
    assert misfit[3] == pytest.approx(misfit[4], abs=2e-3), "limit: a loose restraint is none"
    for fit in matched(0.05).phases:
        assert fit.weight_fraction is not None
        assert fit.weight_fraction.value == pytest.approx(FRACTIONS[fit.name], abs=0.02), "simulated truth"


def test_one_phase_free_and_one_tied() -> None:
    result = bg.match_pawley(pattern(3), phases(), holds={"tio2-rutile": "tied"}, options=SYMMETRIC)
    free, tied = result.phases
    assert free.reflections.intensity_su is not None
    assert tied.reflections.intensity_su is None
    assert "tio2-rutile.scale" in result.parameters
    assert "al2o3-corundum.scale" not in result.parameters
    assert result.covariance is not None
    assert result.covariance.shape == (len(result.parameters),) * 2


def test_amounts_follow_from_intensities_and_compositions() -> None:
    low, high = 15.0, 140.0
    result = bg.match_direct_derivation(pattern(5, two_theta_deg=(low, high, 0.02)), phases(), options=SYMMETRIC)
    radiation = radiation_named("CuKa")
    amounts = {}
    for one in phases():
        structure = one.structure
        assert structure is not None
        lines = powder_lines(one, radiation, two_theta_min_deg=low, two_theta_max_deg=high)
        scale = FRACTIONS[one.name] / (structure.mass_per_cell * structure.cell.volume_angstrom3)
        strength = scale * float(np.sum(lines.multiplicity * lines.f_squared))
        amounts[one.name] = strength * mass_per_strength(
            structure.composition, structure.cell.volume_angstrom3, radiation.wavelength_angstrom, high
        )
    for fit in result.phases:
        assert fit.weight_fraction is not None
        # What the method makes of the exact strengths of the structures; its own error (3.3 wt% here) is in both.
        expected = amounts[fit.name] / sum(amounts.values())
        assert fit.weight_fraction.value == pytest.approx(expected, abs=0.01), "Hill & Howard: scale = w / (ZM V)"
    assert sum(fit.weight_fraction.value for fit in result.phases if fit.weight_fraction) == pytest.approx(1.0)


@pytest.mark.parametrize("method", [*METHODS, bg.match_direct_derivation])
def test_what_cannot_be_matched_is_refused(method: Callable[..., MatchResult]) -> None:
    with pytest.raises(bg.OptionError, match="no phase"):
        method(pattern(), [])
    with pytest.raises(bg.OptionError, match="given twice"):
        method(pattern(), [phase("tio2-rutile")] * 2)
    narrow = simulate_pattern(
        [PhaseState(phase("al2o3-corundum"))],
        radiation=radiation_named("CuKa"),
        two_theta_deg=(21.0, 25.2, 0.02),
        seed=1,
    )
    with pytest.raises(bg.BraggiteError, match="no reflection"):
        method(narrow, [phase("tio2-rutile")])


def test_holds_name_phases_and_known_words() -> None:
    with pytest.raises(bg.OptionError, match="no phase NaCl"):
        bg.match_pawley(pattern(), phases(), holds={"NaCl": "free"})
    with pytest.raises(bg.OptionError, match="unknown hold"):
        bg.match_pawley(pattern(), phases(), holds={"tio2-rutile": "loose"})  # type: ignore[dict-item]


def test_more_lines_than_points_can_tell_of_are_refused() -> None:
    many = [one for one in bg.ReferenceLibrary.default() if one.structure is not None][:20]
    with pytest.raises(bg.InvalidSpectrum, match="strengths of so many lines"):
        bg.match_pawley(pattern(), many)


@pytest.mark.parametrize("method", METHODS)
def test_lines_that_cannot_be_told_apart_are_marked(method: Callable[..., MatchResult]) -> None:
    """Of a cubic phase those of equal d, of which the cell leaves none apart."""
    cubic = phase("la2zr2o7")
    sample = simulate_pattern([PhaseState(cubic)], radiation=radiation_named("CuKa"), seed=1)
    result = method(sample, [cubic])
    lines = result.phases[0].reflections
    squares = np.sum(lines.hkl.astype(int) ** 2, axis=1)
    coincident = np.array([np.sum(squares == square) > 1 for square in squares])
    assert 3 <= coincident.sum() < len(lines)
    assert np.array_equal(~lines.resolved, coincident)
    for square in set(squares[coincident]):
        assert len(set(np.asarray(lines.group)[squares == square])) == 1, "one group a spacing"
    (note,) = [note for note in result.diagnostics if note.code == "intensities_shared"]
    assert note.value == coincident.sum()
    entries = result.to_dict()["phases"][0]["reflections"]
    assert [entry["resolved"] for entry in entries] == (~coincident).tolist()
    assert all((entry["group"] is None) == entry["resolved"] for entry in entries)


def test_tied_intensities_are_no_news() -> None:
    assert "intensities_shared" not in {note.code for note in bg.match_structure(pattern(3), phases()).diagnostics}
