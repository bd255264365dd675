"""A vibrational spectrum as a search through whole spectra sees it: roots of its net ordinates in cells of 1/cm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from braggite.arrays import FloatArray, FrozenArrays
from braggite.errors import InvalidSpectrum, OptionError
from braggite.noise import sigma_or_estimate
from braggite.preprocessing import despike, estimate_background, to_absorbance
from braggite.techniques import technique_named

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from braggite.spectrum import Spectrum
    from braggite.techniques.technique import BandLaw

FEWEST_CELLS = 50
_WIDEST_STEP_CM1 = 10.0
_GAP_STEPS = 3.0
"""Fewest cells a search makes sense for; a wider step loses bands; neighbours further apart have a gap between them."""
RESOLUTION_CM1 = 8.0
"""Full width of the Gaussian by which all spectra are broadened: as coarse as ordinary instruments and as lists of
bands, so that widths and noise of single instruments count less."""
_FWHM_OF_SD = math.sqrt(8.0 * math.log(2.0))
_NOISE_FLOOR = 2.0
"""Standard deviations that an ordinate must exceed to count; roots would make noise as high as weak bands."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells(FrozenArrays):
    """A spectrum in cells 1/cm wide, cell k being centred at k 1/cm.

    Attributes
    ----------
    first : the first cell
    roots : (n,) square roots of the broadened ordinates above background and noise, 0 where there are none
    used : (n,) False where nothing was measured or something else than the sample is seen
    signal_to_noise : highest ordinate above the background over its standard deviation, both broadened
    """

    first: int
    roots: FloatArray
    used: NDArray[np.bool_]
    signal_to_noise: float

    @property
    def positions_cm1(self) -> FloatArray:
        """(n,) centres of the cells."""
        return np.arange(self.first, self.first + self.roots.size, dtype=np.float64)


def band_law(technique: str) -> BandLaw:
    """How the technique's bands are looked for; ``OptionError`` for one that shows none."""
    described = technique_named(technique)
    if described.bands is None:
        raise OptionError(f"{described.title} shows no bands of phases", where="technique")
    return described.bands


def cells_of(spectrum: Spectrum) -> Cells:
    """Spikes out, infrared in absorbance, background off unless its history says so, averaged in cells, rooted.

    Raises
    ------
    InvalidSpectrum
        A range below 50 1/cm, or a step above 10 1/cm.
    OptionError
        A technique that shows no bands, or infrared ordinates of unknown kind.
    """
    law = band_law(spectrum.technique)
    if law.in_absorbance:
        spectrum = to_absorbance(spectrum)
    if law.despiked:
        spectrum = despike(spectrum).spectrum or spectrum
    sigma, _ = sigma_or_estimate(spectrum)
    net = spectrum.y
    if not any(step.verb == "subtract_background" for step in spectrum.history):
        net = net - estimate_background(spectrum, law.background_method, **law.background_options).curve
    first, last = int(np.ceil(spectrum.x[0] + 0.5)), int(np.floor(spectrum.x[-1] - 0.5))
    if last - first + 1 < FEWEST_CELLS:
        raise InvalidSpectrum(f"covers less than {FEWEST_CELLS} cm-1", where=spectrum.name or None)
    if spectrum.step_median > _WIDEST_STEP_CM1:
        raise InvalidSpectrum(
            f"a step of {spectrum.step_median:.3g} cm-1 does not show bands", where=spectrum.name or None
        )
    edges = np.arange(first, last + 2, dtype=np.float64) - 0.5
    used = _measured(spectrum.x, edges, spectrum.step_median)
    for start, end in law.left_out:
        used &= (edges[1:] <= start) | (edges[:-1] >= end)
    means = _broadened(_cell_means(spectrum.x, net, edges), used)
    kept = _kept_by_broadening(spectrum.step_median)
    noise = kept * np.interp(edges[:-1] + 0.5, spectrum.x, sigma)
    signal_to_noise = float((means / noise)[used].max()) if used.any() else 0.0
    roots = np.sqrt(np.maximum(means - _NOISE_FLOOR * noise, 0.0))
    return Cells(first, roots, used, max(signal_to_noise, 0.0))


def _broadened(y: FloatArray, used: NDArray[np.bool_]) -> FloatArray:
    """(n,) Gaussian means over the cells that are used."""
    sd = RESOLUTION_CM1 / _FWHM_OF_SD
    offsets = np.arange(-math.ceil(4.0 * sd), math.ceil(4.0 * sd) + 1)
    weight = np.exp(-0.5 * np.square(offsets / sd))
    total = np.convolve(used.astype(np.float64), weight, mode="same")
    smooth: FloatArray = np.convolve(np.where(used, y, 0.0), weight, mode="same") / np.maximum(total, weight.min())
    return smooth


def _kept_by_broadening(step: float) -> float:
    """Share of the standard deviation of independent noise, a point every ``step`` 1/cm, that broadening leaves."""
    return min(math.sqrt(step * _FWHM_OF_SD / (2.0 * math.sqrt(math.pi) * RESOLUTION_CM1)), 1.0)


def _cell_means(x: FloatArray, y: FloatArray, edges: FloatArray) -> FloatArray:
    """(n,) means between (n + 1,) edges 1/cm apart of the straight lines through the points."""
    position = np.union1d(x, edges)
    value = np.interp(position, x, y)
    integral = np.concatenate([[0.0], np.cumsum(np.diff(position) * 0.5 * (value[1:] + value[:-1]))])
    return np.diff(integral[np.searchsorted(position, edges)])


def _measured(x: FloatArray, edges: FloatArray, step: float) -> NDArray[np.bool_]:
    """(n,) whether a cell lies outside the gaps between points."""
    used = np.ones(edges.size - 1, dtype=np.bool_)
    for at in np.flatnonzero(np.diff(x) > _GAP_STEPS * step + 1.0):
        used &= (edges[1:] <= x[at]) | (edges[:-1] >= x[at + 1])
    return used
