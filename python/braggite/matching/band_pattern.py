"""A vibrational spectrum made ready for the engine: spikes out, background off, points weighed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite import _core
from braggite.arrays import FloatArray, frozen
from braggite.calibration.wavenumber import axis_su_cm1
from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum, OptionError
from braggite.noise import sigma_or_estimate
from braggite.preprocessing import despike, estimate_background, smooth, to_absorbance
from braggite.spectrum import Step
from braggite.techniques import technique_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.matching.band_options import BandOptions
    from braggite.spectrum import Spectrum
    from braggite.techniques.technique import BandLaw

BandRow = tuple[float, float, float, float, float, float, bool]
"""Position, its standard deviation, area, that of its logarithm, full width, that of its logarithm, whether a dip."""

COMMON_UNKNOWNS, OWN_UNKNOWNS, LN_AREA = 1, 4, 3
"""How the unknowns of a match lie: the shift, then four a band, the last of them the logarithm of its area."""
FEWEST_POINTS = 120
_LEAST_SHIFT_SD = 0.05
_SMOOTHED_POINTS = 7
_POINTS_A_BAND = 2.5
"""Over the full width of the narrowest band."""
_CORRELATED_NOISE = 5
"""Points over which noise is shared: by interpolation, by pixels. What is shared over more is misfit or background."""
_STRETCH = 101
_MEDIAN_OF_ABSOLUTE = 0.6745
_MEDIAN_OF_SQUARE = 0.4549
"""Both of a normal deviate."""


@dataclass(frozen=True, slots=True, eq=False)
class BandPattern:
    """A spectrum and what the engine needs to match bands to it.

    Attributes
    ----------
    spectrum : as it is matched, spikes replaced, infrared in absorbance
    background : (n,) estimated background; what is left of it is fitted as low Chebyshev polynomials
    net : (n,) ordinates above it
    signal : (n,) the same, smoothed and never negative: what a misfit is a share of
    weight : (n,) one over the variance by noise and misfit; 0 where a point is left out
    noise_weight : (n,) the same by noise alone
    correlated_points : points of a typical band, over which a misfit is one
    used_discrepancy : the misfit that ``weight`` allows for
    shift_sd : how far the axis may be off, standard deviation in 1/cm
    """

    spectrum: Spectrum
    background: FloatArray
    net: FloatArray
    signal: FloatArray
    weight: FloatArray
    noise_weight: FloatArray
    correlated_points: float
    used_discrepancy: float
    columns: tuple[FloatArray, ...]
    shift_sd: float
    law: BandLaw
    options: BandOptions
    diagnostics: tuple[Diagnostic, ...]

    @property
    def x(self) -> FloatArray:
        """(n,) positions in 1/cm."""
        return self.spectrum.x

    @property
    def range_cm1(self) -> tuple[float, float]:
        """Lowest and highest position."""
        return float(self.x[0]), float(self.x[-1])

    def covers(self, position_cm1: float, margin_cm1: float = 0.0) -> bool:
        """Whether a band there is measured, the margin included, and not in a range left out."""
        low, high = self.range_cm1
        if not low + margin_cm1 <= position_cm1 <= high - margin_cm1:
            return False
        return not any(start <= position_cm1 <= end for start, end in self.law.left_out)

    def settled(self, calculated: FloatArray) -> BandPattern:
        """The same, weighed by the noise and the misfit that this model of it leaves."""
        quiet = self.noise_scale(calculated)
        noisier = replace(self, noise_weight=frozen(self.noise_weight / quiet))
        return noisier.with_discrepancy(max(noisier.discrepancy(calculated), self.options.least_discrepancy))

    def noise_scale(self, calculated: FloatArray) -> float:
        """By how much the variance of noise is larger than it was taken for, at least 1.

        Noise that neighbours share hides from their differences and shows in sums.
        """
        used = self.noise_weight > 0.0
        misses = (self.net - calculated)[used] * np.sqrt(self.noise_weight[used])
        length = min(max(int(self.correlated_points), 1), _CORRELATED_NOISE)
        sums = misses[: misses.size // length * length].reshape(-1, length).sum(axis=1)
        return max(float(np.median(np.square(sums))) / length / _MEDIAN_OF_SQUARE, 1.0)

    def with_discrepancy(self, discrepancy: float) -> BandPattern:
        """The same, weighed for a misfit that is this share of the signal and the same over a band."""
        misfit = self.correlated_points * np.square(discrepancy * self.signal)
        weight = np.where(self.noise_weight > 0.0, self.noise_weight / (1.0 + self.noise_weight * misfit), 0.0)
        return replace(self, weight=frozen(weight), used_discrepancy=discrepancy)

    def discrepancy(self, calculated: FloatArray) -> float:
        """The misfit that residuals show beyond noise, as a share of the signal."""
        residual = frozen(self.net - calculated)
        return _core.relative_discrepancy(residual, self.noise_weight, self.signal, self.correlated_points)

    def match(
        self,
        phases: Sequence[Sequence[BandRow]],
        start: FloatArray | Sequence[float] | None = None,
        max_iterations: int | None = None,
        *,
        free_sign: bool = False,
    ) -> _core.BandMatchView:
        """The bands of phases matched to the spectrum, from the references or from where another match ended.

        With ``free_sign`` the scale of the last phase may be negative, as a limit needs it.
        """
        return _core.match_bands(
            self.x,
            self.net,
            self.weight,
            list(self.columns),
            [list(rows) for rows in phases],
            shift_sd=self.shift_sd,
            lorentz=self.options.lorentz_share,
            least_fwhm=self.law.least_fwhm,
            start=None if start is None else [float(value) for value in start],
            free_sign=free_sign,
            max_iterations=max_iterations or self.options.max_iterations,
            relative_tolerance=self.options.tol,
        )


def band_pattern(spectrum: Spectrum, options: BandOptions) -> BandPattern:
    """Prepare a spectrum.

    Raises
    ------
    InvalidSpectrum
        Fewer than 120 points.
    OptionError
        A technique that shows no bands.
    """
    technique = technique_named(spectrum.technique)
    law = technique.bands
    if law is None:
        raise OptionError(f"{technique.title} shows no bands of phases", where="technique")
    notes: list[Diagnostic] = []
    low, high = law.range_cm1
    spectrum = spectrum.cut(max(low, float(spectrum.x[0])), min(high, float(spectrum.x[-1])))
    if len(spectrum) < FEWEST_POINTS:
        raise InvalidSpectrum(
            f"{len(spectrum)} points between {low:g} and {high:g} cm-1, where bands are looked for; "
            f"an identification needs {FEWEST_POINTS}",
            where=spectrum.name or None,
        )
    if law.in_absorbance:
        spectrum = in_absorbance(spectrum)
    if law.despiked:
        cleaned = despike(spectrum)
        if cleaned.replaced.any():
            notes += cleaned.diagnostics
        spectrum = cleaned.spectrum or spectrum
    sigma, remarks = sigma_or_estimate(spectrum)
    notes += remarks
    spectrum = _binned(replace(spectrum, sigma=sigma), law.least_fwhm / _POINTS_A_BAND)
    sigma = sigma if spectrum.sigma is None else spectrum.sigma
    curve = estimate_background(spectrum, **_background(law)).curve
    net = frozen(spectrum.y - curve)
    signal = frozen(np.maximum(smooth(spectrum, window_length=_SMOOTHED_POINTS).y - curve, 0.0))
    variance = np.square(np.maximum(sigma, _local_scatter(net)))
    variance += (options.background_discrepancy * float(np.ptp(curve))) ** 2
    noise_weight = 1.0 / variance
    for start, end in law.left_out:
        noise_weight[(spectrum.x >= start) & (spectrum.x <= end)] = 0.0
    pattern = BandPattern(
        spectrum=spectrum,
        background=curve,
        net=net,
        signal=signal,
        weight=frozen(noise_weight),
        noise_weight=frozen(noise_weight),
        correlated_points=max(law.typical_fwhm / spectrum.step_median, 1.0),
        used_discrepancy=0.0,
        columns=_polynomials(len(spectrum), options.background_order),
        shift_sd=_shift_sd(spectrum, law, options),
        law=law,
        options=options,
        diagnostics=tuple(notes),
    )
    return pattern.with_discrepancy(options.discrepancy)


def in_absorbance(spectrum: Spectrum) -> Spectrum:
    """Absorbance; where nothing says what the ordinates are, bands that point down make them a transmittance."""
    if spectrum.y_unit in ("absorbance", "transmittance") or any(n.code == "reflectance" for n in spectrum.diagnostics):
        return to_absorbance(spectrum)
    low, middle, high = (float(value) for value in np.quantile(spectrum.y, [0.001, 0.5, 0.999]))
    if middle - low <= high - middle:
        detail = "bands point up: the ordinates are taken as absorbance"
        note = Diagnostic.of("ordinates_guessed", where=spectrum.name or None, detail=detail)
        return replace(spectrum, y_unit="absorbance", diagnostics=(*spectrum.diagnostics, note))
    detail = "bands point down: the ordinates are taken as transmittance"
    note = Diagnostic.of("ordinates_guessed", where=spectrum.name or None, detail=detail)
    return to_absorbance(replace(spectrum, diagnostics=(*spectrum.diagnostics, note)), taken_as="transmittance")


def _shift_sd(spectrum: Spectrum, law: BandLaw, options: BandOptions) -> float:
    """What is asked for, else what a calibration left, else what the technique's axes are off by."""
    if options.shift_sd_cm1 is not None:
        return options.shift_sd_cm1
    calibrated = axis_su_cm1(spectrum)
    return law.shift_sd if calibrated is None else max(float(np.median(calibrated)), _LEAST_SHIFT_SD)


