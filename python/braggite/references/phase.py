"""A reference phase: its names, its chemistry and its structure."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from braggite.errors import LibraryError
from braggite.references.bands import vibrational_technique
from braggite.references.formula import parse_formula

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from braggite.references.bands import Band, BandReference
    from braggite.references.cell import Cell
    from braggite.references.reference_spectrum import ReferenceSpectrum
    from braggite.references.structure import Grade, Structure


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of a reference library.

    Attributes
    ----------
    name : folder name in the library, speaking and unique ("batio3-tetragonal")
    title : what people call it ("BaTiO3 tetragonal")
    formula : one formula unit, as chemists write it; empty where only cell and space group are known
    aliases : other names that find it, unique over a library, upper and lower case alike
    groups : selections it belongs to ("battery", "general", "standard")
    structure : the structure used for identification; None where only bands or core levels are known
    alternatives : further published structures of the same phase, kept with their own sources
    note : one sentence for people
    vibrations : bands, one entry a technique (see :meth:`bands`)
    """

    name: str
    title: str
    formula: str
    aliases: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    structure: Structure | None = None
    alternatives: tuple[Structure, ...] = ()
    note: str | None = None
    vibrations: tuple[BandReference, ...] = ()

    def __post_init__(self) -> None:
        if self.formula or self.structure is None or self.structure.has_atoms:
            parse_formula(self.formula)
        techniques = [reference.technique for reference in self.vibrations]
        if len(techniques) != len(set(techniques)):
            raise LibraryError(f"{self.name} lists one technique twice", suggestion="join its bands in one list")

    def __repr__(self) -> str:
        return f"Phase({self.name!r}, {self.formula!r}, {self.structure!r})"

    @classmethod
    def from_cif(
        cls, path: str | Path, *, evidence_grade: Grade | None = None, cell_tolerance: float | None = None
    ) -> Phase:
        """Read the first structure of a CIF file; from one without atoms, cell and space group.

        Symmetry comes from the listed operations, else from the symbol; a bare list of atoms in P 1 gets the symmetry
        it has, and rhombohedral axes become hexagonal.

        Parameters
        ----------
        path
            The CIF file; its stem becomes the phase's name.
        evidence_grade
            Trust in the structure; by default A where the file cites a paper, else B.
        cell_tolerance
            Relative tolerance of the cell lengths; by default that of the grade.

        Raises
        ------
        LibraryError
            Not a CIF, or one without cell or symmetry; the message names the file and what is missing.
        """
        from braggite.references.cif_reader import read_cif

        return read_cif(path, evidence_grade=evidence_grade, cell_tolerance=cell_tolerance)

    @classmethod
    def from_cell(
        cls, name: str, cell: Cell | float | Sequence[float], space_group: str | int, formula: str | None = None
    ) -> Phase:
        """A phase of which only cell and space group are known, for matches with free intensities.

        Parameters
        ----------
        name
            Name of the phase.
        cell
            A :class:`Cell`, or the numbers that the crystal system leaves free in angstrom and degrees (8.2 for a cubic
            one, a and c, a, b and c, with the unique angle for a monoclinic one), or all six.
        space_group
            Symbol in any setting ("F d -3 m:2", "I 1 a 1") or number; rhombohedral axes become hexagonal.
        formula
            One formula unit, where it is known: direct derivation needs it.

        Raises
        ------
        LibraryError
            No such space group, or a cell that is not of its shape.
        """
        from braggite.references.lattice import phase_from_cell

        return phase_from_cell(name, cell, space_group, formula)

    @classmethod
    def from_structure(
        cls,
        structure: Any,
        *,
        name: str | None = None,
        evidence_grade: Grade = "D",
        cell_tolerance: float | None = None,
        symprec_angstrom: float = 0.01,
    ) -> Phase:
        """Take over a pymatgen ``Structure``, brought to its conventional standard cell.

        Parameters
        ----------
        structure
            A pymatgen ``Structure``, ordered or disordered.
        name
            Name of the phase; by default its formula and space group number.
        evidence_grade
            Trust in the structure. D by default, because a ``Structure`` does not say where its cell comes from and
            calculated cells are often 1 % off.
        cell_tolerance
            Relative tolerance of the cell lengths; by default that of the grade.
        symprec_angstrom
            Tolerance of the symmetry search (spglib).

        Raises
        ------
        LibraryError
            Not a structure, or one whose symmetry cannot be found.
        """
        from braggite.references.pymatgen_bridge import read_structure

        return read_structure(
            structure,
            name=name,
            evidence_grade=evidence_grade,
            cell_tolerance=cell_tolerance,
            symprec_angstrom=symprec_angstrom,
        )

    @property
    def elements(self) -> frozenset[str]:
        """Elements of the formula; none where it is not known."""
        return frozenset(symbol for symbol, _ in parse_formula(self.formula)) if self.formula else frozenset()

    @property
    def evidence_grade(self) -> Grade | None:
        """Grade of the structure, A to E."""
        return self.structure.evidence_grade if self.structure else None

    @property
    def caveat(self) -> str | None:
        """A sentence to show wherever a phase of grade D or E is reported, else None."""
        return self.structure.caveat if self.structure else None

    @property
    def citation(self) -> str:
        """The source of the structure in one line."""
        return str(self.structure.citation) if self.structure else "no structure"

    def band_reference(self, technique: str) -> BandReference | None:
        """Bands, covered range and note for ``"raman"`` or ``"ftir"``; None where the phase states nothing."""
        vibrational_technique(technique)
        return next((reference for reference in self.vibrations if reference.technique == technique), None)

    def bands(self, technique: str) -> tuple[Band, ...]:
        """Bands for ``"raman"`` or ``"ftir"`` by rising position; empty where none are known."""
        reference = self.band_reference(technique)
        return () if reference is None else reference.bands

    def spectra(self, technique: str) -> tuple[ReferenceSpectrum, ...]:
        """Full measured spectra for ``"raman"`` or ``"ftir"``, which libraries of users may hold."""
        reference = self.band_reference(technique)
        return () if reference is None else reference.spectra

    def to_cif(self) -> str:
        """The structure as CIF text; ``LibraryError`` for a phase without one."""
        from braggite.references.cif_writer import write_cif

        return write_cif(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "schema": "braggite.phase/1",
            "name": self.name,
            "title": self.title,
            "formula": self.formula,
            "elements": sorted(self.elements),
            "aliases": list(self.aliases),
            "groups": list(self.groups),
            "note": self.note,
            "evidence_grade": self.evidence_grade,
            "caveat": self.caveat,
            "citation": self.citation,
            "structure": self.structure.to_dict() if self.structure else None,
            "alternatives": [structure.to_dict() for structure in self.alternatives],
            "vibrations": [reference.to_dict() for reference in self.vibrations],
        }

    def _repr_html_(self) -> str:
        rows = [("name", self.name), ("formula", self.formula), ("aliases", ", ".join(self.aliases))]
        if self.structure:
            cell = self.structure.cell
            rows += [
                ("space group", f"{self.structure.space_group} (no. {self.structure.space_group_number})"),
                ("a, b, c", f"{cell.a_angstrom:g}, {cell.b_angstrom:g}, {cell.c_angstrom:g} Å"),
                ("α, β, γ", f"{cell.alpha_deg:g}, {cell.beta_deg:g}, {cell.gamma_deg:g}°"),
                ("density", f"{self.structure.density_g_cm3:.3f} g/cm³"),
                ("evidence", f"grade {self.structure.evidence_grade}"),
                ("source", self.citation),
            ]
        rows += [
            (reference.technique, ", ".join(f"{band.position_cm1:g}" for band in reference.bands) + " 1/cm")
            for reference in self.vibrations
            if reference.bands
        ]
        if self.caveat:
            rows.append(("caveat", self.caveat))
        body = "".join(
            f"<tr><th style='text-align:left'>{escape(key)}</th><td>{escape(value)}</td></tr>" for key, value in rows
        )
        return f"<table><caption>{escape(self.title)}</caption>{body}</table>"
