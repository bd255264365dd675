"""Line shapes on arrays, and as models of lmfit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from braggite import _core
from braggite.arrays import FloatArray, as_f64
from braggite.errors import InvalidSpectrum, OptionError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from braggite.lmfit_models import LineShapeModel

LINE_SHAPES: tuple[str, ...] = tuple(_core.line_shape_names())
"""Names of all line shapes; docs/line-shapes.md has their formulas."""

Emission = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a line shape.

    Attributes
    ----------
    name : as the literature writes it
    is_width : whether it is a length in the unit of the axis
    lower, upper : values outside are refused
    start : where a fit may start; None for widths
    """

    name: str
    is_width: bool
    lower: float
    upper: float
    start: float | None


@overload
def line_shape(
    name: str, x: ArrayLike, center: float, *, amplitude: float = ..., emission: Emission | None = ...,
    derivatives: Literal[False] = ..., **parameters: float,
) -> FloatArray: ...  # fmt: skip
@overload
def line_shape(
    name: str, x: ArrayLike, center: float, *, amplitude: float = ..., emission: Emission | None = ...,
    derivatives: Literal[True], **parameters: float,
) -> tuple[FloatArray, dict[str, FloatArray]]: ...  # fmt: skip
def line_shape(
    name: str, x: ArrayLike, center: float, *, amplitude: float = 1.0, emission: Emission | None = None,
    derivatives: bool = False, **parameters: float,
) -> FloatArray | tuple[FloatArray, dict[str, FloatArray]]:  # fmt: skip
    """A line over positions, and its derivatives on request.

    Parameters
    ----------
    name
        One of :data:`LINE_SHAPES`.
    x
        (n,) positions in any order.
    center
        Position of the line, in the unit of ``x``; degrees 2-theta for ``finger_cox_jephcoat`` and with ``emission``.
    amplitude
        Area of the line; its height for shapes of infinite area (``doniach_sunjic``, ``fano``, ``breit_wigner_fano``).
    emission
        (wavelength, weight) of every line of an X-ray source: the line is drawn at each, ``center`` being that of the
        first.
    derivatives
        Whether to return the derivatives too.
    **parameters
        All parameters of the shape by name, widths in the unit of ``x``.

    Returns
    -------
    values, or (values, derivatives)
        (n,) values; the derivatives by name: ``amplitude``, ``center`` and every parameter, (n,) each.

    Raises
    ------
    OptionError
        An unknown shape, a parameter that is missing, unknown or outside its meaning.
    InvalidSpectrum
        Positions that are not finite.
    """
    shape = _shape(name, emission)
    values = _ordered(shape, parameters)
    for what, number in (("center", center), ("amplitude", amplitude)):
        _number(what, number)
    axis = as_f64(x, "x")
    if not np.all(np.isfinite(axis)):
        raise InvalidSpectrum(f"x[{int(np.argmin(np.isfinite(axis)))}] is not finite", where="x")
    order = None if np.all(np.diff(axis) >= 0) else np.argsort(axis, kind="stable")
    axis = axis if order is None else axis[order]

    def unsorted(column: FloatArray) -> FloatArray:
        if order is None:
            return column
        original = np.empty_like(column)
        original[order] = column
        return original

    if not derivatives:
        return unsorted(shape.values(axis, center, values, amplitude))
    unit, columns = shape.columns(axis, center, values)
    unit = unsorted(unit)
    by = {"amplitude": unit}
    names = ["center", *(parameter.name for parameter in _parameters(shape))]
    by |= {key: amplitude * unsorted(column) for key, column in zip(names, columns, strict=True)}
    return amplitude * unit, by


@dataclass(frozen=True, slots=True)
class LineMeasures:
    """What can be said of a line as drawn, for an amplitude of one.

    Attributes
    ----------
    fwhm : full width at half maximum, inf where the line never falls so far
    height : maximum
    maximum_offset : position of the maximum minus the centre
    area : None where it is infinite
    """

    fwhm: float
    height: float
    maximum_offset: float
    area: float | None


