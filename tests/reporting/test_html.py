"""The page: self-contained, complete, small, and safe against what names and reasons may hold."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import unquote

import numpy as np
import pytest
from builders import empty_report, match_result, phase_report

from braggite.reporting.html import phase_table_html
from braggite.reporting.svg import POINTS_DRAWN, _envelope, match_svg
from braggite.reporting.ticks import nice_ticks, square_root_ticks

VOID = {"meta", "input", "br", "link", "img"}


class Skeleton(HTMLParser):
    """The tree of tags with their classes, without texts and numbers; checks that tags close."""

    def __init__(self):
        super().__init__()
        self.open: list[str] = []
        self.lines: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.links += [attributes[name] for name in ("href", "src") if name in attributes]
        if tag not in ("path", "text", "title", "tr", "td", "small", "code", "br", "sub"):
            self.lines.append(
                "  " * len(self.open) + tag + (f".{attributes['class']}" if attributes.get("class") else "")
            )
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes nothing"


def skeleton(page: str) -> Skeleton:
    parser = Skeleton()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


def test_structure_of_the_page(golden):
    golden("report.skeleton.txt", "\n".join(skeleton(phase_report().to_html()).lines) + "\n")
    golden("report_empty.skeleton.txt", "\n".join(skeleton(empty_report().to_html()).lines) + "\n")


def test_page_needs_no_network_and_no_script():
    page = phase_report().to_html()
    assert all(link.startswith("data:") for link in skeleton(page).links)
    assert "http" not in re.sub(r"data:text/csv[^\"]*", "", page)
    assert "<script" not in page
    assert "@import" not in page
    assert "url(" not in page


@pytest.mark.parametrize("n_points", [3501, 30001])
def test_page_stays_below_half_a_megabyte(n_points):
    assert len(phase_report(n_points).to_html().encode()) < 500_000


def test_everything_found_and_turned_down_is_on_the_page():
    page = phase_report().to_html()
    for text in (
        "93.2(4)", "6.8(4)", "12.9824(3)", "I a -3 d", "Reference of grade D", "batio3-cubic", "C. A. Author",
        "not detected", "&lt; 0.42 wt%", "43.301", "strongest line 28.6 deg missing", "adds less than the noise",
        "no reflections &lt;in&gt; the range &amp; nothing to fit", "38.90", "1" * 64, "0" * 64, "8.14", "1.48",
        "step small", "max_phases", "unexplained_lines", "axis_reversed",
    ):  # fmt: skip
        assert text in page, text


def test_cell_is_compared_with_the_reference():
    # Referent: 3.9945 / 3.9905 and 4.034445 / 4.0344 by hand.
    assert "to reference: a\u00a0+0.10\u00a0%, c\u00a0+0.00\u00a0%" in phase_report().to_html()


def test_names_cannot_inject():
    from dataclasses import replace

    page = replace(phase_report(), sample='<script>alert("x")</script>').to_html()
    assert "<script" not in page


def test_plot_is_described_for_those_who_cannot_see_it():
    page = phase_report().to_html()
    assert re.search(r'<svg [^>]*role="img" aria-label="[^"]*li7la3zr2o12-cubic[^"]*Rwp 8\.14 %"', page)


def test_data_of_the_plot_can_be_taken_away():
    page = phase_report(2001).to_html()
    csv = unquote(re.search(r'href="data:text/csv;charset=utf-8,([^"]*)"', page)[1])
    table = np.array([[float(entry) for entry in row.split(",")] for row in csv.splitlines()[1:]])
    fit = match_result(2001)
    # Referent: the arrays of the fit, at the five digits the file keeps.
    assert np.allclose(table[:, 0], fit.x, rtol=1e-4)
    assert np.array_equal(table[:, 1], fit.observed)
    assert np.allclose(table[:, 2], fit.calculated, rtol=1e-4)


def test_written_page_equals_the_text(tmp_path):
    path = tmp_path / "report.html"
    assert phase_report().to_html(path) == path.read_text(encoding="utf-8")


def test_not_converged_stands_at_the_plot():
    assert "did not converge" in phase_report(converged=False).to_html()


def test_notebook_shows_the_table():
    assert phase_report()._repr_html_() == phase_table_html(phase_report())
    assert "batio3-tetragonal" in phase_report()._repr_html_()


def curve(svg: str, css: str) -> np.ndarray:
    start, steps = re.search(rf'class="{css}"[^>]*d="M(\d+ \d+)l([^"]*)"', svg).groups()
    numbers = [int(number) for number in re.findall(r"-?\d+", steps)]
    return np.vstack([[int(n) for n in start.split()], np.reshape(numbers, (-1, 2))]).cumsum(axis=0) / 10


@pytest.mark.parametrize("scale", ["linear", "sqrt"])
def test_calculated_curve_is_drawn_where_it_is(scale):
    fit = match_result(2001)
    svg = match_svg(fit, scale=scale, x_label="2θ", description="test")
    drawn = curve(svg, "calculated")
    up = np.sqrt if scale == "sqrt" else np.asarray
    heights = up(fit.calculated)
    share = (drawn[:, 1].max() - drawn[:, 1]) / np.ptp(drawn[:, 1])
    expected = (heights - heights.min()) / np.ptp(heights)
    positions = (drawn[:, 0] - drawn[0, 0]) / np.ptp(drawn[:, 0])
    # Referent: the fit's own curve; half a tenth of a unit, of 320 units up and 928 across, is 0.0002 and 0.0001.
    assert np.allclose(share, expected, rtol=0, atol=4e-4)
    assert np.allclose(positions, np.linspace(0.0, 1.0, fit.x.size), rtol=0, atol=2e-4)


def test_bundling_keeps_the_highest_and_lowest_point():
    fit = match_result(30001)
    x, y = _envelope(fit.x, fit.observed)
    assert x.size <= POINTS_DRAWN
    assert (y.min(), y.max()) == (fit.observed.min(), fit.observed.max())
    assert np.all(np.diff(x) > 0)


def test_ticks_are_round():
    assert nice_ticks(10.0, 80.0, 7) == [10, 20, 30, 40, 50, 60, 70, 80]
    assert nice_ticks(0.0, 0.37, 4) == [0.0, 0.1, 0.2, 0.3]
    assert nice_ticks(1200.0, 0.0 + 1201.0, 2) == [1200.0, 1200.5, 1201.0]


def test_square_root_ticks_are_round_and_apart():
    ticks = square_root_ticks(20.0, 150.0)
    assert ticks == [20000.0, 10000.0, 6000.0, 4000.0, 2000.0, 1000.0]
    roots = np.sqrt(ticks)
    assert np.all(-np.diff(roots) > 13.0)  # Referent: a tenth of 20 to 150.
