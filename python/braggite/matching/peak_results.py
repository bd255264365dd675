"""What a peak fit returns: first whether it may be believed, then the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite import _core
from braggite.arrays import FloatArray, frozen
from braggite.matching.uncertainty import correlation_of
from braggite.values import Value, finite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lmfit.model import ModelResult
    from matplotlib.axes import Axes

    from braggite.diagnostics import Diagnostic
    from braggite.matching.peak_background import FitBackground
    from braggite.matching.peak_model import PeakModel

QUANTITIES = ("position", "area", "height", "fwhm")
ARRAYS = (
    *(name + ending for name in QUANTITIES for ending in ("", "_su")),
    "values", "covariance", "x", "y", "weight", "curve", "background",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FittedPeak:
    """One peak of a fit; ``su`` is None for a number that was fixed, ended at a bound, or is not determined."""

    label: str
    position: Value
    area: Value
    height: Value
    fwhm: Value
    shape: str
    parameters: dict[str, Value]

    def to_dict(self) -> dict[str, Any]:
        """The contract's entry of ``peaks``."""
        return {
            "position": self.position.to_dict(),
            "area": self.area.to_dict(),
            "height": self.height.to_dict(),
            "fwhm": self.fwhm.to_dict(),
            "shape": {"name": self.shape, **{name: value.to_dict() for name, value in self.parameters.items()}},
            "label": self.label,
        }


@dataclass(frozen=True, slots=True, eq=False)
class PeakFit:
    """A fit of peaks to one range.

    Attributes
    ----------
    position, area, height, fwhm : (peaks,) with ``_su``; NaN where a number was fixed, at a bound or not determined.
        Position, fwhm in units of the axis; area in ordinates times that; area is NaN for a shape of infinite area
    parameters : shape parameters by name, (peaks,) values and uncertainties; NaN where a peak's shape has no such one
    names, values, covariance : (m,) unknowns and their (m, m) covariance; NaN rows where there is none
    su_scale : factor that the misfit put on all uncertainties: root of ``chi2_reduced`` where the standard deviations
        of the ordinates were unknown, the same but at least 1 where they were known
    at_bound : unknowns that ended at a bound (an area: at zero)
    undetermined : unknowns that others can make up for: two peaks at one place, a width without a peak
    curve, background, x, y, weight : (n,) over the fitted points; ``curve`` includes the background
    """

    converged: bool
    stop_reason: str
    at_bound: tuple[str, ...]
    undetermined: tuple[str, ...]
    position: FloatArray
    position_su: FloatArray
    area: FloatArray
    area_su: FloatArray
    height: FloatArray
    height_su: FloatArray
    fwhm: FloatArray
    fwhm_su: FloatArray
    parameters: dict[str, tuple[FloatArray, FloatArray]]
    chi2: float
    chi2_reduced: float
    n_points: int
    n_free: int
    n_iterations: int
    su_scaled: bool
    su_scale: float
    names: tuple[str, ...]
    values: FloatArray
    covariance: FloatArray
    x: FloatArray
    y: FloatArray
    weight: FloatArray
    curve: FloatArray
    background: FloatArray
    unit: str
    model: PeakModel
    model_background: FitBackground
    options: dict[str, Any]
    diagnostics: tuple[Diagnostic, ...] = ()

    def __post_init__(self) -> None:
        for name in ARRAYS:
            object.__setattr__(self, name, frozen(getattr(self, name)))
        for pair in self.parameters.values():
            for array in pair:
                array.flags.writeable = False

    def __reduce__(self) -> tuple[object, ...]:
        """Unpickling runs the constructor, which makes the arrays read-only again."""
        return type(self), tuple(getattr(self, name) for name in self.__slots__)

    def __len__(self) -> int:
        return self.position.size

    def __getitem__(self, index: int) -> FittedPeak:
        peak = self.model.peaks[index]
        return FittedPeak(
            label=peak.label,
            shape=peak.shape,
            parameters={
                name: self._value(*self.parameters[name], index) for name in peak.numbers if name != "position"
            },
            **{name: self._value(getattr(self, name), getattr(self, f"{name}_su"), index) for name in QUANTITIES},
        )

    def __iter__(self) -> Iterator[FittedPeak]:
        return (self[index] for index in range(len(self)))

    def _value(self, values: FloatArray, su: FloatArray, index: int) -> Value:
        uncertainty = finite(su[index])
        return Value(float(values[index]), uncertainty, None if uncertainty is None else uncertainty / self.su_scale)

    @property
    def correlation(self) -> FloatArray:
        """(m, m) correlations of the unknowns ``names``; NaN where one has no variance."""
        return correlation_of(self.covariance)

    @property
    def components(self) -> FloatArray:
        """(peaks, n) curve of each peak without background."""
        rows = [
            _core.LineShape(peak.shape, []).values(
                self.x, float(self.position[i]),
                [float(self.parameters[name][0][i]) for name in peak.numbers if name != "position"],
                peak.factor * float(self.values[self.names.index(self.model.areas[peak.linear])]),
            )
            for i, peak in enumerate(self.model.peaks)
        ]  # fmt: skip
        return frozen(np.array(rows).reshape(len(rows), self.x.size))

    @property
    def residual(self) -> FloatArray:
        """(n,) ordinates minus curve."""
        return frozen(self.y - self.curve)

    def to_dict(self) -> dict[str, Any]:
        """The body of a ``braggite.fit/1`` document."""
        return {
            "converged": self.converged,
            "stop_reason": self.stop_reason,
            "at_bound": list(self.at_bound),
            "undetermined": list(self.undetermined),
            "statistics": {
                "chi2": finite(self.chi2),
                "chi2_reduced": finite(self.chi2_reduced),
                "n_points": self.n_points,
                "n_free": self.n_free,
                "n_iterations": self.n_iterations,
                "su_scaled": self.su_scaled,
                "su_scale": finite(self.su_scale),
            },
            "unit": self.unit,
            "peaks": [peak.to_dict() for peak in self],
            "parameters": {
                name: {"value": finite(value), "su": finite(su)}
                for name, value, su in zip(self.names, self.values, np.sqrt(np.diag(self.covariance)), strict=True)
            },
            "options": dict(self.options),
            "diagnostics": [note.to_dict() for note in self.diagnostics],
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Data, curve, background, each peak, and the difference below."""
        from braggite.reporting.plots import plot_peak_fit

        return plot_peak_fit(self, ax)

    def to_lmfit(self) -> ModelResult:
        """The same fit as an lmfit ``ModelResult``, its covariance ours; lmfit is imported here."""
        from braggite.matching.lmfit_bridge import model_result

        return model_result(self)

    def _repr_html_(self) -> str:
        state = "converged" if self.converged else f"<b>not converged: {escape(self.stop_reason)}</b>"
        head = "".join(
            f"<th>{escape(text)}</th>"
            for text in ("peak", f"position ({self.unit})" if self.unit else "position", *QUANTITIES[1:])
        )
        rows = ([peak.label, *(str(getattr(peak, name)) for name in QUANTITIES)] for peak in self)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        scaled = f", uncertainties times {self.su_scale:.3g}" if self.su_scaled else ""
        return (
            f"<p>{state}, reduced chi-square {self.chi2_reduced:.4g}{scaled}</p>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )
