"""The phase report as one self-contained page."""

from __future__ import annotations

import base64
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np

from braggite.matching.band_match import BandMatch
from braggite.matching.results import MatchResult
from braggite.reporting.documents import plain, write_text
from braggite.reporting.series_plots import series_svg
from braggite.reporting.series_text import amount_text
from braggite.reporting.style import PHASE_STYLES, amount_percent, phase_style, thinned
from braggite.reporting.svg import match_svg, spectrum_svg
from braggite.reporting.text import (
    SAMPLE_VERDICTS,
    VERDICTS,
    cell_text,
    confidence_text,
    counting_time_text,
    fitted_beside,
    limit_text,
    remarks,
    unexplained_phase_text,
    watched_name,
    wt_percent,
)
from braggite.techniques import technique_named

if TYPE_CHECKING:
    from jinja2 import Environment

    from braggite.formation.report import SeriesReport
    from braggite.identification.report import PhaseEvidence, PhaseReport
    from braggite.matching.band_match import BandFit
    from braggite.matching.fit import Fit
    from braggite.matching.results import PhaseFit
    from braggite.values import Value

ROWS_DOWNLOADED = 5000
REFLECTIONS_LISTED = 40


def phase_report_html(report: PhaseReport, path: str | Path | None = None) -> str:
    """The page as text: no network, light and dark, phone and paper; also written to ``path`` when given."""
    document = report.to_dict()
    text = (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            document=document,
            options=json.dumps(plain(report.options), ensure_ascii=False, indent=2),
            explanation=SAMPLE_VERDICTS[report.verdict],
            remarks=remarks(report),
            verdicts=VERDICTS,
            unexplained=sorted(report.unexplained, key=lambda line: (line.spectrum, line.position)),
            styles=PHASE_STYLES,
            symbols=_symbols(report),
            plots=[_plot(report, index) for index in range(len(report.spectra))],
        )
    )
    if path is not None:
        write_text(path, text)
    return text


def phase_table_html(report: PhaseReport) -> str:
    """The table of phases alone, for notebooks."""
    return (
        _environment()
        .get_template("phase_table.html")
        .render(report=report, explanation=SAMPLE_VERDICTS[report.verdict], verdicts=VERDICTS, symbols=_symbols(report))
    )


def series_html(report: SeriesReport, path: str | Path | None = None) -> str:
    """A series as a self-contained page, its plot inside; also written to ``path`` when given."""
    figure = base64.b64encode(series_svg(report)).decode("ascii") if report.phases else ""
    text = _environment().get_template("series.html").render(report=report, document=report.to_dict(), figure=figure)
    if path is not None:
        write_text(path, text)
    return text


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "wt": wt_percent,
        "confidence": confidence_text,
        "cell": _cell,
        "cell_change": _cell_change,
        "limit": limit_text,
        "counting_time": counting_time_text,
        "watched_name": watched_name,
        "unexplained_phase": unexplained_phase_text,
        "positions": _positions,
        "amount": amount_text,
        "share": amount_percent,
    }
    return environment


def _symbols(report: PhaseReport) -> dict[str, tuple[int, str]]:
    """Row number and symbol of each phase in the first fit that holds it."""
    found: dict[str, tuple[int, str]] = {}
    fits: list[Fit] = [fit for fit in report.fits if fit is not None]
    for fit in fits:
        for index, phase in enumerate(fit.phases):
            found.setdefault(phase.name, (index % len(PHASE_STYLES), f"{index + 1} {phase_style(index).symbol}"))
    return found


