"""Wavelengths of scattered light to Raman shifts, in one place for every reader."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum, UnknownFormat

if TYPE_CHECKING:
    from braggite.formats.scan import Scan

CM_IN_NM = 1e7


def to_raman_shift(scan: Scan, laser_wavelength_nm: float | None) -> Scan:
    """The scan over Raman shifts, 1/laser - 1/wavelength in cm-1, where it holds wavelengths; unchanged otherwise.

    Laser and wavelengths are taken in the same medium; shifts of wavelengths in air are 0.03 % too large, the
    refraction of air.

    Raises
    ------
    UnknownFormat
        Wavelengths without the laser's.
    InvalidSpectrum
        A wavelength that is not positive.
    """
    if not scan.wavelengths_nm:
        return scan
    if laser_wavelength_nm is None:
        raise UnknownFormat(
            "the positions are wavelengths in nm, and the laser's is not stated",
            where=scan.where,
            suggestion="state it in nm (laser_wavelength_nm=, --laser), or export the Raman shift in cm-1",
        )
    if np.any(scan.x <= 0):
        raise InvalidSpectrum("a wavelength is not positive", where=scan.where)
    note = Diagnostic.of("raman_shift_computed", where=scan.where, value=laser_wavelength_nm)
    with np.errstate(over="ignore"):
        x = CM_IN_NM / laser_wavelength_nm - CM_IN_NM / scan.x
    metadata = {**scan.metadata, "laser_wavelength_nm": laser_wavelength_nm}
    return replace(scan, x=x, wavelengths_nm=False, technique="raman", metadata=metadata, notes=(*scan.notes, note))
