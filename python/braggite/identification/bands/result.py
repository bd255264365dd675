"""From a hypothesis to the match people read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from braggite.arrays import frozen
from braggite.identification.bands.judgement import band_fraction
from braggite.matching.band_match import BandFit, BandMatch, FittedBand
from braggite.matching.results import FitParameter, FitStatistics
from braggite.values import Value

if TYPE_CHECKING:
    from braggite.diagnostics import Diagnostic
    from braggite.identification.bands.search import Hypothesis, Search
    from braggite.matching.band_pattern import BandPattern

_CONVERGED = ("converged", "no_progress")


def band_match(search: Search, hypothesis: Hypothesis, diagnostics: tuple[Diagnostic, ...] = ()) -> BandMatch:
    """The match of a hypothesis."""
    pattern, view = search.pattern, hypothesis.view
    _, _, _, _, stop = view.outcome
    calculated = frozen(pattern.background + view.calculated)
    curves = view.curves
    known = [(place, member) for place, member in enumerate(hypothesis.members) if member.candidate is not None]
    unknown = [place for place, member in enumerate(hypothesis.members) if member.candidate is None]
    shift, shift_su = view.shift
    shift_value = Value(shift, shift_su)
    return BandMatch(
        converged=stop in _CONVERGED,
        stop_reason=stop,
        at_bound=(),
        statistics=_statistics(pattern, calculated, n_free=view.theta.size + len(hypothesis.members)),
        phases=tuple(
            BandFit(
                name=search.candidates[member.candidate].phase.name,
                formula=search.candidates[member.candidate].phase.formula,
                band_fraction=band_fraction(hypothesis, place),
                bands=_bands(search, hypothesis, place),
                curve=curves[place],
            )
            for place, member in known
            if member.candidate is not None
        ),
        unknown=tuple(band for place in unknown for band in _bands(search, hypothesis, place)),
        shift_cm1=shift_value,
        discrepancy=pattern.used_discrepancy,
        parameters={"shift_cm1": FitParameter(shift_value, "cm-1")},
        x=pattern.x,
        observed=pattern.spectrum.y,
        calculated=calculated,
        background=frozen(calculated - curves.sum(axis=0)) if len(curves) else calculated,
        sigma=frozen(1.0 / np.sqrt(np.where(pattern.noise_weight > 0.0, pattern.noise_weight, math.inf))),
        spectrum=pattern.spectrum,
        diagnostics=diagnostics,
        options=pattern.options.to_dict(),
    )


def _bands(search: Search, hypothesis: Hypothesis, place: int) -> tuple[FittedBand, ...]:
    view, own = hypothesis.view, hypothesis.bands_of(place)
    candidate = hypothesis.members[place].candidate
    n = own.stop - own.start
    references = search.candidates[candidate].bands if candidate is not None else (None,) * n
    columns = [
        zip(*(part[own].tolist() for part in pair), strict=True) for pair in (view.position, view.fwhm, view.area)
    ]
    heights = zip(*(part[own].tolist() for part in view.height), strict=True)
    return tuple(
        FittedBand(_value(*position), _value(*fwhm), _value(*area), height, significance, reference)
        for position, fwhm, area, (height, significance), reference in zip(*columns, heights, references, strict=True)
    )


def _value(value: float, su: float) -> Value:
    return Value(value, None if math.isnan(su) else su)


def _statistics(pattern: BandPattern, calculated: np.ndarray, n_free: int) -> FitStatistics:
    used = pattern.noise_weight > 0.0
    weight, observed = pattern.noise_weight[used], pattern.spectrum.y[used]
    residual = observed - calculated[used]
    chi_squared, size = float(weight @ residual**2), float(weight @ observed**2)
    degrees = max(int(used.sum()) - n_free, 1)
    rwp, rexp = 100.0 * math.sqrt(chi_squared / size), 100.0 * math.sqrt(degrees / size)
    misses = residual * np.sqrt(weight)
    return FitStatistics(
        rwp_percent=rwp,
        rp_percent=100.0 * float(np.abs(residual).sum() / np.abs(observed).sum()),
        rexp_percent=rexp,
        gof=rwp / rexp,
        n_points=int(used.sum()),
        n_free=n_free,
        durbin_watson=float(np.square(np.diff(misses)).sum() / max(float(np.square(misses).sum()), 1e-300)),
    )
