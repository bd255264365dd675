"""What stands in a spectrum without being a band of the sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from braggite import LibraryError, OptionError
from braggite.references import Artefact, artefacts
from braggite.references.artefacts import read_artefacts

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """schema = "braggite.artefacts/1"
[[artefacts]]
name = "lamp"
technique = "raman"
explanation = "made for a test"
status = "read"
source = "a table"
excitation_range_nm = [500, 600]
features = [
  { wavelength_nm = 546.07, tolerance_cm1 = 3 },
  { position_cm1 = 322, range_cm1 = [312, 332] },
]
"""


def named(name: str, technique: str, excitation_nm: float | None = None) -> Artefact:
    (found,) = [artefact for artefact in artefacts(technique, excitation_nm) if artefact.name == name]
    return found


@pytest.mark.parametrize(
    ("excitation_nm", "positions"),
    # referent: shifts of 692.9 and 694.3 nm as tabulated for these lasers, 1370.7 read as 1371 and 1399.8 as 1399.9
    [(632.8, (1371.0, 1399.9)), (532.0, (4365.0, 4394.0))],
)
def test_ruby_lines_move_with_the_laser(excitation_nm: float, positions: tuple[float, float]) -> None:
    features = named("ruby luminescence", "raman", excitation_nm).features
    assert [feature.position_cm1 for feature in features] == pytest.approx(positions, abs=0.4)
    for feature, position in zip(features, positions, strict=True):
        assert feature.range_cm1[0] < position < feature.range_cm1[1]


def test_emission_needs_a_laser_and_stands_on_the_stokes_side() -> None:
    assert named("ruby luminescence", "raman").features == ()
    assert named("ruby luminescence", "raman", 785.0).features == ()
    green = named("room light, mercury", "raman", 532.0).features
    assert [feature.assignment for feature in green] == ["Hg"] * len(green)
    # referent: 1e7 / 532 - 1e7 / 546.07
    assert green[0].position_cm1 == pytest.approx(484.32, abs=0.01)
    assert all(feature.range_cm1[0] > 0.0 for feature in green)


def test_artefacts_of_some_lasers_are_left_out_for_others() -> None:
    assert "La2O3 luminescence" in {artefact.name for artefact in artefacts("raman", 514.5)}
    assert "La2O3 luminescence" not in {artefact.name for artefact in artefacts("raman", 1064.0)}
    assert "etaloning" in {artefact.name for artefact in artefacts("raman", 785.0)}
    assert "etaloning" not in {artefact.name for artefact in artefacts("raman", 532.0)}


def test_air_stands_in_infrared_spectra_only() -> None:
    assert {artefact.name for artefact in artefacts("ftir")} == {"water vapour", "carbon dioxide"}
    vapour = named("water vapour", "ftir").features
    assert [feature.range_cm1 for feature in vapour] == [(1330.0, 2100.0), (3410.0, 3850.0)]
    assert all(feature.position_cm1 is None for feature in vapour)
    assert "water vapour" not in {artefact.name for artefact in artefacts("raman")}


def test_every_artefact_says_what_it_is_and_who_says_so() -> None:
    for technique in ("raman", "ftir"):
        for artefact in artefacts(technique, 532.0):
            plain = artefact.to_dict()
            assert plain["explanation"]
            assert plain["source"]
            assert plain["status"] in ("measured", "read", "recalled", "estimated")
            assert all(len(feature["range_cm1"]) == 2 for feature in plain["features"])


@pytest.mark.parametrize("excitation_nm", [0.0, -532.0, float("nan"), float("inf")])
def test_a_laser_has_a_wavelength(excitation_nm: float) -> None:
    with pytest.raises(OptionError, match="excitation_nm"):
        artefacts("raman", excitation_nm)


def test_other_techniques_have_none() -> None:
    with pytest.raises(OptionError, match="raman or ftir"):
        artefacts("xrd")


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "artefacts.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read(tmp_path: Path) -> None:
    ((artefact, lines),) = read_artefacts(write(tmp_path, GOOD))
    assert artefact.excitation_range_nm == (500.0, 600.0)
    assert artefact.features[0].range_cm1 == (312.0, 332.0)
    assert lines[0].wavelength_nm == 546.07


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("artefacts/1", "artefacts/2", "artefacts/2"),
        ("[[artefacts]]", "[[artefacts", "cannot be read"),
        ('technique = "raman"', 'technique = "xps"', "'xps'"),
        ('technique = "raman"\n', "", "states no technique"),
        ('explanation = "made for a test"\n', "", "states no explanation"),
        ('source = "a table"\n', "", "states no source"),
        ('status = "read"', 'status = "known"', "'known'"),
        ("wavelength_nm = 546.07", "wavelength_nm = -546.07", "must be positive"),
        (", tolerance_cm1 = 3", "", "states no tolerance_cm1"),
        ("range_cm1 = [312, 332]", "range_cm1 = [332, 312]", "does not ascend"),
        ("position_cm1 = 322", "position_cm1 = 422", "outside its range_cm1"),
        ("position_cm1 = 322", "place = 322", "unknown key 'place'"),
    ],
)
def test_a_fault_names_the_file(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(LibraryError, match=message) as caught:
        read_artefacts(write(tmp_path, GOOD.replace(old, new, 1)))
    assert caught.value.where == str(tmp_path / "artefacts.toml")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="cannot be read"):
        read_artefacts(tmp_path / "absent.toml")
