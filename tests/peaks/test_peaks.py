"""Peaks of spectra and arrays: what goes in, what comes out, what is refused."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patterns import pattern

import braggite as bg
from braggite.kernels import find_peaks
from braggite.peaks import COLUMNS


@pytest.fixture(scope="module")
def truth():
    return pattern(np.random.default_rng(1), 10)


@pytest.fixture(scope="module")
def scan(truth):
    return bg.Spectrum.from_arrays(truth.x, truth.y, counts=True, y_unit="counts")


def test_the_same_with_and_without_the_step_before(scan):
    direct, stepped = bg.find_peaks(scan), bg.find_peaks(bg.subtract_background(scan))
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(direct, name), getattr(stepped, name))
    assert "background_subtracted" in [note.code for note in direct.diagnostics]
    assert direct.options["background"] is True
    assert stepped.options["background"] is False
    assert "background_subtracted" not in [note.code for note in stepped.diagnostics]


def test_heights_widths_and_areas(scan, truth):
    peaks = bg.find_peaks(scan)
    strong = [
        i
        for i, p in enumerate(truth.position)
        if truth.height[i] > 2000 and np.sort(np.abs(truth.position - p))[1] > 0.7
    ]
    assert strong
    for i in strong:
        k = int(np.argmin(np.abs(peaks.position - truth.position[i])))
        # counting noise 2 %, the parabola's and the smoothing's bias a few per cent
        assert peaks.height[k] == pytest.approx(truth.height[i], rel=0.06)
        assert peaks.fwhm[k] == pytest.approx(truth.fwhm[i], rel=0.08)
        assert peaks.fwhm_su[k] < 0.05 * peaks.fwhm[k]


def test_document_and_page(scan):
    peaks = bg.find_peaks(scan)
    document = json.loads(json.dumps(peaks.to_dict(), allow_nan=False))
    assert document["unit"] == "deg"
    assert len(document["peaks"]) == len(peaks) == len(list(peaks))
    keys = {"position", "height", "height_su", "area", "fwhm", "significance", "partner_of"}
    assert document["peaks"][0].keys() == keys
    assert document["peaks"][0]["position"]["su"] > 0
    assert peaks._repr_html_().count("<tr>") == len(peaks) + 1
    again = pickle.loads(pickle.dumps(peaks))
    np.testing.assert_array_equal(again.position, peaks.position)
    assert not again.position.flags.writeable


@settings(max_examples=25, deadline=None)
@given(shift=st.floats(-50, 50), stretch=st.floats(0.01, 100), power=st.integers(-10, 10))
def test_axis_and_unit_do_not_matter(truth, shift, stretch, power):
    plain = find_peaks(truth.y, truth.x, sigma=np.sqrt(truth.y + 1))
    factor = 2.0**power
    other = find_peaks(truth.y * factor, shift + truth.x * stretch, sigma=np.sqrt(truth.y + 1) * factor)
    assert len(plain) == len(other)
    # rounding of the positions, amplified by the Newton steps' stop at 1e-4 of a width
    np.testing.assert_allclose((other.position - shift) / stretch, plain.position, atol=1e-5)
    np.testing.assert_allclose(other.height / factor, plain.height, rtol=1e-4)


def test_strong_lines_tell_the_width(scan, truth):
    widths = bg.estimate_fwhm(bg.subtract_background(scan))
    # half heights of noisy lines at different angles against the truth's median
    assert widths.typical == pytest.approx(np.median(truth.fwhm), rel=0.1)
    assert widths.position.size == widths.fwhm.size == widths.height.size > 5


def test_more_false_alarms_find_no_fewer(scan):
    counts = [len(bg.find_peaks(scan, false_alarms=n)) for n in (1e-3, 0.1, 1.0, 10.0)]
    assert counts == sorted(counts)


def test_sparse_and_flat_data():
    assert len(find_peaks(np.zeros(100))) == 0
    assert len(find_peaks(np.full(100, 5.0))) == 0
    coarse = np.full(60, 100.0) + np.random.default_rng(3).normal(0, 10, 60)
    coarse[20] += 500
    assert find_peaks(coarse, sigma=np.full(60, 10.0)).position == pytest.approx([20.0], abs=0.6)


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (([1.0] * 4,), {}),
        (([1.0] * 20, [1.0] * 20), {}),
        (([1.0] * 19 + [np.nan],), {}),
        (([1.0] * 20,), {"sigma": [0.0] * 20}),
        (([1.0] * 20,), {"sigma": [1.0] * 3}),
        (([],), {}),
    ],
)
def test_refuses_what_is_no_spectrum(arguments, options):
    with pytest.raises(bg.InvalidSpectrum):
        find_peaks(*arguments, **options)


@pytest.mark.parametrize(
    "options", [{"false_alarms": 0.0}, {"false_alarms": np.nan}, {"false_alarms": "few"}, {"fwhm": -1.0}]
)
def test_refuses_absurd_options_by_name(scan, options):
    with pytest.raises(bg.OptionError, match=next(iter(options))):
        bg.find_peaks(scan, **options)
    with pytest.raises(bg.OptionError, match=next(iter(options))):
        find_peaks(scan.y, scan.x, **options)
