"""The observed lines of a match of line lists, one a reflection, whatever emission lines it was seen by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from braggite.errors import InvalidSpectrum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from braggite.arrays import FloatArray
    from braggite.peaks import PeakList
    from braggite.spectrum import Radiation

FEWEST = 3
FLOOR_OF_WIDTH = 0.01
"""Standard uncertainty of a position that no fit of a line goes below, in line widths."""
BEND = 0.35
"""One line fitted to an unresolved doublet lies at its mean, less this share times the square of its distance over the
width: 0.15 where lines are Gaussian, 0.6 where they are Lorentzian."""
HALF_RESOLVED = 0.3
"""Uncertainty of that as a share of the distance of the doublet, times the same square; what is wrong with it is wrong
for all lines of a phase alike, so that it does not average out."""
WEAKEST = 0.25
"""Share of the lines, the least significant ones, by which the noise of an area is measured."""


@dataclass(frozen=True, slots=True, eq=False)
class ObservedLines:
    """Lines by ascending position, (n,) arrays, those that are weaker emission lines of others left out.

    Attributes
    ----------
    area : of all emission lines together
    doubled : whether the emission lines stand by themselves; the position is then that of the strongest, else that of
        their mean
    index : place of each line in ``peaks``
    fwhm_deg : typical full width
    position_sigma : uncertainty of each position, with what an unresolved doublet does to it
    reach_deg : full width of each line, no less than the typical one
    """

    peaks: PeakList
    radiation: Radiation
    position: FloatArray
    position_su: FloatArray
    area: FloatArray
    area_su: FloatArray
    significance: FloatArray
    doubled: NDArray[np.bool_]
    index: NDArray[np.int64]
    fwhm_deg: float
    position_sigma: FloatArray
    reach_deg: FloatArray

    def __len__(self) -> int:
        return self.position.size

    def nearest(self, angle: FloatArray) -> NDArray[np.int64]:
        """Index of the observed line nearest to each angle."""
        right = np.clip(np.searchsorted(self.position, angle), 1, len(self) - 1)
        left = right - 1
        return np.where(angle - self.position[left] <= self.position[right] - angle, left, right)

    def doublet_shift(self, angle: FloatArray, line: NDArray[np.int64]) -> FloatArray:
        """By how much an observed line lies above the angle of the strongest wavelength, degrees."""
        mean, apart = doublet(angle, self.radiation)
        bent = 1.0 - BEND * np.minimum(apart / self.reach_deg[line], 1.0) ** 2
        return np.where(self.doubled[line], 0.0, mean * bent)

    @property
    def area_noise(self) -> float:
        """Standard deviation of the area of a line that is hardly seen."""
        weak = np.argsort(self.significance, kind="stable")[: max(1, round(WEAKEST * len(self)))]
        return float(np.median(self.area[weak] / self.significance[weak]))


def doublet(angle: FloatArray, radiation: Radiation) -> tuple[FloatArray, FloatArray]:
    """By how much the mean of all emission lines, and the second of them, lie above the strongest, degrees."""
    strongest, total = radiation.lines[0][0], sum(weight for _, weight in radiation.lines)
    sine = np.sin(np.radians(0.5 * angle))
    mean, second = np.zeros_like(angle), np.zeros_like(angle)
    for place, (wavelength, weight) in enumerate(radiation.lines[1:]):
        apart = 2.0 * np.degrees(np.arcsin(np.minimum(sine * wavelength / strongest, 1.0))) - angle
        mean = mean + weight / total * apart
        second = apart if place == 0 else second
    return mean, second


def observed_lines(peaks: PeakList, radiation: Radiation) -> ObservedLines:
    """The lines of a list of peaks.

    Raises
    ------
    InvalidSpectrum
        Fewer than three lines.
    """
    own = np.flatnonzero((peaks.partner_of < 0) & (peaks.area > 0.0))
    if own.size < FEWEST:
        raise InvalidSpectrum(f"{own.size} lines were found; a match of lines needs at least {FEWEST}")
    first, total = radiation.lines[0][1], sum(weight for _, weight in radiation.lines)
    strong = own[np.argsort(-peaks.significance[own], kind="stable")[: max(FEWEST, own.size // 2)]]
    typical = float(np.median(peaks.fwhm[strong]))
    reach = np.maximum(peaks.fwhm[own], typical)
    _, apart = doublet(peaks.position[own], radiation)
    # Of a weak line with well parted emission lines only the strongest stands out.
    doubled = np.isin(own, peaks.partner_of) | (apart > peaks.fwhm[own])
    whole = np.where(doubled, total / first, 1.0)
    misled = np.where(doubled, 0.0, HALF_RESOLVED * apart * np.minimum(apart / reach, 1.0) ** 2)
    return ObservedLines(
        peaks=peaks,
        radiation=radiation,
        position=peaks.position[own],
        position_su=peaks.position_su[own],
        area=whole * peaks.area[own],
        area_su=whole * peaks.area_su[own],
        significance=peaks.significance[own],
        doubled=doubled,
        index=own,
        fwhm_deg=typical,
        position_sigma=np.sqrt(peaks.position_su[own] ** 2 + (FLOOR_OF_WIDTH * reach) ** 2 + misled**2),
        reach_deg=reach,
    )
