"""Phase -> CIF text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from braggite.cif_text import block_heading, items, loop
from braggite.errors import LibraryError
from braggite.references.cif_reader import CELL_TAGS
from braggite.references.formula import parse_formula

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from braggite.references.phase import Phase
    from braggite.references.structure import Site, Structure
    from braggite.values import Value

Item = tuple[str, object]
_SITE_TAGS = ("label", "type_symbol", "fract_x", "fract_y", "fract_z", "occupancy", "B_iso_or_equiv")


def write_cif(phase: Phase) -> str:
    """The structure of a phase as CIF text; see :meth:`Phase.to_cif`."""
    structure = phase.structure
    if structure is None:
        raise LibraryError(f"{phase.name} has no structure to write as a CIF")
    citation = structure.citation
    first, _, last = (citation.pages or "").partition("-")
    heading = [
        *chemical_items(phase.title, phase.formula, structure.formula_units),
        *cell_items(structure.cell.parameters, f"{structure.cell.volume_angstrom3:.4f}"),
        ("_diffrn_ambient_temperature", structure.temperature_k),
        *symmetry_items(structure),
        ("_journal_name_full", citation.journal),
        ("_journal_year", citation.year),
        ("_journal_volume", citation.volume),
        ("_journal_page_first", first or None),
        ("_journal_page_last", last or None),
        ("_journal_paper_doi", citation.doi),
    ]
    lines = [
        block_heading(phase.name),
        *items(heading),
        *loop(["_publ_author_name"], [[author] for author in citation.authors]),
        *operation_loop(structure.hall),
        *site_loop(structure, lambda site: site.b_iso_angstrom2),
    ]
    return "\n".join(lines) + "\n"


def chemical_items(title: str, formula: str, formula_units: float | None) -> list[Item]:
    """Name, formula and formula units per cell."""
    amounts = " ".join(f"{symbol}{_short(amount)}" for symbol, amount in parse_formula(formula)) if formula else None
    return [
        ("_chemical_name_common", title),
        ("_chemical_formula_sum", amounts),
        ("_cell_formula_units_Z", formula_units),
    ]


def cell_items(cell: Sequence[float | Value], volume: str | Value | None) -> list[Item]:
    """Edges, angles and volume."""
    return [*((f"_cell_{tag}", value) for tag, value in zip(CELL_TAGS, cell, strict=True)), ("_cell_volume", volume)]


def symmetry_items(structure: Structure) -> list[Item]:
    """Number and symbols of the space group."""
    return [
        ("_space_group_IT_number", structure.space_group_number),
        ("_space_group_name_H-M_alt", structure.space_group),
        ("_space_group_name_Hall", structure.hall),
    ]


def operation_loop(hall: str) -> list[str]:
    """All symmetry operations, centring included."""
    import gemmi

    return loop(["_space_group_symop_operation_xyz"], [[op.triplet()] for op in gemmi.symops_from_hall(hall)])


def site_loop(structure: Structure, b_iso: Callable[[Site], float | Value | None]) -> list[str]:
    """The asymmetric unit, each site with the displacement factor that ``b_iso`` gives it."""
    rows = [
        [site.label, site.element + _charge(site), *site.position, site.occupancy, b_iso(site)]
        for site in structure.sites
    ]
    return loop([f"_atom_site_{tag}" for tag in _SITE_TAGS], rows)


def _charge(site: Site) -> str:
    return "" if site.charge is None else f"{abs(site.charge)}{'-' if site.charge < 0 else '+'}"


def _short(amount: float) -> str:
    text = f"{amount:.6f}".rstrip("0").rstrip(".")
    return "" if text == "1" else text
