"""The calculated lines of a phase for a match of line lists: where they lie in any cell, and how strong they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from braggite.matching.phases import match_phase, structure_of
from braggite.matching.structure import spacings
from braggite.references.powder_lines import compiled_structure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from braggite.arrays import FloatArray
    from braggite.references.phase import Phase
    from braggite.spectrum import Instrument

FAINT = 1e-5
"""Lines weaker than this share of the strongest do not take part."""
_STEP = 1e-5
"""Relative change of a length, and change of an angle in radians, by which slopes are differenced."""


@dataclass(frozen=True, slots=True, eq=False)
class LineList:
    """Lines of one phase, (n,) by ascending angle in the reference cell.

    Attributes
    ----------
    intensity : multiplicity times |F|^2 times Lorentz and polarisation factors, those of the reference cell; of a phase
        without atoms Lorentz and polarisation factors alone
    freedom : numbers of the cell that move together; the change of a group of lengths is relative, of angles in degrees
    """

    phase: Phase
    hkl: NDArray[np.int32]
    multiplicity: NDArray[np.int32]
    intensity: FloatArray
    freedom: tuple[tuple[int, ...], ...]
    wavelength_angstrom: float

    @property
    def has_atoms(self) -> bool:
        """Whether intensities mean anything."""
        return structure_of(self.phase).has_atoms

    @property
    def tolerance(self) -> float:
        """Relative change of a length that is still this phase."""
        return structure_of(self.phase).cell_tolerance

    def cell(self, changes: FloatArray) -> FloatArray:
        """(6,) cell after the changes of the groups."""
        cell = np.array(structure_of(self.phase).cell.parameters)
        for group, change in zip(self.freedom, changes, strict=True):
            for number in group:
                cell[number] = cell[number] * (1.0 + change) if number < 3 else cell[number] + change
        return cell

    def two_theta_deg(self, changes: FloatArray) -> FloatArray:
        """(n,) angles without shift; 180 where the wavelength does not reach."""
        sine = self.wavelength_angstrom / (2.0 * spacings(self.cell(changes).tolist(), self.hkl))
        return np.asarray(2.0 * np.degrees(np.arcsin(np.minimum(sine, 1.0))))

    def slopes(self, changes: FloatArray) -> FloatArray:
        """(n, groups) change of the angles in degrees by the changes of the groups."""
        columns = []
        for index, group in enumerate(self.freedom):
            step = np.zeros(len(self.freedom))
            step[index] = _STEP if group[0] < 3 else np.degrees(_STEP)
            columns.append(
                (self.two_theta_deg(changes + step) - self.two_theta_deg(changes - step)) / (2.0 * step[index])
            )
        return np.column_stack(columns)

    def strained(self, strain: float) -> FloatArray:
        """(groups,) changes that stretch all lengths alike."""
        return np.array([strain if group[0] < 3 else 0.0 for group in self.freedom])


def line_list(
    phase: Phase, wavelength_angstrom: float, range_deg: tuple[float, float], instrument: Instrument
) -> LineList:
    """The lines of a phase that may lie in a range; ``LibraryError`` where there is none."""
    structure = structure_of(phase)
    view = match_phase(
        phase, wavelength_angstrom, range_deg, cell_tolerance=structure.cell_tolerance, needs_atoms=False
    )
    low, high = range_deg
    monochromator = instrument.monochromator_two_theta_deg or 0.0
    compiled = compiled_structure(structure, wavelength_angstrom)
    hkl, multiplicity, _, angle, _, intensity = compiled.lines(
        wavelength_angstrom, max(low - 2.0, 0.5), min(high + 2.0, 179.0), monochromator, None
    )
    if not structure.has_atoms:
        theta = np.radians(0.5 * angle)
        polarised = np.cos(np.radians(monochromator)) * np.cos(2.0 * theta)
        intensity = (1.0 + polarised**2) / (np.sin(theta) ** 2 * np.cos(theta))
    if instrument.divergence == "variable":
        intensity = intensity * np.sin(np.radians(0.5 * angle))
    strong = intensity > FAINT * intensity.max(initial=0.0)
    return LineList(
        phase,
        hkl[strong],
        multiplicity[strong].astype(np.int32),
        np.asarray(intensity[strong]),
        tuple(tuple(group) for group in view.freedom),
        wavelength_angstrom,
    )
