"""Structures the crystal tests share, and the slow obvious oracle: sum over every atom of the cell, one by one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import gemmi
import numpy as np

from braggite import _core

if TYPE_CHECKING:
    from numpy.typing import NDArray

WAVELENGTH = 1.5405929
ENERGY_EV = 12398.4198 / WAVELENGTH


@dataclass(frozen=True)
class Site:
    """What the powder-line door reads of a site of a phase."""

    element: str
    x: float
    y: float
    z: float
    occupancy: float = 1.0
    b_iso_angstrom2: float | None = 0.5
    charge: int | None = None

    @property
    def b_iso_used_angstrom2(self) -> float:
        return 0.5 if self.b_iso_angstrom2 is None else self.b_iso_angstrom2


@dataclass(frozen=True)
class Case:
    """A structure with its space group by gemmi; behaves like ``Phase.structure`` where it is read."""

    name: str
    space_group: str
    parameters: tuple[float, float, float, float, float, float]
    sites: tuple[Site, ...]
    dispersion: bool = False

    @property
    def cell(self) -> Case:
        return self

    @property
    def has_atoms(self) -> bool:
        return bool(self.sites)

    @cached_property
    def group(self) -> gemmi.GroupOps:
        return gemmi.SpaceGroup(self.space_group).operations()

    @cached_property
    def operations(self) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        ops = list(self.group)
        rotations = np.array([op.rot for op in ops], dtype=np.int32) // gemmi.Op.DEN
        return rotations, np.array([op.tran for op in ops]) / gemmi.Op.DEN

    @cached_property
    def unit_cell(self) -> gemmi.UnitCell:
        return gemmi.UnitCell(*self.parameters)

    @cached_property
    def elements(self) -> list[str]:
        return sorted({site.element for site in self.sites})

    def dispersion_of(self, element: str) -> tuple[float, float]:
        if not self.dispersion:
            return 0.0, 0.0
        return gemmi.cromer_liberman(gemmi.Element(element).atomic_number, ENERGY_EV)

    def compiled(self, *, it92: bool, sites: tuple[Site, ...] | None = None) -> _core.Structure:
        """The Rust structure, with gemmi's IT92 coefficients injected or the shipped table."""
        rotations, translations = self.operations
        scatterers = [
            (el, None, it92_coefficients(el) if it92 else None, *self.dispersion_of(el)) for el in self.elements
        ]
        atoms = [
            (self.elements.index(s.element), (s.x, s.y, s.z), s.occupancy, s.b_iso_used_angstrom2)
            for s in sites or self.sites
        ]
        return _core.Structure(self.parameters, rotations.tolist(), translations.tolist(), scatterers, atoms)

    def gemmi_structure(self) -> gemmi.SmallStructure:
        """The same structure as gemmi holds it."""
        small = gemmi.SmallStructure()
        small.cell = self.unit_cell
        small.spacegroup_hall = gemmi.SpaceGroup(self.space_group).hall
        small.determine_and_set_spacegroup("H")
        small.setup_cell_images()
        for site in self.sites:
            atom = gemmi.SmallStructure.Site()
            atom.element = gemmi.Element(site.element)
            atom.fract = gemmi.Fractional(site.x, site.y, site.z)
            atom.occ = site.occupancy
            atom.u_iso = site.b_iso_used_angstrom2 / (8 * np.pi**2)
            small.add_site(atom)
        small.change_occupancies_to_crystallographic()
        return small

    def expanded(self) -> list[tuple[Site, NDArray[np.float64]]]:
        """Every atom of the cell: images closer than 0.01 in fractions are one."""
        rotations, translations = self.operations
        atoms = []
        for site in self.sites:
            seen: list[NDArray[np.float64]] = []
            for rotation, translation in zip(rotations, translations, strict=True):
                image = rotation @ np.array([site.x, site.y, site.z]) + translation
                if not any(np.abs(image - other - np.round(image - other)).max() < 0.01 for other in seen):
                    seen.append(image)
            atoms += [(site, position) for position in seen]
        return atoms

    def structure_factor(self, hkl: tuple[int, int, int]) -> complex:
        """F of one reflection by the definition, with IT92 coefficients."""
        s_squared = self.unit_cell.calculate_1_d2(hkl) / 4
        total = 0j
        for site, position in self.expanded():
            *ab, c = it92_coefficients(site.element)
            f0 = c + np.dot(ab[:5], np.exp(-np.array(ab[5:]) * s_squared))
            f = (f0 + complex(*self.dispersion_of(site.element))) * np.exp(-site.b_iso_used_angstrom2 * s_squared)
            total += site.occupancy * f * np.exp(2j * np.pi * np.dot(hkl, position))
        return total


