"""Broad humps in the background, as glass, a polymer film or a fine-grained part makes them; never an amount.

The smooth part of a pattern is met by a slope with curvature and falling exponentials for air and holder at low angles,
then a Gaussian is tried everywhere at several widths. What is left decides how sure an amplitude is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.arrays import FloatArray

Shape: TypeAlias = tuple[float, float]
"""Centre and full width at half maximum of a Gaussian, degrees."""

BIN_DEG = 0.5
WIDTHS_DEG = (3.5, 4.5, 5.7, 7.2, 9.2, 11.7, 15.0)
"""Full widths at half maximum: narrower is a group of lines, broader is no hump of its own."""
DECAYS_DEG = (2.5, 6.0, 15.0)
LINE_MISFIT = 0.1
"""Share of calculated lines by which they may be off."""
UNKNOWN_LINE = 3.0
"""Standard deviations above the smooth curve where a point belongs to a line that nothing explains."""
LEAST_SIGNIFICANCE = 8.0
LEAST_HEIGHT = 0.05
"""Least height over the background beneath: a background is not smoother than that."""
MAX_HUMPS = 3
_LEAST_BINS = 40
_LEAST_APART = 0.02
"""Share of a Gaussian that slope and exponentials must leave."""


@dataclass(frozen=True, slots=True)
class Hump:
    """A hump: its place and full width at half maximum, its share of the area of humps and lines together, and its
    height over the standard deviation of that."""

    position_deg: float
    fwhm_deg: float
    area_share: float
    significance: float

    def __str__(self) -> str:
        share = f"{100 * self.area_share:.0f} % of the signal"
        return f"{self.fwhm_deg:.0f} deg wide at {self.position_deg:.0f} deg ({share})"

    def to_dict(self) -> dict[str, float]:
        """Plain types."""
        return {
            "position_deg": self.position_deg,
            "fwhm_deg": self.fwhm_deg,
            "area_share": round(self.area_share, 4),
            "significance": round(self.significance, 1),
        }


def amorphous_humps(
    x: FloatArray, observed: FloatArray, lines: FloatArray, smooth: FloatArray, sigma: FloatArray
) -> tuple[Hump, ...]:
    """Humps in what is left of a pattern without its lines, the most significant first.

    Parameters
    ----------
    x, observed, sigma : (n,) positions in degrees 2-theta, ordinates and their standard deviations
    lines : (n,) calculated signal above background
    smooth : (n,) estimate of the background that follows humps but no lines
    """
    doubtful = np.sqrt(sigma**2 + (LINE_MISFIT * lines) ** 2)
    rest = np.minimum(observed - lines, smooth + UNKNOWN_LINE * doubtful)
    at, level, weight = _binned(x, rest, doubtful)
    if len(at) < _LEAST_BINS:
        return ()
    base = _baseline(at)
    tried, root = _tried(at), np.sqrt(weight)
    columns = root[:, None] * _gaussian(at[:, None], *np.array(tried).reshape(-1, 2).T)
    shapes: list[Shape] = []
    for _ in range(MAX_HUMPS):
        shape = _clearest(tried, columns, root * level, root[:, None] * _with(base, at, shapes), shapes)
        if shape is not None:
            shapes.append(shape)
    amounts, sds = _fitted(level, weight, _with(base, at, shapes), shapes)
    while shapes and np.min(amounts / sds) < LEAST_SIGNIFICANCE:
        shapes.pop(int(np.argmin(amounts / sds)))
        amounts, sds = _fitted(level, weight, _with(base, at, shapes), shapes)
    area = float(np.sum(lines) * (x[-1] - x[0]) / len(x))
    total = area + sum(amount * _area(fwhm) for amount, (_, fwhm) in zip(amounts, shapes, strict=True))
    humps = []
    for (centre, fwhm), amount, sd in zip(shapes, amounts, sds, strict=True):
        beneath = float(np.interp(centre, x, smooth)) - amount
        if amount >= LEAST_HEIGHT * beneath:
            humps.append(Hump(centre, fwhm, float(amount * _area(fwhm) / total), float(amount / sd)))
    return tuple(sorted(humps, key=lambda hump: -hump.significance))


def _binned(x: FloatArray, y: FloatArray, sigma: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weighted means over bins and their weights."""
    index = np.floor((x - x[0]) / BIN_DEG).astype(np.intp)
    usable = np.isfinite(sigma) & (sigma > 0.0)
    weight = np.where(usable, 1.0 / np.where(usable, sigma, 1.0) ** 2, 0.0)
    sums = [np.asarray(np.bincount(index, weight * column), dtype=np.float64) for column in (np.ones_like(x), x, y)]
    total, place, level = (column[sums[0] > 0.0] for column in sums)
    return place / total, level / total, total


