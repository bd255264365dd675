"""Structure to powder lines, 10-120 deg at Cu K-alpha1: ours against gemmi and pymatgen in the same process."""

from __future__ import annotations

import logging
import warnings
from typing import TYPE_CHECKING

from harness import Row, compare, main, seconds_per_call  # first: it pins numerical libraries to one thread

import gemmi  # isort: skip
import numpy as np  # isort: skip
from pymatgen.analysis.diffraction.xrd import XRDCalculator
from pymatgen.core import Structure

from braggite import Radiation, ReferenceLibrary
from braggite.references.powder_lines import compiled_structure, powder_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from braggite.references import Phase

WAVELENGTH, LOW, HIGH = 1.5405929, 10.0, 120.0
COPPER = Radiation(((WAVELENGTH, 1.0),), "CuKa1")
uncached = compiled_structure.__wrapped__
PHASES = ("llzo-cubic", "batio3-tetragonal", "zro2-monoclinic")


def gemmi_lines(phase: Phase) -> Callable[[], object]:
    """Unique reflections, |F|^2 without dispersion, multiplicity and Lorentz-polarisation in C++ and numpy."""
    small = gemmi.make_small_structure_from_block(gemmi.cif.read_string(phase.to_cif()).sole_block())
    small.change_occupancies_to_crystallographic()
    rotations = np.array([op.rot for op in small.spacegroup.operations()]) // gemmi.Op.DEN
    laue = np.unique(np.concatenate([rotations, -rotations]), axis=0)
    d_min, d_max = (WAVELENGTH / 2 / np.sin(np.radians(angle / 2)) for angle in (HIGH, LOW))

    def lines() -> object:
        hkl = gemmi.make_miller_array(small.cell, small.spacegroup, d_min, d_max)
        calculator = gemmi.StructureFactorCalculatorX(small.cell)
        f_squared = [abs(calculator.calculate_sf_from_small_structure(small, h)) ** 2 for h in hkl.tolist()]
        codes = np.sort(np.einsum("ni,rij->nrj", hkl, laue) @ np.array([1 << 20, 1 << 10, 1]), axis=1)
        multiplicity = 1 + (np.diff(codes, axis=1) != 0).sum(axis=1)
        d = small.cell.calculate_d_array(hkl)
        theta = np.arcsin(WAVELENGTH / 2 / d)
        factor = (1 + np.cos(2 * theta) ** 2) / (np.sin(theta) ** 2 * np.cos(theta))
        return d, multiplicity * np.array(f_squared) * factor

    return lines


def pymatgen_lines(phase: Phase) -> Callable[[], object]:
    """XRDCalculator on the conventional cell."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        structure = Structure.from_str(phase.to_cif(), fmt="cif", primitive=False)
    calculator = XRDCalculator(wavelength=WAVELENGTH, symprec=0)
    return lambda: calculator.get_pattern(structure, two_theta_range=(LOW, HIGH), scaled=False)


def run() -> list[Row]:
    """One row a phase and peer, and the time of a structure seen for the first time."""
    logging.disable(logging.CRITICAL)
    library, rows = ReferenceLibrary.default().for_diffraction(), []
    for phase in map(library.__getitem__, PHASES):
        structure = phase.structure
        assert structure is not None

        def ours(phase: Phase = phase) -> object:
            return powder_lines(phase, COPPER, two_theta_min_deg=LOW, two_theta_max_deg=HIGH)

        peers = {"gemmi": gemmi_lines(phase), "pymatgen": pymatgen_lines(phase)}
        rows += [compare(f"lines of {phase.name}", ours, peer, work) for peer, work in peers.items()]
        rows.append(
            Row(
                f"lines of {phase.name}, structure compiled each time",
                seconds_per_call(lambda s=structure: uncached(s, WAVELENGTH).lines(WAVELENGTH, LOW, HIGH, 0.0, None)),
            )
        )
    return rows


if __name__ == "__main__":
    main(run)
