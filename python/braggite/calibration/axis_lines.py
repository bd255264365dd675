"""The lines of a standard in a spectrum: recognised by their pattern, measured by a peak fit each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.matching.peak_fitting import fit_peaks
from braggite.peaks import find_peaks
from braggite.preprocessing.saturation import saturated_points
from braggite.values import finite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from braggite.arrays import FloatArray
    from braggite.calibration.axis_standards import AxisLine, AxisStandard
    from braggite.spectrum import Spectrum

OF_ONE_LINE = 1.4
"""Peaks closer than this many of their widths are one line that the instrument draws otherwise than a pseudo-Voigt."""
SIGNIFICANT = 0.003
"""Height of the weakest line looked at, as a share of the highest."""
LASER_CM1 = 100.0
"""Below this shift the laser line and its filter stand."""
BROAD_CM1 = 60.0
"""What is wider is no line."""
STRETCHES = np.linspace(-0.006, 0.006, 25)
OFFSET_STEP_CM1 = 0.5
SPIKE = 0.5  # share of the narrowest line's width; what is narrower is none
HALF_WINDOWS = (0.8, 1.5)  # widths on either side of a line that its fits see
AS_GOOD = 1.5  # times the uncertainty in the wide window up to which the narrow one, free of feet, is preferred
LEAST_HALF_WINDOW = 5  # steps
NEIGHBOUR = 0.05  # share of a line's height from which a neighbour in its window is fitted with it
LARGEST_SU = 4.0  # times the median uncertainty of the lines measured; what is known less well is left out
BLEND = 0.1  # share of a line's strength from which a certified neighbour within its width makes it no one line


@dataclass(frozen=True, slots=True)
class CalibrationLine:
    """A line of the standard: where it was read, where it is, what the law leaves, and whether the law rests on it."""

    observed_cm1: float
    observed_su_cm1: float
    true_cm1: float
    true_su_cm1: float
    fwhm_cm1: float
    residual_cm1: float = 0.0
    used: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "observed_cm1": {"value": finite(self.observed_cm1), "su": finite(self.observed_su_cm1)},
            "true_cm1": {"value": finite(self.true_cm1), "su": finite(self.true_su_cm1)},
            "fwhm_cm1": finite(self.fwhm_cm1),
            "residual_cm1": finite(self.residual_cm1),
            "used": self.used,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Lines of a spectrum, ascending: (n,) positions, heights above background, full widths."""

    position: FloatArray
    height: FloatArray
    fwhm: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Recognised:
    """Which lines of the standard are which lines of the spectrum.

    Attributes
    ----------
    pairs : index in the standard, index in the spectrum
    met : indices of the standard's lines at which the spectrum has one, blends included
    in_range : indices of the standard's lines that the spectrum covers
    stranger_cm1 : position of a line that outshines all of the standard's, None without one
    """

    pairs: tuple[tuple[int, int], ...]
    met: frozenset[int]
    in_range: tuple[int, ...]
    stranger_cm1: float | None


def lines_seen(spectrum: Spectrum, from_cm1: float) -> Seen:
    """Lines above ``from_cm1``, those that several peaks describe together taken as one."""
    found = find_peaks(spectrum)
    keep = (found.position >= from_cm1) & (found.fwhm <= BROAD_CM1)
    position, height, fwhm = found.position[keep], found.height[keep], found.fwhm[keep]
    if not position.size:
        return Seen(position, height, fwhm)
    apart = np.diff(position) > OF_ONE_LINE * np.minimum(fwhm[:-1], fwhm[1:])
    groups = np.split(np.arange(position.size), np.flatnonzero(apart) + 1)
    centre = np.array([np.average(position[g], weights=np.maximum(height[g], 1e-300)) for g in groups])
    top = np.array([height[g].max() for g in groups])
    width = np.array([fwhm[g].mean() + np.ptp(position[g]) for g in groups])
    strong = top >= SIGNIFICANT * top.max()
    return Seen(centre[strong], top[strong], width[strong])


def recognise(standard: AxisStandard, seen: Seen, span: tuple[float, float]) -> Recognised:
    """Pair the lines of the standard with those seen: the offset and stretch under which their patterns agree best."""
    true = np.array([line.position_cm1 for line in standard.lines])
    strength = np.array([line.strength for line in standard.lines])
    covered = np.flatnonzero((true > span[0]) & (true < span[1]))
    if not (covered.size and seen.position.size):
        return Recognised((), frozenset(), tuple(covered.tolist()), None)
    centre = float(true[covered].mean())
    offset, stretch = _best_map(true[covered] - centre, strength[covered], centre, seen, standard.largest_error_cm1)
    expected = true + offset + stretch * (true - centre)
    pairs = [(int(i), int(np.argmin(np.abs(seen.position - expected[i])))) for i in covered]
    pairs = [(i, k) for i, k in pairs if abs(seen.position[k] - expected[i]) <= max(3.0, 0.5 * seen.fwhm[k])]
    met = frozenset(i for i, _ in pairs)
    nearest: dict[int, int] = {}
    for i, k in pairs:
        if k not in nearest or abs(seen.position[k] - expected[i]) < abs(seen.position[k] - expected[nearest[k]]):
            nearest[k] = i
    pairs = sorted((i, k) for k, i in nearest.items() if not _blended(expected, strength, i, float(seen.fwhm[k])))
    return Recognised(tuple(pairs), met, tuple(covered.tolist()), _stranger(standard, seen, expected[covered], nearest))


