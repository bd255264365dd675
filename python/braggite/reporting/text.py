"""The phase report as plain text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from braggite.matching.results import MatchResult
from braggite.matching.uncertainty import strong_correlations
from braggite.reporting.style import amount_percent, format_percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from braggite.diagnostics import Diagnostic
    from braggite.identification.report import (
        Candidates,
        CountingTime,
        PhaseEvidence,
        PhaseReport,
        UpperLimit,
        WatchedPhase,
    )
    from braggite.identification.unknown_cell import UnexplainedPhase
    from braggite.matching.band_match import BandMatch
    from braggite.matching.fit import Fit
    from braggite.matching.peak_results import PeakFit
    from braggite.matching.results import PhaseFit
    from braggite.values import Value

STRONG_CORRELATION, CORRELATIONS_SHOWN = 0.95, 8
SAMPLE_VERDICTS = {
    "identified": "every significant line is explained",
    "partial": "some lines are explained, others are not",
    "indeterminate": "the data cannot decide",
    "nothing": "no phase of the library was found",
}
VERDICTS = {
    "present": "present",
    "possible": "possible",
    "not_detected": "not detected",
    "indeterminate": "indeterminate",
}
QUANTITIES = {"weight_fraction": "wt%", "band_fraction": "% of the bands", "atomic_fraction": "at%"}
LINES_SHOWN = 20


def phase_report_text(report: PhaseReport) -> str:
    """The report as it is printed: verdict, phases, watched phases, unexplained lines, account, remarks."""
    blocks = [
        _heading(report),
        _phases(report.phases),
        _microstructure(report.phases),
        _derived(report.phases),
        _watched(report.watched),
        _unexplained(report),
        _fits(report),
        _candidates(report.candidates),
        diagnostics_text(remarks(report)),
        _library(report),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def match_text(result: MatchResult) -> str:
    """A whole-pattern match as it is printed: whether it may be believed, then the numbers."""
    state = "converged" if result.converged else "NOT CONVERGED"
    lines = [f"{state}: {result.stop_reason}", _statistics(result)]
    if result.at_bound:
        lines.append(f"at a bound: {', '.join(result.at_bound)}")
    rows = [
        [phase.name, phase.formula, phase.space_group, wt_percent(phase.weight_fraction), cell_text(phase.cell)]
        for phase in result.phases
    ]
    parameters = [
        [name, str(parameter.value), parameter.unit, "at bound" if parameter.at_bound else ""]
        for name, parameter in result.parameters.items()
    ]
    blocks = ["\n".join(lines), table(["phase", "formula", "space group", "wt%", "cell (Å, °)"], rows)]
    blocks.append(amorphous_text(result))
    blocks.append(_microstructure(result.phases))
    blocks.append(_derived(result.phases))
    if parameters:
        blocks.append(table(["parameter", "value", "unit", ""], parameters))
    blocks.append(_correlations(result))
    blocks.append(diagnostics_text(result.diagnostics))
    return "\n\n".join(block for block in blocks if block) + "\n"


def amorphous_text(result: MatchResult) -> str:
    """What an internal standard says of the rest of the specimen; nothing without one."""
    if result.amorphous_fraction is None:
        return ""
    reach = result.amorphous_fraction_range
    grains = "" if reach is None else f"; {100 * reach[0]:.0f} to {100 * reach[1]:.0f} for grains of up to 5 µm"
    return (
        f"amorphous or unidentified: {wt_percent(result.amorphous_fraction)} wt%{grains}\n"
        "wt% of the whole specimen, internal standard included"
    )


def _microstructure(phases: Sequence[PhaseFit] | Sequence[PhaseEvidence]) -> str:
    """Sizes (Scherrer, full widths) and strains; a size that does not show is a limit."""
    rows = []
    for phase in phases:
        known = phase.microstructure
        if known is None:
            continue
        limit = "-" if known.size_at_least_nm is None else f"> {known.size_at_least_nm:.3g}"
        rows.append(
            [
                phase.name,
                limit if known.size_nm is None else str(known.size_nm),
                "-" if known.size_volume_weighted_nm is None else str(known.size_volume_weighted_nm),
                "-" if known.strain_percent is None else str(known.strain_percent),
            ]
        )
    return table(["phase", "size (nm)", "volume-weighted (nm)", "strain (%)"], rows) if rows else ""


def _derived(phases: Sequence[PhaseFit] | Sequence[PhaseEvidence]) -> str:
    lines = [f"  {phase.name}: {quantity}" for phase in phases for quantity in phase.derived]
    return "From the cells (shown, never used for a verdict)\n" + "\n".join(lines) if lines else ""


def _correlations(result: MatchResult) -> str:
    if result.correlation is None:
        return ""
    pairs = strong_correlations(list(result.parameters), result.correlation, STRONG_CORRELATION)
    rows = [[first, second, f"{value:+.3f}"] for first, second, value in pairs[:CORRELATIONS_SHOWN]]
    return table(["strongly correlated", "with", ""], rows) if rows else ""


def peak_fit_text(fit: PeakFit) -> str:
    """A peak fit as it is printed: whether it may be believed, then the peaks."""
    state = "converged" if fit.converged else "NOT CONVERGED"
    scaled = f"; uncertainties times {fit.su_scale:.3g} for the misfit" if fit.su_scaled else ""
    lines = [
        f"{state}: {fit.stop_reason}",
        f"reduced chi-square {fit.chi2_reduced:.4g}, {fit.n_points} points, {fit.n_free} parameters{scaled}",
    ]
    for words, names in (("at a bound", fit.at_bound), ("not determined", fit.undetermined)):
        if names:
            lines.append(f"{words}: {', '.join(names)}")
    rows = [
        [
            peak.label,
            *(str(value) for value in (peak.position, peak.area, peak.height, peak.fwhm)),
            peak.shape,
            ", ".join(f"{name} {value}" for name, value in peak.parameters.items()),
        ]
        for peak in fit
    ]
    header = ["peak", f"position ({fit.unit})", "area", "height", "fwhm", "shape", ""]
    return "\n".join(lines) + "\n\n" + table(header, rows) + "\n"


def remarks(report: PhaseReport) -> list[Diagnostic]:
    """The diagnostics that nothing else in a report says already: caveats stand with their phases."""
    return [note for note in report.diagnostics if note.code != "reference_estimated"]


def fitted_beside(report: PhaseReport, fit: Fit) -> list[str]:
    """Phases with a share of the fit that the report holds for less than possible: why fractions miss 100 %."""
    found = {phase.name for phase in report.phases}
    return [f"{phase.name} {amount_percent(phase)}" for phase in fit.phases if phase.name not in found]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns padded to their widest entry, two spaces apart, no trailing blanks."""
    cells = [list(header), *(list(row) for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    lines = ["  ".join(entry.ljust(width) for entry, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def diagnostics_text(diagnostics: Iterable[Diagnostic]) -> str:
    """One line a remark, warnings and errors before information."""
    order = {"error": 0, "warning": 1, "info": 2}
    notes = sorted(diagnostics, key=lambda note: order[note.level])
    return "Remarks\n" + "\n".join(diagnostic_line(note) for note in notes) if notes else ""


def diagnostic_line(note: Diagnostic) -> str:
    """``warning [code] where: message; suggestion``."""
    where = f" {note.where}:" if note.where else ""
    return f"  {note.level} [{note.code}]{where} {note.message}" + (f"; {note.suggestion}" if note.suggestion else "")


def wt_percent(fraction: Value | None) -> str:
    """``12.3(4)`` in per cent, a dash where no fraction was estimated."""
    if fraction is None or not math.isfinite(fraction.value):
        return "-"
    return format_percent(100 * fraction.value, None if fraction.su is None else 100 * fraction.su)


def confidence_text(confidence: float) -> str:
    """A probability that never rounds up to certainty."""
    if confidence > 0.999:
        return "> 0.999"
    return "< 0.001" if confidence < 0.001 else f"{confidence:.3f}"


def cell_text(cell: dict[str, Value] | None) -> str:
    """``a 3.9945(3), c 4.0335(4)``: equal edges and angles of 90 degrees are left out."""
    if not cell:
        return "-"
    parts: list[str] = []
    edges = [(name[0], cell[f"{name}_angstrom"]) for name in "abc" if f"{name}_angstrom" in cell]
    seen: list[float] = []
    for name, edge in edges:
        if not any(math.isclose(edge.value, other, rel_tol=1e-9) for other in seen):
            parts.append(f"{name} {edge}")
            seen.append(edge.value)
    for name, symbol in (("alpha_deg", "α"), ("beta_deg", "β"), ("gamma_deg", "γ")):
        if name in cell and cell[name].value not in (90.0, 120.0):
            parts.append(f"{symbol} {cell[name]}")
    return ", ".join(parts)


def limit_text(limit: UpperLimit | None) -> str:
    """``< 0.42 wt% (95 %)``, saying so when the limit depends on an estimated reference."""
    if limit is None:
        return "no limit"
    if not math.isfinite(limit.value):
        return "no limit"
    conditional = ", conditional on an estimated reference" if limit.conditional else ""
    unit = QUANTITIES[limit.quantity]
    return f"< {100 * limit.value:.2g} {unit} ({100 * limit.level:.0f} %{conditional})"


def watched_name(phase: WatchedPhase) -> str:
    """The name, and how many look-alikes it stands for."""
    return phase.name + (f" (and {len(phase.stands_for)} alike)" if phase.stands_for else "")


def counting_time_text(time: CountingTime | None) -> str:
    """``4.2 times as long (21 s a step) for 0.5 wt%``, or that no time is enough; nothing where nothing was asked."""
    if time is None:
        return "-"
    target = f"{100 * time.weight_fraction:.2g} wt%"
    if time.factor is None:
        return f"never {target}: misfit alone leaves {100 * time.floor:.2g} wt%"
    if time.factor <= 1.0:
        return f"below {target} already"
    seconds = "" if time.seconds_per_step is None else f" ({time.seconds_per_step:.2g} s a step)"
    return f"{time.factor:.2g} times as long{seconds} for {target}"


def _heading(report: PhaseReport) -> str:
    lines = [f"{report.sample}: {report.verdict} ({SAMPLE_VERDICTS[report.verdict]})"]
    for index, spectrum in enumerate(report.spectra):
        name = spectrum.source.path or spectrum.name or f"spectrum {index}"
        lines.append(
            f"  [{index}] {name}: {spectrum.technique}, {len(spectrum)} points, "
            f"{spectrum.x[0]:g} to {spectrum.x[-1]:g} {spectrum.x_unit}"
        )
    return "\n".join(lines)


def _phases(phases: Sequence[PhaseEvidence]) -> str:
    if not phases:
        return "No phase found."
    rows = [
        [
            phase.name,
            phase.formula,
            VERDICTS[phase.verdict],
            confidence_text(phase.confidence),
            amount_percent(phase) or "-",
            phase.evidence_grade or "-",
            ", ".join(phase.rivals) or "-",
        ]
        for phase in phases
    ]
    text = table(["phase", "formula", "verdict", "confidence", "amount", "grade", "rivals"], rows)
    if any(phase.band_fraction is not None for phase in phases):
        text += "\nShares are of the area of all bands, not of the weight; "
        text += "confidence: that the phase, or one of nearly the same bands, is there."
    elif {phase.basis for phase in phases} == {"crystalline"}:
        text += "\nwt% of the crystalline part; confidence: that the phase, or one of nearly the same lines, is there."
    caveats = [
        f"  CAVEAT {phase.name} (grade {phase.evidence_grade}): {phase.caveat}" for phase in phases if phase.caveat
    ]
    return "\n".join([text, *caveats])


def _watched(watched: Sequence[WatchedPhase]) -> str:
    if not watched:
        return ""
    header = ["phase", "verdict", "confidence", "upper limit"]
    rows = [
        [watched_name(phase), VERDICTS[phase.verdict], confidence_text(phase.confidence), limit_text(phase.upper_limit)]
        for phase in watched
    ]
    if any(phase.counting_time for phase in watched):
        header.append("to count, if it is not there")
        rows = [[*row, counting_time_text(phase.counting_time)] for row, phase in zip(rows, watched, strict=True)]
    return "Watched\n" + table(header, rows)


def _unexplained(report: PhaseReport) -> str:
    lines = report.unexplained
    if not lines:
        return ""
    strongest = sorted(lines, key=lambda line: -line.significance)[:LINES_SHOWN]
    rows = [
        [f"[{line.spectrum}]", f"{line.position:.3f}", line.unit, f"{line.significance:.1f}"]
        for line in sorted(strongest, key=lambda line: (line.spectrum, line.position))
    ]
    more = f"\n... and {len(lines) - LINES_SHOWN} weaker" if len(lines) > LINES_SHOWN else ""
    listed = "Unexplained lines\n" + table(["spectrum", "position", "unit", "significance"], rows) + more
    together = unexplained_phase_text(report.unexplained_phase)
    return listed + (f"\n{together}" if together else "")


def unexplained_phase_text(unknown: UnexplainedPhase | None) -> str:
    """Whether the strongest unexplained lines belong together; nothing where they are too few."""
    if unknown is None:
        return ""
    cell, lines = unknown.cell, f"the {unknown.n_lines} strongest"
    if cell is None:
        return f"No cubic, hexagonal or tetragonal cell indexes {lines}."
    axes = f"a {cell.a_angstrom:.4g} Å" + ("" if cell.system == "cubic" else f", c {cell.c_angstrom:.4g} Å")
    return f"One {cell.system} cell indexes {lines} (a hint: {axes}, M {cell.merit:.0f}): they may be of one phase."


def _fits(report: PhaseReport) -> str:
    lines = []
    for index, fit in enumerate(report.fits):
        if fit is None:
            continue
        lines.append(f"  [{index}] {_statistics(fit)}")
        lines += [f"      {line}" for line in _of_technique(fit)]
        beside = fitted_beside(report, fit)
        if beside:
            lines.append(f"      also in this fit, but less than possible: {', '.join(beside)}")
    return "Fit\n" + "\n".join(lines) if lines else ""


def _of_technique(fit: MatchResult | BandMatch) -> list[str]:
    if isinstance(fit, MatchResult):
        return amorphous_text(fit).splitlines()
    return [f"axis {fit.shift_cm1} cm-1 above that of the references"]


def _statistics(fit: Fit) -> str:
    s = fit.statistics
    return (
        f"Rwp {s.rwp_percent:.2f} %, Rexp {s.rexp_percent:.2f} %, GoF {s.gof:.2f}, {s.n_points} points, "
        f"{s.n_free} parameters" + ("" if fit.converged else f"; not converged: {fit.stop_reason}")
    )


def _candidates(candidates: Candidates) -> str:
    screened = f", {candidates.screened_out} screened out by their lines" if candidates.screened_out else ""
    lines = [
        f"Candidates: {candidates.considered} considered, {candidates.kept} kept, {len(candidates.rejected)} rejected, "
        f"{len(candidates.failed)} failed{screened}"
    ]
    lines += [f"  failed {name}: {reason}" for name, reason in candidates.failed]
    return "\n".join(lines)


def _library(report: PhaseReport) -> str:
    library = report.library
    if not library:
        return ""
    digest = str(library.get("sha256") or "")[:12]
    return f"Library: {library.get('name')}, {library.get('n_phases')} phases" + (
        f", sha256 {digest}" if digest else ""
    )
