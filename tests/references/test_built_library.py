"""Built library files: what goes in comes out, duplicates and broken files are told of, damage is refused."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from braggite import LibraryError, Phase, ReferenceLibrary
from braggite.references.build import build_library
from braggite.references.line_index import (
    APART,
    D_MIN_ANGSTROM,
    MAX_LINES,
    WAVELENGTH_ANGSTROM,
    BuiltIndex,
    strongest_lines,
)
from braggite.references.powder_lines import compiled_structure
from braggite.references.record import pack_phase, unpack_phase

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = ReferenceLibrary.default().for_diffraction()
BARIUM_TITANATES = SHIPPED.filter(elements="Ba Ti O")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("built") / "shipped.bgx"
    build_library(SHIPPED, path)
    return path


@pytest.fixture
def library(built: Path) -> ReferenceLibrary:
    return ReferenceLibrary.load(built)


@pytest.mark.parametrize("phase", SHIPPED, ids=lambda phase: phase.name)
def test_a_packed_phase_is_the_phase(phase: Phase) -> None:
    assert unpack_phase(pack_phase(phase)) == phase


def test_a_built_library_holds_what_it_was_built_of(library: ReferenceLibrary) -> None:
    assert list(library) == list(SHIPPED)
    assert library.names == SHIPPED.names
    assert library.aliases == SHIPPED.aliases
    assert library.groups == SHIPPED.groups
    assert len(library) == len(SHIPPED)
    assert library["BTO"] == SHIPPED["BTO"]
    assert "bto" in library
    assert "no such phase" not in library
    assert pickle.loads(pickle.dumps(library))["BTO"] == SHIPPED["BTO"]


def test_the_same_phases_make_the_same_file(built: Path, tmp_path: Path) -> None:
    again = build_library(SHIPPED, tmp_path / "again.bgx")
    assert (tmp_path / "again.bgx").read_bytes() == built.read_bytes()
    assert again.sha256 == BuiltIndex(built).sha256
    fewer = build_library(BARIUM_TITANATES, tmp_path / "fewer.bgx")
    assert fewer.sha256 != again.sha256


@pytest.mark.parametrize(
    "asked",
    [
        {"elements": "Li Ba Ti O"},
        {"groups": "standard"},
        {"elements": "Si O", "groups": ["standard", "general"]},
        {"precursors": "Li2CO3,BaO,TiO2", "all_of": "Li"},
        {"any_of": "Cl Br", "none_of": "S"},
        {"elements": "He"},
    ],
)
def test_filters_are_those_of_a_library_in_memory(library: ReferenceLibrary, asked: dict[str, str]) -> None:
    assert library.filter(**asked).names == SHIPPED.filter(**asked).names
    gone = SHIPPED.names[:5]
    assert library.filter(**asked).without(gone).names == SHIPPED.filter(**asked).without(gone).names


def test_digests_tell_libraries_apart(library: ReferenceLibrary) -> None:
    some = library.filter(elements="Ba Ti O")
    assert library.sha256 == ReferenceLibrary.load(library.source).sha256
    assert len({library.sha256, some.sha256, SHIPPED.sha256, ReferenceLibrary().sha256}) == 4


def test_merged_libraries_keep_each_name_once(library: ReferenceLibrary) -> None:
    other = replace(SHIPPED["BTO"], note="another one")
    over = library.merged(ReferenceLibrary([other]))
    assert over["BTO"].note == "another one"
    assert over.names == SHIPPED.names
    new = replace(other, name="new", aliases=("BTO-2", "BTO"))
    under = ReferenceLibrary([replace(other, aliases=()), new]).merged(library)
    assert under["BTO"] == SHIPPED["BTO"]
    assert under["BTO-2"].name == "new"
    assert len(under) == len(SHIPPED) + 1
    assert library.merged(library).names == SHIPPED.names


def test_lines_are_the_strongest_of_all_lines() -> None:
    """Against all lines of the structure, merged and sorted here."""
    for phase in BARIUM_TITANATES:
        positions, strengths = strongest_lines(phase.structure)
        compiled = compiled_structure(phase.structure, WAVELENGTH_ANGSTROM)
        highest = float(2 * np.degrees(np.arcsin(0.5 * WAVELENGTH_ANGSTROM / D_MIN_ANGSTROM)))
        _, multiplicity, d, _, f_squared, _ = compiled.lines(WAVELENGTH_ANGSTROM, 0.0, highest, 0.0, None)
        merged: list[list[float]] = []
        for position, strength in zip(-np.log(d), multiplicity * f_squared, strict=True):
            if merged and position - merged[-1][0] < APART and strength + merged[-1][1] > 0:
                merged[-1][0] += (position - merged[-1][0]) * strength / (strength + merged[-1][1])
                merged[-1][1] += strength
            else:
                merged.append([position, strength])
        merged.sort(key=lambda line: -line[1] * np.exp(-2 * line[0]))
        expected = np.array(merged[:MAX_LINES])
        # Single precision.
        np.testing.assert_allclose(positions, expected[:, 0], atol=3e-7)
        np.testing.assert_allclose(strengths, expected[:, 1], rtol=3e-7)


def test_duplicates_are_found_under_both_names(tmp_path: Path) -> None:
    original = SHIPPED["BTO"]
    again = replace(original, name="again", aliases=("the same",))
    shifted = replace(original.structure, cell=replace(original.structure.cell, a_angstrom=3.9999, b_angstrom=3.9999))
    namesake = replace(original, structure=shifted, aliases=())
    summary = build_library([original, again, namesake], tmp_path / "twice.bgx")
    assert summary.duplicates == (("again", original.name),)
    assert summary.renamed == ((original.name, f"{original.name}-2"),)
    library = ReferenceLibrary.load(tmp_path / "twice.bgx")
    assert len(library) == summary.n_phases == 2
    assert library["again"].name == library["the same"].name == original.name
    assert library[f"{original.name}-2"].structure == shifted


def test_what_has_no_lines_is_left_out_by_name(tmp_path: Path) -> None:
    lattice = Phase.from_cell("only-a-cell", 4.0, "P m -3 m", "BaTiO3")
    summary = build_library([lattice, SHIPPED["BTO"]], tmp_path / "one.bgx", skipped=[("x.cif", "broken")])
    assert [name for name, _ in summary.skipped] == ["x.cif", "only-a-cell"]
    with pytest.raises(LibraryError, match="no phase to build"):
        build_library([lattice], tmp_path / "none.bgx")
    assert not (tmp_path / "none.bgx").exists()
    with pytest.raises(LibraryError, match="no phase to build"):
        build_library([], tmp_path / "none.bgx")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda content: content[: len(content) // 2], "cut short"),
        (lambda content: content[:40], "cut short or damaged"),
        (lambda content: content[:10], "is not a built library"),
        (lambda content: b"", "cannot be read"),
        (lambda content: content + b"more", "appended"),
        (lambda content: b"PK" + content[2:], "is not a built library"),
        (lambda content: content[:8] + b"\x63" + content[9:], "version 99"),
        (lambda content: content[:60] + b"#" + content[61:], "checksum"),
    ],
    ids=["half", "no header", "ten bytes", "empty", "longer", "foreign", "other version", "header changed"],
)
def test_a_damaged_file_is_refused(built: Path, tmp_path: Path, change, reason: str) -> None:
    damaged = tmp_path / "damaged.bgx"
    damaged.write_bytes(change(built.read_bytes()))
    with pytest.raises(LibraryError, match=reason) as caught:
        ReferenceLibrary.load(damaged)
    assert "damaged.bgx" in str(caught.value)


def test_a_damaged_record_is_told_by_name(built: Path, tmp_path: Path) -> None:
    content = bytearray(built.read_bytes())
    start, count, _ = BuiltIndex(built).header["columns"]["records"]
    content[start : start + count] = bytes(count)
    damaged = tmp_path / "damaged.bgx"
    damaged.write_bytes(content)
    with pytest.raises(LibraryError, match=r"record of batio3-tetragonal is damaged.*build the library again"):
        _ = ReferenceLibrary.load(damaged)["BTO"]


def test_of_a_folder_of_cif_files_the_broken_ones_are_named(tmp_path: Path) -> None:
    for name in ("good", "good-too"):
        (tmp_path / f"{name}.cif").write_text(SHIPPED["BTO"].to_cif())
    (tmp_path / "broken.cif").write_text("data_x\n_cell_length_a nonsense\n")
    (tmp_path / "empty.cif").write_text("")
    library = ReferenceLibrary.load(tmp_path)
    assert library.names == ("good", "good-too")
    assert [file.rsplit("/", 1)[-1] for file, _ in library.unreadable] == ["broken.cif", "empty.cif"]
    assert library.filter(elements="Ba Ti O").unreadable == library.unreadable
    for name in ("good", "good-too"):
        (tmp_path / f"{name}.cif").unlink()
    with pytest.raises(LibraryError, match=r"none of its 2 CIF files can be read.*broken\.cif"):
        ReferenceLibrary.load(tmp_path)
