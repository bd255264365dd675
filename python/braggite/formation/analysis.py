"""From scans to a series: identify each, agree on the phases, measure every one of them everywhere, conclude."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from braggite.diagnostics import Diagnostic
from braggite.errors import BraggiteError, OptionError
from braggite.formation.conclusions import answers_to, by_formula, exchanges_among, phases_over, reaction_of
from braggite.formation.conversion import Conversion
from braggite.formation.elements import element_balances
from braggite.formation.look_alikes import Shared, shared_phases
from braggite.formation.report import SeriesPoint, SeriesReport
from braggite.identification import IdentifyOptions, identify
from braggite.references import ReferenceLibrary
from braggite.references.formula import parse_formula

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from braggite.formation.scan import Scan
    from braggite.formation.variable import Variable
    from braggite.references import Phase

GASES = ("CO2", "H2O", "O2", "Li2O")
"""What leaves or enters an oxide in a furnace: from carbonates, hydroxides, reduction, and lithium vapour."""
LEAST_SCANS = 2


def analyse(
    scans: Sequence[Scan],
    variable: Variable,
    *,
    library: ReferenceLibrary,
    watch: Iterable[str | Phase] = (),
    start: Mapping[str, float] | None = None,
    gases: Sequence[str] = GASES,
    options: IdentifyOptions | None = None,
    name: str = "series",
) -> SeriesReport:
    """See :func:`braggite.series`; scans that could not be read come with their errors."""
    options = options or IdentifyOptions()
    _check(scans, start, gases)
    ordered = sorted(scans, key=lambda scan: scan.value) if variable.ordered else list(scans)
    watched = [_named(phase, library) for phase in watch]
    points = [_identified(scan, library, options) for scan in ordered]
    _refuse_nothing(points)
    shared = shared_phases([point.report for point in points], library, watched, options)
    points = [_measured(point, shared, options) for point in points]
    phases = phases_over(points, shared, variable)
    whole = _whole_mixture(variable)
    return SeriesReport(
        name=name,
        variable=variable,
        points=tuple(points),
        phases=phases,
        exchanges=exchanges_among(phases) if variable.ordered else (),
        reaction=reaction_of(phases, start, gases) if whole else Conversion("not_asked"),
        elements=element_balances(by_formula(phases), gases, start) if whole else (),
        answers=answers_to(watched, phases, variable, [point.label for point in points]),
        candidates=shared.account(library.for_diffraction()),
        options={"variable": variable.to_dict(), "start": dict(start or {}), "gases": list(gases)} | options.to_dict(),
        library={"name": library.source, "sha256": library.sha256, "n_phases": len(library)},
        diagnostics=_notes(points, shared, variable),
    )


def _check(scans: Sequence[Scan], start: Mapping[str, float] | None, gases: Sequence[str]) -> None:
    if len(scans) < LEAST_SCANS:
        raise OptionError(
            f"{len(scans)} scans make no series", where="files", suggestion="`braggite identify` is for one sample"
        )
    for scan in scans:
        if not math.isfinite(scan.value):
            raise OptionError(f"the value {scan.value} of {scan.label} is not a number", where="values")
    for formula, amount in (start or {}).items():
        parse_formula(formula)
        if not (math.isfinite(amount) and amount > 0.0):
            raise OptionError(f"amount {amount} of {formula} in the starting mixture is not positive", where="start")
    for gas in gases:
        parse_formula(gas)


def _whole_mixture(variable: Variable) -> bool:
    """Whether the points follow one mixture, so that what is gone must have become something."""
    return variable.kind in ("temperature", "time", "other")


def _named(phase: str | Phase, library: ReferenceLibrary) -> Phase:
    if not isinstance(phase, str):
        return phase
    return library[phase] if phase in library else ReferenceLibrary.default()[phase]


def _identified(scan: Scan, library: ReferenceLibrary, options: IdentifyOptions) -> SeriesPoint:
    if scan.spectrum is None:
        return SeriesPoint(scan.label, scan.value, None, scan.error)
    try:
        if scan.spectrum.technique != "xrd":
            raise OptionError(
                f"{scan.label} is no diffraction pattern; a series follows weight fractions", where=scan.label
            )
        return SeriesPoint(scan.label, scan.value, identify(scan.spectrum, library=library, options=options))
    except BraggiteError as error:
        return SeriesPoint(scan.label, scan.value, None, error)


def _measured(point: SeriesPoint, shared: Shared, options: IdentifyOptions) -> SeriesPoint:
    """The scan identified again among the phases of the series, each with its amount or limit."""
    if point.report is None:
        return point
    report = identify(
        point.report.spectra, library=shared.library, watch=[*shared.library, *shared.only_watched], options=options
    )
    return replace(point, report=report)


def _refuse_nothing(points: Sequence[SeriesPoint]) -> None:
    if all(point.report is None for point in points):
        raise next(point.error for point in points if point.error is not None)


def _notes(points: Sequence[SeriesPoint], shared: Shared, variable: Variable) -> tuple[Diagnostic, ...]:
    notes = []
    if variable.origin == "file names":
        detail = f"the variable is taken from the file names: {variable.label}"
        notes.append(Diagnostic.of("variable_guessed", value=variable.label, detail=detail))
    if variable.origin == "order":
        notes.append(Diagnostic.of("variable_unknown"))
    for point in points:
        if point.error is not None:
            notes.append(Diagnostic.of("scan_failed", where=point.label, detail=point.error.message))
    for name, others in shared.stands_for.items():
        detail = f"{name} stands for {', '.join(others)}: no scan that shows one tells it from the other"
        notes.append(Diagnostic.of("look_alikes_merged", where=name, detail=detail))
    for point in points:
        inherited = point.report.diagnostics if point.report is not None else ()
        notes += [replace(note, where=note.where or point.label) for note in inherited]
    return tuple(notes)
