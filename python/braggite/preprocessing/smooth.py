"""Smoothing with the noise carried through: what is left of it, and what neighbours share."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from braggite import _core
from braggite.arrays import FloatArray, FrozenArrays, as_f64
from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum, OptionError
from braggite.noise import sigma_or_estimate
from braggite.preprocessing.options import filled
from braggite.preprocessing.rows import Given
from braggite.spectrum import Spectrum, Step

SMOOTHING = MappingProxyType(
    {
        "savitzky_golay": MappingProxyType({"window_length": 7, "polyorder": 2, "deriv": 0}),
        "whittaker": MappingProxyType({"lam": None, "stiffness_width": None, "weights": None}),
    }
)
FEWEST_POINTS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Smoothed(FrozenArrays):
    """A smoothed curve, or its derivative, and its noise.

    Attributes
    ----------
    curve : (n,) or (rows, n); a derivative is by the axis
    sigma : standard deviations of ``curve``, each point by itself
    noise_gain : standard deviation of ``curve`` in the middle for ordinates of standard deviation 1
    neighbour_correlation : correlation of the noise of two neighbours there
    lam : penalty used, one value a row (Whittaker)
    """

    method: str
    curve: FloatArray
    sigma: FloatArray
    x: FloatArray
    y: FloatArray
    x_unit: str
    noise_gain: float
    neighbour_correlation: float
    lam: tuple[float, ...]
    options: dict[str, Any]
    diagnostics: tuple[Diagnostic, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "method": self.method,
            "x": self.x.tolist(),
            "x_unit": self.x_unit,
            "curve": self.curve.tolist(),
            "sigma": self.sigma.tolist(),
            "noise_gain": self.noise_gain,
            "neighbour_correlation": self.neighbour_correlation,
            "lam": list(self.lam),
            "options": dict(self.options),
            "diagnostics": [note.to_dict() for note in self.diagnostics],
        }


def smoothed(given: Given, method: str, options: dict[str, Any]) -> Smoothed:
    """Smooth checked rows."""
    if method not in SMOOTHING:
        raise OptionError(f"smoothing method {method!r} is not one of {', '.join(SMOOTHING)}")
    if given.x.size < FEWEST_POINTS:
        raise InvalidSpectrum(f"{given.x.size} points; smoothing needs at least {FEWEST_POINTS}", where="y")
    weights = options.pop("weights", None) if "weights" in SMOOTHING[method] else None
    used = filled(method, SMOOTHING[method], options)
    if method == "savitzky_golay":
        result = _core.smooth_savitzky_golay(
            given.y.reshape(-1), given.x, given.flat_sigma(), used["window_length"], used["polyorder"], used["deriv"],
            given.threads,
        )  # fmt: skip
        lam: tuple[float, ...] = ()
    else:
        factors = None if weights is None else as_f64(weights, "weights")
        result = _core.smooth_whittaker(
            given.y.reshape(-1), given.x, given.flat_sigma(), factors, _lam(used, given.x), given.threads
        )
        lam = tuple(result[4])
        used = {**used, "lam": lam[0] if len(lam) == 1 else used["lam"], "weights": weights is not None}
    curve, sigma, gains, correlations, _, at_bound = result
    gain, correlation = float(np.median(gains or [0.0])), float(np.median(correlations or [0.0]))
    notes: tuple[Diagnostic, ...] = (Diagnostic.of("noise_correlated", where=method, value=correlation),)
    if any(at_bound):
        detail = "the penalty of least cross-validation lies at an end of the search"
        notes = (*notes, Diagnostic.of("at_bound", where="lam", value=lam, detail=detail))
    return Smoothed(
        method, curve.reshape(given.y.shape), sigma.reshape(given.y.shape), given.x, given.y, given.x_unit, gain,
        correlation, lam, used, notes,
    )  # fmt: skip


def _lam(used: dict[str, Any], x: FloatArray) -> float | None:
    width = used["stiffness_width"]
    if width is None:
        return None if used["lam"] is None else float(used["lam"])
    if used["lam"] is not None:
        raise OptionError(f"option stiffness_width = {width}: it replaces lam, which is given too")
    if not (width > 0 and np.isfinite(width)):
        raise OptionError(f"option stiffness_width = {width}: must be above 0, in units of the axis")
    return _core.whittaker_lam(width, float(x[-1] - x[0]) / (x.size - 1))


def smooth(spectrum: Spectrum, method: str = "savitzky_golay", **options: Any) -> Spectrum:
    """A smoothed spectrum, or a derivative of it, with the noise that is left.

    Parameters
    ----------
    method
        ``savitzky_golay``: a polynomial fitted around each point. ``whittaker``: penalised second differences.
    **options
        Savitzky-Golay: ``window_length`` (odd number of points), ``polyorder``, ``deriv`` (0, 1 or 2, by the axis); up
        to half a window from either end the outermost polynomial is used, and unequal steps are fitted as they are.
        Whittaker: ``lam``, or ``stiffness_width`` (period of a wave of which half passes, in units of the axis), or
        neither: least generalised cross-validation, which takes the noise for independent; ``weights`` (n,), 0 where a
        point is left out.

    Returns
    -------
    Spectrum
        ``sigma`` holds each point's own standard deviation; neighbours share their noise, which the diagnostic
        ``noise_correlated`` states (its value is the correlation of two neighbours) and the history keeps
        (``noise_gain``, ``neighbour_correlation``): sums over points need more than ``sigma``.

    Raises
    ------
    OptionError
        An unknown method or option, or a value outside its meaning.
    InvalidSpectrum
        Fewer than five points.

    References
    ----------
    Savitzky and Golay, Anal. Chem. 36 (1964) 1627; Whittaker, Proc. Edinburgh Math. Soc. 41 (1923) 63; Eilers, Anal.
    Chem. 75 (2003) 3631; Craven and Wahba, Numer. Math. 31 (1979) 377.
    """
    noise, remarks = sigma_or_estimate(spectrum)
    result = smoothed(Given(spectrum.y, spectrum.x, spectrum.x_unit, sigma=noise), method, options)
    step = Step(
        "smooth",
        {"method": method, **result.options, "noise_gain": result.noise_gain,
         "neighbour_correlation": result.neighbour_correlation},
    )  # fmt: skip
    changes: dict[str, Any] = {"y_unit": "arbitrary"} if result.options.get("deriv") else {}
    notes = (*spectrum.diagnostics, *remarks, *result.diagnostics)
    return spectrum.with_step(step, y=result.curve, sigma=result.sigma, counts=False, diagnostics=notes, **changes)
