"""A broken phase.toml names the file and the fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from braggite import LibraryError, ReferenceLibrary
from braggite.references.toml_reader import read_phase
from braggite.references.toml_writer import write_phase

if TYPE_CHECKING:
    from pathlib import Path

GOOD = write_phase(ReferenceLibrary.default()["LCO"])


def load(tmp_path: Path, text: str) -> object:
    path = tmp_path / "broken" / "phase.toml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return read_phase(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('schema = "braggite.phase/1"', 'schema = "braggite.phase/9"', "braggite.phase/9"),
        ('schema = "braggite.phase/1"\n', "", "schema None"),
        ("[structure]\n", "[structure\n", "not valid TOML"),
        ('formula = "LiCoO2"', "", "states no formula"),
        ('formula = "LiCoO2"', 'formula = "LiXxO2"', "'Xx'"),
        ('formula = "LiCoO2"', "formula = 3", "not a text"),
        ('title = "', 'tittle = "', "unknown key 'tittle'"),
        ("formula_units = 3", "formula_unit = 3", "unknown key 'formula_unit'"),
        ("formula_units = 3", "", "states no formula_units"),
        ("formula_units = 3", "formula_units = true", "not a number"),
        ("formula_units = 3", "formula_units = -3", "must be positive"),
        ("a_angstrom = 2.815", "a_angstrom = -2.815", "a_angstrom"),
        ("gamma_deg = 120", "gamma_deg = 320", "gamma_deg"),
        ('evidence_grade = "A"', 'evidence_grade = "Z"', "'Z'"),
        ("cell_tolerance = 0.012", "cell_tolerance = 1.2", "cell_tolerance"),
        ('cell_status = "read"', 'cell_status = "guessed"', "'guessed'"),
        ('["Co1", "Co", 0, 0, 0.5,', '["Co1", "Cq", 0, 0, 0.5,', "'Cq'"),
        ('["Co1", "Co", 0, 0, 0.5,', '["Co1", "Co", 0, 0, "half",', "row 2"),
        ('["Co1", "Co", 0, 0, 0.5,', '["Co1", 0, 0,', "row 2"),
        ("hall = '", "", "hall"),
        ('aliases = ["licoo2_r-3m",', "aliases = [3,", "not a list of texts"),
    ],
)
def test_a_fault_names_the_file_and_the_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    if old == "hall = '":
        hall = next(line for line in GOOD.splitlines() if line.startswith("hall"))
        old, new = hall, 'hall = "nonsense"'
        phase = load(tmp_path, GOOD.replace(old, new))
        with pytest.raises(LibraryError, match="nonsense"):
            _ = phase.structure.operations  # type: ignore[attr-defined]
        return
    assert old in GOOD
    with pytest.raises(LibraryError, match=message) as caught:
        load(tmp_path, GOOD.replace(old, new))
    assert str(tmp_path / "broken" / "phase.toml") in str(caught.value)


def test_symmetry_may_be_given_by_its_symbol_alone(tmp_path: Path) -> None:
    kept = [line for line in GOOD.splitlines() if not line.startswith(("hall", "space_group_number"))]
    phase = load(tmp_path, "\n".join(kept))
    assert phase.structure.space_group_number == 166  # type: ignore[attr-defined]
    assert len(phase.structure.operations[0]) == 36  # type: ignore[attr-defined]


def test_a_rhombohedral_setting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="hexagonal axes"):
        load(tmp_path, GOOD.replace("R -3 m:H", "R -3 m:R"))


def test_tables_of_other_techniques_may_stand_in_the_file(tmp_path: Path) -> None:
    text = GOOD + '\n[[xps.levels]]\nlevel = "Co 2p3/2"\n'
    assert load(tmp_path, text).formula == "LiCoO2"  # type: ignore[attr-defined]


def test_charges_and_missing_b_survive(tmp_path: Path) -> None:
    text = GOOD.replace('["Co1", "Co", 0, 0, 0.5,    1, 0.371]', '["Co1", "Co3+", 0, 0, 0.5]')
    assert text != GOOD
    phase = load(tmp_path, text)
    site = phase.structure.sites[1]  # type: ignore[attr-defined]
    assert (site.element, site.charge, site.occupancy, site.b_iso_angstrom2) == ("Co", 3, 1.0, None)
    assert site.b_iso_used_angstrom2 == 0.5


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="absent"):
        read_phase(tmp_path / "absent" / "phase.toml")
