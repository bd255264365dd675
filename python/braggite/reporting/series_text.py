"""A series as plain text and as a table of comma-separated values: answers first."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import TYPE_CHECKING

from braggite.reporting.documents import write_text
from braggite.reporting.style import format_percent
from braggite.reporting.text import diagnostics_text, table, wt_percent

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.diagnostics import Diagnostic
    from braggite.formation.amounts import Amount, Change
    from braggite.formation.conversion import Conversion
    from braggite.formation.report import PhaseSeries, SeriesReport
    from braggite.formation.trends import Trend
    from braggite.formation.variable import Variable

SCATTERED = 4.0
"""Reduced chi-square beyond which a number is not the same everywhere, though it follows no trend."""
CELL_LABELS = {
    "a_angstrom": "a (Å)",
    "b_angstrom": "b (Å)",
    "c_angstrom": "c (Å)",
    "alpha_deg": "α (°)",
    "beta_deg": "β (°)",
    "gamma_deg": "γ (°)",
    "volume_angstrom3": "V (Å³)",
}
ELEMENT_VERDICTS = {
    "kept": "kept within its uncertainty",
    "lost": "lost: more than phases below detection could hold",
    "hidden": "less, but phases below detection could hold the rest",
    "gained": "more than at the start",
    "unknown": "cannot be said",
}
CSV_COLUMNS = (
    "label", "value", "phase", "formula", "verdict", "confidence", "weight_fraction", "weight_fraction_su",
    "upper_limit", "a_angstrom", "a_angstrom_su", "b_angstrom", "b_angstrom_su", "c_angstrom", "c_angstrom_su",
    "volume_angstrom3", "volume_angstrom3_su", "error",
)  # fmt: skip


def series_text(report: SeriesReport) -> str:
    """The report as it is printed."""
    blocks = [
        f"{report.name}: {len(report.points)} scans against {report.variable.label}",
        "\n".join(answer.sentence for answer in report.answers) or "No phase was found in any scan.",
        _amounts(report),
        _phases(report),
        _cells(report),
        _derived(report),
        _exchanges(report),
        reaction_text(report.reaction),
        _elements(report),
        _scans(report),
        diagnostics_text(_once(report)),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def series_csv(report: SeriesReport, path: str | Path | None = None) -> str:
    """One row for each phase at each point, and one for each scan that failed; also written to ``path``."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for place, point in enumerate(report.points):
        if point.report is None:
            message = point.error.message if point.error is not None else ""
            writer.writerow([point.label, point.value, *[""] * (len(CSV_COLUMNS) - 3), message])
            continue
        for phase in report.phases:
            writer.writerow([point.label, point.value, phase.name, phase.formula, *_cells_of(phase.amounts[place]), ""])
    text = buffer.getvalue()
    if path is not None:
        write_text(path, text)
    return text


def _cells_of(amount: Amount) -> list[object]:
    fraction, limit, cell = amount.weight_fraction, amount.upper_limit, amount.cell or {}
    row: list[object] = [
        amount.verdict,
        "" if amount.confidence is None else amount.confidence,
        "" if fraction is None else fraction.value,
        "" if fraction is None or fraction.su is None else fraction.su,
        "" if limit is None else limit.value,
    ]
    for name in ("a_angstrom", "b_angstrom", "c_angstrom", "volume_angstrom3"):
        number = cell.get(name)
        row += ["", ""] if number is None else [number.value, "" if number.su is None else number.su]
    return row


def amount_text(amount: Amount) -> str:
    """``12.3(4)``, with a question mark where it is only possible; ``< 0.8`` for a limit."""
    if amount.weight_fraction is not None:
        return wt_percent(amount.weight_fraction) + ("" if amount.verdict == "present" else " ?")
    if amount.upper_limit is not None:
        return f"< {100 * amount.upper_limit.value:.2g}" + ("" if amount.verdict == "not_detected" else " ?")
    return "failed" if amount.verdict == "failed" else "-"


def change_text(change: Change | None, variable: Variable) -> str:
    """``700 to 750 °C``; a question mark where the amount might have gone unseen before."""
    if change is None:
        return "-"
    low, high = sorted((change.after, change.by))
    return f"{low:g} to {high:g} {variable.unit}".strip() + ("" if change.resolved else " ?")


def trend_text(trend: Trend, unit: str) -> str:
    """``3.9979(6), +0.00028(6) per h`` or ``step of -0.012(3) between 700 and 750``."""
    if trend.form == "line":
        return f"{trend.mean}, {trend.slope} per {unit or 'unit'}"
    if trend.form == "step" and trend.between is not None:
        return (
            f"{trend.mean}, step of {trend.change} between {trend.between[0]:g} and {trend.between[1]:g} {unit}".strip()
        )
    if trend.chi2_reduced is not None and trend.chi2_reduced > SCATTERED:
        return f"{trend.mean}, no trend, but it scatters"
    return f"{trend.mean}, the same"


def reaction_text(reaction: Conversion) -> str:
    """What was turned into what, and whether it balances."""
    head = "Reaction\n"
    if reaction.status == "not_asked":
        return ""
    if reaction.status == "no_reaction":
        return f"{head}  no phase is surely consumed while another surely forms"
    if reaction.status == "too_many":
        return f"{head}  too many phases change for a reaction to be looked for"
    if reaction.status == "not_balanced":
        sides = f"  {' + '.join(reaction.consumed)} -> {' + '.join(reaction.formed)} does not balance"
        return head + "\n".join([sides, *(f"    {reason}" for _, reason in reaction.obstacles)])
    lines = [
        f"  {equation}" + (f"   (extent {extent})" if extent is not None and len(reaction.equations) > 1 else "")
        for equation, extent in zip(reaction.equations, reaction.extents, strict=True)
    ]
    if reaction.status == "several":
        lines.append("  several reactions could be at work; extents are those the measured amounts ask for")
    agreement = {
        True: "  the measured changes agree with it",
        False: "  the measured changes do NOT follow it: something not identified takes part, or amounts are biased",
        None: "  the measured amounts cannot test it",
    }
    return head + "\n".join([*lines, agreement[reaction.agrees]])


