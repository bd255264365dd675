"""Which other radiations of a tube a match needs: each has a share that is refined, and must pay for it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from braggite.diagnostics import Diagnostic
from braggite.matching.options import GHOST_SHARE_SD
from braggite.matching.pattern import engine_pattern
from braggite.radiation import ghosts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from braggite.matching.options import MatchOptions
    from braggite.matching.pattern import EnginePattern
    from braggite.matching.results import MatchResult
    from braggite.radiation import Ghost
    from braggite.spectrum import Spectrum
    from braggite.values import Value

LEAST_GAIN = 5.0
"""Rise of log evidence from which a ghost is kept."""


def with_ghosts(spectrum: Spectrum, options: MatchOptions, fit: Callable[[EnginePattern], MatchResult]) -> MatchResult:
    """What ``fit`` makes of the pattern, with the ghosts that the options ask for and the data pay for.

    All ghosts of the tube are fitted together; those whose share raises the log evidence by less than `LEAST_GAIN` are
    refused, and the rest is fitted anew. Behind a monochromator there are none.
    """
    whole_lines = bool(options.anisotropic_strain)
    pattern = engine_pattern(spectrum, options, whole_lines=whole_lines)
    if options.ghosts == "off":
        return fit(pattern)
    candidates = ghosts_of(pattern.radiation)
    if pattern.instrument.monochromator_two_theta_deg:
        result, detail = fit(pattern), "behind a monochromator there is no other radiation of the tube"
        return replace(result, diagnostics=(*result.diagnostics, Diagnostic.of("ghost_refused", detail=detail)))
    result = (
        fit(engine_pattern(spectrum, options, whole_lines=whole_lines, ghosts=candidates))
        if candidates
        else fit(pattern)
    )
    shares = {ghost: result.parameters[ghost.parameter].value for ghost in candidates}
    gains = {ghost: log_evidence_gain(share, GHOST_SHARE_SD) for ghost, share in shares.items()}
    kept = tuple(ghost for ghost in candidates if gains[ghost] >= LEAST_GAIN)
    if len(kept) < len(candidates):
        result = fit(engine_pattern(spectrum, options, whole_lines=whole_lines, ghosts=kept))
    notes = [_remark(ghost, shares[ghost], gains[ghost], ghost in kept) for ghost in candidates]
    return replace(result, diagnostics=(*result.diagnostics, *notes))


def log_evidence_gain(share: Value, sd: float) -> float:
    """Rise of log evidence by a share that is normal about zero within ``sd`` and not negative, over a share of zero.

    Laplace: half the squared significance less the room that the prior gives, by the standard uncertainty widened for
    misfit; an uncertainty beyond the prior leaves no room over. Minus infinity where the data say nothing of it.
    """
    if share.su is None or not share.su > 0.0 or not share.value > 0.0:
        return -math.inf
    return 0.5 * (share.value / share.su) ** 2 + min(math.log(2.0 * share.su / sd), 0.0)


def _remark(ghost: Ghost, share: Value, gain: float, kept: bool) -> Diagnostic:
    rise = f"the log evidence rises by {gain:.1f}" if math.isfinite(gain) else "the log evidence does not rise"
    detail = f"{ghost.name}: {share} of K-alpha1, {rise}"
    code = "ghost_fitted" if kept else "ghost_refused"
    return Diagnostic.of(code, where=ghost.parameter, value=gain if math.isfinite(gain) else None, detail=detail)
