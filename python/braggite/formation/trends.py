"""How a number goes with the variable of a series: it stays, follows a line, or steps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from braggite.values import Value, finite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.arrays import FloatArray

LEAST_GAIN = 2.0
"""Fall of the Bayesian information criterion that a trend with one number more must bring (Kass & Raftery 1995)."""
LEAST_PENALTY = 2.0
"""Of each number; the logarithm of few points would be too lenient (this is Akaike's)."""
Form = Literal["constant", "line", "step"]


@dataclass(frozen=True, slots=True)
class Trend:
    """The simplest description that the points do not contradict.

    Attributes
    ----------
    form : "constant", "line" or "step"
    n_points : points it rests on
    chi2_reduced : scatter about it over the uncertainties; above 1 it has widened the uncertainties; None for as many
        numbers as points
    mean : weighted mean, or the line at the middle of the points
    slope : per unit of the variable; None for other forms
    change : from the first value to the last, or over the step; None for a constant
    between : values the step lies between
    """

    form: Form
    n_points: int
    chi2_reduced: float | None
    mean: Value
    slope: Value | None = None
    change: Value | None = None
    between: tuple[float, float] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "form": self.form,
            "n_points": self.n_points,
            "chi2_reduced": finite(self.chi2_reduced),
            "mean": self.mean.to_dict(),
            "slope": None if self.slope is None else self.slope.to_dict(),
            "change": None if self.change is None else self.change.to_dict(),
            "between": None if self.between is None else list(self.between),
        }


@dataclass(frozen=True, slots=True)
class _Fit:
    form: Form
    design: FloatArray
    solution: FloatArray
    covariance: FloatArray
    chi2: float
    n_numbers: int
    cut: int = 0

    @property
    def free(self) -> int:
        return len(self.design) - self.n_numbers


def trend(x: Sequence[float], numbers: Sequence[Value]) -> Trend | None:
    """The trend of numbers with uncertainties against ``x``; None with fewer than two points.

    A line and then a step are kept where the Bayesian information criterion asks for them, the misfit of the freest of
    them taken for scatter that every point shares. A step has two points on either side at least, and its place
    counts as a number.

    Parameters
    ----------
    x
        (n,) values of the variable, in any order.
    numbers
        (n,) numbers; those without an uncertainty are left out.
    """
    points = sorted(
        (position, number.value, number.su) for position, number in zip(x, numbers, strict=True) if number.su
    )
    if len(points) < 2:
        return None
    columns = np.array(points, dtype=np.float64)
    positions, values, sigma = columns[:, 0], columns[:, 1], columns[:, 2]
    fits = _fits(positions, values, sigma)
    scatter = max(1.0, min(fit.chi2 / fit.free if fit.free > 0 else 0.0 for fit in fits))
    best = fits[0]
    for fit in fits[1:]:
        if _criterion(fit, scatter) < _criterion(best, scatter) - LEAST_GAIN:
            best = fit
    return _described(best, positions)


def _fits(x: FloatArray, y: FloatArray, sigma: FloatArray) -> list[_Fit]:
    one = np.ones_like(x)
    fits = [_fit("constant", one[:, None], y, sigma)]
    if np.unique(x).size >= 2:
        fits.append(_fit("line", np.column_stack([one, x - x.mean()]), y, sigma))
    cuts = [i for i in range(2, x.size - 1) if x[i] > x[i - 1]]
    steps = [_fit("step", np.column_stack([one, np.arange(x.size) >= cut]), y, sigma, cut) for cut in cuts]
    return [*fits, *([min(steps, key=lambda fit: fit.chi2)] if steps else [])]


def _fit(form: Form, design: FloatArray, y: FloatArray, sigma: FloatArray, cut: int = 0) -> _Fit:
    weighted = design.astype(np.float64) / sigma[:, None]
    covariance: FloatArray = np.linalg.inv(weighted.T @ weighted).astype(np.float64)
    solution: FloatArray = covariance @ weighted.T @ (y / sigma)
    chi2 = float(np.sum(((y - design @ solution) / sigma) ** 2))
    numbers = design.shape[1] + (1 if form == "step" else 0)
    return _Fit(form, design.astype(np.float64), solution, covariance, chi2, numbers, cut)


def _criterion(fit: _Fit, scatter: float) -> float:
    return fit.chi2 / scatter + fit.n_numbers * max(math.log(len(fit.design)), LEAST_PENALTY)


def _described(fit: _Fit, x: FloatArray) -> Trend:
    reduced = fit.chi2 / fit.free if fit.free > 0 else None
    covariance = fit.covariance * max(1.0, reduced or 1.0)

    def value(weights: FloatArray) -> Value:
        return Value(float(weights @ fit.solution), math.sqrt(float(weights @ covariance @ weights)))

    middle = fit.design.mean(axis=0)
    if fit.form == "constant":
        return Trend("constant", x.size, reduced, value(middle))
    second = np.array([0.0, 1.0])
    if fit.form == "line":
        change = value(second * (x[-1] - x[0]))
        return Trend("line", x.size, reduced, value(middle), value(second), change)
    between = (float(x[fit.cut - 1]), float(x[fit.cut]))
    return Trend("step", x.size, reduced, value(middle), None, value(second), between)
