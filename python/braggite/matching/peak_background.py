"""Backgrounds inside a peak fit: columns that enter linearly, a fixed curve, or one that follows the peaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from braggite.arrays import FloatArray, as_f64
from braggite.errors import OptionError

ORDERS = {"none": -1, "constant": 0, "linear": 1, "shirley": 0}
NAMES = (
    "none, constant, linear, shirley, a whole number (order of a Chebyshev polynomial), one value a point (fixed), or "
    "rows of them (each with a free coefficient)"
)


@dataclass(frozen=True, slots=True, eq=False)
class FitBackground:
    """The background of one fit.

    Attributes
    ----------
    columns : (n,) curves with a free coefficient each: Chebyshev polynomials, lowest order first, or given ones
    fixed : (n,) curve that stays, or None
    polynomial : whether ``columns`` are Chebyshev polynomials over the range
    active : whether the signal raises it (Shirley): ``constant + rate`` times the running integral of the peaks
    """

    columns: tuple[FloatArray, ...]
    fixed: FloatArray | None = None
    active: bool = False
    polynomial: bool = True

    def names(self) -> list[str]:
        """Names of the coefficients."""
        return [f"background_{order}" for order in range(len(self.columns))]


def fit_background(given: Any, x: FloatArray) -> FitBackground:
    """The background asked for by name, order or values; ``OptionError`` for anything else."""
    if given is None:
        given = "none"
    if isinstance(given, str):
        if given not in ORDERS:
            raise OptionError(f"option background = {given!r}: takes {NAMES}", where="background")
        return FitBackground(_chebyshev(ORDERS[given], x), active=given == "shirley")
    if isinstance(given, int | np.integer) and not isinstance(given, bool):
        if not 0 <= given <= 50:
            raise OptionError(f"option background = {given}: an order is 0 to 50", where="background")
        return FitBackground(_chebyshev(int(given), x))
    curves = as_f64(given, "background", ndim=2 if np.ndim(given) == 2 else 1)
    if curves.shape[-1] != x.size or not np.all(np.isfinite(curves)):
        raise OptionError(f"option background: {x.size} finite values are needed", where="background")
    return FitBackground((), curves) if curves.ndim == 1 else FitBackground(tuple(curves), polynomial=False)


def curves_at(background: FitBackground, x: FloatArray, at: FloatArray) -> tuple[FloatArray, ...]:
    """The columns of a background over the range ``x``, at the positions ``at``."""
    if background.polynomial:
        return _chebyshev(len(background.columns) - 1, x, at)
    return tuple(np.interp(at, x, column) for column in background.columns)


def _chebyshev(order: int, x: FloatArray, at: FloatArray | None = None) -> tuple[FloatArray, ...]:
    z = (2.0 * (x if at is None else at) - (x[0] + x[-1])) / (x[-1] - x[0])
    columns = [np.ones_like(z), z]
    while len(columns) <= order:
        columns.append(2.0 * z * columns[-1] - columns[-2])
    return tuple(columns[: order + 1])
