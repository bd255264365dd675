"""Calibrate an instrument: fit a standard whose cell is certified, and see whether the data support the result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from braggite import _core
from braggite.calibration.profile import InstrumentProfile, component_widths, mixed_fwhm
from braggite.calibration.results import Calibration
from braggite.calibration.standards import Standard, certified_phase, with_cell
from braggite.diagnostics import Diagnostic
from braggite.errors import OptionError
from braggite.matching.microstructure import size_width_deg, strain_width_deg
from braggite.matching.options import OF_A_MATCH, MatchOptions, on_background
from braggite.matching.pattern import EnginePattern, Offset, engine_pattern
from braggite.matching.phases import match_phase
from braggite.matching.structure import SHIFTS, result
from braggite.references import Phase, ReferenceLibrary
from braggite.values import Value

if TYPE_CHECKING:
    from braggite.arrays import FloatArray
    from braggite.matching.results import MatchResult
    from braggite.spectrum import Spectrum

LEAST_LINES = 5
"""Seven numbers of the profile need lines at several angles, each of which tells a width and a shape."""
LEAST_POINTS_PER_FWHM = 3.0
LARGEST_UNEXPLAINED = 0.3
"""Share of the net signal that may be left over: other materials and wrong standards leave more."""
LEAST_SIGNIFICANCE = 5.0
"""Standard uncertainties by which the standard must stand above zero."""
LARGEST_WIDTH_SU = 0.2
"""Relative uncertainty of the instrument's width beyond which a size could not be told from the instrument."""
CELL_WARNING_PPM, CELL_REFUSAL_PPM = 50.0, 200.0


def calibrate(
    spectrum: Spectrum,
    standard: str | Phase = "lab6",
    *,
    cell_angstrom: float | tuple[float, float] | None = None,
    size_nm: float | None = None,
    strain_percent: float = 0.0,
    offset: Offset | None = None,
    name: str = "",
    options: MatchOptions | None = None,
) -> Calibration:
    """Widths, axial divergence and offset of an instrument from the scan of a standard, its cell held.

    Parameters
    ----------
    spectrum
        Diffraction pattern of the pure standard.
    standard
        Name of a certified powder ("SRM 660c") or of its phase ("lab6", "si", "al2o3-corundum", "ceo2"); or a phase,
        whose cell is then taken as certified.
    cell_angstrom
        a, or a and c, of the bottle in use at the temperature of the scan, instead of the certificate's.
    size_nm, strain_percent
        Broadening of the standard itself where it is known (conventions of :class:`~braggite.Microstructure`); without
        it the standard's own is taken for the instrument's, and sizes D found with it follow 1/D - 1/D(standard).
    offset
        What shifts the pattern: the sample's displacement (default in reflection), the zero (default in transmission),
        or both.
    name
        What the instrument is called.

    Returns
    -------
    Calibration
        Its ``instrument`` is None where the data do not support one.

    Raises
    ------
    OptionError
        The spectrum is no diffraction pattern, or a number cannot be.
    LibraryError
        A standard that is not known.
    """
    options = on_background(options or MatchOptions(), OF_A_MATCH)
    unused = [
        "strength_sd",
        "discrepancy",
        "texture_gain",
        "grain_um",
        "internal_standard",
        "anisotropic_strain",
        "ghosts",
        "displacement_factors",
    ]
    options.refuse(unused, "a calibration")
    if options.instrument is not None:
        raise OptionError("an instrument cannot be held while it is calibrated", where="options.instrument")
    if spectrum.instrument is not None and not (spectrum.instrument.radius_mm or 1.0) > 0.0:
        raise OptionError(f"radius_mm = {spectrum.instrument.radius_mm} must be positive", where="radius_mm")
    phase, certificate = _standard(standard, cell_angstrom)
    _check(size_nm, strain_percent, phase)
    pattern = engine_pattern(spectrum, options, offset=offset, whole_lines=True)
    wavelength = pattern.radiation.wavelength_angstrom
    view = match_phase(phase, wavelength, pattern.range_deg)
    resolved = {
        "offset": pattern.offset,
        "size_nm": size_nm,
        "strain_percent": strain_percent,
        "match": options.to_dict(),
    }
    assumed = _assumed(phase, certificate, cell_angstrom)
    refusals = _refusals(pattern, view)
    if refusals:
        return Calibration(None, None, None, None, assumed, resolved, refusals)
    widths = (size_width_deg(size_nm, wavelength, options.scherrer_constant), strain_width_deg(strain_percent))
    core = _fit(pattern, view, options, widths)
    # The background is estimated beneath the lines as they stand: better lines, better background.
    core = _fit(pattern, view, options, widths, state=core.state)
    match = result(pattern, [phase], [view], core, options)
    difference = _cell_difference(_fit(pattern, view, options, widths, state=core.state, free_cell=True))
    profile = _profile(pattern, core, name, assumed, spectrum)
    relative_su = _largest_width_su(profile, match)
    notes = (*match.diagnostics, *_doubts(match, difference, relative_su))
    usable = match.converged and not any(note.level == "error" for note in notes)
    resolved |= {"match": match.options}
    return Calibration(profile if usable else None, match, difference, relative_su, assumed, resolved, notes)


