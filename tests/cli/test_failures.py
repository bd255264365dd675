"""Exit codes and error documents: what each bad input and each wrong command gives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from braggite.cli import run

X = np.arange(20.0, 40.0, 0.02)
Y = 100.0 + 50.0 * np.exp(-(((X - 30.0) / 0.1) ** 2))


def bad(tmp_path: Path, scan_file, kind: str) -> Path:
    y = Y.copy()
    match kind:
        case "empty":
            target = tmp_path / "empty.xy"
            target.write_bytes(b"")
        case "junk":
            target = tmp_path / "junk.xrdml"
            target.write_bytes(bytes(np.random.default_rng(1).integers(0, 256, 4000, dtype=np.uint8)))
        case "nan":
            y[500] = np.nan
            target = scan_file(X, y)
        case "one point":
            target = scan_file(X[:1], y[:1])
        case "unsorted":
            target = scan_file(
                np.concatenate([X[:300], X[100:200], X[300:]]), np.concatenate([y[:300], y[100:200], y[300:]])
            )
        case "contradiction":
            target = scan_file(np.insert(X, 10, X[10]), np.insert(y, 10, 7.0))
        case "missing":
            target = tmp_path / "not-there.xy"
        case "folder":
            target = tmp_path
    return target


BAD = ("empty", "junk", "nan", "one point", "unsorted", "contradiction", "missing", "folder")


@pytest.mark.parametrize("verb", ["info", "background", "peaks", "identify", "report"])
@pytest.mark.parametrize("kind", BAD)
def test_unreadable_input_is_exit_3(braggite, tmp_path, scan_file, kind, verb):
    path = bad(tmp_path, scan_file, kind)
    outcome = braggite(verb, path, "--json")
    assert outcome.code == 3
    assert outcome.document["schema"] == "braggite.error/1"
    error = outcome.document["error"]
    assert set(error) == {"code", "message", "where", "suggestion"}
    assert path.name in f"{error['where']} {error['message']}"
    assert error["message"] in outcome.err


def test_a_nan_is_named_by_its_line(braggite, tmp_path, scan_file):
    error = braggite("info", bad(tmp_path, scan_file, "nan"), "--json").document["error"]
    assert "501" in f"{error['where']} {error['message']}" or "500" in f"{error['where']} {error['message']}"


def test_descending_axis_is_reversed_and_noted(braggite, scan_file):
    outcome = braggite("info", scan_file(X[::-1], Y[::-1]), "--json", "--technique", "xrd")
    assert outcome.code == 0
    (row,) = outcome.document["spectra"]
    assert row["x_first"] == pytest.approx(X[-1])
    assert "axis_reversed" in {note["code"] for note in outcome.document["diagnostics"]}


def test_negative_counts_warn(braggite, scan_file):
    outcome = braggite("info", scan_file(X, Y - 120.0), "--technique", "xrd")
    assert outcome.code == 0
    assert "negative_counts" in outcome.err


def test_missing_wavelength_is_assumed_aloud_and_refused_when_strict(braggite, bare):
    outcome = braggite("info", bare, "--json")
    assert outcome.code == 0
    assert outcome.document["spectra"][0]["wavelength_angstrom"] == pytest.approx([1.54059, 1.54443], abs=1e-5)
    assert "wavelength_assumed" in {note["code"] for note in outcome.document["diagnostics"]}
    assert "wavelength_assumed" in outcome.err
    strict = braggite("info", bare, "--json", "--strict")
    assert strict.code == 3
    assert "--wavelength" in strict.document["error"]["suggestion"]


@pytest.mark.parametrize("option", [("--wavelength", "1.5406"), ("--radiation", "CuKa1")])
def test_a_stated_wavelength_satisfies_strict(braggite, bare, option):
    outcome = braggite("info", bare, "--json", "--strict", *option)
    assert outcome.code == 0
    # Referent: the option itself; NIST's K-alpha1 is 1.54059.
    assert outcome.document["spectra"][0]["wavelength_angstrom"] == pytest.approx([1.5406], abs=2e-5)


@pytest.mark.parametrize(
    "arguments",
    [
        ("bogus",),
        ("peaks",),
        ("peaks", "{scan}", "--no-such-option"),
        ("peaks", "{scan}", "--scan", "x"),
        ("peaks", "{scan}", "--technique", "nmr"),
        ("peaks", "{scan}", "--exclude-range", "30"),
        ("peaks", "{scan}", "--exclude-range", "40:30"),
        ("peaks", "{scan}", "--exclude-range", "0:180"),
        ("peaks", "{scan}", "--wavelength", "abc"),
        ("peaks", "{scan}", "--wavelength", "-1"),
        ("peaks", "{scan}", "--wavelength", "1.54", "--radiation", "CuKa"),
        ("peaks", "{scan}", "--radiation", "XxKa"),
        ("peaks", "{scan}", "--scan", "7"),
        ("background", "{scan}", "--method", "magic"),
        ("match", "{scan}", "--phase", "BTO", "--method", "guess"),
        ("identify", "{scan}", "--elements", "Xx"),
        ("identify", "{scan}", "--precursors", "Li2CO3,bogus"),
        ("identify", "{scan}", "--only-library"),
        ("identify", "{scan}", "--watch", "BTO", "--exclude", "BTO"),
        ("identify", "{scan}", "{scan}"),
        ("identify", "{scan}", "--group", "nonsense"),
        ("report", "{scan}", "-o", "report.docx"),
        ("simulate", "BTO=x"),
        ("simulate", "BTO", "--texture", "LLZO=0,0,1,0.7"),
        ("simulate", "BTO", "--profile", "1,2"),
    ],
    ids=" ".join,
)
def test_usage_is_exit_2(braggite, mixture, arguments):
    filled = [argument.format(scan=mixture) for argument in arguments]
    outcome = braggite(*filled, "--json")
    assert outcome.code == 2
    assert outcome.document["error"]["code"] == "option_error"
    assert outcome.err.startswith("braggite: ")


def test_no_arguments_show_the_help_as_a_usage_error(braggite):
    outcome = braggite()
    assert outcome.code == 2
    assert "Commands:" in outcome.out


def test_two_samples_in_identify_are_pointed_to_screen(braggite, mixture):
    assert "screen" in braggite("identify", mixture, mixture).err


@pytest.mark.parametrize("name", ["no-such-phase", "missing.cif"])
def test_unknown_phase_is_exit_3_with_near_names(braggite, name):
    assert braggite("references", "show", name, "--json").code == 3


def test_a_near_name_is_suggested(braggite):
    assert "batio3-tetragonal" in braggite("references", "show", "batio3-tetragnal").err


def test_an_unexpected_fault_is_one_line_and_exit_4(braggite, mixture, monkeypatch):
    def explode(*_, **__):
        raise ZeroDivisionError("boom\nsecond line")

    monkeypatch.setattr("braggite.formats.reading._content", explode)
    monkeypatch.delenv("BRAGGITE_DEBUG", raising=False)
    outcome = braggite("info", mixture, "--json")
    assert outcome.code == 4
    assert outcome.document["error"]["code"] == "internal_error"
    assert len(outcome.err.strip().splitlines()) == 1
    assert "BRAGGITE_DEBUG" in outcome.err
    monkeypatch.setenv("BRAGGITE_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        run(["info", str(mixture)])


def test_interruption_is_130(braggite, mixture, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("braggite.formats.reading._content", interrupt)
    assert braggite("info", mixture).code == 130


def test_a_file_that_cannot_be_written_is_a_usage_error(braggite, mixture, tmp_path):
    outcome = braggite("peaks", mixture, "-o", tmp_path / "no" / "such" / "folder.txt")
    assert outcome.code == 2
    assert outcome.out == ""


SCRIPT = Path(sys.executable).with_name("braggite")


@pytest.mark.skipif(not SCRIPT.exists(), reason="the console script is not installed beside the interpreter")
@pytest.mark.parametrize(
    ("arguments", "code"), [(("info", "{scan}", "--json"), 0), (("info", "nowhere.xy", "--json"), 3)]
)
def test_the_real_script(mixture, arguments, code):
    filled = [argument.format(scan=mixture) for argument in arguments]
    environment = os.environ | {"NO_COLOR": "1"}
    done = subprocess.run([SCRIPT, *filled], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == code
    assert json.loads(done.stdout)["schema"].startswith("braggite.")
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.skipif(not SCRIPT.exists(), reason="the console script is not installed beside the interpreter")
def test_a_closed_pipe_is_no_fault(mixture):
    done = subprocess.run(
        f"'{SCRIPT}' background '{mixture}' | head -1", shell=True, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
