"""Cells and a common shift from the positions of observed lines: found on a grid, refined by least squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from braggite.matching.line_strengths import strengths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from braggite.arrays import FloatArray
    from braggite.matching.line_list import LineList
    from braggite.matching.observed_lines import ObservedLines

    IndexArray = NDArray[np.int64]

SHIFT_REACH = 3.0
"""Shifts are looked for within so many standard deviations of their prior."""
GRID_WIDTHS = 0.35
"""Step of the grid, and width of the window of its score, in line widths."""
STRONGEST = 40
"""Lines of a phase that its start is found from."""
WINDOWS = (1.0, 0.7, 0.5, 0.5)
"""Widths within which a calculated line is assigned to an observed one, round by round."""
OUTLIER = 4.0
"""Residuals beyond so many robust standard deviations do not count (Tukey's biweight ends there)."""
OWN_SHARE = 0.8
"""A line that several phases claim tells of a cell only where one makes up this share of it."""
BLENDED = 0.3
"""Uncertainty of where the middle of lines lies that are seen as one, as a share of their spread."""
ROUNDS = 12
DETERMINED = 0.7
"""A number is determined where the data leave less than this share of the uncertainty of its prior."""


@dataclass(frozen=True, slots=True, eq=False)
class PositionFit:
    """Changes of the cells and the shift that the lines ask for.

    Attributes
    ----------
    changes : per phase (groups,) changes of the cell
    shift : displacement in degrees at low angle (falls as the cosine of theta), or zero of 2-theta
    covariance : (m, m) of the shift and all changes in their order
    determined : (m,) whether the data, not the prior, hold the number
    assigned : per phase (lines,) index of the observed line, -1 for none
    residual_deg : (peaks,) observed less calculated; NaN where no phase claims the line or several do
    chi2_reduced : of the residuals used
    """

    changes: tuple[FloatArray, ...]
    shift: float
    covariance: FloatArray
    determined: NDArray[np.bool_]
    assigned: tuple[IndexArray, ...]
    residual_deg: FloatArray
    chi2_reduced: float
    n_used: int


def shift_shape(two_theta_deg: FloatArray, *, displaced: bool) -> FloatArray:
    """What a unit shift does to each angle: a displaced specimen moves lines by the cosine of theta, a zero alike."""
    return np.cos(np.radians(0.5 * two_theta_deg)) if displaced else np.ones_like(two_theta_deg)


def start(
    lists: Sequence[LineList], observed: ObservedLines, *, displaced: bool, shift_sd_deg: float
) -> tuple[list[FloatArray], float]:
    """Isotropic strain of each phase and the common shift under which most of its strong lines meet an observed one."""
    width = observed.fwhm_deg
    shifts = np.arange(-SHIFT_REACH * shift_sd_deg, SHIFT_REACH * shift_sd_deg + 1e-9, GRID_WIDTHS * width)
    shifts = np.unique(np.append(shifts, 0.0))
    total = -0.5 * (shifts / shift_sd_deg) ** 2
    best: list[FloatArray] = []
    for lines in lists:
        strong = np.sort(np.argsort(-lines.intensity, kind="stable")[:STRONGEST])
        weight = np.sqrt(lines.intensity[strong] / lines.intensity[strong].max())
        farthest = float(np.tan(np.radians(0.5 * observed.position.max())))
        step = np.radians(GRID_WIDTHS * width) / (2.0 * farthest)
        count = min(int(np.ceil(lines.tolerance / step)), 200)
        strains = np.linspace(-lines.tolerance, lines.tolerance, 2 * count + 1)
        angles = np.array([lines.two_theta_deg(lines.strained(strain))[strong] for strain in strains])
        shape = shift_shape(angles, displaced=displaced)
        score = np.array([[weight @ _nearness(a + s * c, observed) for a, c in zip(angles, shape, strict=True)]
                          for s in shifts])  # fmt: skip
        score -= 0.5 * (strains / lines.tolerance) ** 2
        total = total + score.max(axis=1)
        best.append(strains[np.argmax(score, axis=1)])
    chosen = int(np.argmax(total))
    changes = [lines.strained(float(strain[chosen])) for lines, strain in zip(lists, best, strict=True)]
    return changes, float(shifts[chosen])


def _nearness(angle: FloatArray, observed: ObservedLines) -> FloatArray:
    apart = np.abs(_seen_at(angle, observed) - observed.position[observed.nearest(angle)])
    return np.asarray(np.exp(-0.5 * (apart / (GRID_WIDTHS * observed.fwhm_deg)) ** 2))


def _seen_at(angle: FloatArray, observed: ObservedLines) -> FloatArray:
    """Where a line of the strongest wavelength would be seen, resolved as the observed line near it is."""
    return angle + observed.doublet_shift(angle, observed.nearest(angle))


def refine(
    lists: Sequence[LineList],
    observed: ObservedLines,
    changes: list[FloatArray],
    shift: float,
    *,
    displaced: bool,
    shift_sd_deg: float,
    range_deg: tuple[float, float],
) -> PositionFit:
    """Assign lines and refine cells and shift in turns, the assignment narrower each time."""
    for window in WINDOWS:
        assigned = assign(lists, observed, changes, shift, window=window, displaced=displaced)
        share = strengths(lists, observed, assigned, range_deg).share
        fit = _least_squares(
            lists,
            observed,
            changes,
            shift,
            assigned=assigned,
            share=share,
            displaced=displaced,
            shift_sd_deg=shift_sd_deg,
        )
        changes, shift = list(fit.changes), fit.shift
    return fit


def assign(
    lists: Sequence[LineList],
    observed: ObservedLines,
    changes: Sequence[FloatArray],
    shift: float,
    *,
    window: float,
    displaced: bool,
) -> tuple[IndexArray, ...]:
    """The observed line nearest to each calculated one, -1 where none lies within the window."""
    found = []
    for lines, change in zip(lists, changes, strict=True):
        angle = lines.two_theta_deg(change)
        expected = _seen_at(angle + shift * shift_shape(angle, displaced=displaced), observed)
        nearest = observed.nearest(expected)
        apart = np.abs(expected - observed.position[nearest])
        found.append(np.where(apart <= window * observed.reach_deg[nearest], nearest, -1))
    return tuple(found)


def _least_squares(
    lists: Sequence[LineList],
    observed: ObservedLines,
    changes: Sequence[FloatArray],
    shift: float,
    *,
    assigned: tuple[IndexArray, ...],
    share: FloatArray,
    displaced: bool,
    shift_sd_deg: float,
) -> PositionFit:
    """Reweighted Gauss-Newton steps; priors hold what the lines leave open."""
    sizes = [len(lines.freedom) for lines in lists]
    firsts = 1 + np.concatenate([[0], np.cumsum(sizes)]).astype(int)
    prior = np.concatenate([[shift_sd_deg], *(_prior(lines) for lines in lists)])
    theta = np.concatenate([[shift], *changes])
    sigma = observed.position_sigma.copy()
    for _ in range(ROUNDS):
        rows, residual = np.zeros((len(observed), theta.size)), np.full(len(observed), np.nan)
        for p, (lines, own) in enumerate(zip(lists, assigned, strict=True)):
            change = theta[firsts[p] : firsts[p + 1]]
            angle, slopes = lines.two_theta_deg(change), lines.slopes(change)
            for peak in np.unique(own[own >= 0]):
                if share[peak, p] < OWN_SHARE:
                    continue
                members = own == peak
                weight = lines.intensity[members] / lines.intensity[members].sum()
                centre = float(weight @ angle[members])
                spread = float(np.sqrt(weight @ (angle[members] - centre) ** 2))
                sigma[peak] = np.hypot(observed.position_sigma[peak], BLENDED * spread)
                shape = float(shift_shape(np.array([centre]), displaced=displaced)[0])
                rows[peak, 0] = shape
                rows[peak, firsts[p] : firsts[p + 1]] = weight @ slopes[members]
                apart = float(observed.doublet_shift(np.array([centre]), np.array([peak]))[0])
                residual[peak] = observed.position[peak] - (centre + theta[0] * shape + apart)
        used = np.isfinite(residual)
        scaled = residual[used] / sigma[used]
        scale = max(1.0, 1.4826 * float(np.median(np.abs(scaled)))) if used.any() else 1.0
        tukey = np.maximum(1.0 - (scaled / (OUTLIER * scale)) ** 2, 0.0) ** 2
        weights = tukey / (scale * sigma[used]) ** 2
        normal = (rows[used].T * weights) @ rows[used] + np.diag(prior**-2.0)
        gradient = rows[used].T @ (weights * residual[used]) - theta / prior**2
        step = np.linalg.solve(normal, gradient)
        theta = theta + step
        if np.all(np.abs(step) <= 1e-6 * prior):
            break
    covariance = np.linalg.inv(normal)
    held = np.sqrt(np.diag(covariance)) < DETERMINED * prior
    kept = tukey > 0.0
    freedom = max(int(kept.sum()) - int(held.sum()), 1)
    return PositionFit(
        changes=tuple(theta[firsts[p] : firsts[p + 1]] for p in range(len(lists))),
        shift=float(theta[0]),
        covariance=covariance,
        determined=held,
        assigned=assigned,
        residual_deg=residual,
        chi2_reduced=float(np.sum(scaled[kept] ** 2)) / freedom,
        n_used=int(kept.sum()),
    )


def _prior(lines: LineList) -> FloatArray:
    tolerance = lines.tolerance
    return np.array([tolerance if group[0] < 3 else np.degrees(tolerance) for group in lines.freedom])
