"""A measured spectrum: frozen, its arrays read-only, its history written down."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from braggite.arrays import FloatArray, as_f64, frozen
from braggite.errors import InvalidSpectrum

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from braggite.diagnostics import Diagnostic

TechniqueName = Literal["xrd", "raman", "ftir", "xps"]
YUnit = Literal["counts", "counts/s", "absorbance", "transmittance", "arbitrary"]


@dataclass(frozen=True, slots=True)
class Radiation:
    """X-rays a pattern was measured with.

    ``lines`` holds (wavelength in angstrom, relative weight) pairs, strongest first; ``widths_angstrom`` their natural
    full widths at half maximum where these are known, else nothing.
    """

    lines: tuple[tuple[float, float], ...]
    name: str = ""
    assumed: bool = False
    widths_angstrom: tuple[float, ...] = ()

    @property
    def wavelength_angstrom(self) -> float:
        """Wavelength of the strongest line."""
        return self.lines[0][0]

    @property
    def profile(self) -> tuple[tuple[float, float, float], ...]:
        """Wavelength, weight and natural width of each line; a width of 0 where none is known."""
        widths = self.widths_angstrom or (0.0,) * len(self.lines)
        return tuple((*line, width) for line, width in zip(self.lines, widths, strict=True))

    def to_dict(self) -> dict[str, Any]:
        """Plain types; ``widths_angstrom`` only where they are known."""
        stated = {"name": self.name, "lines": [list(line) for line in self.lines], "assumed": self.assumed}
        return stated | ({"widths_angstrom": list(self.widths_angstrom)} if self.widths_angstrom else {})


@dataclass(frozen=True, slots=True)
class Instrument:
    """What a file says about the diffractometer; ``None`` means not stated."""

    geometry: Literal["bragg-brentano", "debye-scherrer"] = "bragg-brentano"
    radius_mm: float | None = None
    monochromator_two_theta_deg: float | None = None
    divergence: Literal["fixed", "variable"] = "fixed"

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "geometry": self.geometry,
            "radius_mm": self.radius_mm,
            "monochromator_two_theta_deg": self.monochromator_two_theta_deg,
            "divergence": self.divergence,
        }


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done to a spectrum: a verb and its resolved options."""

    verb: str
    options: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {"verb": self.verb, "options": dict(self.options)}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a spectrum came from."""

    path: str | None = None
    format: str | None = None
    sha256: str | None = None
    scan: int = 0
    n_scans: int = 1

    def to_dict(self) -> dict[str, Any]:
        """The entry of ``provenance.inputs``."""
        return {
            "path": self.path,
            "sha256": self.sha256,
            "format": self.format,
            "scan": self.scan,
            "n_scans": self.n_scans,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Positions, ordinates and their standard deviations, with unit, origin and history.

    Build one with :meth:`from_arrays` or :func:`braggite.read`; both check the data.

    Attributes
    ----------
    x : (n,) strictly ascending positions, in ``x_unit`` (deg 2-theta, cm-1 or eV)
    y : (n,) ordinates in ``y_unit``
    sigma : (n,) standard deviations of ``y``, or None where they are not known
    counts : whether ``y`` are detector counts (None: not decided)
    """

    x: FloatArray
    y: FloatArray
    technique: TechniqueName
    x_unit: str
    y_unit: YUnit
    sigma: FloatArray | None = None
    counts: bool | None = None
    name: str = ""
    radiation: Radiation | None = None
    instrument: Instrument | None = None
    source: Source = field(default_factory=Source)
    metadata: dict[str, Any] = field(default_factory=dict)
    history: tuple[Step, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    def __post_init__(self) -> None:
        for name in ("x", "y", "sigma"):
            array = getattr(self, name)
            if array is not None:
                object.__setattr__(self, name, frozen(array))

    def __setstate__(self, state: list[Any]) -> None:
        """Unpickling restores read-only arrays."""
        for name, value in zip(self.__slots__, state, strict=True):
            object.__setattr__(self, name, value)
        self.__post_init__()

    def __getstate__(self) -> list[Any]:
        return [getattr(self, name) for name in self.__slots__]

    @classmethod
    def from_arrays(
        cls,
        x: ArrayLike,
        y: ArrayLike,
        *,
        technique: TechniqueName = "xrd",
        sigma: ArrayLike | None = None,
        where: str = "spectrum",
        **fields: Any,
    ) -> Spectrum:
        """A checked spectrum from users' arrays, copied at the door.

        Descending positions are reversed and noted; equal positions with equal ordinates are dropped and noted.

        Raises
        ------
        InvalidSpectrum
            Fewer than two points, lengths that differ, NaN or infinity, unsorted positions, equal positions with
            different ordinates, or a standard deviation that is not positive.
        """
        from braggite.spectrum_checks import check_columns
        from braggite.techniques import technique_named

        columns = check_columns(
            as_f64(x, "x"), as_f64(y, "y"), None if sigma is None else as_f64(sigma, "sigma"), where=where
        )
        fields.setdefault("x_unit", technique_named(technique).x_unit)
        fields.setdefault("y_unit", "arbitrary")
        notes = (*fields.pop("diagnostics", ()), *columns.diagnostics)
        return cls(x=columns.x, y=columns.y, sigma=columns.sigma, technique=technique, diagnostics=notes, **fields)

    def __len__(self) -> int:
        return self.x.size

    def with_step(self, step: Step, **changes: Any) -> Spectrum:
        """A new spectrum with ``changes`` applied and ``step`` at the end of its history."""
        return replace(self, history=(*self.history, step), **changes)

    def cut(self, low: float, high: float) -> Spectrum:
        """The part with ``low <= x <= high``; ``InvalidSpectrum`` when fewer than two points remain."""
        keep = (self.x >= low) & (self.x <= high)
        if int(keep.sum()) < 2:
            raise InvalidSpectrum(f"no two points between {low:g} and {high:g} {self.x_unit}", where=self.name or None)
        sigma = None if self.sigma is None else self.sigma[keep]
        return self.with_step(Step("cut", {"low": low, "high": high}), x=self.x[keep], y=self.y[keep], sigma=sigma)

    @property
    def step_median(self) -> float:
        """Median distance of neighbouring positions, in ``x_unit``."""
        return float(np.median(np.diff(self.x)))

    def to_dict(self) -> dict[str, Any]:
        """Plain types; arrays become lists."""
        return {
            "name": self.name,
            "technique": self.technique,
            "x_unit": self.x_unit,
            "y_unit": self.y_unit,
            "counts": self.counts,
            "x": self.x.tolist(),
            "y": self.y.tolist(),
            "sigma": None if self.sigma is None else self.sigma.tolist(),
            "radiation": None if self.radiation is None else self.radiation.to_dict(),
            "instrument": None if self.instrument is None else self.instrument.to_dict(),
            "source": self.source.to_dict(),
            "history": [step.to_dict() for step in self.history],
            "diagnostics": [note.to_dict() for note in self.diagnostics],
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the spectrum the way its technique is drawn (binding energy and infrared axes reversed)."""
        from braggite.reporting.plots import plot_spectrum

        return plot_spectrum(self, ax)
