"""The refined phases as CIF: the cell of the fit, the sites of the reference."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from braggite.cif_text import block_heading, items
from braggite.errors import LibraryError
from braggite.matching.displacement_factors import refined_b
from braggite.matching.results import CELL_NAMES
from braggite.references.cif_writer import cell_items, chemical_items, operation_loop, site_loop, symmetry_items
from braggite.references.symmetry import describe_symbol
from braggite.reporting.exports.provenance import CREATOR, data_origin, outcome, reference_origin

if TYPE_CHECKING:
    from braggite.matching.results import MatchResult, PhaseFit
    from braggite.references.structure import Site, Structure
    from braggite.values import Value


def phase_cifs(result: MatchResult, stem: str) -> dict[str, str]:
    """``<stem>_<number>_<phase>.cif`` of every phase that has a cell."""
    return {
        f"{phase_stem(stem, number, phase)}.cif": "\n".join(phase_block(result, phase, phase.name)) + "\n"
        for number, phase in enumerate(result.phases, start=1)
        if phase.cell
    }


def phase_stem(stem: str, number: int, phase: PhaseFit) -> str:
    """What the phase in place ``number`` is called in files and blocks; unique, whatever the phases are called."""
    return f"{stem}_{number}_{re.sub(r'[^A-Za-z0-9]+', '-', phase.name).strip('-')[:24] or 'phase'}"


def phase_block(result: MatchResult, phase: PhaseFit, name: str) -> list[str]:
    """The lines of one phase's block: chemistry, refined cell, symmetry, sites as the fit used them."""
    structure = None if phase.reference is None else phase.reference.structure
    title = phase.name if phase.reference is None else phase.reference.title
    r_bragg = phase.r_bragg_percent
    heading = [
        ("_audit_creation_method", CREATOR),
        *chemical_items(
            title, phase.formula, structure.formula_units if structure is not None and structure.has_atoms else None
        ),
        *(cell_items([phase.cell[n] for n in CELL_NAMES], phase.cell.get("volume_angstrom3")) if phase.cell else ()),
        *(_symbol_items(phase.space_group) if structure is None else symmetry_items(structure)),
        ("_refine_ls_R_I_factor", None if r_bragg is None else round(r_bragg / 100.0, 6)),
        ("_refine_special_details", _details(result, phase)),
    ]
    lines = [block_heading(name), *items(heading)]
    if structure is not None:
        lines += [*operation_loop(structure.hall), *_sites(result, phase, structure)]
    return lines


def _symbol_items(symbol: str) -> list[tuple[str, object]]:
    if not symbol:
        return []
    try:
        full, number, hall = describe_symbol(symbol)
    except LibraryError:
        return [("_space_group_name_H-M_alt", symbol)]
    return [
        ("_space_group_IT_number", number),
        ("_space_group_name_H-M_alt", full),
        ("_space_group_name_Hall", hall),
    ]


def _sites(result: MatchResult, phase: PhaseFit, structure: Structure) -> list[str]:
    def b_iso(site: Site) -> float | Value | None:
        refined = refined_b(result, phase, site)
        return site.b_iso_angstrom2 if refined is None else refined

    return site_loop(structure, b_iso)


def _details(result: MatchResult, phase: PhaseFit) -> str:
    parts = [f"Matched to {data_origin(result)}: {outcome(result)}."]
    origin = reference_origin(phase)
    structure = None if phase.reference is None else phase.reference.structure
    if origin is not None and structure is not None and structure.has_atoms:
        free = result.parameter("scale", phase) is None
        part = "took no part in the match, whose intensities were free" if free else "were not refined"
        parts.append(f"Sites {part}; they are those of {origin}.")
    if result.parameter("delta_b_angstrom2", phase) is not None:
        parts.append("Displacement factors are those of the reference plus one refined change for all sites.")
    elif structure is not None and any(refined_b(result, phase, site) for site in structure.sites):
        parts.append("Displacement factors were refined, one for each element.")
    if any(value.su is not None for value in phase.cell.values()):
        parts.append("Standard uncertainties allow for serially correlated misfit (Berar & Lelann 1991).")
    return " ".join(parts)