def _best_map(
    about: FloatArray, strength: FloatArray, centre: float, seen: Seen, largest_error: float
) -> tuple[float, float]:
    """Offset and stretch of the highest score: over pairs, root of strength times height, less with distance."""
    weight = np.sqrt(strength / strength.max())[:, None] * np.sqrt(seen.height / seen.height.max())[None, :]
    width = np.maximum(2.0, 0.4 * seen.fwhm)[None, :]
    best, chosen = -np.inf, (0.0, 0.0)
    for stretch in STRETCHES if about.size > 2 else (0.0,):
        for offset in np.arange(-largest_error, largest_error + 1e-9, OFFSET_STEP_CM1):
            distance = (seen.position[None, :] - (centre + offset + about * (1.0 + stretch))[:, None]) / width
            score = float(np.sum(np.max(weight * np.exp(-0.5 * distance**2), axis=1)))
            score *= 1.0 - 0.1 * (abs(offset) / largest_error + abs(stretch) / STRETCHES[-1])  # of equals the smaller
            if score > best:
                best, chosen = score, (float(offset), float(stretch))
    return chosen


def _blended(expected: FloatArray, strength: FloatArray, index: int, fwhm: float) -> bool:
    near = (np.abs(expected - expected[index]) < fwhm) & (strength > BLEND * strength[index])
    return int(np.count_nonzero(near)) > 1


def _stranger(standard: AxisStandard, seen: Seen, expected: FloatArray, matched: dict[int, int]) -> float | None:
    """A line between or near the standard's that is higher than all of them."""
    near = (seen.position > expected.min() - 100.0) & (seen.position < expected.max() + 100.0)
    own = max((float(seen.height[k]) for k in matched), default=0.0)
    width = min((float(seen.fwhm[k]) for k in matched), default=0.0)
    higher = near & (seen.height > own) & (seen.fwhm > SPIKE * width)
    for known in standard.companions_cm1:
        higher &= np.abs(seen.position - known) > standard.largest_error_cm1
    others = [k for k in np.flatnonzero(higher) if int(k) not in matched]
    return float(seen.position[max(others, key=lambda k: seen.height[k])]) if others else None


def measured_lines(
    spectrum: Spectrum, lines: Sequence[AxisLine], seen: Seen, pairs: Sequence[tuple[int, int]]
) -> list[CalibrationLine]:
    """Each recognised line fitted by a pseudo-Voigt on a straight background; those not determined are left out.

    Certified positions are maxima, and bands have uneven feet: the top alone is fitted where it says as much.
    """
    ceiling = saturated_points(spectrum.y)
    results = []
    for index, k in pairs:
        narrow, wide = (_fitted(spectrum, seen, k, share, ceiling) for share in HALF_WINDOWS)
        best = wide if narrow is None or (wide is not None and narrow[1] > AS_GOOD * wide[1]) else narrow
        if best is not None:
            line = lines[index]
            results.append(CalibrationLine(best[0], best[1], line.position_cm1, line.su_cm1, best[2]))
    if not results:
        return results
    usual = float(np.median([line.observed_su_cm1 for line in results]))
    return [line for line in results if line.observed_su_cm1 <= LARGEST_SU * usual]


def _fitted(
    spectrum: Spectrum, seen: Seen, k: int, share: float, ceiling: NDArray[np.bool_]
) -> tuple[float, float, float] | None:
    """Position, its uncertainty and the width of line ``k``; None at a ceiling, at an end, or where undetermined."""
    centre, fwhm = float(seen.position[k]), float(seen.fwhm[k])
    half = max(share * fwhm, LEAST_HALF_WINDOW * spectrum.step_median)
    at_end = spectrum.x[0] > centre - fwhm or spectrum.x[-1] < centre + fwhm
    if at_end or np.any(ceiling & (np.abs(spectrum.x - centre) <= half)):
        return None
    part = spectrum.cut(centre - half, centre + half)
    with_it = (seen.position > part.x[0]) & (seen.position < part.x[-1])
    with_it &= seen.height >= NEIGHBOUR * seen.height[k]
    centres = sorted({centre, *(float(p) for p in seen.position[with_it])})
    if len(part) < 4 * len(centres) + 3:
        return None
    fit = fit_peaks(part, centres, shape="pseudo_voigt", background="linear")
    own = int(np.argmin(np.abs(fit.position - centre)))
    position, su = float(fit.position[own]), float(fit.position_su[own])
    near = abs(position - centre) <= max(fwhm, 2 * spectrum.step_median)
    return (position, su, float(fit.fwhm[own])) if fit.converged and np.isfinite(su) and near else None
