"""Absorption and refraction of a sample that together give its spectrum in attenuated total reflection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from braggite.arrays import FloatArray

    ComplexArray = NDArray[np.complex128]

MAX_ITERATIONS = 40
TOLERANCE = 1e-4
"""In absorbance, or this share of the highest."""
GOOD = 0.01
"""Share of the highest absorbance by which a spectrum that is met no better may be missed."""
PADDING = 8
"""Length of the axis on which transforms are computed, over that of the spectrum from zero to its end, twice."""
FALL_CM1 = 200.0
NOISE = 4.0
"""Standard deviations of a point to which a noisy spectrum can be met: what lies below zero is none."""
BISECTIONS = 50


@dataclass(frozen=True, slots=True, eq=False)
class OpticalConstants:
    """(n,) imaginary and real parts of the refractive index, and how well they give the spectrum."""

    absorption: FloatArray
    refraction: FloatArray
    converged: bool
    iterations: int
    misfit: float


@dataclass(frozen=True, slots=True)
class Reflection:
    """One total reflection: the crystal's index, the angle, and the sample's index where it does not absorb."""

    crystal_index: float
    angle_deg: float
    sample_index: float

    @property
    def across(self) -> float:
        """n1 cos of the angle."""
        return self.crystal_index * float(np.cos(np.radians(self.angle_deg)))

    @property
    def along(self) -> float:
        """n1 sin of the angle, the same on both sides."""
        return self.crystal_index * float(np.sin(np.radians(self.angle_deg)))

    def amplitudes(self, index: ComplexArray) -> tuple[ComplexArray, ComplexArray]:
        """Fresnel's amplitudes of perpendicular and parallel light for complex indices of the sample, (n,)."""
        inside = np.sqrt(index**2 - self.along**2)
        inside = np.asarray(np.where(inside.imag < 0.0, -inside, inside), dtype=np.complex128)  # decays inwards
        cosine = self.across / self.crystal_index
        perpendicular = np.asarray((self.across - inside) / (self.across + inside), dtype=np.complex128)
        direct, crossed = index**2 * cosine, self.crystal_index * inside
        return perpendicular, (direct - crossed) / (direct + crossed)

    def absorbance(self, refraction: FloatArray, absorption: FloatArray) -> FloatArray:
        """-log10 of what is left of unpolarised light, (n,)."""
        amplitudes = self.amplitudes(refraction + 1j * absorption)
        return np.asarray(-np.log10(0.5 * sum(np.abs(amplitude) ** 2 for amplitude in amplitudes)))

    def absorption(self, perpendicular: ComplexArray) -> FloatArray:
        """Imaginary index, not below zero, of the sample that reflects perpendicular light with these amplitudes."""
        inside = self.across * (1.0 - perpendicular) / (1.0 + perpendicular)
        index = np.sqrt(inside**2 + self.along**2)
        return np.asarray(np.maximum(np.where(index.real < 0.0, -index, index).imag, 0.0))


def dispersion(x: FloatArray, absorption: FloatArray) -> FloatArray:
    """What absorption (n,) over ascending wavenumbers adds to the refractive index, (n,), by Kramers and Kronig.

    n(v) - n = 2/pi P int v' k(v') / (v'^2 - v^2) dv': the transform of k continued as an odd function. Outside the
    spectrum absorption soon ends.
    """
    return _transform(x, absorption, mirrored=True)


def _transform(x: FloatArray, values: FloatArray, *, mirrored: bool) -> FloatArray:
    """1/pi P int f(v') / (v' - v) dv' of values (n,) that end with the spectrum; or with minus their image below zero.

    Beyond either end they fall to zero within :data:`FALL_CM1`: a band that is cut off goes on somehow.
    """
    step = float(np.median(np.diff(x)))
    count = int(np.ceil((float(x[-1]) + FALL_CM1) / step)) + 1
    even = np.arange(count) * step
    size = 1 << int(np.ceil(np.log2(2 * count * PADDING)))
    knots = np.concatenate([[x[0] - FALL_CM1], x, [x[-1] + FALL_CM1]])
    whole = np.zeros(size)
    whole[:count] = np.interp(even, knots, np.concatenate([[0.0], values, [0.0]]), left=0.0, right=0.0)
    if mirrored:
        whole[size - count + 1 :] = -whole[count - 1 : 0 : -1]
    turned = np.fft.ifft(1j * np.sign(np.fft.fftfreq(size)) * np.fft.fft(whole)).real
    return np.asarray(np.interp(x, even, turned[:count]))


def optical_constants(
    x: FloatArray,
    absorbance: FloatArray,
    reflection: Reflection,
    *,
    parallel_over_perpendicular: float,
    noise: float = 0.0,
) -> OpticalConstants:
    """Absorption whose reflection spectrum is ``absorbance`` (n,), with the refraction that belongs to it.

    The phase of perpendicular light follows from its measured amplitude by Kramers and Kronig, and both give the
    complex index; the phase of that index, which obeys Kramers and Kronig itself, then replaces the first one, until
    the measured spectrum is met or is met no better. The share of perpendicular light starts from the ratio of the
    effective thicknesses (exact at 45 degrees) and is taken from the index afterwards. ``noise`` is the standard
    deviation of a point.

    References
    ----------
    Plaskett and Schatz, J. Chem. Phys. 38 (1963) 612; Bertie and Eysel, Appl. Spectrosc. 39 (1985) 392.
    """
    target = np.maximum(absorbance, 0.0)
    enough = max(TOLERANCE * max(1.0, float(target.max())), NOISE * noise)
    left = 10.0**-target
    power = _perpendicular_share(left, parallel_over_perpendicular)
    at_rest = np.angle(reflection.amplitudes(np.array([reflection.sample_index + 0j]))[0])[0]
    phase = at_rest - _transform(x, 0.5 * np.log(power), mirrored=False)
    best = OpticalConstants(np.zeros(x.size), np.full(x.size, reflection.sample_index), False, 0, np.inf)
    for iteration in range(1, MAX_ITERATIONS + 1):
        absorption = reflection.absorption(np.sqrt(power) * np.exp(1j * phase))
        refraction = reflection.sample_index + dispersion(x, absorption)
        misfit = float(np.max(np.abs(reflection.absorbance(refraction, absorption) - target)))
        if misfit < best.misfit:
            good = misfit <= max(enough, GOOD * float(target.max()))
            best = OpticalConstants(absorption, refraction, good, iteration, misfit)
        if misfit <= enough or not misfit <= 2.0 * best.misfit:
            break
        perpendicular, parallel = reflection.amplitudes(refraction + 1j * absorption)
        phase = np.angle(perpendicular)
        share = np.abs(perpendicular) ** 2
        power = left * 2.0 * share / (share + np.abs(parallel) ** 2)
    return best


def _perpendicular_share(left: FloatArray, ratio: float) -> FloatArray:
    """The power p of perpendicular light with (p + p**ratio) / 2 = ``left`` (n,), between 0 and 1, by bisection."""
    low, high = np.zeros(left.size), np.ones(left.size)
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        above = 0.5 * (middle + middle**ratio) > left
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return 0.5 * (low + high)
