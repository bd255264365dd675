"""Plots: what is drawn, on which axes, in which direction."""

from __future__ import annotations

from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from builders import empty_report, match_result, phase_report

mpl.use("Agg")

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from braggite import OptionError, Spectrum
from braggite.reporting.plots import (
    plot_match,
    plot_peaks,
    plot_report,
    plot_spectrum,
    report_pdf,
    save_match_plot,
)


@pytest.fixture
def ax():
    return Figure().add_subplot()


@pytest.mark.parametrize(("technique", "falls"), [("xrd", False), ("raman", False), ("ftir", True), ("xps", True)])
def test_direction_of_the_axis(ax, technique, falls):
    plot_spectrum(Spectrum.from_arrays([1.0, 2.0, 3.0], [1.0, 2.0, 1.0], technique=technique), ax)
    left, right = ax.get_xlim()
    assert (left > right) == falls


def test_match_draws_every_part_once(ax):
    fit = match_result()
    assert fit.plot(ax) is ax
    labels = ax.get_legend_handles_labels()[1]
    assert labels == [
        "observed", "calculated", "background", "1 li7la3zr2o12-cubic 93.2(4) wt%", "2 batio3-tetragonal 6.8(4) wt%",
        "difference",
    ]  # fmt: skip
    drawn = dict(zip(labels, ax.get_legend_handles_labels()[0], strict=True))
    assert np.array_equal(drawn["calculated"].get_ydata(), fit.calculated)
    difference = np.asarray(drawn["difference"].get_ydata())
    assert np.allclose(np.diff(difference), np.diff(fit.observed - fit.calculated))
    assert difference.max() < fit.background.min()


def test_square_root_scale(ax):
    fit = match_result()
    plot_match(fit, ax, scale="sqrt")
    handles, labels = ax.get_legend_handles_labels()
    assert np.allclose(handles[labels.index("calculated")].get_ydata(), np.sqrt(fit.calculated))


def test_phases_differ_by_more_than_colour(ax):
    plot_match(match_result(), ax)
    markers = [h.get_marker() for h, text in zip(*ax.get_legend_handles_labels(), strict=True) if "wt%" in text]
    assert len(set(markers)) == 2


def test_title_warns_of_a_fit_that_did_not_converge(ax):
    plot_match(match_result(converged=False), ax)
    assert "NOT CONVERGED" in ax.get_title()


@pytest.mark.parametrize("n_phases", [1, 2, 8, 20])
def test_nothing_written_overlaps(n_phases):
    """At six inches every label stands free of the others, of the axes and of the picture's edge."""
    fit = match_result()
    phases = tuple(replace(fit.phases[i % 2], name=f"phase-{i}-of-a-usual-length") for i in range(n_phases))
    figure = Figure(figsize=(6.0, 4.0 + 0.25 * n_phases), layout="constrained")
    ax = plot_match(replace(fit, phases=phases), figure.add_subplot(), scale="sqrt")
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    numbers = [text.get_window_extent(renderer) for text in ax.texts]
    assert len(numbers) == n_phases
    legend = ax.get_legend().get_window_extent(renderer)
    boxes = [*numbers, legend, ax.xaxis.label.get_window_extent(renderer), ax.title.get_window_extent(renderer)]
    boxes += [label.get_window_extent(renderer) for label in (*ax.get_xticklabels(), *ax.get_yticklabels())]
    for i, one in enumerate(boxes):
        assert not any(one.overlaps(other) for other in boxes[:i]), i
        assert not one.overlaps(ax.get_window_extent(renderer)), i
        assert figure.bbox.padded(1.0).contains(one.x0, one.y0), i
        assert figure.bbox.padded(1.0).contains(one.x1, one.y1), i


def test_a_legend_in_a_figure_without_layout_stays_inside():
    figure = Figure()
    ax = plot_match(match_result(), figure.add_subplot())
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    inside, legend = ax.get_window_extent(), ax.get_legend().get_window_extent(canvas.get_renderer())
    assert inside.contains(legend.x0, legend.y0)
    assert inside.contains(legend.x1, legend.y1)


@pytest.mark.parametrize("suffix", [".png", ".pdf", ".svg"])
def test_a_saved_plot_is_the_same_every_time(tmp_path, suffix):
    with mpl.rc_context({"svg.hashsalt": "fixed"}):
        first, second = (save_match_plot(match_result(), tmp_path / f"{n}{suffix}").read_bytes() for n in "ab")
    assert first == second


def test_report_without_a_fit_draws_the_spectrum(ax):
    assert plot_report(empty_report(), ax).get_xlabel() == "wavenumber (cm⁻¹)"


def test_peaks_stand_over_their_lines(ax):
    fit = match_result()
    spectrum = Spectrum.from_arrays(fit.x, fit.observed)
    plot_peaks(spectrum, np.array([16.8, 30.8]), ax)
    marks = ax.get_lines()[-1]
    assert np.all(np.asarray(marks.get_ydata()) > np.interp([16.8, 30.8], fit.x, fit.observed))


def test_pdf(tmp_path):
    path = report_pdf(phase_report(), tmp_path / "report.pdf")
    content = path.read_bytes()
    assert content.startswith(b"%PDF")
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") >= 3


def test_pdf_that_cannot_be_written(tmp_path):
    with pytest.raises(OptionError, match="cannot write"):
        report_pdf(phase_report(), tmp_path / "missing" / "report.pdf")
