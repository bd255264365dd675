"""A match as parameters of lmfit: the same numbers, and expressions that follow when they move."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import lmfit
import numpy as np
import pytest
import uncertainties
from tests.matching.samples import pattern, phase, phases

from braggite.matching import MatchOptions, MatchResult, match_structure
from braggite.simulation import PhaseState, simulate_pattern

if TYPE_CHECKING:
    from braggite.matching.results import PhaseFit


@cache
def result() -> MatchResult:
    return match_structure(pattern(3), phases())


def plain(name: str) -> str:
    return name.replace("-", "_").replace(".", "_")


def test_refined_numbers_come_with_uncertainties_bounds_and_correlations() -> None:
    match, parameters = result(), result().to_lmfit()
    assert isinstance(parameters, lmfit.Parameters)
    names = list(match.parameters)
    for i, (name, entry) in enumerate(match.parameters.items()):
        ours = parameters[plain(name)]
        assert (ours.value, ours.stderr, ours.vary) == (entry.value.value, entry.value.su, True)
        assert (ours.min, ours.max) == (entry.lower, entry.upper)
        assert ours.correl.keys() == {plain(other) for other in names} - {plain(name)}
        for j, other in enumerate(names):
            if j != i:
                assert ours.correl[plain(other)] == match.correlation[i, j]
    assert "tio2_rutile_size_width_deg" in lmfit.fit_report(parameters)


def test_cells_and_fractions_are_those_of_the_match() -> None:
    match, parameters = result(), result().to_lmfit()
    for fit in match.phases:
        for name, value in (*fit.cell.items(), ("weight_fraction", fit.weight_fraction)):
            ours = parameters[f"{plain(fit.name)}_{name}"]
            assert ours.value == pytest.approx(value.value, rel=1e-12)
            assert ours.stderr == value.su
            assert not ours.vary
            assert (ours.expr is None) == (name.endswith("_deg")), "angles are fixed by symmetry"


@pytest.mark.parametrize("kind", ["a_angstrom", "c_angstrom", "volume_angstrom3", "weight_fraction"])
def test_expressions_carry_the_uncertainties_of_the_match(kind: str) -> None:
    """Linear propagation of stderr and correl through the expressions, as lmfit does it after a fit of its own."""
    match, parameters = result(), result().to_lmfit()
    free = [name for name, parameter in parameters.items() if parameter.vary]
    correlated = uncertainties.correlated_values([parameters[n].value for n in free], match.covariance)
    for fit in match.phases:
        ours = parameters[f"{plain(fit.name)}_{kind}"]

        def value(*numbers: float, name: str = ours.name) -> float:
            for key, number in zip(free, numbers, strict=True):
                parameters[key].value = number
            parameters.update_constraints()
            return parameters[name].value

        spread = uncertainties.wrap(value)(*correlated).std_dev
        value(*(number.nominal_value for number in correlated))
        # Differences of a finite step; the fractions of the match hold the masses of the cells, as the expressions do.
        assert spread == pytest.approx(ours.stderr, rel=1e-3)


def test_a_monoclinic_volume_follows_its_angle() -> None:
    state = PhaseState(phase("zro2-monoclinic"), 1.0)
    spectrum = simulate_pattern([state], radiation=pattern().radiation, two_theta_deg=(20.0, 90.0, 0.02), seed=5)
    match = match_structure(spectrum, [state.phase])
    parameters = match.to_lmfit()
    (fit,) = match.phases
    beta, volume = parameters["zro2_monoclinic_beta_deg"], parameters["zro2_monoclinic_volume_angstrom3"]
    assert beta.value == pytest.approx(fit.cell["beta_deg"].value, rel=1e-12)
    assert volume.value == pytest.approx(fit.cell["volume_angstrom3"].value, rel=1e-12)
    (change,) = (name for name in beta.expr.replace("+", " ").split() if name in parameters)
    before, angle = volume.value, beta.value
    parameters[change].set(value=parameters[change].value + 1.0, max=np.inf)
    parameters.update_constraints()
    sines = np.sin(np.radians([angle + 1.0, angle]))
    assert volume.value / before == pytest.approx(sines[0] / sines[1], rel=1e-12), "V = abc sin(beta)"


def free_intensities(fit: PhaseFit) -> PhaseFit:
    lines = fit.reflections
    su = np.full(len(lines), 2.5)
    su[0] = np.nan
    hkl = lines.hkl.copy()
    hkl[1] = -hkl[1]
    own = replace(lines, hkl=hkl, intensity_su=su, intensity_calculated=None)
    return replace(fit, reference=None, weight_fraction=None, reflections=own)


def test_free_intensities_become_parameters() -> None:
    fits = tuple(free_intensities(fit) for fit in result().phases)
    kept = {name: entry for name, entry in result().parameters.items() if not name.endswith(".scale")}
    parameters = replace(result(), phases=fits, parameters=kept, covariance=None).to_lmfit()
    lines = fits[0].reflections
    h, k, l = lines.hkl[2].tolist()  # noqa: E741
    strong = parameters[f"al2o3_corundum_intensity_{h}_{k}_{l}"]
    assert (strong.value, strong.stderr, strong.vary) == (lines.intensity[2], 2.5, True)
    h, k, l = lines.hkl[0].tolist()  # noqa: E741
    unknown = parameters[f"al2o3_corundum_intensity_{h}_{k}_{l}"]
    assert (unknown.stderr, unknown.vary) == (None, False)
    assert any("_m" in name.partition("intensity")[2] for name in parameters)
    assert sum("intensity" in name for name in parameters) == sum(len(fit.reflections) for fit in fits)
    assert not any("fraction" in name or "scale" in name for name in parameters)
    assert parameters["al2o3_corundum_a_angstrom"].stderr == fits[0].cell["a_angstrom"].su
    assert strong.correl is None


@pytest.mark.parametrize(
    ("first", "second"), [("a+b", "a*b"), ("γ phase", "δ phase"), ("1 a", "p1 a"), ("lambda", "if"), ("x.scale", "x")]
)
def test_names_are_legal_and_stay_apart(first: str, second: str) -> None:
    match = result()
    names = {fit.name: name for fit, name in zip(match.phases, (first, second), strict=True)}
    fits = tuple(replace(fit, name=names[fit.name]) for fit in match.phases)

    def renamed(key: str) -> str:
        owner = next((name for name in names if key.startswith(f"{name}.")), None)
        return key if owner is None else names[owner] + key.removeprefix(owner)

    parameters = replace(
        match, phases=fits, parameters={renamed(key): value for key, value in match.parameters.items()}
    ).to_lmfit()
    assert len(parameters) == len(match.to_lmfit())
    assert all(name.isidentifier() and name.isascii() for name in parameters)
    expected = [parameter.value for parameter in match.to_lmfit().values()]
    assert [parameter.value for parameter in parameters.values()] == pytest.approx(expected, rel=1e-12)


def test_a_phase_that_is_not_there_does_not_vary() -> None:
    spectrum = simulate_pattern(
        [PhaseState(phase("tio2-rutile"), 1.0)], radiation=pattern().radiation, two_theta_deg=(20.0, 90.0, 0.02), seed=4
    )
    match = match_structure(spectrum, [phase("tio2-rutile"), phase("mgo")], options=MatchOptions())
    parameters = match.to_lmfit()
    # About half of all noise draws leave a phase that is not there at a scale of exactly zero; this is one of them.
    assert match.parameters["mgo-periclase.scale"].value.value == 0.0
    scale = parameters["mgo_periclase_scale"]
    assert (scale.value, scale.stderr, scale.vary) == (0.0, None, False)
    fraction = parameters["mgo_periclase_weight_fraction"]
    assert (fraction.value, fraction.expr) == (0.0, None)
    assert all(
        np.isfinite(list(parameter.correl.values())).all() for parameter in parameters.values() if parameter.vary
    )
