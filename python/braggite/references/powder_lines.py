"""Powder lines of a reference structure: reflections, squared structure factors, intensities."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite import _core
from braggite.errors import LibraryError, OptionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from braggite.arrays import FloatArray
    from braggite.references.phase import Phase
    from braggite.references.structure import Structure
    from braggite.spectrum import Radiation

_EV_ANGSTROM = 12398.419843320026  # h c / e, exact in the SI of 2019


@dataclass(frozen=True, slots=True, eq=False)
class PowderLines:
    """Families of equivalent reflections by descending d; all arrays are read-only.

    Attributes
    ----------
    hkl : (n, 3) indices of one member of each family
    multiplicity : (n,) members of each family under the Laue class
    d_angstrom, two_theta_deg : (n,) spacing and diffraction angle
    f_squared : (n,) |F|^2 of the cell in electrons^2, with f', f'' and displacement, mean of a Friedel pair
    intensity : (n,) multiplicity * |F|^2 * Lorentz-polarisation
    species : scattering factors used, one per element and charge ("Ti4+", or neutral "S" where no ion is tabulated)
    """

    hkl: NDArray[np.int32]
    multiplicity: NDArray[np.int32]
    d_angstrom: FloatArray
    two_theta_deg: FloatArray
    f_squared: FloatArray
    intensity: FloatArray
    species: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.__slots__[:-1]:
            getattr(self, name).flags.writeable = False

    def __reduce__(self) -> tuple[object, ...]:
        """Unpickling runs the constructor, which makes the arrays read-only again."""
        return type(self), tuple(getattr(self, name) for name in self.__slots__)

    def __len__(self) -> int:
        return self.d_angstrom.size

    @property
    def relative_intensity(self) -> FloatArray:
        """(n,) intensities with the strongest line at 100."""
        relative: FloatArray = 100.0 * self.intensity / self.intensity.max(initial=np.finfo(np.float64).tiny)
        return relative

    def to_dict(self) -> dict[str, Any]:
        """Plain types; arrays become lists."""
        columns = {name: getattr(self, name).tolist() for name in self.__slots__[:-1]}
        return {**columns, "relative_intensity": self.relative_intensity.tolist(), "species": list(self.species)}


def powder_lines(
    phase: Phase,
    radiation: Radiation,
    *,
    two_theta_min_deg: float = 5.0,
    two_theta_max_deg: float = 120.0,
    monochromator_two_theta_deg: float | None = None,
    relative_floor: float | None = 1e-8,
) -> PowderLines:
    """The powder lines of a phase at the strongest wavelength of a radiation.

    Parameters
    ----------
    phase
        A phase with a structure.
    radiation
        X-rays; angles, f' and f'' are those of the strongest line.
    two_theta_min_deg, two_theta_max_deg
        Range of diffraction angles, 0 <= min < max < 180.
    monochromator_two_theta_deg
        2-theta of a crystal monochromator in the beam, for the polarisation; None: there is none.
    relative_floor
        Lines whose multiplicity * |F|^2 is not above this share of the largest one are left out: the reflections that
        symmetry allows but special positions extinguish. None keeps all.

    Raises
    ------
    LibraryError
        The phase has no structure, or one that cannot be computed with.
    OptionError
        Angles or wavelength outside their meaning.

    Notes
    -----
    f0 after Waasmaier & Kirfel, Acta Cryst. A51 (1995) 416; f', f'' after Cromer & Liberman (gemmi).
    """
    if phase.structure is None:
        raise LibraryError(f"phase {phase.name} has no crystal structure, so no powder lines")
    if not phase.structure.has_atoms:
        raise LibraryError(f"of phase {phase.name} only the cell is known, no atoms and so no intensities")
    wavelength = radiation.wavelength_angstrom
    structure = compiled_structure(phase.structure, wavelength)
    monochromator = monochromator_two_theta_deg or 0.0
    columns = structure.lines(wavelength, two_theta_min_deg, two_theta_max_deg, monochromator, relative_floor)
    hkl, multiplicity, d_angstrom, two_theta_deg, f_squared, intensity = columns
    return PowderLines(
        hkl, multiplicity.astype(np.int32), d_angstrom, two_theta_deg, f_squared, intensity, tuple(structure.species)
    )


@lru_cache(maxsize=1024)
def compiled_structure(structure: Structure, wavelength_angstrom: float) -> _core.Structure:
    """The structure as the kernels hold it, with the f', f'' of a wavelength; ``LibraryError`` if it is impossible."""
    rotations, translations = structure.operations
    species = list(dict.fromkeys((site.element, site.charge) for site in structure.sites))
    scatterers = [(element, charge, None, *dispersion(element, wavelength_angstrom)) for element, charge in species]
    atoms = [
        (
            species.index((site.element, site.charge)),
            (site.x, site.y, site.z),
            site.occupancy,
            site.b_iso_used_angstrom2,
        )
        for site in structure.sites
    ]
    return _core.Structure(structure.cell.parameters, rotations.tolist(), translations.tolist(), scatterers, atoms)


@cache
def dispersion(element: str, wavelength_angstrom: float) -> tuple[float, float]:
    """f' and f'' of an element in electrons (Cromer & Liberman by gemmi; zero for H and He)."""
    import gemmi

    if not wavelength_angstrom > 0.0:
        raise OptionError(f"wavelength_angstrom = {wavelength_angstrom} must be positive")
    number = gemmi.Element(element).atomic_number
    if number == 0:
        raise LibraryError(f"{element!r} is not a chemical element")
    f_prime, f_double_prime = gemmi.cromer_liberman(number, _EV_ANGSTROM / wavelength_angstrom)
    return float(f_prime), float(f_double_prime)
