"""Phase -> CIF text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from braggite.errors import LibraryError
from braggite.references.cif_reader import CELL_TAGS
from braggite.references.formula import parse_formula

if TYPE_CHECKING:
    from braggite.references.phase import Phase
    from braggite.references.structure import Structure


def write_cif(phase: Phase) -> str:
    """The structure of a phase as CIF text; see :meth:`Phase.to_cif`."""
    structure = phase.structure
    if structure is None:
        raise LibraryError(f"{phase.name} has no structure to write as a CIF")
    citation = structure.citation
    first, _, last = (citation.pages or "").partition("-")
    formula = " ".join(f"{symbol}{_short(amount)}" for symbol, amount in parse_formula(phase.formula))
    items: list[tuple[str, object]] = [
        ("_chemical_name_common", phase.title),
        ("_chemical_formula_sum", formula),
        ("_cell_formula_units_Z", _plain(structure.formula_units)),
        *((f"_cell_{tag}", _plain(value)) for tag, value in zip(CELL_TAGS, structure.cell.parameters, strict=True)),
        ("_cell_volume", f"{structure.cell.volume_angstrom3:.4f}"),
        ("_diffrn_ambient_temperature", None if structure.temperature_k is None else _plain(structure.temperature_k)),
        ("_space_group_IT_number", structure.space_group_number),
        ("_space_group_name_H-M_alt", structure.space_group),
        ("_space_group_name_Hall", structure.hall),
        ("_journal_name_full", citation.journal),
        ("_journal_year", citation.year),
        ("_journal_volume", citation.volume),
        ("_journal_page_first", first or None),
        ("_journal_page_last", last or None),
        ("_journal_paper_doi", citation.doi),
    ]
    lines = [f"data_{phase.name}"]
    lines += [f"{tag} {_quote(str(value))}" for tag, value in items if value is not None]
    if citation.authors:
        lines += ["loop_", "_publ_author_name", *(_quote(author) for author in citation.authors)]
    lines += ["loop_", "_space_group_symop_operation_xyz", *(f"'{triplet}'" for triplet in _triplets(structure))]
    tags = ("label", "type_symbol", "fract_x", "fract_y", "fract_z", "occupancy", "B_iso_or_equiv")
    lines += ["loop_", *(f"_atom_site_{tag}" for tag in tags)]
    for site in structure.sites:
        charge = "" if site.charge is None else f"{abs(site.charge)}{'-' if site.charge < 0 else '+'}"
        numbers = [*site.position, site.occupancy]
        b_iso = "?" if site.b_iso_angstrom2 is None else _plain(site.b_iso_angstrom2)
        lines.append(" ".join([site.label, site.element + charge, *map(_plain, numbers), b_iso]))
    return "\n".join(lines) + "\n"


def _triplets(structure: Structure) -> list[str]:
    import gemmi

    return [op.triplet() for op in gemmi.symops_from_hall(structure.hall)]


def _quote(text: str) -> str:
    """A CIF value, quoted with the mark it does not hold."""
    if re.fullmatch(r"[A-Za-z0-9][\w.\-/()]*", text):
        return text
    if "'" not in text:
        return f"'{text}'"
    return f'"{text}"' if '"' not in text else f"\n;{text}\n;"


def _plain(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _short(amount: float) -> str:
    text = f"{amount:.6f}".rstrip("0").rstrip(".")
    return "" if text == "1" else text
