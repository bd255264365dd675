"""Strengths of lines with one displacement factor for each element, against the definition and gemmi."""

from __future__ import annotations

from dataclasses import replace

import gemmi
import numpy as np
import pytest
from crystal_cases import CASES, WAVELENGTH, Case

import braggite as bg
from braggite import _core

cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def view(case: Case) -> _core.MatchPhase:
    plain = _core.MatchPhase(
        case.compiled(it92=True), cell=case.parameters, metric="triclinic", cell_tolerance=0.01, cell_mass=1.0,
        wavelength_angstrom=WAVELENGTH, two_theta_min_deg=5.0, two_theta_max_deg=90.0, relative_floor=0.0,
    )  # fmt: skip
    groups = [case.elements.index(site.element) for site in case.sites]
    return plain.displaced(case.compiled(it92=True), groups, [(0.5, 0.3)] * len(case.elements))


def moved(case: Case, b_iso: dict[str, float]) -> Case:
    return replace(case, sites=tuple(replace(site, b_iso_angstrom2=b_iso[site.element]) for site in case.sites))


@cases
def test_strengths_follow_the_definition(case: Case) -> None:
    phase = view(case)
    hkl, multiplicity = phase.hkl(), phase.multiplicity()
    chosen = list(range(0, len(hkl), max(1, len(hkl) // 8)))
    values = np.random.default_rng(1).uniform(0.0, 3.0, len(case.elements))
    other = moved(case, dict(zip(case.elements, values.tolist(), strict=True)))
    pairs = [(other.structure_factor(hkl[i]), other.structure_factor(-hkl[i])) for i in chosen]
    expected = multiplicity[chosen] * np.array([(abs(plus) ** 2 + abs(minus) ** 2) / 2 for plus, minus in pairs])
    found = phase.strengths(values.tolist())
    # 1e-10 of the strongest: the numpy sum over every atom of the cell, double precision on both sides.
    np.testing.assert_allclose(found[chosen], expected, rtol=1e-10, atol=1e-10 * found.max())


@cases
def test_strengths_are_those_of_gemmi(case: Case) -> None:
    case = replace(case, dispersion=False)  # gemmi's sum knows no f''
    phase = view(case)
    values = [0.4 + 0.5 * place for place in range(len(case.elements))]
    small = moved(case, dict(zip(case.elements, values, strict=True))).gemmi_structure()
    calculator = gemmi.StructureFactorCalculatorX(small.cell)
    amplitudes = [abs(calculator.calculate_sf_from_small_structure(small, h)) for h in phase.hkl().tolist()]
    found = np.sqrt(phase.strengths(values) / phase.multiplicity())
    # 1e-6 relative (gemmi keeps single-precision form factors); amplitudes that nearly cancel: of the strongest.
    np.testing.assert_allclose(found, amplitudes, rtol=1e-6, atol=2e-7 * max(amplitudes))


def test_absurd_numbers_are_refused() -> None:
    case = CASES[1]
    phase, structure = view(case), case.compiled(it92=True)
    for groups, prior in (
        ([0, 1], [(0.5, 0.3)] * 2),
        ([0, 2, 0], [(0.5, 0.3)] * 3),
        ([0, 1, 2], [(0.5, 0.3)]),
        ([0, 0, 1], [(0.5, 0.3), (0.5, 0.0)]),
        ([0, 0, 1], [(-0.1, 0.3), (0.5, 0.3)]),
        ([0, 0, 1], [(float("nan"), 0.3), (0.5, 0.3)]),
        ([0, 0, 1], [(0.5, float("inf")), (0.5, 0.3)]),
    ):
        with pytest.raises(bg.BraggiteError):
            phase.displaced(structure, groups, prior)
    with pytest.raises(bg.BraggiteError, match="b_iso_angstrom2"):
        phase.strengths([0.5])
