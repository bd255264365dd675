"""Which lines of a phase the pattern shows, and which lines of the pattern no phase explains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from braggite import _core
from braggite.matching.line_verdict import LEAST_SIGNIFICANCE, LineVerdict, line_verdict

if TYPE_CHECKING:
    from braggite.arrays import FloatArray
    from braggite.matching.pattern import EnginePattern
    from braggite.matching.results import MatchResult, PhaseFit

MAX_LINES = 25
"""Lines of a phase that are accounted for, the most significant ones."""
FLANK_WIDTHS = 2.0
FLANK_MISFIT = 0.05
"""Within so many widths of a calculated line, a residual below this share of it is misfit, not another line."""


@dataclass(frozen=True, slots=True)
class LineAccount:
    """Positions in degrees of a phase's clear lines, by what the pattern shows of them.

    ``without_strongest`` is the share of the phase's significance that is left without the line that gives most.
    """

    matched: tuple[float, ...]
    missing: tuple[float, ...]
    wrong_intensity: tuple[float, ...]
    without_strongest: float = 0.0


@dataclass(frozen=True, slots=True)
class ResidualLine:
    """A line that the match leaves over: position in degrees, height, significance."""

    position_deg: float
    height: float
    significance: float


def total_sigma(pattern: EnginePattern, fit: MatchResult, discrepancy: float) -> FloatArray:
    """Counting noise and a misfit proportional to the calculated signal, per point."""
    net = np.clip(fit.calculated - fit.background, 0.0, None)
    return np.sqrt(pattern.sigma**2 + (discrepancy * net) ** 2)


def explained_share(fit: MatchResult) -> float:
    """Share of the observed signal above background that the calculated one covers, 0 to 1."""
    observed = np.clip(fit.observed - fit.background, 0.0, None)
    calculated = np.clip(fit.calculated - fit.background, 0.0, None)
    total = float(np.sum(observed))
    return float(np.sum(np.minimum(observed, calculated))) / total if total > 0.0 else 0.0


def account_lines(pattern: EnginePattern, fit: MatchResult, phase: PhaseFit, sigma: FloatArray) -> LineAccount:
    """Sort the clear lines of a phase into matched, missing and of wrong intensity.

    A line is clear where the phase's own curve would stand out of ``sigma``, summed over a width, and carries most of
    the calculated signal, so that other phases do not decide.
    """
    x, curve = fit.x, phase.curve
    if curve.max(initial=0.0) <= 0.0:
        return LineAccount((), (), ())
    width = max(pattern.fwhm_deg, float(np.median(np.diff(x))))
    tops = _tops(curve, max(1, round(0.5 * width / float(np.median(np.diff(x))))))
    tops = np.sort(tops[np.argsort(-(curve / sigma)[tops], kind="stable")[:MAX_LINES]])
    net = np.clip(fit.calculated - fit.background, 1e-12, None)
    account: dict[LineVerdict, list[float]] = {"matched": [], "missing": [], "wrong_intensity": []}
    expected, seen = np.zeros(len(tops)), np.zeros(len(tops))
    for i, top in enumerate(tops):
        window = np.abs(x - x[top]) <= 0.6 * width
        weight = curve[window] / sigma[window] ** 2
        expected[i] = np.sum(weight * curve[window])
        seen[i] = expected[i] + np.sum(weight * (fit.observed - fit.calculated)[window])
        own = float(np.sum(curve[window]) / np.sum(net[window]))
        if np.sqrt(expected[i]) >= LEAST_SIGNIFICANCE and own >= 0.6:
            account[line_verdict(seen[i] / expected[i])].append(round(float(x[top]), 4))
    sorted_lines = {verdict: tuple(positions) for verdict, positions in account.items()}
    return LineAccount(**sorted_lines, without_strongest=_without_strongest(expected, seen))


def _without_strongest(expected: FloatArray, seen: FloatArray) -> float:
    """Share of the significance, sum of ``seen`` over the root of the sum of ``expected``, that the others keep."""
    strongest = int(np.argmax(seen))
    others = float(np.sum(expected) - expected[strongest])
    if not (np.sum(seen) > 0.0 and others > 0.0):
        return 0.0
    share = (np.sum(seen) - seen[strongest]) / np.sum(seen) * np.sqrt(np.sum(expected) / others)
    return float(np.clip(share, 0.0, 1.0))


def _tops(curve: FloatArray, reach: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    inner = (curve[1:-1] >= curve[:-2]) & (curve[1:-1] > curve[2:])
    tops = np.flatnonzero(inner) + 1
    keep = [top for top in tops if curve[top] >= curve[max(0, top - reach) : top + reach + 1].max()]
    return np.array(keep, dtype=np.intp)


def unexplained_lines(
    pattern: EnginePattern, fit: MatchResult | None, discrepancy: float, false_alarms: float
) -> list[ResidualLine]:
    """Lines in what the match (None: no phase at all) leaves over, most significant first."""
    if fit is None:
        residual, doubtful = pattern.spectrum.y - pattern.background, pattern.sigma
    else:
        net = np.clip(fit.calculated - fit.background, 0.0, None)
        reach = max(1, round(FLANK_WIDTHS * pattern.fwhm_deg / pattern.spectrum.step_median))
        nearby = np.lib.stride_tricks.sliding_window_view(np.pad(net, reach, mode="edge"), 2 * reach + 1).max(axis=1)
        residual = fit.observed - fit.calculated
        doubtful = np.sqrt(total_sigma(pattern, fit, discrepancy) ** 2 + (FLANK_MISFIT * nearby) ** 2)
    x = np.array(pattern.spectrum.x)
    ((found, _),) = _core.find_peaks(x, residual, doubtful, false_alarms, pattern.fwhm_deg, None, 1)
    columns = (found[name].tolist() for name in ("position", "height", "significance"))
    lines = (ResidualLine(*line) for line in zip(*columns, strict=True))
    return sorted(lines, key=lambda line: -line.significance)
