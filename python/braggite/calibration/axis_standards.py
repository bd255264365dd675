"""Materials and lamps whose lines are known well enough to calibrate a wavenumber axis with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.calibration.neon_lines import NEON_CITATION, NEON_SU_NM, neon_shifts_cm1
from braggite.errors import LibraryError, OptionError

if TYPE_CHECKING:
    from braggite.spectrum import TechniqueName

LASER_RANGE_NM = (200.0, 1100.0)


@dataclass(frozen=True, slots=True)
class AxisLine:
    """One line: certified position, its standard uncertainty, and a rough relative strength."""

    position_cm1: float
    su_cm1: float
    strength: float


@dataclass(frozen=True, slots=True)
class AxisStandard:
    """A material or lamp of known lines.

    Attributes
    ----------
    technique : of the spectra it calibrates
    companions_cm1 : strong bands of the material that are not certified
    least_lines : as many must be found
    largest_error_cm1 : how far off an axis may be for its lines still to be recognised
    citation : where positions and uncertainties stand
    """

    name: str
    technique: TechniqueName
    lines: tuple[AxisLine, ...]
    citation: str
    companions_cm1: tuple[float, ...] = ()
    least_lines: int = 3
    largest_error_cm1: float = 15.0

    def to_dict(self) -> dict[str, Any]:
        """Plain types; the lines used stand with the calibration."""
        return {
            "name": self.name,
            "technique": self.technique,
            "n_lines": len(self.lines),
            "least_lines": self.least_lines,
            "citation": self.citation,
        }


def _lines(*rows: tuple[float, float, float]) -> tuple[AxisLine, ...]:
    return tuple(AxisLine(*row) for row in rows)


SILICON = AxisStandard(
    "silicon",
    "raman",
    _lines((520.45, 0.14, 100.0)),
    "Itoh & Shirono, J. Raman Spectrosc. 51 (2020), doi 10.1002/jrs.6003: 520.45 +/- 0.28 (k = 2), NMIJ CRM 5606-a",
    least_lines=1,
)
POLYSTYRENE_RAMAN = AxisStandard(
    "polystyrene",
    "raman",
    _lines(
        (620.9, 0.69, 16.0), (795.8, 0.78, 10.0), (1001.4, 0.54, 100.0), (1031.8, 0.43, 27.0), (1155.3, 0.56, 13.0),
        (1583.1, 0.86, 12.0), (1602.3, 0.73, 28.0), (2852.4, 0.89, 9.0), (2904.5, 1.22, 13.0),
        (3054.3, 1.36, 32.0),
    ),
    "ASTM E1840-96, standard deviations between laboratories; the same within 1.2 (k = 2) in Itoh & Hanari, Anal. Sci. "
    "37 (2021) 1533; without 1450.5, whose shoulder at 1440 draws a symmetrical profile down by 2",
)  # fmt: skip
CALCITE = AxisStandard(
    "calcite",
    "raman",
    _lines(
        (155.21, 0.5, 15.0), (281.26, 0.5, 30.0), (711.95, 0.5, 10.0), (1085.91, 0.5, 100.0), (1435.22, 0.5, 3.0),
        (1748.91, 0.5, 3.0),
    ),
    "positions used by the CHARISMA project for calcite; no uncertainty is published with them, 0.5 is assumed",
)  # fmt: skip
POLYSTYRENE_FILM = AxisStandard(
    "polystyrene",
    "ftir",
    _lines(
        (539.41, 2.63 / 4, 40.0), (841.79, 1.32 / 4, 10.0), (906.63, 0.36 / 4, 25.0), (1028.27, 0.33 / 4, 40.0),
        (1069.22, 0.99 / 4, 20.0), (1154.50, 0.20 / 4, 15.0), (1582.98, 0.09 / 4, 15.0), (1601.29, 0.10 / 4, 50.0),
        (1942.97, 0.66 / 4, 15.0), (2849.48, 0.49 / 4, 50.0), (3001.20, 0.18 / 4, 15.0), (3025.99, 0.46 / 4, 90.0),
        (3060.16, 0.25 / 4, 50.0), (3082.26, 0.16 / 4, 30.0),
    ),
    "NIST certificate of SRM 1921b, positions of band minima in vacuum, expanded uncertainties (k = 4) divided by 4",
    companions_cm1=(697.5, 756.4, 1451.8, 1492.7, 2920.7),
)  # fmt: skip
AXIS_STANDARDS: tuple[AxisStandard, ...] = (SILICON, POLYSTYRENE_RAMAN, CALCITE, POLYSTYRENE_FILM)
NEON = "neon"


def neon_lamp(laser_wavelength_nm: float) -> AxisStandard:
    """The lamp under a laser of this wavelength in air; ``OptionError`` for one that no Raman spectrometer has."""
    if not LASER_RANGE_NM[0] <= laser_wavelength_nm <= LASER_RANGE_NM[1]:
        raise OptionError(f"a laser of {laser_wavelength_nm:g} nm is outside {LASER_RANGE_NM} nm", where="laser")
    shifts = neon_shifts_cm1(laser_wavelength_nm)
    su = NEON_SU_NM * 1e7 / laser_wavelength_nm**2
    lines = tuple(AxisLine(float(shift), su, float(strength)) for shift, strength in shifts[np.argsort(shifts[:, 0])])
    return AxisStandard(NEON, "raman", lines, NEON_CITATION, least_lines=4, largest_error_cm1=25.0)


def axis_standard(name: str, technique: str, laser_wavelength_nm: float | None) -> AxisStandard:
    """The standard called ``name`` for spectra of ``technique``.

    Raises
    ------
    LibraryError
        No such standard for that technique.
    OptionError
        A lamp without the laser's wavelength.
    """
    plain = name.strip().lower()
    plain = {"si": "silicon", "ne": NEON, "caco3": "calcite", "ps": "polystyrene"}.get(plain, plain)
    if plain == NEON and technique == "raman":
        if laser_wavelength_nm is None:
            raise OptionError(
                "lamp lines have Raman shifts only under a laser, whose wavelength is not stated",
                where="laser",
                suggestion="state it in nm: --laser 785, laser_wavelength_nm=785",
            )
        return neon_lamp(laser_wavelength_nm)
    for standard in AXIS_STANDARDS:
        if standard.name == plain and standard.technique == technique:
            return standard
    names = [s.name for s in AXIS_STANDARDS if s.technique == technique] + ([NEON] if technique == "raman" else [])
    raise LibraryError(
        f"{name!r} is no standard for the axis of {technique} spectra",
        where=name,
        suggestion=f"use {', '.join(names)}" if names else "wavenumber axes are calibrated for Raman and FT-IR",
    )
