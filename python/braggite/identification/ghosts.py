"""Weak copies of strong lines by what a tube emits beside K-alpha: K-beta, and W L-alpha of an old filament."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from braggite.identification.line_account import total_sigma
from braggite.radiation import ANODES, SAME_ANODE, TUNGSTEN_LALPHA1_ANGSTROM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from braggite.arrays import FloatArray
    from braggite.identification.line_account import ResidualLine
    from braggite.matching.pattern import EnginePattern
    from braggite.matching.results import MatchResult

LARGEST_SHARE = 0.03
"""Largest height of a ghost over its line: a filter leaves 0.5 to 2 % of K-beta, tungsten stays below."""
REACH_WIDTHS = 0.7
"""Farthest that a ghost is found from its place, in line widths."""
WITNESSES = 5
"""The strongest lines, whose own ghosts bound the share of each radiation."""
CLEAR = 3.0
"""Standard deviations that a height may be off."""


@dataclass(frozen=True, slots=True)
class Ghost:
    """A line that repeats another one: where it stands, by which radiation, and of which line; degrees 2-theta."""

    position_deg: float
    radiation: str
    of_deg: float

    def __str__(self) -> str:
        return f"{self.position_deg:.2f} ({self.radiation} of {self.of_deg:.2f})"


def told_apart(
    lines: list[ResidualLine], fit: MatchResult | None, pattern: EnginePattern, discrepancy: float
) -> tuple[list[ResidualLine], tuple[Ghost, ...]]:
    """The lines that are no ghosts, and the ghosts.

    A ghost stands where Bragg's law puts another wavelength on the spacing of a fitted line, and its share of that
    line's height is one that the pattern leaves room for at the places of the ghosts of its strongest lines. Behind a
    monochromator there are none.
    """
    if fit is None or pattern.instrument.monochromator_two_theta_deg:
        return lines, ()
    height = np.clip(fit.calculated - fit.background, 0.0, None)
    positions = np.sort(np.concatenate([[], *(phase.reflections.two_theta_deg for phase in fit.phases)]))
    room = fit.observed - fit.calculated + CLEAR * total_sigma(pattern, fit, discrepancy)
    reach = REACH_WIDTHS * pattern.fwhm_deg
    left, ghosts = list(lines), []
    for name, ratio in _others(pattern.radiation.wavelength_angstrom):
        largest = _largest_share(fit.x, height, room, ratio, reach)
        for line in list(left):
            parent = _moved(line.position_deg, 1.0 / ratio)
            near = positions[np.abs(positions - parent) <= reach]
            highest = _highest(fit.x, height, parent, reach)
            least = line.height * (1.0 - CLEAR / line.significance)
            if near.size and line.height <= LARGEST_SHARE * highest and least <= largest * highest:
                nearest = float(near[np.argmin(np.abs(near - parent))])
                ghosts.append(Ghost(round(line.position_deg, 4), name, nearest))
                left.remove(line)
    return left, tuple(ghosts)


def _others(wavelength: float) -> Iterator[tuple[str, float]]:
    """Name of each other radiation of the anode and its wavelength over that of the strongest line."""
    for anode in ANODES.values():
        if abs(wavelength / anode.kalpha1_angstrom - 1.0) < SAME_ANODE:
            yield f"{anode.element} K-beta", anode.kbeta_angstrom / wavelength
            yield "W L-alpha", TUNGSTEN_LALPHA1_ANGSTROM / wavelength


def _moved(two_theta_deg: float, ratio: float) -> float:
    """Where a wavelength ``ratio`` times as long diffracts from the same planes; NaN beyond 180 degrees."""
    sine = ratio * math.sin(math.radians(0.5 * two_theta_deg))
    return math.degrees(2.0 * math.asin(sine)) if sine < 1.0 else math.nan


def _highest(x: FloatArray, curve: FloatArray, at: float, reach: float) -> float:
    return float(np.max(curve[np.abs(x - at) <= reach], initial=0.0))


def _largest_share(x: FloatArray, height: FloatArray, room: FloatArray, ratio: float, reach: float) -> float:
    """What the places of the ghosts of the strongest lines leave room for, as a share of these lines."""
    share, rest = LARGEST_SHARE, height.copy()
    for _ in range(WITNESSES):
        top = int(np.argmax(rest))
        place = _moved(float(x[top]), ratio)
        if rest[top] > 0.0 and place > x[0]:
            share = min(share, max(_highest(x, room, place, reach), 0.0) / float(rest[top]))
        rest[np.abs(x - x[top]) <= 2.0 * reach] = 0.0
    return share
