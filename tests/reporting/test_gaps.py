"""Gaps of an axis: no line is drawn across one."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from builders import match_result
from matplotlib.figure import Figure

from braggite.reporting.gaps import after_gaps, broken, gap_edges
from braggite.reporting.plots import plot_match
from braggite.reporting.svg import match_svg

BLOCKS = np.concatenate([np.arange(20.0, 22.0, 0.008), np.arange(29.0, 31.0, 0.008), np.arange(140.0, 143.0, 0.014)])


def test_blocks_are_told_from_steps_that_change() -> None:
    assert BLOCKS[after_gaps(BLOCKS)].tolist() == [29.0, 140.0]
    growing = np.cumsum(np.linspace(0.01, 0.5, 200))
    assert after_gaps(growing).size == 0
    doubled = np.concatenate([np.arange(10.0, 20.0, 0.02), np.arange(20.0, 30.0, 0.05)])
    assert after_gaps(doubled).size == 0


@pytest.mark.parametrize("x", [[1.0], [1.0, 2.0], [1.0, 2.0, 3.0]])
def test_short_axes_have_none(x: list[float]) -> None:
    assert after_gaps(np.array(x)).size == 0


def test_edges_keep_half_a_step() -> None:
    (first, second) = gap_edges(BLOCKS)
    assert first == pytest.approx((BLOCKS[BLOCKS < 23].max() + 0.004, 29.0 - 0.004), abs=1e-9)
    assert second == pytest.approx((BLOCKS[BLOCKS < 100].max() + 0.004, 140.0 - 0.007), abs=1e-9)


def test_a_broken_curve_holds_its_points() -> None:
    x, y = broken(BLOCKS, BLOCKS**2)
    assert np.isnan(y).sum() == 2
    assert np.array_equal(y[np.isfinite(y)], BLOCKS**2)
    assert x.size == y.size


def test_pictures_draw_no_line_across_a_gap() -> None:
    match = match_result()
    keep = (match.x < 40.0) | (match.x > 42.0)
    columns = {n: getattr(match, n)[keep] for n in ("x", "observed", "calculated", "background", "sigma")}
    gappy = replace(match, **columns)
    ax = plot_match(gappy, Figure().add_subplot())
    lines = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    for label in ("calculated", "background", "difference"):
        assert np.isnan(lines[label].get_ydata()).sum() == 1, label
    for drawn, moves in ((gappy, 2), (match, 1)):
        svg = match_svg(drawn, scale="sqrt", x_label="x", description="d")
        for css in ("calculated", "background", "difference"):
            (path,) = re.findall(rf'<path class="{css}"[^>]* d="([^"]*)"', svg)
            assert path.count("M") == moves, css
