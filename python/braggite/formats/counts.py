"""Counts, rates or neither: decided by arithmetic, not by what a header says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.arrays import FloatArray
    from braggite.spectrum import YUnit

INTEGRAL_TOLERANCE = 0.05
"""How far a recovered count may lie from an integer: rates are printed with few digits."""


@dataclass(frozen=True, slots=True)
class Noise:
    """What the ordinates are and how large their standard deviation is."""

    sigma: FloatArray | None
    counts: bool | None
    y_unit: YUnit
    notes: tuple[Diagnostic, ...] = ()


def are_counts(values: FloatArray) -> bool:
    """Whether all values are whole, none negative, and at least one positive."""
    return bool(np.all(values >= 0) and np.any(values > 0) and np.all(values == np.rint(values)))


@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def decide_noise(
    y: FloatArray,
    *,
    dwell_s: float | FloatArray | None = None,
    attenuation: FloatArray | None = None,
    stated_sigma: FloatArray | None = None,
    rate: bool = False,
    where: str,
) -> Noise:
    """Counts (sigma = sqrt(max(n, 1)) x attenuation), rates of known dwell (sigma = sqrt(n)/t), or unknown (None).

    Parameters
    ----------
    y : (n,) ordinates, attenuation factors already multiplied in
    dwell_s : counting time per point in seconds
    attenuation : (n,) factors that stand in ``y``
    rate : whether the file calls them rates: whole rates that are whole counts even in less than a second stay rates
    stated_sigma : (n,) standard deviations of the file; kept as they are
    """
    factor = np.ones_like(y) if attenuation is None else attenuation
    stored = y / factor
    implied = _dwell_from(y, stated_sigma)
    whole = np.all(np.abs(stored - np.rint(stored)) < 1e-6) and are_counts(np.rint(stored))
    finer = rate and isinstance(dwell_s, float) and dwell_s < 1 and _nearly_counts(stored * dwell_s)
    if whole and implied in (None, 1.0) and not finer:
        return Noise(_first(stated_sigma, np.sqrt(np.maximum(stored, 1.0)) * factor), True, "counts")
    dwell = dwell_s if implied is None else implied
    if dwell is not None and np.all(np.asarray(dwell) > 0):
        events = stored * dwell
        if _nearly_counts(events):
            sigma = np.sqrt(np.maximum(np.rint(events), 1.0)) / dwell * factor
            return Noise(_first(stated_sigma, sigma), False, "counts/s")
    if stated_sigma is not None:
        return Noise(stated_sigma, True if whole else None, "counts" if whole else "arbitrary")
    return Noise(None, None, "counts/s" if rate else "arbitrary", (Diagnostic.of("sigma_unknown", where=where),))


def _first(stated: FloatArray | None, computed: FloatArray) -> FloatArray:
    return computed if stated is None else stated


def _dwell_from(y: FloatArray, sigma: FloatArray | None) -> float | None:
    """The counting time that a stated sigma = sqrt(y/t) implies, as a multiple of a quarter; None when there is none.

    Whole rates (a dwell of half a second) cannot be told from counts otherwise.
    """
    if sigma is None or not np.any(y > 0):
        return None
    dwell = float(np.median(y[y > 0] / sigma[y > 0] ** 2))
    return round(4 * dwell) / 4 or None


def _nearly_counts(events: FloatArray) -> bool:
    return bool(np.all(np.abs(events - np.rint(events)) < INTEGRAL_TOLERANCE)) and are_counts(np.rint(events))


def counting_time(y: FloatArray, candidates_s: Sequence[float | None]) -> float | None:
    """The first of several times (per scan, of all scans) that turns every rate into a whole number of counts.

    A time proves nothing when any number printed with that many decimals would pass: 10 s over one decimal.
    """
    decimals = next((n for n in range(7) if np.all(np.abs(y * 10**n - np.rint(y * 10**n)) < 1e-6)), None)
    for time in candidates_s:
        if not time or time <= 0 or not np.isfinite(time):
            continue
        resolution = 0.0 if decimals is None else time * 10.0**-decimals
        trivial = resolution > INTEGRAL_TOLERANCE and abs(resolution - np.rint(resolution)) < INTEGRAL_TOLERANCE
        if not trivial and _nearly_counts(y * time):
            return time
    return None
