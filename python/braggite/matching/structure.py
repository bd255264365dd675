"""Match named phases with their intensities tied to structure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite import _core
from braggite.diagnostics import Diagnostic
from braggite.errors import OptionError
from braggite.matching.anisotropic_strain import follow_directions
from braggite.matching.displacement_factors import by_element, parameter_name, untold
from braggite.matching.doubt import with_doubts
from braggite.matching.ghost_shares import with_ghosts
from braggite.matching.internal_standard import on_total, refuse_absent_standard
from braggite.matching.microabsorption import with_microabsorption
from braggite.matching.microstructure import microstructure
from braggite.matching.options import OF_A_MATCH, MatchOptions, on_background
from braggite.matching.phases import match_phase, structure_of
from braggite.matching.results import (
    CELL_NAMES,
    FitParameter,
    FitStatistics,
    MatchResult,
    PhaseFit,
    Reflections,
)
from braggite.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from braggite.arrays import FloatArray
    from braggite.matching.pattern import EnginePattern
    from braggite.references.phase import Phase
    from braggite.spectrum import Spectrum

STRAIN_UNIT = "1e-12 angstrom-4"
"""Of the terms S_HKL of anisotropic strain, which multiply the plain monomials."""
SHIFTS = ("zero_deg", "displacement_mm", "displacement_along_mm", "displacement_across_mm")
"""Shifts that have two signs: one at its bound did not find its place."""
UNITS = {
    "zero_deg": "deg",
    "displacement_mm": "mm",
    "displacement_along_mm": "mm",
    "displacement_across_mm": "mm",
    "transparency_mm": "mm",
    "axial_ratio": "1",
    "gauss_u_deg2": "deg2",
    "gauss_v_deg2": "deg2",
    "gauss_w_deg2": "deg2",
    "lorentz_x_deg": "deg",
    "lorentz_y_deg": "deg",
    "size_width_deg": "deg",
    "strain_width_deg": "deg",
    "delta_b_angstrom2": "angstrom2",
    "log_march": "1",
}


def match_structure(spectrum: Spectrum, phases: Sequence[Phase], *, options: MatchOptions | None = None) -> MatchResult:
    """Fit the whole pattern with the named phases, intensities tied to their structures.

    Parameters
    ----------
    spectrum
        A powder diffraction pattern with its wavelength.
    phases
        Phases with structures; each gets a scale (not negative), a cell within its tolerance, widths, a change of B.
    options
        Defaults of :class:`MatchOptions`.

    Returns
    -------
    MatchResult
        Weight fractions are those of the crystalline part (Hill & Howard, J. Appl. Cryst. 20 (1987) 467).

    Raises
    ------
    OptionError
        No phase given, one given twice, or the spectrum is no diffraction pattern.
    LibraryError
        A phase without structure or without a line in the range.
    """
    options = on_background(options or MatchOptions(), OF_A_MATCH)
    options.refuse(["strength_sd"], "a match tied to structures")
    refuse_names(phases, options)
    return with_doubts(with_ghosts(spectrum, options, lambda pattern: _settled(pattern, phases, options)))


def _settled(pattern: EnginePattern, phases: Sequence[Phase], options: MatchOptions) -> MatchResult:
    wavelength, shortest = pattern.radiation.wavelength_angstrom, pattern.shortest_angstrom
    views = [
        by_element(
            match_phase(phase, wavelength, pattern.range_deg, shortest_angstrom=shortest), phase, wavelength, options
        )
        for phase in phases
    ]
    views, state = _core.settle_phases(
        pattern.core, views, pattern.prior, least_gain=options.texture_gain, discrepancy=options.start_discrepancy
    )

    def fit(views: Sequence[_core.MatchPhase], state: _core.EngineState) -> _core.PatternMatchView:
        return _fit(pattern, views, options, state)

    core, strained, remarks = follow_directions(fit(views, state), phases, views, options, fit)
    return result(pattern, phases, strained, core, options, remarks=(*remarks, *untold(core, phases, options)))


def refuse_names(phases: Sequence[Phase], options: MatchOptions) -> None:
    """``OptionError`` for no phase, for two of one name (their numbers could not be told apart), or no standard."""
    if not phases:
        raise OptionError("no phase to match")
    if options.internal_standard is not None:
        refuse_absent_standard(phases, options.internal_standard[0])
    names = [phase.name for phase in phases]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise OptionError(
            f"phase {repeated} is given twice", where=repeated, suggestion="give other structures other names"
        )


def fitted(
    pattern: EnginePattern,
    phases: Sequence[Phase],
    views: Sequence[_core.MatchPhase],
    options: MatchOptions,
    *,
    state: _core.EngineState | None = None,
) -> MatchResult:
    """Fit a prepared pattern, from ``state`` where a search already found one."""
    return result(pattern, phases, views, _fit(pattern, views, options, state), options)


def _fit(
    pattern: EnginePattern,
    views: Sequence[_core.MatchPhase],
    options: MatchOptions,
    state: _core.EngineState | None,
) -> _core.PatternMatchView:
    return _core.match_structure(
        pattern.core,
        list(views),
        pattern.prior,
        state=state,
        start_discrepancy=options.start_discrepancy,
        discrepancy=options.discrepancy,
        max_iterations=options.max_iterations,
        relative_tolerance=options.relative_tolerance,
    )


def result(
    pattern: EnginePattern,
    phases: Sequence[Phase],
    views: Sequence[_core.MatchPhase],
    core: _core.PatternMatchView,
    options: MatchOptions,
    *,
    remarks: Sequence[Diagnostic] = (),
) -> MatchResult:
    """The match as users meet it."""
    stop_reason, _ = core.stop
    rwp, rp, rexp, gof, durbin_watson, _, n_points, n_free = core.statistics
    parameters, at_bound = _parameters(pattern, phases, views, core)
    notes = [Diagnostic.of("at_bound", where=name) for name in at_bound]
    if stop_reason != "converged":
        notes.append(Diagnostic.of("not_converged", value=stop_reason))
    notes += [
        Diagnostic.of("reference_estimated", where=phase.name, detail=phase.caveat) for phase in phases if phase.caveat
    ]
    fits = tuple(_phase_fit(*entry) for entry in zip(phases, views, core.phases, strict=True))
    fits = tuple(_with_microstructure(fit, parameters, pattern, options) for fit in fits)
    if options.instrument is None and any(name.endswith(".size_width_deg") for name in parameters):
        notes.append(Diagnostic.of("size_needs_instrument"))
    free = (fit for fit in fits if f"{fit.name}.scale" not in parameters)
    notes += [_shared_out(fit) for fit in free if not fit.reflections.resolved.all()]
    fits, grains = with_microabsorption(fits, phases, pattern, options)
    match = MatchResult(
        converged=stop_reason == "converged",
        stop_reason=stop_reason,
        at_bound=at_bound,
        statistics=FitStatistics(rwp, rp, rexp, gof, n_points, n_free, durbin_watson),
        phases=fits,
        parameters=parameters,
        x=pattern.spectrum.x,
        observed=pattern.spectrum.y,
        calculated=core.calculated,
        background=core.background,
        sigma=pattern.sigma,
        diagnostics=(*notes, *remarks, *grains),
        covariance=core.covariance,
        spectrum=pattern.spectrum,
        options=_resolved(options, core) | {"offset": pattern.offset},
    )
    if options.internal_standard is None or any(fit.weight_fraction is None for fit in fits):
        return match
    return on_total(match, phases, options.internal_standard)


def _shared_out(fit: PhaseFit) -> Diagnostic:
    count = int(np.sum(~fit.reflections.resolved))
    detail = f"{count} of {len(fit.reflections)} intensities are shared out among lines that cannot be told apart"
    return Diagnostic.of("intensities_shared", where=fit.name, value=count, detail=detail)


def _resolved(options: MatchOptions, core: _core.PatternMatchView) -> dict[str, Any]:
    """The options with what the background was made of: the order chosen, the estimate where lines were missed."""
    order = core.background_order
    unsettled = options.background == "chebyshev" and order is None
    return options.to_dict() | {"background_order": order} | ({"background": "estimate"} if unsettled else {})


def _parameters(
    pattern: EnginePattern, phases: Sequence[Phase], views: Sequence[_core.MatchPhase], core: _core.PatternMatchView
) -> tuple[dict[str, FitParameter], tuple[str, ...]]:
    parameters: dict[str, FitParameter] = {}
    at_bound: list[str] = []
    for (kind, index, group, value, su, su_counting, bound), limits in zip(core.parameters, core.bounds, strict=True):
        name = kind if index is None else f"{phases[index].name}.{kind}"
        unit = UNITS.get(kind, "")
        if kind == "ghost_share" and group is not None:
            name, unit = pattern.ghosts[group].parameter, "1"
        elif index is not None and kind == "strain_term" and group is not None:
            name, unit = f"{phases[index].name}.strain_s{_digits(views[index].strain_powers[group])}", STRAIN_UNIT
        elif index is not None and kind == "b_iso_angstrom2" and group is not None:
            name, unit = parameter_name(phases[index], group), "angstrom2"
        elif index is not None and group is not None:
            name, unit = f"{name}_{group + 1}", "1" if views[index].freedom[group][0] < 3 else "deg"
        parameters[name] = FitParameter(Value(value, su, su_counting), unit, bound, *limits)
        # A width or a texture of zero is an answer; a cell at its limit or atoms at rest are a warning.
        if bound and kind in {"cell_change", *SHIFTS, "log_march", "b_iso_angstrom2"}:
            at_bound.append(name)
    for phase, known in zip(phases, core.scales, strict=True):
        if known is None:
            continue
        scale, su, su_counting = known
        parameters[f"{phase.name}.scale"] = FitParameter(Value(scale, su, su_counting), "arbitrary", scale <= 0.0, 0.0)
    return parameters, tuple(at_bound)


def _digits(powers: Sequence[int]) -> str:
    return "".join(map(str, powers))


def _phase_fit(phase: Phase, view: _core.MatchPhase, core: _core.MatchedPhaseView) -> PhaseFit:
    cell, cell_su, cell_su_counting = core.cell
    su = core.area_su
    has_own = bool(np.any(np.isfinite(su)))
    values = {name: Value(cell[i], cell_su[i], cell_su_counting[i]) for i, name in enumerate(CELL_NAMES)}
    values["volume_angstrom3"] = Value(*core.volume)
    line, two_theta, calculated, observed = core.reflections
    axis = view.texture_axis
    hkl = view.hkl()[line]
    return PhaseFit(
        name=phase.name,
        formula=phase.formula,
        space_group=structure_of(phase).space_group,
        cell=values,
        weight_fraction=None if core.weight_fraction is None else Value(*core.weight_fraction),
        r_bragg_percent=core.r_bragg_percent,
        curve=core.curve,
        reflections=Reflections(
            hkl=hkl,
            multiplicity=view.multiplicity()[line].astype(np.int32),
            d_angstrom=spacings(cell, hkl),
            two_theta_deg=two_theta,
            intensity=calculated if has_own else observed,
            intensity_su=su if has_own else None,
            intensity_calculated=None if has_own else calculated,
            group=core.group,
        ),
        reference=phase,
        texture_axis=None if axis is None else (round(axis[0]), round(axis[1]), round(axis[2])),
        cell_groups=tuple(tuple(CELL_NAMES[number] for number in group) for group in view.freedom),
        strength=Value(*core.strength),
    )


def _with_microstructure(
    fit: PhaseFit, parameters: dict[str, FitParameter], pattern: EnginePattern, options: MatchOptions
) -> PhaseFit:
    """The phase with size and strain, where the instrument is known and the phase is there."""
    size, strain = (parameters.get(f"{fit.name}.{kind}") for kind in ("size_width_deg", "strain_width_deg"))
    if options.instrument is None or size is None:
        return fit
    wavelength = pattern.radiation.wavelength_angstrom
    by_strain = None if strain is None else strain.value
    return replace(fit, microstructure=microstructure(size.value, by_strain, wavelength, options.scherrer_constant))


def spacings(cell: Sequence[float], hkl: NDArray[np.int32]) -> FloatArray:
    """Lattice spacings in angstrom of (n, 3) indices in a cell of angstrom and degrees."""
    a, b, c = cell[:3]
    cos_alpha, cos_beta, cos_gamma = np.cos(np.radians(cell[3:]))
    metric = np.array(
        [
            [a * a, a * b * cos_gamma, a * c * cos_beta],
            [a * b * cos_gamma, b * b, b * c * cos_alpha],
            [a * c * cos_beta, b * c * cos_alpha, c * c],
        ]
    )
    return np.asarray(1.0 / np.sqrt(np.einsum("ni,ij,nj->n", hkl, np.linalg.inv(metric), hkl)), dtype=np.float64)
