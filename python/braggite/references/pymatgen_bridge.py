"""pymatgen Structure -> Phase; pymatgen and spglib are imported only here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from braggite.errors import LibraryError
from braggite.references import symmetry
from braggite.references.cell import Cell
from braggite.references.citation import Citation
from braggite.references.names import slug
from braggite.references.phase import Phase
from braggite.references.structure import DEFAULT_TOLERANCE, Grade, Site, Structure

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_structure(
    structure: Any, *, name: str | None, evidence_grade: Grade, cell_tolerance: float | None, symprec_angstrom: float
) -> Phase:
    """See :meth:`Phase.from_structure`."""
    if not all(hasattr(structure, attribute) for attribute in ("lattice", "composition", "frac_coords")):
        raise LibraryError(
            f"{type(structure).__name__} is not a pymatgen Structure", suggestion="pass Structure.from_file(...)"
        )
    from pymatgen.symmetry.analyzer import SpacegroupAnalyzer

    with symmetry.quiet_spglib():
        conventional = SpacegroupAnalyzer(structure, symprec=symprec_angstrom).get_refined_structure()
        dataset = SpacegroupAnalyzer(conventional, symprec=symprec_angstrom).get_symmetry_dataset()
    if dataset is None:
        raise LibraryError("no symmetry was found", suggestion="try another symprec_angstrom")
    space_group, number, hall = symmetry.describe_symbol(_gemmi_symbol(dataset))
    formula, formula_units = conventional.composition.get_reduced_formula_and_factor()
    chosen = name or f"{slug(formula)}-sg{number}"
    return Phase(
        name=slug(chosen),
        title=chosen,
        formula=formula,
        structure=Structure(
            space_group=space_group,
            space_group_number=number,
            hall=hall,
            cell=Cell(*(round(float(value), 8) for value in conventional.lattice.parameters)),
            formula_units=float(formula_units),
            sites=tuple(_sites(conventional, dataset.equivalent_atoms)),
            evidence_grade=evidence_grade,
            cell_tolerance=DEFAULT_TOLERANCE[evidence_grade] if cell_tolerance is None else cell_tolerance,
            citation=Citation(origin="pymatgen Structure"),
        ),
    )


def _gemmi_symbol(dataset: Any) -> str:
    """The setting spglib brought the structure to, as gemmi names it."""
    import gemmi

    group = gemmi.find_spacegroup_by_ops(gemmi.symops_from_hall(dataset.hall.replace("=", '"')))
    if group is None:
        raise LibraryError(f"the Hall symbol {dataset.hall!r} belongs to no setting gemmi knows")
    return str(group.xhm())


def _sites(conventional: Any, equivalent_atoms: Any) -> Iterator[Site]:
    """One site a symmetry orbit and species, labelled by element and a running number."""
    counts: dict[str, int] = {}
    for index, representative in enumerate(equivalent_atoms):
        if index != representative:
            continue
        position = conventional[index]
        for species, occupancy in position.species.items():
            element = "H" if species.symbol == "D" else str(species.symbol)
            counts[element] = counts.get(element, 0) + 1
            x, y, z = (round(float(value) % 1.0, 8) % 1.0 for value in position.frac_coords)
            charge = int(getattr(species, "oxi_state", None) or 0) or None
            yield Site(f"{element}{counts[element]}", element, x, y, z, float(occupancy), None, charge)
