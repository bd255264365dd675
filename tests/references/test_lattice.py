"""Phases from cell and space group alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from test_cif import CUBE, read

from braggite import Cell, LibraryError, Phase, ReferenceLibrary
from braggite.cli.candidates import named
from braggite.references.add import add_cif, write_phase_folder
from braggite.references.check import check_phase

if TYPE_CHECKING:
    from pathlib import Path

BARE = CUBE[: CUBE.index("loop_")]


def cell_of(phase: Phase) -> tuple[float, ...]:
    assert phase.structure is not None
    assert not phase.structure.has_atoms
    return phase.structure.cell.parameters


@pytest.mark.parametrize(
    ("numbers", "group", "expected"),
    [
        (8.2, "F d -3 m:2", (8.2, 8.2, 8.2, 90, 90, 90)),
        ([8.2], 227, (8.2, 8.2, 8.2, 90, 90, 90)),
        ((4.0, 4.1), "P 4 m m", (4.0, 4.0, 4.1, 90, 90, 90)),
        ((4.7, 13.0), "R -3 c", (4.7, 4.7, 13.0, 90, 90, 120)),
        ((5.0, 6.0, 7.0), "P n m a", (5, 6, 7, 90, 90, 90)),
        ((5.1, 5.2, 5.3, 99.2), "P 1 21/c 1", (5.1, 5.2, 5.3, 90, 99.2, 90)),
        ((5.1, 5.2, 5.3, 99.2), "P 1 1 21/b", (5.1, 5.2, 5.3, 90, 90, 99.2)),
        ((5, 6, 7, 80, 85, 95), "P -1", (5, 6, 7, 80, 85, 95)),
        (Cell(3.0, 3.0, 3.0), "P m -3 m", (3, 3, 3, 90, 90, 90)),
    ],
)
def test_the_numbers_that_a_crystal_system_leaves_free(numbers, group, expected) -> None:
    phase = Phase.from_cell("my phase", numbers, group)
    assert cell_of(phase) == pytest.approx(expected)
    assert (phase.name, phase.formula, phase.elements) == ("my-phase", "", frozenset())


def test_rhombohedral_axes_become_hexagonal() -> None:
    phase = Phase.from_cell("corundum", (5.128, 5.128, 5.128, 55.28, 55.28, 55.28), "R -3 c:R")
    # Corundum: rhombohedral 5.128 and 55.28 degrees are hexagonal 4.758 and 12.99 (International Tables A).
    assert cell_of(phase) == pytest.approx((4.758, 4.758, 12.99, 90, 90, 120), abs=0.005)
    assert phase.structure is not None
    assert phase.structure.space_group == "R -3 c:H"


@pytest.mark.parametrize(
    ("numbers", "group", "message"),
    [
        ((4.0, 4.1), "P m -3 m", "2 numbers are no cubic cell"),
        ((4.0, 4.1, 4.0, 90, 90, 90), "P m -3 m", "has not the shape"),
        (4.0, "Q m m", "not a space group symbol"),
        (-4.0, "P m -3 m", "not possible in a unit cell"),
        (float("nan"), "P m -3 m", "not possible in a unit cell"),
        ((), "P m -3 m", "0 numbers"),
    ],
)
def test_what_is_no_cell_is_refused(numbers, group, message) -> None:
    with pytest.raises(LibraryError, match=message):
        Phase.from_cell("x", numbers, group)


def test_a_cif_without_atoms_is_a_cell(tmp_path: Path) -> None:
    phase = read(tmp_path, BARE + "_chemical_formula_sum 'Ba O3 Ti'\n")
    assert cell_of(phase) == (4.006, 4.006, 4.006, 90, 90, 90)
    assert phase.elements == {"Ba", "Ti", "O"}
    assert read(tmp_path, BARE.replace("P m -3 m", "F d -3 m")).formula == "", "origins do not matter"
    with pytest.raises(LibraryError, match="only the cell is known"):
        add_cif(tmp_path / "x.cif", tmp_path / "library")
    with pytest.raises(LibraryError, match="only the cell is known"):
        write_phase_folder(phase, tmp_path / "library")
    (problem,) = check_phase(phase)
    assert problem.check == "atoms"
    assert ReferenceLibrary([phase]).sha256, "a library in memory has a digest"


def test_a_cif_with_a_cell_and_later_atoms_is_read_for_its_atoms(tmp_path: Path) -> None:
    phase = read(tmp_path, BARE.replace("cube", "pattern") + "\n" + CUBE)
    assert phase.structure is not None
    assert len(phase.structure.sites) == 3


def test_a_phase_is_specified_in_one_word() -> None:
    library = ReferenceLibrary.default().for_diffraction()
    assert cell_of(named(library, "spinel:F d -3 m:2:8.2"))[0] == 8.2
    assert cell_of(named(library, "perovskite:P 4 m m:3.99,4.03"))[2] == 4.03
    assert named(library, "BTO").name == "batio3-tetragonal"
    with pytest.raises(LibraryError, match="names no phase"):
        named(library, "spinel:F d -3 m")
    with pytest.raises(LibraryError, match="2 numbers are no cubic cell"):
        named(library, "spinel:F d -3 m:8.2,8.3")
