"""What a user says of a peak before a fit: where it starts, what bounds it, what ties it to others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from braggite.errors import OptionError

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
