"""Figures of merit of indexed lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from braggite.matching.line_results import FigureOfMerit

if TYPE_CHECKING:
    from braggite.arrays import FloatArray

FEWEST = 4
DE_WOLFF_LINES = 20
_SAME = 1e-6
"""Relative difference below which two d-spacings are one line."""


def figure_of_merit(observed_deg: FloatArray, calculated_deg: FloatArray, possible_deg: FloatArray,
                    wavelength_angstrom: float) -> FigureOfMerit | None:  # fmt: skip
    """M of de Wolff and F of Smith and Snyder; None for fewer than four lines.

    Parameters
    ----------
    observed_deg, calculated_deg
        (n,) 2-theta of the assigned lines of one phase, shift removed.
    possible_deg
        Ascending 2-theta of all lines that symmetry allows.
    """
    if observed_deg.size < FEWEST:
        return None
    order = np.argsort(calculated_deg, kind="stable")
    observed, calculated = observed_deg[order], calculated_deg[order]

    def inverse_d_squared(angle: FloatArray) -> FloatArray:
        return np.asarray((2.0 * np.sin(np.radians(0.5 * angle)) / wavelength_angstrom) ** 2)

    q_possible = _distinct(inverse_d_squared(possible_deg))
    n = min(DE_WOLFF_LINES, observed.size)
    q = inverse_d_squared(observed[:n])
    deviation = float(np.mean(np.abs(q - inverse_d_squared(calculated[:n]))))
    last = float(inverse_d_squared(calculated[n - 1 : n])[0])
    up_to = _count(q_possible, last)
    mean = float(np.mean(np.abs(observed - calculated)))
    possible = _count(q_possible, float(inverse_d_squared(calculated[-1:])[0]))
    return FigureOfMerit(
        m=float(q[-1]) / (2.0 * max(deviation, 1e-12) * up_to),
        m_lines=n,
        f=observed.size / possible / max(mean, 1e-12),
        f_lines=int(observed.size),
        f_possible=possible,
        mean_deviation_deg=mean,
    )


def _distinct(ascending: FloatArray) -> FloatArray:
    new = np.append(True, np.diff(ascending) > _SAME * ascending[1:])
    return np.asarray(ascending[new])


def _count(ascending: FloatArray, last: float) -> int:
    return max(int(np.searchsorted(ascending, last * (1.0 + _SAME), side="right")), 1)
