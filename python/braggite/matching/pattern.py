"""A diffraction pattern made ready for the engine: noise, background estimate, line width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from braggite import _core
from braggite.errors import InvalidSpectrum, OptionError
from braggite.noise import estimate_sigma
from braggite.preprocessing import estimate_background
from braggite.spectrum import Instrument, Radiation, Spectrum

if TYPE_CHECKING:
    from braggite.arrays import FloatArray
    from braggite.matching.options import MatchOptions

LEAST_POINTS = 32
_WIDTH_RANGE_DEG = (0.02, 1.5)


@dataclass(frozen=True, slots=True, eq=False)
class EnginePattern:
    """A spectrum with what the engine needs to know of it; arrays as long as the spectrum."""

    spectrum: Spectrum
    radiation: Radiation
    instrument: Instrument
    sigma: FloatArray
    background: FloatArray
    fwhm_deg: float
    core: _core.Pattern
    prior: _core.InstrumentPrior

    @property
    def range_deg(self) -> tuple[float, float]:
        """First and last position."""
        return float(self.spectrum.x[0]), float(self.spectrum.x[-1])


def engine_pattern(spectrum: Spectrum, options: MatchOptions) -> EnginePattern:
    """Estimate noise, background and line width, and hand all to the kernels.

    Raises
    ------
    OptionError
        The spectrum is not a diffraction pattern or has no wavelength.
    InvalidSpectrum
        Too few points to match a pattern.
    """
    if spectrum.technique != "xrd":
        raise OptionError(f"whole-pattern matching needs a diffraction pattern, not {spectrum.technique}")
    if spectrum.radiation is None:
        raise OptionError("the pattern has no wavelength", suggestion="give the radiation, for example CuKa")
    if len(spectrum) < LEAST_POINTS:
        raise InvalidSpectrum(
            f"{len(spectrum)} points; a pattern needs at least {LEAST_POINTS}", where=spectrum.name or None
        )
    instrument = spectrum.instrument or Instrument()
    sigma = noise(spectrum)
    background = np.array(estimate_background(spectrum).curve)
    fwhm_deg = line_width(spectrum, background, sigma)
    span = float(spectrum.x[-1] - spectrum.x[0])
    level = float(np.median(np.abs(background)))
    core = _core.Pattern(
        np.array(spectrum.x),
        np.array(spectrum.y),
        sigma**2,
        background,
        list(spectrum.radiation.lines),
        radius_mm=instrument.radius_mm or options.radius_mm,
        monochromator_two_theta_deg=instrument.monochromator_two_theta_deg or 0.0,
        variable_divergence=instrument.divergence == "variable",
        spline_intervals=max(1, round(span / options.spline_interval_deg)),
        spline_sd=options.spline_sd * level + float(np.median(sigma)),
    )
    prior = _core.InstrumentPrior(
        fwhm_deg=fwhm_deg,
        axial_ratio=options.axial_ratio,
        shift_sd_deg=options.shift_sd_deg,
        log_march_sd=options.log_march_sd,
        delta_b_sd=options.delta_b_sd_angstrom2,
        offset="zero" if instrument.geometry == "debye-scherrer" else "displacement",
    )
    return EnginePattern(spectrum, spectrum.radiation, instrument, sigma, background, fwhm_deg, core, prior)


def noise(spectrum: Spectrum) -> FloatArray:
    """Standard deviation of every ordinate: stated, of counting, or estimated from the data."""
    if spectrum.sigma is not None:
        return np.array(spectrum.sigma)
    return estimate_sigma(np.array(spectrum.y), counts=spectrum.counts is True)


def line_width(spectrum: Spectrum, background: FloatArray, sigma: FloatArray) -> float:
    """Typical full width at half maximum in degrees; four steps where no line stands clear."""
    _, _, _, typical = _core.estimate_fwhm(np.array(spectrum.x), spectrum.y - background, sigma)
    width = typical if typical is not None else 4.0 * spectrum.step_median
    return float(np.clip(max(width, 1.5 * spectrum.step_median), *_WIDTH_RANGE_DEG))