def _amounts(report: SeriesReport) -> str:
    shown = report.phases
    if not shown:
        return ""
    rows = []
    for place, point in enumerate(report.points):
        value = f"{point.value:g}" if report.variable.ordered else ""
        rows.append([value, point.label, *(amount_text(phase.amounts[place]) for phase in shown)])
    header = [report.variable.label if report.variable.ordered else "", "scan", *(phase.name for phase in shown)]
    return "Weight fractions (wt%); <: upper limit at 95 %; ?: only possible, or its look-alike is there\n" + table(
        header, rows
    )


def _phases(report: SeriesReport) -> str:
    if not report.phases or not report.variable.ordered:
        return ""
    rows = [
        [
            phase.name,
            phase.formula,
            phase.role,
            change_text(phase.appearance, report.variable),
            change_text(phase.disappearance, report.variable),
            "-" if phase.change is None else _percent(phase),
            phase.evidence_grade or "-",
            ", ".join(phase.stands_for) or "-",
        ]
        for phase in report.phases
    ]
    header = ["phase", "formula", "role", "appears", "is gone", "change (wt%)", "grade", "look-alikes"]
    return "Phases\n" + table(header, rows)


def _percent(phase: PhaseSeries) -> str:
    assert phase.change is not None
    return format_percent(100 * phase.change.value, None if not phase.change.su else 100 * phase.change.su)


def _cells(report: SeriesReport) -> str:
    rows = [
        [
            phase.name,
            CELL_LABELS.get(name, name),
            trend_text(trend, report.variable.unit),
            "-" if trend.chi2_reduced is None else f"{trend.chi2_reduced:.2g}",
            str(trend.n_points),
        ]
        for phase in report.phases
        for name, trend in phase.cell_trends.items()
    ]
    return "Cells\n" + table(["phase", "", "trend", "χ²", "points"], rows) if rows else ""


def _derived(report: SeriesReport) -> str:
    rows = [row for phase in report.phases for row in _derived_rows(phase)]
    head = "From the cells (shown, never used for a verdict)\n"
    return head + table(["phase", "", "least", "most", "scans", ""], rows) if rows else ""


def _derived_rows(phase: PhaseSeries) -> list[list[str]]:
    """A row for each quantity: its least and greatest value, and what is said of it, once."""
    rows = []
    quantities = [quantity for amount in phase.amounts for quantity in amount.derived]
    for symbol in dict.fromkeys(quantity.symbol for quantity in quantities):
        own = [quantity for quantity in quantities if quantity.symbol == symbol]
        values = sorted((entry.value for entry in own if entry.value is not None), key=lambda number: number.value)
        flags = Counter(entry.flag for entry in own if entry.flag)
        said = [f"{flag} ({count} of {len(own)} scans)" for flag, count in flags.items()]
        said += dict.fromkeys(f"if {entry.assumption}" for entry in own if entry.value and entry.assumption)
        ends = [str(values[0]), str(values[-1])] if values else ["-", "-"]
        rows.append([phase.name, symbol, *ends, str(len(own)), "; ".join(said)])
    return rows


def _exchanges(report: SeriesReport) -> str:
    lines = [
        f"  {exchange.formed} at the cost of {exchange.consumed}: {exchange.slope} of the one for each of the other, "
        f"correlation {exchange.correlation:.3f} ({exchange.low:.3f} to {exchange.high:.3f})"
        for exchange in report.exchanges
    ]
    return "At the cost of\n" + "\n".join(lines) if lines else ""


def _elements(report: SeriesReport) -> str:
    rows = [
        [
            f"{balance.element}/{balance.reference}",
            "-" if balance.start is None else str(balance.start),
            next((str(ratio) for ratio in reversed(balance.ratios) if ratio is not None), "-"),
            "-" if balance.change is None else wt_percent(balance.change) + " %",
            "-" if balance.hidden is None else f"{100 * balance.hidden:.2g} %",
            ELEMENT_VERDICTS[balance.verdict],
        ]
        for balance in report.elements
    ]
    header = ["atoms", "at the start", "at the end", "change", "may hide", ""]
    return "Elements in the phases found\n" + table(header, rows) if rows else ""


def _scans(report: SeriesReport) -> str:
    rows = []
    for point in report.points:
        if point.report is None:
            rows.append([point.label, "failed", "-", "-", point.error.message if point.error else ""])
            continue
        fit = point.fit
        rwp = "-" if fit is None else f"{fit.statistics.rwp_percent:.2f}"
        state = "" if fit is None or fit.converged else f"not converged: {fit.stop_reason}"
        rows.append([point.label, point.report.verdict, rwp, str(len(point.report.unexplained)), state])
    return "Scans\n" + table(["scan", "verdict", "Rwp (%)", "unexplained lines", ""], rows)


def _once(report: SeriesReport) -> list[Diagnostic]:
    """Each remark once, with its first place: of a scan by its words, else by its place (a phase, a file).

    Caveats of references stand with the answers.
    """
    labels = {point.label for point in report.points}
    kept: dict[tuple[str, str | None], Diagnostic] = {}
    for note in report.diagnostics:
        if note.code != "reference_estimated":
            kept.setdefault((note.code, note.message if note.where in labels else note.where), note)
    return list(kept.values())