def _plot(report: PhaseReport, index: int) -> dict[str, Any]:
    spectrum, fit = report.spectra[index], report.fits[index] if index < len(report.fits) else None
    technique = technique_named(spectrum.technique)
    name = Path(spectrum.source.path or spectrum.name or f"spectrum {index}").name
    plot: dict[str, Any] = {"index": index, "name": name, "title": technique.title, "fit": fit}
    if fit is None:
        description = f"{technique.title} of {report.sample}: the measured curve"
        svg = spectrum_svg(
            spectrum,
            x_label=technique.x_label,
            y_label=technique.y_label,
            reverse=technique.plot_reversed,
            description=description,
        )
        return plot | {"linear": svg}
    description = (
        f"{technique.title} of {report.sample}: observed and calculated intensity against {technique.x_label}, "
        f"a row of ticks for each of {', '.join(phase.name for phase in fit.phases) or 'no phases'}, and the "
        f"difference; Rwp {fit.statistics.rwp_percent:.2f} %"
    )
    for scale in ("linear", "sqrt"):
        plot[scale] = match_svg(
            fit,
            scale=scale,
            x_label=technique.x_label,
            y_label=technique.y_label,
            description=description,
            reverse=technique.plot_reversed,
        )
    bands = [_band_table(phase) for phase in fit.phases] if isinstance(fit, BandMatch) else []
    reflections = [_strongest(phase) for phase in fit.phases] if isinstance(fit, MatchResult) else []
    return plot | {
        "x_label": technique.x_label,
        "csv": quote(_csv(fit, technique.column_title), safe=",.\n-+").replace("\n", "%0A"),
        "beside": fitted_beside(report, fit),
        "rows": min(fit.x.size, ROWS_DOWNLOADED),
        "reflections": reflections,
        "bands": bands,
    }


def _csv(fit: Fit, column_title: str) -> str:
    rows = thinned(range(fit.x.size), ROWS_DOWNLOADED)
    columns = np.column_stack([fit.x, fit.observed, fit.calculated, fit.background])[rows]
    lines = [f"{x:.5g},{o:.6g},{c:.5g},{b:.4g}" for x, o, c, b in columns.tolist()]
    return f"{column_title},observed,calculated,background\n" + "\n".join(lines) + "\n"


def _strongest(phase: PhaseFit) -> dict[str, Any]:
    reflections = phase.reflections
    order = np.argsort(-reflections.intensity)[:REFLECTIONS_LISTED]
    top = float(reflections.intensity.max()) if len(reflections) else 1.0
    rows = [
        {
            "hkl": " ".join(str(int(value)) for value in reflections.hkl[i]),
            "d": f"{reflections.d_angstrom[i]:.4f}",
            "position": f"{reflections.two_theta_deg[i]:.3f}",
            "relative": f"{100 * reflections.intensity[i] / top:.1f}" if top > 0 else "-",
        }
        for i in sorted(order, key=lambda i: reflections.two_theta_deg[i])
    ]
    return {"name": phase.name, "total": len(reflections), "rows": rows}


def _band_table(phase: BandFit) -> dict[str, Any]:
    rows = [
        {
            "position": str(band.position),
            "reference": "" if band.reference is None else f"{band.reference.position_cm1:g}",
            "fwhm": str(band.fwhm),
            "area": str(band.area),
            "significance": f"{band.significance:.1f}",
            "assignment": "" if band.reference is None else band.reference.assignment or "",
        }
        for band in phase.bands
    ]
    return {"name": phase.name, "rows": rows}


def _cell_change(phase: PhaseEvidence) -> str:
    """``a +0.08 %, c −0.01 %``: the edges against those of the reference."""
    if not phase.cell or not phase.reference_cell:
        return ""
    changes: dict[float, str] = {}
    for name in ("a_angstrom", "b_angstrom", "c_angstrom"):
        edge = phase.cell[name].value
        changes.setdefault(edge, f"{name[0]} {100.0 * (edge / phase.reference_cell[name] - 1.0):+.2f} %")
    return _unbroken(", ".join(changes.values()).replace("-", "−"))


def _cell(cell: dict[str, Value] | None) -> str:
    return _unbroken(cell_text(cell))


def _unbroken(listed: str) -> str:
    """The list with breaks allowed after its commas only."""
    return listed.replace(" ", "\u00a0").replace(",\u00a0", ", ")


def _positions(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.2f}" for value in values) or "none"
