"""The shipped references, and which of them a powder pattern hardly tells apart."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

import braggite as bg
from braggite.radiation import radiation_named
from braggite.references.powder_lines import powder_lines

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEP = 5e-4
"""Of the logarithm of the spacing, on which a change of all lengths is a shift."""
BLUR = 6e-3
STRETCH = 0.025
ALIKE = 0.8
SPACINGS = (1.1, 9.0)


@cache
def library() -> bg.ReferenceLibrary:
    """The shipped references, read once a process."""
    return bg.ReferenceLibrary.default()


@cache
def look_alikes(name: str) -> frozenset[str]:
    """The phase and those of the library whose lines have the places and strengths of its own, once stretched."""
    curves = {phase.name: curve(phase.name) for phase in library() if phase.structure is not None}
    own, reach = curves[name], round(STRETCH / STEP)
    return frozenset(
        other
        for other, lines in curves.items()
        if max(float(np.dot(np.roll(own, shift), lines)) for shift in range(-reach, reach + 1)) > ALIKE
    )


@cache
def curve(name: str) -> NDArray[np.float64]:
    """Square roots of the intensities of a phase over the logarithm of the spacing, blurred, of norm one."""
    lines = powder_lines(library()[name], radiation_named("CuKa"), two_theta_min_deg=8.0, two_theta_max_deg=90.0)
    low, high = np.log(SPACINGS)
    grid = np.arange(low, high, STEP)
    drawn = np.zeros_like(grid)
    for spacing, intensity in zip(lines.d_angstrom, lines.intensity, strict=True):
        drawn += intensity * np.exp(-0.5 * ((grid - np.log(spacing)) / BLUR) ** 2)
    drawn = np.sqrt(drawn)
    norm = float(np.linalg.norm(drawn))
    return drawn / norm if norm > 0.0 else drawn
