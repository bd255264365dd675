"""Whether a match may be believed: a fit can converge where there is nothing to meet, or beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.values import Value

if TYPE_CHECKING:
    from braggite.matching.results import MatchResult, PhaseFit

SEEN_SU = 3.0
"""A line is seen where it exceeds this many standard deviations of what counting makes of its place."""
POOR, HOPELESS = 0.25, 0.5
"""Share of the net signal missed, beyond noise, from which a match is doubtful, and has not met the lines."""


def with_doubts(result: MatchResult) -> MatchResult:
    """The match with what speaks against it; not converged where no phase was seen or most of the signal was missed."""
    unseen = [fit for fit in result.phases if not _is_determined(fit, result)]
    missed = missed_share(result)
    # A scale ties the lines together, and the prior of the reference holds the cell.
    loose = [fit for fit in unseen if fit.weight_fraction is None]
    notes = [Diagnostic.of("cell_not_determined", where=fit.name) for fit in loose]
    if missed > POOR:
        notes.append(Diagnostic.of("poor_agreement", value=round(missed, 3)))
    stop_reason = result.stop_reason
    if missed > HOPELESS:
        stop_reason = "lines_not_met"
    elif len(unseen) == len(result.phases):
        stop_reason = "no_lines"
    return replace(
        result,
        converged=result.converged and stop_reason == result.stop_reason,
        stop_reason=stop_reason,
        phases=tuple(_without_certainty(fit) if fit in loose else fit for fit in result.phases),
        diagnostics=(*result.diagnostics, *notes),
    )


def missed_share(result: MatchResult) -> float:
    """Deviations beyond three standard deviations over the net signal beyond three; 0 where there is no signal."""
    noise = 3.0 * result.sigma
    missed = np.maximum(np.abs(result.observed - result.calculated) - noise, 0.0).sum()
    signal = np.maximum(np.abs(result.observed - result.background) - noise, 0.0).sum()
    return float(missed / signal) if signal > 0.0 else 0.0


def _is_determined(fit: PhaseFit, result: MatchResult) -> bool:
    """Whether more lines of the phase are seen than its cell has free numbers."""
    return seen_lines(fit, result) > len(fit.cell_groups)


def seen_lines(fit: PhaseFit, result: MatchResult) -> int:
    """Lines of the phase whose top stands out of the noise at its place."""
    curve = np.interp(fit.reflections.two_theta_deg, result.x, fit.curve)
    sigma = np.interp(fit.reflections.two_theta_deg, result.x, result.sigma)
    return int(np.sum(curve > SEEN_SU * sigma))


def _without_certainty(fit: PhaseFit) -> PhaseFit:
    return replace(fit, cell={name: Value(value.value) for name, value in fit.cell.items()})
