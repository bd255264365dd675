"""What a whole-pattern match returns: first whether it may be believed, then the numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from braggite.arrays import FloatArray, frozen
from braggite.errors import OptionError
from braggite.matching.uncertainty import correlation_of
from braggite.values import Value, finite

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lmfit import Parameters
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from braggite.diagnostics import Diagnostic
    from braggite.matching.microstructure import Microstructure
    from braggite.references.cell_relations import DerivedQuantity
    from braggite.references.phase import Phase
    from braggite.spectrum import Spectrum

Uncertainty = Literal["berar-lelann", "gof", "counting"]
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
    """One refined parameter and the bounds it was held between."""

    value: Value
    unit: str
    at_bound: bool = False
    lower: float = -math.inf
    upper: float = math.inf

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {**self.value.to_dict(), "unit": self.unit, "at_bound": self.at_bound}


@dataclass(frozen=True, slots=True, eq=False)
class Reflections:
    """Reflections of one phase as fitted: (n, 3) indices and (n,) columns.

    ``intensity`` is the observed area in ordinates times degrees, ``intensity_su`` its uncertainty where intensities
    were free, ``intensity_calculated`` the area of the model where it has one of its own. Lines of one ``group`` are
    nearer to each other than a quarter of their width: only the sum of their intensities is measured, it is shared out
    among them; -1 stands for a line that is resolved.
    """

    hkl: NDArray[np.int32]
    multiplicity: NDArray[np.int32]
    d_angstrom: FloatArray
    two_theta_deg: FloatArray
    intensity: FloatArray
    intensity_su: FloatArray | None = None
    intensity_calculated: FloatArray | None = None
    group: NDArray[np.int32] | None = None

    def __post_init__(self) -> None:
        if self.group is None:
            object.__setattr__(self, "group", np.full(self.d_angstrom.size, -1))
        for name in ("hkl", "multiplicity", "group"):
            whole = np.array(getattr(self, name), dtype=np.int32)
            whole.flags.writeable = False
            object.__setattr__(self, name, whole)
        for name in ("d_angstrom", "two_theta_deg", "intensity", "intensity_su", "intensity_calculated"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, frozen(getattr(self, name)))

    def __reduce__(self) -> tuple[object, ...]:
        """Unpickling runs the constructor, which makes the arrays read-only again."""
        return type(self), tuple(getattr(self, name) for name in self.__slots__)

    def __len__(self) -> int:
        return self.d_angstrom.size

    @property
    def resolved(self) -> NDArray[np.bool_]:
        """(n,) whether the intensity of a line was measured, not shared out."""
        return np.asarray(self.group) < 0

    def to_list(self) -> list[dict[str, Any]]:
        """One object a reflection, as the contract's ``reflections``."""
        su, groups = self.intensity_su, np.asarray(self.group).tolist()
        return [
            {
                "h": int(self.hkl[i, 0]),
                "k": int(self.hkl[i, 1]),
                "l": int(self.hkl[i, 2]),
                "d_angstrom": float(self.d_angstrom[i]),
                "two_theta_deg": float(self.two_theta_deg[i]),
                "intensity": {"value": finite(self.intensity[i]), "su": None if su is None else finite(su[i])},
                "multiplicity": int(self.multiplicity[i]),
                "resolved": groups[i] < 0,
                "group": None if groups[i] < 0 else groups[i],
            }
            for i in range(len(self))
        ]


