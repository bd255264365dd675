"""The background methods: their options, the defaults of the literature, and which kernel computes them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from braggite import _core
from braggite.arrays import FloatArray, as_f64
from braggite.errors import InvalidSpectrum, OptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Options = dict[str, Any]
FEWEST_POINTS = 4
NOT_NUMBERS = {"decreasing", "lls", "kinetic"}
FITTED = {"B", "C"}  # None: by the data
WHOLE = {
    "max_iterations", "half_window", "smooth_half_window", "num_smooths", "end_points", "poly_order", "window",
    "max_width", "window_length", "polyorder", "deriv",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rows:
    """Spectra of equal length, one after the other, and what belongs to all of them.

    Attributes
    ----------
    y : (rows * points,) ordinates
    x : (points,) positions
    weights : (points,) factors on the weights, 0 where masked, or None
    """

    y: FloatArray
    x: FloatArray
    weights: FloatArray | None
    threads: int

    @property
    def step(self) -> float:
        """Mean distance of neighbouring positions."""
        return float((self.x[-1] - self.x[0]) / (self.x.size - 1))


@dataclass(frozen=True, slots=True)
class Curves:
    """What a kernel returns for :class:`Rows`: flat curves, and per row how the iteration ended and what it fitted."""

    curve: FloatArray
    converged: list[bool]
    iterations: list[int]
    tolerance: list[float]
    fitted: dict[str, list[float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Method:
    """One background method.

    Attributes
    ----------
    defaults : every option with its default; ``stiffness_width`` (None) stands for the option named ``stiffness``
    stiffness, from_width : the literature's option that ``stiffness_width`` replaces, and the rule for it; None where
        no width means anything
    leaves_out : how points are left out: by weights, by dropping them (the curve runs straight across), or not at all
    """

    name: str
    title: str
    defaults: Mapping[str, Any]
    kernel: Callable[[Rows, Options], Curves]
    stiffness: str | None = None
    from_width: Callable[[float, float], float] | None = None
    leaves_out: Literal["weights", "dropping", "never"] = "weights"


def _whittaker(name: str) -> Callable[[Rows, Options], Curves]:
    def run(rows: Rows, options: Options) -> Curves:
        result = _core.background_whittaker(
            rows.y, rows.x.size, rows.x, rows.weights, name, options, rows.threads,
        )  # fmt: skip
        return Curves(*result)

    return run


def _snip(rows: Rows, options: Options) -> Curves:
    half_window, decreasing, lls = options["half_window"], options["decreasing"], options["lls"]
    return Curves(*_core.background_snip(rows.y, rows.x.size, half_window, decreasing, lls, rows.threads))


def _half_window(width: float, step: float) -> float:
    return max(1, round(0.5 * width / step))


def _penalised(name: str, title: str, lam: float, max_iterations: int = 50, **more: float | None) -> Method:
    defaults = {"lam": lam, "stiffness_width": None, **more, "max_iterations": max_iterations, "tol": 1e-3}
    return Method(name, title, MappingProxyType(defaults), _whittaker(name), "lam", _core.whittaker_lam)


def _rubber_band(rows: Rows, options: Options) -> Curves:
    return Curves(*_core.background_rubber_band(rows.y, rows.x.size, rows.x, rows.threads))


def _polynomial(rows: Rows, options: Options) -> Curves:
    result = _core.background_polynomial(
        rows.y, rows.x.size, rows.x, rows.weights, options["poly_order"], options["max_iterations"], options["tol"],
        options.get("num_std"), rows.threads,
    )  # fmt: skip
    return Curves(*result)


def _linear(rows: Rows, options: Options) -> Curves:
    return Curves(*_core.background_linear(rows.y, rows.x.size, rows.x, options["end_points"], rows.threads))


def _shirley(bounded: bool) -> Callable[[Rows, Options], Curves]:
    def run(rows: Rows, options: Options) -> Curves:
        result = _core.background_shirley(
            rows.y, rows.x.size, rows.x, options["end_points"], options["max_iterations"], options["tol"], bounded,
            rows.threads,
        )  # fmt: skip
        return Curves(*result)

    return run


def _tougaard(sign: float) -> Callable[[Rows, Options], Curves]:
    def run(rows: Rows, options: Options) -> Curves:
        result, b, c = _core.background_tougaard(rows.y, rows.x.size, rows.x, sign, options, rows.threads)
        return Curves(*result, {"B": b, "C": c})

    return run


def _region(name: str, title: str, kernel: Callable[[Rows, Options], Curves], **more: float | None) -> Method:
    return Method(name, title, MappingProxyType({"end_points": 5, **more}), kernel, leaves_out="dropping")


POLYNOMIAL: dict[str, Any] = {"poly_order": 2, "max_iterations": 250, "tol": 1e-3}
SHIRLEY: dict[str, Any] = {"max_iterations": 50, "tol": 1e-6}
TOUGAARD: dict[str, Any] = {"fit_from": None, "kinetic": False}
POLYMERS = {"C": 551.0, "D": 436.0}  # Tougaard 1997; silica 542 and 275, silicon 325 and 96, aluminium 230 and 4.5


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        _penalised("asls", "asymmetric least squares (Eilers 2004)", 1e6, p=1e-2),
        _penalised("airpls", "adaptive iteratively reweighted penalised least squares (Zhang 2010)", 1e6),
        _penalised("arpls", "asymmetrically reweighted penalised least squares (Baek 2015)", 1e5),
        _penalised("iasls", "improved asymmetric least squares (He 2014)", 1e6, p=1e-2, lam_1=1e-4),
        _penalised("drpls", "doubly reweighted penalised least squares (Xu 2019)", 1e5, eta=0.5),
        _penalised("iarpls", "improved asymmetrically reweighted penalised least squares (Ye 2020)", 1e5),
        _penalised("aspls", "adaptive smoothness penalised least squares (Zhang 2020)", 1e5, 100, asymmetric_coef=0.5),
        _penalised("psalsa", "peaked signal's asymmetric least squares (Oller-Moreno 2014)", 1e5, p=0.5, k=None),
        _penalised(
            "derpsalsa",
            "derivative peak-screening asymmetric least squares (Korepanov 2020)",
            1e6,
            p=1e-2,
            k=None,
            smooth_half_window=None,
            num_smooths=16,
        ),
        Method(
            "snip",
            "iterative peak clipping (Ryan 1988, Morhac 1997)",
            MappingProxyType({"half_window": 40, "stiffness_width": None, "decreasing": True, "lls": False}),
            _snip,
            "half_window",
            _half_window,
            leaves_out="never",
        ),
        Method("modpoly", "modified polynomial (Lieber 2003)", MappingProxyType(POLYNOMIAL), _polynomial),
        Method(
            "imodpoly",
            "improved modified polynomial (Zhao 2007)",
            MappingProxyType({**POLYNOMIAL, "num_std": 1.0}),
            _polynomial,
        ),
        Method(
            "rubberband", "lower convex hull (Andrew 1979)", MappingProxyType({}), _rubber_band, leaves_out="dropping"
        ),
        _region("linear", "straight line between the ends", _linear),
        _region("shirley", "Shirley, iterated (Shirley 1972, Proctor 1982)", _shirley(False), **SHIRLEY),
        _region("smart", "Shirley, never above the data", _shirley(True), **SHIRLEY),
        _region("tougaard_u2", "Tougaard, B T / (C + T^2)^2", _tougaard(1.0), B=None, C=1643.0, **TOUGAARD),
        _region(
            "tougaard_u3", "Tougaard, B T / ((C - T^2)^2 + D T^2)", _tougaard(-1.0), B=None, **POLYMERS, **TOUGAARD
        ),
        _region(
            "tougaard_u4",
            "Tougaard, B T / ((C - T^2)^2 + D T^2) above the gap T0",
            _tougaard(-1.0),
            B=None,
            **POLYMERS,
            T0=0.0,
            **TOUGAARD,
        ),
    )
}


def method_named(name: str) -> Method:
    """The method called ``name``; ``OptionError`` for an unknown one."""
    try:
        return METHODS[name]
    except KeyError:
        raise OptionError(f"background method {name!r} is not one of {', '.join(METHODS)}") from None


def resolved(method: Method, given: Mapping[str, Any], step: float) -> Options:
    """Every option of ``method``: given ones checked, the others by default, ``stiffness_width`` translated.

    Raises
    ------
    OptionError
        An option that the method does not have, a value of the wrong kind, or two names for one stiffness.
    """
    options = filled(method.name, method.defaults, given)
    width = options.get("stiffness_width")
    if width is None or method.stiffness is None or method.from_width is None:
        return options
    if given.get(method.stiffness) is not None:
        raise OptionError(f"option stiffness_width = {width}: it replaces {method.stiffness}, which is given too")
    if not (width > 0 and math.isfinite(width)):
        raise OptionError(f"option stiffness_width = {width}: must be above 0, in units of the axis")
    options[method.stiffness] = method.from_width(width, step)
    return options


def filled(owner: str, defaults: Mapping[str, Any], given: Mapping[str, Any]) -> Options:
    """``defaults`` with what was ``given``, checked; ``OptionError`` for what ``owner`` does not take."""
    for name, value in given.items():
        if name not in defaults:
            raise OptionError(f"option {name} = {value!r}: {owner} takes {', '.join(defaults)}")
    return {**defaults, **{name: _checked(name, value, defaults[name]) for name, value in given.items()}}


def _checked(name: str, value: Any, default: Any) -> Any:
    if value is None and (default is None or name in FITTED):
        return None
    if name in NOT_NUMBERS:
        if not isinstance(value, bool | np.bool_):
            raise OptionError(f"option {name} = {value!r}: must be True or False")
        return bool(value)
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise OptionError(f"option {name} = {value!r}: must be a number") from None
    if name not in WHOLE:
        return number
    if not (number.is_integer() and 0 <= number < 2**31):
        raise OptionError(f"option {name} = {value!r}: must be a whole number, not negative")
    return int(number)


@dataclass(frozen=True, slots=True)
class Masking:
    """Which points count: factors on the weights, and points left out."""

    weights: Any = None
    mask: Any = None
    where: str = field(default="y")

    def factors(self, points: int, method: Method) -> FloatArray | None:
        """(points,) factors, 0 where ``mask`` is True; None where every point counts alike."""
        if self.weights is None and self.mask is None:
            return None
        name = "weights" if self.mask is None else "mask"
        if method.leaves_out == "never":
            raise OptionError(f"option {name}: {method.name} takes neither weights nor a mask")
        factors = np.ones(points) if self.weights is None else as_f64(self.weights, "weights")
        if factors.size != points:
            raise InvalidSpectrum(f"weights has {factors.size} values where {points} are needed", where=self.where)
        if self.mask is not None:
            mask = np.asarray(self.mask)
            if mask.dtype != np.bool_ or mask.shape != (points,):
                raise OptionError(f"option mask: must hold {points} booleans, True where a point is left out")
            factors[mask] = 0.0
        if method.leaves_out == "dropping" and not np.all((factors == 0.0) | (factors == 1.0)):
            raise OptionError(f"option weights: {method.name} takes 0 (left out) and 1 only")
        return factors


def curves(method: Method, rows: Rows, options: Options) -> Curves:
    """Run the kernel of ``method`` with resolved ``options``."""
    if method.leaves_out != "dropping" or rows.weights is None:
        return method.kernel(rows, options)
    kept = rows.weights > 0
    if np.count_nonzero(kept) < FEWEST_POINTS:
        raise InvalidSpectrum(f"fewer than {FEWEST_POINTS} points outside the mask", where="y")
    spectra = rows.y.reshape(-1, rows.x.size)[:, kept]
    result = method.kernel(Rows(spectra.reshape(-1), rows.x[kept], None, rows.threads), options)
    across = [np.interp(rows.x, rows.x[kept], curve) for curve in result.curve.reshape(spectra.shape)]
    return replace(result, curve=np.ravel(across))
