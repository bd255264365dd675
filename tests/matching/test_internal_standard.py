"""Absolute fractions from a weighed-in standard, against simulated specimens with a known amorphous share."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from samples import PROFILE, phase

import braggite as bg
from braggite.matching import MatchOptions
from braggite.matching.microabsorption import GRAIN_LIMIT_UM
from braggite.radiation import radiation_named
from braggite.simulation import PhaseState, simulate_pattern

SPECIMEN = {"tio2-rutile": 0.35, "al2o3-corundum": 0.15, "si": 0.2}
AMORPHOUS = 1.0 - sum(SPECIMEN.values())
STANDARD = ("si", SPECIMEN["si"])


@cache
def phases() -> list[bg.Phase]:
    return [phase(name) for name in SPECIMEN]


@cache
def specimen(seed: int, level: float = 100.0) -> bg.Spectrum:
    """The crystalline phases over a broad hump: 30 wt% of the specimen is glass."""
    states = [PhaseState(one, SPECIMEN[name]) for name, one in zip(SPECIMEN, phases(), strict=True)]
    ideal = simulate_pattern(
        states,
        radiation=radiation_named("CuKa"),
        two_theta_deg=(20.0, 90.0, 0.03),
        profile=PROFILE,
        background=level,
    )
    hump = 600.0 * np.exp(-(((ideal.x - 27.0) / 6.0) ** 2)) + 150.0 * np.exp(-(((ideal.x - 45.0) / 9.0) ** 2))
    y = np.random.default_rng(seed).poisson(ideal.y + hump).astype(float)
    return bg.Spectrum.from_arrays(ideal.x, y, technique="xrd", counts=True, radiation=ideal.radiation)


@cache
def matched(seed: int, grain_um: float | None = None) -> bg.MatchResult:
    options = MatchOptions(axial_ratio=0.0, internal_standard=STANDARD, grain_um=grain_um)
    return bg.match_structure(specimen(seed), phases(), options=options)


def test_fractions_of_the_specimen_and_what_is_amorphous() -> None:
    result = matched(1)
    assert (result.converged, result.basis) == (True, "total")
    rest = result.amorphous_fraction
    assert rest is not None
    assert rest.su is not None
    # Simulated truth; the hump leaves the background under the lines uncertain by a part in a hundred.
    assert rest.value == pytest.approx(AMORPHOUS, abs=0.015)
    for fit in result.phases:
        assert fit.weight_fraction is not None
        assert fit.weight_fraction.value == pytest.approx(SPECIMEN[fit.name], abs=0.01)
    total = rest.value + sum(fit.weight_fraction.value for fit in result.phases if fit.weight_fraction)
    assert total == pytest.approx(1.0, abs=1e-12), "identity"
    standard = result.phases[2].weight_fraction
    assert (standard.value, standard.su) == (SPECIMEN["si"], None), "what was weighed is given, not measured"


def test_uncertainties_cover_the_scatter() -> None:
    results = [matched(seed) for seed in range(30)]
    groups = {"amorphous": [result.amorphous_fraction for result in results]}
    for place, name in list(enumerate(SPECIMEN))[:2]:
        groups[name] = [result.phases[place].weight_fraction for result in results]
    for name, values in groups.items():
        found, su = np.array([(value.value, value.su) for value in values]).T
        # 30 draws know a standard deviation to 13 %; about their own mean, so that a bias is tested apart.
        assert 0.6 < np.std(found, ddof=1) / np.mean(su) < 1.5, name


def test_uncertainties_are_those_of_the_ratios() -> None:
    """The slow way: scales drawn from their covariance."""
    result = matched(2)
    names = [f"{name}.scale" for name in SPECIMEN]
    rows = [list(result.parameters).index(name) for name in names]
    scales = np.array([result.parameters[name].value.value for name in names])
    crystal = [one.structure for one in phases()]
    mass = [c.mass_per_cell * fit.cell["volume_angstrom3"].value for c, fit in zip(crystal, result.phases, strict=True)]
    drawn = np.random.default_rng(3).multivariate_normal(scales, result.covariance[np.ix_(rows, rows)], 200_000)
    amounts = drawn * mass
    absolute = SPECIMEN["si"] * amounts / amounts[:, 2:]
    for place in (0, 1):
        # Monte Carlo knows a standard deviation to 0.2 %; what is not linear adds as much.
        assert result.phases[place].weight_fraction.su == pytest.approx(np.std(absolute[:, place]), rel=0.01)
    assert result.amorphous_fraction.su == pytest.approx(np.std(1.0 - absolute.sum(axis=1)), rel=0.01)


def test_grains_of_unknown_size_leave_a_range_that_known_ones_end() -> None:
    plain, coarse = matched(1), matched(1, GRAIN_LIMIT_UM)
    assert plain.amorphous_fraction_range is not None
    low, high = plain.amorphous_fraction_range
    rest = coarse.amorphous_fraction
    assert rest is not None
    assert rest.value == pytest.approx(low if abs(rest.value - low) < abs(rest.value - high) else high, rel=1e-9)
    assert plain.amorphous_fraction.value in (low, high)
    assert high - low > 0.001, "rutile absorbs four times as much as corundum"
    assert coarse.amorphous_fraction_range is None
    for fine, ground in zip(plain.phases[:2], coarse.phases, strict=False):
        ends = fine.weight_fraction_range
        assert min(abs(ground.weight_fraction.value - end) for end in ends) < 1e-9


def test_more_standard_than_there_can_be_is_said_and_not_clipped() -> None:
    options = MatchOptions(axial_ratio=0.0, internal_standard=("si", 0.5))
    result = bg.match_structure(specimen(1), phases(), options=options)
    # 20 of 70 parts are silicon: half of the specimen would leave -75 %.
    assert result.amorphous_fraction.value == pytest.approx(1.0 - 0.5 / (0.2 / 0.7), abs=0.04)
    (note,) = [note for note in result.diagnostics if note.code == "standard_impossible"]
    assert note.where == "si"
    assert "standard_impossible" not in {note.code for note in matched(1).diagnostics}


def test_a_standard_that_is_not_seen_leaves_fractions_of_the_crystalline_part() -> None:
    options = MatchOptions(axial_ratio=0.0, internal_standard=("mgo", 0.1))
    result = bg.match_structure(specimen(1), [*phases(), phase("mgo")], options=options)
    assert (result.basis, result.amorphous_fraction) == ("crystalline", None)
    assert "standard_not_seen" in {note.code for note in result.diagnostics}


def test_direct_derivation_knows_standards_too() -> None:
    result = bg.match_direct_derivation(
        specimen(1), phases(), options=MatchOptions(axial_ratio=0.0, internal_standard=STANDARD)
    )
    plain = bg.match_direct_derivation(specimen(1), phases(), options=MatchOptions(axial_ratio=0.0))
    crystalline = plain.phases[2].weight_fraction
    rest = result.amorphous_fraction
    assert rest.value == pytest.approx(1.0 - STANDARD[1] / crystalline.value, rel=1e-12), "definition"
    assert rest.su == pytest.approx(STANDARD[1] / crystalline.value**2 * crystalline.su, rel=1e-12)
    assert result.options["internal_standard"] == STANDARD


def test_a_standard_is_found_by_its_alias_and_must_be_there() -> None:
    alias = phase("si").aliases[0]
    options = MatchOptions(axial_ratio=0.0, internal_standard=(alias.upper(), 0.2))
    assert bg.match_structure(specimen(1), phases(), options=options).basis == "total"
    with pytest.raises(bg.OptionError, match="none of the phases"):
        bg.match_structure(specimen(1), phases()[:2], options=options)
    for fraction in (0.0, 1.0, -0.1, float("nan")):
        with pytest.raises(bg.OptionError, match="internal_standard"):
            MatchOptions(internal_standard=("si", fraction))


def test_identification_states_the_whole_specimen() -> None:
    library = bg.ReferenceLibrary([*phases(), phase("mgo")])
    options = bg.IdentifyOptions(match=MatchOptions(internal_standard=STANDARD))
    report = bg.identify(specimen(1), library=library, options=options)
    assert {entry.name for entry in report.phases} == set(SPECIMEN)
    assert {entry.basis for entry in report.phases} == {"total"}
    for entry in report.phases:
        assert entry.weight_fraction.value == pytest.approx(SPECIMEN[entry.name], abs=0.02), "simulated truth"
    assert "amorphous or unidentified" in report.to_text()
    assert "wt% of the crystalline part; confidence" not in report.to_text()