def _binned(spectrum: Spectrum, step: float) -> Spectrum:
    """Means of neighbours where points lie closer than the narrowest band needs them."""
    together = int(step / spectrum.step_median)
    if together < 2 or spectrum.sigma is None:
        return spectrum
    n = len(spectrum) // together * together
    x, y, variance = (
        values[:n].reshape(-1, together).mean(axis=1) for values in (spectrum.x, spectrum.y, np.square(spectrum.sigma))
    )
    step_taken = Step("bin_points", {"together": together})
    return spectrum.with_step(step_taken, x=x, y=y, sigma=np.sqrt(variance / together), counts=None)


def _local_scatter(net: FloatArray) -> FloatArray:
    """(n,) scatter of each point about its neighbours, over a stretch: lines of vapour count as noise."""
    inner = net[1:-1] - 0.5 * (net[:-2] + net[2:])
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(np.abs(inner), _STRETCH // 2, mode="reflect"), _STRETCH)
    scatter = np.median(windows, axis=1)[: inner.size] / (_MEDIAN_OF_ABSOLUTE * math.sqrt(1.5))
    return np.pad(scatter, 1, mode="edge")


def _background(law: BandLaw) -> dict[str, Any]:
    return {"method": law.background_method, **law.background_options}


def _polynomials(n: int, order: int) -> tuple[FloatArray, ...]:
    t = np.linspace(-1.0, 1.0, n)
    return tuple(frozen(np.polynomial.chebyshev.Chebyshev.basis(k)(t)) for k in range(order + 1))
