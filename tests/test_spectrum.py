from __future__ import annotations

import dataclasses
import json
import pickle

import numpy as np
import pytest

import braggite as bg
from braggite.radiation import radiation_named


@pytest.fixture
def spectrum() -> bg.Spectrum:
    return bg.Spectrum.from_arrays(
        [10.0, 10.1, 10.3, 10.4], [4.0, 9.0, 16.0, 25.0], sigma=[2.0, 3.0, 4.0, 5.0], radiation=radiation_named("CuKa")
    )


def test_it_is_frozen(spectrum: bg.Spectrum) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        spectrum.name = "other"  # type: ignore[misc]


def _arrays(spectrum: bg.Spectrum) -> list[np.ndarray]:
    assert spectrum.sigma is not None
    return [spectrum.x, spectrum.y, spectrum.sigma]


def test_arrays_are_read_only_and_contiguous(spectrum: bg.Spectrum) -> None:
    for array in _arrays(spectrum):
        assert array.dtype == np.float64
        assert array.flags.c_contiguous
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0


def test_users_arrays_are_copied(spectrum: bg.Spectrum) -> None:
    x, y = np.array([1.0, 2.0, 3.0]), np.array([5.0, 6.0, 7.0])
    built = bg.Spectrum.from_arrays(x, y)
    x[0], y[0] = 99.0, 99.0
    assert (built.x[0], built.y[0]) == (1.0, 5.0)
    assert x.flags.writeable


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickling_keeps_everything_and_read_only(spectrum: bg.Spectrum, protocol: int) -> None:
    back = pickle.loads(pickle.dumps(spectrum, protocol))
    assert back.to_dict() == spectrum.to_dict()
    assert not any(array.flags.writeable for array in _arrays(back))


def test_lists_integers_and_strides_are_as_good_as_arrays() -> None:
    plain = bg.Spectrum.from_arrays([1, 2, 3], [4, 5, 6])
    strided = bg.Spectrum.from_arrays(np.arange(1, 7)[::2] / 2 + 0.5, np.array([4, 0, 5, 0, 6, 0], np.float32)[::2])
    np.testing.assert_array_equal(plain.x, strided.x)
    np.testing.assert_array_equal(plain.y, strided.y)


def test_cut_keeps_its_ends_and_writes_history(spectrum: bg.Spectrum) -> None:
    part = spectrum.cut(10.1, 10.3)
    np.testing.assert_array_equal(part.x, [10.1, 10.3])
    np.testing.assert_array_equal(part.sigma, [3.0, 4.0])
    assert [(step.verb, step.options) for step in part.history] == [("cut", {"low": 10.1, "high": 10.3})]
    assert spectrum.history == ()
    assert part.radiation == spectrum.radiation
    with pytest.raises(bg.InvalidSpectrum, match="no two points"):
        spectrum.cut(20, 30)


def test_descending_positions_are_reversed_with_every_column() -> None:
    spectrum = bg.Spectrum.from_arrays([3.0, 2.0, 1.0], [30.0, 20.0, 10.0], sigma=[3.0, 2.0, 1.0])
    for array, expected in zip(_arrays(spectrum), ([1, 2, 3], [10, 20, 30], [1, 2, 3]), strict=True):
        np.testing.assert_array_equal(array, expected)
    assert [note.code for note in spectrum.diagnostics] == ["axis_reversed"]


@pytest.mark.parametrize(
    ("x", "y", "sigma", "match"),
    [
        ([], [], None, "0 points"),
        ([1.0], [1.0], None, "1 point"),
        ([1, 2, 3], [1, 2], None, "differ in length"),
        ([1, 2], [1, 2], [1], "differ in length"),
        ([1, 2, np.nan], [1, 2, 3], None, r"x\[2\]"),
        ([1, 2, 3], [1, np.inf, 3], None, r"y\[1\]"),
        ([1, 2, 3], [1, 2, 3], [1, np.nan, 1], r"sigma\[1\]"),
        ([1, 2, 3], [1, 2, 3], [1, 0, 1], "not positive"),
        ([1, 3, 2], [1, 2, 3], None, "not sorted"),
        ([1, 2, 2], [1, 2, 3], None, "twice"),
        ([2, 2, 2], [1, 1, 1], None, "equal"),
        (["a", "b"], [1, 2], None, "numbers"),
        ([[1, 2]], [[1, 2]], None, "dimensions"),
    ],
)
def test_what_cannot_be_a_spectrum(x: list, y: list, sigma: list | None, match: str) -> None:
    with pytest.raises(bg.InvalidSpectrum, match=match):
        bg.Spectrum.from_arrays(x, y, sigma=sigma)


def test_an_unknown_technique() -> None:
    with pytest.raises(bg.OptionError, match="nmr"):
        bg.Spectrum.from_arrays([1, 2], [1, 2], technique="nmr")  # type: ignore[arg-type]


def test_its_document_is_plain_json(spectrum: bg.Spectrum) -> None:
    document = json.loads(json.dumps(spectrum.to_dict(), allow_nan=False))
    assert document["x"] == spectrum.x.tolist()
    assert document["radiation"]["lines"][0] == [1.5405929, 1.0]


def test_errors_survive_pickling_and_name_their_place() -> None:
    error = bg.InvalidSpectrum("bad row", where="a.xy:3", suggestion="repair it")
    back = pickle.loads(pickle.dumps(error))
    assert str(back) == str(error) == "a.xy:3: bad row (repair it)"
    assert back.to_dict() == error.to_dict()