def measure_line_shape(name: str, **parameters: float) -> LineMeasures:
    """Width, height, position of the maximum and area of a line of amplitude one.

    Of ``finger_cox_jephcoat`` the numbers are those of the line without divergence, since the whole depends on 2-theta.

    Raises
    ------
    OptionError
        As :func:`line_shape`.
    """
    shape = _shape(name, None)
    return LineMeasures(*shape.measures(_ordered(shape, parameters)))


def line_shape_area(
    name: str, start: float, stop: float, center: float, *, amplitude: float = 1.0, emission: Emission | None = None,
    **parameters: float,
) -> float:  # fmt: skip
    """Area of a line between two positions; the only one that a line of infinite area has.

    Raises
    ------
    OptionError
        As :func:`line_shape`; limits that are not finite and ascending.
    """
    shape = _shape(name, emission)
    values = _ordered(shape, parameters)
    for what, number in (("center", center), ("amplitude", amplitude), ("start", start), ("stop", stop)):
        _number(what, number)
    if not start < stop:
        raise OptionError(f"option stop = {stop:g}: must be above start = {start:g}")
    return amplitude * shape.area_between(center, values, start, stop)


def line_shape_window(
    name: str, center: float, *, tail: float, emission: Emission | None = None, **parameters: float
) -> tuple[float, float]:
    """Positions outside which a line is below ``tail`` times its maximum; infinite where there are none.

    Raises
    ------
    OptionError
        As :func:`line_shape`; a tail outside 0 to 1.
    """
    shape = _shape(name, emission)
    values = _ordered(shape, parameters)
    _number("center", center)
    _number("tail", tail)
    if not 0 < tail < 1:
        raise OptionError(f"option tail = {tail:g}: must lie between 0 and 1")
    return shape.window(center, values, tail)


def line_shape_parameters(name: str) -> tuple[Parameter, ...]:
    """The parameters of a line shape, ``center`` and ``amplitude`` not counted.

    Raises
    ------
    OptionError
        An unknown shape.
    """
    return _parameters(_shape(name, None))


def lmfit_model(name: str, prefix: str = "", *, emission: Emission | None = None) -> LineShapeModel:
    """A line shape as a model of lmfit, to be guessed, hinted at and added to lmfit's own.

    Parameters
    ----------
    name
        One of :data:`LINE_SHAPES`. Its parameters in lmfit are ``amplitude`` (area), ``center`` and those of the shape,
        each after the prefix.
    prefix
        As in lmfit.
    emission
        As :func:`line_shape`.

    Raises
    ------
    OptionError
        An unknown shape, or emission lines that are not positive.
    """
    from braggite.lmfit_models import LineShapeModel

    return LineShapeModel(name, prefix=prefix, emission=emission)


def _shape(name: str, emission: Emission | None) -> _core.LineShape:
    if name not in LINE_SHAPES:
        raise OptionError(f"line shape {name!r} is not known", suggestion=f"use {', '.join(LINE_SHAPES)}")
    try:
        lines = [] if emission is None else [(float(wavelength), float(weight)) for wavelength, weight in emission]
    except (TypeError, ValueError):
        raise OptionError(f"option emission = {emission!r}: must be pairs of wavelength and weight") from None
    if emission is not None and not lines:
        raise OptionError("option emission = []: must have one line at least")
    return _core.LineShape(name, lines)


def _parameters(shape: _core.LineShape) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(name, is_width, lower, upper, None if is_width else start)
        for name, is_width, lower, upper, start in shape.parameters()
    )


def _ordered(shape: _core.LineShape, given: Mapping[str, Any]) -> list[float]:
    names = [parameter.name for parameter in _parameters(shape)]
    wrong = [f"{key} is not known" for key in given if key not in names]
    wrong += [f"{key} is missing" for key in names if key not in given]
    if wrong:
        raise OptionError(f"parameter {wrong[0]}", suggestion=f"this line shape has {', '.join(names)}")
    return [_number(key, given[key]) for key in names]


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise OptionError(f"option {name} = {value!r}: must be a number") from None
    if not math.isfinite(number):
        raise OptionError(f"option {name} = {number}: must be finite")
    return number
