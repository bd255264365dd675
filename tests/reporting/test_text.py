"""The printed report: golden files, and what must be visible in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from builders import empty_report, match_result, phase_report

from braggite import Diagnostic
from braggite.identification.report import UpperLimit
from braggite.reporting.text import cell_text, confidence_text, limit_text, match_text, wt_percent
from braggite.values import Value


@pytest.mark.parametrize(
    ("name", "make"), [("report.txt", phase_report), ("report_empty.txt", empty_report)], ids=["full", "empty"]
)
def test_report_reads_as_before(golden, name, make):
    golden(name, make().to_text())


def test_match_reads_as_before(golden):
    golden("match.txt", match_text(match_result()))
    golden("match_not_converged.txt", match_text(match_result(converged=False)))


def test_only_strong_correlations_are_said():
    covariance = np.array([[1.0, -2.97, 0.3], [-2.97, 9.0, np.nan], [0.3, np.nan, np.nan]])
    text = match_text(replace(match_result(), covariance=covariance))
    first, second, third = match_result().parameters
    (line,) = [line.split() for line in text.splitlines() if line.endswith("-0.990")]
    assert line[:2] == [first, second]
    assert text.count(third) == 1, "in the table of parameters only"
    assert "correlated" not in match_text(match_result())


def test_a_match_in_a_notebook():
    hostile = replace(match_result().phases[0], name="<b>&", r_bragg_percent=None, weight_fraction=None, cell={})
    page = replace(match_result(converged=False), phases=(hostile,))._repr_html_()
    assert "not converged: iteration limit" in page
    assert "<td>&lt;b&gt;&amp;</td>" in page
    assert page.count("<td>-</td>") == 3
    assert "<td>4.21</td>" in match_result()._repr_html_()


def test_caveat_of_an_estimated_reference_is_visible():
    assert "CAVEAT batio3-tetragonal (grade D)" in phase_report().to_text()


def test_fractions_of_phases_below_possible_are_accounted_for():
    report = replace(phase_report(), phases=phase_report().phases[:1])
    for text in (report.to_text(), report.to_html()):
        assert "less than possible: batio3-tetragonal 6.8(4) wt%" in text
    assert "less than possible" not in phase_report().to_text() + phase_report().to_html()


def test_a_caveat_is_said_once():
    note = Diagnostic.of("reference_estimated", where="batio3-tetragonal", detail="the caveat again")
    report = replace(phase_report(), diagnostics=(note,))
    assert "the caveat again" not in report.to_text() + report.to_html()
    assert "the caveat again" in report.to_json()


def test_a_fit_that_did_not_converge_says_so():
    assert "not converged" in phase_report(converged=False).to_text()
    assert match_text(match_result(converged=False)).startswith("NOT CONVERGED")


@pytest.mark.parametrize(
    ("confidence", "text"), [(0.9999999, "> 0.999"), (0.5, "0.500"), (1e-9, "< 0.001"), (0.9504, "0.950")]
)
def test_confidence_never_rounds_to_certainty(confidence, text):
    assert confidence_text(confidence) == text


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        (None, "-"),
        (Value(float("nan")), "-"),
        (Value(0.0679, 0.0041), "6.8(4)"),
        (Value(0.5, None), "50.00"),
        (Value(1.0, 0.0), "100.00"),
    ],
)
def test_weight_percent(fraction, text):
    assert wt_percent(fraction) == text


def test_limits():
    assert limit_text(None) == "no limit"
    assert limit_text(UpperLimit(float("nan"))) == "no limit"
    assert limit_text(UpperLimit(0.0042)) == "< 0.42 wt% (95 %)"
    assert "conditional" in limit_text(UpperLimit(0.02, conditional=True))
    assert "at%" in limit_text(UpperLimit(0.02, "atomic_fraction"))


def test_cell_leaves_out_what_symmetry_says():
    edge = Value(3.9945, 0.0003)
    right = dict.fromkeys(("alpha_deg", "beta_deg", "gamma_deg"), Value(90.0))
    cubic = {"a_angstrom": edge, "b_angstrom": edge, "c_angstrom": edge, **right}
    assert cell_text(cubic) == "a 3.9945(3)"
    assert cell_text(cubic | {"c_angstrom": Value(4.0335, 0.0004)}) == "a 3.9945(3), c 4.0335(4)"
    assert cell_text(cubic | {"beta_deg": Value(101.25, 0.02)}) == "a 3.9945(3), β 101.25(2)"
    assert cell_text(None) == "-"
