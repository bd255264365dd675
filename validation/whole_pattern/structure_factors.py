"""Squared structure factors of every shipped reference beside gemmi's direct summation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import gemmi
import numpy as np

from braggite import _core
from validation.scoring import Aim, library
from validation.whole_pattern.section import Section

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from braggite.arrays import FloatArray
    from braggite.references.phase import Phase
    from braggite.references.structure import Structure

WAVELENGTH_ANGSTROM = 1.5405929
RANGE_DEG = (5.0, 120.0)
CLEAR, STRONG = 0.01, 0.1
"""Shares of the strongest multiplicity times F²."""
AIM_RELATIVE = 1e-4
SHOWN = 10
TEXT = """All reflections from 5 to 120° (Cu K-alpha1) of every shipped reference, F² with isotropic displacement
factors. *Sum*: both sides with gemmi's form factors (International Tables 1992, neutral atoms) and without
dispersion, which gemmi's own summation has only in part (f', not f''); largest relative difference over lines of at
least 1 % of the strongest. *Form factors*: what ships (Waasmaier & Kirfel 1995, ions where the reference states
charges) against those tables, over lines of at least 10 %; that is a choice of table and no error. The ten
references with the largest difference of the sum are listed."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Largest relative differences of one phase."""

    name: str
    lines: int
    of_sum: float
    of_factors: float


def measure(data: Path) -> Section:
    """Every reference; ``data`` is not needed."""
    found = sorted(
        (difference(phase) for phase in library() if phase.structure is not None), key=lambda one: -one.of_sum
    )
    sums, factors = (np.array([getattr(one, name) for one in found]) for name in ("of_sum", "of_factors"))
    rows = [(one.name, str(one.lines), f"{one.of_sum:.1e}", f"{100 * one.of_factors:.2f}") for one in found[:SHOWN]]
    lines = sum(one.lines for one in found)
    rows.append((f"median of {len(found)}", str(lines), f"{np.median(sums):.1e}", f"{100 * np.median(factors):.2f}"))
    rows.append(("largest", "", f"{sums.max():.1e}", f"{100 * factors.max():.2f}"))
    return Section(
        "structure_factors",
        "Structure factors beside gemmi",
        TEXT,
        ("reference", "lines", "sum: largest relative difference", "form factors: largest difference, %"),
        tuple(rows),
        (
            Aim(
                "structure_factors",
                f"F² of {len(found)} references from gemmi's, largest relative difference",
                float(sums.max()),
                AIM_RELATIVE,
                False,
                "gemmi",
            ),
        ),
    )


def difference(phase: Phase) -> Difference:
    """Ours and gemmi's F² over the range."""
    structure = phase.structure
    assert structure is not None
    asked = (WAVELENGTH_ANGSTROM, *RANGE_DEG, 0.0, None)
    asked = (WAVELENGTH_ANGSTROM, *RANGE_DEG, 0.0, None)
    hkl, multiplicity, _, _, f_squared, _ = _compiled(structure, gemmis_factors=True).lines(*asked)
    expected = _by_gemmi(structure, hkl)
    clear, strong = (multiplicity * expected >= share * np.max(multiplicity * expected) for share in (CLEAR, STRONG))
    shipped = _compiled(structure, gemmis_factors=False).lines(*asked)[4]
    return Difference(
        phase.name,
        len(hkl),
        float(np.max(np.abs(f_squared[clear] / expected[clear] - 1.0))),
        float(np.max(np.abs(shipped[strong] / f_squared[strong] - 1.0))),
    )


def _compiled(structure: Structure, *, gemmis_factors: bool) -> _core.Structure:
    """The structure for the kernels without dispersion, with gemmi's form factors or the shipped ones."""
    rotations, translations = structure.operations
    species = list(dict.fromkeys((site.element, site.charge) for site in structure.sites))
    scatterers = [
        (element, None, _coefficients(element), 0.0, 0.0) if gemmis_factors else (element, charge, None, 0.0, 0.0)
        for element, charge in species
    ]
    atoms = [
        (species.index((site.element, site.charge)), site.position, site.occupancy, site.b_iso_used_angstrom2)
        for site in structure.sites
    ]
    return _core.Structure(structure.cell.parameters, rotations.tolist(), translations.tolist(), scatterers, atoms)


def _coefficients(element: str) -> tuple[float, ...]:
    """a1..a5, b1..b5, c of gemmi's four Gaussians."""
    table = gemmi.Element(element).it92
    return (*table.a, 0.0, *table.b, 0.0, table.c)


def _by_gemmi(structure: Structure, hkl: NDArray[np.int32]) -> FloatArray:
    """F² of gemmi's own expansion and sum; gemmi alone would take split sites less than 0.4 Å apart for one."""
    small = gemmi.SmallStructure()
    small.cell = gemmi.UnitCell(*structure.cell.parameters)
    small.spacegroup_hall = structure.hall
    small.determine_and_set_spacegroup("H")
    small.setup_cell_images()
    for site, multiplicity in zip(structure.sites, structure.multiplicities, strict=True):
        atom = gemmi.SmallStructure.Site()
        atom.element = gemmi.Element(site.element)
        atom.fract = gemmi.Fractional(*site.position)
        atom.occ = site.occupancy * multiplicity / len(structure.operations[0])
        atom.u_iso = site.b_iso_used_angstrom2 / (8.0 * np.pi**2)
        small.add_site(atom)
    calculator = gemmi.StructureFactorCalculatorX(small.cell)
    return np.array([abs(calculator.calculate_sf_from_small_structure(small, index)) ** 2 for index in hkl.tolist()])
