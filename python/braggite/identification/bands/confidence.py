"""From what a phase shows in its bands to the probability that it is there.

Coefficients are those of a logistic regression on simulated mixtures (``python -m validation.band_confidence``) whose
bands lie elsewhere, and are of other strengths and widths, than the references say; of their phases some are missing
from the library.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BandTraits:
    """What a phase of a match of bands shows.

    Attributes
    ----------
    gain : natural logarithm of the evidence with the phase over that with unknown bands in its place
    crowding : evidence that chance gives where any band of the spectrum may be taken for one of the phase: its clear
        bands that agree times the logarithm of the number of clear bands of the spectrum
    explained_share : share of the clear bands of the spectrum that belong to phases
    n_matched, n_clear : its clear bands that agree, and all of them
    must_missing : bands seen wherever the phase is that are not seen
    n_candidates : candidates among which it was found
    """

    gain: float
    crowding: float
    explained_share: float
    n_matched: int
    n_clear: int
    must_missing: int
    n_candidates: int

    def vector(self) -> list[float]:
        """The numbers that the regression weighs."""
        return [
            1.0,
            _signed_log(self.gain),
            _signed_log(self.gain - self.crowding),
            self.explained_share,
            math.log1p(self.n_clear - self.n_matched),
            float(self.must_missing > 0),
            math.log(max(self.n_candidates, 1)),
        ]

    def doubts(self) -> list[str]:
        """What speaks against the phase, in words."""
        doubts = []
        if self.gain < _CLEAR_GAIN:
            doubts.append("unknown bands would explain as much")
        if self.n_matched < self.n_clear:
            doubts.append(f"only {self.n_matched} of {self.n_clear} clear bands agree")
        if self.must_missing:
            doubts.append("a band that the phase always shows is missing")
        if self.gain < self.crowding:
            doubts.append("among so many bands some agree by chance")
        if self.explained_share < _UNDERSTOOD:
            doubts.append(f"{100 * (1 - self.explained_share):.0f} % of the clear bands belong to nothing known")
        if self.n_matched == 1:
            doubts.append("rests on one band")
        return doubts


COEFFICIENTS = (-1.049, 0.833, 0.802, 2.003, -1.975, -1.782, -0.388)
"""Weights of :meth:`BandTraits.vector`: ``python -m validation.band_confidence --fit --seeds 0:150``."""
_CERTAIN = 60.0
_UNDERSTOOD = 0.7
_CLEAR_GAIN = 5.0


def confidence(traits: BandTraits) -> float:
    """Probability that the phase, or one that could stand in its place, is in the sample."""
    log_odds = sum(c * x for c, x in zip(COEFFICIENTS, traits.vector(), strict=True))
    return 1.0 / (1.0 + math.exp(-log_odds))


def _signed_log(value: float) -> float:
    return math.copysign(math.log1p(min(abs(value), _CERTAIN)), value)
