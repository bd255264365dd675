"""CIF -> Phase, read with gemmi; every fault names the file."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.errors import BraggiteError, LibraryError
from braggite.references import symmetry
from braggite.references.cell import Cell
from braggite.references.citation import Citation
from braggite.references.elements import ATOMIC_NUMBER
from braggite.references.formula import parse_formula, write_formula
from braggite.references.lattice import phase_from_cell
from braggite.references.names import slug
from braggite.references.phase import Phase
from braggite.references.setting import Setting, symmetrised, to_hexagonal_axes
from braggite.references.structure import DEFAULT_TOLERANCE, SAME_POSITION_ANGSTROM, SYMPREC_ANGSTROM, Site, Structure

if TYPE_CHECKING:
    from braggite.references.structure import Grade

CELL_TAGS = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")
_SYMMETRY_LOOPS = ("_space_group_symop_operation_xyz", "_symmetry_equiv_pos_as_xyz", "_space_group_symop.operation_xyz")
_NAME_TAGS = ("_space_group_name_H-M_alt", "_symmetry_space_group_name_H-M", "_space_group_name_H-M_full")
_NUMBER_TAGS = ("_space_group_IT_number", "_symmetry_Int_Tables_number")
_TITLE_TAGS = ("_chemical_name_common", "_chemical_name_mineral", "_chemical_name_systematic")
_CONTENT_TAGS = ("_atom_site_fract_x", "_cell_length_a")
"""What the block read must hold; the first of these that any block holds decides."""
_U_TO_B = 8.0 * math.pi**2


def read_cif(path: str | Path, *, evidence_grade: Grade | None = None, cell_tolerance: float | None = None) -> Phase:
    """Read the first block with atoms, or else with a cell; see :meth:`Phase.from_cif`."""
    import gemmi

    path = Path(path)
    try:
        document = gemmi.cif.read(str(path))
    except (OSError, RuntimeError, ValueError) as error:
        raise LibraryError(f"cannot be read as a CIF: {error}", where=str(path)) from None
    block = next((block for tag in _CONTENT_TAGS for block in document if block.find_values(tag)), None)
    if block is None:
        raise LibraryError(
            "holds neither atoms (_atom_site_fract_x) nor a cell (_cell_length_a)",
            where=str(path),
            suggestion="export the CIF with cell, symmetry and coordinates",
        )
    try:
        return _read_block(block, path.stem, evidence_grade, cell_tolerance)
    except BraggiteError as error:
        raise LibraryError(error.message, where=str(path), suggestion=error.suggestion) from None


def _read_block(block: Any, stem: str, grade: Grade | None, tolerance: float | None) -> Phase:
    citation = _read_citation(block)
    if not block.find_loop(_CONTENT_TAGS[0]):
        return _read_lattice(block, stem, citation, grade, tolerance)
    chosen: Grade = grade or ("A" if citation.journal else "B")
    temperature = _number(block, "_diffrn_ambient_temperature") or _number(block, "_cell_measurement_temperature")
    (space_group, number, hall), cell, sites = _read_setting(block)
    structure = Structure(
        space_group=space_group,
        space_group_number=number,
        hall=hall,
        cell=cell,
        formula_units=1.0,
        sites=sites,
        evidence_grade=chosen,
        cell_tolerance=DEFAULT_TOLERANCE[chosen] if tolerance is None else tolerance,
        cell_status="read",
        temperature_k=temperature,
        citation=citation,
    )
    enlarged = cell.volume_angstrom3 / _read_cell(block).volume_angstrom3
    formula, formula_units = _formula(block, structure, enlarged)
    title = next((text for tag in _TITLE_TAGS if (text := _text(block, tag))), stem)
    return Phase(
        name=slug(stem),
        title=title,
        formula=formula,
        aliases=_aliases(stem, title),
        structure=replace(structure, formula_units=formula_units),
    )


def _read_lattice(block: Any, stem: str, citation: Citation, grade: Grade | None, tolerance: float | None) -> Phase:
    """Cell and space group of a block without atoms; origins do not matter."""
    cell = _read_cell(block)
    symbol, _, _ = _read_symmetry(block, cell, ())
    declared = _text(block, "_chemical_formula_sum")
    formula = None if declared is None else write_formula(_in_order(dict(parse_formula(declared))))
    phase = phase_from_cell(stem, cell, symbol, formula)
    assert phase.structure is not None
    chosen: Grade = grade or phase.structure.evidence_grade
    structure = replace(
        phase.structure,
        citation=citation,
        cell_status="read",
        evidence_grade=chosen,
        cell_tolerance=DEFAULT_TOLERANCE[chosen] if tolerance is None else tolerance,
    )
    return replace(phase, structure=structure, aliases=_aliases(stem, stem))


def _aliases(stem: str, title: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in (stem, title) if name != slug(stem)))


def _read_setting(block: Any) -> Setting:
    """Symmetry, cell and sites in the setting the library keeps."""
    cell = _read_cell(block)
    sites = _read_sites(block, cell)
    symbol, number, hall = _read_symmetry(block, cell, sites)
    if symbol.endswith(":R"):
        cell, sites = to_hexagonal_axes(cell, sites)
        return symmetry.describe_symbol(symbol.replace(":R", ":H")), cell, sites
    if symbol == "P 1":
        return _found_symmetry(cell, sites)
    return (symbol, number, hall), cell, sites


def _found_symmetry(cell: Cell, sites: tuple[Site, ...]) -> Setting:
    """Calculated structures often come as bare lists of atoms in P 1, whose symmetry is only not written down."""
    positions: dict[tuple[float, float, float], tuple[Site, ...]] = {}
    for site in sites:
        positions[site.position] = (*positions.get(site.position, ()), site)
    lattice = np.linalg.cholesky(cell.metric_tensor).astype(np.float64)
    found = symmetrised(lattice, np.array(list(positions)), list(positions.values()), SYMPREC_ANGSTROM)
    return found if found[0][1] > 1 else (symmetry.describe_symbol("P 1"), cell, sites)


def _read_cell(block: Any) -> Cell:
    values = [_number(block, f"_cell_{tag}") for tag in CELL_TAGS]
    missing = [f"_cell_{tag}" for tag, value in zip(CELL_TAGS, values, strict=True) if value is None]
    if missing:
        raise LibraryError(f"states no {missing[0]}")
    return Cell(*(value for value in values if value is not None))


def _read_symmetry(block: Any, cell: Cell, sites: tuple[Site, ...]) -> tuple[str, int, str]:
    """From the operations where they are listed (they cannot mislead), else from the symbol or the number."""
    import gemmi

    triplets = next((list(loop) for tag in _SYMMETRY_LOOPS if (loop := block.find_loop(tag))), [])
    if triplets:
        try:
            group = gemmi.find_spacegroup_by_ops(gemmi.GroupOps([gemmi.Op(gemmi.cif.as_string(t)) for t in triplets]))
        except (RuntimeError, ValueError) as error:
            raise LibraryError(f"a symmetry operation cannot be read: {error}") from None
        if group is None:
            raise LibraryError(
                "the symmetry operations belong to no tabulated setting",
                suggestion="export the CIF in a standard setting",
            )
        return group.xhm(), int(group.number), group.hall
    text = next((text for tag in (*_NAME_TAGS, *_NUMBER_TAGS) if (text := _text(block, tag))), None)
    if text is None:
        raise LibraryError("states neither symmetry operations nor a space group")
    group = gemmi.find_spacegroup_by_name(text, cell.alpha_deg, cell.gamma_deg)
    if sites and group is not None and group.ext in ("1", "2") and ":" not in text:
        return _origin_of(group.hm, block, cell, sites)
    return symmetry.describe_symbol(text if group is None else group.xhm())


def _origin_of(symbol: str, block: Any, cell: Cell, sites: tuple[Site, ...]) -> tuple[str, int, str]:
    """The origin choice whose multiplicities give the declared formula."""
    declared = _text(block, "_chemical_formula_sum")
    choices = [symmetry.describe_symbol(f"{symbol}:{origin}") for origin in "12"]
    fitting = [choice for choice in choices if declared and _has_formula(declared, choice[2], cell, sites)]
    if len(fitting) != 1:
        raise LibraryError(
            f"{symbol} has two origin choices and the file does not tell which is meant",
            suggestion=f"list the symmetry operations or write {symbol}:1 or {symbol}:2",
        )
    return fitting[0]


def _has_formula(declared: str, hall: str, cell: Cell, sites: tuple[Site, ...]) -> bool:
    metric = cell.metric_tensor
    counted: dict[str, float] = {}
    for site in sites:
        multiplicity = symmetry.site_multiplicity(site.position, hall, metric, SAME_POSITION_ANGSTROM)
        counted[site.element] = counted.get(site.element, 0.0) + multiplicity * site.occupancy
    ratios = [counted.get(element, 0.0) / amount for element, amount in parse_formula(declared)]
    return min(ratios) > 0.0 and max(ratios) < 1.02 * min(ratios)


def _read_sites(block: Any, cell: Cell) -> tuple[Site, ...]:
    required = ["_atom_site_fract_x", "_atom_site_fract_y", "_atom_site_fract_z"]
    optional = ("label", "type_symbol", "occupancy", "U_iso_or_equiv", "B_iso_or_equiv")
    table = block.find(required + [f"?_atom_site_{tag}" for tag in optional])
    equivalent = _equivalent_b(block, cell)
    sites: list[Site] = []
    for row in table:
        label, symbol, occupancy, u_iso, b_iso = (
            _value(row[index]) if row.has(index) else None for index in range(3, 8)
        )
        position = [_float(row[index]) for index in range(3)]
        if any(value is None for value in position):
            continue
        element, charge = _species(symbol or label or "", is_symbol=symbol is not None)
        b = _float(b_iso)
        if b is None and (u := _float(u_iso)) is not None:
            b = u * _U_TO_B
        b = equivalent.get(label or "") if b is None else b
        x, y, z = (float(value or 0.0) for value in position)
        full = _float(occupancy)
        sites.append(
            Site(
                label=label or f"{element}{len(sites) + 1}",
                element=element,
                x=x,
                y=y,
                z=z,
                occupancy=1.0 if full is None else full,
                b_iso_angstrom2=round(b, 4) if b is not None and b > 0.0 else None,
                charge=charge,
            )
        )
    kept = tuple(site for site in sites if site.occupancy > 0.0)
    if not kept:
        raise LibraryError("holds no atom with coordinates and an occupancy above zero")
    wrong = next((site for site in kept if site.occupancy > 1.0), None)
    if wrong:
        raise LibraryError(f"the occupancy {wrong.occupancy} of {wrong.label} lies above 1")
    return kept


def _equivalent_b(block: Any, cell: Cell) -> dict[str, float]:
    """B from the anisotropic displacement parameters, by site label: 8 pi^2 / 3 sum U_ij a*_i a*_j (a_i . a_j)."""
    metric = cell.metric_tensor
    reciprocal = np.sqrt(np.diag(np.linalg.inv(metric)))
    table = block.find("_atom_site_aniso_", ["label", "U_11", "U_22", "U_33", "U_12", "U_13", "U_23"])
    result: dict[str, float] = {}
    for row in table:
        label, *texts = (_value(row[index]) for index in range(7))
        values = [_float(text) for text in texts]
        if label is None or any(value is None for value in values):
            continue
        u11, u22, u33, u12, u13, u23 = (float(value or 0.0) for value in values)
        tensor = np.array([[u11, u12, u13], [u12, u22, u23], [u13, u23, u33]])
        result[label] = float(_U_TO_B / 3.0 * np.sum(tensor * np.outer(reciprocal, reciprocal) * metric))
    return result


def _species(text: str, *, is_symbol: bool) -> tuple[str, int | None]:
    """Element and charge of ``Ti4+``, ``BA``, or of a label such as ``Ba1``; deuterium counts as hydrogen."""
    letters = re.match(r"[A-Za-z]{1,2}", text)
    written = letters.group() if letters else ""
    element = written.capitalize() if is_symbol else written
    if element not in ATOMIC_NUMBER:  # a label such as "OW1" or "Lix"
        element = element[:1]
    element = "H" if element == "D" else element
    if element not in ATOMIC_NUMBER:
        raise LibraryError(f"the atom type {text!r} is not an element")
    charge = re.search(r"(\d*)([+-])(\d*)$", text)
    if charge is None:
        return element, None
    size = int(charge.group(1) or charge.group(3) or 1)
    return element, (size if charge.group(2) == "+" else -size) or None


def _formula(block: Any, structure: Structure, enlarged: float) -> tuple[str, float]:
    """The declared formula and Z (for the cell as it was, ``enlarged`` times smaller), else both from the sites."""
    composition = structure.composition
    declared = _text(block, "_chemical_formula_sum")
    stated = _number(block, "_cell_formula_units_Z")
    units = None if not stated else round(stated * enlarged, 6)
    if declared is not None:
        amounts = dict(parse_formula(declared))
        if not units:
            heavy = max(amounts, key=lambda symbol: ATOMIC_NUMBER[symbol])
            units = round(composition.get(heavy, amounts[heavy]) / amounts[heavy], 6) or 1.0
        return write_formula(_in_order(amounts)), units
    units = units or _common_divisor(composition)
    return write_formula(_in_order({symbol: amount / units for symbol, amount in composition.items()})), units


def _common_divisor(composition: dict[str, float]) -> float:
    counts = [round(amount) for amount in composition.values()]
    whole = all(abs(amount - count) < 0.01 for amount, count in zip(composition.values(), counts, strict=True))
    return float(math.gcd(*counts)) if whole and all(counts) else 1.0


_ANION_ORDER = ("Te", "Se", "S", "P", "N", "O", "I", "Br", "Cl", "F")


def _in_order(amounts: dict[str, float]) -> dict[str, float]:
    """Cations by falling electropositivity as far as their group tells, anions last, hydrogen before oxygen."""
    rank = {symbol: 1000 + index for index, symbol in enumerate(_ANION_ORDER)} | {"H": 1003.5}
    alkali = {"Cs": -9, "Rb": -8, "K": -7, "Na": -6, "Li": -5, "Ba": -4, "Sr": -3, "Ca": -2, "Mg": -1}
    order = sorted(amounts, key=lambda symbol: (rank.get(symbol, alkali.get(symbol, 0)), symbol))
    return {symbol: amounts[symbol] for symbol in order}


def _read_citation(block: Any) -> Citation:
    first, last = _text(block, "_journal_page_first"), _text(block, "_journal_page_last")
    year = _number(block, "_journal_year")
    codes = [
        f"{name} {code}" for name, tag in (("COD", "_cod_database_code"), ("ICSD", "_database_code_ICSD"),
                                           ("AMCSD", "_database_code_amcsd")) if (code := _text(block, tag))
    ]  # fmt: skip
    return Citation(
        authors=tuple(gemmi_text for author in block.find_loop("_publ_author_name") if (gemmi_text := _value(author))),
        journal=_text(block, "_journal_name_full"),
        year=int(year) if year else None,
        volume=_text(block, "_journal_volume"),
        pages="-".join(page for page in (first, last) if page) or None,
        doi=_text(block, "_journal_paper_doi") or _text(block, "_journal_paper_DOI"),
        database_id="; ".join(codes) or None,
        status="read",
    )


def _value(raw: str) -> str | None:
    """The text of a CIF value, None for ``?`` and ``.``."""
    import gemmi

    if raw in ("", "?", "."):
        return None
    return " ".join(gemmi.cif.as_string(raw).split()) or None


def _text(block: Any, tag: str) -> str | None:
    raw = block.find_value(tag)
    return None if raw is None else _value(raw)


def _float(raw: str | None) -> float | None:
    """A CIF number without its uncertainty in brackets, None where it is not stated."""
    import gemmi

    if raw is None or raw in ("?", "."):
        return None
    value = float(gemmi.cif.as_number(raw))
    if not math.isfinite(value):
        raise LibraryError(f"{raw!r} is not a number")
    return value


def _number(block: Any, tag: str) -> float | None:
    return _float(_text(block, tag))
