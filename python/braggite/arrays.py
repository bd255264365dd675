"""The one door for users' arrays: a contiguous float64 copy; and the read-only arrays results carry."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from braggite.errors import InvalidSpectrum

FloatArray = NDArray[np.float64]


def as_f64(values: ArrayLike, what: str, *, ndim: int = 1) -> FloatArray:
    """A contiguous float64 copy of ``values``; ``InvalidSpectrum`` when that is impossible."""
    try:
        array = np.array(values, dtype=np.float64, order="C", copy=True)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidSpectrum(f"{what} cannot be read as numbers: {error}", where=what) from None
    if array.ndim != ndim:
        raise InvalidSpectrum(f"{what} has {array.ndim} dimensions, not {ndim}", where=what)
    return array


def frozen(array: NDArray[Any]) -> FloatArray:
    """The same array as contiguous float64 that nobody can write to."""
    result = np.ascontiguousarray(array, dtype=np.float64)
    if result.flags.writeable:
        if result is array:
            result = result.copy()
        result.flags.writeable = False
    return result


class FrozenArrays:
    """What results that carry arrays share: nobody can write to them, also after unpickling."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                array = np.ascontiguousarray(value)
                if array.flags.writeable:
                    array = array.copy() if array is value else array
                    array.flags.writeable = False
                object.__setattr__(self, field.name, array)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, field.name) for field in fields(self))  # type: ignore[arg-type]
