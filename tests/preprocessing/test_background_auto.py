"""The automatic background: better than any fixed method over many kinds of spectra, and it says what it took."""

from __future__ import annotations

import json

import numpy as np
import pytest

import braggite as bg
from braggite.kernels import background

choice = pytest.importorskip("validation.background_choice", reason="away from the checkout")
truth = pytest.importorskip("validation.background_truth", reason="away from the checkout")


def scored(count, who):
    """All errors of ``count`` held-out spectra of each technique."""
    truths = choice.simulated_by_technique(range(choice.HELD_OUT, choice.HELD_OUT + count))
    return choice.errors([one for group in truths.values() for one in group], who)


def test_better_than_any_fixed_method_on_held_out_spectra():
    everyone = list(choice.contenders())
    few = scored(25, everyone)
    automatic = next(one for one in everyone if one.method == choice.AUTO)
    assert len(everyone) > 40
    mean = {one: np.mean(np.log(values)) for one, values in few.items() if np.all(np.isfinite(values))}
    assert min(mean, key=mean.__getitem__) == automatic
    # the median of so few is rough; rivals within a factor of two of it are scored on four times as many
    near = [one for one, values in few.items() if np.median(values) < 2 * np.median(few[automatic])]
    median = {one: np.median(values) for one, values in scored(100, near).items()}
    assert len(median) > 5
    assert min(median, key=median.__getitem__) == automatic


@pytest.mark.parametrize("technique", truth.MAKERS)
def test_says_what_it_took_and_why(technique):
    spectrum = truth.simulated(technique, 1).spectrum
    result = bg.estimate_background(spectrum, "auto")
    note = next(note for note in result.diagnostics if note.code == "background_chosen")
    options = result.options
    assert options["chosen"] in note.message
    assert f"{options['stiffness_width']:.4g}" in note.message
    assert note.message == options["reason"]
    json.dumps(result.to_dict(), allow_nan=False)
    # what it names is what it did
    again = background(spectrum.y, spectrum.x, method=options["chosen"], lam=options["lam"])
    np.testing.assert_array_equal(again.curve, result.curve)
    width = background(spectrum.y, spectrum.x, method="arpls", stiffness_width=options["stiffness_width"]).options[
        "lam"
    ]
    assert width == pytest.approx(options["lam"], rel=1e-9)  # rounding of the axis
    assert bg.subtract_background(spectrum, "auto").history[-1].options["chosen"] == options["chosen"]


def test_what_it_measures_is_what_was_put_in():
    rng = np.random.default_rng(4)
    x = np.arange(10.0, 90.0, 0.02)
    at = np.linspace(12, 88, 20)
    lines = truth.bands(x, at, np.full(20, 0.2), np.full(20, 400.0), np.full(20, 0.0))
    wave = 100 * np.sin(2 * np.pi * x / 40)
    options = background(500 + wave + lines + 8.0 * rng.normal(size=x.size), x, method="auto").options
    assert options["noise"] == pytest.approx(8.0, rel=0.1)  # a robust estimate from 4,000 points and its levels
    assert options["fwhm"] == pytest.approx(0.2, rel=0.1)  # half heights of lines ten points wide
    assert options["curvature_width"] == pytest.approx(40, rel=0.2)  # two waves, of which the ends are not whole
    assert options["occupancy"] == pytest.approx(20 * 0.2 * 1.14 / 80 * 2, rel=0.3)  # +-1.14 widths reach three sigma
    assert options["chosen"] in ("arpls", "aspls")


def test_crowded_peaks_take_the_lower_edge():
    rng = np.random.default_rng(5)
    x = np.arange(10.0, 90.0, 0.02)
    n = 150
    lines = truth.bands(x, rng.uniform(12, 88, n), np.full(n, 0.25), 10 ** rng.uniform(2, 3.5, n), np.full(n, 0.7))
    result = background(rng.poisson(300 + lines).astype(float), x, method="auto")
    assert result.options["chosen"] == "iarpls"
    assert result.options["occupancy"] > 0.2
    assert "tails" in result.options["reason"]


def test_a_batch_chooses_row_by_row():
    spectra = [truth.simulated("xps", seed).spectrum for seed in range(6)]
    points = min(len(spectrum) for spectrum in spectra)
    rows = np.stack([spectrum.y[:points] for spectrum in spectra])
    batch = background(rows, method="auto", threads=2)
    singles = [background(row, method="auto") for row in rows]
    assert batch.options["chosen"] == [one.options["chosen"] for one in singles]
    assert batch.options["stiffness_width"] == [one.options["stiffness_width"] for one in singles]
    note = next(note for note in batch.diagnostics if note.code == "background_chosen")
    assert sum(note.value.values()) == len(rows)


def test_a_flat_spectrum_and_one_without_lines_are_answers():
    noise = np.random.default_rng(6).normal(size=500)
    for y in (np.full(500, 3.0), noise):
        result = background(y, method="auto")
        assert result.options["fwhm"] is None
        assert "no strong free line" in result.options["reason"]
    # 500 points of noise about a line: a curve so stiff has a handful of degrees of freedom
    assert np.sqrt(np.mean(result.curve**2)) < 0.3
