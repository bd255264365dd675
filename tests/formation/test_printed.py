"""A made-up series as it is printed, written and drawn: no engine takes part, so the words stay as they are."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from made_amounts import FAILED, amounts, no

import braggite as bg
from braggite.errors import InvalidSpectrum, OptionError
from braggite.formation.amounts import appearance, disappearance
from braggite.formation.answers import answer
from braggite.formation.conversion import Conversion, conversion
from braggite.formation.elements import element_balances
from braggite.formation.exchange import change_over, exchange, role
from braggite.formation.trends import trend
from braggite.formation.variable import Variable, parsed_variable
from braggite.values import Value

LABELS = ("600C", "700C", "800C", "900C", "1000C")


def phase(name, formula, *entries, grade="A", stands_for=()):
    found = tuple(replace(a, value=600.0 + 100.0 * a.value) for a in amounts(*entries))
    return bg.PhaseSeries(
        name, name, formula, found, appearance(found), disappearance(found), role(found), change_over(found),
        stands_for=stands_for, evidence_grade=grade,
    )  # fmt: skip


def ratio(value):
    flag = "fine grains" if value < 1.005 else None
    return bg.DerivedQuantity("c/a", "tetragonality", Value(value, 0.0003), flag, "nothing else is there")


@pytest.fixture
def report() -> bg.SeriesReport:
    edges = [4.001, 4.010, 4.019, 4.032, 4.041]
    product = phase("li2bati6o14", "Li2BaTi6O14", no(), no(), FAILED, 0.4, 0.9, grade="E")
    source = phase("batio3", "BaTiO3", 0.9, 0.9, FAILED, 0.5, 0.09, stands_for=("batio3-cubic",))
    cells = [Value(edge, 0.001) for edge in edges]
    source = replace(
        source,
        amounts=tuple(
            replace(a, cell={"a_angstrom": edge}, derived=(ratio(edge.value / 3.99),))
            for a, edge in zip(source.amounts, cells, strict=True)
        ),
        cell_trends={"a_angstrom": trend([a.value for a in source.amounts], cells)},
    )
    other = phase("tio2-rutile", "TiO2", no(), ("?", 0.01), FAILED, no(), no())
    phases = (product, source, other)
    variable = parsed_variable("temperature:C")
    seen = SimpleNamespace(verdict="identified", unexplained=(), fits=(), spectra=(), diagnostics=())
    points = [bg.SeriesPoint(label, 600.0 + 100.0 * i, seen) for i, label in enumerate(LABELS)]
    points[2] = replace(points[2], report=None, error=InvalidSpectrum("cannot be read"))
    return bg.SeriesReport(
        name="made up",
        variable=variable,
        points=tuple(points),
        phases=phases,
        exchanges=(exchange(("li2bati6o14", product.amounts), ("batio3", source.amounts)),),
        reaction=conversion(["BaTiO3"], ["Li2BaTi6O14"], ("Li2O",), {}),
        elements=element_balances({entry.formula: entry.amounts for entry in phases}, ("Li2O",), None),
        answers=tuple(answer(entry, variable, LABELS) for entry in phases),
        diagnostics=(bg.Diagnostic.of("scan_failed", where="800C"),),
    )


def test_the_text(report, golden):
    golden("series.txt", report.to_text())


def test_the_table(report, golden):
    golden("series.csv", report.to_csv())


def test_the_document(report):
    document = json.loads(report.to_json())
    assert document["points"][2]["error"]["message"] == "cannot be read"
    assert document["phases"][0]["appearance"] == {"after": 700.0, "by": 900.0, "resolved": True}
    assert document["reaction"]["obstacles"][0]["elements"] == ["Ba", "O"]


def test_the_page_stands_alone(report, tmp_path):
    page = report.to_html(tmp_path / "series.html")
    assert page.startswith("<!doctype html>")
    assert "data:image/svg+xml;base64," in page
    assert "Li2BaTi6O14 formed between 700 and 900 °C" in page
    assert "&lt; 0.5" in page
    assert report.to_html() == page


@pytest.mark.parametrize(
    ("entries", "kind", "beginning"),
    [
        (
            (no(), no(0.02), no(), no(), no()),
            "T:C",
            "TiO2 was not seen; less than 2 wt% at 95 % in every scan (the least",
        ),
        ((no(), no(), no(), no(), no()), "T:C", "TiO2 was not seen; less than 0.5 wt% at 95 % in every scan."),
        ((no(), no(), ("?", 0.01), no(), no()), "T:C", "TiO2 may have formed: 1.0(2) wt% at 800 °C, confidence 0.80"),
        ((no(0.3), 0.1, 0.1, 0.1, 0.1), "T:C", "TiO2 formed between 600 and 700 °C: 10.0(2) wt% at 700 °C (on the"),
        ((no(), 0.1, 0.2, no(), no()), "T:C", "TiO2 formed between 600 and 700 °C: 20.0(2) wt% at 800 °C, and is gone"),
        ((0.2, 0.1, no(), no(), no()), "T:C", "TiO2 was consumed between 700 and 800 °C: 20.0(2) wt% at 600 °C."),
        ((0.2, 0.1, 0.1, 0.1, 0.1), "T:C", "TiO2 is there at every point: from 10.0(2) wt% at 700 °C to 20.0(2) wt%"),
        ((no(), 0.1, 0.2, no(), no()), "x", "TiO2 appears between x 600 and 700: 20.0(2) wt% at x 800, and is gone"),
        ((FAILED,) * 5, "T:C", "nothing is known of TiO2"),
    ],
)
def test_sentences(entries, kind, beginning):
    asked = phase("tio2-rutile", "TiO2", *entries)
    assert answer(asked, parsed_variable(kind), LABELS).sentence.startswith(beginning)


def test_sentences_of_samples_without_order():
    asked = phase("tio2-rutile", "TiO2", no(0.02), 0.1, 0.3, no(), FAILED, grade="D")
    assert answer(asked, Variable(), LABELS).sentence == (
        "TiO2 is in 2 of 4 scans: most, 30.0(2) wt%, in 800C; where not detected, less than 2 wt% at 95 % "
        "(its reference is of grade D: conditional on it)."
    )


@pytest.mark.parametrize("status", ["no_reaction", "too_many", "not_asked"])
def test_what_is_said_where_there_is_no_reaction(report, status):
    text = replace(report, reaction=Conversion(status)).to_text()
    assert ("Reaction" in text) == (status != "not_asked")


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_the_plot_draws_every_phase(report, scale):
    from matplotlib.figure import Figure

    ax = report.plot(Figure().add_subplot(), scale=scale)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["li2bati6o14", "batio3", "tio2-rutile"]
    assert ax.get_xlabel() == "temperature (°C)"
    arrows = [child for child in ax.texts if child.arrow_patch is not None]
    # Limits: two of the product, three of rutile.
    assert len(arrows) == 5
    assert ax.get_yscale() == scale


def test_a_cell_is_drawn_with_its_trend_or_refused(report):
    with pytest.raises(OptionError, match="no phase of the series"):
        report.plot_cell("quartz")
    with pytest.raises(OptionError, match="no c_angstrom"):
        report.plot_cell("batio3", "c_angstrom")
