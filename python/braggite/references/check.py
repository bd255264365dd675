"""Is a reference believable? Formula, symmetry, density, contacts, each against an independent reckoning, and bands."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from braggite.errors import BraggiteError
from braggite.references import symmetry
from braggite.references.band_check import band_problems
from braggite.references.formula import parse_formula
from braggite.references.structure import SAME_POSITION_ANGSTROM, SYMPREC_ANGSTROM, Structure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from braggite.references.phase import Phase

_FORMULA_TOLERANCE = 0.015  # relative, and per atom below one: the rounding of published occupancies
_DENSITY_RANGE_G_CM3 = (0.4, 23.0)  # lithium metal 0.53, osmium 22.6
_VOLUME_PER_HEAVY_ATOM_ANGSTROM3 = (5.0, 45.0)  # diamond 5.7, caesium halides about 35
_SHORTEST_WITH_HYDROGEN_ANGSTROM = 0.9  # O-H 0.96
_SHORTEST_LIGHT_ANGSTROM = 1.1  # among B, C, N and O: N-O of nitrate 1.22, C-O of carbonate 1.28
_SHORTEST_ANGSTROM = 1.3  # S-O of sulfate 1.47
_FULL = 0.95  # occupancy from which an atom excludes its neighbours


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a reference.

    Attributes
    ----------
    phase : name of the phase
    check : which check found it; the key to accept it by under ``[structure.known_deviations]``
    message : what was expected and what was found
    accepted : reason stated in the file, where it is a known deviation
    """

    phase: str
    check: str
    message: str
    accepted: str | None = None

    @property
    def level(self) -> Literal["error", "info"]:
        """``"info"`` for a deviation that the file explains."""
        return "error" if self.accepted is None else "info"

    def __str__(self) -> str:
        reason = f" (known: {self.accepted})" if self.accepted else ""
        return f"{self.level}: {self.phase}: {self.check}: {self.message}{reason}"

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {**asdict(self), "level": self.level}


def check_library(phases: Iterable[Phase]) -> list[Problem]:
    """Problems of all phases, in their order."""
    return [problem for phase in phases for problem in check_phase(phase)]


def check_phase(phase: Phase) -> list[Problem]:
    """Problems of one phase, of its alternatives too; deviations the file explains come back with ``accepted``.

    Checks: ``atoms`` (there are any; without, nothing else is checked), ``formula`` (sites x multiplicities against the
    declared formula), ``symmetry`` (symbol, number and Hall symbol agree), ``metric``
    (the cell has the shape of its crystal system), ``space_group`` (spglib at 0.01 angstrom,
    disordered positions typed by their content), ``occupancy`` (no position more than full), ``density``, ``contacts``
    (between full sites), ``source`` (a source is stated), ``known_deviations`` (each one stated still occurs).
    Of bands: ``content`` (a structure or a band is known), ``bands`` (there are any, or a note says why not), ``roles``
    (what must be seen is neither weak nor doubtful, nor overlaps what must not), ``duplicates`` (one vibration, one
    band for each condition), ``covered_range`` (bands lie within it). Positions, ranges, heights and sources are
    checked by reading. ``spectra``: each can be read and is the one that was added.
    """
    problems = [Problem(phase.name, check, message) for check, message in band_problems(phase)]
    for structure in (*([phase.structure] if phase.structure else []), *phase.alternatives):
        if not structure.has_atoms:
            problems.append(Problem(phase.name, "atoms", "only cell and space group are known"))
            continue
        reasons = dict(structure.known_deviations)
        found = {name: message for name, check in _CHECKS.items() if (message := _run(check, phase, structure))}
        problems += [Problem(phase.name, name, message, reasons.get(name)) for name, message in found.items()]
        problems += [
            Problem(phase.name, "known_deviations", f"{name!r} is stated as a known deviation but does not occur")
            for name in reasons
            if name not in found
        ]
    return problems


def _run(check: Callable[[Phase, Structure], str | None], phase: Phase, structure: Structure) -> str | None:
    try:
        return check(phase, structure)
    except BraggiteError as error:
        return str(error)


def _check_formula(phase: Phase, structure: Structure) -> str | None:
    declared = dict(parse_formula(phase.formula))
    counted = {symbol: amount / structure.formula_units for symbol, amount in structure.composition.items()}
    for symbol in sorted(declared | counted):
        expected, found = declared.get(symbol, 0.0), counted.get(symbol, 0.0)
        if abs(expected - found) > _FORMULA_TOLERANCE * max(1.0, expected):
            return f"the formula {phase.formula} has {expected:g} {symbol}, the sites give {found:.4g}"
    return None


def _check_symmetry(_: Phase, structure: Structure) -> str | None:
    symbol, number, hall = symmetry.describe_symbol(structure.space_group)
    if number != structure.space_group_number:
        return f"{structure.space_group} is number {number}, not {structure.space_group_number}"
    named, stated = (_operation_set(*symmetry.operations(text)) for text in (hall, structure.hall))
    return None if named == stated else f"the Hall symbol {structure.hall!r} is not that of {symbol}"


def _operation_set(rotations: NDArray[np.int32], translations: NDArray[np.float64]) -> set[tuple[float, ...]]:
    wrapped = np.round(translations * 24).astype(int) % 24
    return {(*r.ravel(), *t) for r, t in zip(rotations, wrapped, strict=True)}


def _check_metric(_: Phase, structure: Structure) -> str | None:
    rotations, _translations = structure.operations
    metric = structure.cell.metric_tensor
    moved = np.einsum("nji,jk,nkl->nil", rotations, metric, rotations)
    worst = float(np.abs(moved - metric).max() / metric.max())
    return (
        None if worst < 1e-6 else f"the cell {structure.cell.parameters} has not the shape of {structure.space_group}"
    )


