"""A peak fit as lmfit shows fits; lmfit is imported only when asked for."""

from __future__ import annotations

import inspect
import operator
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
from lmfit import Model, Parameters
from lmfit.model import ModelResult

from braggite.lmfit_models import LineShapeModel
from braggite.matching.lmfit_parameters import correlate, identifier, identifiers
from braggite.matching.peak_background import curves_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from braggite.arrays import FloatArray
    from braggite.matching.peak_results import PeakFit


def model_result(fit: PeakFit) -> ModelResult:
    """The fit as a ``ModelResult``: values, uncertainties, correlations and curves are those of ``fit``.

    ``amplitude`` is the area and ``center`` the position of a peak; numbers that follow others are expressions. What
    has no uncertainty does not vary. An active Shirley background keeps the integral of the peaks as fitted.
    """
    table = _Table.of(fit)
    parts = [
        LineShapeModel(peak.shape, prefix=prefix) for peak, prefix in zip(fit.model.peaks, _prefixes(fit), strict=True)
    ]
    ground = _background_model(fit)
    model = reduce(operator.add, parts if ground is None else [ground, *parts])
    parameters = table.parameters()
    result = ModelResult(
        model, parameters, data=np.array(fit.y), weights=np.sqrt(fit.weight), fcn_kws={"x": np.array(fit.x)}
    )
    free = list(table.free)
    order = [table.free[name] for name in free]
    result.covar = fit.covariance[np.ix_(order, order)].copy()
    result.params = parameters
    result.init_params = parameters.copy()
    result.var_names, result.nvarys = free, len(free)
    result.userkws, result.userargs = {"x": np.array(fit.x)}, ()
    result.init_values = result.best_values = {name: parameters[name].value for name in model.param_names}
    result.init_vals = [parameters[name].value for name in free]
    result.best_fit = result.init_fit = np.array(fit.curve)
    result.residual = (fit.curve - fit.y) * np.sqrt(fit.weight)
    result.ndata, result.nfree = fit.n_points, fit.n_points - len(free)
    result.chisqr, result.redchi = fit.chi2, fit.chi2_reduced
    likelihood = fit.n_points * np.log(max(fit.chi2, 1e-250) / fit.n_points)
    result.aic, result.bic = likelihood + 2 * len(free), likelihood + np.log(fit.n_points) * len(free)
    spread = np.sum((fit.y - np.mean(fit.y)) ** 2)
    result.rsquared = 1.0 - np.sum(fit.residual**2) / spread if spread > 0 else 0.0
    result.success, result.errorbars, result.aborted = fit.converged, bool(free), False
    result.message, result.nfev = fit.stop_reason, fit.n_iterations
    result.method, result.scale_covar, result.ier = "braggite", fit.su_scaled, 1 if fit.converged else 0
    return result


