"""The steps on spectra: history, standard deviations, defaults of the techniques, truth of simulated scans."""

from __future__ import annotations

import json

import numpy as np
import pytest

import braggite as bg
from braggite.techniques import TECHNIQUES


def scan(**fields):
    rng = np.random.default_rng(5)
    x = np.arange(10.0, 80.0, 0.02)
    ground = 100 + 400 * np.exp(-(x - 10) / 6)
    return bg.Spectrum.from_arrays(
        x, rng.poisson(ground + 900 * np.exp(-0.5 * ((x - 33) / 0.07) ** 2)), **fields
    ), ground


def test_subtracting_lengthens_the_history_and_keeps_sigma():
    raw, ground = scan(counts=True)
    net = bg.subtract_background(raw)
    background = bg.estimate_background(raw)
    np.testing.assert_array_equal(net.y, raw.y - background.curve)
    np.testing.assert_array_equal(net.sigma, np.sqrt(np.maximum(raw.y, 1.0)))
    assert raw.history == ()
    assert [step.verb for step in net.history] == ["subtract_background"]
    assert net.history[0].options["stiffness_width"] == TECHNIQUES["xrd"].background_options["stiffness_width"]
    assert net.history[0].options["lam"] == pytest.approx((6.0 / (2 * np.pi * 0.02)) ** 4)
    # counting noise of the ground averaged over several degrees: well below one standard deviation of a point
    assert np.sqrt(np.mean((background.curve - ground) ** 2 / ground)) < 0.3


def test_sigma_is_given_counted_or_estimated():
    given, _ = scan(sigma=np.full(3500, 7.0), counts=True)
    assert np.all(bg.subtract_background(given).sigma == 7.0)
    unknown, _ = scan()
    net = bg.subtract_background(unknown)
    assert "sigma_unknown" in [note.code for note in net.diagnostics]
    # the noise model sees 3,500 points: a few per cent
    assert np.median(net.sigma / np.sqrt(np.maximum(unknown.y, 1))) == pytest.approx(1.0, abs=0.05)


def test_a_literature_lam_replaces_the_default_width():
    raw, _ = scan()
    options = bg.estimate_background(raw, lam=1e5).options
    assert (options["lam"], options["stiffness_width"]) == (1e5, None)
    assert bg.estimate_background(raw, "asls").options["lam"] == 1e6


def test_documents_and_pages():
    raw, _ = scan()
    background = bg.estimate_background(raw)
    document = json.loads(json.dumps(background.to_dict(), allow_nan=False))
    assert {"x", "y", "background", "method", "converged", "n_iterations"} <= document.keys()
    assert "converged" in background._repr_html_()


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_every_technique_has_a_default(technique):
    x = np.linspace(100.0, {"xrd": 170.0, "xps": 130.0}.get(technique, 1100.0), 400)
    raw = bg.Spectrum.from_arrays(x, 50 + np.sin(x), technique=technique)
    assert bg.estimate_background(raw).method == TECHNIQUES[technique].background_method


def test_a_survey_of_photoelectrons_is_no_region():
    x = np.linspace(100.0, 1100.0, 2000)
    survey = bg.Spectrum.from_arrays(x, 50 + np.sin(x), technique="xps")
    options = bg.estimate_background(survey).options
    assert (bg.estimate_background(survey).method, options["stiffness_width"]) == ("arpls", 30.0)
    assert bg.estimate_background(survey, "shirley").method == "shirley"


def test_clipped_points_stand_in_the_result_and_its_document():
    raw, _ = scan()
    background = bg.estimate_background(raw, "chebyshev")
    assert background.clipped[np.argmax(raw.y)]
    assert not background.clipped.flags.writeable
    assert json.loads(json.dumps(background.to_dict()))["clipped"] == background.clipped.tolist()
    assert bg.estimate_background(raw).to_dict()["clipped"] is None


def test_unknown_method():
    with pytest.raises(bg.OptionError, match="arpls"):
        bg.estimate_background(scan()[0], "arples")


def true_background(x, truth):
    offset, extent = x - x[0], x[-1] - x[0]
    humps = sum(h * np.exp(-4 * np.log(2) * ((x - at) / w) ** 2) for at, w, h in truth["humps"])
    air = truth["air"] * np.exp(-offset / truth["air_decay_deg"])
    return truth["level"] * (1 + truth["slope"] * offset / extent) + truth["fluorescence"] + air + humps


def test_default_on_simulated_scans(test_data):
    errors, low_angle = [], []
    for folder in ("J01_bto_in_garnet", "J03_solid_state_products", "J09_five_phase"):
        path = test_data / "simulated" / folder
        for entry in json.loads((path / "truth.json").read_text())["files"]:
            if entry["technique"] != "xrd":
                continue
            raw = bg.read(path / entry["file"])
            truth = true_background(raw.x, entry["background"]) / entry["counts_per_unit"]
            noise = np.sqrt(truth / entry["counts_per_unit"])
            error = (bg.estimate_background(raw).curve - truth) / noise
            errors.append(np.sqrt(np.mean(error**2)))
            low_angle.append(np.mean(error[raw.x < raw.x[0] + 8]))
    # own value of version 0.1 in standard deviations of one point; what is left is overlap of lines at high angle
    assert np.median(errors) < 2.0
    # the air scatter is followed
    assert abs(np.median(low_angle)) < 0.5