def it92_coefficients(element: str) -> tuple[float, ...]:
    """a1..a5, b1..b5, c of gemmi's International Tables 1992 entry (four gaussians)."""
    table = gemmi.Element(element).it92
    return (*table.a, 0.0, *table.b, 0.0, table.c)


CASES = [
    Case(
        "cubic-llzo",
        "I a -3 d",
        (12.97, 12.97, 12.97, 90, 90, 90),
        (
            Site("La", 0.125, 0.0, 0.25),
            Site("Zr", 0.0, 0.0, 0.0, 1.0, 0.3),
            Site("Li", 0.375, 0.0, 0.25, 0.54, 1.1),
            Site("Li", 0.0971, 0.6853, 0.5770, 0.448, 1.1),
            Site("O", -0.0319, 0.0546, 0.1499, 1.0, 0.8),
        ),
    ),
    Case(
        "licoo2",
        "R -3 m:H",
        (2.8156, 2.8156, 14.0542, 90, 90, 120),
        (Site("Li", 0, 0, 0.5, 1.0, 1.0), Site("Co", 0, 0, 0, 1.0, 0.3), Site("O", 0, 0, 0.2605)),
        dispersion=True,
    ),
    Case(
        "batio3",
        "P 4 m m",
        (3.9945, 3.9945, 4.0335, 90, 90, 90),
        (
            Site("Ba", 0, 0, 0, 1.0, 0.3),
            Site("Ti", 0.5, 0.5, 0.5224),
            Site("O", 0.5, 0.5, -0.0244),
            Site("O", 0.5, 0.0, 0.4895),
        ),
        dispersion=True,
    ),
    Case(
        "monoclinic-zro2",
        "P 1 21/c 1",
        (5.1505, 5.2116, 5.3173, 90, 99.230, 90),
        (Site("Zr", 0.2754, 0.0395, 0.2083), Site("O", 0.0700, 0.3317, 0.3447), Site("O", 0.4496, 0.7569, 0.4792)),
        dispersion=True,
    ),
    Case(
        "monoclinic-c2c",
        "C 1 2/c 1",
        (8.359, 4.973, 6.1975, 90, 114.83, 90),
        (
            Site("Li", 0.1965, 0.4489, 0.8344, 1.0, 1.2),
            Site("C", 0, 0.0657, 0.25),
            Site("O", 0, 0.3209, 0.25),
            Site("O", 0.1456, -0.0660, 0.3127),
        ),
    ),
    Case(
        "triclinic-p1",
        "P 1",
        (7.90, 8.60, 9.70, 83.0, 76.0, 68.0),
        (
            Site("Ba", 0.12, 0.23, 0.31),
            Site("Si", 0.41, 0.37, 0.08),
            Site("O", 0.33, 0.22, 0.12, 0.7),
            Site("O", 0.52, 0.48, 0.21),
        ),
        dispersion=True,
    ),
    Case(
        "triclinic-p-1",
        "P -1",
        (7.90, 8.60, 9.70, 83.0, 76.0, 68.0),
        (Site("Ca", 0.12, 0.23, 0.31), Site("Si", 0.5, 0.0, 0.5), Site("O", 0.33, 0.22, 0.12)),
        dispersion=True,
    ),
    Case(
        "spinel-fd-3m",
        "F d -3 m:2",
        (8.083, 8.083, 8.083, 90, 90, 90),
        (Site("Mg", 0.125, 0.125, 0.125), Site("Al", 0.5, 0.5, 0.5), Site("O", 0.2624, 0.2624, 0.2624)),
    ),
    Case(
        "quartz",
        "P 32 2 1",
        (4.9134, 4.9134, 5.4052, 90, 90, 120),
        (Site("Si", 0.4699, 0, 2 / 3), Site("O", 0.4141, 0.2681, 0.7854)),
        dispersion=True,
    ),
    Case(
        "argyrodite-f-43m",
        "F -4 3 m",
        (9.85, 9.85, 9.85, 90, 90, 90),
        (
            Site("P", 0.5, 0.5, 0.5),
            Site("S", 0.25, 0.25, 0.25, 0.4),
            Site("Cl", 0.25, 0.25, 0.25, 0.6),
            Site("S", 0.1183, -0.1183, 0.6183),
            Site("Li", 0.3125, 0.0185, 0.6875, 0.45, 2.0),
        ),
        dispersion=True,
    ),
]
