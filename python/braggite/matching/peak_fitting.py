"""Fit peaks: from a spectrum and what is said of its peaks to positions, areas and widths with uncertainties."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite import _core
from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum, OptionError
from braggite.matching.peak_background import FitBackground, fit_background
from braggite.matching.peak_model import Axis, PeakModel, Unknown, peak_model
from braggite.matching.peak_results import PeakFit
from braggite.matching.peak_spec import PeakSpec, peak_specs
from braggite.noise import sigma_or_estimate
from braggite.peaks import find_peaks
from braggite.preprocessing import estimate_background
from braggite.techniques import technique_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from braggite.arrays import FloatArray
    from braggite.spectrum import Spectrum

MAX_ITERATIONS = 200
RELATIVE_TOLERANCE = 1e-12
TAIL = 0.0
LARGEST_RATE = 100.0
"""Largest rise of an active background per signal, in reciprocal lengths of the range."""


@dataclass(frozen=True, slots=True)
class FitOptions:
    """How a fit is run; every value as used stands in ``PeakFit.options``.

    Attributes
    ----------
    shape, background : of all peaks that name no other, and under them
    shared : shape parameters that all peaks have in common
    shift : bounds of a shift common to all positions, or None
    max_iterations, tol : steps at most; a step that lowers chi-square by less than this share of it is the last
    tail : share of its maximum to which a peak is followed; 0 follows it everywhere
    """

    shape: str = "pseudo_voigt"
    background: Any = "linear"
    shared: Sequence[str] = ()
    shift: tuple[float, float] | None = None
    max_iterations: int = MAX_ITERATIONS
    tol: float = RELATIVE_TOLERANCE
    tail: float = TAIL

    def __post_init__(self) -> None:
        for name, low, high in (("tol", 0.0, 1.0), ("tail", 0.0, 0.5)):
            value = getattr(self, name)
            if not (isinstance(value, int | float) and low <= value <= high):
                raise OptionError(f"option {name} = {value!r}: must be {low:g} to {high:g}", where=name)
        if not (isinstance(self.max_iterations, int) and self.max_iterations >= 1):
            raise OptionError(f"option max_iterations = {self.max_iterations!r}: must be at least 1")

    def to_dict(self) -> dict[str, Any]:
        """Plain types; a fixed background is named, not repeated."""
        named = self.background is None or isinstance(self.background, str | int)
        return {
            "shape": self.shape,
            "background": self.background if named else "fixed",
            "shared": list(self.shared),
            "shift": None if self.shift is None else list(self.shift),
            "max_iterations": self.max_iterations,
            "tol": self.tol,
            "tail": self.tail,
        }


def fit_peaks(
    spectrum: Spectrum, peaks: Iterable[Any] | None = None, *, shape: str | None = None, background: Any = "default",
    shared: Sequence[str] = (), shift: tuple[float, float] | None = None, max_iterations: int = MAX_ITERATIONS,
    tol: float = RELATIVE_TOLERANCE, tail: float = TAIL,
) -> PeakFit:  # fmt: skip
    """Fit peaks, bands or core levels freely.

    Parameters
    ----------
    peaks
        A :class:`PeakList`, positions, or a list of mappings, :class:`PeakSpec` and :func:`doublet` in any mixture;
        None finds them.
    shape
        Line shape of all peaks that name no other; None takes the technique's.
    background
        ``"none"``, ``"constant"``, ``"linear"``, a whole number (order of a Chebyshev polynomial), ``"shirley"``
        (constant plus a free multiple of the running integral of the peaks, fitted with them), (n,) values held fixed,
        (m, n) curves with a free coefficient each, or ``"estimated"`` (the technique's background held fixed).
        ``"default"`` takes the technique's.
    shared
        Shape parameters that all peaks have in common, such as ``("fwhm",)``.
    shift
        Bounds of a shift common to all positions; each then needs a prior, or cannot be told from it.
    max_iterations, tol
        Steps at most; a step that lowers chi-square by less than the share ``tol`` is the last.
    tail
        Share of its maximum to which a peak is followed. 0 follows it everywhere; anything above leaves out tails.

    Returns
    -------
    PeakFit
        Not converged is a result that says so. Standard uncertainties are multiplied by the root of the reduced
        chi-square where the noise was not known, and where it was known but the misfit is larger than it.

    Raises
    ------
    OptionError
        No peak, one outside the range, an unknown shape, number or background, ties in a circle.
    InvalidSpectrum
        Fewer points than unknowns.

    References
    ----------
    Golub and Pereyra, SIAM J. Numer. Anal. 10 (1973) 413; Kaufman, BIT 15 (1975) 49; Nielsen, IMM-REP-1999-05.
    Active Shirley background: Herrera-Gomez et al., Surf. Interface Anal. 46 (2014) 897.
    """
    technique = technique_named(spectrum.technique)
    notes: tuple[Diagnostic, ...] = ()
    if peaks is None:
        peaks = find_peaks(spectrum)
        notes = peaks.diagnostics
    if isinstance(background, str) and background == "default":
        background = technique.default_fit_background(float(spectrum.x[-1] - spectrum.x[0]))
    estimated = isinstance(background, str) and background == "estimated"
    if estimated:
        background = estimate_background(spectrum).curve
    sigma, remarks = sigma_or_estimate(spectrum)
    options = FitOptions(
        shape or technique.fit_shape, background, shared, shift, max_iterations, tol, tail,
    )  # fmt: skip
    weight = 1.0 / np.square(sigma)
    known = not remarks and all(note.code != "sigma_unknown" for note in spectrum.diagnostics)
    notes = (*notes, *(note for note in remarks if note not in notes))
    said = {"background": "estimated"} if estimated else {}
    data = FitData(spectrum.x, spectrum.y, weight, known, spectrum.x_unit, notes, said)
    return fitted(data, peak_specs(peaks), options)


@dataclass(frozen=True, slots=True, eq=False)
class FitData:
    """Checked columns to fit.

    Attributes
    ----------
    x, y, weight : (n,) positions, ordinates, and one over the variance (0: left out)
    known : whether ``weight`` is that, or only relative
    said : options to echo otherwise than they were used
    """

    x: FloatArray
    y: FloatArray
    weight: FloatArray
    known: bool
    unit: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    said: dict[str, Any] = field(default_factory=dict)


def fitted(data: FitData, specs: Sequence[PeakSpec], options: FitOptions) -> PeakFit:
    """The fit of checked columns."""
    return fitted_rows((data,), specs, options)[0]


def fitted_rows(
    rows: Sequence[FitData], specs: Sequence[PeakSpec], options: FitOptions, *, threads: int = 1
) -> list[PeakFit]:
    """The fits of the same peaks to rows of checked columns over one ``x``, in order."""
    if not specs:
        raise OptionError("no peak to fit", where="peaks", suggestion="give positions, or lower the threshold")
    if not rows:
        return []
    x = rows[0].x
    if x.size < 2:
        raise InvalidSpectrum(f"{x.size} points; a fit needs at least 2", where="y")
    under = fit_background(options.background, x)
    axis = Axis(float(x[0]), float(x[-1]), float((x[-1] - x[0]) / (x.size - 1)))
    nets = [row.y if under.fixed is None else row.y - under.fixed for row in rows]
    models = [
        peak_model(
            specs, _widths(x, net, specs), axis, shape=options.shape, shared=options.shared, shift=options.shift
        )
        for net in nets
    ]  # fmt: skip
    cores = [_core_model(model, under, x, net, axis) for model, net in zip(models, nets, strict=True)]
    views = _core.fit_peaks(
        cores, x, np.concatenate(nets), np.concatenate([row.weight for row in rows]), list(under.columns), options.tail,
        options.max_iterations, options.tol, threads,
    )  # fmt: skip
    return [
        _result(view, model, under, data, options) for view, model, data in zip(views, models, rows, strict=True)
    ]  # fmt: skip


def _core_model(
    model: PeakModel, under: FitBackground, x: FloatArray, net: FloatArray, axis: Axis
) -> _core.PeakModel:  # fmt: skip
    """The model as the core takes it, with the rate of an active background."""
    unknowns = [unknown.row() for unknown in model.unknowns]
    if under.active:
        unknowns.append(_rate(x, net, axis).row())
    free = [*(not negative for negative in model.negative), *(False for _ in under.columns)]
    lines = [
        (peak.shape, peak.linear, peak.factor, [(form.constant, list(form.terms)) for form in peak.numbers.values()])
        for peak in model.peaks
    ]
    return _core.PeakModel(lines, unknowns, free, len(unknowns) - 1 if under.active else None)


def _widths(x: FloatArray, y: FloatArray, specs: Sequence[PeakSpec]) -> list[float]:
    """Full width each peak starts with: the one given, else measured."""
    positions = np.array([spec.position for spec in specs])
    rough = np.empty(positions.size)
    if any(spec.fwhm is None for spec in specs):
        order = np.argsort(positions, kind="stable")
        rough[order] = _core.rough_fwhm(x, y, positions[order])
    widths = [float(measured if spec.fwhm is None else spec.fwhm) for spec, measured in zip(specs, rough, strict=True)]
    for spec, width in zip(specs, widths, strict=True):
        if not (math.isfinite(width) and width > 0):
            raise OptionError(f"option fwhm = {width} of the peak at {spec.position:g}: must be above 0", where="peaks")
    return widths


def _rate(x: FloatArray, y: FloatArray, axis: Axis) -> Unknown:
    """Rise of an active background per integrated signal, started from the step between the ends."""
    ends = max(1, min(5, x.size // 10))
    low, high = float(np.mean(y[:ends])), float(np.mean(y[-ends:]))
    line = low + (high - low) * (x - x[0]) / axis.extent
    area = float(np.trapezoid(np.maximum(y - line, 0.0), x))
    largest = LARGEST_RATE / axis.extent
    start = (high - low) / area if area > 0 else 0.0
    return Unknown("shirley_rate", min(max(start, 0.0), largest), 0.0, largest)


def _result(
    view: _core.PeakFitView, model: PeakModel, under: FitBackground, data: FitData, options: FitOptions
) -> PeakFit:
    chi2, iterations, stop = view.outcome
    rate = ["shirley_rate"] if under.active else []
    names = (*(unknown.name for unknown in model.unknowns), *rate, *model.areas, *under.names())
    standing = view.standing
    n_free = standing.count("determined")
    n_points = int(np.count_nonzero(data.weight))
    reduced = chi2 / (n_points - n_free) if n_points > n_free else math.nan
    scale = _su_scale(reduced, data.known)
    curve, background = view.curves
    fixed = 0.0 if under.fixed is None else under.fixed
    at_bound = tuple(name for name, word in zip(names, standing, strict=True) if word == "held")
    undetermined = tuple(name for name, word in zip(names, standing, strict=True) if word == "undetermined")
    converged = stop == "converged"
    quantities = {"area": view.area, "height": view.height, "fwhm": view.fwhm, "position": view.number(0)}
    return PeakFit(
        converged=converged,
        stop_reason=stop,
        at_bound=at_bound,
        undetermined=undetermined,
        **{name: values for name, (values, _) in quantities.items()},
        **{f"{name}_su": su * scale for name, (_, su) in quantities.items()},
        parameters=_parameters(view, model, scale),
        chi2=chi2,
        chi2_reduced=reduced,
        n_points=n_points,
        n_free=n_free,
        n_iterations=iterations,
        su_scaled=scale != 1.0,
        su_scale=scale,
        names=names,
        values=np.concatenate([view.theta, view.linear]),
        covariance=_covariance(view, standing, scale),
        x=data.x,
        y=data.y,
        weight=data.weight,
        curve=curve + fixed,
        background=background + fixed,
        unit=data.unit,
        model=model,
        model_background=under,
        options=options.to_dict() | data.said,
        diagnostics=(*data.diagnostics, *_notes(converged, stop, at_bound, undetermined, scale)),
    )


def _su_scale(reduced: float, known: bool) -> float:
    if not math.isfinite(reduced) or reduced <= 0:
        return 1.0
    return max(1.0, math.sqrt(reduced)) if known else math.sqrt(reduced)


def _covariance(view: _core.PeakFitView, standing: list[str], scale: float) -> FloatArray:
    covariance = view.covariance()
    if scale != 1.0:
        covariance *= scale**2
    without = np.array([word != "determined" for word in standing], dtype=bool)
    if without.any():
        covariance[without, :] = np.nan
        covariance[:, without] = np.nan
    covariance.flags.writeable = False
    return covariance


def _parameters(view: _core.PeakFitView, model: PeakModel, scale: float) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Shape parameters by name over all peaks."""
    alike: dict[tuple[str, ...], list[int]] = {}
    for i, peak in enumerate(model.peaks):
        alike.setdefault(tuple(peak.numbers), []).append(i)
    columns = [view.number(index) for index in range(1, max(map(len, alike)))]
    table: dict[str, tuple[FloatArray, FloatArray]] = {}
    for names, having in alike.items():
        for name, (values, su) in zip(names[1:], columns, strict=False):
            if name not in table:
                table[name] = np.full(values.size, np.nan), np.full(values.size, np.nan)
            table[name][0][having], table[name][1][having] = values[having], su[having] * scale
    return table


def _notes(
    converged: bool, stop: str, at_bound: tuple[str, ...], undetermined: tuple[str, ...], scale: float
) -> list[Diagnostic]:
    notes = []
    if not converged:
        notes.append(Diagnostic.of("not_converged", value=stop))
    if at_bound:
        notes.append(Diagnostic.of("at_bound", value=list(at_bound), detail=f"at a bound: {', '.join(at_bound)}"))
    if undetermined:
        notes.append(
            Diagnostic.of(
                "not_determined", value=list(undetermined),
                detail=f"the data cannot tell apart: {', '.join(undetermined)}",
                suggestion="leave a peak out, tie or fix a number",
            )
        )  # fmt: skip
    if scale != 1.0:
        notes.append(Diagnostic.of("uncertainty_scaled", value=scale))
    return notes
