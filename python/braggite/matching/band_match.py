"""What a match of bands returns: first whether it may be believed, then bands and amounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from braggite.arrays import FloatArray, frozen
from braggite.values import Value, finite

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from braggite.diagnostics import Diagnostic
    from braggite.matching.results import FitParameter, FitStatistics
    from braggite.references.bands import Band
    from braggite.spectrum import Spectrum


@dataclass(frozen=True, slots=True)
class FittedBand:
    """One band as fitted; positions and widths in 1/cm, on the axis as it was measured.

    Attributes
    ----------
    area, height : in ordinates; negative for a dip
    significance : how clearly it stands out of noise and misfit
    reference : the band of the reference; None for one that belongs to no phase
    """

    position: Value
    fwhm: Value
    area: Value
    height: float
    significance: float
    reference: Band | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        known = self.reference
        return {
            "position": self.position.to_dict(),
            "fwhm": self.fwhm.to_dict(),
            "area": self.area.to_dict(),
            "height": finite(self.height),
            "significance": finite(self.significance),
            "reference_position_cm1": None if known is None else known.position_cm1,
            "assignment": None if known is None else known.assignment,
            "symmetry": None if known is None else known.symmetry,
            "role": None if known is None else known.role,
        }


@dataclass(frozen=True, slots=True, eq=False)
class BandFit:
    """One phase of a match: its bands, its share of the area of the bands of all phases, its own curve."""

    name: str
    formula: str
    band_fraction: Value | None
    bands: tuple[FittedBand, ...]
    curve: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "curve", frozen(self.curve))

    def __reduce__(self) -> tuple[object, ...]:
        """Unpickling runs the constructor, which makes the arrays read-only again."""
        return type(self), tuple(getattr(self, name) for name in self.__slots__)

    @property
    def weight_fraction(self) -> None:
        """None: areas of bands are no weights without the cross sections of the phases."""
        return None

    @property
    def tick_positions(self) -> FloatArray:
        """Positions of the bands."""
        return np.array([band.position.value for band in self.bands])

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "name": self.name,
            "formula": self.formula,
            "band_fraction": None if self.band_fraction is None else self.band_fraction.to_dict(),
            "bands": [band.to_dict() for band in self.bands],
        }


@dataclass(frozen=True, slots=True, eq=False)
class BandMatch:
    """A match of the bands of phases to one vibrational spectrum.

    Attributes
    ----------
    shift_cm1 : common shift of the axis: measured less reference
    discrepancy : misfit as a share of the signal that uncertainties allow for
    unknown : bands that belong to none of the phases
    x, observed, calculated, background, sigma : (n,); ``calculated`` includes the background
    """

    converged: bool
    stop_reason: str
    at_bound: tuple[str, ...]
    statistics: FitStatistics
    phases: tuple[BandFit, ...]
    unknown: tuple[FittedBand, ...]
    shift_cm1: Value
    discrepancy: float
    parameters: dict[str, FitParameter]
    x: FloatArray
    observed: FloatArray
    calculated: FloatArray
    background: FloatArray
    sigma: FloatArray
    spectrum: Spectrum
    diagnostics: tuple[Diagnostic, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("x", "observed", "calculated", "background", "sigma"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __reduce__(self) -> tuple[object, ...]:
        """Unpickling runs the constructor, which makes the arrays read-only again."""
        return type(self), tuple(getattr(self, name) for name in self.__slots__)

    @property
    def technique(self) -> str:
        """Of the spectrum."""
        return self.spectrum.technique

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "converged": self.converged,
            "stop_reason": self.stop_reason,
            "at_bound": list(self.at_bound),
            "statistics": self.statistics.to_dict(),
            "shift_cm1": self.shift_cm1.to_dict(),
            "discrepancy": finite(self.discrepancy),
            "phases": [phase.to_dict() for phase in self.phases],
            "unknown": [band.to_dict() for band in self.unknown],
        }

    def plot(self, ax: Axes | None = None, *, scale: Literal["linear", "sqrt"] = "linear") -> Axes:
        """Observed, calculated and difference curves with ticks per phase; "sqrt" makes weak bands visible."""
        from braggite.reporting.plots import plot_match

        return plot_match(self, ax, scale=scale)
