"""Which bands of a phase are seen as the reference says, which are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from braggite.matching.band_pattern import COMMON_UNKNOWNS, LN_AREA, OWN_UNKNOWNS

if TYPE_CHECKING:
    from braggite.identification.bands.search import Hypothesis, Search

CLEAR = 4.0
"""Times its noise from which a band is told from nothing."""
_OFF = 2.0
"""Standard deviations of the logarithm of a strength from which it is another strength."""


@dataclass(frozen=True, slots=True)
class BandAccount:
    """Positions of the bands of one phase, dips left out.

    Attributes
    ----------
    matched : clear, and as strong as believable
    missing : would be clear at the strength of the reference, and is not
    wrong_intensity : clear, but stronger or weaker than believable
    n_must, n_must_matched : bands seen wherever the phase is that would be clear, and those of them matched
    """

    matched: tuple[float, ...]
    missing: tuple[float, ...]
    wrong_intensity: tuple[float, ...]
    n_must: int
    n_must_matched: int


def account(search: Search, hypothesis: Hypothesis, place: int) -> BandAccount:
    """The account of the member at ``place``, which is a candidate."""
    index = hypothesis.members[place].candidate
    assert index is not None
    own = hypothesis.bands_of(place)
    position = hypothesis.view.position[0][own]
    significance = hypothesis.view.height[1][own]
    ln_area = hypothesis.view.theta[COMMON_UNKNOWNS + LN_AREA :: OWN_UNKNOWNS][own]
    matched: list[float] = []
    missing: list[float] = []
    wrong: list[float] = []
    n_must = n_must_matched = 0
    for i, (band, row) in enumerate(zip(search.candidates[index].bands, hypothesis.members[place].rows, strict=True)):
        if band.negative:
            continue
        at, off = round(float(position[i]), 2), float(ln_area[i]) / row[3]
        expected = float(significance[i]) * np.exp(-float(ln_area[i]))
        clear = bool(significance[i] > CLEAR)
        if clear:
            (wrong if abs(off) > _OFF else matched).append(at)
        elif off < -_OFF and expected > CLEAR:
            missing.append(at)
        if band.role == "must" and (clear or expected > CLEAR):
            n_must += 1
            n_must_matched += clear
    return BandAccount(tuple(matched), tuple(missing), tuple(wrong), n_must, n_must_matched)