@dataclass(frozen=True, slots=True)
class _Table:
    """Every lmfit parameter: its value, how it follows the unknowns, and which of them are free.

    Attributes
    ----------
    rows : name of the parameter, constant and terms over the unknowns of the fit
    free : parameters that are an unknown themselves and have a variance, with its index
    """

    fit: PeakFit
    rows: dict[str, tuple[float, tuple[tuple[int, float], ...]]]
    free: dict[str, int]

    @classmethod
    def of(cls, fit: PeakFit) -> _Table:
        rows: dict[str, tuple[float, tuple[tuple[int, float], ...]]] = {}
        first_area = len(fit.names) - len(fit.model.areas) - len(fit.model_background.columns)
        for peak, prefix in zip(fit.model.peaks, _prefixes(fit), strict=True):
            rows[f"{prefix}amplitude"] = (0.0, ((first_area + peak.linear, peak.factor),))
            for name, form in peak.numbers.items():
                rows[prefix + ("center" if name == "position" else name)] = (form.constant, form.terms)
        owners = {terms[0][0] for constant, terms in rows.values() if _is_unknown(constant, terms)}
        for index, name in enumerate(fit.names):
            if index not in owners:
                rows[identifier(name)] = (0.0, ((index, 1.0),))
        free: dict[str, int] = {}
        for name, (constant, terms) in rows.items():
            if _is_unknown(constant, terms) and terms[0][0] not in free.values():
                free[name] = terms[0][0]
        determined = np.isfinite(np.diag(fit.covariance))
        return cls(fit, rows, {name: index for name, index in free.items() if determined[index]})

    def parameters(self) -> Parameters:
        parameters = Parameters()
        owner: dict[int, str] = {}
        for name, (constant, terms) in self.rows.items():
            if _is_unknown(constant, terms) and terms[0][0] not in owner:
                owner[terms[0][0]] = name
                low, high = self.bounds(terms[0][0])
                value = float(self.fit.values[terms[0][0]])
                parameters.add(name, value=value, vary=name in self.free, min=low, max=high)
        for name, (constant, terms) in self.rows.items():
            if name not in parameters:
                expression = " + ".join([repr(constant), *(f"{factor!r}*{owner[index]}" for index, factor in terms)])
                parameters.add(name, expr=expression) if terms else parameters.add(name, value=constant, vary=False)
        for name, row in self.rows.items():
            parameters[name].stderr = self.deviation(row[1])
        correlate(parameters, self.free, self.fit.correlation)
        return parameters

    def bounds(self, index: int) -> tuple[float, float]:
        """Bounds of an unknown of the fit."""
        unknowns = self.fit.model.unknowns
        if index < len(unknowns):
            return unknowns[index].lower, unknowns[index].upper
        if index == len(unknowns) and self.fit.model_background.active:
            return 0.0, np.inf
        area = index - (len(self.fit.names) - len(self.fit.model.areas) - len(self.fit.model_background.columns))
        positive = 0 <= area < len(self.fit.model.areas) and not self.fit.model.negative[area]
        return (0.0 if positive else -np.inf), np.inf

    def deviation(self, terms: Sequence[tuple[int, float]]) -> float | None:
        if not terms:
            return None
        indices, factors = [index for index, _ in terms], np.array([factor for _, factor in terms])
        variance = float(factors @ self.fit.covariance[np.ix_(indices, indices)] @ factors)
        return float(np.sqrt(variance)) if np.isfinite(variance) else None


def _is_unknown(constant: float, terms: Sequence[tuple[int, float]]) -> bool:
    return constant == 0.0 and len(terms) == 1 and terms[0][1] == 1.0


def _prefixes(fit: PeakFit) -> list[str]:
    """One prefix a peak, in their order; labels are unique."""
    return [f"{name}_" for name in identifiers(peak.label for peak in fit.model.peaks).values()]


def _background_model(fit: PeakFit) -> Model | None:
    under = fit.model_background
    names = [*(["shirley_rate"] if under.active else []), *under.names()]
    if not names and under.fixed is None:
        return None
    signal = fit.components.sum(axis=0)
    pieces = 0.5 * np.diff(fit.x) * (signal[1:] + signal[:-1])
    integral = np.concatenate([[0.0], np.cumsum(pieces)])

    def background(x: FloatArray, **numbers: float) -> FloatArray:
        total = np.zeros_like(x) if under.fixed is None else np.interp(x, fit.x, under.fixed)
        for name, column in zip(under.names(), curves_at(under, fit.x, x), strict=True):
            total = total + numbers[name] * column
        return total + numbers["shirley_rate"] * np.interp(x, fit.x, integral) if under.active else total

    return _with_signature(background, names)


def _with_signature(function: Callable[..., FloatArray], names: Sequence[str]) -> Model:
    kinds = inspect.Parameter
    arguments = [kinds(name, kinds.POSITIONAL_OR_KEYWORD) for name in ("x", *names)]
    function.__signature__ = inspect.Signature(arguments)  # type: ignore[attr-defined]
    return Model(function, independent_vars=["x"], name="background")
