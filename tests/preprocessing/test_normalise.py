"""Scaling by what each method names; leaving points out; the ceiling of a detector."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import trapezoid
from scipy.signal import savgol_filter

import braggite as bg
from braggite.preprocessing.saturation import note_saturation, saturated_points

X = np.linspace(100.0, 1100.0, 501)
Y = 5.0 + 80.0 * np.exp(-0.5 * ((X - 500.0) / 20.0) ** 2)


def raman(y: np.ndarray = Y) -> bg.Spectrum:
    return bg.Spectrum.from_arrays(X, y, technique="raman", sigma=np.full(X.size, 0.5))


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("maximum", Y / Y.max()),
        ("area", Y / trapezoid(Y, X)),
        ("vector", Y / np.sqrt(np.sum(Y**2))),
        ("snv", (Y - Y.mean()) / Y.std(ddof=1)),
    ],
)
def test_each_method_divides_by_what_it_names(method, expected):
    found = bg.normalise(raman(), method)
    np.testing.assert_allclose(found.y, expected, rtol=1e-12)
    np.testing.assert_allclose(found.sigma, 0.5 * (found.y[1] - found.y[250]) / (Y[1] - Y[250]), rtol=1e-9)
    assert found.history[-1].options["method"] == method
    again = bg.normalise(bg.normalise(raman(), method), method)
    np.testing.assert_allclose(again.y, found.y, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("method", "y"), [("maximum", -Y), ("area", np.sin(X)), ("snv", np.ones(X.size))])
def test_a_divisor_of_nothing_is_refused(method, y):
    y = y - trapezoid(y, X) / np.ptp(X) if method == "area" else y
    with pytest.raises(bg.InvalidSpectrum, match=method):
        bg.normalise(raman(y), method)
    with pytest.raises(bg.OptionError, match="method = 'sum'"):
        bg.normalise(raman(), "sum")


def test_the_second_derivative_is_that_of_savitzky_and_golay():
    found = bg.smooth(raman(), "savitzky_golay", window_length=11, polyorder=3, deriv=2)
    peer = savgol_filter(Y, 11, 3, deriv=2, delta=X[1] - X[0])
    inside = slice(5, -5)
    np.testing.assert_allclose(found.y[inside], peer[inside], atol=1e-10)


def test_a_range_is_left_out():
    found = bg.exclude_range(raman(), 400.0, 600.0)
    assert not np.any((found.x >= 400.0) & (found.x <= 600.0))
    assert found.history[-1].to_dict() == {"verb": "exclude_range", "options": {"low": 400.0, "high": 600.0}}
    with pytest.raises(bg.OptionError, match="fewer than two"):
        bg.exclude_range(raman(), 0.0, 2000.0)


def test_a_ceiling_is_seen_where_ordinates_stop_at_one_value_and_fall_off_steeply():
    clipped = np.minimum(Y * 900.0, 40000.0)
    assert saturated_points(clipped).sum() == np.count_nonzero(clipped == 40000.0)
    dark = np.random.default_rng(1).uniform(0.0, 60.0, X.size)  # another dark value taken off each pixel
    assert np.count_nonzero(saturated_points(clipped - dark)) >= np.count_nonzero(clipped == 40000.0) - 2
    note = note_saturation(X, clipped, unit="cm-1", where=None)[0]
    assert note.code == "detector_saturated"
    assert note.value[0] == [float(X[clipped == 40000.0][0]), float(X[clipped == 40000.0][-1])]


@pytest.mark.parametrize(
    "y", [Y, np.zeros(X.size), -Y, np.ones(X.size), 100 + 1e4 * np.exp(-0.5 * ((X - 600) / 300) ** 2)],
    ids=["band", "zero", "negative", "flat", "hump"],
)  # fmt: skip
def test_bands_and_humps_are_no_ceiling(y):
    if np.ptp(y) == 0.0 and y[0] > 0.0:
        assert saturated_points(y).all()  # every value at the ceiling
        return
    assert not saturated_points(y).any()
    assert note_saturation(X, y, unit="cm-1", where=None) == ()


def test_fluorescence_alone_is_said_to_hold_no_peak():
    hump = 2000.0 + 5000.0 * np.exp(-0.5 * ((X - 700.0) / 500.0) ** 2)
    noise = [np.random.default_rng(seed).normal(0.0, 20.0, X.size) for seed in range(20)]
    sigma = np.full(X.size, 20.0)
    alone = [bg.find_peaks(replace(raman(hump + each), sigma=sigma)) for each in noise]
    assert (
        sum("no_peaks" in {note.code for note in found.diagnostics} for found in alone) >= 16
    )  # 0.1 false alarms each
    band = 200.0 * np.exp(-0.5 * ((X - 520.0) / 6.0) ** 2)
    lit = [bg.find_peaks(replace(raman(hump + band + each), sigma=sigma)) for each in noise]
    assert not any("no_peaks" in {note.code for note in found.diagnostics} for found in lit)
