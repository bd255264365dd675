"""From what a phase shows in its bands to the probability that it is there.

Coefficients are those of a logistic regression on simulated mixtures (``python -m validation.band_confidence``) whose
bands lie elsewhere, and are of other strengths and widths, than the references say; from some libraries a phase of the
sample is missing.
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
    n_matched, n_clear : its clear bands that agree, and all of them
    must_missing : bands seen wherever the phase is that are not seen
    strongest_share : share of its area in its largest band
    n_candidates : candidates among which it was found
    """

    gain: float
    n_matched: int
    n_clear: int
    must_missing: int
    strongest_share: float
    n_candidates: int

    def vector(self) -> list[float]:
        """The numbers that the regression weighs."""
        return [
            1.0,
            math.copysign(math.log1p(min(abs(self.gain), _CERTAIN)), self.gain),
            math.log(max(self.n_matched, 1)),
            math.log1p(self.n_clear - self.n_matched),
            float(self.must_missing > 0),
            self.strongest_share,
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
        if self.n_matched == 1:
            doubts.append("rests on one band")
        return doubts


COEFFICIENTS = (-2.873, 2.288, -0.346, -1.724, -1.458, 0.876, 0.132)
_CERTAIN = 60.0
_CLEAR_GAIN = 5.0


def confidence(traits: BandTraits) -> float:
    """Probability that the phase, or one that could stand in its place, is in the sample."""
    log_odds = sum(c * x for c, x in zip(COEFFICIENTS, traits.vector(), strict=True))
    return 1.0 / (1.0 + math.exp(-log_odds))
