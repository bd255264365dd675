"""The plot of a match as compact SVG for pages, themed by the page's style sheet."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal

import numpy as np

from braggite.reporting.gaps import after_gaps
from braggite.reporting.style import phase_style
from braggite.reporting.ticks import nice_ticks, square_root_ticks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from braggite.arrays import FloatArray
    from braggite.matching.fit import Fit
    from braggite.spectrum import Spectrum

Scale = Literal["linear", "sqrt"]

WIDTH, LEFT, RIGHT, TOP = 1000.0, 64.0, 984.0, 12.0
MAIN_HEIGHT, ROW_HEIGHT, DIFFERENCE_HEIGHT, AXIS_HEIGHT = 330.0, 15.0, 76.0, 40.0
POINTS_DRAWN = 5000
SUBUNITS = 10
"""Paths are written in tenths of a unit, as integers: short text, and finer than a screen."""


@dataclass(frozen=True, slots=True)
class _Window:
    """The map from data to drawing units."""

    x: tuple[float, float]
    y: tuple[float, float]
    bottom: float
    reversed: bool = False

    def across(self, values: FloatArray) -> FloatArray:
        share = (values - self.x[0]) / (self.x[1] - self.x[0])
        if self.reversed:
            share = 1.0 - share
        return LEFT + share * (RIGHT - LEFT)

    def up(self, values: FloatArray) -> FloatArray:
        return self.bottom - (values - self.y[0]) * self.units_per_y

    @property
    def units_per_y(self) -> float:
        return (self.bottom - TOP) / (self.y[1] - self.y[0])


def match_svg(
    result: Fit, *, scale: Scale, x_label: str, description: str, y_label: str = "intensity", reverse: bool = False
) -> str:
    """Observed dots, calculated line, background, one row of ticks per phase, the difference on the same scale."""
    transform = np.sqrt if scale == "sqrt" else np.asarray
    observed, calculated, background = (
        transform(np.clip(curve, 0.0, None)) for curve in (result.observed, result.calculated, result.background)
    )
    window = _Window(
        (float(result.x[0]), float(result.x[-1])),
        _limits(observed, calculated, background),
        TOP + MAIN_HEIGHT,
        reverse,
    )
    rows_top = window.bottom + 6.0
    difference_top = rows_top + ROW_HEIGHT * len(result.phases) + 4.0
    middle = difference_top + DIFFERENCE_HEIGHT / 2.0
    offsets = np.clip((observed - calculated) * window.units_per_y, -DIFFERENCE_HEIGHT / 2, DIFFERENCE_HEIGHT / 2)
    bottom = difference_top + DIFFERENCE_HEIGHT
    across, breaks = window.across(result.x), after_gaps(result.x)
    parts = [
        *_frame(window, bottom, x_label, f"{y_label} (square-root scale)" if scale == "sqrt" else y_label, scale),
        _dots("observed", across, window.up(observed)),
        _line("background", across, window.up(background), breaks),
        _line("calculated", across, window.up(calculated), breaks),
        *_tick_rows(result, window, rows_top),
        f'<path class="zero" d="M{LEFT:.0f} {middle:.1f}H{RIGHT:.0f}"/>',
        _line("difference", across, middle - offsets, breaks),
        f'<text class="row" x="{LEFT - 6}" y="{middle + 4:.1f}" text-anchor="end">diff.</text>',
    ]
    return _document(parts, bottom + AXIS_HEIGHT, description)


def spectrum_svg(spectrum: Spectrum, *, x_label: str, y_label: str, reverse: bool, description: str) -> str:
    """One curve, for a spectrum that nothing was fitted to."""
    limits = float(min(spectrum.y.min(), 0.0)), float(spectrum.y.max()) * 1.03 or 1.0
    window = _Window((float(spectrum.x[0]), float(spectrum.x[-1])), limits, TOP + MAIN_HEIGHT, reverse)
    parts = [
        *_frame(window, window.bottom, x_label, y_label, "linear"),
        _line("calculated", window.across(spectrum.x), window.up(spectrum.y), after_gaps(spectrum.x)),
    ]
    return _document(parts, window.bottom + AXIS_HEIGHT, description)


def _limits(observed: FloatArray, calculated: FloatArray, background: FloatArray) -> tuple[float, float]:
    low = float(min(observed.min(), background.min()))
    high = float(max(observed.max(), calculated.max()))
    span = (high - low) or 1.0
    return max(low - 0.04 * span, 0.0) if low < 0.3 * high else low - 0.04 * span, high + 0.03 * span


def _frame(window: _Window, bottom: float, x_label: str, y_label: str, scale: Scale) -> list[str]:
    parts = []
    for value in nice_ticks(*window.x, 9):
        x = float(window.across(np.array([value]))[0])
        parts.append(f'<path class="grid" d="M{x:.1f} {TOP}V{bottom:.1f}"/>')
        parts.append(f'<text class="tick" x="{x:.1f}" y="{bottom + 16:.1f}" text-anchor="middle">{value:g}</text>')
    for value, height in _ordinate_ticks(window, scale):
        parts.append(f'<path class="grid" d="M{LEFT} {height:.1f}H{RIGHT}"/>')
        parts.append(f'<text class="tick" x="{LEFT - 6}" y="{height + 4:.1f}" text-anchor="end">{value:,.6g}</text>')
    parts.append(f'<path class="frame" d="M{LEFT} {TOP}V{bottom:.1f}H{RIGHT}"/>')
    center, middle = (LEFT + RIGHT) / 2, (TOP + window.bottom) / 2
    for place, label in (
        (f"translate({center} {bottom + 34:.1f})", x_label),
        (f"translate(12 {middle:.1f})rotate(-90)", y_label),
    ):
        parts.append(f'<text class="label" transform="{place}" text-anchor="middle">{escape(label)}</text>')
    return parts


def _ordinate_ticks(window: _Window, scale: Scale) -> list[tuple[float, float]]:
    if scale == "linear":
        return [(value, float(window.up(np.array([value]))[0])) for value in nice_ticks(*window.y, 6)]
    return [(value, float(window.up(np.sqrt(np.array([value])))[0])) for value in square_root_ticks(*window.y)]


def _tick_rows(result: Fit, window: _Window, top: float) -> list[str]:
    parts = []
    for index, phase in enumerate(result.phases):
        style = phase_style(index)
        y = top + ROW_HEIGHT * index
        positions = phase.tick_positions
        inside = positions[(positions >= result.x[0]) & (positions <= result.x[-1])]
        across = np.unique(np.round(window.across(inside), 1))
        marks = "".join(f"M{x:g} {y + 2:g}v{ROW_HEIGHT - 5:g}" for x in across)
        name = f"{index + 1} {style.symbol}"
        css = f"p{index % 8}"
        parts.append(f'<path class="mark {css}" d="{marks}"><title>{escape(phase.name)}</title></path>')
        parts.append(f'<text class="row fill-{css}" x="{LEFT - 6}" y="{y + 12:g}" text-anchor="end">{name}</text>')
    return parts


def _line(css: str, x: FloatArray, y: FloatArray, breaks: NDArray[np.intp]) -> str:
    """A line that begins anew at each index of ``breaks``."""
    body = "".join(_stroke(*part) for part in zip(np.split(x, breaks), np.split(y, breaks), strict=True))
    return f'<path class="{css}" transform="scale({1 / SUBUNITS})" d="{body}"/>'


def _stroke(x: FloatArray, y: FloatArray) -> str:
    points = _subunits(*_envelope(x, y))
    steps = np.diff(points, axis=0)
    body = "".join(f"{_signed(dx)}{_signed(dy)}" for dx, dy in steps[np.any(steps != 0, axis=1)].tolist())
    return f"M{points[0, 0]} {points[0, 1]}" + (f"l{body}" if body else "h0")


def _dots(css: str, x: FloatArray, y: FloatArray) -> str:
    points = np.unique(_subunits(*_envelope(x, y)), axis=0)
    steps = np.diff(points, axis=0)
    body = "".join(f"m{dx}{_signed(dy)}h0" for dx, dy in steps.tolist())
    return f'<path class="{css}" transform="scale({1 / SUBUNITS})" d="M{points[0, 0]} {points[0, 1]}h0{body}"/>'


def _signed(value: int) -> str:
    return str(value) if value < 0 else f" {value}"


def _subunits(x: FloatArray, y: FloatArray) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return np.round(np.column_stack([x, y]) * SUBUNITS).astype(np.int64)


def _envelope(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Not more than ``POINTS_DRAWN`` points: the lowest and highest of each bundle of neighbours."""
    if x.size <= POINTS_DRAWN:
        return x, y
    edges = np.linspace(0, x.size, POINTS_DRAWN // 2 + 1).astype(int)
    kept = sorted(
        {
            index
            for low, high in itertools.pairwise(edges)
            for index in (low + int(np.argmin(y[low:high])), low + int(np.argmax(y[low:high])))
        }
    )
    return x[kept], y[kept]


def _document(parts: list[str], height: float, description: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH:g} {height:.0f}" role="img" aria-label="{escape(description)}">'
        f"<title>{escape(description)}</title>{''.join(parts)}</svg>"
    )
