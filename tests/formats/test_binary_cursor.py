from __future__ import annotations

import math
import struct

import numpy as np
import pytest

import braggite as bg
from braggite.formats.binary_cursor import Cursor

FIELDS = struct.pack("<HhIifd8s", 65535, -2, 4_000_000_000, -5, 1.5, math.pi, b"ab \0junk")


def test_fields_come_back() -> None:
    cursor = Cursor(FIELDS, "x.raw")
    assert (cursor.u16(0, "a"), cursor.i16(2, "b"), cursor.u32(4, "c"), cursor.i32(8, "d")) == (
        65535, -2, 4_000_000_000, -5,
    )  # fmt: skip
    assert (cursor.f32(12, "e"), cursor.f64(16, "f"), cursor.text(24, 8, "g")) == (1.5, math.pi, "ab")
    assert len(cursor) == len(FIELDS)


@pytest.mark.parametrize("at", [len(FIELDS) - 1, len(FIELDS), 10_000, -1])
def test_a_field_beyond_the_end_names_the_byte(at: int) -> None:
    with pytest.raises(bg.InvalidSpectrum, match=rf"x\.raw: byte {at}: the step takes 2 bytes"):
        Cursor(FIELDS, "x.raw").u16(at, "the step")


def test_a_declared_count_is_checked_before_allocating() -> None:
    with pytest.raises(bg.InvalidSpectrum, match=r"4000000000 values"):
        Cursor(FIELDS, "x.raw").array(0, 4_000_000_000, "<f8", "ordinates")
    with pytest.raises(bg.InvalidSpectrum, match=r"takes -4 bytes"):
        Cursor(FIELDS, "x.raw").array(0, -1, "<f4", "ordinates")


def test_arrays_with_and_without_stride() -> None:
    cursor = Cursor(struct.pack("<6f", 1, 2, 3, 4, 5, 6), "x.raw")
    np.testing.assert_array_equal(cursor.array(0, 6, "<f4", "y"), [1, 2, 3, 4, 5, 6])
    np.testing.assert_array_equal(cursor.array(4, 2, "<f4", "y", stride=8), [2, 4])
    with pytest.raises(bg.InvalidSpectrum, match="cannot hold"):
        cursor.array(0, 2, "<f4", "y", stride=2)


def test_values_that_are_not_finite_are_named() -> None:
    cursor = Cursor(struct.pack("<3f", 1.0, math.nan, math.inf), "x.raw")
    with pytest.raises(bg.InvalidSpectrum, match="byte 4: y: value 1 is nan"):
        cursor.array(0, 3, "<f4", "y")
    with pytest.raises(bg.InvalidSpectrum, match="byte 8: the start is inf"):
        cursor.f32(8, "the start")


def test_what_follows_the_last_range() -> None:
    Cursor(b"ab" + bytes(50), "x.raw").ends(2)
    with pytest.raises(bg.InvalidSpectrum, match="byte 7: 1 bytes follow"):
        Cursor(b"ab" + bytes(5) + b"c", "x.raw").ends(2)
