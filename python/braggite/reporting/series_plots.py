"""Plots of a series: amounts with error bars and limits, and the cell of a phase with its trend."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from braggite.errors import OptionError
from braggite.reporting.plots import PICTURES, new_axes, picture_target, saved_picture, verbatim
from braggite.reporting.series_text import CELL_LABELS
from braggite.reporting.style import BACKGROUND, CALCULATED, OBSERVED, phase_style

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    from braggite.arrays import FloatArray
    from braggite.formation.amounts import Amount
    from braggite.formation.report import PhaseSeries, SeriesReport

DODGE = 0.005
"""Limits stand this share of the axis beside each other, so that those of one scan stay apart."""
ARROW_POINTS = 9
FLOOR = 0.05
"""Room below zero for arrows, as a share of the axis; lowest share of the least amount on a logarithmic axis."""
CELLS_DRAWN = 3
CELL_TICKS = 4


def plot_amounts(
    report: SeriesReport, ax: Axes | None = None, *, scale: Literal["linear", "log"] = "linear", legend: bool = True
) -> Axes:
    """Weight fractions against the variable: marks with error bars where a phase was found (open where it is only
    possible), bars with arrows down at the upper limit where it was not.

    ``scale="log"`` makes room for traces and limits.
    """
    ax = new_axes(ax)
    x = _positions(report)
    reach = (float(np.ptp(x)) or 1.0) * DODGE
    highest = max((_height(amount) for phase in report.phases for amount in phase.amounts), default=100.0) or 100.0
    lowest = min(
        (_height(amount) for phase in report.phases for amount in phase.amounts if _height(amount)), default=1.0
    )
    if scale == "log":
        ax.set_yscale("log")
        ax.set_ylim(0.4 * lowest, 1.6 * highest)
        ax.yaxis.set_major_formatter("{x:g}")
    else:
        ax.set_ylim(-FLOOR * highest, (1.0 + FLOOR) * highest)
        ax.axhline(0.0, color=BACKGROUND, linewidth=0.5)
    for index, phase in enumerate(report.phases):
        _draw_phase(ax, phase, x, index, joined=report.variable.ordered)
        _draw_limits(ax, phase, x + reach * (index - 0.5 * (len(report.phases) - 1)), index)
    ax.set_ylabel("weight fraction (%)")
    _label_variable(ax, report, x)
    if legend and report.phases:
        ax.legend(frameon=False, fontsize="small", loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0)
    return ax


def _height(amount: Amount) -> float:
    if amount.weight_fraction is not None:
        return 100.0 * amount.weight_fraction.value
    return 100.0 * amount.upper_limit.value if amount.upper_limit is not None else 0.0


def plot_cell_trend(report: SeriesReport, phase: str, parameter: str | None = None, ax: Axes | None = None) -> Axes:
    """A number of a phase's cell against the variable, with its trend.

    Raises
    ------
    OptionError
        A phase that is not in the series, or one without that number.
    """
    found = next((entry for entry in report.phases if entry.name == phase or phase in entry.stands_for), None)
    if found is None:
        known = ", ".join(entry.name for entry in report.phases)
        raise OptionError(f"{phase!r} is no phase of the series", where="phase", suggestion=f"one of {known}")
    names = [name for amount in found.amounts for name in amount.cell or {}]
    parameter = parameter or next(iter(found.cell_trends), "a_angstrom")
    if parameter not in names:
        raise OptionError(f"{phase} has no {parameter} in this series", where="parameter")
    ax = new_axes(ax)
    x = _positions(report)
    points = [(x[i], a.cell[parameter]) for i, a in enumerate(found.amounts) if a.cell and parameter in a.cell]
    positions = np.array([position for position, _ in points])
    values = np.array([number.value for _, number in points])
    sus = np.array([number.su or 0.0 for _, number in points])
    ax.errorbar(positions, values, yerr=sus, fmt="o", markersize=4, color=OBSERVED, capsize=2, linewidth=0.9)
    _draw_trend(ax, found, parameter, positions)
    ax.set_ylabel(CELL_LABELS.get(parameter, parameter))
    ax.ticklabel_format(axis="y", useOffset=False)
    _label_variable(ax, report, x)
    ax.set_title(verbatim(found.name), fontsize="medium")
    return ax


def save_series_plot(report: SeriesReport, path: str | Path) -> Path:
    """Amounts, and below them the cells of the most abundant phases that have a trend, as one picture.

    Raises
    ------
    OptionError
        A suffix that is no picture's, or a file that cannot be written.
    """
    target = picture_target(path)
    return saved_picture(series_figure(report), target)


def series_figure(report: SeriesReport) -> Figure:
    """The picture of a whole series, eight inches wide: amounts, their traces, and cells."""
    from matplotlib.figure import Figure

    drawn = [phase for phase in report.phases if phase.cell_trends][:CELLS_DRAWN]
    heights = [3.4, 2.8, *([2.4] if drawn else [])]
    figure = Figure(figsize=(8.0, sum(heights)), layout="constrained")
    parts: Any = figure.subfigures(len(heights), 1, height_ratios=heights)
    plot_amounts(report, parts[0].add_subplot())
    parts[0].suptitle(verbatim(report.name), fontsize="medium")
    plot_amounts(report, parts[1].add_subplot(), scale="log", legend=True)
    for axes, phase in zip(parts[-1].subplots(1, len(drawn), squeeze=False)[0] if drawn else (), drawn, strict=True):
        plot_cell_trend(report, phase.name, ax=axes)
        axes.yaxis.set_major_locator(_few_ticks())
        axes.xaxis.set_major_locator(_few_ticks())
        axes.tick_params(labelsize="small")
    return figure


def _few_ticks() -> MaxNLocator:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(CELL_TICKS)


def series_svg(report: SeriesReport) -> bytes:
    """The picture of a whole series as SVG, the same bytes for the same series."""
    import matplotlib as mpl

    buffer = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "braggite"}):
        series_figure(report).savefig(buffer, format="svg", metadata=PICTURES[".svg"])
    return buffer.getvalue()


def _draw_phase(ax: Axes, phase: PhaseSeries, x: FloatArray, index: int, *, joined: bool) -> None:
    style, marker = phase_style(index), _marker(index)
    found = [(i, a.weight_fraction) for i, a in enumerate(phase.amounts) if a.weight_fraction is not None]
    sure = np.array([phase.amounts[i].verdict == "present" for i, _ in found], dtype=bool)
    positions = np.array([x[i] for i, _ in found])
    values = np.array([100 * fraction.value for _, fraction in found])
    sus = np.array([100 * (fraction.su or 0.0) for _, fraction in found])
    if joined and len(found) > 1:
        ax.plot(positions, values, color=style.color, linewidth=0.6, alpha=0.6)
    for chosen, fill in ((sure, style.color), (~sure, "white")):
        if chosen.any():
            ax.errorbar(
                positions[chosen],
                values[chosen],
                yerr=sus[chosen],
                fmt=marker,
                markersize=5,
                color=style.color,
                markerfacecolor=fill,
                capsize=2,
                linewidth=0.9,
            )
    ax.plot([], [], linestyle="none", marker=marker, markersize=5, color=style.color, label=verbatim(phase.name))


def _draw_limits(ax: Axes, phase: PhaseSeries, x: FloatArray, index: int) -> None:
    color = phase_style(index).color
    for position, amount in zip(x, phase.amounts, strict=True):
        if amount.weight_fraction is not None or amount.upper_limit is None:
            continue
        level = 100.0 * amount.upper_limit.value
        ax.plot([position], [level], linestyle="none", marker=_marker(index), markersize=3, color=color)
        ax.annotate(
            "",
            (position, level),
            xytext=(0, -ARROW_POINTS),
            textcoords="offset points",
            arrowprops={"arrowstyle": "<-", "color": color, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0},
        )


def _marker(index: int) -> str:
    """The mark of the phase in a row; a tick of a pattern would be lost among error bars."""
    marker = phase_style(index).marker
    return "p" if marker == "|" else marker


def _draw_trend(ax: Axes, phase: PhaseSeries, parameter: str, positions: FloatArray) -> None:
    trend = phase.cell_trends.get(parameter)
    if trend is None or positions.size < 2:
        return
    low, high = float(positions.min()), float(positions.max())
    middle = float(np.mean(positions))
    if trend.form == "line" and trend.slope is not None:
        ends = [trend.mean.value + trend.slope.value * (end - middle) for end in (low, high)]
        ax.plot([low, high], ends, color=CALCULATED, linewidth=0.9)
    elif trend.form == "step" and trend.between is not None and trend.change is not None:
        after = float(np.mean(positions > 0.5 * sum(trend.between)))
        first = trend.mean.value - after * trend.change.value
        cut = 0.5 * sum(trend.between)
        levels = [first, first, first + trend.change.value, first + trend.change.value]
        ax.plot([low, cut, cut, high], levels, color=CALCULATED, linewidth=0.9)
    else:
        ax.plot([low, high], [trend.mean.value] * 2, color=CALCULATED, linewidth=0.9)


def _positions(report: SeriesReport) -> FloatArray:
    if report.variable.ordered:
        return np.array([point.value for point in report.points], dtype=np.float64)
    return np.arange(len(report.points), dtype=np.float64)


def _label_variable(ax: Axes, report: SeriesReport, x: FloatArray) -> None:
    if report.variable.ordered:
        ax.set_xlabel(report.variable.label)
        return
    ax.set_xticks(x, [verbatim(point.label) for point in report.points], rotation=40, ha="right", fontsize="small")
