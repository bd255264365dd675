from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import braggite as bg
from braggite.cli import run
from braggite.radiation import radiation_named

if TYPE_CHECKING:
    from pathlib import Path

PROFILE = "0.006,-0.004,0.004,0.012,0.018"
TRUTH = dict(zip(bg.InstrumentProfile.NUMBERS, map(float, PROFILE.split(",")), strict=False))


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``lab6.xy`` with the certified cell and ``sto.xy``, both of one simulated instrument."""
    folder = tmp_path_factory.mktemp("calibration")
    common = ["--profile", PROFILE, "--seed", "4", "--from", "18", "--to", "140", "-q"]
    assert run(["simulate", "lab6", "-o", str(folder / "lab6.xy"), *common]) == 0
    assert run(["simulate", "srtio3", "-o", str(folder / "sto.xy"), *common]) == 0
    return folder


@pytest.fixture(scope="module")
def instrument(scans: Path) -> Path:
    target = scans / "instrument.toml"
    assert run(["calibrate", str(scans / "lab6.xy"), "--cell", "4.15678", "-o", str(target), "-q"]) == 0
    return target


def test_calibrate_writes_both_files_and_says_so(braggite, scans: Path, tmp_path: Path) -> None:
    target, twin = tmp_path / "a.toml", tmp_path / "a.instprm"
    done = braggite(
        "calibrate",
        scans / "lab6.xy",
        "--cell",
        "4.15678",
        "--radius-mm",
        "240",
        "-o",
        target,
        "--instprm",
        twin,
        "--json",
    )
    assert done.code == 0
    document = done.document
    assert document["schema"] == "braggite.calibration/1"
    assert document["usable"]
    assert document["written"] == [str(target), str(twin)]
    assert document["standard"]["cell_source"] == "given"
    assert document["instrument"]["diffractometer"]["radius_mm"] == 240.0
    for path in (target, twin):
        profile = bg.InstrumentProfile.read(path)
        for name, truth in TRUTH.items():
            stated = document["instrument"]["profile"][name]
            assert getattr(profile, name).value == pytest.approx(stated["value"], rel=1e-12)
            assert abs(stated["value"] - truth) < 3.0 * stated["su"], "truth of the simulation"


def test_calibrate_prints_a_table(braggite, scans: Path) -> None:
    done = braggite("calibrate", scans / "lab6.xy", "--standard", "lab6", "--cell", "4.15678")
    assert done.code == 0
    assert done.out.startswith("usable")
    assert "gauss_w_deg2" in done.out
    assert "FWHM Gauss" in done.out


def test_no_file_is_written_when_the_data_do_not_support_one(braggite, scans: Path, tmp_path: Path) -> None:
    target = tmp_path / "no.toml"
    done = braggite("calibrate", scans / "sto.xy", "--standard", "lab6", "-o", target)
    assert done.code == 1
    assert not target.exists()
    assert "NOT USABLE" in done.out
    assert "standard_not_matched" in done.err


def test_match_states_sizes_with_an_instrument_only(braggite, scans: Path, instrument: Path) -> None:
    arguments = ("match", scans / "sto.xy", "--phase", "srtio3", "--json")
    without, known = braggite(*arguments).document, braggite(*arguments, "--instrument", instrument).document
    assert without["phases"][0]["microstructure"] is None
    assert "size_needs_instrument" in {note["code"] for note in without["diagnostics"]}
    found = known["phases"][0]["microstructure"]
    assert found["size_at_least_nm"] > 100.0, "referent: no broadening was simulated"
    assert found["strain_percent"]["value"] < 3.0 * found["strain_percent"]["su"]
    assert known["options"]["instrument"]["name"] == "lab6"
    assert "strain (%)" in braggite(*arguments[:-1], "--instrument", instrument).out


def test_identify_takes_the_instrument(braggite, scans: Path, instrument: Path) -> None:
    arguments = ("identify", scans / "sto.xy", "--elements", "Sr,Ti,O", "--instrument", instrument)
    assert "strain (%)" in braggite(*arguments).out
    done = braggite(*arguments, "--json")
    document = done.document
    assert done.code == 0
    assert document["phases"][0]["name"] == "srtio3"
    assert document["phases"][0]["microstructure"]["size_at_least_nm"] > 100.0, "no broadening was simulated"
    held = document["options"]["match"]["instrument"]["profile"]["gauss_w_deg2"]["value"]
    assert held == bg.InstrumentProfile.read(instrument).gauss_w_deg2.value


def test_an_instrument_knows_the_wavelength(braggite, scans: Path, instrument: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.xy"
    rows = (scans / "sto.xy").read_text(encoding="utf-8").splitlines()
    bare.write_text("\n".join(row for row in rows if not row.startswith("#")) + "\n", encoding="utf-8")
    arguments = ("match", bare, "--phase", "srtio3", "--strict", "--json")
    assert braggite(*arguments).code == 3
    done = braggite(*arguments, "--instrument", instrument)
    assert done.code == 0
    assert "wavelength_assumed" not in {note["code"] for note in done.document["diagnostics"]}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--cell", "four"], 2),
        (["--cell", "4.1,4.2,4.3"], 2),
        (["--cell=-4.1"], 2),
        (["--radius-mm=-3"], 2),
        (["--offset", "sideways"], 2),
        (["--standard", "nacl-halite"], 3),
        (["-o", "instrument.txt"], 2),
    ],
)
def test_usage(braggite, scans: Path, arguments: list[str], code: int) -> None:
    done = braggite("calibrate", scans / "lab6.xy", *arguments, "--json")
    assert done.code == code
    assert done.document["schema"] == "braggite.error/1"


def test_unusable_instrument_files(braggite, scans: Path, instrument: Path, tmp_path: Path) -> None:
    text = instrument.read_text(encoding="utf-8")
    broken, cobalt = tmp_path / "broken.toml", tmp_path / "cobalt.toml"
    broken.write_text(text.replace("gauss_w_deg2", "gauss_w"), encoding="utf-8")
    first = radiation_named("CoKa").wavelength_angstrom
    cobalt.write_text(text.replace("[[1.5405", f"[[{first}, 9.0], [1.5405"), encoding="utf-8")
    arguments = ("match", scans / "sto.xy", "--phase", "srtio3", "--instrument")
    for file, code, words in (
        (broken, 3, "gauss_w"),
        (cobalt, 2, "calibrated at"),
        (tmp_path / "none.toml", 3, "read"),
    ):
        done = braggite(*arguments, file)
        assert done.code == code, file
        assert words in done.err


def test_the_document_holds_what_the_page_says(braggite, scans: Path) -> None:
    done = braggite("calibrate", scans / "lab6.xy", "--cell", "4.15678", "--json")
    body = json.loads(done.out)
    assert {
        "usable", "converged", "stop_reason", "statistics", "standard", "parameters", "cell_difference_ppm",
        "fwhm_relative_su", "instrument", "written",
    } <= set(body)  # fmt: skip
