"""From what a phase shows to the probability that it is there.

Coefficients are those of a logistic regression on simulated mixtures (``python -m validation.confidence``) in which
cells, sizes and intensities differ from the references and, in one of four, a phase of the sample is missing from the
library.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from braggite.matching.phases import structure_of

if TYPE_CHECKING:
    from braggite.references.phase import Phase

_GRADE_WEIGHT = {"A": 0.0, "B": 0.0, "C": -0.5, "D": -1.0, "E": -1.5}
"""Natural logarithm: a doubtful reference matches by chance more easily than a measured one."""
_ROOM_TEMPERATURE_K = 295.0
_AMBIENT_SPAN_K = 60.0
_NOT_AMBIENT_WEIGHT = -2.0
"""A form that exists, or was measured, well below or above room temperature is seldom the one in a scan taken there."""


def prior_weight(phase: Phase) -> float:
    """Natural logarithm of the probability of a phase relative to other candidates, before the data."""
    structure = structure_of(phase)
    weight = _GRADE_WEIGHT[structure.evidence_grade]
    if structure.stable_range_k is not None:
        low, high = structure.stable_range_k
        ambient = low <= _ROOM_TEMPERATURE_K <= high
    else:
        temperature = structure.temperature_k
        ambient = temperature is None or abs(temperature - _ROOM_TEMPERATURE_K) <= _AMBIENT_SPAN_K
    return weight if ambient else weight + _NOT_AMBIENT_WEIGHT


@dataclass(frozen=True, slots=True)
class Traits:
    """What a phase of a match shows.

    Attributes
    ----------
    significance : its amount over the standard deviation of that, misfit measured on decoys
    without_strongest : the same without the line that gives most
    n_matched, n_clear : its clear lines that agree, and all of them
    explained_share : share of the observed net signal that the whole match explains
    discrepancy : relative misfit of the whole match
    at_cell_bound : whether its cell ran to the end of its tolerance
    n_candidates : candidates among which it was found
    """

    significance: float
    without_strongest: float
    n_matched: int
    n_clear: int
    explained_share: float
    discrepancy: float
    at_cell_bound: bool
    n_candidates: int

    def vector(self) -> list[float]:
        """The numbers that the regression weighs."""
        return [
            1.0,
            math.log1p(_within(self.significance, 0.0, _CERTAIN)),
            math.log1p(_within(self.without_strongest, 0.0, _CERTAIN)),
            math.log(max(self.n_matched, _FEW_LINES)),
            math.log1p(self.n_clear - self.n_matched),
            _within(self.explained_share, 0.3, 1.0),
            math.log(_within(self.discrepancy, 0.01, 1.0)),
            float(self.at_cell_bound),
            math.log(max(self.n_candidates, 1)),
        ]

    def doubts(self) -> list[str]:
        """What speaks against the phase, in words."""
        doubts = []
        if self.significance < _CLEAR_SIGNIFICANCE:
            doubts.append(f"stands {self.significance:.1f} standard deviations out of the misfit")
        elif self.without_strongest < 0.5 * self.significance:
            doubts.append("rests on one line")
        if self.n_matched < self.n_clear:
            doubts.append(f"only {self.n_matched} of {self.n_clear} clear lines agree")
        if not self.n_clear:
            doubts.append("no clear lines of its own")
        if self.explained_share < _UNDERSTOOD:
            doubts.append(f"{100 * (1 - self.explained_share):.0f} % of the signal is left over")
        if self.at_cell_bound:
            doubts.append("its cell ran to the end of its tolerance")
        return doubts


COEFFICIENTS = (-9.427, 0.424, 1.809, 1.579, -1.532, 2.314, -2.428, -1.103, -0.622)
"""Weights of :meth:`Traits.vector` in the score, from 1,300 mixtures:
``python -m validation.confidence --fit --seeds 0:900 5000:5400``."""
SHARPENING = (-0.259, 0.983, 0.087)
"""Log odds by powers of the score, from the same: clear cases are clearer than a sum of traits says."""


def score(traits: Traits) -> float:
    """Weighted sum of what a phase shows."""
    return _within(sum(c * x for c, x in zip(COEFFICIENTS, traits.vector(), strict=True)), *SCORES)


def confidence(traits: Traits) -> float:
    """Probability that the phase, or one that could stand in its place, is in the sample."""
    log_odds = sum(c * score(traits) ** power for power, c in enumerate(SHARPENING))
    return 1.0 / (1.0 + math.exp(-log_odds))


SCORES = (-5.0, 12.0)
"""Within which scores are told apart."""
_CERTAIN = 100.0
_FEW_LINES = 3
_CLEAR_SIGNIFICANCE = 6.0
_UNDERSTOOD = 0.8


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
