"""The background of a spectrum: estimated, kept with how it was got, and subtracted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.arrays import FloatArray, FrozenArrays, frozen
from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum
from braggite.noise import sigma_or_estimate
from braggite.preprocessing.automatic import options_and_notes
from braggite.preprocessing.masking import FEWEST_POINTS, Masking, curves
from braggite.preprocessing.method import Rows
from braggite.preprocessing.methods import method_named
from braggite.preprocessing.options import resolved
from braggite.spectrum import Spectrum, Step
from braggite.techniques import technique_named
from braggite.values import finite

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Background(FrozenArrays):
    """A background and whether its iteration may be believed.

    Attributes
    ----------
    converged : whether every row converged
    n_iterations : passes made (the most of all rows)
    curve : (n,) background in the unit of ``y``; (rows, n) for a batch
    x, y : what it was estimated from, shaped (n,) and as ``curve``
    options : every option as used
    rows_converged, rows_iterations, rows_tolerance : the same per row
    fitted : parameters the method fitted or was given, one value a row (Tougaard: ``B`` and ``C``)
    clipped : shaped as ``curve``, True where a method that clips (chebyshev) left a point out; None for the others
    """

    converged: bool
    n_iterations: int
    method: str
    curve: FloatArray
    x: FloatArray
    y: FloatArray
    x_unit: str
    options: dict[str, Any]
    diagnostics: tuple[Diagnostic, ...]
    rows_converged: tuple[bool, ...]
    rows_iterations: tuple[int, ...]
    rows_tolerance: tuple[float, ...]
    fitted: dict[str, tuple[float, ...]] = field(default_factory=dict)
    clipped: NDArray[np.bool_] | None = None

    @property
    def net(self) -> FloatArray:
        """What is left of ``y``."""
        return frozen(self.y - self.curve)

    def to_dict(self) -> dict[str, Any]:
        """The body of a ``background`` document."""
        return {
            "converged": self.converged,
            "n_iterations": self.n_iterations,
            "method": self.method,
            "final_tolerance": finite(max(self.rows_tolerance)),
            "x": self.x.tolist(),
            "x_unit": self.x_unit,
            "y": self.y.tolist(),
            "background": self.curve.tolist(),
            "fitted": {name: [finite(value) for value in values] for name, values in self.fitted.items()},
            "clipped": None if self.clipped is None else self.clipped.tolist(),
            "options": dict(self.options),
            "diagnostics": [note.to_dict() for note in self.diagnostics],
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the data and the background under them."""
        import matplotlib.pyplot as plt

        if ax is None:
            ax = plt.subplots()[1]
        for y, curve in zip(np.atleast_2d(self.y), np.atleast_2d(self.curve), strict=True):
            (line,) = ax.plot(self.x, y, linewidth=0.8, alpha=0.7)
            ax.plot(self.x, curve, color=line.get_color(), linewidth=1.5)
        ax.set_xlabel(self.x_unit)
        ax.set_title(f"{self.method}{'' if self.converged else ' (not converged)'}")
        return ax

    def _repr_html_(self) -> str:
        state = "converged" if self.converged else "<b>not converged</b>"
        return f"<p>{self.method} background of {self.x.size} points, {state} after {self.n_iterations} passes</p>"


