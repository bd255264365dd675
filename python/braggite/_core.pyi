"""The compiled kernels; arrays are contiguous float64. Users call the typed Python layer instead."""

from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

__version__: str
build_profile: str
source_digest: str

# crystal

@final
class Structure:
    """A checked crystal structure; scatterers are (element, charge, a1..a5 b1..b5 c or None, f', f'')."""

    def __new__(
        cls,
        cell: Sequence[float],
        rotations: Sequence[Sequence[Sequence[int]]],
        translations: Sequence[Sequence[float]],
        scatterers: Sequence[tuple[str, int | None, Sequence[float] | None, float, float]],
        atoms: Sequence[tuple[int, Sequence[float], float, float]],
    ) -> Structure: ...
    @property
    def species(self) -> list[str]: ...
    @property
    def site_multiplicities(self) -> list[int]: ...
    @property
    def laue_rotations(self) -> list[list[list[int]]]: ...
    @property
    def volume(self) -> float: ...
    def lines(
        self,
        wavelength_angstrom: float,
        two_theta_min_deg: float,
        two_theta_max_deg: float,
        monochromator_two_theta_deg: float,
        relative_floor: float | None,
    ) -> tuple[
        NDArray[np.int32],
        NDArray[np.uint32],
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.float64],
    ]:
        """Lines by descending d: hkl, multiplicity, d, 2-theta, |F|^2, intensity."""

def lorentz_polarisation(two_theta_deg: float, monochromator_two_theta_deg: float) -> float: ...

# preprocess: curves one after the other; per row: converged, passes, final tolerance

def background_whittaker(
    y: NDArray[np.float64],
    points: int,
    x: NDArray[np.float64] | None,
    weights: NDArray[np.float64] | None,
    method: str,
    lam: float,
    p: float,
    max_iterations: int,
    tol: float,
    threads: int,
) -> tuple[NDArray[np.float64], list[bool], list[int], list[float]]: ...
def background_snip(
    y: NDArray[np.float64], points: int, half_window: int, decreasing: bool, lls: bool, threads: int
) -> tuple[NDArray[np.float64], list[bool], list[int], list[float]]: ...
def whittaker_lam(width: float, step: float) -> float: ...

# peaks

def find_peaks(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    sigma: NDArray[np.float64],
    false_alarms: float,
    fwhm: float | None,
) -> dict[str, NDArray[np.float64]]: ...
def estimate_fwhm(
    x: NDArray[np.float64], y: NDArray[np.float64], sigma: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float | None]: ...
def estimate_sigma(y: NDArray[np.float64], counts: bool) -> NDArray[np.float64]: ...
