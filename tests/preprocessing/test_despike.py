"""Spikes go, lines stay: simulated Raman spectra with cosmic rays, X-ray lines three points wide, repeated scans."""

from __future__ import annotations

import json

import numpy as np
import pytest
from kernel_conformance import KernelConformance
from spike_patterns import READ_NOISE, raman, scores

import braggite as bg
from braggite import kernels
from braggite.preprocessing.despike import DESPIKING


class DespikeConformance(KernelConformance):
    kernel = staticmethod(kernels.despike)

    def test_refuses_absurd_options_by_name(self):
        y = np.ones(50)
        absurd = {"threshold": 0.0, "window": 0, "max_width": 0, "fwhm": -1.0, "max_iterations": 1.5}
        for name, value in absurd.items():
            with pytest.raises(bg.OptionError, match=name):
                self.run(y, **{name: value})
        for sigma in (np.zeros(50), np.ones(49), np.full(50, np.nan)):
            with pytest.raises(bg.InvalidSpectrum, match="sigma"):
                self.run(y, sigma=sigma)

    @pytest.mark.parametrize("unequal", [False, True])
    def test_finds_every_strong_spike_and_nothing_else(self, unequal):
        x, y, sigma, spikes = raman(1, height=30, fwhm_min=10.0, unequal=unequal)
        result = self.run(y, x, sigma=sigma, fwhm=5.0)
        np.testing.assert_array_equal(result.replaced, spikes)
        np.testing.assert_array_equal(result.curve[~spikes], y[~spikes])

    def test_a_spectrum_without_spikes_is_returned_and_says_so(self):
        x, y, sigma, _ = raman(2, height=0)
        result = self.run(y, x, sigma=sigma)
        np.testing.assert_array_equal(result.curve, y)
        assert [note.code for note in result.diagnostics] == ["no_spikes"]
        assert result.indices.size == 0


class TestWhitakerHayes(DespikeConformance):
    method = "whitaker_hayes"


class TestMedian(DespikeConformance):
    method = "median"


def test_every_method_is_held_to_it():
    assert {value.method for name, value in globals().items() if name.startswith("Test")} == set(DESPIKING)


@pytest.mark.parametrize("method", DESPIKING)
@pytest.mark.parametrize(("height", "options", "recall"), [
    (30, {}, 0.90), (30, {"fwhm": 5.0}, 0.99), (10, {}, 0.35), (10, {"fwhm": 5.0}, 0.80),
])  # fmt: skip
def test_precision_and_recall(method, height, options, recall):
    # own values of version 0.1, rounded down; at 5 standard deviations hardly any are found, by either method
    precision, found = scores(method, height, **options)
    assert precision > 0.99
    assert found > recall


@pytest.mark.parametrize("method", DESPIKING)
@pytest.mark.parametrize("fwhm_points", [3.0, 4.0, 6.0])
def test_narrow_reflections_survive(method, fwhm_points):
    touched = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = np.arange(10.0, 70.0, 0.02)
        at = np.sort(rng.uniform(11, 69, 40))
        u = (x[:, None] - at) / (0.02 * fwhm_points)
        lines = np.where(rng.random(40) < 0.5, np.exp(-4 * np.log(2) * u**2), 1 / (1 + 4 * u**2))
        expected = 80 + lines @ 10 ** rng.uniform(1.5, 4.5, 40)
        y = rng.poisson(expected).astype(float)
        touched += np.count_nonzero(kernels.despike(y, x, sigma=np.sqrt(np.maximum(y, 1)), method=method).replaced)
    # 800 lines at the sharpest that is a line, each judged at three standard deviations (1 in 740)
    assert touched <= 4


def test_a_spectrum_keeps_the_record():
    x, y, sigma, spikes = raman(3, 30)
    old = bg.Spectrum.from_arrays(x, y, technique="raman", sigma=np.sqrt(np.maximum(y, 1) + READ_NOISE**2))
    result = bg.despike(old, fwhm=5.0)
    np.testing.assert_array_equal(result.indices, np.flatnonzero(spikes))
    np.testing.assert_array_equal(result.old, y[spikes])
    np.testing.assert_array_equal(result.new, result.spectrum.y[spikes])
    assert result.spectrum.history[-1].verb == "despike"
    assert result.spectrum.history[-1].options["replaced"] == result.indices.tolist()
    assert "spikes_replaced" in [note.code for note in result.spectrum.diagnostics]
    # the neighbours' noise, not the spike's; a count of 200 knows its own to 4 %, the flank of a band a little less
    np.testing.assert_allclose(result.spectrum.sigma[spikes], sigma[spikes], rtol=0.15)
    json.dumps(result.to_dict(), allow_nan=False)
    assert "points replaced" in result._repr_html_()


def test_what_never_ends_says_so():
    y = np.where(np.arange(60) // 7 % 2 == 1, 1e4, 0.0) + np.random.default_rng(1).normal(size=60)
    result = kernels.despike(y, max_width=7, sigma=np.ones(60), max_iterations=1)
    assert not result.converged
    assert "not_converged" in [note.code for note in result.diagnostics]


def repeats(seed, n_scans=2, height=30.0, width=6):
    rng = np.random.default_rng(seed)
    x = np.linspace(100.0, 1700.0, 1600)
    expected = 300 + 4000 * np.exp(-0.5 * ((x - 465) / 2.0) ** 2) + 900 / (1 + ((x - 800) / 30) ** 2)
    scans, marks = [], []
    for number in range(n_scans):
        y = rng.poisson(expected * (1 - 0.02 * number)).astype(float)
        mark = np.zeros(x.size, dtype=bool)
        for start in (100 + 40 * number, 366, 700 + 40 * number)[: 3 if number == 0 else 1]:
            mark[start : start + width] = True
        y[mark] += height * np.sqrt(expected[mark])
        scans.append(bg.Spectrum.from_arrays(x, y, technique="raman", counts=True))
        marks.append(mark)
    return scans, marks


@pytest.mark.parametrize("n_scans", [2, 3, 5])
def test_replicates_show_spikes_of_any_width_even_on_a_band(n_scans):
    scans, marks = repeats(1, n_scans)
    for result, mark in zip(bg.despike_replicates(scans), marks, strict=True):
        np.testing.assert_array_equal(result.replaced, mark)
        assert "replicates_differ" not in [note.code for note in result.diagnostics]


def test_replicates_respect_counting_noise():
    found = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        x = np.arange(2000.0)
        expected = np.where(x < 1000, 3.0, 30000.0)
        scans = [bg.Spectrum.from_arrays(x, rng.poisson(expected), counts=True) for _ in range(2)]
        found += sum(result.indices.size for result in bg.despike_replicates(scans))
    # 80,000 points; six deviations of small counts are rare, not impossible
    assert found <= 2


def test_scans_of_different_samples_are_noticed():
    scans, _ = repeats(2)
    other = bg.Spectrum.from_arrays(
        scans[0].x, scans[0].y * (1 + 0.3 * np.sin(scans[0].x)), technique="raman", counts=True
    )
    assert "replicates_differ" in [note.code for note in bg.despike_replicates([scans[1], other])[0].diagnostics]


def test_replicates_refuse_what_is_no_repeat():
    scans, _ = repeats(3)
    with pytest.raises(bg.InvalidSpectrum, match="two"):
        bg.despike_replicates(scans[:1])
    with pytest.raises(bg.InvalidSpectrum, match="positions"):
        bg.despike_replicates([scans[0], scans[1].cut(200, 900)])
    with pytest.raises(bg.OptionError, match="window"):
        bg.despike_replicates(scans, window=1)