def _baseline(at: FloatArray) -> FloatArray:
    across = 2.0 * (at - at[0]) / (at[-1] - at[0]) - 1.0
    decays = [np.exp(-(at - at[0]) / decay) for decay in DECAYS_DEG]
    return np.column_stack([np.ones_like(at), across, across**2, *decays])


def _gaussian(at: FloatArray, centre: float | FloatArray, fwhm: float | FloatArray) -> FloatArray:
    curve: FloatArray = np.exp(-4.0 * np.log(2.0) * ((at - centre) / fwhm) ** 2)
    return curve


def _area(fwhm: float) -> float:
    """Area of a Gaussian of height one."""
    return float(fwhm * np.sqrt(np.pi / (4.0 * np.log(2.0))))


def _with(base: FloatArray, at: FloatArray, shapes: Sequence[Shape]) -> FloatArray:
    return np.column_stack([base, *(_gaussian(at, *shape) for shape in shapes)])


def _tried(at: FloatArray) -> list[Shape]:
    """Every Gaussian that lies inside the pattern, at whole degrees."""
    return [
        (float(centre), fwhm)
        for fwhm in WIDTHS_DEG
        for centre in np.arange(np.ceil(at[0] + 0.5 * fwhm), at[-1] - 0.5 * fwhm)
    ]


def _clearest(
    shapes: Sequence[Shape],
    columns: FloatArray,
    level: FloatArray,
    base: FloatArray,
    taken: Sequence[Shape],
) -> Shape | None:
    """Of ``shapes``, whose ``columns`` these are, the one beside those ``taken`` that lowers chi-square most.

    None where none stands apart from ``base``; level, columns and base are weighed.
    """
    if not shapes:
        return None
    basis, _ = np.linalg.qr(base)
    rest = level - basis @ (basis.T @ level)
    whole = np.sum(columns**2, axis=0)
    left = whole - np.sum((basis.T @ columns) ** 2, axis=0)
    along = columns.T @ rest
    centres, widths = np.array(shapes).T
    free = np.ones(len(shapes), dtype=bool)
    for centre, width in taken:
        free &= np.abs(centres - centre) >= np.maximum(widths, width)
    gain = np.where(free & (along > 0.0) & (left > _LEAST_APART * whole), along**2 / np.maximum(left, 1e-300), 0.0)
    best = int(np.argmax(gain))
    return shapes[best] if gain[best] > 0.0 else None


def _fitted(
    level: FloatArray, weight: FloatArray, columns: FloatArray, shapes: Sequence[Shape]
) -> tuple[FloatArray, FloatArray]:
    """Heights of the last columns, one for each of ``shapes``, and their standard deviations.

    Where bins miss the sum by more than noise, they do so alike over the width of a hump.
    """
    root = np.sqrt(weight)
    basis, triangle = np.linalg.qr(root[:, None] * columns)
    inverse = np.linalg.pinv(triangle)
    values = inverse @ (basis.T @ (root * level))
    excess = max(float(np.sum((root * (level - columns @ values)) ** 2)) / (len(level) - columns.shape[1]) - 1.0, 0.0)
    variances = np.sum(inverse**2, axis=1)
    first = len(values) - len(shapes)
    widths = np.array([fwhm for _, fwhm in shapes])
    return values[first:], np.sqrt(variances[first:] * (1.0 + excess * 0.5 * widths / BIN_DEG))
