"""``braggite calibrate`` on Raman and FT-IR standards, and ``--instrument`` with what it wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import braggite as bg

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def wafer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A silicon wafer that reads 2.5 too high."""
    x = np.arange(150.0, 1400.0)
    y = 300.0 + 900.0 / (1.0 + ((x - 522.95) / 4.0) ** 2) + np.random.default_rng(5).normal(0.0, 4.0, x.size)
    path = tmp_path_factory.mktemp("axis") / "wafer.txt"
    lines = "\n".join(f"{a:.4f}\t{b:.4f}" for a, b in zip(x, y, strict=True))
    path.write_text(f"#Raman shift (cm-1)\tintensity\n{lines}\n")
    return path


def test_a_wafer_calibrates_and_every_reading_verb_uses_it(braggite, wafer, tmp_path):
    target = tmp_path / "raman.toml"
    done = braggite("calibrate", wafer, "--standard", "silicon", "--name", "R1", "-o", target, "--json")
    assert done.code == 0
    assert done.document["schema"] == "braggite.calibration/1"
    assert done.document["usable"]
    assert done.document["written"] == [str(target)]
    assert done.document["law"]["coefficients_cm1"][0] == pytest.approx(-2.5, abs=0.4)  # certified to 0.14, fit beside
    assert bg.WavenumberCalibration.read(target).name == "R1"
    plain, right = (
        braggite("fit", wafer, "--range", "480:560", *extra, "--json").document["peaks"][0]["position"]["value"]
        for extra in ((), ("--instrument", target))
    )
    assert right == pytest.approx(520.45, abs=0.1)  # the same line, to what another window makes of it
    assert plain - right == pytest.approx(-done.document["law"]["coefficients_cm1"][0], abs=0.01)
    xrd = tmp_path / "scan.xy"
    assert braggite("simulate", "lab6", "-o", xrd, "--from", "20", "--to", "60").code == 0
    assert braggite("peaks", xrd, "--instrument", target).code == 0  # of another technique: left alone


def test_the_text_shows_law_and_lines(braggite, wafer):
    text = braggite("calibrate", wafer, "--standard", "silicon").out
    assert text.startswith("usable\nstandard silicon: Itoh")
    assert "520.45(14)" in text


def test_another_material_is_exit_1_and_no_file(braggite, wafer, tmp_path):
    target = tmp_path / "no.toml"
    done = braggite("calibrate", wafer, "--standard", "calcite", "-o", target)
    assert done.code == 1
    assert "standard_not_matched" in done.err
    assert not target.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "say which standard"),
        (("--standard", "silicon", "--cell", "5.4"), "--cell has no meaning for Raman"),
        (("--standard", "silicon", "--instprm", "a.instprm"), "--instprm has no meaning"),
        (("--standard", "silicon", "-o", "a.instprm"), "is not .toml"),
        (("--standard", "silicon", "--order", "2"), "supports order 0 at most"),
        (("--standard", "neon"), "lamp lines have Raman shifts only under a laser"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(braggite, wafer, arguments, message):
    done = braggite("calibrate", wafer, *arguments)
    assert done.code == 2
    assert message in done.err


def test_two_instruments_of_one_technique_and_options_of_another_are_refused(braggite, wafer, tmp_path):
    target = tmp_path / "raman.toml"
    assert braggite("calibrate", wafer, "--standard", "silicon", "-o", target).code == 0
    twice = braggite("peaks", wafer, "--instrument", target, "--instrument", target)
    assert twice.code == 2
    assert "second instrument" in twice.err
    scan = tmp_path / "lab6.xy"
    assert braggite("simulate", "lab6", "-o", scan, "--from", "20", "--to", "60").code == 0
    assert "--order has no meaning" in braggite("calibrate", scan, "--order", "1").err
    regions = tmp_path / "c1s.csv"
    regions.write_text("binding energy (eV),counts\n" + "".join(f"{280 + 0.1 * i:.1f},100\n" for i in range(100)))
    refused = braggite("calibrate", regions, "--technique", "xps")
    assert refused.code == 2
    assert "no calibration" in refused.err
