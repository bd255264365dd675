"""What a user says of a peak before a fit: where it starts, what bounds it, what ties it to others."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from braggite.errors import OptionError

if TYPE_CHECKING:
    from braggite.spectrum import Radiation

Number = str
"""``position``, ``area`` or a parameter of the shape."""


@dataclass(frozen=True, slots=True)
class Tie:
    """A number that follows the same number of another peak: ``offset + factor`` times it.

    ``peak`` is the label or the index of the other peak; an area takes no offset.
    """

    peak: str | int
    offset: float = 0.0
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class PeakSpec:
    """One peak of a fit.

    Attributes
    ----------
    position, fwhm : where the fit starts, in units of the axis; ``fwhm=None`` measures it
    shape : name of the line shape; None takes that of the fit
    parameters : starts of the parameters of the shape
    bounds : lowest and highest value by number (``position`` or a parameter)
    fixed : numbers that stay at their start
    ties : numbers that follow another peak
    priors : mean and standard deviation known before the fit, by number
    negative : whether the area may be negative
    """

    position: float
    fwhm: float | None = None
    shape: str | None = None
    parameters: Mapping[Number, float] = field(default_factory=dict)
    bounds: Mapping[Number, tuple[float, float]] = field(default_factory=dict)
    fixed: tuple[Number, ...] = ()
    ties: Mapping[Number, Tie] = field(default_factory=dict)
    priors: Mapping[Number, tuple[float, float]] = field(default_factory=dict)
    negative: bool = False
    label: str = ""


KEYS = tuple(entry.name for entry in fields(PeakSpec))


def doublet(
    position: float, splitting: float, ratio: float, *, widths: bool = True, label: str = "", **more: Any
) -> tuple[PeakSpec, PeakSpec]:
    """Two peaks that move as one: a spin-orbit pair, or K-alpha lines.

    Parameters
    ----------
    position
        Where the first starts.
    splitting
        Fixed distance of the second from the first, in units of the axis (negative: below it).
    ratio
        Fixed area of the second over that of the first: 1/2, 2/3, 3/4 of p, d, f levels, or a measured one.
    widths
        Whether the second has the shape parameters of the first; Coster-Kronig broadening speaks against it.
    label, **more
        As :class:`PeakSpec`, for the first; the second has the same shape.
    """
    name = label or f"{position:g}"
    first = PeakSpec(position, label=name, **more)
    ties = {"position": Tie(name, offset=splitting), "area": Tie(name, factor=ratio)}
    if widths:
        ties["*"] = Tie(name)
    second = PeakSpec(
        position + splitting, fwhm=first.fwhm, shape=first.shape, parameters=first.parameters, ties=ties,
        label=f"{name} partner",
    )  # fmt: skip
    return first, second


def emission_lines(
    two_theta_deg: float, radiation: Radiation, *, label: str = "", **more: Any
) -> tuple[PeakSpec, ...]:  # fmt: skip
    """The peaks that one reflection makes by every emission line of a radiation: K-alpha1 and K-alpha2, say.

    The weaker ones follow the strongest in position, area and shape; positions by the tangent of Bragg's law at the
    start, which at 120 degrees is 2e-6 degrees off when the strongest line moves by 0.1.

    Parameters
    ----------
    two_theta_deg
        Where the peak of the strongest emission line starts, in degrees.
    radiation
        Wavelengths and their weights; ``Spectrum.radiation`` or :func:`braggite.radiation.radiation_named`.
    label, **more
        As :class:`PeakSpec`, for the strongest; the others have the same shape.

    Raises
    ------
    OptionError
        An angle not between 0 and 180 degrees, or that one of the wavelengths cannot have.
    """
    at = _number("two_theta_deg", two_theta_deg)
    name = label or f"{at:g}"
    first = PeakSpec(at, label=name, **more)
    specs = [first]
    if not 0.0 < at < 180.0:
        raise OptionError(f"option two_theta_deg = {at:g}: must be between 0 and 180", where="two_theta_deg")
    for number, (wavelength, weight) in enumerate(radiation.lines[1:], start=2):
        stretch = wavelength / radiation.wavelength_angstrom
        sine = math.sin(math.radians(0.5 * at)) * stretch
        if sine >= 1.0:
            raise OptionError(
                f"option two_theta_deg = {at:g}: no angle of {wavelength:g} angstrom", where="two_theta_deg"
            )  # fmt: skip
        theta = math.asin(sine)
        slope = stretch * math.cos(math.radians(0.5 * at)) / math.cos(theta)
        position = 2.0 * math.degrees(theta)
        ties = {
            "position": Tie(name, offset=position - slope * at, factor=slope),
            "area": Tie(name, factor=weight / radiation.lines[0][1]),
            "*": Tie(name),
        }
        specs.append(
            PeakSpec(
                position, fwhm=first.fwhm, shape=first.shape, parameters=first.parameters, ties=ties,
                label=f"{name} line {number}",
            )
        )  # fmt: skip
    return tuple(specs)


def peak_specs(peaks: Iterable[Any]) -> tuple[PeakSpec, ...]:
    """Specifications from a mixed list: positions, mappings, :class:`PeakSpec`, doublets, entries of a PeakList.

    Raises ``OptionError`` for anything else.
    """
    specs: list[PeakSpec] = []
    for peak in peaks:
        if isinstance(peak, PeakSpec):
            specs.append(peak)
        elif isinstance(peak, Mapping):
            specs.append(_from_mapping(peak))
        elif isinstance(peak, tuple) and peak and all(isinstance(part, PeakSpec) for part in peak):
            specs.extend(peak)
        elif hasattr(peak, "position"):
            specs.append(PeakSpec(float(peak.position.value), fwhm=float(peak.fwhm.value)))
        else:
            specs.append(PeakSpec(_number("position", peak)))
    return tuple(specs)


def _from_mapping(given: Mapping[str, Any]) -> PeakSpec:
    unknown = sorted(set(given) - set(KEYS))
    if unknown or "position" not in given:
        what = f"unknown key {unknown[0]!r}" if unknown else "no position"
        raise OptionError(f"a peak with {what}", where="peaks", suggestion=f"the keys are {', '.join(KEYS)}")
    ties = {number: tie if isinstance(tie, Tie) else Tie(**tie) for number, tie in given.get("ties", {}).items()}
    return PeakSpec(**{**given, "position": _number("position", given["position"]), "ties": ties})


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise OptionError(f"option {name} = {value!r}: must be a number", where="peaks") from None
