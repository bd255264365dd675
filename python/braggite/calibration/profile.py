"""What an instrument does to every line of a pattern."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from braggite.arrays import frozen
from braggite.errors import OptionError
from braggite.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from braggite.arrays import FloatArray
    from braggite.spectrum import Instrument, Radiation

ZERO = Value(0.0)


@dataclass(frozen=True, slots=True, eq=False)
class InstrumentProfile:
    """Widths, axial divergence and zero of a diffractometer.

    Thompson-Cox-Hastings pseudo-Voigt (J. Appl. Cryst. 20, 1987, 79) of full widths at half maximum

        Gaussian:   FWHM² = U tan²θ + V tanθ + W  (degrees²; Caglioti et al., Nucl. Instrum. 3, 1958, 223)
        Lorentzian: FWHM  = X / cosθ + Y tanθ     (degrees)

    spread by axial divergence (Finger, Cox & Jephcoat, J. Appl. Cryst. 27, 1994, 892) with equal half heights of
    sample and slit, ``axial_ratio`` = S/L = H/L, for every line of ``radiation``. The natural width of the emission
    lines is part of Y, unless the radiation states it.

    Attributes
    ----------
    radiation : emission lines; None where the file states none
    diffractometer : geometry, radius, monochromator, divergence slit
    gauss_u_deg2, gauss_v_deg2, gauss_w_deg2, lorentz_x_deg, lorentz_y_deg, axial_ratio, zero_deg : the numbers
    correlation : (7, 7), of the numbers in that order; None: not known, taken as none
    name, provenance : what instrument this is, and where the numbers come from
    """

    NUMBERS: ClassVar[tuple[str, ...]] = (
        "gauss_u_deg2",
        "gauss_v_deg2",
        "gauss_w_deg2",
        "lorentz_x_deg",
        "lorentz_y_deg",
        "axial_ratio",
        "zero_deg",
    )

    radiation: Radiation | None
    diffractometer: Instrument
    gauss_u_deg2: Value
    gauss_v_deg2: Value
    gauss_w_deg2: Value
    lorentz_x_deg: Value
    lorentz_y_deg: Value
    axial_ratio: Value
    zero_deg: Value = ZERO
    correlation: FloatArray | None = None
    name: str = ""
    provenance: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, number in zip(self.NUMBERS, self.numbers, strict=True):
            if not np.isfinite(number.value) or (number.su is not None and not (0.0 <= number.su < np.inf)):
                raise OptionError(f"{name} = {number.value} with su {number.su} is not a number", where=name)
        for name in ("lorentz_x_deg", "lorentz_y_deg", "axial_ratio"):
            if getattr(self, name).value < 0.0:
                raise OptionError(f"{name} = {getattr(self, name).value} must not be negative", where=name)
        if self.correlation is not None:
            matrix = frozen(self.correlation)
            n = len(self.NUMBERS)
            if matrix.shape != (n, n) or not np.all(np.abs(matrix) <= 1.0 + 1e-9):
                raise OptionError(f"the correlation must be {n} by {n} with entries of -1 to 1", where="correlation")
            object.__setattr__(self, "correlation", matrix)

    def __reduce__(self) -> tuple[object, ...]:
        """Unpickling runs the constructor, which makes the arrays read-only again."""
        return type(self), tuple(getattr(self, name) for name in self.__slots__)

    @property
    def numbers(self) -> tuple[Value, ...]:
        """U, V, W, X, Y, axial ratio, zero."""
        return tuple(getattr(self, name) for name in self.NUMBERS)

    @property
    def covariance(self) -> FloatArray:
        """(7, 7) covariance of the numbers; 0 where no uncertainty is known."""
        su = np.array([number.su or 0.0 for number in self.numbers])
        correlation = np.eye(su.size) if self.correlation is None else self.correlation
        covariance: FloatArray = correlation * np.outer(su, su)
        return covariance

    def gauss_fwhm_deg(self, two_theta_deg: ArrayLike) -> FloatArray:
        """Gaussian full width at half maximum in degrees."""
        return self._widths(two_theta_deg)[0]

    def lorentz_fwhm_deg(self, two_theta_deg: ArrayLike) -> FloatArray:
        """Lorentzian full width at half maximum in degrees, with the natural width of the strongest emission line."""
        return self._widths(two_theta_deg)[1]

    def fwhm_deg(self, two_theta_deg: ArrayLike) -> FloatArray:
        """Full width at half maximum of the pseudo-Voigt in degrees, axial divergence left out."""
        return mixed_fwhm(*self._widths(two_theta_deg))

    def _widths(self, two_theta_deg: ArrayLike) -> tuple[FloatArray, FloatArray]:
        numbers = [number.value for number in self.numbers]
        return component_widths(numbers, two_theta_deg, natural_y_deg=self.natural_y_deg)

    @property
    def natural_y_deg(self) -> float:
        """What the natural width of the strongest emission line adds to Y, degrees; 0 where none is stated."""
        if self.radiation is None:
            return 0.0
        wavelength, _, width = self.radiation.profile[0]
        return float(np.degrees(2.0 * width / wavelength))

    @classmethod
    def read(cls, path: str | Path) -> InstrumentProfile:
        """From an ``instrument.toml`` or a GSAS-II ``.instprm``, by the suffix.

        Raises
        ------
        UnknownFormat
            Another suffix, a file that cannot be read, or keys and values that do not belong there.
        """
        from braggite.calibration.instrument_files import read_profile

        return read_profile(Path(path))

    def write(self, path: str | Path) -> Path:
        """As ``instrument.toml`` or GSAS-II ``.instprm``, by the suffix.

        Raises
        ------
        OptionError
            Another suffix, or something that the format cannot hold.
        """
        from braggite.calibration.instrument_files import write_profile

        return write_profile(self, Path(path))

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "name": self.name,
            "radiation": None if self.radiation is None else self.radiation.to_dict(),
            "diffractometer": self.diffractometer.to_dict(),
            "profile": {name: getattr(self, name).to_dict() for name in self.NUMBERS},
            "correlation": None if self.correlation is None else self.correlation.tolist(),
            "provenance": self.provenance,
        }


def component_widths(
    numbers: Sequence[float], two_theta_deg: ArrayLike, *, natural_y_deg: float = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Gaussian and Lorentzian full widths in degrees for U, V, W, X, Y (what follows them is not looked at)."""
    theta = np.radians(np.asarray(two_theta_deg, dtype=np.float64)) / 2.0
    u, v, w, x, y = numbers[:5]
    tangent = np.tan(theta)
    gauss = np.sqrt(np.maximum(u * tangent**2 + v * tangent + w, 0.0))
    return gauss, np.maximum(x / np.cos(theta) + (y + natural_y_deg) * tangent, 0.0)


def mixed_fwhm(gauss: FloatArray, lorentz: FloatArray) -> FloatArray:
    """Full width of the pseudo-Voigt that stands for the convolution (Thompson, Cox & Hastings 1987, equation 7)."""
    coefficients = (1.0, 2.69269, 2.42843, 4.47163, 0.07842, 1.0)
    powers = [c * gauss ** (5 - k) * lorentz**k for k, c in enumerate(coefficients)]
    width: FloatArray = np.sum(powers, axis=0) ** 0.2
    return width
