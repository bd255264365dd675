"""Attenuated total reflection: absorbance as it would be in transmission."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import OptionError
from braggite.noise import sigma_or_estimate
from braggite.preprocessing.optical_constants import Reflection, optical_constants
from braggite.preprocessing.ordinates import refuse_single_beam
from braggite.spectrum import Step

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from braggite.arrays import FloatArray
    from braggite.spectrum import Spectrum

Mode = Literal["intensity", "full", "dispersion"]
CRYSTALS = MappingProxyType({"diamond": 2.38, "germanium": 4.0, "znse": 2.4, "silicon": 3.42, "krs5": 2.37})
"""Refractive indices between 4000 and 400 cm-1; they change by less than 0.03 in this range."""
REFERENCE_CM1 = 1000.0
"""Where ``intensity`` leaves the absorbance as it is."""
PATH_UM = 1.0
"""Path in transmission that ``full`` and ``dispersion`` answer for."""
VERB = "correct_atr"


@dataclass(frozen=True, slots=True)
class EffectiveThickness:
    """Path in transmission that absorbs as much as one reflection, in wavelengths (in vacuum), weak absorption."""

    perpendicular: float
    parallel: float

    @property
    def unpolarised(self) -> float:
        """Half of each."""
        return 0.5 * (self.perpendicular + self.parallel)


def effective_thickness(crystal_index: float, sample_index: float, angle_deg: float) -> EffectiveThickness:
    """Of a sample thicker than the light goes into it.

    Raises
    ------
    OptionError
        Indices or an angle at which the light is not totally reflected.

    References
    ----------
    Harrick and du Pre, Appl. Opt. 5 (1966) 1739.
    """
    n21, squared, _ = _geometry(crystal_index, sample_index, angle_deg)
    theta = np.radians(angle_deg)
    root = np.sqrt(squared - n21**2)
    perpendicular = n21 * np.cos(theta) / (np.pi * crystal_index * (1.0 - n21**2) * root)
    parallel = perpendicular * (2.0 * squared - n21**2) / ((1.0 + n21**2) * squared - n21**2)
    return EffectiveThickness(float(perpendicular), float(parallel))


def penetration_depth_um(
    wavenumber_cm1: ArrayLike, crystal_index: float, sample_index: float, angle_deg: float
) -> FloatArray:
    """Depth in micrometres at which the field has fallen to 1/e: wavelength / (2 pi n1 sqrt(sin^2 - n21^2))."""
    n21, squared, _ = _geometry(crystal_index, sample_index, angle_deg)
    wavelength = 1e4 / np.asarray(wavenumber_cm1, dtype=np.float64)
    return np.asarray(wavelength / (2.0 * np.pi * crystal_index * np.sqrt(squared - n21**2)))


def _geometry(crystal_index: float, sample_index: float, angle_deg: float) -> tuple[float, float, float]:
    """n2/n1, sin² and the critical angle in degrees, checked."""
    for name, value, low, high in (
        ("crystal", crystal_index, 1.0, 10.0), ("sample_index", sample_index, 1.0, 10.0),
        ("angle_deg", angle_deg, 0.0, 90.0),
    ):  # fmt: skip
        if not (np.isfinite(value) and low <= value <= high):
            raise OptionError(f"option {name} = {value}: must be {low:g} to {high:g}", where=name)
    n21 = sample_index / crystal_index
    critical = float(np.degrees(np.arcsin(n21))) if n21 < 1.0 else 90.0
    if not critical < angle_deg < 90.0:
        raise OptionError(
            f"at {angle_deg:g} degrees, between indices {crystal_index:g} and {sample_index:g}, light is not totally "
            f"reflected (from {critical:.1f} degrees on)",
            where="angle_deg",
            suggestion="state the crystal, the angle and the index of the sample",
        )
    return n21, float(np.sin(np.radians(angle_deg)) ** 2), critical


def correct_atr(
    spectrum: Spectrum,
    crystal: str | float = "diamond",
    *,
    angle_deg: float = 45.0,
    sample_index: float = 1.5,
    mode: Mode = "intensity",
    reflections: int = 1,
) -> Spectrum:
    """Absorbance of attenuated total reflection, as it would be in transmission.

    Parameters
    ----------
    crystal
        ``diamond``, ``germanium``, ``znse``, ``silicon``, ``krs5``, or a refractive index.
    angle_deg, reflections
        Angle of incidence, and how often the light is reflected.
    sample_index
        Of the sample where it does not absorb: about 1.5 for polymers, 1.6 to 2.4 for oxides and carbonates.
    mode
        ``intensity``: times wavenumber / 1000 cm-1, which undoes that light of low wavenumber goes deeper.
        ``full``: over the effective thickness of weak absorption, so that it answers for 1 micrometre.
        ``dispersion``: absorption and refraction that give the spectrum together (Kramers and Kronig, Fresnel), which
        also puts strong bands back to where transmission shows them; it answers for 1 micrometre and needs a spectrum
        whose baseline is zero. Above an absorbance of 0.5 a reflection it is good for positions, less for heights.

    Returns
    -------
    Spectrum
        Under ``dispersion``, with ``not_converged`` where the measured spectrum could not be met.

    Raises
    ------
    OptionError
        Ordinates that are no absorbance, a spectrum corrected already, an unknown crystal, or no total reflection.

    References
    ----------
    Harrick and du Pre, Appl. Opt. 5 (1966) 1739; Bertie and Eysel, Appl. Spectrosc. 39 (1985) 392.
    """
    _refuse(spectrum, mode, reflections)
    index = _crystal_index(crystal)
    thickness = effective_thickness(index, sample_index, angle_deg)
    options: dict[str, Any] = {
        "crystal": crystal, "crystal_index": index, "angle_deg": angle_deg, "sample_index": sample_index, "mode": mode,
        "reflections": reflections,
    }  # fmt: skip
    sigma, notes = sigma_or_estimate(spectrum)
    if mode == "intensity":
        factor = spectrum.x / REFERENCE_CM1
        y = factor * spectrum.y
    else:
        factor = PATH_UM * spectrum.x / (1e4 * thickness.unpolarised * reflections)
        y = factor * spectrum.y
    if mode == "dispersion":
        found = optical_constants(
            spectrum.x,
            spectrum.y / reflections,
            Reflection(index, angle_deg, sample_index),
            parallel_over_perpendicular=thickness.parallel / thickness.perpendicular,
            noise=float(np.median(sigma)) / reflections,
        )
        options |= {"iterations": found.iterations, "largest_misfit": found.misfit}
        y = 4.0 * np.pi * found.absorption * spectrum.x * PATH_UM * 1e-4 / np.log(10.0)
        if not found.converged:
            detail = f"the measured spectrum is missed by up to {found.misfit:.2g} in absorbance"
            suggestion = "subtract the background first; state the index of the sample"
            notes = (*notes, Diagnostic.of("not_converged", where=VERB, value=found.misfit, detail=detail,
                                           suggestion=suggestion))  # fmt: skip
    return spectrum.with_step(
        Step(VERB, options), y=y, sigma=factor * sigma, diagnostics=(*spectrum.diagnostics, *notes)
    )


def _refuse(spectrum: Spectrum, mode: str, reflections: int) -> None:
    refuse_single_beam(spectrum)
    if spectrum.y_unit != "absorbance":
        raise OptionError(
            f"the ordinates are {spectrum.y_unit}, not absorbance", where=spectrum.name or "spectrum",
            suggestion="convert it first: to_absorbance, --to absorbance",
        )  # fmt: skip
    if spectrum.x[0] <= 0.0:
        raise OptionError(f"a wavenumber of {spectrum.x[0]:g} is not positive", where="x")
    if any(step.verb == VERB for step in spectrum.history):
        raise OptionError("the spectrum has been corrected for attenuated total reflection already", where="mode")
    if mode not in ("intensity", "full", "dispersion"):
        raise OptionError(f"option mode = {mode!r}: must be intensity, full or dispersion", where="mode")
    if not (isinstance(reflections, int) and 1 <= reflections <= 100):
        raise OptionError(f"option reflections = {reflections!r}: must be 1 to 100", where="reflections")


def _crystal_index(crystal: str | float) -> float:
    if isinstance(crystal, str):
        if crystal.lower() not in CRYSTALS:
            raise OptionError(
                f"crystal {crystal!r} is not one of {', '.join(CRYSTALS)} and no refractive index", where="crystal"
            )
        return CRYSTALS[crystal.lower()]
    return float(crystal)