def _check_space_group(_: Phase, structure: Structure) -> str | None:
    import spglib

    positions, kinds = _typed_positions(structure)
    crystal = (_lattice(structure).tolist(), positions.tolist(), kinds)
    with symmetry.quiet_spglib():
        found = spglib.get_symmetry_dataset(crystal, symprec=SYMPREC_ANGSTROM)
    if found is None:
        return "spglib finds no symmetry"
    if int(found.number) == structure.space_group_number:
        return None
    return f"spglib finds {found.international} (no. {found.number}), not {structure.space_group}"


def _check_occupancy(_: Phase, structure: Structure) -> str | None:
    positions, contents = _positions(structure)
    for position, content in zip(positions, contents, strict=True):
        total = sum(structure.sites[index].occupancy for index in content)
        if total > 1.005:  # three decimals of rounding in published occupancies
            labels = ", ".join(structure.sites[index].label for index in content)
            return f"{labels} fill the position {np.round(position, 4).tolist()} to {total:.3f}"
    return None


def _check_density(_: Phase, structure: Structure) -> str | None:
    density = structure.density_g_cm3
    heavy = sum(amount for symbol, amount in structure.composition.items() if symbol != "H")
    volume = structure.cell.volume_angstrom3 / max(heavy, 1e-9)
    low, high = _DENSITY_RANGE_G_CM3
    if not low < density < high:
        return f"the density {density:.3f} g/cm3 lies outside {low} to {high}"
    low, high = _VOLUME_PER_HEAVY_ATOM_ANGSTROM3
    return None if low < volume < high else f"{volume:.1f} angstrom^3 for each atom other than H is not plausible"


def _check_contacts(_: Phase, structure: Structure) -> str | None:
    """Shortest distances between full sites; partly filled neighbours may exclude each other."""
    sites = [site for site in structure.sites if site.occupancy >= _FULL]
    if not sites:
        return None
    metric = structure.cell.metric_tensor
    images = [symmetry.expand_position(s.position, structure.hall, metric, SAME_POSITION_ANGSTROM) for s in sites]
    everything = np.concatenate(images)
    owners = np.repeat(np.arange(len(sites)), [len(image) for image in images])
    neighbours = np.array(np.meshgrid(*[[-1, 0, 1]] * 3, indexing="ij")).reshape(3, -1).T
    for site in sites:
        limits = np.array([_shortest_contact(site.element, other.element) for other in sites])[owners]
        apart = (everything - site.position)[:, None, :]
        apart = apart - np.floor(apart) + neighbours
        squared = np.einsum("nmi,ij,nmj->nm", apart, metric, apart)
        squared[squared < 1e-6] = np.inf
        distance = np.sqrt(squared.min(axis=1))
        worst = int(np.argmin(distance - limits))
        if distance[worst] < limits[worst]:
            return f"{site.label} and {sites[owners[worst]].label} are only {distance[worst]:.3f} angstrom apart"
    return None


def _shortest_contact(element: str, other: str) -> float:
    pair = {element, other}
    if "H" in pair:
        return _SHORTEST_WITH_HYDROGEN_ANGSTROM
    return _SHORTEST_LIGHT_ANGSTROM if pair <= {"B", "C", "N", "O"} else _SHORTEST_ANGSTROM


def _check_source(_: Phase, structure: Structure) -> str | None:
    citation = structure.citation
    if structure.evidence_grade == "A" and not (citation.journal or citation.database_id):
        return "grade A asks for a paper or a database entry"
    return None if citation.journal or citation.database_id or citation.origin else "no source is stated"


_CHECKS: dict[str, Callable[[Phase, Structure], str | None]] = {
    "formula": _check_formula,
    "symmetry": _check_symmetry,
    "metric": _check_metric,
    "space_group": _check_space_group,
    "occupancy": _check_occupancy,
    "density": _check_density,
    "contacts": _check_contacts,
    "source": _check_source,
}


def _lattice(structure: Structure) -> NDArray[np.float64]:
    """Rows a, b, c with the cell's metric tensor."""
    return np.asarray(np.linalg.cholesky(structure.cell.metric_tensor), dtype=np.float64)


def _positions(structure: Structure) -> tuple[NDArray[np.float64], list[list[int]]]:
    """Distinct positions in the cell and the sites that share each."""
    metric = structure.cell.metric_tensor
    positions: list[NDArray[np.float64]] = []
    contents: list[list[int]] = []
    for index, site in enumerate(structure.sites):
        for image in symmetry.expand_position(site.position, structure.hall, metric, SAME_POSITION_ANGSTROM):
            apart = np.array(positions).reshape(-1, 3) - image
            apart -= np.round(apart)
            squared = np.einsum("ni,ij,nj->n", apart, metric, apart)
            if squared.size and squared.min() < SAME_POSITION_ANGSTROM**2:
                contents[int(np.argmin(squared))].append(index)
            else:
                positions.append(image)
                contents.append([index])
    return np.array(positions), contents


def _typed_positions(structure: Structure) -> tuple[NDArray[np.float64], list[int]]:
    """Positions with one number for each distinct content (elements and their occupancies)."""
    positions, contents = _positions(structure)
    kinds: dict[tuple[tuple[str, float], ...], int] = {}
    types = []
    for content in contents:
        sites = [structure.sites[index] for index in content]
        key = tuple(sorted((site.element, round(site.occupancy, 4)) for site in sites))
        types.append(kinds.setdefault(key, len(kinds) + 1))
    return positions, types
