"""A diffraction pattern made ready for the engine: noise, background estimate, line width."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from braggite import _core
from braggite.errors import InvalidSpectrum, OptionError
from braggite.matching.options import GHOST_SHARE_SD, OF_A_MATCH
from braggite.noise import estimate_sigma
from braggite.preprocessing import estimate_background
from braggite.radiation import full_emission
from braggite.spectrum import Instrument, Radiation, Spectrum

if TYPE_CHECKING:
    from braggite.arrays import FloatArray
    from braggite.calibration.profile import InstrumentProfile
    from braggite.matching.options import MatchOptions
    from braggite.radiation import Ghost

Offset = Literal["displacement", "zero", "both"]

LEAST_POINTS = 32
SAME_WAVELENGTH = 1e-3
"""Relative difference below which two wavelengths are of the same emission line."""
_REACH = (5.0, 20.0, 6.0)
"""Full widths to which the weakest line is followed, those more for the strongest, and the longest in degrees."""
_WHOLE_REACH = (20.0, 40.0, 15.0)
"""The same where the widths themselves are asked: tails cut off make Lorentzian widths too small."""
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
    offset: Offset
    core: _core.Pattern
    prior: _core.InstrumentPrior
    ghosts: tuple[Ghost, ...] = ()

    @property
    def shortest_angstrom(self) -> float:
        """The shortest wavelength that lines are seen by."""
        others = [wavelength for ghost in self.ghosts for wavelength, _ in ghost.lines]
        return min([self.radiation.wavelength_angstrom, *others])

    @property
    def range_deg(self) -> tuple[float, float]:
        """First and last position."""
        return float(self.spectrum.x[0]), float(self.spectrum.x[-1])


def engine_pattern(
    spectrum: Spectrum,
    options: MatchOptions,
    *,
    offset: Offset | None = None,
    whole_lines: bool = False,
    ghosts: tuple[Ghost, ...] = (),
) -> EnginePattern:
    """Estimate noise, background and line width, and hand all to the kernels.

    ``offset`` is what shifts the pattern; None: what the options say. A calibrated
    instrument of the options stands over what the file says of wavelengths and diffractometer. With one, or with
    ``whole_lines``, lines are followed far into their tails. The shares of ``ghosts`` are refined.

    Raises
    ------
    OptionError
        The spectrum is not a diffraction pattern or has no wavelength.
    InvalidSpectrum
        Too few points to match a pattern.
    """
    if spectrum.technique != "xrd":
        raise OptionError(f"whole-pattern matching needs a diffraction pattern, not {spectrum.technique}")
    if options.instrument is not None:
        spectrum = on_instrument(spectrum, options.instrument)
    radiation = spectrum.radiation
    if radiation is None:
        raise OptionError("the pattern has no wavelength", suggestion="give the radiation, for example CuKa")
    if options.emission == "full":
        radiation = _with_natural_widths(spectrum, radiation, options.instrument)
        spectrum = replace(spectrum, radiation=radiation)
    if len(spectrum) < LEAST_POINTS:
        raise InvalidSpectrum(
            f"{len(spectrum)} points; a pattern needs at least {LEAST_POINTS}", where=spectrum.name or None
        )
    instrument, known = spectrum.instrument or Instrument(), options.instrument
    sigma = noise(spectrum)
    background = first_background(spectrum, options)
    fwhm_deg = line_width(spectrum, background, sigma)
    reach = _REACH if known is None and not whole_lines else _WHOLE_REACH
    core = _core_pattern(spectrum, sigma, background, options, reach=reach, ghosts=ghosts)
    offset, shifts = _shifts(offset, options, flat=instrument.geometry != "debye-scherrer")
    prior = _core.InstrumentPrior(
        fwhm_deg=fwhm_deg,
        axial_ratio=options.axial_ratio,
        shift_sd_deg=options.shift_sd_deg,
        log_march_sd=options.log_march_sd,
        delta_b_moves=options.displacement_factors != "reference",
        delta_b_sd=options.delta_b_sd_angstrom2,
        zero_moves=offset != "displacement",
        shifts=shifts,
        transparency_sd_mm=options.transparency_sd_mm or 0.0,
        ghost_sd=[GHOST_SHARE_SD] * len(ghosts),
        instrument=None if known is None else ([n.value for n in known.numbers], known.covariance.tolist()),
    )
    return EnginePattern(
        spectrum, radiation, instrument, sigma, background, fwhm_deg, offset, core, prior, ghosts=ghosts
    )


def _shifts(offset: Offset | None, options: MatchOptions, *, flat: bool) -> tuple[Offset, list[str]]:
    """What shifts the pattern, and the engine's words for the lengths that do."""
    if offset is None and options.offset != "auto":
        offset = options.offset
    offset = offset or ("displacement" if flat else "zero")
    lengths = [] if offset == "zero" else ["displacement"] if flat else ["along", "across"]
    if options.transparency_sd_mm is not None:
        if not flat:
            raise OptionError(
                "the depth of a capillary does not shift its lines",
                where="transparency_sd_mm",
                suggestion="transparency is that of a flat sample in reflection",
            )
        lengths.append("transparency")
    return offset, lengths


