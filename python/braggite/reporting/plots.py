"""Plots with matplotlib; every function draws on the axes given, or on new ones, and returns them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from braggite.cif_text import one_line
from braggite.errors import OptionError
from braggite.reporting.gaps import broken
from braggite.reporting.style import BACKGROUND, CALCULATED, DIFFERENCE, OBSERVED, amount_percent, phase_style
from braggite.reporting.ticks import nice_ticks, square_root_ticks
from braggite.techniques import technique_named

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from braggite.arrays import FloatArray
    from braggite.identification.report import PhaseReport
    from braggite.matching.fit import Fit
    from braggite.matching.peak_results import PeakFit
    from braggite.spectrum import Spectrum

Scale = Literal["linear", "sqrt"]
PICTURES: dict[str, dict[str, None]] = {".png": {}, ".pdf": {"CreationDate": None}, ".svg": {"Date": None}}
"""Forms of pictures, with what keeps the time of writing out of them."""
LEGEND_PEAKS = 8
"""With more peaks a legend hides the plot."""
ROW_SPACING = 0.055
"""Height of a row of ticks, in shares of that of the pattern."""
LEGEND_DROP_INCHES = -0.45
"""From the axes to a legend below them: past the numbers and the label of the axis."""
LONGEST_NAME, LEGEND_LABEL = 60, 50
"""Two columns of longer labels do not stand side by side in six inches."""


def plot_spectrum(spectrum: Spectrum, ax: Axes | None = None) -> Axes:
    """The spectrum as a line; binding-energy and infrared axes run from high to low."""
    ax = new_axes(ax)
    ax.plot(*broken(spectrum.x, spectrum.y), color=OBSERVED, linewidth=0.8, label=spectrum.name or None)
    _label_axes(ax, spectrum)
    if spectrum.name:
        ax.set_title(spectrum.name)
    return ax


def plot_peaks(spectrum: Spectrum, positions: FloatArray, ax: Axes | None = None) -> Axes:
    """The spectrum with a triangle over each peak."""
    ax = plot_spectrum(spectrum, ax)
    heights = np.interp(positions, spectrum.x, spectrum.y)
    lift = 0.02 * float(np.ptp(spectrum.y))
    ax.plot(positions, heights + lift, linestyle="none", marker="v", markersize=5, color=CALCULATED, label="peaks")
    ax.legend(frameon=False)
    return ax


def plot_match(result: Fit, ax: Axes | None = None, *, scale: Scale = "linear", title: str = "") -> Axes:
    """Observed dots, calculated line, background, a labelled row of ticks per phase, the difference below.

    ``scale="sqrt"`` draws square roots of the ordinates, which makes weak lines visible.
    """
    ax = new_axes(ax)
    up = _square_root if scale == "sqrt" else _identity
    observed, calculated, background = up(result.observed), up(result.calculated), up(result.background)
    low, high = float(min(observed.min(), background.min())), float(max(observed.max(), calculated.max()))
    height = (high - low) or 1.0
    ax.plot(result.x, observed, ".", color=OBSERVED, markersize=2, label="observed", rasterized=True)
    ax.plot(*broken(result.x, calculated), color=CALCULATED, linewidth=0.9, label="calculated")
    ax.plot(*broken(result.x, background), color=BACKGROUND, linewidth=0.9, linestyle="--", label="background")
    floor = _tick_rows(ax, result, low - ROW_SPACING * height, ROW_SPACING * height)
    difference = observed - calculated
    offset = floor - max(0.04 * height, float(difference.max()) * 1.05)
    ax.plot(*broken(result.x, difference + offset), color=DIFFERENCE, linewidth=0.7, label="difference")
    ax.axhline(offset, color=BACKGROUND, linewidth=0.5)
    technique = technique_named(result.technique)
    ends = (result.x[-1], result.x[0]) if technique.plot_reversed else (result.x[0], result.x[-1])
    ax.set_xlim(*ends)
    ax.set_xlabel(technique.x_label)
    ax.set_ylabel(f"{technique.y_label} (square-root scale)" if scale == "sqrt" else technique.y_label)
    floor_shown = 0.0 if 0.0 < low < 0.04 * height else low
    values = square_root_ticks(max(low, 0.0), high) if scale == "sqrt" else nice_ticks(floor_shown, high, 6)
    ax.set_yticks(up(np.array(values)), [f"{value:,g}" for value in values])
    _statistics_title(ax, result, title)
    _match_legend(ax)
    return ax


def save_match_plot(result: Fit, path: str | Path, *, scale: Scale = "linear") -> Path:
    """The match as a picture six inches wide, higher with more phases; its form by the suffix of ``path``.

    Raises
    ------
    OptionError
        A suffix of none of ``PICTURES``, or a file that cannot be written.
    """
    from matplotlib.figure import Figure

    target = picture_target(path)
    figure = Figure(figsize=(6.0, 4.0 + 0.25 * len(result.phases)), layout="constrained")
    plot_match(result, figure.add_subplot(), scale=scale)
    return saved_picture(figure, target)


def picture_target(path: str | Path) -> Path:
    """The path of a picture; ``OptionError`` for a suffix of none of ``PICTURES``."""
    target = Path(path)
    if target.suffix.lower() not in PICTURES:
        raise OptionError(
            f"a plot cannot be drawn as {target.suffix or 'a file without suffix'}",
            where=str(target),
            suggestion=f"choose one of {' '.join(PICTURES)}",
        )
    return target


def saved_picture(figure: Figure, target: Path) -> Path:
    """Write a picture without the time of writing; ``OptionError`` when it cannot be written."""
    try:
        figure.savefig(target, dpi=200, metadata=PICTURES[target.suffix.lower()])
    except OSError as error:
        raise OptionError(f"cannot write {target}: {error.strerror}", where=str(target)) from None
    return target


def plot_peak_fit(fit: PeakFit, ax: Axes | None = None) -> Axes:
    """Observed dots, calculated line, background, each peak on it, and the difference below."""
    ax = new_axes(ax)
    ax.plot(fit.x, fit.y, ".", color=OBSERVED, markersize=2, label="observed", rasterized=True)
    for index, (peak, curve) in enumerate(zip(fit.model.peaks, fit.components, strict=True)):
        ax.plot(fit.x, fit.background + curve, color=phase_style(index).color, linewidth=0.7, label=peak.label)
    ax.plot(fit.x, fit.curve, color=CALCULATED, linewidth=0.9, label="calculated")
    ax.plot(fit.x, fit.background, color=BACKGROUND, linewidth=0.9, linestyle="--", label="background")
    offset = float(min(fit.y.min(), fit.background.min())) - 1.05 * float(np.max(np.abs(fit.residual)))
    ax.plot(fit.x, fit.residual + offset, color=DIFFERENCE, linewidth=0.7, label="difference")
    ax.axhline(offset, color=BACKGROUND, linewidth=0.5)
    ax.set_xlabel(fit.unit)
    state = "" if fit.converged else ", NOT CONVERGED"
    ax.set_title(f"reduced chi-square {fit.chi2_reduced:.3g}{state}", fontsize="medium")
    if len(fit) <= LEGEND_PEAKS:
        ax.legend(frameon=False, fontsize="small", loc="upper right")
    return ax


def plot_report(report: PhaseReport, ax: Axes | None = None, *, scale: Scale = "linear") -> Axes:
    """The match of the first fitted spectrum; the bare spectrum where nothing was fitted."""
    for fit in report.fits:
        if fit is not None:
            return plot_match(fit, ax, scale=scale, title=report.sample)
    return plot_spectrum(report.spectra[0], ax)


def report_pdf(report: PhaseReport, path: str | Path) -> Path:
    """The text of the report and its plots as a PDF file; ``OptionError`` when it cannot be written."""
    from matplotlib.backends.backend_pdf import PdfPages

    target = Path(path)
    try:
        with PdfPages(target, metadata={"Title": f"Phases of {report.sample}", "CreationDate": None}) as pages:
            for figure in _report_figures(report):
                pages.savefig(figure)
    except OSError as error:
        raise OptionError(f"cannot write {target}: {error.strerror}", where=str(target)) from None
    return target


def _report_figures(report: PhaseReport) -> list[Figure]:
    figures = _text_pages(report.to_text().splitlines())
    for fit in report.fits:
        if fit is None:
            continue
        for scale in ("linear", "sqrt"):
            figure = _page()
            plot_match(fit, figure.add_subplot(), scale=scale, title=report.sample)
            figures.append(figure)
    return figures


def _text_pages(lines: list[str], *, per_page: int = 52) -> list[Figure]:
    figures = []
    for start in range(0, len(lines), per_page):
        figure = _page()
        block = lines[start : start + per_page]
        size = min(9.0, 1130 / max(*(len(line) for line in block), 1))
        figure.text(0.04, 0.96, "\n".join(block), family="monospace", fontsize=size, va="top", parse_math=False)
        figures.append(figure)
    return figures


def _page() -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(11.69, 8.27), layout="constrained")


def _tick_rows(ax: Axes, result: Fit, top: float, spacing: float) -> float:
    level = top
    for index, phase in enumerate(result.phases):
        style = phase_style(index)
        positions = phase.tick_positions
        positions = positions[(positions >= result.x[0]) & (positions <= result.x[-1])]
        label = " ".join(part for part in (verbatim(phase.name), amount_percent(phase)) if part)
        ax.plot(
            positions,
            np.full(positions.size, level),
            linestyle="none",
            marker="|",
            markersize=7,
            color=style.color,
            markeredgewidth=0.9,
        )
        beside = ax.get_yaxis_transform()
        ax.plot([1.015], [level], transform=beside, marker=style.marker, markersize=3, color=style.color, clip_on=False)
        ax.plot([], [], linestyle="none", marker=style.marker, color=style.color, label=f"{index + 1} {label}")
        ax.annotate(
            f"{index + 1}",
            (1.0, level),
            xycoords=("axes fraction", "data"),
            xytext=(9, 0),
            textcoords="offset points",
            va="center",
            fontsize="x-small",
            color=style.color,
        )
        level -= spacing
    return level


def _match_legend(ax: Axes) -> None:
    """Below the axes, where it hides nothing, if the figure makes room for it; else where it hides least."""
    from matplotlib.transforms import ScaledTranslation

    if ax.figure.get_layout_engine() is None:
        ax.legend(frameon=False, fontsize="small", loc="best")
        return
    below = ax.transAxes + ScaledTranslation(0.0, LEGEND_DROP_INCHES, ax.figure.dpi_scale_trans)
    longest = max(len(label) for label in ax.get_legend_handles_labels()[1])
    ax.legend(
        frameon=False,
        fontsize="x-small",
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        bbox_transform=below,
        ncols=1 if longest > LEGEND_LABEL else 2,
    )


def verbatim(text: str) -> str:
    """A name on one line, cut to what a label holds, no part of it taken for a formula."""
    text = one_line(text)
    return (text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…").replace("$", r"\$")


def _statistics_title(ax: Axes, result: Fit, title: str) -> None:
    statistics = result.statistics
    state = "" if result.converged else ", NOT CONVERGED"
    head = f"{verbatim(title)}: " if title else ""
    ax.set_title(f"{head}Rwp {statistics.rwp_percent:.2f} %, GoF {statistics.gof:.2f}{state}", fontsize="medium")


def _label_axes(ax: Axes, spectrum: Spectrum) -> None:
    technique = technique_named(spectrum.technique)
    ax.set_xlabel(technique.x_label)
    unit = "" if spectrum.y_unit == "arbitrary" else f" ({spectrum.y_unit})"
    ax.set_ylabel(f"{technique.y_label}{unit}")
    low, high = float(spectrum.x[0]), float(spectrum.x[-1])
    ax.set_xlim(*((high, low) if technique.plot_reversed else (low, high)))


def new_axes(ax: Axes | None) -> Axes:
    """The axes given, or new ones."""
    if ax is not None:
        return ax
    from matplotlib import pyplot

    return pyplot.subplots(figsize=(9, 5), layout="constrained")[1]


def _square_root(values: FloatArray) -> FloatArray:
    return np.sqrt(np.clip(values, 0.0, None))


def _identity(values: FloatArray) -> FloatArray:
    return values
