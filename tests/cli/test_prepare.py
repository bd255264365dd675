"""``braggite prepare``: steps in order, files written, options that make no sense refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

import braggite as bg

if TYPE_CHECKING:
    from pathlib import Path

X = np.arange(500.0, 3000.0, 2.0)
ABSORBANCE = 0.02 + 0.3 * np.exp(-0.5 * ((X - 1450.0) / 20.0) ** 2)
AIR = 0.1 * np.exp(-0.5 * ((X - 2350.0) / 15.0) ** 2)


def write(path: Path, y: np.ndarray, unit: str) -> Path:
    y = y + np.random.default_rng(1).normal(0.0, 1e-4, X.size)
    rows = "\n".join(f"{a:.1f},{b:.7f}" for a, b in zip(X[::-1], y[::-1], strict=True))
    path.write_text(f"wavenumber (cm-1),{unit}\n{rows}\n")
    return path


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return write(tmp_path / "film.csv", 100.0 * 10 ** -(ABSORBANCE + 0.5 * AIR), "% transmittance")


def test_steps_are_taken_in_order_and_the_spectrum_written(braggite, film, tmp_path):
    target = tmp_path / "ready.csv"
    done = braggite(
        "prepare", film, "--normalise", "maximum", "--atr", "diamond", "--to", "absorbance", "--atmosphere", "mask",
        "--baseline", "arpls", "-o", target, "--json",
    )  # fmt: skip
    assert done.code == 0
    verbs = [step["verb"] for step in done.document["steps"]]
    assert verbs == ["to_absorbance", "compensate_atmosphere", "correct_atr", "subtract_background", "normalise"]
    assert done.document["schema"] == "braggite.prepare/1"
    assert done.document["written"] == [str(target)]
    again = bg.read(target, technique="ftir")
    np.testing.assert_allclose(again.y, done.document["y"])
    assert again.y.max() == 1.0
    assert not np.any((again.x > 2280.0) & (again.x < 2395.0))
    assert {"transmittance_percent", "atmosphere_masked"} <= {note["code"] for note in done.document["diagnostics"]}


def test_air_is_read_as_the_sample_is(braggite, film, tmp_path):
    air = write(tmp_path / "air.csv", 100.0 * 10**-AIR, "% transmittance")
    done = braggite("prepare", film, "--to", "absorbance", "--atmosphere", air, "--json")
    amounts = done.document["steps"][-1]["options"]["amounts"]
    assert amounts["CO2"][0] == pytest.approx(0.5, abs=0.02)  # as mixed
    near = np.argmin(np.abs(np.array(done.document["x"]) - 2350.0))
    assert done.document["y"][near] == pytest.approx(0.02, abs=0.005)


def test_without_a_target_two_columns_are_printed(braggite, film):
    lines = braggite("prepare", film, "--to", "absorbance").out.splitlines()
    assert len(lines) == X.size
    assert len(lines[0].split("\t")) == 2


def test_raman_is_despiked_and_differentiated(braggite, tmp_path):
    y = 100.0 + 50.0 * np.exp(-0.5 * ((X - 1000.0) / 12.0) ** 2)
    y[700] += 400.0
    path = write(tmp_path / "r.txt", y, "intensity")
    asked = ("--technique", "raman", "--despike", "--derivative", "2", "--window", "11")
    done = braggite("prepare", path, *asked, "--json")
    assert [step["verb"] for step in done.document["steps"]] == ["despike", "smooth"]
    assert done.document["steps"][0]["options"]["replaced"] == [700]
    at = int(np.argmin(done.document["y"]))
    assert done.document["x"][at] == pytest.approx(1000.0, abs=4.0)  # a band is a minimum of the second derivative


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--angle", "45"), "--angle needs --atr"),
        (("--window", "9"), "--window needs --derivative"),
        (("--reflections", "3"), "--reflections needs --atr"),
        (("--to", "absorbance", "--atr", "2.4", "--reflections", "0"), "must be 1 to 100"),
        (("--from", "absorbance"), "--from needs --to"),
        (("--to", "absorbance", "--atr", "glass"), "crystal 'glass'"),
        (("--atr", "diamond"), "not absorbance"),
        (("--to", "kubelka-munk"), "not reflectance"),
        (("--to", "absorbance", "--derivative", "3"), "deriv"),
        (("-o", "out.spa"), "cannot be written"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(braggite, film, arguments, message):
    done = braggite("prepare", film, *arguments)
    assert done.code == 2, done.err
    assert message in done.err


def test_json_of_a_prepared_file_keeps_history(braggite, film, tmp_path):
    target = tmp_path / "ready.json"
    assert braggite("prepare", film, "--to", "absorbance", "--normalise", "area", "-o", target).code == 0
    verbs = [step["verb"] for step in json.loads(target.read_text())["history"]]
    assert verbs[-2:] == ["to_absorbance", "normalise"]
