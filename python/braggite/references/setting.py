"""Bringing a structure to the setting the library keeps: hexagonal axes, full symmetry, conventional cell."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from braggite.errors import LibraryError
from braggite.references import symmetry
from braggite.references.cell import Cell

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from braggite.references.structure import Site

Setting = tuple[tuple[str, int, str], Cell, tuple["Site", ...]]
"""(Hermann-Mauguin symbol, number, Hall symbol), cell, sites of the asymmetric unit."""


def to_hexagonal_axes(cell: Cell, sites: tuple[Site, ...]) -> tuple[Cell, tuple[Site, ...]]:
    """Rhombohedral to hexagonal axes, obverse: a_h = a - b, b_h = b - c, c_h = a + b + c (International Tables A)."""
    axes = np.array([[1, -1, 0], [0, 1, -1], [1, 1, 1]], dtype=float)
    metric = axes @ cell.metric_tensor @ axes.T
    edge, height = math.sqrt(metric[0, 0]), math.sqrt(metric[2, 2])
    to_hexagonal = np.linalg.inv(axes.T)
    moved = tuple(_moved(site, to_hexagonal @ np.array(site.position)) for site in sites)
    return Cell(edge, edge, height, 90.0, 90.0, 120.0), moved


def symmetrised(
    lattice: NDArray[np.float64],
    positions: NDArray[np.float64],
    contents: list[tuple[Site, ...]],
    symprec_angstrom: float,
) -> Setting:
    """Space group, conventional cell and asymmetric unit of atoms listed one by one (spglib).

    Parameters
    ----------
    lattice
        (3, 3), rows a, b, c in angstrom.
    positions
        (n, 3), fractional.
    contents
        Per position the sites on it (several where it is disordered); their own positions are ignored.
    symprec_angstrom
        Tolerance of the search.
    """
    import spglib

    kinds: dict[tuple[tuple[str, float, int | None], ...], int] = {}
    types = [kinds.setdefault(_kind(content), len(kinds)) for content in contents]
    representative = dict(zip(types, contents, strict=True))
    crystal = (lattice.tolist(), positions.tolist(), types)
    with symmetry.quiet_spglib():
        standard = spglib.standardize_cell(crystal, to_primitive=False, no_idealize=False, symprec=symprec_angstrom)
        dataset = None if standard is None else spglib.get_symmetry_dataset(standard, symprec=symprec_angstrom)
    if standard is None or dataset is None:
        raise LibraryError("no symmetry was found", suggestion="check for atoms that lie on top of each other")
    basis, placed, placed_types = standard
    sites = [
        _moved(site, np.asarray(placed[index], dtype=np.float64))
        for index, equivalent in enumerate(dataset.equivalent_atoms)
        if index == equivalent
        for site in representative[int(placed_types[index])]
    ]
    return _group_of_hall(dataset.hall), _cell_of(np.asarray(basis, dtype=np.float64)), _numbered(sites)


def _kind(content: tuple[Site, ...]) -> tuple[tuple[str, float, int | None], ...]:
    return tuple(sorted((site.element, round(site.occupancy, 4), site.charge) for site in content))


def _moved(site: Site, position: NDArray[np.float64]) -> Site:
    x, y, z = (float(value) for value in np.round(position % 1.0, 8) % 1.0)
    return replace(site, x=x, y=y, z=z)


def _numbered(sites: list[Site]) -> tuple[Site, ...]:
    """Sites labelled by element and a running number, as a merged list needs new labels."""
    counts: dict[str, int] = {}
    labelled = []
    for site in sites:
        counts[site.element] = counts.get(site.element, 0) + 1
        labelled.append(replace(site, label=f"{site.element}{counts[site.element]}"))
    return tuple(labelled)


def _cell_of(basis: NDArray[np.float64]) -> Cell:
    lengths = np.linalg.norm(basis, axis=1)
    cosines = (basis @ basis.T) / np.outer(lengths, lengths)
    angles = np.degrees(np.arccos([cosines[1, 2], cosines[0, 2], cosines[0, 1]]))
    return Cell(*(round(float(value), 8) for value in (*lengths, *angles)))


def _group_of_hall(hall: str) -> tuple[str, int, str]:
    """The setting spglib brought the structure to, as gemmi names it; spglib writes ``=`` for the double prime."""
    import gemmi

    group = gemmi.find_spacegroup_by_ops(gemmi.symops_from_hall(hall.replace("=", '"')))
    if group is None:
        raise LibraryError(f"the Hall symbol {hall!r} belongs to no tabulated setting")
    return group.xhm(), int(group.number), group.hall
