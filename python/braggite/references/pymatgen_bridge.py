"""pymatgen Structure -> Phase, by its attributes alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from braggite.errors import LibraryError
from braggite.references.citation import Citation
from braggite.references.names import slug
from braggite.references.phase import Phase
from braggite.references.setting import symmetrised
from braggite.references.structure import DEFAULT_TOLERANCE, Grade, Site, Structure


def read_structure(
    structure: Any, *, name: str | None, evidence_grade: Grade, cell_tolerance: float | None, symprec_angstrom: float
) -> Phase:
    """See :meth:`Phase.from_structure`."""
    if not all(hasattr(structure, attribute) for attribute in ("lattice", "composition", "frac_coords")):
        raise LibraryError(
            f"{type(structure).__name__} is not a pymatgen Structure", suggestion="pass Structure.from_file(...)"
        )
    lattice = np.array(structure.lattice.matrix, dtype=np.float64)
    positions = np.array(structure.frac_coords, dtype=np.float64)
    contents = [_content(position) for position in structure]
    (space_group, number, hall), cell, sites = symmetrised(lattice, positions, contents, symprec_angstrom)
    formula, units = structure.composition.get_reduced_formula_and_factor()
    chosen = name or f"{slug(formula)}-sg{number}"
    return Phase(
        name=slug(chosen),
        title=chosen,
        formula=formula,
        structure=Structure(
            space_group=space_group,
            space_group_number=number,
            hall=hall,
            cell=cell,
            formula_units=round(units * cell.volume_angstrom3 / float(structure.lattice.volume), 6),
            sites=sites,
            evidence_grade=evidence_grade,
            cell_tolerance=DEFAULT_TOLERANCE[evidence_grade] if cell_tolerance is None else cell_tolerance,
            citation=Citation(origin="pymatgen Structure"),
        ),
    )


def _content(position: Any) -> tuple[Site, ...]:
    """The species on one position, in the order of their symbols."""
    sites = []
    for species, occupancy in position.species.items():
        element = "H" if species.symbol == "D" else str(species.symbol)
        charge = round(getattr(species, "oxi_state", None) or 0) or None
        sites.append(Site(element, element, 0.0, 0.0, 0.0, float(occupancy), None, charge))
    return tuple(sorted(sites, key=lambda site: (site.element, site.occupancy)))
