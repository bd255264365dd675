"""Emission lines of neutral neon, and the refraction of air between their wavelengths and wavenumbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from braggite.arrays import FloatArray

NEON_CITATION = "Saloman & Sansonetti, J. Phys. Chem. Ref. Data 33 (2004) 1113, as in the NIST Atomic Spectra Database"
NEON_SU_NM = 2e-4
"""No line of the list is uncertain by more; what counts is how well a lamp line can be measured."""

NEON_AIR_NM: tuple[tuple[float, float], ...] = (
    (540.05618, 20.0), (576.44188, 8.0), (582.01558, 5.0), (585.24879, 100.0), (588.18952, 30.0), (594.48342, 50.0),
    (597.55340, 15.0), (602.99969, 25.0), (607.43377, 50.0), (609.61631, 60.0), (614.30626, 100.0), (616.35939, 40.0),
    (621.72812, 40.0), (626.64950, 60.0), (630.47889, 20.0), (633.44278, 80.0), (638.29917, 90.0), (640.22480, 100.0),
    (650.65281, 90.0), (653.28822, 40.0), (659.89529, 50.0), (667.82762, 70.0), (671.70430, 50.0), (692.94673, 70.0),
    (702.40504, 30.0), (703.24131, 100.0), (717.39381, 50.0), (724.51666, 60.0), (743.88980, 40.0), (748.88712, 25.0),
    (753.57741, 20.0), (754.40443, 15.0), (794.31814, 5.0), (808.24580, 5.0), (813.64054, 15.0), (825.93790, 5.0),
    (826.60772, 8.0), (830.03258, 20.0), (837.76080, 76.0), (841.71597, 2.7), (841.84269, 26.0), (846.33565, 3.7),
    (848.44432, 1.3), (849.53595, 69.0), (854.46953, 1.6), (857.13528, 2.9), (858.29031, 1.6), (859.12585, 41.0),
    (863.46471, 35.0), (863.53177, 0.7), (864.70412, 6.0), (865.43828, 64.0), (865.55220, 7.6), (867.94936, 13.0),
    (868.19208, 15.0), (870.41122, 2.9), (877.16563, 8.0), (878.06226, 45.0), (878.37533, 30.0), (885.38668, 12.0),
    (886.53063, 2.0), (886.57552, 8.0), (891.95006, 5.0), (914.86716, 6.0), (920.17591, 6.0), (922.00601, 4.0),
    (922.15801, 2.0), (922.66903, 2.0), (930.08527, 6.0), (931.39726, 2.0), (932.65068, 6.0), (942.53788, 5.0),
    (945.92095, 3.0), (948.66818, 5.0), (953.41629, 6.0), (954.74049, 2.0), (966.54197, 3.0),
)  # fmt: skip
"""Wavelengths in standard air in nm, and a rough strength in a discharge lamp, which is no more than a rank."""


def refractive_index_of_air(wavelength_nm: ArrayLike) -> FloatArray:
    """Of standard air (15 degrees C, 1013.25 hPa, dry), for vacuum wavelengths from 230 to 1690 nm.

    Peck & Reeder, J. Opt. Soc. Am. 62 (1972) 958, equation 2.
    """
    squared = (1e3 / np.asarray(wavelength_nm, dtype=np.float64)) ** 2
    return np.asarray(1.0 + 1e-8 * (5791817.0 / (238.0185 - squared) + 167909.0 / (57.362 - squared)))


def vacuum_wavelength_nm(air_wavelength_nm: ArrayLike) -> FloatArray:
    """Wavelengths in vacuum of light whose wavelengths in standard air are given, in nm."""
    air = np.asarray(air_wavelength_nm, dtype=np.float64)
    vacuum = air * refractive_index_of_air(air)
    return np.asarray(air * refractive_index_of_air(vacuum))


def neon_shifts_cm1(laser_wavelength_nm: float) -> FloatArray:
    """(n, 2) Raman shifts at which lamp lines appear under a laser of this wavelength in air, and their strengths."""
    lines = np.array(NEON_AIR_NM)
    laser = 1e7 / float(vacuum_wavelength_nm(laser_wavelength_nm))
    return np.column_stack([laser - 1e7 / vacuum_wavelength_nm(lines[:, 0]), lines[:, 1]])
