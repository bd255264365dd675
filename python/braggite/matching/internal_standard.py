"""Absolute weight fractions, and what is amorphous, from a weighed-in standard among the phases of a match."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import OptionError
from braggite.matching.microabsorption import GRAIN_LIMIT_UM, corrected
from braggite.matching.phases import structure_of
from braggite.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.arrays import FloatArray
    from braggite.matching.results import MatchResult, PhaseFit
    from braggite.references.phase import Phase

SEEN_SU = 3.0
"""Standard uncertainties by which the standard must stand above zero."""
IMPOSSIBLE_SU = 2.0
"""Standard uncertainties by which an amorphous fraction below zero is no longer chance."""


def standard_among(phases: Sequence[Phase], name: str) -> Phase | None:
    """The phase that bears the name or alias of the standard."""
    wanted = name.casefold()
    own = (phase for phase in phases if wanted in {key.casefold() for key in (phase.name, *phase.aliases)})
    return next(own, None)


def refuse_absent_standard(phases: Sequence[Phase], name: str) -> None:
    """``OptionError`` where the standard is none of the phases."""
    if standard_among(phases, name) is None:
        raise OptionError(
            f"the internal standard {name} is none of the phases",
            where="internal_standard",
            suggestion=f"one of {', '.join(phase.name for phase in phases)}",
        )


def on_total(
    result: MatchResult, phases: Sequence[Phase], standard: tuple[str, float],
    relative_covariance: FloatArray | None = None,
) -> MatchResult:  # fmt: skip
    """The match with fractions of the whole specimen, standard included, and its amorphous or unidentified rest.

    Parameters
    ----------
    result
        A match with weight fractions of the crystalline part.
    phases
        The phases matched.
    standard
        Name or alias of the one that was weighed in, and its weight fraction in the specimen, taken as exact.
    relative_covariance
        (n, n) relative covariance of the amounts of the phases; None: that of the refined scales.

    Returns
    -------
    The match with ``basis`` "total"; as it was, with a diagnostic, where the standard does not stand out.

    Notes
    -----
    w_i = w_s c_i / c_s and 1 - w_s / c_s, with c the fractions of the crystalline part (De La Torre, Bruque & Aranda,
    J. Appl. Cryst. 34 (2001) 196). The uncertainties are those of the ratios, correlations included.
    """
    name, weighed = standard
    reference = standard_among(phases, name)
    if reference is None:
        return _noted(result, Diagnostic.of("standard_not_seen", where=name))
    name = reference.name
    known = [fit.weight_fraction or Value(0.0) for fit in result.phases]
    place = next(i for i, fit in enumerate(result.phases) if fit.name == name)
    own = known[place]
    if own.su is None or not own.value > SEEN_SU * own.su:
        return _noted(result, Diagnostic.of("standard_not_seen", where=name, value=own.value))
    ratio = np.array([fraction.value for fraction in known]) / own.value
    covariance = _of_scales(result) if relative_covariance is None else relative_covariance
    spread = np.diag(covariance) + covariance[place, place] - 2.0 * covariance[place]
    fractions = [
        Value(weighed * float(r), weighed * float(r * np.sqrt(v)) if r > 0.0 and v >= 0.0 else None)
        for r, v in zip(ratio, spread, strict=True)
    ]
    fractions[place] = Value(weighed)
    slope = weighed / own.value**2
    counting = None if own.su_counting is None else slope * own.su_counting
    amorphous = Value(1.0 - weighed / own.value, slope * own.su, counting)
    fits, range_ = _with_ranges(result, place, weighed, fractions, amorphous.value)
    total = replace(
        result,
        phases=fits,
        basis="total",
        amorphous_fraction=amorphous,
        amorphous_fraction_range=range_,
    )
    if amorphous.value < -IMPOSSIBLE_SU * slope * own.su:
        detail = (
            f"{name} was found as {100 * own.value:.1f} wt% of the crystalline part, less than the {100 * weighed:.1f} "
            "wt% weighed in: the phases would make up more than the specimen"
        )
        total = _noted(total, Diagnostic.of("standard_impossible", where=name, value=amorphous.value, detail=detail))
    return total


def _noted(result: MatchResult, note: Diagnostic) -> MatchResult:
    return replace(result, diagnostics=(*result.diagnostics, note))


def _of_scales(result: MatchResult) -> FloatArray:
    """(n, n) relative covariance of the scales; infinite where a scale is zero."""
    names = list(result.parameters)
    rows = [names.index(f"{fit.name}.scale") for fit in result.phases]
    scales = np.array([result.parameters[names[row]].value.value for row in rows])
    assert result.covariance is not None
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.nan_to_num(result.covariance[np.ix_(rows, rows)]) / np.outer(scales, scales))


def _with_ranges(
    result: MatchResult, place: int, weighed: float, fractions: Sequence[Value], amorphous: float
) -> tuple[tuple[PhaseFit, ...], tuple[float, float] | None]:
    """The phases with their fractions of the whole, and what coarse grains may make of these and of the rest."""
    pairs = list(zip(result.phases, fractions, strict=True))
    spectrum, references = result.spectrum, [fit.reference for fit in result.phases]
    if spectrum is None or spectrum.radiation is None or result.phases[place].weight_fraction_range is None:
        return tuple(replace(fit, weight_fraction=value) for fit, value in pairs), None
    coarse = corrected(
        [fit.weight_fraction.value if fit.weight_fraction else 0.0 for fit in result.phases],
        [structure_of(reference) for reference in references if reference is not None],
        spectrum.radiation.wavelength_angstrom,
        grain_um=GRAIN_LIMIT_UM,
        two_theta_deg=0.5 * float(spectrum.x[0] + spectrum.x[-1]),
    )
    ends = [(value.value, weighed * float(c / coarse[place])) for (_, value), c in zip(pairs, coarse, strict=True)]
    fits = tuple(
        replace(fit, weight_fraction=value, weight_fraction_range=(min(end), max(end)))
        for (fit, value), end in zip(pairs, ends, strict=True)
    )
    rest = amorphous, 1.0 - weighed / float(coarse[place])
    return fits, (min(rest), max(rest))
