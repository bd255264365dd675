"""The background methods: their options, the defaults of the literature, and which kernel computes them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite import _core
from braggite.arrays import FloatArray, as_f64
from braggite.errors import InvalidSpectrum, OptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Options = dict[str, Any]
NOT_NUMBERS = {"decreasing", "lls"}
WHOLE = {"max_iterations", "half_window", "smooth_half_window", "num_smooths"}


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
    """What a kernel returns for :class:`Rows`: flat curves, and per row how the iteration ended."""

    curve: FloatArray
    converged: list[bool]
    iterations: list[int]
    tolerance: list[float]


@dataclass(frozen=True, slots=True)
class Method:
    """One background method.

    Attributes
    ----------
    defaults : every option with its default; ``stiffness_width`` (None) stands for the option named ``stiffness``
    stiffness : the literature's option that ``stiffness_width`` replaces, and the rule for it
    """

    name: str
    title: str
    defaults: Mapping[str, Any]
    stiffness: str
    from_width: Callable[[float, float], float]
    kernel: Callable[[Rows, Options], Curves]
    takes_weights: bool = True


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
    return Method(name, title, MappingProxyType(defaults), "lam", _core.whittaker_lam, _whittaker(name))


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
            "half_window",
            _half_window,
            _snip,
            takes_weights=False,
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
    for name, value in given.items():
        if name not in method.defaults:
            raise OptionError(f"option {name} = {value!r}: {method.name} takes {', '.join(method.defaults)}")
    options = {
        **method.defaults,
        **{name: _checked(name, value, method.defaults[name]) for name, value in given.items()},
    }
    width = options["stiffness_width"]
    if width is None:
        return options
    if given.get(method.stiffness) is not None:
        raise OptionError(f"option stiffness_width = {width}: it replaces {method.stiffness}, which is given too")
    if not (width > 0 and math.isfinite(width)):
        raise OptionError(f"option stiffness_width = {width}: must be above 0, in units of the axis")
    options[method.stiffness] = method.from_width(width, step)
    return options


def _checked(name: str, value: Any, default: Any) -> Any:
    if value is None and default is None:
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
        if not method.takes_weights:
            raise OptionError(f"option {name}: {method.name} has no weights")
        factors = np.ones(points) if self.weights is None else as_f64(self.weights, "weights")
        if factors.size != points:
            raise InvalidSpectrum(f"weights has {factors.size} values where {points} are needed", where=self.where)
        if self.mask is not None:
            mask = np.asarray(self.mask)
            if mask.dtype != np.bool_ or mask.shape != (points,):
                raise OptionError(f"option mask: must hold {points} booleans, True where a point is left out")
            factors[mask] = 0.0
        return factors


def curves(method: Method, rows: Rows, options: Options) -> Curves:
    """Run the kernel of ``method`` with resolved ``options``."""
    return method.kernel(rows, options)
