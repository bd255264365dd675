"""Made spectra of wavenumber standards, on an axis that is off by a known law."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import braggite as bg
from braggite.calibration.axis_standards import AxisStandard, axis_standard

if TYPE_CHECKING:
    from collections.abc import Callable

    from braggite.arrays import FloatArray

RANGES = {"raman": (120.0, 3200.0, 1.0), "ftir": (450.0, 3600.0, 1.0)}
LASER_NM = 785.0


def standard(name: str, technique: str = "raman") -> AxisStandard:
    return axis_standard(name, technique, LASER_NM)


def made(
    of: AxisStandard,
    error: Callable[[FloatArray], FloatArray] | float = 0.0,
    *,
    seed: int = 0,
    noise: float = 4.0,
    fwhm_cm1: float = 7.0,
    moved: bool = False,
) -> bg.Spectrum:
    """Lines of the standard where an axis that reads ``error`` too high shows them, on a sloping ground.

    ``moved`` draws the true positions from their certified uncertainties, as another piece of the material would.
    """
    generator = np.random.default_rng(seed)
    low, high, step = RANGES[of.technique]
    x = np.arange(low, high, step)
    off = error if callable(error) else (lambda at: np.full_like(at, float(error)))
    y = 200.0 + 0.02 * (high - x)
    for line in of.lines:
        true = line.position_cm1 + (generator.normal(0.0, line.su_cm1) if moved else 0.0)
        at = true + float(off(np.array([true]))[0])
        if low + 20.0 < at < high - 20.0:
            y = y + 20.0 * line.strength / (1.0 + ((x - at) / (0.5 * fwhm_cm1)) ** 2)
    return bg.Spectrum.from_arrays(
        x, y + generator.normal(0.0, noise, x.size), technique=of.technique, sigma=np.full(x.size, noise), name=of.name
    )
