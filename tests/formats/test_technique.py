"""A scan keeps its technique whichever way its positions run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import braggite as bg

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["scan.xy", "scan.csv", "scan.txt", "scan.dat"])
def test_a_descending_diffraction_scan_stays_one(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("".join(f"{80 - 0.02 * i:.2f} {100 + i % 7}\n" for i in range(3500)))
    scan = bg.read(path)
    assert scan.technique == "xrd"
    assert scan.x[0] == pytest.approx(10.02)
    assert "axis_reversed" in {note.code for note in scan.diagnostics}


GOLD = "".join(f"{85 + 0.04 * i:.2f},{1500 + 900 * (i == 275) + i % 5}\n" for i in range(300))


@pytest.mark.parametrize("name", ["Au4f_hv_180.csv", "gold hv.csv", "pellet-Au4f.csv"])
def test_a_name_tells_photoelectrons_with_doubt(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(GOLD)
    spectrum = bg.read(path)
    codes = {note.code: note for note in spectrum.diagnostics}
    assert spectrum.technique == "xps"
    assert {"technique_assumed", "energy_axis_assumed"} <= set(codes)
    assert codes["energy_axis_assumed"].value == "binding"
    assert "--photon-energy" in str(codes["energy_axis_assumed"].suggestion)


@pytest.mark.parametrize("name", ["Li2S.csv", "Fe2P.csv", "scan.csv"])
def test_compounds_are_no_core_levels(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(GOLD)
    assert bg.read(path).technique == "xrd"


def test_a_stated_photon_energy_says_that_unnamed_energies_are_kinetic(tmp_path: Path) -> None:
    path = tmp_path / "gold.csv"
    path.write_text(GOLD)
    spectrum = bg.read(path, technique="xps", photon_energy_ev=180.0)
    assert spectrum.x[spectrum.y.argmax()] == pytest.approx(180 - 96.0)
    (note,) = [note for note in spectrum.diagnostics if note.code == "energy_axis_assumed"]
    assert note.value == "kinetic"
    path.write_text("binding energy (eV),counts\n" + GOLD)
    named = bg.read(path, technique="xps", photon_energy_ev=180.0)
    assert named.x[0] == 85.0
    assert "energy_axis_assumed" not in {note.code for note in named.diagnostics}


def test_the_gold_lines_at_180_ev(test_data: Path) -> None:
    """Referent: Au 4f5/2 lies 3.67 eV above 4f7/2 and is weaker. (The file's scale holds a work function besides.)"""
    path = test_data / "xps" / "lg4x_v2" / "test" / "Highres_Au4f_hv_180_testfile.csv"
    spectrum = bg.read(path, technique="xps", photon_energy_ev=180.0)
    strong = spectrum.x[spectrum.y.argmax()]
    above = spectrum.x > strong + 2
    weak = spectrum.x[above][spectrum.y[above].argmax()]
    assert weak - strong == pytest.approx(3.67, abs=0.1)
