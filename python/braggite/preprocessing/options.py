"""From the options that a user gave to every option that a kernel needs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from braggite.preprocessing.method import Method, Options, Rows

NOT_NUMBERS = {"decreasing", "lls", "kinetic"}
FITTED = {"B", "C"}  # None: by the data
WHOLE = {
    "max_iterations", "iterations", "half_window", "smooth_half_window", "num_smooths", "end_points", "poly_order",
    "interval", "baseline_points", "num_knots", "spline_degree", "diff_order", "window", "max_width", "window_length",
    "polyorder", "deriv",
}  # fmt: skip


def resolved(method: Method, given: Mapping[str, Any], rows: Rows) -> Options:
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
    options[method.stiffness] = method.from_width(width, rows, options)
    return options


def filled(owner: str, defaults: Mapping[str, Any], given: Mapping[str, Any]) -> Options:
    """``defaults`` with what was ``given``, checked; ``OptionError`` for what ``owner`` does not take."""
    for name, value in given.items():
        if name not in defaults:
            takes = ", ".join(defaults) or "no options"
            raise OptionError(f"option {name} = {value!r}: {owner} takes {takes}")
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
