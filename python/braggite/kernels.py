"""Doors to the Rust kernels for those who hold arrays or structures and no file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from braggite import peaks as _peaks
from braggite.lineshapes import line_shape, line_shape_area, line_shape_window, measure_line_shape
from braggite.matching.peak_fitting import FitData, FitOptions, fitted_rows
from braggite.matching.peak_spec import peak_specs
from braggite.preprocessing.background import Background, estimated
from braggite.preprocessing.despike import Despiked, despiked
from braggite.preprocessing.rows import given_rows
from braggite.preprocessing.smooth import Smoothed, smoothed
from braggite.references.powder_lines import PowderLines, powder_lines
from braggite.spectrum import Radiation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike

    from braggite.matching.peak_results import PeakFit
    from braggite.peaks import PeakList
    from braggite.references.phase import Phase

__all__ = [
    "background",
    "despike",
    "find_peaks",
    "fit_peaks",
    "line_shape",
    "line_shape_area",
    "line_shape_window",
    "measure_line_shape",
    "smooth",
    "structure_lines",
]


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


def background(
    y: ArrayLike, x: ArrayLike | None = None, *, method: str = "arpls", threads: int = 1, **parameters: Any
) -> Background:
    """The background of one spectrum or of many rows at once.

    Parameters
    ----------
    y
        (n,) or (rows, n) ordinates; copied, never changed.
    x
        (n,) ascending positions of all rows; None counts points. Unequal steps are respected.
    method, **parameters
        As :func:`braggite.estimate_background`; without ``stiffness_width`` the literature's defaults hold (asls and
        airpls ``lam=1e6``, arpls ``lam=1e5``).
    threads
        Rows are shared among this many threads; the result does not depend on it.

    Raises
    ------
    InvalidSpectrum
        NaN, fewer than four points, positions that do not ascend or do not fit.
    OptionError
        An unknown method or option, or a value outside its meaning.
    """
    given = given_rows(y, x, threads=threads)
    return estimated(given.y, given.x, method, parameters, x_unit=given.x_unit, threads=threads)


def despike(
    y: ArrayLike, x: ArrayLike | None = None, *, sigma: ArrayLike | None = None, method: str = "whitaker_hayes",
    threads: int = 1, **parameters: Any,
) -> Despiked:  # fmt: skip
    """Spikes of one spectrum or of many rows at once, replaced.

    Parameters
    ----------
    y, x, threads
        As :func:`background`.
    sigma
        Standard deviations, (n,) or as ``y``; None estimates them row by row.
    method, **parameters
        As :func:`braggite.despike`.

    Raises
    ------
    InvalidSpectrum
        NaN, fewer than five points, positions that do not ascend or do not fit, a ``sigma`` that is not positive.
    OptionError
        An unknown method or option, or a value outside its meaning.
    """
    return despiked(given_rows(y, x, threads=threads, sigma=sigma), method, parameters)


def smooth(
    y: ArrayLike, x: ArrayLike | None = None, *, sigma: ArrayLike | None = None, method: str = "savitzky_golay",
    threads: int = 1, **parameters: Any,
) -> Smoothed:  # fmt: skip
    """One spectrum or many rows at once, smoothed.

    Parameters
    ----------
    y, x, threads
        As :func:`background`.
    sigma
        Standard deviations, (n,) or as ``y``; None estimates them row by row.
    method, **parameters
        As :func:`braggite.smooth`.

    Raises
    ------
    InvalidSpectrum
        NaN, fewer than five points, positions that do not ascend or do not fit, a ``sigma`` that is not positive.
    OptionError
        An unknown method or option, or a value outside its meaning.
    """
    return smoothed(given_rows(y, x, threads=threads, sigma=sigma), method, parameters)


# Without a unit the stiffness follows from the lines, which are measured over a very stiff ground first; 6 deg for
# lines of 0.15 deg is the default of diffraction. Without lines it is a share of the axis.
GROUND = {"in_widths": 40.0, "first_share": 1 / 3, "share_without_lines": 0.075}


def find_peaks(
    y: ArrayLike, x: ArrayLike | None = None, *, sigma: ArrayLike | None = None, false_alarms: float = 0.1,
    fwhm: float | None = None, subtract: bool = True, threads: int = 1,
) -> PeakList | list[PeakList]:  # fmt: skip
    """The peaks of one spectrum held as arrays, or of many rows at once.

    Parameters
    ----------
    y
        (n,) or (rows, n) ordinates; copied, never changed.
    x
        (n,) ascending positions of all rows; None counts points.
    sigma
        Standard deviations of ``y``: (n,) for every row, or shaped as ``y``; None fits ``sqrt(a + b y)`` to the scatter
        of neighbours, row by row.
    false_alarms, fwhm
        As :func:`braggite.find_peaks`.
    subtract
        Whether a ground is subtracted first: an asymmetric Whittaker curve forty line widths stiff (without strong
        lines: 7.5 % of the axis) through means of about half a width.
    threads
        Rows are shared among this many threads; the result does not depend on it.

    Returns
    -------
    PeakList
        For (n,) ordinates; for rows a list with one for each.

    Raises
    ------
    InvalidSpectrum
        NaN, fewer than eight points, lengths that differ, a ``sigma`` that is not positive.
    OptionError
        ``false_alarms`` or ``fwhm`` not above 0, or absurd ``threads``.
    """
    given = given_rows(y, x, threads=threads, sigma=sigma)
    options: dict[str, Any] = {"false_alarms": false_alarms, "fwhm": fwhm, "subtract": subtract}
    lists = [
        _peaks.PeakList(**columns, unit=given.x_unit, options={**options, **stiffness})
        for columns, stiffness in _peaks.kernel_rows(given, options, ground=GROUND if subtract else None)
    ]
    return lists if given.y.ndim == 2 else lists[0]


def fit_peaks(
    x: ArrayLike, y: ArrayLike, centers: Iterable[Any], *, sigma: ArrayLike | None = None, shape: str = "pseudo_voigt",
    background: Any = "linear", threads: int = 1, **options: Any,
) -> PeakFit | list[PeakFit]:  # fmt: skip
    """Fit the same peaks to one spectrum held as arrays, or to each of many rows.

    Parameters
    ----------
    x
        (n,) ascending positions of all rows.
    y
        (n,) or (rows, n) ordinates; copied, never changed.
    centers
        Where the peaks start: positions, mappings, :class:`braggite.PeakSpec` or doublets.
    sigma
        Standard deviations of ``y``: (n,) for every row, or shaped as ``y``; infinity leaves a point out. None weighs
        all points alike and scales the uncertainties by the root of the reduced chi-square.
    shape, background, **options
        As :func:`braggite.fit_peaks`.
    threads
        Rows are shared among this many threads; the result does not depend on it.

    Returns
    -------
    PeakFit
        For (n,) ordinates; for rows a list with one for each.

    Raises
    ------
    InvalidSpectrum
        NaN, lengths that differ, positions that do not ascend, a ``sigma`` that is not positive, fewer points than
        unknowns.
    OptionError
        As :func:`braggite.fit_peaks`, or absurd ``threads``.
    """
    given = given_rows(y, x, threads=threads, sigma=sigma)
    given.x.flags.writeable = False  # shared by the results of all rows
    values = np.atleast_2d(given.y)
    weight = np.ones_like(values) if given.sigma is None else 1.0 / np.square(np.atleast_2d(given.sigma))
    rows = [FitData(given.x, row, part, known=sigma is not None) for row, part in zip(values, weight, strict=True)]
    fits = fitted_rows(rows, peak_specs(centers), FitOptions(shape, background, **options), threads=threads)
    return fits if given.y.ndim == 2 else fits[0]
