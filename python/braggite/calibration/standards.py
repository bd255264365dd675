"""Certified powders to calibrate diffractometers with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from braggite.errors import LibraryError

if TYPE_CHECKING:
    from braggite.references import ReferenceLibrary
    from braggite.references.phase import Phase


@dataclass(frozen=True, slots=True)
class Standard:
    """A certified powder.

    Attributes
    ----------
    name : of the standard reference material
    phase : name of its phase in the reference library
    a_angstrom, c_angstrom : certified cell (c: None for a cubic one) at ``temperature_c``
    su_angstrom : standard uncertainty of a, half the expanded one (k = 2) of the certificate; None: not stated
    citation : where the value stands
    """

    name: str
    phase: str
    a_angstrom: float
    citation: str
    c_angstrom: float | None = None
    su_angstrom: float | None = None
    temperature_c: float = 22.5

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "name": self.name,
            "phase": self.phase,
            "a_angstrom": self.a_angstrom,
            "c_angstrom": self.c_angstrom,
            "su_angstrom": self.su_angstrom,
            "temperature_c": self.temperature_c,
            "citation": self.citation,
        }


STANDARDS: tuple[Standard, ...] = (
    Standard("SRM 660c", "lab6", 4.156826, "NIST certificate of SRM 660c (2015)", su_angstrom=4e-5),
    Standard(
        "SRM 660b", "lab6", 4.15691, "Black et al. (2011), Powder Diffr. 26, 155: 0.415691(8) nm", su_angstrom=4e-5
    ),
    Standard("SRM 640g", "si", 5.431109, "NIST certificate of SRM 640g, quoted", su_angstrom=4e-5),
    Standard("SRM 640d", "si", 5.43123, "NIST certificate of SRM 640d (2010), quoted", su_angstrom=4e-5),
    Standard(
        "SRM 676a",
        "al2o3-corundum",
        4.759355,
        "NIST certificate of SRM 676a, quoted",
        c_angstrom=12.99231,
        su_angstrom=4e-5,
    ),
    Standard("SRM 674b", "ceo2", 5.41165, "NIST SRM 674b, quoted by users; take the certificate"),
)
"""The first standard of a phase is the one meant by the phase's name; other bottles have other cells."""


def certified_phase(
    name: str, library: ReferenceLibrary, cell_angstrom: tuple[float, ...] | None = None
) -> tuple[Phase, Standard | None]:
    """The phase of a standard with its certified cell, by the name of either; or any phase with a cell given.

    Parameters
    ----------
    cell_angstrom
        a, or a and c, of the bottle in use at the temperature of the scan; None: the certificate.

    Raises
    ------
    LibraryError
        A phase that is no standard while no cell is given, or that has no structure.
    """
    plain = _plain(name)
    standard = next((s for s in STANDARDS if plain in (_plain(s.name), _plain(s.name.removeprefix("SRM ")))), None)
    phase = library[standard.phase if standard is not None else name]
    if standard is None and cell_angstrom is None:
        standard = next((s for s in STANDARDS if s.phase == phase.name), None)
        if standard is None:
            raise LibraryError(
                f"{phase.name} is no standard with a certified cell",
                where=phase.name,
                suggestion=f"use {', '.join(s.name for s in STANDARDS)}, or give the cell",
            )
    if cell_angstrom is None:
        assert standard is not None
        cell_angstrom = (standard.a_angstrom, standard.c_angstrom or standard.a_angstrom)
    return with_cell(phase, cell_angstrom), standard


def with_cell(phase: Phase, cell_angstrom: tuple[float, ...]) -> Phase:
    """The phase with this a, or a and c; b follows a."""
    if phase.structure is None:
        raise LibraryError(f"phase {phase.name} has no crystal structure to match", where=phase.name)
    a, c = cell_angstrom[0], cell_angstrom[-1]
    cell = replace(phase.structure.cell, a_angstrom=a, b_angstrom=a, c_angstrom=c)
    return replace(phase, structure=replace(phase.structure, cell=cell))


def _plain(name: str) -> str:
    return name.lower().replace(" ", "").replace("-", "")
