"""From what a user says of peaks to what the engine moves: unknowns, and the numbers that follow them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from braggite.errors import OptionError
from braggite.lineshapes import Parameter, line_shape_parameters
from braggite.matching.peak_spec import PeakSpec, Tie

if TYPE_CHECKING:
    from collections.abc import Sequence

POSITION_REACH = 3.0
"""A position may move this many start widths, unless bounded otherwise."""
NARROWEST_STEPS = 0.5
"""A width is at least this share of a step."""
WIDTH_SHARE = 0.6
"""Start of each width of a shape with several, as a share of the full width."""


@cache
def _parameters(shape: str) -> dict[str, Parameter]:
    """The parameters of a shape by name, in its order."""
    return {parameter.name: parameter for parameter in line_shape_parameters(shape)}


class Form(NamedTuple):
    """A constant plus multiples of unknowns."""

    constant: float
    terms: tuple[tuple[int, float], ...] = ()


class Unknown(NamedTuple):
    """One number that moves."""

    name: str
    start: float
    lower: float
    upper: float
    prior: tuple[float, float] | None = None

    def row(self) -> tuple[float, float, float, tuple[float, float] | None]:
        """As the core takes it."""
        return self[1:]


@dataclass(frozen=True, slots=True)
class ModelledPeak:
    """One peak: its shape, the forms of its numbers by name, and its area as ``factor`` times a linear unknown."""

    label: str
    shape: str
    numbers: dict[str, Form]
    linear: int
    factor: float


@dataclass(frozen=True, slots=True)
class PeakModel:
    """Everything a fit of peaks moves: nonlinear unknowns, areas, and the peaks that follow them."""

    peaks: tuple[ModelledPeak, ...]
    unknowns: tuple[Unknown, ...]
    areas: tuple[str, ...]
    negative: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """First and last position and the mean step."""

    first: float
    last: float
    step: float

    @property
    def extent(self) -> float:
        """Length of the range."""
        return self.last - self.first


def peak_model(
    specs: Sequence[PeakSpec], widths: Sequence[float], axis: Axis, *, shape: str, shared: Sequence[str] = (),
    shift: tuple[float, float] | None = None,
) -> PeakModel:  # fmt: skip
    """The model of peaks that start with the full ``widths``.

    Raises ``OptionError`` for a position outside the range, an unknown number or peak, ties in a circle, or bounds that
    leave the start out.
    """
    builder = _Builder(specs, widths, axis, shape, tuple(shared), shift)
    builder.check()
    return builder.model()


@dataclass(slots=True)
class _Builder:
    specs: Sequence[PeakSpec]
    widths: Sequence[float]
    axis: Axis
    shape: str
    shared: tuple[str, ...]
    shift: tuple[float, float] | None
    unknowns: list[Unknown] = field(default_factory=list)
    forms: dict[tuple[int, str], Form] = field(default_factory=dict)
    areas: list[str] = field(default_factory=list)
    negative: list[bool] = field(default_factory=list)
    amplitudes: dict[int, tuple[int, float]] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    shift_index: int | None = None

    def check(self) -> None:
        """Refuse what no fit can start from."""
        self.labels = [spec.label or f"p{i + 1}" for i, spec in enumerate(self.specs)]
        if len(set(self.labels)) < len(self.labels):
            twice = next(label for label in self.labels if self.labels.count(label) > 1)
            raise OptionError(f"two peaks are called {twice!r}", where="peaks")
        for spec, label in zip(self.specs, self.labels, strict=True):
            if not self.axis.first <= spec.position <= self.axis.last:
                raise OptionError(
                    f"peak {label} at {spec.position:g} is outside {self.axis.first:g} to {self.axis.last:g}",
                    where="peaks",
                )
            known = {"position", "area", *self.parameters(spec)}
            named = {*spec.bounds, *spec.fixed, *spec.ties, *spec.priors, *spec.parameters}
            for number in named - known - {"*"}:
                raise OptionError(
                    f"peak {label} has no number {number!r}", where="peaks",
                    suggestion=f"it has {', '.join(sorted(known))}",
                )  # fmt: skip
        for number in self.shared:
            if not any(number in self.parameters(spec) for spec in self.specs):
                raise OptionError(f"option shared: no peak has a parameter {number!r}", where="shared")

    def model(self) -> PeakModel:
        if self.shift is not None:
            low, high = self.shift
            self.shift_index = self.add(Unknown("shift", min(max(0.0, low), high), low, high))
        peaks = []
        for index, spec in enumerate(self.specs):
            numbers = {name: self.form(index, name, ()) for name in ("position", *self.parameters(spec))}
            linear, factor = self.amplitude(index, ())
            peaks.append(ModelledPeak(self.labels[index], spec.shape or self.shape, numbers, linear, factor))
        return PeakModel(tuple(peaks), tuple(self.unknowns), tuple(self.areas), tuple(self.negative))

    def parameters(self, spec: PeakSpec) -> dict[str, Parameter]:
        return _parameters(spec.shape or self.shape)

    def add(self, unknown: Unknown) -> int:
        if not unknown.lower <= unknown.start <= unknown.upper:
            raise OptionError(
                f"{unknown.name} starts at {unknown.start:g}, outside its bounds {unknown.lower:g} to "
                f"{unknown.upper:g}", where="peaks",
            )  # fmt: skip
        self.unknowns.append(unknown)
        return len(self.unknowns) - 1

    def form(self, index: int, name: str, path: tuple[int, ...]) -> Form:
        """How number ``name`` of peak ``index`` follows the unknowns; made once."""
        known = self.forms.get((index, name))
        if known is not None:
            return known
        tie = self.tie(index, name)
        made = self.free(index, name) if tie is None else self.tied(index, name, tie, path)
        self.forms[index, name] = made
        return made

    def tie(self, index: int, name: str) -> Tie | None:
        spec = self.specs[index]
        if name in spec.ties:
            return spec.ties[name]
        if "*" in spec.ties and name not in ("position", "area"):
            return spec.ties["*"]
        if name in self.shared:
            first = next(i for i, other in enumerate(self.specs) if name in self.parameters(other))
            return None if first == index else Tie(first)
        return None

    def tied(self, index: int, name: str, tie: Tie, path: tuple[int, ...]) -> Form:
        other = self.other(index, name, tie, path)
        if name != "position" and name not in self.parameters(self.specs[other]):
            raise OptionError(f"peak {self.labels[other]} has no number {name!r} to tie to", where="peaks")
        base = self.form(other, name, (*path, index))
        terms = tuple((unknown, factor * tie.factor) for unknown, factor in base.terms)
        return Form(tie.offset + tie.factor * base.constant, terms)

    def other(self, index: int, name: str, tie: Tie, path: tuple[int, ...]) -> int:
        if isinstance(tie.peak, int):
            other = tie.peak
        else:
            other = self.labels.index(tie.peak) if tie.peak in self.labels else -1
        if not 0 <= other < len(self.specs):
            raise OptionError(f"peak {self.labels[index]} is tied to {tie.peak!r}, which is no peak", where="peaks")
        if other in (*path, index):
            raise OptionError(f"the ties of {name} of peak {self.labels[index]} go in a circle", where="peaks")
        return other

    def free(self, index: int, name: str) -> Form:
        spec = self.specs[index]
        start, lower, upper = self.position(index) if name == "position" else self.parameter(index, name)
        if name in spec.fixed:
            return Form(start)
        lower, upper = spec.bounds.get(name, (min(lower, start), max(upper, start)))
        unknown = self.add(Unknown(f"{self.labels[index]}_{name}", start, lower, upper, spec.priors.get(name)))
        if name == "position" and self.shift_index is not None:
            return Form(0.0, ((unknown, 1.0), (self.shift_index, 1.0)))
        return Form(0.0, ((unknown, 1.0),))

    def position(self, index: int) -> tuple[float, float, float]:
        start, reach = self.specs[index].position, POSITION_REACH * self.widths[index]
        return start, max(start - reach, self.axis.first), min(start + reach, self.axis.last)

    def parameter(self, index: int, name: str) -> tuple[float, float, float]:
        spec = self.specs[index]
        parameters = self.parameters(spec)
        parameter = parameters[name]
        if parameter.start is not None:
            return spec.parameters.get(name, parameter.start), parameter.lower, parameter.upper
        several = sum(p.is_width for p in parameters.values()) > 1
        start = spec.parameters.get(name, self.widths[index] * (WIDTH_SHARE if several else 1.0))
        lower = max(parameter.lower, NARROWEST_STEPS * self.axis.step if name == next(iter(parameters)) else 0.0)
        return start, lower, min(parameter.upper, 2.0 * self.axis.extent)

    def amplitude(self, index: int, path: tuple[int, ...]) -> tuple[int, float]:
        """Linear unknown and factor of the area of peak ``index``."""
        if index not in self.amplitudes:
            tie = self.specs[index].ties.get("area")
            if tie is None:
                self.areas.append(f"{self.labels[index]}_area")
                self.negative.append(self.specs[index].negative)
                self.amplitudes[index] = (len(self.areas) - 1, 1.0)
            else:
                if tie.offset != 0.0 or not math.isfinite(tie.factor):
                    raise OptionError("a tie of areas takes a finite factor and no offset", where="peaks")
                linear, factor = self.amplitude(self.other(index, "area", tie, path), (*path, index))
                self.amplitudes[index] = (linear, factor * tie.factor)
        return self.amplitudes[index]
