"""Doors to the Rust kernels for those who hold arrays or structures and no file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from braggite.references.powder_lines import PowderLines, powder_lines
from braggite.spectrum import Radiation

if TYPE_CHECKING:
    from braggite.references.phase import Phase

__all__ = ["structure_lines"]


def structure_lines(phase: Phase, wavelength_angstrom: float, two_theta_max_deg: float) -> PowderLines:
    """All reflections of a phase up to a diffraction angle, extinct ones included.

    Parameters
    ----------
    phase
        A phase with a structure.
    wavelength_angstrom
        Wavelength of monochromatic X-rays.
    two_theta_max_deg
        Largest diffraction angle, below 180.

    Returns
    -------
    PowderLines
        d, 2-theta, multiplicity, |F|^2 and intensity of each family.

    Raises
    ------
    LibraryError, OptionError
        As :func:`braggite.references.powder_lines.powder_lines`.
    """
    radiation = Radiation(((wavelength_angstrom, 1.0),))
    return powder_lines(
        phase, radiation, two_theta_min_deg=0.0, two_theta_max_deg=two_theta_max_deg, relative_floor=None
    )
