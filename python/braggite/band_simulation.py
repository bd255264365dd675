"""Raman and infrared spectra from references, as instruments record them: bands, background, noise, a shifted axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from braggite.arrays import FloatArray, frozen
from braggite.errors import LibraryError, OptionError
from braggite.lineshapes import line_shape
from braggite.spectrum import Spectrum, Step
from braggite.techniques import technique_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.references.bands import Band
    from braggite.references.phase import Phase

VibrationalTechnique = Literal["raman", "ftir"]


@dataclass(frozen=True, slots=True)
class BandState:
    """A phase of a simulated vibrational spectrum.

    Attributes
    ----------
    phase : with bands for the technique
    band_fraction : its share of the area of all bands within the range
    position_spread : how far its bands lie from the reference, as a share of half their range (uniform)
    strength_sd, fwhm_sd : standard deviations of the logarithms of strengths and widths
    """

    phase: Phase
    band_fraction: float = 1.0
    position_spread: float = 0.0
    strength_sd: float = 0.0
    fwhm_sd: float = 0.0


def simulate_bands(
    states: Sequence[BandState],
    *,
    technique: VibrationalTechnique = "raman",
    range_cm1: tuple[float, float, float] = (100.0, 1250.0, 1.2),
    shift_cm1: float = 0.0,
    resolution_cm1: float = 3.0,
    peak: float = 2000.0,
    background: Sequence[float] = (0.2,),
    noise: float | None = None,
    spikes: int = 0,
    seed: int | None = None,
) -> Spectrum:
    """A spectrum of Voigt bands on a smooth background.

    Parameters
    ----------
    states
        The phases; shares need not add up to one.
    range_cm1
        First and last position and step.
    shift_cm1
        By how much the axis reads too high.
    resolution_cm1
        Full width of the instrument's Gaussian.
    peak
        Highest ordinate of the bands, counts (Raman) or absorbance.
    background
        Coefficients of Chebyshev polynomials over the range, in units of ``peak``.
    noise
        Standard deviation of the ordinates. None: counting statistics, and with them ``peak`` above 5, else none.
    spikes
        Cosmic rays.
    seed
        Of noise and of what differs from the references; None: no noise.

    Raises
    ------
    OptionError
        A range or step that makes no sense, no phase, shares that are not positive.
    LibraryError
        A phase without bands for the technique within the range.
    """
    x = _positions(range_cm1)
    rng = np.random.default_rng(seed)
    if not states or any(not state.band_fraction > 0.0 for state in states):
        raise OptionError("at least one phase, each with a share above 0, is needed", where="states")
    signal = np.zeros_like(x)
    for state in states:
        curve = _curve(state, technique, x, resolution_cm1, rng)
        signal += state.band_fraction * curve
    signal *= peak / float(signal.max())
    t = np.linspace(-1.0, 1.0, x.size)
    y = signal + peak * np.polynomial.chebyshev.chebval(t, list(background))
    if seed is not None:
        y = _noisy(y, noise, rng)
        y[rng.choice(x.size, spikes, replace=False)] += peak * rng.uniform(0.5, 5.0, spikes)
    counts = seed is not None and noise is None
    return Spectrum(
        x=frozen(x + shift_cm1),
        y=frozen(y),
        technique=technique,
        x_unit=technique_named(technique).x_unit,
        y_unit="absorbance" if technique == "ftir" else "arbitrary",
        counts=True if counts else None,
        name=" + ".join(state.phase.name for state in states),
        history=(Step("simulate_bands", {"phases": [state.phase.name for state in states], "seed": seed}),),
    )


def _positions(range_cm1: tuple[float, float, float]) -> FloatArray:
    first, last, step = range_cm1
    if not (0.0 < step <= (last - first) / 10.0 and np.isfinite([first, last]).all()):
        raise OptionError(f"range_cm1 = {range_cm1}: ten steps at least must fit in", where="range_cm1")
    return np.arange(first, last + 0.5 * step, step)


def _curve(
    state: BandState, technique: str, x: FloatArray, resolution_cm1: float, rng: np.random.Generator
) -> FloatArray:
    """Bands of a phase with unit area within the range, never below zero."""
    bands = [band for band in state.phase.bands(technique) if band.role != "must_not"]
    curve = np.zeros_like(x)
    for band in bands:
        position, strength, fwhm = _drawn(band, state, technique, rng)
        if not x[0] - 3.0 * fwhm < position < x[-1] + 3.0 * fwhm:
            continue
        lorentz = float(rng.uniform(0.3, 0.9)) * fwhm
        gauss = float(np.hypot(np.sqrt(max(fwhm * (fwhm - lorentz), 0.0)), resolution_cm1))
        area = (-1.0 if band.negative else 1.0) * strength * fwhm
        curve += line_shape("voigt", x, position, amplitude=area, fwhm_gauss=max(gauss, 1e-3), fwhm_lorentz=lorentz)
    curve = np.maximum(curve, 0.0)
    area = float(np.trapezoid(curve, x))
    if area <= 0.0:
        raise LibraryError(f"{state.phase.name} has no {technique} bands within the range", where=state.phase.name)
    return curve / area


def _drawn(band: Band, state: BandState, technique: str, rng: np.random.Generator) -> tuple[float, float, float]:
    """Position, strength and width of a band in a sample."""
    low, high = band.range_cm1
    law = technique_named(technique).bands
    typical = band.fwhm_cm1 or (law.typical_fwhm if law is not None else 10.0)
    centre, half = 0.5 * (low + high), 0.5 * (high - low)
    spread = state.position_spread
    position = band.position_cm1 if spread == 0.0 else centre + spread * half * float(rng.uniform(-1.0, 1.0))
    strength = band.strength * float(np.exp(state.strength_sd * rng.normal()))
    return position, strength, typical * float(np.exp(state.fwhm_sd * rng.normal()))


def _noisy(y: FloatArray, noise: float | None, rng: np.random.Generator) -> FloatArray:
    if noise is not None:
        return y + noise * rng.normal(size=y.size)
    return rng.poisson(np.maximum(y, 0.0)).astype(np.float64)
