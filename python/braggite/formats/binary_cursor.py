"""Little-endian fields of a binary file, each checked against the bytes that are there."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Literal

import numpy as np

from braggite.errors import InvalidSpectrum

if TYPE_CHECKING:
    from braggite.arrays import FloatArray

Kind = Literal["<u2", "<i2", "<u4", "<i4", "<f4", "<f8"]
_SUGGESTION = "the file is probably truncated or damaged; export or copy it again"


class Cursor:
    """Reads fields at stated offsets; every error names the file and the byte."""

    def __init__(self, content: bytes, where: str) -> None:
        self.content = content
        self.where = where

    def __len__(self) -> int:
        return len(self.content)

    def fail(self, message: str, at: int, *, suggestion: str = _SUGGESTION) -> InvalidSpectrum:
        """The error for a fault at byte ``at``."""
        return InvalidSpectrum(message, where=f"{self.where}: byte {at}", suggestion=suggestion)

    def need(self, at: int, length: int, what: str) -> None:
        """Raise unless ``length`` bytes stand at ``at``."""
        left = len(self.content) - at
        if at < 0 or length < 0 or length > left:
            raise self.fail(f"{what} takes {length} bytes, and {max(left, 0)} are left", at)

    def u16(self, at: int, what: str) -> int:
        """Unsigned 16-bit integer."""
        return int(self._one("<H", at, what))

    def i16(self, at: int, what: str) -> int:
        """Signed 16-bit integer."""
        return int(self._one("<h", at, what))

    def u32(self, at: int, what: str) -> int:
        """Unsigned 32-bit integer."""
        return int(self._one("<I", at, what))

    def i32(self, at: int, what: str) -> int:
        """Signed 32-bit integer."""
        return int(self._one("<i", at, what))

    def f32(self, at: int, what: str) -> float:
        """A finite 32-bit float."""
        return self._finite(float(self._one("<f", at, what)), at, what)

    def f64(self, at: int, what: str) -> float:
        """A finite 64-bit float."""
        return self._finite(float(self._one("<d", at, what)), at, what)

    def text(self, at: int, length: int, what: str) -> str:
        """Text in a field of fixed length, up to the first NUL, stripped."""
        self.need(at, length, what)
        return self.content[at : at + length].partition(b"\0")[0].decode("cp1252", errors="replace").strip()

    def array(self, at: int, count: int, kind: Kind, what: str, *, stride: int | None = None) -> FloatArray:
        """(count,) values ``stride`` bytes apart (default: side by side) as float64; checked before allocating."""
        size = np.dtype(kind).itemsize
        step = size if stride is None else stride
        if step < size:
            raise self.fail(f"{what}: a record of {step} bytes cannot hold {size}", at)
        self.need(at, (count - 1) * step + size if count else 0, f"{what} ({count} values)")
        view = np.ndarray((count,), kind, buffer=self.content, offset=at, strides=(step,))
        with np.errstate(invalid="ignore"):  # a signalling NaN is found below
            values = view.astype(np.float64)
        if not np.all(np.isfinite(values)):
            index = int(np.argmin(np.isfinite(values)))
            raise self.fail(f"{what}: value {index} is {values[index]}", at + index * step)
        return values

    def ends(self, at: int) -> None:
        """Raise unless nothing but zero padding follows byte ``at``."""
        rest = self.content[at:].lstrip(b"\0")
        if rest:
            raise self.fail(f"{len(rest)} bytes follow the last range", len(self.content) - len(rest))

    def _one(self, code: str, at: int, what: str) -> float:
        self.need(at, struct.calcsize(code), what)
        value: float = struct.unpack_from(code, self.content, at)[0]
        return value

    def _finite(self, value: float, at: int, what: str) -> float:
        if not np.isfinite(value):
            raise self.fail(f"{what} is {value}", at)
        return value
