"""Structures of pymatgen become phases."""

from __future__ import annotations

import pytest
from pymatgen.core import Lattice, Structure

from braggite import LibraryError, Phase, ReferenceLibrary
from braggite.references.check import check_phase

LIBRARY = ReferenceLibrary.default()


def primitive_spinel_like() -> Structure:
    return Structure.from_spacegroup(
        "Fm-3m", Lattice.cubic(5.64), ["Na", "Cl"], [[0, 0, 0], [0.5, 0.5, 0.5]]
    ).get_primitive_structure()


def test_a_primitive_cell_becomes_conventional() -> None:
    phase = Phase.from_structure(primitive_spinel_like(), name="rock salt")
    structure = phase.structure
    assert structure is not None
    assert (phase.name, phase.title, phase.formula) == ("rock-salt", "rock salt", "NaCl")
    assert structure.space_group_number == 225
    assert structure.cell.parameters == pytest.approx((5.64, 5.64, 5.64, 90, 90, 90))
    assert structure.multiplicities == (4, 4)
    assert structure.formula_units == 4
    assert structure.evidence_grade == "D"
    assert phase.caveat
    assert [problem for problem in check_phase(phase) if problem.level == "error"] == []


def test_disorder_and_oxidation_states_are_kept() -> None:
    ordered = Structure.from_spacegroup(
        "Pm-3m", Lattice.cubic(4.0), [{"Ba2+": 0.6, "Sr2+": 0.4}, "Ti4+", "O2-"], [[0, 0, 0], [0.5] * 3, [0.5, 0.5, 0]]
    )
    phase = Phase.from_structure(ordered, evidence_grade="C", cell_tolerance=0.007)
    structure = phase.structure
    assert structure is not None
    assert structure.space_group_number == 221
    assert structure.composition == pytest.approx({"Ba": 0.6, "O": 3, "Sr": 0.4, "Ti": 1})
    assert {site.element: site.charge for site in structure.sites} == {"Ba": 2, "Sr": 2, "Ti": 4, "O": -2}
    assert (structure.evidence_grade, structure.cell_tolerance, phase.caveat) == ("C", 0.007, None)
    assert [problem for problem in check_phase(phase) if problem.level == "error"] == []


@pytest.mark.filterwarnings("ignore:Issues encountered while parsing CIF:UserWarning")  # pymatgen rounds 0.66667
@pytest.mark.parametrize("name", ["BTO", "LCO", "rutile", "quartz", "zro2-monoclinic", "llzo-tetragonal", "li2co3"])
def test_our_own_cif_through_pymatgen_is_the_same_crystal(name: str) -> None:
    phase = LIBRARY[name]
    original = phase.structure
    assert original is not None
    again = Phase.from_structure(Structure.from_str(phase.to_cif(), fmt="cif")).structure
    assert again is not None
    assert again.space_group_number == original.space_group_number
    assert again.density_g_cm3 == pytest.approx(original.density_g_cm3, rel=1e-4), "rounding of special positions"
    assert again.composition == pytest.approx(original.composition)


def test_something_else_is_refused() -> None:
    with pytest.raises(LibraryError, match="dict is not a pymatgen Structure"):
        Phase.from_structure({})