def estimated(
    y: FloatArray, x: FloatArray, method: str, given: dict[str, Any], *, x_unit: str, threads: int = 1
) -> Background:
    """The background of checked (n,) or (rows, n) ordinates; ``weights`` and ``mask`` may stand among ``given``.

    ``y`` and ``x`` become part of the result: nobody can write to them any more.
    """
    chosen = method_named(method)
    if x.size < FEWEST_POINTS:
        raise InvalidSpectrum(f"{x.size} points; a background needs at least {FEWEST_POINTS}", where="y")
    masking = Masking(given.pop("weights", None), given.pop("mask", None))
    step = float((x[-1] - x[0]) / (x.size - 1))
    rows = Rows(y.reshape(-1), x, masking.factors(x.size, chosen), step, threads)
    options = resolved(chosen, given, rows)
    result = curves(chosen, rows, options)
    converged, most = all(result.converged), max(result.iterations, default=0)
    curve = result.curve.reshape(y.shape)
    for array in (curve, x, y):
        array.flags.writeable = False  # what is frozen already need not be copied
    more, notes = options_and_notes(result.choices, batch=y.ndim == 2)
    if not converged:
        notes = (*notes, Diagnostic.of("background_not_converged", where=method, value=most))
    return Background(
        converged=converged,
        n_iterations=most,
        method=method,
        curve=curve,
        x=x,
        y=y,
        x_unit=x_unit,
        options={**options, **more},
        diagnostics=notes,
        rows_converged=tuple(result.converged),
        rows_iterations=tuple(result.iterations),
        rows_tolerance=tuple(result.tolerance),
        fitted={name: tuple(values) for name, values in result.fitted.items()},
        clipped=None if result.clipped is None else result.clipped.reshape(y.shape),
    )


