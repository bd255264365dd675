"""What a match of line lists returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from braggite.values import Value, finite

if TYPE_CHECKING:
    from braggite.diagnostics import Diagnostic
    from braggite.matching.results import FitParameter
    from braggite.peaks import PeakList
    from braggite.references.cell_relations import DerivedQuantity
    from braggite.references.phase import Phase
    from braggite.spectrum import Spectrum

LineStatus = Literal["matched", "wrong_intensity", "missing", "not_seen"]


@dataclass(frozen=True, slots=True)
class MatchedLine:
    """One calculated line and what the observed ones say of it.

    Attributes
    ----------
    hkl, multiplicity, d_angstrom : of the strongest of the lines that are seen as one; d of the refined cell
    two_theta_deg : calculated angle of the strongest wavelength, the shift included
    observed_two_theta_deg : the observed line, as it was found; None where there is none
    intensity : share of its area that falls to this phase
    intensity_calculated : area that the scale of the phase asks for; None without atoms
    status : ``not_seen`` for a line too weak to be missed, or of which no strength is known
    shared_with : other phases that claim the same observed line
    """

    hkl: tuple[int, int, int]
    multiplicity: int
    d_angstrom: float
    two_theta_deg: float
    observed_two_theta_deg: Value | None
    intensity: Value | None
    intensity_calculated: float | None
    status: LineStatus
    shared_with: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The contract's entry of ``reflections`` and what is special to lines."""
        observed, intensity = self.observed_two_theta_deg, self.intensity
        return {
            **dict(zip("hkl", self.hkl, strict=True)),
            "d_angstrom": finite(self.d_angstrom),
            "two_theta_deg": finite(self.two_theta_deg),
            "intensity": {"value": None, "su": None} if intensity is None else intensity.to_dict(),
            "multiplicity": self.multiplicity,
            "intensity_calculated": finite(self.intensity_calculated),
            "observed_two_theta_deg": None if observed is None else observed.to_dict(),
            "status": self.status,
            "shared_with": list(self.shared_with),
        }


@dataclass(frozen=True, slots=True)
class FigureOfMerit:
    """How much better the observed lines meet the calculated ones than chance would.

    Attributes
    ----------
    m : de Wolff's M of the first ``m_lines`` (20, or fewer) assigned lines, J. Appl. Cryst. 1 (1968) 108
    f : F of Smith & Snyder, J. Appl. Cryst. 12 (1979) 60, of ``f_lines`` assigned among ``f_possible`` lines that
        symmetry allows
    mean_deviation_deg : mean absolute deviation of the angles
    """

    m: float
    m_lines: int
    f: float
    f_lines: int
    f_possible: int
    mean_deviation_deg: float

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {name: finite(value) if isinstance(value, float) else value for name, value in self._items()}

    def _items(self) -> list[tuple[str, Any]]:
        return [(name, getattr(self, name)) for name in self.__slots__]


@dataclass(frozen=True, slots=True, eq=False)
class PhaseLines:
    """One phase of a match of lines: its cell, its amount, its lines.

    Attributes
    ----------
    strain : relative change of the lengths, as the cube root of the volume says
    weight_fraction : of the crystalline part, from the strengths of all lines on the scale of their structures; None
        where a phase has no atoms
    figure_of_merit : None where fewer than four lines were assigned to this phase alone
    """

    name: str
    formula: str
    space_group: str
    cell: dict[str, Value]
    strain: Value
    weight_fraction: Value | None
    figure_of_merit: FigureOfMerit | None
    lines: tuple[MatchedLine, ...]
    reference: Phase

    @property
    def derived(self) -> tuple[DerivedQuantity, ...]:
        """What the cell says of composition, where published cells support it."""
        from braggite.references.cell_relations import derived_quantities

        return derived_quantities(self.reference, self.cell)

    def positions(self, status: LineStatus) -> tuple[float, ...]:
        """Angles of the lines of a status: observed ones where there are, else calculated."""
        return tuple(
            round(line.two_theta_deg if line.observed_two_theta_deg is None else line.observed_two_theta_deg.value, 4)
            for line in self.lines
            if line.status == status
        )

    def to_dict(self) -> dict[str, Any]:
        """The contract's entry of ``phases``, and matched, missing and wrong lines."""
        merit = self.figure_of_merit
        return {
            "name": self.name,
            "formula": self.formula,
            "space_group": self.space_group,
            "cell": {key: value.to_dict() for key, value in self.cell.items()},
            "strain": self.strain.to_dict(),
            "weight_fraction": None if self.weight_fraction is None else self.weight_fraction.to_dict(),
            "weight_fraction_range": None,
            "r_bragg_percent": None,
            "microstructure": None,
            "derived": [quantity.to_dict() for quantity in self.derived],
            "figure_of_merit": None if merit is None else merit.to_dict(),
            "matched": list(self.positions("matched")),
            "missing": list(self.positions("missing")),
            "wrong_intensity": list(self.positions("wrong_intensity")),
            "reflections": [line.to_dict() for line in self.lines],
        }


@dataclass(frozen=True, slots=True)
class ExtraLine:
    """An observed line that no phase claims."""

    position_deg: float
    area: float
    significance: float

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {name: finite(getattr(self, name)) for name in self.__slots__}


@dataclass(frozen=True, slots=True, eq=False)
class LineMatch:
    """A match of observed lines with those of phases, without a fit of the profile.

    Attributes
    ----------
    parameters : shift of the pattern and changes of the cells, by name as in a whole-pattern match
    extra : observed lines that no phase claims, most significant first
    peaks : the observed lines, K-alpha2 partners included
    n_lines : observed lines that told of cells
    chi2_reduced : of their positions
    """

    converged: bool
    stop_reason: str
    at_bound: tuple[str, ...]
    phases: tuple[PhaseLines, ...]
    parameters: dict[str, FitParameter]
    extra: tuple[ExtraLine, ...]
    peaks: PeakList
    n_lines: int
    chi2_reduced: float
    diagnostics: tuple[Diagnostic, ...] = ()
    spectrum: Spectrum | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The body of a ``braggite.match/1`` document; what needs a profile is null."""
        absent = dict.fromkeys(("rwp_percent", "rp_percent", "rexp_percent", "gof"))
        return {
            "converged": self.converged,
            "stop_reason": self.stop_reason,
            "at_bound": list(self.at_bound),
            "statistics": {
                **absent,
                "n_points": self.n_lines,
                "n_free": len(self.parameters),
                "durbin_watson": None,
                "chi2_reduced": finite(self.chi2_reduced),
            },
            "basis": "crystalline",
            "amorphous_fraction": None,
            "amorphous_fraction_range": None,
            "phases": [phase.to_dict() for phase in self.phases],
            "extra": [line.to_dict() for line in self.extra],
            "parameters": {name: parameter.to_dict() for name, parameter in self.parameters.items()},
            "correlation": None,
        }
