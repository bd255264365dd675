"""What finding peaks promises whatever it is given, as the kernels that give curves do."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import braggite as bg
from braggite.kernels import find_peaks
from braggite.noise import estimate_sigma
from braggite.peaks import COLUMNS

AT = (20.0, 33.0, 33.9, 55.0)


def spectrum(n: int = 1200, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = np.linspace(10.0, 70.0, n)
    lines = sum(
        h * np.exp(-0.5 * ((x - at) / 0.2) ** 2) for at, h in zip(AT, (300.0, 180.0, 160.0, 900.0), strict=True)
    )
    return x, rng.poisson(100 + 80 * np.exp(-(x - 10) / 8) + lines).astype(float)


def equal(one, other) -> None:
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def same_lines(one, other, *, shift=0.0, stretch=1.0, factor=1.0) -> None:
    """Equal but for rounding, which the thresholds of Newton steps (1e-2 of chi-square) may amplify."""
    assert len(one) == len(other)
    np.testing.assert_allclose(other.position, shift + stretch * one.position, atol=1e-4 * stretch)
    np.testing.assert_allclose(other.height, factor * one.height, rtol=1e-3)
    np.testing.assert_allclose(other.fwhm, stretch * one.fwhm, rtol=1e-3)


def test_input_is_untouched_and_the_result_is_read_only():
    x, y = spectrum()
    kept = y.copy()
    result = find_peaks(y, x)
    np.testing.assert_array_equal(y, kept)
    again = pickle.loads(pickle.dumps(result))
    equal(result, again)
    assert not any(getattr(peaks, name).flags.writeable for peaks in (result, again) for name in COLUMNS)
    assert not again.partner_of.flags.writeable


def test_finds_the_lines_that_are_there():
    x, y = spectrum()
    # four of the stated uncertainties
    result = find_peaks(y, x)
    assert len(result) == len(AT)
    assert np.all(np.abs(result.position - AT) < 4 * result.position_su)


def test_a_list_a_float32_and_a_strided_array_give_the_same():
    x, y = spectrum()
    expected = find_peaks(y, x)
    for same in (y.tolist(), y.astype(np.float32), np.repeat(y, 2)[::2]):
        equal(find_peaks(same, x), expected)


def test_rows_and_threads_do_not_matter():
    x, _ = spectrum()
    rows = np.stack([spectrum(seed=seed)[1] for seed in range(5)])
    single = [find_peaks(row, x) for row in rows]
    noise = np.stack([estimate_sigma(row) for row in rows])
    for threads in (1, 2, 3, 8):
        for one, other in zip(single, find_peaks(rows, x, threads=threads), strict=True):
            equal(one, other)
            assert one.options == other.options
        np.testing.assert_array_equal(estimate_sigma(rows, threads=threads), noise)
    for given in (noise, noise[0]):
        batch = find_peaks(rows, x, sigma=given)
        equal(batch[0], find_peaks(rows[0], x, sigma=noise[0]))
    assert find_peaks(np.empty((0, 50))) == []


def test_axis_and_unit_do_not_matter():
    x, y = spectrum()
    plain = find_peaks(y, x)
    for factor in (2.0**-30, 2.0**40):
        same_lines(plain, find_peaks(y * factor, x), factor=factor)
    for shift, stretch in ((1000.0, 1.0), (-50.0, 0.01), (0.0, 100.0)):
        same_lines(plain, find_peaks(y, shift + stretch * x), shift=shift, stretch=stretch)
    # a descending axis is reversed where a spectrum is made of it
    ascending, descending = (bg.Spectrum.from_arrays(x[::s], y[::s], counts=True) for s in (1, -1))
    equal(bg.find_peaks(ascending), bg.find_peaks(descending))


def test_a_huge_level_under_the_lines_does_not_matter():
    x, y = spectrum()
    noise = np.sqrt(y)
    # 1e7 on lines of hundreds: what is left of double precision after the solve, and no second noise estimate
    same_lines(find_peaks(y, x, sigma=noise), find_peaks(y + 1e7, x, sigma=noise))


@pytest.mark.parametrize("level", [0.0, 7.0, -3.0, 1e12])
def test_a_constant_and_a_ramp_hold_no_peaks(level):
    for y in (np.full(500, level), level + np.linspace(0, 1, 500)):
        assert len(find_peaks(y)) == 0
        assert len(find_peaks(y, sigma=np.ones(500))) == 0


def test_the_least_number_of_points():
    assert len(find_peaks([1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0])) == 0


def test_a_saturated_line_stays_where_it_is():
    x, y = spectrum()
    result = find_peaks(np.minimum(y, 500.0), x)
    top = np.abs(result.position - 55.0) < 1.0
    # a flat top is also what two lines make, so one or two are found on it; 0.5 is the width of the line
    assert 1 <= top.sum() <= 2
    assert np.all(np.abs(result.position[top] - 55.0) < 0.5)
    assert len(result) - top.sum() == len(AT) - 1


def test_spikes_are_reported_and_leave_the_lines_alone():
    x, y = spectrum()
    spiked = y.copy()
    spiked[[100, 700]] += 1e5
    result = find_peaks(spiked, x)
    for at in AT:
        assert np.min(np.abs(result.position - at)) < 0.05
    for index in (100, 700):
        assert np.min(np.abs(result.position - x[index])) < 2 * (x[1] - x[0])


def test_unequal_steps():
    rng = np.random.default_rng(4)
    x = np.sort(rng.uniform(10.0, 70.0, 1500))
    y = rng.poisson(100 + 900 * np.exp(-0.5 * ((x - 40.0) / 0.3) ** 2))
    result = find_peaks(y, x)
    strongest = int(np.argmax(result.height))
    assert abs(result.position[strongest] - 40.0) < 4 * result.position_su[strongest]


ABSURD = [
    ([], {}), ([1.0], {}), ([1.0] * 4, {}), ([1.0] * 19 + [np.nan], {}), ([1.0] * 19 + [np.inf], {}), (["a"] * 20, {}),
    ([[[1.0]]], {}), ([1.0] * 20, {"x": [1.0] * 20}), ([1.0] * 20, {"x": list(range(20, 0, -1))}),
    ([1.0] * 20, {"x": [0.0, 1.0]}), ([1.0] * 20, {"x": [np.nan] * 20}), ([1.0] * 20, {"sigma": [0.0] * 20}),
    ([1.0] * 20, {"sigma": [-1.0] * 20}), ([1.0] * 20, {"sigma": [np.nan] * 20}), ([1.0] * 20, {"sigma": [1.0] * 3}),
    ([1.0] * 20, {"sigma": [np.inf] * 20}),
]  # fmt: skip


@pytest.mark.parametrize(("y", "options"), ABSURD)
def test_refuses_what_is_no_spectrum(y, options):
    with pytest.raises(bg.InvalidSpectrum):
        find_peaks(y, **options)


@pytest.mark.parametrize(
    "options",
    [
        {"false_alarms": 0.0}, {"false_alarms": np.nan}, {"false_alarms": "few"}, {"fwhm": -1.0}, {"fwhm": np.inf},
        {"fwhm": "wide"}, {"threads": 0}, {"threads": 1.5},
    ],
)  # fmt: skip
def test_refuses_absurd_options_by_name(options):
    x, y = spectrum()
    with pytest.raises(bg.OptionError, match=next(iter(options))):
        find_peaks(y, x, **options)