@dataclass(frozen=True, slots=True, eq=False)
class PhaseFit:
    """One phase of a match: its cell, amount, own curve (without background) and reflections.

    What a way of matching does not give is None: a phase with free intensities has no weight fraction and need have no
    structure.

    Attributes
    ----------
    weight_fraction_range : what micro-absorption in grains of unknown size may make of the fraction; None where the
        size was given
    reference : the phase that was matched, as the library has it
    texture_axis : indices of the axis of preferred orientation, where it was refined
    cell_groups : numbers of the cell that moved together; the first group moved by the parameter ``cell_change_1``
    microstructure : crystallite size and strain; None without a calibrated instrument
    strength : sum of the areas of lines in range without Lorentz and polarisation factors
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
    reference: Phase | None = None
    texture_axis: tuple[int, int, int] | None = None
    cell_groups: tuple[tuple[str, ...], ...] = ()
    microstructure: Microstructure | None = None
    strength: Value | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "curve", frozen(self.curve))

    def __reduce__(self) -> tuple[object, ...]:
        """Unpickling runs the constructor, which makes the arrays read-only again."""
        return type(self), tuple(getattr(self, name) for name in self.__slots__)

    @property
    def band_fraction(self) -> None:
        """None: a share of bands comes from a vibrational spectrum."""
        return None

    @property
    def tick_positions(self) -> FloatArray:
        """Positions of the reflections."""
        return self.reflections.two_theta_deg

    @property
    def derived(self) -> tuple[DerivedQuantity, ...]:
        """What the cell says of composition, where published cells support it."""
        from braggite.references.cell_relations import derived_quantities

        return () if self.reference is None else derived_quantities(self.reference, self.cell)

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
            "microstructure": None if self.microstructure is None else self.microstructure.to_dict(),
            "derived": [quantity.to_dict() for quantity in self.derived],
            "reflections": self.reflections.to_list(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class MatchResult:
    """A whole-pattern match.

    Attributes
    ----------
    basis : whether weight fractions are those of the crystalline part or, with an internal standard, of the specimen
    amorphous_fraction : what is neither of the phases, of the specimen with its standard; None without a standard
    amorphous_fraction_range : what micro-absorption in grains of unknown size may make of it
    x, observed, calculated, background, sigma : (n,) over the fitted points; ``calculated`` includes the background
    parameters : refined numbers by name; those of a phase begin with its name and a point
    covariance : (m, m) over ``parameters`` in their order, of the uncertainties in ``Value.su``; NaN where a number had
        no influence; None where it was not estimated
    spectrum : what was matched, with its radiation, instrument and source
    options : resolved options
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
    covariance: FloatArray | None = None
    spectrum: Spectrum | None = None
    options: dict[str, Any] = field(default_factory=dict)
    amorphous_fraction: Value | None = None
    amorphous_fraction_range: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        for name in ("x", "observed", "calculated", "background", "sigma", "covariance"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, frozen(getattr(self, name)))

    def __reduce__(self) -> tuple[object, ...]:
        """Unpickling runs the constructor, which makes the arrays read-only again."""
        return type(self), tuple(getattr(self, name) for name in self.__slots__)

    @property
    def technique(self) -> str:
        """Of the spectrum."""
        return "xrd"

    @property
    def correlation(self) -> FloatArray | None:
        """(m, m) correlations of ``parameters`` in their order; NaN where one has no variance, None without any."""
        return None if self.covariance is None else correlation_of(self.covariance)

    def parameter(self, kind: str, phase: PhaseFit | None = None) -> FitParameter | None:
        """The refined number of that kind, of the pattern or of a phase; None where it was not refined."""
        return self.parameters.get(kind if phase is None else f"{phase.name}.{kind}")

    def uncertainties(self, kind: Uncertainty = "berar-lelann") -> dict[str, float | None]:
        """Standard uncertainties of the parameters by name; None where there is none.

        Parameters
        ----------
        kind
            "berar-lelann", the ones in ``Value.su``, widened for serially correlated misfit (Berar & Lelann,
            J. Appl. Cryst. 24 (1991) 1); "gof", those of counting times the goodness of fit where that is above 1, as
            most refinement programs print them; "counting", those of counting statistics alone.
        """
        if kind not in get_args(Uncertainty):
            choices = ", ".join(get_args(Uncertainty))
            raise OptionError(f"kind {kind!r} of uncertainty is none of {choices}", where="kind")
        values = {name: parameter.value for name, parameter in self.parameters.items()}
        if kind == "berar-lelann":
            return {name: value.su for name, value in values.items()}
        factor = max(1.0, self.statistics.gof) if kind == "gof" else 1.0
        return {
            name: None if value.su_counting is None else factor * value.su_counting for name, value in values.items()
        }

    def to_dict(self) -> dict[str, Any]:
        """The body of a ``braggite.match/1`` document."""
        by_gof = self.uncertainties("gof")
        return {
            "converged": self.converged,
            "stop_reason": self.stop_reason,
            "at_bound": list(self.at_bound),
            "statistics": self.statistics.to_dict(),
            "basis": self.basis,
            "amorphous_fraction": None if self.amorphous_fraction is None else self.amorphous_fraction.to_dict(),
            "amorphous_fraction_range": None
            if self.amorphous_fraction_range is None
            else list(self.amorphous_fraction_range),
            "phases": [phase.to_dict() for phase in self.phases],
            "parameters": {
                name: parameter.to_dict() | {"su_gof": finite(by_gof[name])}
                for name, parameter in self.parameters.items()
            },
            "correlation": None
            if self.correlation is None
            else [[finite(entry) for entry in row] for row in self.correlation],
        }

    def to_lmfit(self) -> Parameters:
        """Refined numbers as lmfit ``Parameters``: values, ``stderr``, correlations, bounds; lmfit is imported here.

        Names say phase and number, as ``tio2_rutile_size_width_deg``. Cells and weight fractions are expressions of the
        refined numbers; free intensities come as ``<phase>_intensity_1_0_m2``.
        """
        from braggite.matching.match_to_lmfit import match_parameters

        return match_parameters(self)

    def export(self, folder: str | Path, kinds: Sequence[str] | None = None) -> tuple[Path, ...]:
        """Write the match for other programs into ``folder``; the files written.

        Parameters
        ----------
        folder
            Is made where it does not exist; files of the same names are replaced.
        kinds
            Any of "xy" (columns of the profile), "cif" (each refined phase), "pdcif" (powder CIF) and "topas" (a start
            for TOPAS); None: all.
        """
        from braggite.reporting.exports import export_match

        return export_match(self, folder, kinds)

    def _repr_html_(self) -> str:
        from braggite.reporting.match_table import match_table_html

        return match_table_html(self)

    def plot(self, ax: Axes | None = None, *, scale: Literal["linear", "sqrt"] = "linear") -> Axes:
        """Observed, calculated and difference curves with ticks per phase; "sqrt" makes weak lines visible."""
        from braggite.reporting.plots import plot_match

        return plot_match(self, ax, scale=scale)
