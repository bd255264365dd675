from __future__ import annotations

import numpy as np
import pytest

from braggite.formats.counts import decide_noise

RNG = np.random.default_rng(11)
COUNTS = RNG.poisson(50, 200).astype(float)


def test_whole_numbers_are_counts() -> None:
    noise = decide_noise(np.array([0.0, 1.0, 4.0, 100.0]), where="x")
    assert noise.counts is True
    np.testing.assert_array_equal(noise.sigma, [1, 1, 2, 10])


def test_square_root_packed_counts_are_counts() -> None:
    packed = np.floor(RNG.integers(0, 900, 100) ** 2 / 100.0)
    assert decide_noise(packed, where="x").counts is True


@pytest.mark.parametrize("dwell", [2.0, 7.5, 60.0])
def test_rates_of_known_dwell(dwell: float) -> None:
    noise = decide_noise(COUNTS / dwell, dwell_s=dwell, where="x")
    assert noise.counts is False
    np.testing.assert_allclose(noise.sigma, np.sqrt(np.maximum(COUNTS, 1)) / dwell, rtol=1e-12)


def test_rates_printed_with_three_digits_are_still_recognised() -> None:
    noise = decide_noise(np.round(COUNTS / 7.5, 3), dwell_s=7.5, where="x")
    assert noise.counts is False


def test_a_wrong_dwell_is_not_believed() -> None:
    noise = decide_noise(COUNTS / 7.5, dwell_s=11.0, where="x")
    assert (noise.sigma, noise.counts, noise.y_unit) == (None, None, "arbitrary")
    assert [note.code for note in noise.notes] == ["sigma_unknown"]


def test_negative_ordinates_are_no_counts() -> None:
    assert decide_noise(np.array([5.0, -2.0, 3.0]), where="x").sigma is None


def test_a_stated_sigma_tells_the_dwell_and_is_kept() -> None:
    sigma = np.round(np.sqrt(np.maximum(COUNTS, 1)) / 4, 4)
    noise = decide_noise(COUNTS / 4, stated_sigma=sigma, where="x")
    assert (noise.counts, noise.y_unit) == (False, "counts/s")
    assert noise.sigma is sigma


def test_whole_rates_are_told_by_their_sigma() -> None:
    noise = decide_noise(COUNTS / 0.5, stated_sigma=np.sqrt(np.maximum(COUNTS, 1)) / 0.5, where="x")
    assert (noise.counts, noise.y_unit) == (False, "counts/s")


def test_a_scaled_pattern_with_sigma_stays_undecided() -> None:
    noise = decide_noise(COUNTS * 0.31415, stated_sigma=np.sqrt(COUNTS) * 0.2, where="x")
    assert (noise.counts, noise.y_unit) == (None, "arbitrary")