def _standard(
    standard: str | Phase, cell_angstrom: float | tuple[float, float] | None
) -> tuple[Phase, Standard | None]:
    cell = None if cell_angstrom is None else tuple(np.atleast_1d(np.asarray(cell_angstrom, dtype=np.float64)).tolist())
    if cell is not None and not (1 <= len(cell) <= 2 and all(np.isfinite(edge) and edge > 0.0 for edge in cell)):
        raise OptionError(f"cell {cell_angstrom} is not a, or a and c, in angstrom", where="cell_angstrom")
    if isinstance(standard, Phase):
        return (standard if cell is None else with_cell(standard, cell)), None
    return certified_phase(standard, ReferenceLibrary.default(), cell)


def _check(size_nm: float | None, strain_percent: float, phase: Phase) -> None:
    if size_nm is not None and not (np.isfinite(size_nm) and size_nm > 0.0):
        raise OptionError(f"size_nm = {size_nm} must be positive", where="size_nm")
    if not 0.0 <= strain_percent < 10.0:
        raise OptionError(f"strain_percent = {strain_percent} must lie between 0 and 10", where="strain_percent")
    if phase.structure is not None and phase.structure.crystal_system not in ("cubic", "trigonal", "hexagonal"):
        raise OptionError(f"{phase.name} is neither cubic nor hexagonal", where=phase.name, suggestion="use lab6")


def _assumed(
    phase: Phase, certificate: Standard | None, cell_angstrom: float | tuple[float, float] | None
) -> dict[str, Any]:
    assert phase.structure is not None
    cell = phase.structure.cell
    source = "given" if cell_angstrom is not None else "reference" if certificate is None else "certificate"
    return {
        "name": phase.name if certificate is None else certificate.name,
        "phase": phase.name,
        "a_angstrom": cell.a_angstrom,
        "c_angstrom": cell.c_angstrom,
        "cell_source": source,
        "citation": certificate.citation if source == "certificate" and certificate is not None else None,
    }


def _refusals(pattern: EnginePattern, view: _core.MatchPhase) -> tuple[Diagnostic, ...]:
    """Why the data cannot show a profile, known before any fit."""
    notes = []
    if len(view) < LEAST_LINES:
        detail = f"{len(view)} lines of the standard lie in the range; a profile needs at least {LEAST_LINES}"
        notes.append(Diagnostic.of("calibration_few_lines", value=len(view), detail=detail))
    points = pattern.fwhm_deg / pattern.spectrum.step_median
    if points < LEAST_POINTS_PER_FWHM:
        detail = f"{points:.1f} points within the width of a line; a shape needs at least {LEAST_POINTS_PER_FWHM:g}"
        notes.append(Diagnostic.of("calibration_coarse_step", value=points, detail=detail))
    return tuple(notes)


def _fit(
    pattern: EnginePattern,
    view: _core.MatchPhase,
    options: MatchOptions,
    widths: tuple[float, float],
    *,
    state: _core.EngineState | None = None,
    free_cell: bool = False,
) -> _core.PatternMatchView:
    return _core.calibrate_instrument(
        pattern.core,
        view,
        pattern.prior,
        state=state,
        size_width_deg=widths[0],
        strain_width_deg=widths[1],
        free_cell=free_cell,
        start_discrepancy=options.start_discrepancy if state is None else 0.0,
        max_iterations=options.max_iterations,
        relative_tolerance=options.relative_tolerance,
    )


def _cell_difference(core: _core.PatternMatchView) -> Value | None:
    """How far the free cell is from the one held: the first length, in parts per million."""
    row = next((row for row in core.parameters if row[0] == "cell_change" and row[2] == 0), None)
    if row is None or row[4] is None or core.stop[0] != "converged":
        return None
    return Value(1e6 * row[3], 1e6 * row[4], None if row[5] is None else 1e6 * row[5])


