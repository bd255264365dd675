"""CIF in and out: what is read, what is converted, what is refused."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from braggite import LibraryError, Phase, ReferenceLibrary
from braggite.references.check import check_phase

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.references.structure import Structure

LIBRARY = ReferenceLibrary.default()

CUBE = """data_cube
_cell_length_a 4.006(2)
_cell_length_b 4.006(2)
_cell_length_c 4.006(2)
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'P m -3 m'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
_atom_site_U_iso_or_equiv
Ba1 Ba2+ 0 0 0 1 0.0060(3)
Ti1 Ti4+ 0.5 0.5 0.5 . ?
O1 O2- 0.5 0.5 0 1.0 .
"""


def read(tmp_path: Path, text: str) -> Phase:
    path = tmp_path / "x.cif"
    path.write_text(text, encoding="utf-8")
    return Phase.from_cif(path)


def structure_of(phase: Phase) -> Structure:
    assert phase.structure is not None
    return phase.structure


@pytest.mark.parametrize("phase", LIBRARY.for_diffraction(), ids=lambda phase: phase.name)
def test_a_written_cif_reads_back(phase: Phase, tmp_path: Path) -> None:
    again = read(tmp_path, phase.to_cif())
    before, after = structure_of(phase), structure_of(again)
    for key in ("cell", "sites", "space_group", "space_group_number", "hall", "formula_units", "temperature_k"):
        assert getattr(after, key) == getattr(before, key), key
    for key in ("authors", "journal", "year", "volume", "pages", "doi"):
        assert getattr(after.citation, key) == getattr(before.citation, key), key
    assert again.elements == phase.elements
    assert again.title == phase.title


def test_values_uncertainties_charges_and_defaults(tmp_path: Path) -> None:
    phase = read(tmp_path, CUBE)
    structure = structure_of(phase)
    assert structure.cell.a_angstrom == 4.006
    assert phase.formula == "BaTiO3"
    assert structure.formula_units == 1.0
    barium, titanium, oxygen = structure.sites
    assert barium.charge == 2
    assert barium.b_iso_angstrom2 == pytest.approx(8 * np.pi**2 * 0.006, abs=1e-4), "B = 8 pi^2 U"
    assert titanium.occupancy == 1.0
    assert (titanium.b_iso_angstrom2, titanium.b_iso_used_angstrom2) == (None, 0.5)
    assert oxygen.charge == -2
    assert structure.multiplicities == (1, 1, 3)


def test_a_cif_that_cites_a_paper_is_graded_higher(tmp_path: Path) -> None:
    assert structure_of(read(tmp_path, CUBE)).evidence_grade == "B"
    cited = CUBE.replace("loop_", "_journal_name_full 'Journal of Tests'\n_journal_year 2001\nloop_", 1)
    phase = read(tmp_path, cited)
    assert structure_of(phase).evidence_grade == "A"
    assert phase.citation == "Journal of Tests (2001)"
    assert Phase.from_cif(tmp_path / "x.cif", evidence_grade="E").caveat


def test_anisotropic_displacements_become_their_mean(tmp_path: Path) -> None:
    aniso = "loop_\n_atom_site_aniso_label\n" + "".join(
        f"_atom_site_aniso_U_{index}\n" for index in ("11", "22", "33", "12", "13", "23")
    )
    phase = read(tmp_path, CUBE + aniso + "Ti1 0.004 0.005 0.006 0 0 0\n")
    b_iso = structure_of(phase).sites[1].b_iso_angstrom2
    assert b_iso == pytest.approx(8 * np.pi**2 * 0.005, abs=1e-4), "in an orthogonal cell the mean of U11, U22, U33"


def test_rhombohedral_axes_are_converted(tmp_path: Path) -> None:
    """LaAlO3-like cell in both settings: same density, same multiplicities, hexagonal axes."""
    edge, angle = 5.3577, 60.11
    text = CUBE.replace("'P m -3 m'", "'R -3 m:R'").replace("4.006(2)", str(edge))
    for name in ("alpha", "beta", "gamma"):
        text = text.replace(f"_cell_angle_{name} 90", f"_cell_angle_{name} {angle}")
    phase = read(tmp_path, text)
    structure = structure_of(phase)
    assert structure.space_group == "R -3 m:H"
    assert structure.crystal_system == "trigonal"
    a, b, c, *angles = structure.cell.parameters
    half = np.radians(angle)
    assert angles == [90.0, 90.0, 120.0]
    assert a == b == pytest.approx(2 * edge * np.sin(half / 2)), "International Tables A: a_h = 2 a sin(alpha/2)"
    assert c == pytest.approx(edge * np.sqrt(3 + 6 * np.cos(half))), "c_h = a sqrt(3 + 6 cos alpha)"
    volume = edge**3 * np.sqrt(1 - 3 * np.cos(half) ** 2 + 2 * np.cos(half) ** 3)
    assert structure.cell.volume_angstrom3 == pytest.approx(3 * volume)
    assert structure.multiplicities == (3, 3, 9)
    assert [p.check for p in check_phase(phase) if p.check in ("metric", "symmetry", "formula")] == []


def test_a_bare_list_of_atoms_gets_its_symmetry(tmp_path: Path) -> None:
    """A primitive P 1 cell of rock salt, as databases of calculated structures write it."""
    edge = 5.64 / np.sqrt(2)
    text = CUBE.replace("'P m -3 m'", "'P 1'").replace("4.006(2)", f"{edge:.8f}")
    for name in ("alpha", "beta", "gamma"):
        text = text.replace(f"_cell_angle_{name} 90", f"_cell_angle_{name} 60")
    head, _ = text.split("Ba1 Ba2+")
    declared = "_chemical_formula_sum 'Na1 Cl1'\n_cell_formula_units_Z 1\nloop_"
    rows = "Na0 Na 0 0 0 1 0.01\nCl1 Cl 0.5 0.5 0.5 1 0.02\n"
    phase = read(tmp_path, head.replace("loop_", declared, 1) + rows)
    structure = structure_of(phase)
    assert structure.space_group == "F m -3 m"
    assert structure.cell.parameters == pytest.approx((5.64, 5.64, 5.64, 90, 90, 90), abs=1e-6)
    assert structure.formula_units == pytest.approx(4)
    assert structure.composition == {"Cl": 4, "Na": 4}
    b_iso = {site.element: site.b_iso_angstrom2 for site in structure.sites}
    assert b_iso == pytest.approx({"Na": 8 * np.pi**2 * 0.01, "Cl": 8 * np.pi**2 * 0.02}, abs=1e-4)
    assert [problem.check for problem in check_phase(phase) if problem.check != "source"] == []


def test_a_true_p1_structure_stays_as_it_is(tmp_path: Path) -> None:
    text = CUBE.replace("'P m -3 m'", "'P 1'").replace("Ti1 Ti4+ 0.5 0.5 0.5", "Ti1 Ti4+ 0.41 0.52 0.57")
    phase = read(tmp_path, text.replace("_cell_angle_alpha 90", "_cell_angle_alpha 88"))
    assert structure_of(phase).space_group == "P 1"
    assert [site.label for site in structure_of(phase).sites] == ["Ba1", "Ti1", "O1"]


def test_the_formula_decides_between_two_origins(tmp_path: Path) -> None:
    """A spinel listed for origin choice 2: with choice 1 the multiplicities give no ZnAl2O4."""
    head, _ = CUBE.replace("'P m -3 m'", "'F d -3 m'").replace("4.006(2)", "5.431").split("Ba1 Ba2+")
    declared = "_chemical_formula_sum 'Zn Al2 O4'\nloop_"
    rows = "Zn1 Zn 0.125 0.125 0.125 1 ?\nAl1 Al 0.5 0.5 0.5 1 ?\nO1 O 0.2636 0.2636 0.2636 1 ?\n"
    text = head.replace("5.431", "8.086").replace("loop_", declared, 1) + rows
    phase = read(tmp_path, text)
    assert structure_of(phase).space_group == "F d -3 m:2"
    assert structure_of(phase).formula_units == 8
    with pytest.raises(LibraryError, match="two origin choices"):
        read(tmp_path, text.replace("_chemical_formula_sum 'Zn Al2 O4'\n", ""))


def test_symbols_in_capitals_are_read(tmp_path: Path) -> None:
    sites = structure_of(read(tmp_path, CUBE.replace("Ba1 Ba2+", "X BA").replace("Ti1 Ti4+", "OW1 ?"))).sites
    assert [site.element for site in sites] == ["Ba", "O", "O"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("_cell_length_b 4.006(2)\n", "", "_cell_length_b"),
        ("_symmetry_space_group_name_H-M 'P m -3 m'\n", "", "neither symmetry operations nor a space group"),
        ("'P m -3 m'", "'Q m m'", "Q m m"),
        ("Ti4+", "Qq4+", "Qq4"),
        ("0.5 0.5 0.5 .", "0.5 0.5 0.5 1.4", "1.4"),
        ("4.006(2)", "wide", "wide"),
        ("data_cube", "cube", "cannot be read as a CIF"),
    ],
)
def test_a_broken_cif_names_the_file_and_the_fault(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in CUBE
    with pytest.raises(LibraryError, match=message) as caught:
        read(tmp_path, CUBE.replace(old, new))
    assert "x.cif" in str(caught.value)


def test_listed_operations_outrank_the_symbol(tmp_path: Path) -> None:
    operations = "loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\n-x,-y,-z\n"
    phase = read(tmp_path, CUBE + operations)
    assert structure_of(phase).space_group == "P -1"


def test_neither_atoms_nor_a_cell_is_no_phase(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="holds neither atoms"):
        read(tmp_path, CUBE.replace("_atom_site_fract_x", "_atom_site_other_x").replace("_cell_length_a", "_cell_a"))


def test_junk_is_not_a_cif(tmp_path: Path) -> None:
    path = tmp_path / "x.cif"
    path.write_bytes(b"\x00\xff\x13" * 50)
    with pytest.raises(LibraryError, match=r"x\.cif"):
        Phase.from_cif(path)


def test_a_phase_without_structure_writes_no_cif() -> None:
    phase = dataclasses.replace(LIBRARY["BTO"], structure=None)
    with pytest.raises(LibraryError, match="no structure"):
        phase.to_cif()
    assert phase.caveat is None
    assert phase.citation == "no structure"
