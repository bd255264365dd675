"""Spikes (cosmic rays, glitches) found and replaced, and a record of every point that was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite import _core
from braggite.arrays import FloatArray, FrozenArrays
from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum, OptionError
from braggite.noise import sigma_or_estimate
from braggite.preprocessing.options import filled
from braggite.preprocessing.rows import Given
from braggite.spectrum import Spectrum, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

COMMON = {"window": 5, "max_width": 3, "fwhm": None, "max_iterations": 10}
DESPIKING = MappingProxyType(
    {
        "whitaker_hayes": MappingProxyType({"threshold": 5.0, **COMMON}),
        "median": MappingProxyType({"threshold": 5.0, **COMMON}),
    }
)
REPLICATES = MappingProxyType({"threshold": 6.0, "window": 25})
FEWEST_POINTS = 5
SPREAD_OF_REPEATS = 1.5  # differences of true repeats spread as their noise; half as much again is another spectrum


@dataclass(frozen=True, slots=True, eq=False)
class Despiked(FrozenArrays):
    """Ordinates without spikes, and which points were replaced.

    Attributes
    ----------
    converged : whether the last pass over every row found nothing more
    curve, y : (n,) or (rows, n) ordinates after and before
    replaced : shaped as ``y``, True where a point was replaced
    spectrum : the new spectrum, where one was given
    """

    converged: bool
    n_iterations: int
    method: str
    curve: FloatArray
    x: FloatArray
    y: FloatArray
    x_unit: str
    replaced: NDArray[np.bool_]
    options: dict[str, Any]
    diagnostics: tuple[Diagnostic, ...]
    spectrum: Spectrum | None = None

    @property
    def indices(self) -> NDArray[np.intp]:
        """(k,) replaced points; (k, 2) rows and points of a batch."""
        found = np.argwhere(self.replaced)
        return found[:, 0] if self.replaced.ndim == 1 else found

    @property
    def old(self) -> FloatArray:
        """(k,) ordinates that were replaced."""
        return self.y[self.replaced]

    @property
    def new(self) -> FloatArray:
        """(k,) ordinates that replaced them."""
        return self.curve[self.replaced]

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "converged": self.converged,
            "n_iterations": self.n_iterations,
            "method": self.method,
            "x_unit": self.x_unit,
            "indices": self.indices.tolist(),
            "old": self.old.tolist(),
            "new": self.new.tolist(),
            "options": dict(self.options),
            "diagnostics": [note.to_dict() for note in self.diagnostics],
        }

    def _repr_html_(self) -> str:
        return f"<p>{self.method}: {np.count_nonzero(self.replaced)} of {self.replaced.size} points replaced</p>"


def despiked(given: Given, method: str, options: dict[str, Any]) -> Despiked:
    """Despike checked rows."""
    if method not in DESPIKING:
        raise OptionError(f"despiking method {method!r} is not one of {', '.join(DESPIKING)}")
    used = filled(method, DESPIKING[method], options)
    if given.x.size < FEWEST_POINTS:
        raise InvalidSpectrum(f"{given.x.size} points; despiking needs at least {FEWEST_POINTS}", where="y")
    curve, rows, converged, passes = _core.despike(
        given.y.reshape(-1), given.x, given.flat_sigma(), method, used, given.threads
    )
    return _recorded(
        given, curve, rows, method=method, used=used, converged=all(converged), passes=max(passes, default=0)
    )


def _recorded(
    given: Given, curve: FloatArray, rows: list[list[int]], *, method: str, used: dict[str, Any], converged: bool,
    passes: int, notes: tuple[Diagnostic, ...] = (),
) -> Despiked:  # fmt: skip
    replaced = np.zeros((len(rows), given.x.size), dtype=bool)
    for marks, row in zip(replaced, rows, strict=True):
        marks[row] = True
    count = int(np.count_nonzero(replaced))
    found = Diagnostic.of("spikes_replaced", value=count) if count else Diagnostic.of("no_spikes")
    if not converged:
        detail = f"despiking still found points in pass {passes}"
        notes = (*notes, Diagnostic.of("not_converged", where=method, value=passes, detail=detail))
    return Despiked(
        converged, passes, method, curve.reshape(given.y.shape), given.x, given.y, given.x_unit,
        replaced.reshape(given.y.shape), used, (*notes, found),
    )  # fmt: skip


def despike(spectrum: Spectrum, method: str = "whitaker_hayes", **options: Any) -> Despiked:
    """Find and replace spikes of one to a few points; lines three points wide or more are left alone.

    Parameters
    ----------
    method
        ``whitaker_hayes``: the modified z-score of the differenced spectrum, here relative to the standard deviation of
        each point and taken over both edges of a spike; a straight line through the neighbours replaces it.
        ``median``: the height above the median of the neighbours, which replaces it.
    **options
        ``threshold`` (5; the paper's z-score is of one edge and needs 6), ``window`` (neighbours on either side),
        ``max_width`` (points of a spike found at once), ``max_iterations`` (passes; wider ones are eaten from inside),
        ``fwhm`` (full width of the narrowest line in units of the axis; None: three steps). What is proposed is
        replaced only where it is sharper than a Gaussian or Lorentzian line of that width by three standard deviations.
        Three points wide, a spike and such a line look alike up to about ten standard deviations: giving the true
        ``fwhm`` finds more.

    Returns
    -------
    Despiked
        ``spectrum`` (the new one), ``indices``, ``old``, ``new``; the diagnostic ``no_spikes`` where nothing was found.

    Raises
    ------
    OptionError
        An unknown method or option, or a value outside its meaning.
    InvalidSpectrum
        Fewer than five points.

    References
    ----------
    Whitaker and Hayes, Chemom. Intell. Lab. Syst. 179 (2018) 82.
    """
    sigma, remarks = sigma_or_estimate(spectrum)
    result = despiked(Given(spectrum.y, spectrum.x, spectrum.x_unit, sigma=sigma), method, options)
    return _with_spectrum(result, spectrum, "despike", remarks)


def despike_replicates(scans: Sequence[Spectrum], **options: Any) -> tuple[Despiked, ...]:
    """Find spikes as what one scan has and its repeats on the same axis have not; one result a scan.

    A spike may be of any width, but one that stands at the same point in half of the scans is not seen. Slow drift
    between the scans is allowed for.

    Parameters
    ----------
    scans
        At least two scans of one specimen under the same conditions.
    **options
        ``threshold`` (6 standard deviations of the difference: counting noise of the lower scan where ordinates are
        counts), ``window`` (points on either side whose median difference is the drift).

    Raises
    ------
    InvalidSpectrum
        Fewer than two scans, or different axes.
    OptionError
        An unknown option, or a value outside its meaning.
    """
    if len(scans) < 2:
        raise InvalidSpectrum(f"{len(scans)} scans; a comparison needs at least two", where="scans")
    x = scans[0].x
    for number, scan in enumerate(scans):
        if scan.x.shape != x.shape or not np.allclose(scan.x, x, rtol=0.0, atol=0.1 * scans[0].step_median):
            raise InvalidSpectrum("its positions differ from those of the first scan", where=f"scans[{number}]")
    used = filled("despike_replicates", REPLICATES, options)
    noise = [sigma_or_estimate(scan) for scan in scans]
    y, sigma = np.concatenate([scan.y for scan in scans]), np.concatenate([sigma for sigma, _ in noise])
    curves, rows, spreads = _core.despike_replicates(y, sigma, x.size, used["threshold"], used["window"])
    results = []
    for scan, (own, remarks), curve, row, spread in zip(
        scans, noise, curves.reshape(len(scans), -1), rows, spreads, strict=True
    ):
        differ = Diagnostic.of("replicates_differ", where=scan.name or None, value=spread)
        notes = (differ,) if spread > SPREAD_OF_REPEATS else ()
        given = Given(scan.y, scan.x, scan.x_unit, sigma=own)
        result = _recorded(given, curve, [row], method="replicates", used=used, converged=True, passes=1, notes=notes)
        results.append(_with_spectrum(result, scan, "despike_replicates", remarks))
    return tuple(results)


def _with_spectrum(result: Despiked, old: Spectrum, verb: str, remarks: tuple[Diagnostic, ...]) -> Despiked:
    """The result with the new spectrum; a replaced point's standard deviation is that of its neighbours."""
    sigma = old.sigma
    if sigma is not None and result.replaced.any() and not result.replaced.all():
        good = ~result.replaced
        sigma = np.where(good, sigma, np.interp(old.x, old.x[good], sigma[good]))
    step = Step(verb, {"method": result.method, **result.options, "replaced": result.indices.tolist()})
    notes = (*remarks, *result.diagnostics)
    new = old.with_step(step, y=result.curve, sigma=sigma, diagnostics=(*old.diagnostics, *notes))
    return replace(result, diagnostics=notes, spectrum=new)
