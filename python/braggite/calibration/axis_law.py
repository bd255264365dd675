"""How far an axis is off: a smooth correction through the lines of a standard, no richer than they support."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from braggite.arrays import frozen
from braggite.errors import OptionError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from braggite.arrays import FloatArray

LARGEST_ORDER = 3
LINES_PER_ORDER = 2
"""An order p needs 2 p + 1 lines."""
STRETCH_SU = 1.2e-3
"""Standard deviation of the change of an axis error per cm-1, for what no line of the standard covers: measured by
validation/wavenumber.py on silicon, polystyrene and calcite of five instruments and probes."""
OUTLIER = 5.0
"""Standard deviations beyond which a line is taken for another, or for a blend."""
FEWEST_TO_JUDGE = 8
FINEST_CM1 = 0.05
"""No axis is known better than this from lines drawn by a few points each."""
SCATTERS = np.concatenate([[0.0], np.geomspace(1e-3, 10.0, 81)])
"""Scatter in cm-1 of lines about the law that is tried beside their own uncertainties."""
_POINTS = 2001


@dataclass(frozen=True, slots=True, eq=False)
class AxisLaw:
    """True position minus position read, in cm-1, as a polynomial of the position read.

    Attributes
    ----------
    low_cm1, high_cm1 : first and last line; the polynomial is in u = (2 x - low - high) / (high - low), -1 to 1
        between them. Beyond, the correction stays as it is at the end, and its uncertainty grows.
    coefficients, covariance : (p + 1,) of powers of u, and (p + 1, p + 1)
    scatter_cm1 : standard deviation of lines about the law, beyond their own uncertainties
    """

    low_cm1: float
    high_cm1: float
    coefficients: FloatArray
    covariance: FloatArray
    scatter_cm1: float

    def __post_init__(self) -> None:
        coefficients = np.array(self.coefficients, dtype=np.float64)
        covariance = np.array(self.covariance, dtype=np.float64)
        if not (coefficients.ndim == 1 and 1 <= coefficients.size <= LARGEST_ORDER + 1):
            raise OptionError(f"must hold 1 to {LARGEST_ORDER + 1} coefficients", where="coefficients")
        if covariance.shape != (coefficients.size, coefficients.size) or not np.allclose(covariance, covariance.T):
            raise OptionError("must be a symmetric matrix of as many rows as coefficients", where="covariance")
        numbers = (*coefficients, *covariance.flat, self.low_cm1, self.high_cm1, self.scatter_cm1)
        if not np.all(np.isfinite(numbers)) or np.any(np.diag(covariance) < 0.0) or self.scatter_cm1 < 0.0:
            raise OptionError("holds a number that is not finite, or a negative variance", where="law")
        if not self.low_cm1 <= self.high_cm1 or (coefficients.size > 1 and self.low_cm1 == self.high_cm1):
            raise OptionError("must ascend", where="range_cm1")
        object.__setattr__(self, "coefficients", frozen(coefficients))
        object.__setattr__(self, "covariance", frozen(covariance))

    @property
    def order(self) -> int:
        """Of the polynomial; 0 is an offset."""
        return int(self.coefficients.size - 1)

    @property
    def increasing(self) -> bool:
        """Whether corrected positions ascend wherever the positions read do."""
        x = np.linspace(self.low_cm1, self.high_cm1, _POINTS)
        return bool(np.all(np.diff(x + self.correction_cm1(x)) > 0.0)) if self.high_cm1 > self.low_cm1 else True

    def correction_cm1(self, x: ArrayLike) -> FloatArray:
        """What is added to positions read, (n,)."""
        return np.asarray(self._powers(np.asarray(x, dtype=np.float64)) @ self.coefficients)

    def su_cm1(self, x: ArrayLike) -> FloatArray:
        """Standard uncertainty of the corrected axis at positions read, (n,): law, scatter, and distance beyond it."""
        x = np.asarray(x, dtype=np.float64)
        powers = self._powers(x)
        beyond = STRETCH_SU * (x - np.clip(x, self.low_cm1, self.high_cm1))
        variance = np.einsum("...i,ij,...j->...", powers, self.covariance, powers)
        return np.asarray(np.sqrt(np.maximum(variance, 0.0) + self.scatter_cm1**2 + beyond**2))

    def _powers(self, x: FloatArray) -> FloatArray:
        return powers(_scaled(np.clip(x, self.low_cm1, self.high_cm1), self.low_cm1, self.high_cm1), self.order)

    def then_offset(self, offset_cm1: float, variance: float) -> AxisLaw:
        """The law with a constant added afterwards."""
        coefficients, covariance = self.coefficients.copy(), self.covariance.copy()
        coefficients[0] += offset_cm1
        covariance[0, 0] += variance
        return AxisLaw(self.low_cm1, self.high_cm1, coefficients, covariance, self.scatter_cm1)


def powers(u: FloatArray, order: int) -> FloatArray:
    """(n, order + 1) powers of ``u`` from 0 on."""
    return np.asarray(u[..., None] ** np.arange(order + 1))


def _scaled(x: FloatArray, low: float, high: float) -> FloatArray:
    return np.asarray((2.0 * x - low - high) / (high - low) if high > low else np.zeros_like(x))


def fitted_law(
    observed: FloatArray, true: FloatArray, su: FloatArray, order: int | None = None
) -> tuple[AxisLaw, dict[int, float]]:
    """The law through lines (n,) with standard uncertainties ``su``, and the AICc of each order that was tried.

    Each line varies by its own uncertainty and by a scatter that all have in common, found by maximum likelihood; the
    order is that of the least AICc (Hurvich & Tsai, Biometrika 76 (1989) 297). The scatter stated with the law is its
    restricted likelihood's, which allows for the coefficients.

    Raises
    ------
    OptionError
        An ``order`` that the lines do not support.
    """
    supported = min(LARGEST_ORDER, max(0, (observed.size - 1) // LINES_PER_ORDER))
    if order is not None and not 0 <= order <= supported:
        raise OptionError(
            f"option order = {order}: {observed.size} line{'s support' if observed.size > 1 else ' supports'} order "
            f"{supported} at most",
            where="order",
        )
    low, high = float(observed.min()), float(observed.max())
    u, error = _scaled(observed, low, high), true - observed
    tried = {p: _aicc(powers(u, p), error, su) for p in range(supported + 1)}
    chosen = min(tried, key=lambda p: tried[p]) if order is None else order
    design = powers(u, chosen)
    scatter = _scatter(design, error, su, restricted=True) if observed.size > chosen + 1 else 0.0
    coefficients, covariance, _ = _solved(design, error, su, scatter)
    return AxisLaw(low, high, coefficients, covariance, scatter), tried


def without_outliers(observed: FloatArray, true: FloatArray, su: FloatArray) -> NDArray[np.bool_]:
    """(n,) True for lines that agree with the law through all others, of the highest order, within :data:`OUTLIER`.

    Externally studentised residuals (Cook & Weisberg, Residuals and Influence, 1982); the worst line goes first.
    """
    kept = np.ones(observed.size, dtype=bool)
    while np.count_nonzero(kept) >= FEWEST_TO_JUDGE:
        scores = np.zeros(observed.size)
        for index in np.flatnonzero(kept):
            others = kept.copy()
            others[index] = False
            scores[index] = _distance(observed, true, su, others, int(index))
        worst = int(np.argmax(scores))
        if scores[worst] <= OUTLIER:
            break
        kept[worst] = False
    return kept


def _distance(observed: FloatArray, true: FloatArray, su: FloatArray, others: NDArray[np.bool_], index: int) -> float:
    """How far a line lies from the law through others, in standard deviations of both."""
    order = min(LARGEST_ORDER, (int(np.count_nonzero(others)) - 1) // LINES_PER_ORDER)
    low, high = float(observed[others].min()), float(observed[others].max())
    design = powers(_scaled(observed, low, high), order)
    scatter = max(_scatter(design[others], (true - observed)[others], su[others], restricted=True), FINEST_CM1)
    coefficients, covariance, _ = _solved(design[others], (true - observed)[others], su[others], scatter)
    variance = scatter**2 + su[index] ** 2 + design[index] @ covariance @ design[index]
    return float(abs(true[index] - observed[index] - design[index] @ coefficients) / np.sqrt(variance))


def _aicc(design: FloatArray, error: FloatArray, su: FloatArray) -> float:
    n, free = error.size, design.shape[1] + 1
    if n <= free + 1:
        return 0.0 if design.shape[1] == 1 else np.inf
    deviance = -2.0 * _likelihood(design, error, su, _scatter(design, error, su, restricted=False), restricted=False)
    return float(deviance + 2.0 * free + 2.0 * free * (free + 1) / (n - free - 1))


def _scatter(design: FloatArray, error: FloatArray, su: FloatArray, *, restricted: bool) -> float:
    values = [_likelihood(design, error, su, float(s), restricted=restricted) for s in SCATTERS]
    return float(SCATTERS[int(np.argmax(values))])


def _likelihood(design: FloatArray, error: FloatArray, su: FloatArray, scatter: float, *, restricted: bool) -> float:
    coefficients, _, information = _solved(design, error, su, scatter)
    variance = su**2 + scatter**2
    value = -0.5 * float(np.sum(np.log(variance) + (error - design @ coefficients) ** 2 / variance))
    return value - 0.5 * float(np.linalg.slogdet(information)[1]) if restricted else value


def _solved(
    design: FloatArray, error: FloatArray, su: FloatArray, scatter: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Coefficients, covariance and its inverse."""
    weight = 1.0 / (su**2 + scatter**2)
    information = (design * weight[:, None]).T @ design
    covariance = np.linalg.inv(information)
    return covariance @ (design.T @ (weight * error)), np.asarray(covariance, dtype=np.float64), information
