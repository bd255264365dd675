"""The background method and its stiffness chosen from the spectrum itself.

Too soft a curve climbs into the peaks, too stiff a one leaves the ground, and both show as a curve that changes when
the stiffness is changed; in between it does not. Among candidates of two families over a wide range of stiffness the
one is taken that most resembles its neighbours, with a preference for stiffness; the line width bounds the range.
Where peaks cover much of the axis, the ground between them carries their tails, and a third family, which follows the
lower edge of the noise more closely, takes over at a fixed share of that stiffness.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite import _core
from braggite.diagnostics import Diagnostic
from braggite.noise import estimate_sigma
from braggite.preprocessing.method import Curves, Options, Rows

if TYPE_CHECKING:
    from braggite.arrays import FloatArray

FAMILIES = ("arpls", "aspls")
# The numbers below were settled on what validation/background_choice.py calls the design, never on what it scores.
RATIO = 1.683  # from one stiffness to the next
SHARES = 0.03 * RATIO ** np.arange(9)  # stiffness over the length of the axis: 0.03 to 1.9
ALIKE = 7  # candidates whose mean distance is the measure of agreement
FLOOR = 0.1  # distance, in standard deviations of a point, below which agreement does not matter
PREFERENCE = 0.3  # a curve twice as stiff may agree 2**0.3 = 1.23 times worse
WIDTHS_OF_A_LINE = (3.0, 150.0)  # stiffness in line widths
CROWDED = 0.2  # share of points that belong to peaks above which tails fill the gaps
CROWDED_FAMILY = "iarpls"
CROWDED_SOFTER = RATIO**3  # how much softer that family is taken
LARGEST_LAM = 1e13  # the equations have a condition of about 16 lam
PEAK = 3.0  # standard deviations above the curve at which a point belongs to a peak
ROWS_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Choice:
    """Which candidate was taken for one row, and what was measured.

    Attributes
    ----------
    stiffness_width, fwhm, curvature_width : in units of the axis; ``fwhm`` is None without a strong free peak,
        ``curvature_width`` is the period of a wave that bends as the background does (None: it is straight)
    noise : median standard deviation of a point
    occupancy : share of the points that stand above the curve by three standard deviations
    disagreement : distance to the most similar candidates, in standard deviations of a point
    """

    method: str
    lam: float
    stiffness_width: float
    noise: float
    fwhm: float | None
    occupancy: float
    curvature_width: float | None
    disagreement: float

    @property
    def reason(self) -> str:
        """One sentence."""
        lines = "no strong free line" if self.fwhm is None else f"{self.stiffness_width / self.fwhm:.0f} line widths"
        peaks = f"peaks cover {100 * self.occupancy:.0f} % of the points"
        least = f"the curve depends least on the stiffness, by {self.disagreement:.2g} of the noise of a point"
        why = (
            f"{peaks} and their tails fill the gaps, so it follows the lower edge, {CROWDED_SOFTER:.1f} times softer "
            f"than where {least}"
            if self.method == CROWDED_FAMILY
            else f"about there {least}, and {peaks}"
        )
        return f"{self.method} with a stiffness of {self.stiffness_width:.4g} ({lines}): {why}"

    def to_dict(self) -> dict[str, Any]:
        """Plain types, as the resolved options hold them."""
        return {
            "chosen": self.method, "lam": self.lam, "stiffness_width": self.stiffness_width, "reason": self.reason,
            "noise": self.noise, "fwhm": self.fwhm, "occupancy": self.occupancy,
            "curvature_width": self.curvature_width, "disagreement": self.disagreement,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """One family at one stiffness, and its curves for all rows."""

    method: str
    share: float
    result: Curves


def chosen(rows: Rows, _: Options) -> Curves:
    """The curves of the candidates taken, row by row; ``choices`` says which."""
    total = Curves(np.empty(rows.y.size), [], [], [])
    points = rows.x.size
    for start in range(0, rows.y.size, ROWS_AT_ONCE * points):
        part = replace(rows, y=rows.y[start : start + ROWS_AT_ONCE * points])
        candidates = [
            Candidate(name, float(share), _run(name, float(share), part))
            for share in SHARES
            if _lam(float(share), points) <= LARGEST_LAM
            for name in FAMILIES
        ]
        for row, y in enumerate(part.y.reshape(-1, points)):
            best, choice = _best(replace(rows, y=y), candidates, row)
            end = start + (row + 1) * points
            total.curve[end - points : end] = best.curve
            total.converged.extend(best.converged)
            total.iterations.extend(best.iterations)
            total.tolerance.extend(best.tolerance)
            total.choices.append(choice)
    return total


def _lam(share: float, points: int) -> float:
    return _core.whittaker_lam(share * (points - 1), 1.0)


def _run(name: str, share: float, rows: Rows) -> Curves:
    from braggite.preprocessing.methods import METHODS

    method = METHODS[name]
    return method.kernel(rows, {**method.defaults, "lam": _lam(share, rows.x.size)})


def _best(only: Rows, candidates: list[Candidate], row: int) -> tuple[Curves, Choice]:
    """The curve of one row and what was measured; points of weight 0 count for nothing."""
    n = only.x.size
    kept = slice(None) if only.weights is None else only.weights > 0
    x, y = only.x[kept], np.ascontiguousarray(only.y[kept])
    curves = np.stack([c.result.curve[row * n : (row + 1) * n][kept] for c in candidates])
    sigma = estimate_sigma(y)
    shares = np.array([c.share for c in candidates])
    disagreement = _disagreement(curves / sigma)
    fwhm = _line_width(x, y - curves, sigma)
    cost = np.log(disagreement + FLOOR) - PREFERENCE * np.log(shares)
    extent = float(only.x[-1] - only.x[0])
    if fwhm is not None:
        outside = (shares * extent < WIDTHS_OF_A_LINE[0] * fwhm) | (shares * extent > WIDTHS_OF_A_LINE[1] * fwhm)
        cost = np.where(outside & ~outside.all(), np.inf, cost)
    index = int(np.argmin(cost))
    name, share, occupancy = (
        candidates[index].method, candidates[index].share, float(np.mean(y - curves[index] > PEAK * sigma)),
    )  # fmt: skip
    if occupancy > CROWDED:
        name, share = CROWDED_FAMILY, max(share / CROWDED_SOFTER, float(SHARES[0]))
    best = _run(name, share, only)
    choice = Choice(
        method=name,
        lam=_lam(share, n),
        stiffness_width=share * extent,
        noise=float(np.median(sigma)),
        fwhm=fwhm,
        occupancy=occupancy,
        curvature_width=_curvature_width(x, best.curve[kept]),
        disagreement=float(disagreement[index]),
    )
    return best, choice


def _disagreement(curves: FloatArray) -> FloatArray:
    """Mean root-mean-square distance of each curve to the ``ALIKE`` curves most like it."""
    distance = np.zeros((len(curves), len(curves)))
    for i in range(len(curves)):
        distance[i, i:] = np.sqrt(np.mean((curves[i:] - curves[i]) ** 2, axis=1))
    return np.asarray(np.sort(distance + distance.T, axis=1)[:, 1 : ALIKE + 1].mean(axis=1))


def _line_width(x: FloatArray, nets: FloatArray, sigma: FloatArray) -> float | None:
    """Median over soft, middling and stiff candidates of the typical width of strong free peaks."""
    from braggite.peaks import typical_fwhm

    count = len(nets)
    widths = [typical_fwhm(x, np.ascontiguousarray(nets[i]), sigma) for i in (count // 4, count // 2, 3 * count // 4)]
    found = [width for width in widths if width is not None]
    return float(np.median(found)) if found else None


def _curvature_width(x: FloatArray, curve: FloatArray) -> float | None:
    """Period of the wave whose height and bend are those of the curve about its straight line."""
    about = curve - np.polynomial.Polynomial.fit(x, curve, 1)(x)
    bend = np.gradient(np.gradient(curve, x), x)
    height, bend = float(np.sqrt(np.mean(about**2))), float(np.sqrt(np.mean(bend**2)))
    straight = height <= 1e-9 * float(np.max(np.abs(curve))) or bend == 0.0
    return None if straight else 2 * np.pi * float(np.sqrt(height / bend))


def options_and_notes(choices: list[Choice], batch: bool) -> tuple[dict[str, Any], tuple[Diagnostic, ...]]:
    """Resolved options and the remark that names the choice; of a batch, one value a row and the count of methods."""
    if not choices:
        return {}, ()
    if not batch:
        used = choices[0].to_dict()
        return used, (Diagnostic.of("background_chosen", where="auto", value=used, detail=choices[0].reason),)
    counts = Counter(choice.method for choice in choices)
    options = {
        "chosen": [choice.method for choice in choices],
        "stiffness_width": [choice.stiffness_width for choice in choices],
        "lam": [choice.lam for choice in choices],
        "reason": [choice.reason for choice in choices],
    }
    detail = "rows by method: " + ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    return options, (Diagnostic.of("background_chosen", where="auto", value=dict(counts), detail=detail),)
