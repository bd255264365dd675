"""Subtract the scan of an empty holder, with its noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import OptionError
from braggite.noise import sigma_or_estimate
from braggite.spectrum import Step

if TYPE_CHECKING:
    from braggite.arrays import FloatArray
    from braggite.spectrum import Spectrum

SAME_WAVELENGTH = 1e-3
"""Relative difference of wavelengths from which a blank belongs to another tube."""
DEGREE = 3
"""Degree of the polynomial that stands for what the sample adds beneath its lines, while a factor is fitted."""
ABOVE_SU = 2.0
"""Points this far above the model belong to lines of the sample."""
ROUNDS = 50


@dataclass(frozen=True, slots=True)
class _Factor:
    value: float
    su: float | None
    how: Literal["given", "exposure", "fitted"]


def subtract_blank(spectrum: Spectrum, blank: Spectrum, *, factor: float | None = None) -> Spectrum:
    """The spectrum less the scan of an empty holder, standard deviations with those of the blank.

    Parameters
    ----------
    spectrum, blank
        Of one technique and, where both are known, one wavelength; the blank covers the range of the spectrum. It is
        interpolated where its positions are others, and a diagnostic says so.
    factor
        What the blank is multiplied by. None: the ratio of the counting times where both files state one and hold
        counts, else fitted to the spectrum beneath its lines, together with a smooth curve.

    Returns
    -------
    Spectrum
        No longer counts; the factor and where it comes from stand in its history and in ``blank_subtracted``.

    Raises
    ------
    OptionError
        Another technique or wavelength, a blank that ends inside the range, a factor that is not positive, or none that
        could be fitted.
    """
    _refuse_others(spectrum, blank)
    sigma, notes = sigma_or_estimate(spectrum)
    blank_sigma, _ = sigma_or_estimate(blank)
    curve, variance, interpolated = on_grid(spectrum, blank, blank_sigma)
    chosen = _chosen(spectrum, blank, curve, np.sqrt(sigma**2 + variance), factor)
    net_sigma = np.sqrt(sigma**2 + chosen.value**2 * variance)
    detail = f"{chosen.value:.4g} times the blank was subtracted ({chosen.how})"
    remarks = [*notes, Diagnostic.of("blank_subtracted", value=chosen.value, detail=detail)]
    if interpolated:
        remarks.append(Diagnostic.of("blank_interpolated"))
    if chosen.su is not None and chosen.su > 0.5 * chosen.value:
        remarks.append(Diagnostic.of("blank_factor_uncertain", value=[chosen.value, chosen.su]))
    options = {"blank": blank.source.path, "factor": chosen.value, "factor_su": chosen.su, "how": chosen.how}
    return spectrum.with_step(
        Step("subtract_blank", options),
        y=spectrum.y - chosen.value * curve,
        sigma=net_sigma,
        counts=False,
        diagnostics=(*spectrum.diagnostics, *remarks),
    )


def _refuse_others(spectrum: Spectrum, blank: Spectrum) -> None:
    if blank.technique != spectrum.technique:
        raise OptionError(f"the blank is {blank.technique}, the spectrum {spectrum.technique}", where="blank")
    own, other = spectrum.radiation, blank.radiation
    if own is not None and other is not None and not (own.assumed or other.assumed):
        here, there = own.wavelength_angstrom, other.wavelength_angstrom
        if abs(there / here - 1.0) > SAME_WAVELENGTH:
            raise OptionError(f"the blank was measured at {there:g} angstrom, the scan at {here:g}", where="blank")
    step = spectrum.step_median
    if blank.x[0] > spectrum.x[0] + step or blank.x[-1] < spectrum.x[-1] - step:
        raise OptionError(
            f"the blank covers {blank.x[0]:g} to {blank.x[-1]:g}, the scan {spectrum.x[0]:g} to {spectrum.x[-1]:g} "
            f"{spectrum.x_unit}",
            where="blank",
            suggestion="measure the blank over the whole range, or leave out the rest of the scan",
        )


def on_grid(spectrum: Spectrum, blank: Spectrum, sigma: FloatArray) -> tuple[FloatArray, FloatArray, bool]:
    """The blank and its variance at the positions of the spectrum, and whether they are interpolated."""
    if len(blank) == len(spectrum) and np.allclose(blank.x, spectrum.x, rtol=0.0, atol=1e-3 * spectrum.step_median):
        return np.array(blank.y), np.array(sigma**2), False
    right = np.clip(np.searchsorted(blank.x, spectrum.x), 1, len(blank) - 1)
    left = right - 1
    share = np.clip((spectrum.x - blank.x[left]) / (blank.x[right] - blank.x[left]), 0.0, 1.0)
    curve = (1.0 - share) * blank.y[left] + share * blank.y[right]
    return curve, (1.0 - share) ** 2 * sigma[left] ** 2 + share**2 * sigma[right] ** 2, True


def _chosen(spectrum: Spectrum, blank: Spectrum, curve: FloatArray, sigma: FloatArray, factor: float | None) -> _Factor:
    if factor is not None:
        if not (np.isfinite(factor) and factor > 0.0):
            raise OptionError(f"the factor of the blank, {factor}, must be positive", where="factor")
        return _Factor(float(factor), None, "given")
    times = [_counting_time(scan) for scan in (spectrum, blank)]
    if times[0] is not None and times[1] is not None:
        return _Factor(times[0] / times[1], None, "exposure")
    return _fitted(spectrum, curve, sigma)


def _counting_time(scan: Spectrum) -> float | None:
    """Seconds a point, of counts whose file states one time for all points."""
    time = scan.metadata.get("dwell_s")
    return float(time) if scan.counts is True and isinstance(time, int | float) and time > 0 else None


def _fitted(spectrum: Spectrum, curve: FloatArray, sigma: FloatArray) -> _Factor:
    """Weighted least squares of the blank and a polynomial, points that rise above it left out round by round."""
    t = 2.0 * (spectrum.x - spectrum.x[0]) / (spectrum.x[-1] - spectrum.x[0]) - 1.0
    columns = np.column_stack([curve, np.polynomial.chebyshev.chebvander(t, DEGREE)]) / sigma[:, None]
    target = spectrum.y / sigma
    beneath = np.ones(t.size, dtype=bool)
    for _ in range(ROUNDS):
        solution, *_ = np.linalg.lstsq(columns[beneath], target[beneath], rcond=None)
        residual = target - columns @ solution
        # Half of what is left lies below; its spread is that of the noise, whatever stands above.
        below = residual[residual < 0.0]
        spread = max(1.0, float(np.sqrt(np.mean(below**2)))) if below.size else 1.0
        kept = residual < ABOVE_SU * spread
        if np.array_equal(kept, beneath):
            break
        beneath = kept
    scale = float(columns[beneath, 0] @ columns[beneath, 0])
    normal = columns[beneath].T @ columns[beneath]
    if not (scale > 0.0 and solution[0] > 0.0 and np.linalg.cond(normal) < 1e14):
        raise OptionError(
            "no positive factor of the blank can be fitted to the scan",
            where="blank",
            suggestion="give the factor, the ratio of the counting times for example",
        )
    su = spread * float(np.sqrt(np.linalg.inv(normal)[0, 0]))
    return _Factor(float(solution[0]), su, "fitted")