def _profile(
    pattern: EnginePattern, core: _core.PatternMatchView, name: str, assumed: dict[str, Any], spectrum: Spectrum
) -> InstrumentProfile:
    rows = {row[0]: (place, row) for place, row in enumerate(core.parameters)}
    refined = [number in rows for number in InstrumentProfile.NUMBERS]
    places = [rows[number][0] for number in InstrumentProfile.NUMBERS if number in rows]
    covariance = np.nan_to_num(np.asarray(core.covariance)[np.ix_(places, places)])
    su = np.sqrt(np.diagonal(covariance))
    correlation = np.eye(len(refined))
    correlation[np.ix_(refined, refined)] = _correlation(covariance, su)
    numbers = {
        number: Value(rows[number][1][3], rows[number][1][4], rows[number][1][5]) if number in rows else Value(0.0)
        for number in InstrumentProfile.NUMBERS
    }
    displacement = rows.get("displacement_mm")
    provenance = {
        "standard": assumed["name"],
        "a_angstrom": assumed["a_angstrom"],
        "c_angstrom": assumed["c_angstrom"],
        "cell_source": assumed["cell_source"],
        "citation": assumed["citation"],
        "displacement_mm": None if displacement is None else displacement[1][3],
        "rwp_percent": core.statistics[0],
        "gof": core.statistics[3],
        "range_deg": list(pattern.range_deg),
        "file": spectrum.source.path,
        "sha256": spectrum.source.sha256,
        "braggite": _core.__version__,
    }
    return InstrumentProfile(
        radiation=pattern.radiation,
        diffractometer=pattern.instrument,
        **numbers,
        correlation=correlation,
        name=name,
        provenance=provenance,
    )


def _correlation(covariance: FloatArray, su: FloatArray) -> FloatArray:
    scale = np.where(su > 0.0, su, 1.0)
    correlation: FloatArray = np.clip(covariance / np.outer(scale, scale), -1.0, 1.0)
    np.fill_diagonal(correlation, 1.0)
    return correlation


def _largest_width_su(profile: InstrumentProfile, match: MatchResult) -> float:
    """Largest relative uncertainty of the width at a line, by central differences over half a standard uncertainty.

    Infinite where the data say nothing of one of the numbers.
    """
    if any(number.su is None and number.value != 0.0 for number in profile.numbers[:5]):
        return float("inf")
    angles = match.phases[0].reflections.two_theta_deg
    values = np.array([number.value for number in profile.numbers[:5]])
    steps = 0.5 * np.array([number.su or 0.0 for number in profile.numbers[:5]])

    def width(numbers: FloatArray) -> FloatArray:
        return mixed_fwhm(*component_widths(numbers.tolist(), angles, natural_y_deg=profile.natural_y_deg))

    slopes = np.array(
        [
            (width(values + step * unit) - width(values - step * unit)) / (2.0 * step) if step > 0.0 else 0.0 * angles
            for step, unit in zip(steps, np.eye(5), strict=True)
        ]
    )
    variance = np.einsum("in,ij,jn->n", slopes, profile.covariance[:5, :5], slopes)
    return float(np.max(np.sqrt(np.maximum(variance, 0.0)) / width(values)))


def _doubts(match: MatchResult, difference: Value | None, relative_su: float) -> list[Diagnostic]:
    notes = []
    signal = float(np.sum(np.abs(match.observed - match.background)))
    left = float(np.sum(np.abs(match.observed - match.calculated))) / signal if signal > 0.0 else 1.0
    noise = float(np.sum(match.sigma)) / signal if signal > 0.0 else 1.0
    scale = match.parameters[f"{match.phases[0].name}.scale"].value
    seen = scale.su is not None and scale.value > LEAST_SIGNIFICANCE * scale.su
    shifted = set(SHIFTS) & set(match.at_bound)
    if not seen or left > LARGEST_UNEXPLAINED + noise or shifted:
        detail = f"the standard leaves {100.0 * left:.0f} % of the signal unexplained"
        detail += "; the pattern is shifted as far as the fit may go" if shifted else ""
        notes.append(Diagnostic.of("standard_not_matched", value=left, detail=detail))
    if not relative_su <= LARGEST_WIDTH_SU:
        much = (
            f"uncertain by {100.0 * relative_su:.0f} % at some line" if np.isfinite(relative_su) else "not determined"
        )
        detail = f"the width of the instrument is {much}"
        notes.append(Diagnostic.of("profile_undetermined", value=relative_su, detail=detail))
    if difference is not None and difference.su is not None and abs(difference.value) > 3.0 * difference.su:
        detail = f"on its own this scan gives a cell {difference} ppm from the one held"
        suggestion = "give the cell of this bottle and temperature, or let the zero move instead of the displacement"
        if abs(difference.value) > CELL_REFUSAL_PPM:
            notes.append(
                Diagnostic.of("cell_not_certified", value=difference.value, detail=detail, suggestion=suggestion)
            )
        elif abs(difference.value) > CELL_WARNING_PPM:
            notes.append(Diagnostic.of("cell_doubtful", value=difference.value, detail=detail, suggestion=suggestion))
    return notes
