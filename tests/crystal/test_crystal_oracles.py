"""Reflections, multiplicities, spacings and structure factors against gemmi, pymatgen and the definition."""

from __future__ import annotations

from dataclasses import replace

import gemmi
import numpy as np
import pytest
from crystal_cases import CASES, WAVELENGTH, Case, Site

RANGE = (WAVELENGTH, 5.0, 120.0, 0.0, None)
cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
Index = tuple[int, int, int]


def family(hkl: Index, rotations: np.ndarray) -> frozenset[Index]:
    images = np.array(hkl) @ rotations
    return frozenset(tuple(map(int, image)) for image in np.concatenate([images, -images]))


@cases
def test_reflections_and_multiplicities_are_those_of_gemmi(case: Case) -> None:
    hkl, multiplicity, d, *_ = case.compiled(it92=True).lines(*RANGE)
    d_min, d_max = (WAVELENGTH / 2 / np.sin(np.radians(angle / 2)) for angle in (120.0, 5.0))
    expected = gemmi.make_miller_array(case.unit_cell, gemmi.SpaceGroup(case.space_group), d_min, d_max)
    rotations = case.operations[0]
    families = {family(index, rotations) for index in expected.tolist()}
    ours = [family(index, rotations) for index in hkl.tolist()]
    assert len(ours) == len(set(ours)), "a family is listed twice"
    assert set(ours) == families, "gemmi's unique reflections"
    assert multiplicity.tolist() == [len(members) for members in ours], "members under gemmi's Laue rotations"
    # 1e-12: both evaluate the same closed formula in double precision.
    np.testing.assert_allclose(d, case.unit_cell.calculate_d_array(hkl), rtol=1e-12)
    assert (np.diff(d) <= 0).all()


@cases
def test_structure_factors_follow_the_definition(case: Case) -> None:
    hkl, _, _, _, f_squared, _ = case.compiled(it92=True).lines(*RANGE)
    chosen = range(0, len(hkl), max(1, len(hkl) // 80))
    pairs = [(case.structure_factor(hkl[i]), case.structure_factor(-hkl[i])) for i in chosen]
    expected = [(abs(plus) ** 2 + abs(minus) ** 2) / 2 for plus, minus in pairs]
    # 1e-10 of the strongest: the numpy sum over every atom of the cell, double precision on both sides.
    np.testing.assert_allclose(f_squared[list(chosen)], expected, rtol=1e-10, atol=1e-10 * f_squared.max())


@cases
def test_structure_factors_are_those_of_gemmi(case: Case) -> None:
    case = replace(case, dispersion=False)  # gemmi's sum knows no f''
    hkl, _, _, _, f_squared, _ = case.compiled(it92=True).lines(*RANGE)
    small = case.gemmi_structure()
    calculator = gemmi.StructureFactorCalculatorX(small.cell)
    expected = np.array([abs(calculator.calculate_sf_from_small_structure(small, h)) for h in hkl.tolist()])
    # 1e-6 relative (gemmi keeps single-precision form factors); amplitudes that nearly cancel: of the strongest.
    np.testing.assert_allclose(np.sqrt(f_squared), expected, rtol=1e-6, atol=2e-7 * expected.max())


@cases
def test_shipped_form_factors_agree_with_international_tables(case: Case) -> None:
    ours = case.compiled(it92=False).lines(*RANGE)[5]
    tables = case.compiled(it92=True).lines(*RANGE)[5]
    strong = tables > 0.01 * tables.max()
    # 1 % of the line: Waasmaier-Kirfel 1995 against International Tables 1992, lines above 1 %.
    np.testing.assert_allclose(ours[strong], tables[strong], rtol=0.01)


@cases
def test_spacings_are_those_of_pymatgen(case: Case) -> None:
    from pymatgen.core import Lattice

    hkl, _, d, *_ = case.compiled(it92=True).lines(*RANGE)
    lattice = Lattice.from_parameters(*case.parameters)
    np.testing.assert_allclose(d, [lattice.d_hkl(h) for h in hkl.tolist()], rtol=1e-6, err_msg="pymatgen")


@cases
def test_image_of_an_atom_scatters_like_the_atom(case: Case) -> None:
    rotations, translations = case.operations
    reference = case.compiled(it92=True).lines(*RANGE)[4]
    for index in {1 % len(rotations), len(rotations) // 2, len(rotations) - 1}:
        images = (rotations[index] @ np.array([[s.x, s.y, s.z] for s in case.sites]).T).T + translations[index]
        moved = tuple(replace(s, x=x, y=y, z=z) for s, (x, y, z) in zip(case.sites, images.tolist(), strict=True))
        f_squared = case.compiled(it92=True, sites=moved).lines(*RANGE)[4]
        # An identity; 1e-9 of the strongest for rounding of the moved coordinates.
        np.testing.assert_allclose(f_squared, reference, rtol=1e-9, atol=1e-9 * reference.max())


@pytest.mark.parametrize("digits", [3, 4, 5])
def test_rounded_special_positions_count_once(digits: int) -> None:
    cell = (3.2, 3.2, 5.2, 90.0, 90.0, 120.0)
    exact = Case("wurtzite", "P 63 m c", cell, (Site("Zn", 1 / 3, 2 / 3, 0.0), Site("O", 1 / 3, 2 / 3, 0.382)))
    rounded = replace(exact, sites=tuple(replace(s, x=round(s.x, digits), y=round(s.y, digits)) for s in exact.sites))
    assert rounded.compiled(it92=True).site_multiplicities == [2, 2]
    expected, found = (case.compiled(it92=True).lines(*RANGE)[4] for case in (exact, rounded))
    # An identity: the site is moved onto its axis, so only rounding of the mean remains.
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10 * expected.max())


def test_equal_spacings_of_unrelated_families_stay_apart() -> None:
    case = Case("simple-cubic", "P m -3 m", (4.0, 4.0, 4.0, 90, 90, 90), (Site("Ti", 0, 0, 0),))
    hkl, multiplicity, d, *_ = case.compiled(it92=True).lines(*RANGE)
    same = [
        (tuple(h), int(m))
        for h, m, spacing in zip(hkl.tolist(), multiplicity, d, strict=True)
        if abs(spacing - 4 / 3) < 1e-9
    ]
    assert sorted(same) == [((2, 2, 1), 24), ((3, 0, 0), 6)]
