"""What the ordinates of an infrared spectrum mean: transmittance, absorbance, reflectance, each from the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum, OptionError
from braggite.formats.infrared import ordinate_unit
from braggite.noise import sigma_or_estimate
from braggite.preprocessing.ranges import without_points
from braggite.spectrum import Step

if TYPE_CHECKING:
    from braggite.arrays import FloatArray
    from braggite.spectrum import Spectrum

Ordinate = Literal["transmittance", "absorbance", "reflectance"]
Scale = Literal["fraction", "percent"]
LARGEST = 1.02
"""A transmittance or reflectance above this is no noise."""
FEWEST_SHARE = 0.5
"""Of the points, so many must lie above zero."""
NOT_SPECTRA = {"single_beam": "a single beam"}
"""Codes of readers for blocks that are no spectra, and what such a block is."""


def refuse_single_beam(spectrum: Spectrum) -> None:
    """``OptionError`` for a block that must be divided by its reference before it is a spectrum."""
    for note in spectrum.diagnostics:
        if note.code in NOT_SPECTRA:
            raise OptionError(
                f"this is {NOT_SPECTRA[note.code]}, not a spectrum divided by its reference",
                where=spectrum.name or "spectrum",
                suggestion="take the absorbance or transmittance block of the file (--scan)",
            )


def ordinate_of(spectrum: Spectrum, taken_as: Ordinate | None = None) -> Ordinate:
    """What the ordinates are, by the file unless ``taken_as`` says better; ``OptionError`` where neither says."""
    if taken_as is not None:
        return taken_as
    if spectrum.y_unit == "transmittance":
        return "transmittance"
    if spectrum.y_unit == "absorbance":
        return "absorbance"
    if any(note.code == "reflectance" for note in spectrum.diagnostics):
        return "reflectance"
    raise OptionError(
        "nothing states whether the ordinates are absorbance, transmittance or reflectance",
        where=spectrum.name or "spectrum",
        suggestion="say so: taken_as=, --from",
    )


def to_absorbance(spectrum: Spectrum, *, taken_as: Ordinate | None = None, scale: Scale | None = None) -> Spectrum:
    """Absorbance, -log10 of transmittance; absorbance is returned as it is, and named so.

    Parameters
    ----------
    taken_as
        What the ordinates are, where the file does not say.
    scale
        Of a transmittance: ``fraction`` or ``percent``; None: by the largest value, which a diagnostic says.

    Returns
    -------
    Spectrum
        With standard deviations, those of the transmittance carried through. Points not above zero carry no absorbance
        and are left out (``ordinates_not_positive``); values above 100 % are kept and said (``ordinates_above_one``).

    Raises
    ------
    OptionError
        A single beam, a reflectance (see :func:`kubelka_munk`), or ordinates of no stated meaning.
    InvalidSpectrum
        Half of the points or more are not above zero.
    """
    refuse_single_beam(spectrum)
    kind = ordinate_of(spectrum, taken_as)
    if kind == "absorbance":
        taken = Step("to_absorbance", {"taken_as": kind})
        return spectrum if spectrum.y_unit == kind else spectrum.with_step(taken, y_unit=kind, counts=False)
    if kind == "reflectance":
        raise OptionError(
            "the ordinates are reflectance; Kubelka-Munk units stand for its absorbance", where="taken_as"
        )
    share, sigma, options, part, notes = _shares(spectrum, scale)
    return part.with_step(
        Step("to_absorbance", options),
        y=-np.log10(share),
        sigma=sigma / (share * np.log(10.0)),
        y_unit="absorbance",
        counts=False,
        diagnostics=(*part.diagnostics, *notes),
    )


def to_transmittance(spectrum: Spectrum, *, taken_as: Ordinate | None = None, scale: Scale | None = None) -> Spectrum:
    """Transmittance as a fraction, 10 to minus the absorbance; percent becomes a fraction.

    Raises
    ------
    OptionError
        A single beam, a reflectance, or ordinates of no stated meaning.
    InvalidSpectrum
        An absorbance below -300.
    """
    refuse_single_beam(spectrum)
    kind = ordinate_of(spectrum, taken_as)
    if kind == "reflectance":
        raise OptionError("the ordinates are reflectance, which holds no transmittance", where="taken_as")
    if kind == "transmittance":
        factor, options, notes = _scaled(spectrum, scale)
        sigma, remarks = sigma_or_estimate(spectrum)
        y, noise = factor * spectrum.y, factor * sigma
    else:
        if np.min(spectrum.y) < -300.0:
            raise InvalidSpectrum(f"an absorbance of {np.min(spectrum.y):g}", where=spectrum.name or "y")
        options, notes = {}, ()
        sigma, remarks = sigma_or_estimate(spectrum)
        y = 10.0**-spectrum.y
        noise = np.maximum(y * np.log(10.0) * sigma, np.finfo(np.float64).tiny)
    return spectrum.with_step(
        Step("to_transmittance", options),
        y=y,
        sigma=noise,
        y_unit="transmittance",
        counts=False,
        diagnostics=(*spectrum.diagnostics, *remarks, *notes),
    )


def kubelka_munk(spectrum: Spectrum, *, taken_as: Ordinate | None = None, scale: Scale | None = None) -> Spectrum:
    """Kubelka-Munk units, (1 - R)^2 / 2R, of a diffuse reflectance.

    Values above 100 % count as 100 % (``ordinates_above_one``); points not above zero are left out.

    Raises
    ------
    OptionError
        A single beam, ordinates that are no reflectance or of no stated meaning.
    InvalidSpectrum
        Half of the points or more are not above zero.

    References
    ----------
    Kubelka and Munk, Z. tech. Phys. 12 (1931) 593.
    """
    refuse_single_beam(spectrum)
    kind = ordinate_of(spectrum, taken_as)
    if kind != "reflectance":
        raise OptionError(f"the ordinates are {kind}, not reflectance", where="taken_as")
    share, sigma, options, part, notes = _shares(spectrum, scale)
    share = np.minimum(share, 1.0)
    slope = (1.0 - share**2) / (2.0 * share**2)
    curvature = 1.0 / (2.0 * share**3)  # half the second derivative: what is left of the noise where the slope is none
    return part.with_step(
        Step("kubelka_munk", options),
        y=(1.0 - share) ** 2 / (2.0 * share),
        sigma=np.hypot(slope * sigma, curvature * sigma**2),
        y_unit="arbitrary",
        counts=False,
        diagnostics=(*(note for note in part.diagnostics if note.code != "reflectance"), *notes),
    )


def _scaled(spectrum: Spectrum, scale: Scale | None) -> tuple[float, dict[str, Any], tuple[Diagnostic, ...]]:
    """The factor that makes fractions, the options resolved, and what must be said of them."""
    where = spectrum.name or "spectrum"
    _, decided, said = ordinate_unit("transmittance", spectrum.y, where)
    notes = tuple(note for note in said if note.code not in {known.code for known in spectrum.diagnostics})
    if scale is not None:
        decided, notes = scale, ()
    factor = 0.01 if decided == "percent" else 1.0
    top = factor * float(np.max(spectrum.y))
    if top > LARGEST:
        detail = f"values reach {100.0 * top:.1f} %: the reference was taken with less light than the sample"
        notes = (*notes, Diagnostic.of("ordinates_above_one", where=where, value=top, detail=detail))
    return factor, {"scale": decided}, notes


def _shares(
    spectrum: Spectrum, scale: Scale | None
) -> tuple[FloatArray, FloatArray, dict[str, Any], Spectrum, tuple[Diagnostic, ...]]:
    """Fractions above zero with their standard deviations, options, the spectrum of those points, and remarks."""
    factor, options, notes = _scaled(spectrum, scale)
    sigma, remarks = sigma_or_estimate(spectrum)
    above = spectrum.y > 0.0
    lost = int(np.count_nonzero(~above))
    if lost >= FEWEST_SHARE * len(spectrum):
        raise InvalidSpectrum(
            f"{lost} of {len(spectrum)} values are not above zero", where=spectrum.name or "y",
            suggestion="is this a transmittance or reflectance?",
        )  # fmt: skip
    part = spectrum
    if lost:
        detail = f"{lost} values are not above zero; they were left out"
        notes = (
            *notes,
            Diagnostic.of("ordinates_not_positive", where=spectrum.name or None, value=lost, detail=detail),
        )
        part = without_points(spectrum, ~above)
    return factor * part.y, factor * sigma[above], options, part, (*remarks, *notes)
