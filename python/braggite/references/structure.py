"""A crystal structure: cell, space group, sites, and how far they may be trusted."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from braggite.errors import LibraryError
from braggite.references import symmetry
from braggite.references.citation import Citation, Status
from braggite.references.elements import atomic_weight, default_b_iso_angstrom2

if TYPE_CHECKING:
    from braggite.references.cell import Cell
    from braggite.references.symmetry import CrystalSystem, Operations

Grade = Literal["A", "B", "C", "D", "E"]
GRADES: dict[Grade, str] = {
    "A": "whole structure read in a source that names the paper",
    "B": "whole structure read in a source that names no paper; the paper given is an attribution",
    "C": "experimental cell read; coordinates calculated or transferred",
    "D": "cell recalled from the literature and not re-read; coordinates calculated or fixed by symmetry",
    "E": "derived from a prototype, or cell estimated",
}
DEFAULT_TOLERANCE: dict[Grade, float] = {"A": 0.004, "B": 0.004, "C": 0.005, "D": 0.01, "E": 0.015}
"""Relative cell tolerance where nothing better is known: a measured cell 0.4 %, a recalled 1 %, an estimated 1.5 %."""

_CAVEATS: dict[str, str] = {
    "D": "Reference of grade D: its unit cell was recalled from the literature and not re-read; "
    "line positions, and any limit on this phase, hold only if it is right.",
    "E": "Reference of grade E: derived from a prototype structure or with an estimated unit cell; "
    "take a match as a hint, and any limit on this phase as conditional.",
}

SYMPREC_ANGSTROM = 0.01
"""Tolerance of every symmetry search by spglib."""

SAME_POSITION_ANGSTROM = 0.1
"""Images of a site closer than this are one atom; real split sites of the library lie 0.3 angstrom apart or more."""

_AMU_PER_ANGSTROM3_IN_G_CM3 = 1.66053906660  # CODATA 2018


@dataclass(frozen=True, slots=True)
class Site:
    """One atom of the asymmetric unit; positions are fractional, B is None where the structure gives none."""

    label: str
    element: str
    x: float
    y: float
    z: float
    occupancy: float = 1.0
    b_iso_angstrom2: float | None = None
    charge: int | None = None

    @property
    def position(self) -> tuple[float, float, float]:
        """x, y, z."""
        return (self.x, self.y, self.z)

    @property
    def b_iso_used_angstrom2(self) -> float:
        """B of the structure, else the default of the element."""
        return default_b_iso_angstrom2(self.element) if self.b_iso_angstrom2 is None else self.b_iso_angstrom2

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Structure:
    """Space group, cell and sites of a phase.

    Space groups of the R lattice stand in hexagonal axes: every reader converts rhombohedral ones at the door, so
    ``crystal_system == "trigonal"`` always means a = b, alpha = beta = 90, gamma = 120 degrees.

    Attributes
    ----------
    space_group : extended Hermann-Mauguin symbol ("F d -3 m:2")
    space_group_number : number in the International Tables
    hall : Hall symbol; it alone fixes the symmetry operations
    formula_units : Z, formula units per cell (fractional for a few disordered phases)
    evidence_grade : A (best) to E, see ``GRADES``
    cell_tolerance : relative change of a cell length that is still this phase
    stable_range_k : temperatures between which the bulk form exists and outside which it is not retained, if known
    cell_status : whether the cell was read, recalled or estimated
    known_deviations : (check, reason) pairs that ``check_phase`` accepts
    """

    space_group: str
    space_group_number: int
    hall: str
    cell: Cell
    formula_units: float
    sites: tuple[Site, ...]
    evidence_grade: Grade
    cell_tolerance: float
    cell_tolerance_reason: str | None = None
    cell_status: Status | None = None
    temperature_k: float | None = None
    stable_range_k: tuple[float, float] | None = None
    stable_range_source: str | None = None
    label: str | None = None
    note: str | None = None
    citation: Citation = field(default_factory=Citation)
    known_deviations: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.evidence_grade not in GRADES:
            raise LibraryError(f"evidence grade {self.evidence_grade!r} is none of {', '.join(GRADES)}")
        if not 0.0 < self.cell_tolerance < 0.2:
            raise LibraryError(f"cell_tolerance = {self.cell_tolerance} is not a relative tolerance such as 0.004")
        if self.stable_range_k is not None and not 0.0 <= self.stable_range_k[0] < self.stable_range_k[1]:
            raise LibraryError(f"stable_range_k = {list(self.stable_range_k)} is not [lower, upper] in kelvin")
        if not self.formula_units > 0.0:
            raise LibraryError(f"formula_units = {self.formula_units} must be positive")

    def __repr__(self) -> str:
        lengths = ", ".join(f"{length:g}" for length in self.cell.parameters[:3])
        return f"Structure({self.space_group!r}, a, b, c = {lengths} angstrom, {len(self.sites)} sites)"

    @property
    def operations(self) -> Operations:
        """All symmetry operations, centring included: rotations int32 (n, 3, 3), translations float64 (n, 3)."""
        return symmetry.operations(self.hall)

    @property
    def crystal_system(self) -> CrystalSystem:
        """Crystal system; "trigonal" for 143 to 167, always in hexagonal axes."""
        return symmetry.crystal_system(self.space_group_number)

    @property
    def unique_axis(self) -> str | None:
        """``"a"``, ``"b"`` or ``"c"`` for monoclinic structures, else None."""
        return symmetry.unique_axis(self.hall) if self.crystal_system == "monoclinic" else None

    @property
    def has_atoms(self) -> bool:
        """Whether anything is known beyond cell and space group."""
        return bool(self.sites)

    @property
    def multiplicities(self) -> tuple[int, ...]:
        """Equivalent positions in the cell, per site."""
        return _multiplicities(self)

    @property
    def composition(self) -> dict[str, float]:
        """Atoms per cell from the sites, sorted by symbol."""
        amounts: dict[str, float] = {}
        for site, multiplicity in zip(self.sites, self.multiplicities, strict=True):
            amounts[site.element] = amounts.get(site.element, 0.0) + site.occupancy * multiplicity
        return dict(sorted(amounts.items()))

    @property
    def mass_per_cell(self) -> float:
        """Z times M in amu: atomic weight x multiplicity x occupancy over the sites."""
        return sum(atomic_weight(element) * amount for element, amount in self.composition.items())

    @property
    def density_g_cm3(self) -> float:
        """Density of the crystal from the sites, g/cm3."""
        return self.mass_per_cell * _AMU_PER_ANGSTROM3_IN_G_CM3 / self.cell.volume_angstrom3

    @property
    def is_ordered(self) -> bool:
        """Whether every site is full."""
        return all(site.occupancy > 0.9999 for site in self.sites)

    @property
    def caveat(self) -> str | None:
        """The sentence a report must show with grades D and E."""
        return _CAVEATS.get(self.evidence_grade)

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "space_group": self.space_group,
            "space_group_number": self.space_group_number,
            "hall": self.hall,
            "crystal_system": self.crystal_system,
            "cell": self.cell.to_dict(),
            "formula_units": self.formula_units,
            "density_g_cm3": self.density_g_cm3,
            "evidence_grade": self.evidence_grade,
            "cell_tolerance": self.cell_tolerance,
            "cell_tolerance_reason": self.cell_tolerance_reason,
            "cell_status": self.cell_status,
            "temperature_k": self.temperature_k,
            "stable_range_k": None if self.stable_range_k is None else list(self.stable_range_k),
            "stable_range_source": self.stable_range_source,
            "label": self.label,
            "note": self.note,
            "sites": [
                {**site.to_dict(), "multiplicity": multiplicity}
                for site, multiplicity in zip(self.sites, self.multiplicities, strict=True)
            ],
            "citation": self.citation.to_dict(),
            "known_deviations": dict(self.known_deviations),
        }


@lru_cache(maxsize=1024)
def _multiplicities(structure: Structure) -> tuple[int, ...]:
    metric = structure.cell.metric_tensor
    return tuple(
        symmetry.site_multiplicity(site.position, structure.hall, metric, SAME_POSITION_ANGSTROM)
        for site in structure.sites
    )
