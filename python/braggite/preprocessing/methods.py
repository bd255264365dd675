"""The table of background methods: their options, the defaults of the literature, and which kernel computes them."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from braggite import _core
from braggite.errors import OptionError
from braggite.preprocessing.automatic import chosen as automatic
from braggite.preprocessing.method import Curves, Method, Options, Rows

if TYPE_CHECKING:
    from collections.abc import Callable

FEWEST_KNOTS_IN_WIDTH = 4


def _whittaker(name: str) -> Callable[[Rows, Options], Curves]:
    def run(rows: Rows, options: Options) -> Curves:
        result = _core.background_whittaker(
            rows.y, rows.x.size, rows.x, rows.weights, name, options, rows.threads,
        )  # fmt: skip
        return Curves(*result)

    return run


def _whittaker_lam(width: float, rows: Rows, options: Options) -> float:
    return _core.whittaker_lam(width, rows.step)


def _penalised(name: str, title: str, lam: float, max_iterations: int = 50, **more: float | None) -> Method:
    defaults = {"lam": lam, "stiffness_width": None, **more, "max_iterations": max_iterations, "tol": 1e-3}
    return Method(name, title, MappingProxyType(defaults), _whittaker(name), "lam", _whittaker_lam)


def _spline_kernel(rows: Rows, options: Options) -> Curves:
    result = _core.background_penalised_spline(rows.y, rows.x.size, rows.x, rows.weights, options, rows.threads)
    return Curves(*result)


def _spline_lam(width: float, rows: Rows, options: Options) -> float:
    """lam at which a spline passes half of a wave of period ``width``: points per knot x (width / 2 pi knots)^2d."""
    intervals = max(1, options["num_knots"] - 1)
    knots = width / (rows.step * (rows.x.size - 1) / intervals)
    if knots < FEWEST_KNOTS_IN_WIDTH:
        raise OptionError(
            f"option stiffness_width = {width}: spans {knots:.2g} intervals between knots; "
            f"raise num_knots until it spans {FEWEST_KNOTS_IN_WIDTH}"
        )
    points = (rows.x.size - 1) / intervals
    return float(points * (knots / (2 * math.pi)) ** (2 * options["diff_order"]))


def _spline(name: str, title: str, **more: float | None) -> Method:
    knots = {"num_knots": 100, "spline_degree": 3, "diff_order": 2}
    defaults = {"lam": 1e3, "stiffness_width": None, **more, **knots, "max_iterations": 50, "tol": 1e-3}
    return Method(name, title, MappingProxyType(defaults), _spline_kernel, "lam", _spline_lam)


def _snip(rows: Rows, options: Options) -> Curves:
    half_window, decreasing, lls = options["half_window"], options["decreasing"], options["lls"]
    return Curves(*_core.background_snip(rows.y, rows.x.size, half_window, decreasing, lls, rows.threads))


def _half_window(width: float, rows: Rows, options: Options) -> float:
    return max(1, round(0.5 * width / rows.step))


def _interval(width: float, rows: Rows, options: Options) -> float:
    return max(1, round(width / rows.step))


def _windowed(name: str, title: str, **more: float | None) -> Method:
    def run(rows: Rows, options: Options) -> Curves:
        result = _core.background_windows(rows.y, rows.x.size, rows.x, rows.step, name, options, rows.threads)
        return Curves(*result)

    defaults = MappingProxyType({"half_window": 40, "stiffness_width": None, **more})
    return Method(name, title, defaults, run, "half_window", _half_window, "dropping")


def _sonneveld_visser(rows: Rows, options: Options) -> Curves:
    result = _core.background_sonneveld_visser(
        rows.y, rows.x.size, rows.x, options["interval"], rows.step, options["curvature"], options["iterations"],
        rows.threads,
    )  # fmt: skip
    return Curves(*result)


def _rubber_band(rows: Rows, options: Options) -> Curves:
    return Curves(*_core.background_rubber_band(rows.y, rows.x.size, rows.x, rows.threads))


def _concave_rubber_band(rows: Rows, options: Options) -> Curves:
    result = _core.background_concave_rubber_band(
        rows.y, rows.x.size, rows.x, options["iterations"], options["baseline_points"], rows.threads,
    )  # fmt: skip
    return Curves(*result)


def _polynomial(rows: Rows, options: Options) -> Curves:
    result = _core.background_polynomial(
        rows.y, rows.x.size, rows.x, rows.weights, options["poly_order"], options["max_iterations"], options["tol"],
        options.get("num_std"), rows.threads,
    )  # fmt: skip
    return Curves(*result)


def _chebyshev(rows: Rows, options: Options) -> Curves:
    result, clipped = _core.background_chebyshev(
        rows.y, rows.x.size, rows.x, rows.weights, options["poly_order"],
        (options["num_std"], options["num_std_below"]), options["max_iterations"], rows.threads,
    )  # fmt: skip
    return Curves(*result, clipped=clipped)


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
        _spline("pspline_asls", "asymmetric least squares by penalised B-splines (Eilers 2004, 2015)", p=1e-2),
        _spline("pspline_arpls", "arPLS by penalised B-splines (Baek 2015, Eilers 2015)"),
        Method(
            "snip",
            "iterative peak clipping (Ryan 1988, Morhac 1997)",
            MappingProxyType({"half_window": 40, "stiffness_width": None, "decreasing": True, "lls": False}),
            _snip,
            "half_window",
            _half_window,
            leaves_out="never",
        ),
        _windowed("tophat", "top-hat, the morphological opening (Perez-Pueyo 2010)"),
        _windowed("mor", "averaged morphological opening (Perez-Pueyo 2010)"),
        _windowed("imor", "iterated averaged opening (Dai 2018)", max_iterations=200, tol=1e-3),
        _windowed("rolling_ball", "rolling ball, the smoothed opening (Kneen 1996)", smooth_half_window=None),
        _windowed("bruckner", "iterated window smoothing (Bruckner 2000)", iterations=30),
        Method(
            "sonneveld_visser",
            "nodes lowered to the line between neighbours (Sonneveld 1975)",
            MappingProxyType({"interval": 20, "stiffness_width": None, "curvature": 0.0, "iterations": 30}),
            _sonneveld_visser,
            "interval",
            _interval,
            leaves_out="dropping",
        ),
        Method("modpoly", "modified polynomial (Lieber 2003)", MappingProxyType(POLYNOMIAL), _polynomial),
        Method(
            "imodpoly",
            "improved modified polynomial (Zhao 2007)",
            MappingProxyType({**POLYNOMIAL, "num_std": 1.0}),
            _polynomial,
        ),
        Method(
            "chebyshev",
            "Chebyshev series, clipped until the same points are clipped twice",
            MappingProxyType({"poly_order": 5, "num_std": 2.0, "num_std_below": 3.0, "max_iterations": 100}),
            _chebyshev,
        ),
        Method(
            "rubberband", "lower convex hull (Andrew 1979)", MappingProxyType({}), _rubber_band, leaves_out="dropping"
        ),
        Method(
            "concave_rubberband",
            "rubber band that enters domes (Pirzer 2008)",
            MappingProxyType({"iterations": 10, "baseline_points": 64}),
            _concave_rubber_band,
            leaves_out="dropping",
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
        Method("auto", "arPLS, asPLS or iarPLS, as stiff as the data ask", MappingProxyType({}), automatic),
    )
}


def method_named(name: str) -> Method:
    """The method called ``name``; ``OptionError`` for an unknown one."""
    try:
        return METHODS[name]
    except KeyError:
        raise OptionError(f"background method {name!r} is not one of {', '.join(METHODS)}") from None
