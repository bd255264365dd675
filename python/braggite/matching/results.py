"""What a whole-pattern match returns: first whether it may be believed, then the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from braggite.arrays import FloatArray, frozen
from braggite.values import Value, finite

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from braggite.diagnostics import Diagnostic

CELL_NAMES = ("a_angstrom", "b_angstrom", "c_angstrom", "alpha_deg", "beta_deg", "gamma_deg")


@dataclass(frozen=True, slots=True)
class FitStatistics:
    """Agreement of model and data; Rwp without background subtraction, gof = Rwp / Rexp."""

    rwp_percent: float
    rp_percent: float
    rexp_percent: float
    gof: float
    n_points: int
    n_free: int
    durbin_watson: float

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "rwp_percent": finite(self.rwp_percent),
            "rp_percent": finite(self.rp_percent),
            "rexp_percent": finite(self.rexp_percent),
            "gof": finite(self.gof),
            "n_points": self.n_points,
            "n_free": self.n_free,
            "durbin_watson": finite(self.durbin_watson),
        }


@dataclass(frozen=True, slots=True)
class FitParameter:
    """One refined parameter."""

    value: Value
    unit: str
    at_bound: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {**self.value.to_dict(), "unit": self.unit, "at_bound": self.at_bound}


@dataclass(frozen=True, slots=True, eq=False)
class Reflections:
    """Reflections of one phase as fitted: (n, 3) indices and (n,) columns."""

    hkl: NDArray[np.int32]
    multiplicity: NDArray[np.int32]
    d_angstrom: FloatArray
    two_theta_deg: FloatArray
    intensity: FloatArray
    intensity_su: FloatArray | None = None

    def __post_init__(self) -> None:
        for name in ("hkl", "multiplicity"):
            whole = np.array(getattr(self, name), dtype=np.int32)
            whole.flags.writeable = False
            object.__setattr__(self, name, whole)
        for name in ("d_angstrom", "two_theta_deg", "intensity", "intensity_su"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, frozen(getattr(self, name)))

    def __reduce__(self) -> tuple[object, ...]:
        """Unpickling runs the constructor, which makes the arrays read-only again."""
        return type(self), tuple(getattr(self, name) for name in self.__slots__)

    def __len__(self) -> int:
        return self.d_angstrom.size

    def to_list(self) -> list[dict[str, Any]]:
        """One object a reflection, as the contract's ``reflections``."""
        su = self.intensity_su
        return [
            {
                "h": int(self.hkl[i, 0]),
                "k": int(self.hkl[i, 1]),
                "l": int(self.hkl[i, 2]),
                "d_angstrom": float(self.d_angstrom[i]),
                "two_theta_deg": float(self.two_theta_deg[i]),
                "intensity": {"value": finite(self.intensity[i]), "su": None if su is None else finite(su[i])},
                "multiplicity": int(self.multiplicity[i]),
            }
            for i in range(len(self))
        ]


@dataclass(frozen=True, slots=True, eq=False)
class PhaseFit:
    """One phase of a match: its cell, amount, own curve (without background) and reflections.

    ``weight_fraction_range`` is what micro-absorption in grains of unknown size may make of the fraction; None where
    the size was given.
    """

    name: str
    formula: str
    space_group: str
    cell: dict[str, Value]
    weight_fraction: Value | None
    r_bragg_percent: float | None
    curve: FloatArray
    reflections: Reflections
    weight_fraction_range: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "curve", frozen(self.curve))

    def __reduce__(self) -> tuple[object, ...]:
        """Unpickling runs the constructor, which makes the arrays read-only again."""
        return type(self), tuple(getattr(self, name) for name in self.__slots__)

    def to_dict(self) -> dict[str, Any]:
        """The contract's entry of ``phases``."""
        return {
            "name": self.name,
            "formula": self.formula,
            "space_group": self.space_group,
            "cell": {key: value.to_dict() for key, value in self.cell.items()},
            "weight_fraction": None if self.weight_fraction is None else self.weight_fraction.to_dict(),
            "weight_fraction_range": None if self.weight_fraction_range is None else list(self.weight_fraction_range),
            "r_bragg_percent": finite(self.r_bragg_percent),
            "reflections": self.reflections.to_list(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class MatchResult:
    """A whole-pattern match.

    ``x``, ``observed``, ``calculated``, ``background`` and ``sigma`` are (n,) arrays over the fitted points;
    ``calculated`` includes the background.
    """

    converged: bool
    stop_reason: str
    at_bound: tuple[str, ...]
    statistics: FitStatistics
    phases: tuple[PhaseFit, ...]
    parameters: dict[str, FitParameter]
    x: FloatArray
    observed: FloatArray
    calculated: FloatArray
    background: FloatArray
    sigma: FloatArray
    basis: Literal["crystalline", "total"] = "crystalline"
    diagnostics: tuple[Diagnostic, ...] = ()

    def __post_init__(self) -> None:
        for name in ("x", "observed", "calculated", "background", "sigma"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __reduce__(self) -> tuple[object, ...]:
        """Unpickling runs the constructor, which makes the arrays read-only again."""
        return type(self), tuple(getattr(self, name) for name in self.__slots__)

    def to_dict(self) -> dict[str, Any]:
        """The body of a ``braggite.match/1`` document."""
        return {
            "converged": self.converged,
            "stop_reason": self.stop_reason,
            "at_bound": list(self.at_bound),
            "statistics": self.statistics.to_dict(),
            "basis": self.basis,
            "phases": [phase.to_dict() for phase in self.phases],
            "parameters": {name: parameter.to_dict() for name, parameter in self.parameters.items()},
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Observed, calculated and difference curves with ticks per phase."""
        from braggite.reporting.plots import plot_match

        return plot_match(self, ax)