def _with_natural_widths(spectrum: Spectrum, radiation: Radiation, instrument: InstrumentProfile | None) -> Radiation:
    """The radiation as the anode emits it; ``OptionError`` where the widths of the instrument contain its widths."""
    if instrument is not None and not (instrument.radiation and instrument.radiation.widths_angstrom):
        raise OptionError(
            "the natural widths of the emission lines are part of this instrument's already",
            where="emission",
            suggestion="calibrate it with the full emission profile, or leave the doublet",
        )
    known = spectrum.instrument or Instrument()
    return full_emission(radiation, monochromator=bool(known.monochromator_two_theta_deg))


def _core_pattern(
    spectrum: Spectrum,
    sigma: FloatArray,
    background: FloatArray,
    options: MatchOptions,
    *,
    reach: tuple[float, float, float],
    ghosts: tuple[Ghost, ...],
) -> _core.Pattern:
    assert spectrum.radiation is not None
    instrument = spectrum.instrument or Instrument()
    span = float(spectrum.x[-1] - spectrum.x[0])
    level = float(np.median(np.abs(background)))
    return _core.Pattern(
        np.array(spectrum.x),
        np.array(spectrum.y),
        sigma**2,
        background,
        list(spectrum.radiation.profile),
        radius_mm=instrument.radius_mm or options.radius_mm,
        monochromator_two_theta_deg=instrument.monochromator_two_theta_deg or 0.0,
        variable_divergence=instrument.divergence == "variable",
        spline_intervals=max(1, round(span / options.spline_interval_deg)),
        spline_sd=options.spline_sd * level + float(np.median(sigma)),
        background_family=options.background or OF_A_MATCH,
        background_order=options.background_order,
        reach=reach,
        ghosts=[[(*line, 0.0) for line in ghost.lines] for ghost in ghosts],
    )


def first_background(spectrum: Spectrum, options: MatchOptions) -> FloatArray:
    """The curve given, or an estimate that knows no lines.

    Raises
    ------
    OptionError
        A curve that is not as long as the spectrum.
    """
    if options.background_curve is None:
        return np.array(estimate_background(spectrum).curve)
    if len(options.background_curve) != len(spectrum):
        raise OptionError(
            f"background_curve has {len(options.background_curve)} ordinates, the pattern {len(spectrum)} points",
            where="background_curve",
        )
    return np.array(options.background_curve, dtype=np.float64)


def on_instrument(spectrum: Spectrum, profile: InstrumentProfile) -> Spectrum:
    """The spectrum with the wavelengths and the diffractometer of a calibrated instrument.

    Raises
    ------
    OptionError
        The file states another wavelength than the instrument has.
    """
    own, radiation = spectrum.radiation, profile.radiation or spectrum.radiation
    if own is not None and radiation is not None and not own.assumed:
        measured, calibrated = own.wavelength_angstrom, radiation.wavelength_angstrom
        if abs(measured / calibrated - 1.0) > SAME_WAVELENGTH:
            raise OptionError(
                f"the pattern was measured at {measured:g} angstrom, the instrument calibrated at {calibrated:g}",
                where="instrument",
                suggestion="take the instrument file of this tube",
            )
    stated = spectrum.instrument or Instrument()
    usual = Instrument().to_dict()
    known = {key: value for key, value in profile.diffractometer.to_dict().items() if value != usual[key]}
    notes = spectrum.diagnostics
    if profile.radiation is not None:
        notes = tuple(note for note in notes if note.code != "wavelength_assumed")
    return replace(spectrum, radiation=radiation, instrument=replace(stated, **known), diagnostics=notes)


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