def estimate_background(spectrum: Spectrum, method: str | None = None, **options: Any) -> Background:
    """The background under a spectrum.

    Parameters
    ----------
    method
        By penalised least squares ``asls``, ``airpls``, ``arpls``, ``iasls``, ``drpls``, ``iarpls``, ``aspls``,
        ``psalsa``, ``derpsalsa``, on B-splines ``pspline_asls``, ``pspline_arpls``; by windows ``snip``, ``tophat``,
        ``mor``, ``imor``, ``rolling_ball``, ``bruckner``; by nodes ``sonneveld_visser``; polynomials ``modpoly``,
        ``imodpoly``, ``chebyshev``; bands ``rubberband``, ``concave_rubberband``; for photoelectron regions ``linear``,
        ``shirley``, ``smart`` (Shirley's, never above the data), ``tougaard_u2``, ``tougaard_u3`` or ``tougaard_u4``.
        ``auto`` takes arPLS or asPLS with the stiffness at which the curve depends on it least, or a softer iarPLS
        where peaks are crowded; the diagnostic ``background_chosen`` and the resolved options (``chosen``,
        ``stiffness_width``, ``reason``) say what was taken and why. None takes the technique's, with the technique's
        options. docs/backgrounds.md says what each is for.
    **options
        Stiffness: ``lam`` (the literature's number), ``half_window`` or ``interval`` (in mean steps), or, the same for
        any step, ``stiffness_width`` in units of the axis. For ``lam`` it is the period P of a wave of which half
        passes into the background, ``lam = (P / (2 pi step))**4``; for windows their full width; for nodes their
        distance. Raising any stiffens the curve; structure much narrower stays in the spectrum.
        Iteration: ``max_iterations``, ``tol``; ``iterations`` where exactly so many are made.
        Penalised: ``p``; iasls ``lam_1`` (penalty on steps of the residual), drpls ``eta`` (0 to 1: how much full
        weight loosens the curve), aspls ``asymmetric_coef`` (steepness of its weights), psalsa and derpsalsa ``k``
        (height that counts as peak; None: a tenth of the standard deviation), derpsalsa ``smooth_half_window`` in
        points (None: 1/200 of them) and ``num_smooths``; splines ``num_knots``, ``spline_degree``, ``diff_order``.
        Windows and nodes: SNIP ``decreasing``, ``lls``; rolling_ball ``smooth_half_window`` (None: as ``half_window``);
        sonneveld_visser ``curvature``, the height above the line between its neighbours that a node keeps, in the unit
        of the ordinates. Polynomials ``poly_order``, ``num_std`` (deviations above the curve at which the spectrum is
        cut), chebyshev ``num_std_below`` too. concave_rubberband ``baseline_points``: ranges whose lowest points may
        carry the band.
        Regions: ``end_points`` averaged at either end; Shirley ``tol`` is a share of the step; Tougaard the loss
        function ``B T / (C + T^2)^2`` (u2), ``B T / ((C - T^2)^2 + D T^2)`` (u3), zero up to ``T0`` (u4), in squares of
        the axis unit. ``B=None`` or ``C=None`` is fitted where nothing but background is left: from ``fit_from`` on,
        else (B only) at the last ``end_points``; what was used stands in ``fitted``. ``kinetic=True`` for an axis that
        ascends in kinetic energy.
        ``weights`` (n,) multiplies every pass's weights; ``mask`` (n,) is True where a point is left out: windows,
        nodes, bands and regions run straight across it, SNIP takes neither.

    Raises
    ------
    OptionError
        An unknown method or option, or a value outside its meaning.
    InvalidSpectrum
        Fewer than four points (outside the mask).

    References
    ----------
    Eilers, Anal. Chem. 76 (2004) 404; Zhang et al., Analyst 135 (2010) 1138; He et al., Anal. Methods 6 (2014) 4402;
    Oller-Moreno et al., IEEE SSD (2014) 1; Baek et al., Analyst 140 (2015) 250; Eilers et al., SORT 39 (2015) 149; Xu
    et al., Appl. Opt. 58 (2019) 3913; Ye et al., Appl. Opt. 59 (2020) 10933; Zhang et al., Spectrosc. Lett. 53 (2020)
    222; Korepanov, J. Raman Spectrosc. 51 (2020) 2061; Ryan et al., Nucl. Instrum. Methods B 34 (1988) 396; Morhac et
    al., Nucl. Instrum. Methods A 401 (1997) 113; Kneen and Annegarn, Nucl. Instrum. Methods B 109 (1996) 209;
    Perez-Pueyo et al., Appl. Spectrosc. 64 (2010) 595; Dai et al., Appl. Spectrosc. 72 (2018) 731; Sonneveld and
    Visser, J. Appl. Crystallogr. 8 (1975) 1; Bruckner, J. Appl. Crystallogr. 33 (2000) 977; Shirley, Phys. Rev. B 5
    (1972) 4709; Proctor and Sherwood, Anal. Chem. 54 (1982) 13; Vegh, J. Electron Spectrosc. 151 (2006) 159;
    Tougaard, Surf. Sci. 216 (1989) 343; Surf. Interface Anal. 25 (1997) 137; Lieber and Mahadevan-Jansen, Appl.
    Spectrosc. 57 (2003) 1363; Zhao et al., Appl. Spectrosc. 61 (2007) 1225; Andrew, Inf. Process. Lett. 9 (1979) 216;
    Pirzer and Sawatzki, US patent 7,359,815 (2008).
    """
    technique = technique_named(spectrum.technique)
    method = method or technique.default_background(float(spectrum.x[-1] - spectrum.x[0]))
    defaults = technique.options_of(method)
    named = {*options, "stiffness_width"} if method_named(method).stiffness in options else set(options)
    options = {**{k: v for k, v in defaults.items() if k not in named}, **options}
    return estimated(spectrum.y, spectrum.x, method, options, x_unit=spectrum.x_unit)


def subtract_background(spectrum: Spectrum, method: str | None = None, **options: Any) -> Spectrum:
    """The spectrum without its background; options and errors as :func:`estimate_background`.

    Where the standard deviations of the ordinates were not known they are set from the raw ones first (square roots
    of counts, else an estimate), because nothing in the net spectrum tells them any more.
    """
    background = estimate_background(spectrum, method, **options)
    sigma, remarks = sigma_or_estimate(spectrum)
    step = Step(
        "subtract_background",
        {"method": background.method, **background.options, "converged": background.converged,
         "n_iterations": background.n_iterations},
    )  # fmt: skip
    notes = (*spectrum.diagnostics, *remarks, *background.diagnostics)
    return spectrum.with_step(step, y=background.net, sigma=sigma, counts=False, diagnostics=notes)
