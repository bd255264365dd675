"""Cells, symmetry, composition and displacement parameters against gemmi, pymatgen and hand counts."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import gemmi
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from braggite import Cell, LibraryError, OptionError, Phase, ReferenceLibrary
from braggite.references import default_b_iso_angstrom2
from braggite.references.formula import parse_elements, parse_formula

if TYPE_CHECKING:
    from braggite.references.structure import Structure

LIBRARY = ReferenceLibrary.default().for_diffraction()


def structure_of(name: str) -> Structure:
    structure = LIBRARY[name].structure
    assert structure is not None
    return structure


@given(
    st.tuples(*[st.floats(2.0, 40.0)] * 3),
    st.tuples(*[st.floats(70.0, 110.0)] * 3),
)
def test_cell_agrees_with_gemmi(lengths: tuple[float, ...], angles: tuple[float, ...]) -> None:
    cell = Cell(*lengths, *angles)
    oracle = gemmi.UnitCell(*lengths, *angles)
    assert cell.volume_angstrom3 == pytest.approx(oracle.volume, rel=1e-10), "gemmi"
    orthogonal = np.array(oracle.orth.mat.tolist())
    np.testing.assert_allclose(cell.metric_tensor, orthogonal.T @ orthogonal, rtol=1e-9, atol=1e-9)
    assert pickle.loads(pickle.dumps(cell)) == cell


@pytest.mark.parametrize(
    "parameters", [(0, 4, 4, 90, 90, 90), (4, 4, 4, 90, 90, 200), (4, 4, 4, 30, 30, 100), (np.nan, 4, 4, 90, 90, 90)]
)
def test_impossible_cells_are_refused(parameters: tuple[float, ...]) -> None:
    with pytest.raises(LibraryError, match="unit cell"):
        Cell(*parameters)


@pytest.mark.parametrize("phase", LIBRARY, ids=lambda phase: phase.name)
def test_operations_are_gemmis(phase: Phase) -> None:
    structure = phase.structure
    assert structure is not None
    group = gemmi.find_spacegroup_by_name(structure.space_group)
    assert group.number == structure.space_group_number
    rotations, translations = structure.operations
    assert rotations.dtype == np.int32
    assert translations.dtype == np.float64
    assert rotations.shape == (len(group.operations()), 3, 3)
    assert translations.shape == (len(rotations), 3)
    point = np.array([0.0731, 0.1937, 0.4133])
    ours = np.sort(np.round((rotations @ point + translations) % 1.0, 9), axis=0)
    theirs = np.sort(
        np.round([np.array(op.apply_to_xyz(point.tolist())) % 1.0 for op in group.operations()], 9), axis=0
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-9)
    axis = group.monoclinic_unique_axis()
    assert structure.unique_axis == (axis if structure.crystal_system == "monoclinic" else None)
    expected = {"hexagonal": "hexagonal", "trigonal": "trigonal"}.get(group.crystal_system_str())
    assert structure.crystal_system == (expected or group.crystal_system_str())


def test_hand_counted_garnet() -> None:
    garnet = structure_of("LLZO")
    assert len(garnet.operations[0]) == 96
    assert garnet.crystal_system == "cubic"
    by_label = dict(zip([site.label for site in garnet.sites], garnet.multiplicities, strict=True))
    assert (by_label["La1"], by_label["Zr1"], by_label["O1"]) == (24, 16, 96), "Wyckoff 24c, 16a, 96h of Ia-3d"
    assert garnet.composition["La"] == 24
    # 8 x Li7La3Zr2O12 = 8 x 839.73 amu from IUPAC atomic weights; the Li occupancies are published to three decimals
    assert garnet.mass_per_cell == pytest.approx(8 * 839.73, rel=1e-3)


def test_density_of_standards() -> None:
    # referents: CRC Handbook values, g/cm3
    for name, density in (("si", 2.329), ("nacl", 2.165), ("au", 19.3), ("W", 19.3), ("corundum", 3.987)):
        assert structure_of(name).density_g_cm3 == pytest.approx(density, rel=0.005), name


def test_unique_axis_only_for_monoclinic() -> None:
    assert structure_of("zro2-monoclinic").unique_axis == "b"
    assert structure_of("BTO").unique_axis is None


@pytest.mark.parametrize(
    ("element", "b_iso"),
    [("H", 2.0), ("Li", 1.2), ("O", 0.9), ("Ne", 0.9), ("Na", 0.8), ("Ca", 0.8), ("Sc", 0.5), ("Ti", 0.5), ("In", 0.5),
     ("Sn", 0.4), ("La", 0.4), ("Pt", 0.4)],
)  # fmt: skip
def test_default_displacement_parameters(element: str, b_iso: float) -> None:
    assert default_b_iso_angstrom2(element) == b_iso


def test_default_displacement_parameter_of_nothing() -> None:
    with pytest.raises(OptionError, match="Xx"):
        default_b_iso_angstrom2("Xx")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BaTiO3", {"Ba": 1, "Ti": 1, "O": 3}),
        ("Li1.3Al0.3Ti1.7(PO4)3", {"Li": 1.3, "Al": 0.3, "Ti": 1.7, "P": 3, "O": 12}),
        ("CaSO4·2H2O", {"Ca": 1, "S": 1, "O": 6, "H": 4}),
        ("Al2Si2O5(OH)4", {"Al": 2, "Si": 2, "O": 9, "H": 4}),
        ("K[Al(OH)4]", {"K": 1, "Al": 1, "O": 4, "H": 4}),
        ("Li6 P S5 Cl", {"Li": 6, "P": 1, "S": 5, "Cl": 1}),
    ],
)
def test_formulas(text: str, expected: dict[str, float]) -> None:
    assert dict(parse_formula(text)) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["", "BaTiO3)", "Ba(TiO3", "Batio3", "3", "Ba-Ti", "Qq"])
def test_what_is_no_formula(text: str) -> None:
    with pytest.raises(OptionError):
        parse_formula(text)


def test_what_is_no_element() -> None:
    with pytest.raises(OptionError, match="'li'"):
        parse_elements("li Ba")
    with pytest.raises(OptionError):
        parse_elements("")


@pytest.mark.parametrize("name", ["BTO", "LLZO", "li2bati6o14", "gypsum", "NMC811"])
def test_printed_forms(name: str) -> None:
    phase = LIBRARY[name]
    document = phase.to_dict()
    assert document["schema"] == "braggite.phase/1"
    assert document["structure"]["cell"]["volume_angstrom3"] > 0
    assert document["caveat"] == phase.caveat
    html = phase._repr_html_()
    assert phase.name in html
    assert (phase.caveat is None) == ("caveat" not in html)
    assert phase.name in repr(phase)
    assert len(repr(phase)) < 200
