"""From the bands of a reference to what the engine is told of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from braggite.matching.band_pattern import BandPattern, BandRow
    from braggite.references.bands import Band
    from braggite.references.phase import Phase

RANGE_SDS = 3.0
"""Width of the range that references give for a position, in standard deviations."""
STRENGTH_SDS = 3.0
"""The same for the logarithm of a strength."""
LN_AREA_SD = (0.4, 0.9)
"""Smallest and largest: laser, orientation and the words of tables."""
_TOGETHER_SDS = 2.0
WEAKEST = 0.01
"""Relative height below which nothing is told apart from nothing."""
_EDGE = 0.3
"""A band whose centre lies nearer to the end of the range than this share of its width is not looked for."""
_SAME_VIBRATION_CM1 = 60.0
MODES = ("ATR", "transmission")


@dataclass(frozen=True, slots=True, eq=False)
class BandCandidate:
    """One phase under one way of measuring: its bands within the range, and the engine's view of each."""

    phase: Phase
    bands: tuple[Band, ...]
    rows: tuple[BandRow, ...]

    def repeats(self, other: BandCandidate) -> bool:
        """Whether every band could be one of the other's: then the two are never told apart side by side."""
        upright = [row for row in self.rows if not row[6]]
        theirs = [row for row in other.rows if not row[6]]
        return all(any(_may_coincide(mine, row) for row in theirs) for mine in upright)


def _may_coincide(mine: BandRow, other: BandRow) -> bool:
    return abs(mine[0] - other[0]) <= _TOGETHER_SDS * math.hypot(mine[1], other[1])


def candidates_of(phases: Iterable[Phase], pattern: BandPattern) -> tuple[list[BandCandidate], list[tuple[str, str]]]:
    """Phases with bands in the range, and those without, with the reason."""
    found, failed = [], []
    technique = pattern.spectrum.technique
    for phase in phases:
        bands = [band for band in phase.bands(technique) if band.role != "must_not"]
        views = [candidate(phase, variant, pattern) for variant in variants(bands)]
        seen = [view for view in views if any(not band.negative for band in view.bands)]
        found += seen
        if not bands:
            failed.append((phase.name, f"no {technique} bands in the reference"))
        elif not seen:
            failed.append((phase.name, "none of its bands lies in the range measured"))
    return found, failed


def candidate(phase: Phase, bands: Sequence[Band], pattern: BandPattern) -> BandCandidate:
    """A phase with those of ``bands`` that the spectrum covers."""
    kept = tuple(
        band for band in bands if pattern.covers(band.position_cm1, _EDGE * (band.fwhm_cm1 or pattern.law.least_fwhm))
    )
    return BandCandidate(phase, kept, tuple(row(band, pattern) for band in kept))


def row(band: Band, pattern: BandPattern) -> BandRow:
    """What the engine is told of a band."""
    law = pattern.law
    low, high = band.range_cm1
    fwhm = band.fwhm_cm1 or law.typical_fwhm
    weakest, strongest = (max(strength, WEAKEST) for strength in band.strength_range)
    ln_area_sd = min(max(math.log(strongest / weakest) / STRENGTH_SDS, LN_AREA_SD[0]), LN_AREA_SD[1])
    return (
        band.position_cm1,
        max((high - low) / RANGE_SDS, law.least_position_sd),
        max(band.strength, WEAKEST) * fwhm,
        ln_area_sd,
        fwhm,
        law.ln_fwhm_sd if band.fwhm_cm1 is None else law.stated_ln_fwhm_sd,
        band.negative,
    )


def variants(bands: Sequence[Band]) -> list[tuple[Band, ...]]:
    """The bands as each way of measuring shows them: attenuated total reflection moves strong ones.

    A band known by the other way only is kept where this one has none near it.
    """
    by_mode = {mode: [band for band in bands if _mode(band) == mode] for mode in MODES}
    if not all(by_mode.values()):
        return [tuple(bands)]
    neutral = [band for band in bands if _mode(band) is None]
    found = []
    for mode, other in (MODES, MODES[::-1]):
        own = [*by_mode[mode], *neutral]
        beside = [band for band in by_mode[other] if all(_apart(band, near) for near in own)]
        found.append(tuple(sorted([*own, *beside], key=lambda band: band.position_cm1)))
    return found


def _apart(band: Band, other: Band) -> bool:
    return abs(band.position_cm1 - other.position_cm1) > _SAME_VIBRATION_CM1


def _mode(band: Band) -> str | None:
    condition = band.condition or ""
    reflected = "ATR" in condition
    through = any(word in condition for word in ("KBr", "transmission", "DRIFT", "film"))
    if reflected == through:
        return None
    return MODES[0] if reflected else MODES[1]
