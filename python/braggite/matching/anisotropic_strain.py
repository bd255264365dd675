"""Widths that go with direction: a stage after a match, kept for a phase only where the data ask for it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from braggite import _core
    from braggite.matching.options import MatchOptions
    from braggite.references.phase import Phase

LEAST_GAIN = 5.0
"""Rise of log evidence, the price of further numbers paid, from which directions are believed: 150 to 1."""


def follow_directions(
    core: _core.PatternMatchView,
    phases: Sequence[Phase],
    views: Sequence[_core.MatchPhase],
    options: MatchOptions,
    refit: Callable[[Sequence[_core.MatchPhase], _core.EngineState], _core.PatternMatchView],
) -> tuple[_core.PatternMatchView, Sequence[_core.MatchPhase], tuple[Diagnostic, ...]]:
    """The match and its phases with anisotropic strain (Stephens, J. Appl. Cryst. 32 (1999) 281) where that pays.

    ``refit`` fits anew from a state. One phase of ``options.anisotropic_strain`` after the other is tried on top of
    those already kept; a diagnostic says of each what became of it.
    """
    wanted = options.anisotropic_strain
    _refuse_strangers(wanted, phases)
    notes = []
    for index, phase in enumerate(phases):
        if wanted != "auto" and phase.name not in wanted:
            continue
        view = views[index].with_anisotropic_strain(options.strain_lorentzian_share)
        lines, n_terms = core.phases[index].reflections[0], len(view.strain_powers)
        if lines.size <= n_terms:
            notes.append(_refused(phase, None, f"{lines.size} lines cannot tell {n_terms} terms of strain"))
            continue
        others = [*views[:index], view, *views[index + 1 :]]
        trial = refit(others, core.state.with_strain_terms(index, view))
        # The same start and the same background underneath for both.
        gain = _gain(refit(views, core.state), trial, n_terms - 1)
        if not gain > LEAST_GAIN:
            detail = f"widths that go with direction raise log evidence by {gain:.1f} only; strain is the same in all"
            notes.append(_refused(phase, gain, detail))
            continue
        core, views = trial, others
        notes += _kept(phase, view, core, index, lines)
    return core, views, tuple(notes)


def _refuse_strangers(wanted: tuple[str, ...] | str, phases: Sequence[Phase]) -> None:
    known = {phase.name for phase in phases}
    stranger = next((name for name in wanted if name not in known), None) if wanted != "auto" else None
    if stranger is not None:
        raise OptionError(
            f"no phase {stranger} whose strain could go with direction",
            where="anisotropic_strain",
            suggestion=f"one of {', '.join(sorted(known))}, or auto",
        )


def _gain(core: _core.PatternMatchView, trial: _core.PatternMatchView, n_more: int) -> float:
    """Rise of log evidence by Schwarz' criterion, counting variances widened by the misfit of the freer fit."""

    def chi_square(fit: _core.PatternMatchView) -> float:
        _, _, _, gof, _, _, n_points, n_free = fit.statistics
        return gof * gof * (n_points - n_free)

    widening, n_points = trial.statistics[5], trial.statistics[6]
    fall = chi_square(core) - chi_square(trial)
    return 0.5 * fall / max(widening, 1.0) ** 2 - 0.5 * n_more * math.log(n_points)


def _refused(phase: Phase, gain: float | None, detail: str) -> Diagnostic:
    return Diagnostic.of("anisotropic_strain_not_kept", where=phase.name, value=gain, detail=detail)


def _kept(
    phase: Phase, view: _core.MatchPhase, core: _core.PatternMatchView, index: int, lines: np.ndarray
) -> list[Diagnostic]:
    """How far the widths go apart, and whether any line is left without a variance."""
    widths, hkl = view.strain_widths(core.state, index)[lines], view.hkl()[lines]
    known = np.isfinite(widths)
    notes = []
    if known.any():
        order = np.argsort(np.where(known, widths, np.inf))
        ends = [order[0], order[int(known.sum()) - 1]]
        low, high = (f"{widths[i]:.3f} ({' '.join(map(str, hkl[i].tolist()))})" for i in ends)
        detail = f"full width of strain over tan theta from {low} to {high} degrees"
        notes.append(
            Diagnostic.of("anisotropic_strain", where=phase.name, value=[float(widths[i]) for i in ends], detail=detail)
        )
    if not known.all():
        detail = (
            f"the terms give {int((~known).sum())} of {lines.size} lines no variance; these are drawn without strain"
        )
        notes.append(Diagnostic.of("strain_not_positive", where=phase.name, value=int((~known).sum()), detail=detail))
    return notes
