"""The door of kernels that take one spectrum or many rows of equal length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from braggite.arrays import FloatArray, as_f64
from braggite.errors import InvalidSpectrum, OptionError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class Given:
    """Checked copies of what a caller holds.

    Attributes
    ----------
    y : (n,) or (rows, n) ordinates
    x : (n,) positions, whole numbers where none were given
    x_unit : ``"points"`` where none were given
    sigma : as ``y``, or None
    """

    y: FloatArray
    x: FloatArray
    x_unit: str
    threads: int = 1
    sigma: FloatArray | None = None

    def flat_sigma(self) -> FloatArray | None:
        """Standard deviations of all rows, one after the other."""
        return None if self.sigma is None else self.sigma.reshape(-1)


def given_rows(y: ArrayLike, x: ArrayLike | None, *, threads: int = 1, sigma: ArrayLike | None = None) -> Given:
    """Copies of ``y`` (n,) or (rows, n), ``x`` (n,) and ``sigma`` (one value a point, for all rows or each).

    Raises
    ------
    InvalidSpectrum
        NaN, positions that do not ascend, lengths that do not fit, a standard deviation that is not above 0.
    OptionError
        ``threads`` not from 1 to 1024.
    """
    rows = as_f64(y, "y", ndim=2 if np.ndim(y) == 2 else 1)
    check_finite(rows)
    axis = ascending(x, rows.shape[-1])
    if not (isinstance(threads, int) and 1 <= threads <= 1024):
        raise OptionError(f"option threads = {threads!r}: must be a whole number from 1 to 1024")
    return Given(rows, axis, "points" if x is None else "", threads, None if sigma is None else _noise(sigma, rows))


def _noise(sigma: ArrayLike, rows: FloatArray) -> FloatArray:
    noise = as_f64(sigma, "sigma", ndim=2 if np.ndim(sigma) == 2 else 1)
    if noise.shape not in (rows.shape, rows.shape[-1:]) or not np.all(noise > 0):
        raise InvalidSpectrum("sigma must hold one positive value a point", where="sigma")
    return np.ascontiguousarray(np.broadcast_to(noise, rows.shape))


def check_finite(y: FloatArray) -> None:
    """``InvalidSpectrum`` naming the first value that is not finite."""
    if not np.isfinite(y).all():
        index = ", ".join(str(i) for i in np.argwhere(~np.isfinite(y))[0])
        raise InvalidSpectrum(f"y[{index}] is not finite", where="y", suggestion="remove or repair that value")


def ascending(x: ArrayLike | None, points: int) -> FloatArray:
    """A checked copy of ``points`` positions; without any, whole numbers."""
    if x is None:
        return np.arange(points, dtype=np.float64)
    axis = as_f64(x, "x")
    if axis.size != points:
        raise InvalidSpectrum(f"x has {axis.size} values where y has {points}", where="x")
    if not (axis[1:] > axis[:-1]).all():
        index = int(np.argmin(np.diff(axis) > 0)) + 1
        raise InvalidSpectrum(f"x[{index}] = {axis[index]:g} is not above its predecessor", where="x")
    return axis
