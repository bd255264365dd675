"""Looking up, filtering, merging, loading; and what is said when it fails."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import TYPE_CHECKING

import pytest

from braggite import LibraryError, OptionError, Phase, ReferenceLibrary
from braggite.references.add import add_cif, write_phase_folder

if TYPE_CHECKING:
    from pathlib import Path

LIBRARY = ReferenceLibrary.default()


def renamed(phase: Phase, name: str, *aliases: str) -> Phase:
    return dataclasses.replace(phase, name=name, aliases=aliases)


def test_filter_keeps_phases_made_of_these_elements_only() -> None:
    found = LIBRARY.filter(elements="Li Ba Ti O")
    expected = [phase.name for phase in LIBRARY if phase.elements <= {"Li", "Ba", "Ti", "O"}]
    assert list(found.names) == expected
    assert {"li2bati6o14", "batio3-tetragonal", "tio2-rutile", "li2o", "li-metal"} <= set(found.names)
    assert "baco3-witherite" not in found.names


@pytest.mark.parametrize("elements", ["Li,Ba,Ti,O", "Li, Ba, Ti, O", ["O", "Ti", "Ba", "Li"], {"Li", "Ba", "Ti", "O"}])
def test_filter_reads_elements_however_they_are_written(elements: str | list[str] | set[str]) -> None:
    assert LIBRARY.filter(elements=elements).names == LIBRARY.filter(elements="Li Ba Ti O").names


def test_filter_by_group_and_both() -> None:
    standards = LIBRARY.filter(groups="standard")
    assert 5 < len(standards) < len(LIBRARY)
    assert all("standard" in phase.groups for phase in standards)
    both = LIBRARY.filter(elements="Si O", groups=["standard", "general"])
    assert "si" in both.names
    assert "sio2-cristobalite" in both.names


def test_filter_refuses_what_does_not_exist() -> None:
    with pytest.raises(OptionError, match="Xx"):
        LIBRARY.filter(elements="Li Xx")
    with pytest.raises(OptionError, match=r"batery.*battery, calibration, carbon"):
        LIBRARY.filter(groups="batery")


def test_iteration_is_sorted_and_counted() -> None:
    names = [phase.name for phase in LIBRARY]
    assert names == sorted(names) == list(LIBRARY.names)
    assert len(LIBRARY) == len(names)
    assert "BTO" in LIBRARY
    assert "bto" in LIBRARY
    assert "no such phase" not in LIBRARY


def test_an_unknown_phase_brings_near_ones() -> None:
    with pytest.raises(LibraryError, match="batio3-tetragonal"):
        LIBRARY["batio3-tetragonl"]
    with pytest.raises(LibraryError, match="llzo-cubic, llzo-tetragonal"):
        LIBRARY["Li7La3Zr2O12"]
    with pytest.raises(LibraryError, match="references list"):
        LIBRARY["qqqqqqqqqqqq"]


def test_a_cif_file_is_a_phase_too(tmp_path: Path) -> None:
    path = tmp_path / "My Sample.cif"
    path.write_text(LIBRARY["BTO"].to_cif(), encoding="utf-8")
    assert LIBRARY[str(path)].name == "my-sample"
    assert LIBRARY[path] == Phase.from_cif(path)
    with pytest.raises(LibraryError, match="does not exist"):
        LIBRARY[str(tmp_path / "absent.cif")]


def test_load_a_folder_of_cifs_a_cif_and_a_phase_folder(tmp_path: Path) -> None:
    for alias in ("BTO", "LLZO"):
        (tmp_path / f"{alias}.cif").write_text(LIBRARY[alias].to_cif(), encoding="utf-8")
    assert ReferenceLibrary.load(tmp_path).names == ("bto", "llzo")
    assert ReferenceLibrary.load(tmp_path / "BTO.cif").names == ("bto",)
    target = write_phase_folder(LIBRARY["BTO"], tmp_path / "lab")
    for path in (tmp_path / "lab", target.parent, target):
        assert next(iter(ReferenceLibrary.load(path))) == LIBRARY["BTO"]


def test_load_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="does not exist"):
        ReferenceLibrary.load(tmp_path / "nowhere")
    with pytest.raises(LibraryError, match="neither phase folders"):
        ReferenceLibrary.load(tmp_path)


def test_two_phases_cannot_share_a_name_or_alias() -> None:
    phase = LIBRARY["BTO"]
    with pytest.raises(LibraryError, match=r"one and two|two and one"):
        ReferenceLibrary([renamed(phase, "one", "twin"), renamed(phase, "two", "Twin")])
    with pytest.raises(LibraryError, match="two phases are called one"):
        ReferenceLibrary([renamed(phase, "one"), renamed(phase, "one")])
    with pytest.raises(LibraryError, match="'two'"):
        ReferenceLibrary([renamed(phase, "one", "two"), renamed(phase, "two")])


def test_merged_gives_the_other_library_precedence() -> None:
    mine = renamed(LIBRARY["BTO"], "my-titanate", "BTO")
    own_quartz = dataclasses.replace(LIBRARY["quartz"], title="our quartz")
    merged = LIBRARY.merged(ReferenceLibrary([mine, own_quartz]))
    assert len(merged) == len(LIBRARY) + 1
    assert merged["BTO"] == mine
    assert merged["batio3"].name == "batio3-tetragonal"
    assert merged["quartz"].title == "our quartz"
    assert LIBRARY["BTO"].name == "batio3-tetragonal"


def test_the_digest_is_of_the_content(tmp_path: Path) -> None:
    for phase in LIBRARY.filter(elements="Ba Ti O"):
        write_phase_folder(phase, tmp_path)
    copied = ReferenceLibrary.load(tmp_path)
    assert copied.sha256 == LIBRARY.filter(elements="Ba Ti O").sha256
    changed = [dataclasses.replace(phase, title=phase.title + "!") for phase in copied]
    assert ReferenceLibrary(changed).sha256 != copied.sha256
    assert len(copied.sha256) == 64


def test_pickling_and_copying_keep_a_library_equal() -> None:
    again = pickle.loads(pickle.dumps(LIBRARY))
    assert list(again) == list(LIBRARY)
    assert again["BTO"] == LIBRARY["BTO"]
    assert again.sha256 == LIBRARY.sha256
    assert copy.deepcopy(LIBRARY["LLZO"]) == LIBRARY["LLZO"]


def test_default_is_one_object() -> None:
    assert ReferenceLibrary.default() is LIBRARY


def test_add_writes_a_folder_that_loads(tmp_path: Path) -> None:
    cif = tmp_path / "new phase.cif"
    cif.write_text(LIBRARY["LCO"].to_cif(), encoding="utf-8")
    target = add_cif(cif, tmp_path / "library", name="LCO batch 7", aliases=["batch 7"], groups=("battery",))
    assert target == tmp_path / "library" / "lco-batch-7" / "phase.toml"
    phase = ReferenceLibrary.load(tmp_path / "library")["Batch 7"]
    assert phase.name == "lco-batch-7"
    assert phase.groups == ("battery",)
    assert phase.structure == Phase.from_cif(cif).structure
    with pytest.raises(LibraryError, match="already"):
        add_cif(cif, tmp_path / "library", name="LCO batch 7")
    add_cif(cif, tmp_path / "library", name="LCO batch 7", evidence_grade="E", overwrite=True)
    assert ReferenceLibrary.load(target).names == ("lco-batch-7",)
    assert ReferenceLibrary.load(target)["lco-batch-7"].caveat
