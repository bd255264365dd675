"""Whole series on simulated scans of known truth: fractions, sentences, reaction, elements, cells."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import pytest
from made_series import START, growing_garnet, pattern, reacting, solid_state_reaction, weight_fractions, written

import braggite as bg
from braggite.errors import InvalidSpectrum, LibraryError, OptionError
from braggite.formation.analysis import analyse
from braggite.formation.scan import Scan
from braggite.formation.variable import parsed_variable
from braggite.references import ReferenceLibrary

QUICK = bg.IdentifyOptions(decoys=20)
"""For tests that ask for nothing of limits."""


def library(elements: str) -> ReferenceLibrary:
    return ReferenceLibrary.default().filter(elements=elements)


@cache
def titanate() -> bg.SeriesReport:
    made = solid_state_reaction()
    return bg.series(
        made.spectra,
        made.values,
        variable="temperature:C",
        library=library(made.elements),
        watch=["li2bati6o14", "li3ba2ti9-25o22"],
        start=START,
        name="Li2BaTi6O14",
    )


@cache
def garnet() -> bg.SeriesReport:
    made = growing_garnet()
    return bg.series(made.spectra, made.values, variable="time:h", library=library(made.elements), watch=["la2zr2o7"])


def phase(report: bg.SeriesReport, name: str) -> bg.PhaseSeries:
    return next(entry for entry in report.phases if entry.name == name)


def test_fractions_cover_their_truth_and_limits_hold():
    made, report = solid_state_reaction(), titanate()
    pulls, broken, bounded = [], 0, 0
    for place, truth in enumerate(made.truth):
        for entry in report.phases:
            amount, true = entry.amounts[place], truth.get(entry.name, 0.0)
            if amount.weight_fraction is not None and amount.weight_fraction.su:
                pulls.append((amount.weight_fraction.value - true) / amount.weight_fraction.su)
            elif amount.upper_limit is not None:
                bounded += 1
                broken += true > amount.upper_limit.value
    assert len(pulls) + bounded == 6 * len(report.phases)
    assert len(pulls) == 19
    # Nominal 95 %: of 19 pulls, more than three beyond 1.96 have a probability of 1.3 %; none beyond 4.
    assert sum(abs(pull) > 1.96 for pull in pulls) <= 3
    assert max(map(abs, pulls)) < 4.0
    assert broken <= 1


def test_did_it_form():
    sentence, other = (answer.sentence for answer in titanate().answers)
    assert sentence.startswith("Li2BaTi6O14 formed between 700 and 800 °C: 100.")
    assert "at 1050 °C" in sentence
    assert "grade E" in sentence
    assert other.startswith("Li3Ba2Ti9.25O22 was not seen; less than 0.")
    assert [answer.outcome for answer in titanate().answers] == ["formed", "not_seen"]


def test_what_formed_and_what_was_consumed():
    roles = {entry.name: entry.role for entry in titanate().phases}
    assert roles == {
        "li2bati6o14": "formed",
        "tio2-rutile": "consumed",
        "baco3-witherite": "consumed",
        "li2co3": "consumed",
        "li3ba2ti9-25o22": "unchanged",
    }
    rutile = phase(titanate(), "tio2-rutile").disappearance
    assert (rutile.after, rutile.by, rutile.resolved) == (1000.0, 1050.0, True)


def test_exchanges_have_the_slopes_of_the_masses():
    start = weight_fractions(reacting(0.0))
    found = {exchange.consumed: exchange for exchange in titanate().exchanges}
    assert {exchange.formed for exchange in found.values()} == {"li2bati6o14"}
    for name, exchange in found.items():
        # Product and starting mixture are shares of one line: the slope is minus the share at the start.
        assert abs(exchange.slope.value + start[name]) < 4 * exchange.slope.su, name


def test_the_reaction_balances_and_is_followed():
    reaction = titanate().reaction
    assert (reaction.status, reaction.gases) == ("balanced", ("CO2",))
    assert reaction.equations == ("Li2CO3 + BaCO3 + 6 TiO2 -> Li2BaTi6O14 + 2 CO2",)
    assert reaction.agrees
    assert {entry.element: entry.verdict for entry in titanate().elements} == {"Li": "kept", "Ti": "kept"}


def test_lithium_that_left_is_seen():
    """Half the carbonate's lithium leaves at the first step, and the product has to do without it."""
    made = solid_state_reaction()
    lost = weight_fractions({"li2co3": 0.3, "baco3-witherite": 1.0, "tio2-rutile": 6.0})
    report = bg.series(
        [made.spectra[0], pattern(lost, seed=77)],
        [500.0, 900.0],
        variable="temperature:C",
        library=library(made.elements),
    )
    lithium = next(entry for entry in report.elements if entry.element == "Li")
    assert lithium.verdict == "lost"
    assert abs(lithium.change.value + 0.7) < 3 * lithium.change.su
    (answer,) = (entry for entry in report.answers if entry.phase == "li2co3")
    assert answer.outcome == "present_throughout"


def test_a_cell_that_grows_has_its_slope():
    report = garnet()
    trend = phase(report, "llzo-ta-cubic").cell_trends["a_angstrom"]
    edge = ReferenceLibrary.default()["llzo-ta-cubic"].structure.cell.a_angstrom
    assert trend.form == "line"
    # Referent: the change the scans were made with, 0.15 % over 4 h.
    assert abs(trend.slope.value - edge * 0.0015 / 4.0) < 4 * trend.slope.su
    assert phase(report, "batio3-tetragonal").cell_trends["a_angstrom"].form == "constant"
    assert "b_angstrom" not in phase(report, "llzo-ta-cubic").cell_trends


def test_nothing_that_changes_is_no_reaction():
    report = garnet()
    assert report.reaction.status == "no_reaction"
    assert {entry.role for entry in report.phases} == {"unchanged"}
    assert not report.exchanges
    assert report.answers[0].sentence.startswith("La2Zr2O7 was not seen; less than ")


def test_a_composition_series_is_asked_for_no_reaction():
    made = solid_state_reaction()
    report = bg.series(made.spectra[:3:2], [0.0, 0.1], variable="x", library=library(made.elements), options=QUICK)
    assert report.reaction.status == "not_asked"
    assert not report.elements


def test_the_same_twice():
    made = solid_state_reaction()
    chosen = made.spectra[1:4:2]
    one, two = (
        bg.series(
            chosen, [700.0, 900.0], variable="temperature:C", library=library(made.elements), options=QUICK
        ).to_json()
        for _ in range(2)
    )
    assert one == two


def test_a_broken_file_is_a_point_with_its_error(tmp_path):
    made = solid_state_reaction()
    files = written(made, tmp_path, [f"LBT-{value:.0f}C.xy" for value in made.values])
    files[2].write_text("600 rows of nothing\n", encoding="utf-8")
    report = bg.series(files[1:4], library=library(made.elements), watch=["li2bati6o14"], options=QUICK)
    assert [point.value for point in report.points] == [700.0, 800.0, 900.0]
    assert [point.report is None for point in report.points] == [False, True, False]
    assert [amount.verdict for amount in phase(report, "li2bati6o14").amounts] == ["not_detected", "failed", "present"]
    assert report.answers[0].sentence.startswith("Li2BaTi6O14 formed between 700 and 900 °C")
    codes = {note.code for note in report.diagnostics}
    assert {"scan_failed", "variable_guessed"} <= codes
    document = json.loads(report.to_json())
    assert document["points"][1]["status"] == "failed"
    assert document["points"][1]["error"]["code"] == "unknown_format"


def test_samples_without_order_are_counted():
    made = solid_state_reaction()
    spectra = [replace(made.spectra[i], name=name) for i, name in ((3, "good"), (0, "failed"))]
    report = bg.series(spectra, library=library(made.elements), watch=["li2bati6o14"])
    assert [point.label for point in report.points] == ["good", "failed"]
    (answer,) = report.answers
    assert answer.outcome == "present"
    assert answer.sentence.startswith("Li2BaTi6O14 is in 1 of 2 scans: most, 5")
    assert "where not detected, less than 0." in answer.sentence
    assert "variable_unknown" in {note.code for note in report.diagnostics}
    assert report.phases[0].role == "unknown"


def test_every_candidate_is_accounted_for():
    report, candidates = titanate(), library("Li Ba Ti C O").for_diffraction()
    account = report.to_dict()["candidates"]
    named = [*account["found"], *(entry["name"] for key in ("rejected", "failed") for entry in account[key])]
    assert sorted(named) == sorted(candidates.names)


def test_the_document_carries_the_contract():
    document = json.loads(titanate().to_json())
    assert document["schema"] == "braggite.series/1"
    assert {"points", "phases", "exchanges", "reaction", "elements", "answers", "candidates"} <= set(document)
    assert document["options"]["start"] == START
    assert len(document["phases"][0]["amounts"]) == len(document["points"]) == 6
    assert set(document["phases"][0]["amounts"][2]["weight_fraction"]) >= {"value", "su"}


def test_the_table_has_a_row_for_each_phase_at_each_point():
    rows = titanate().to_csv().splitlines()
    assert len(rows) == 1 + 6 * len(titanate().phases)
    assert rows[0].startswith("label,value,phase,formula,verdict,")


@pytest.mark.parametrize(
    ("arguments", "error", "complaint"),
    [
        ({"spectra": 1}, OptionError, "1 scans make no series"),
        ({"values": [1.0]}, OptionError, "1 values for 2 scans"),
        ({"values": [1.0, float("nan")]}, OptionError, "not a number"),
        ({"start": {"TiO2": -1.0}}, OptionError, "not positive"),
        ({"start": {"Nothing": 1.0}}, OptionError, "Nothing"),
        ({"gases": ["XX"]}, OptionError, "XX"),
        ({"watch": ["kryptonite"]}, LibraryError, "kryptonite"),
        ({"variable": "time:h", "values": None}, OptionError, "do not tell the time"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_be_a_series_is_refused(arguments, error, complaint):
    spectra = solid_state_reaction().spectra[: arguments.get("spectra", 2)]
    options = {"values": [1.0, 2.0][: len(spectra)], "library": library("Li Ba Ti C O"), **arguments}
    options.pop("spectra", None)
    with pytest.raises(error, match=complaint):
        bg.series(spectra, **options)


def test_a_series_of_broken_files_raises_what_the_first_one_does():
    errors = [InvalidSpectrum("first"), InvalidSpectrum("second")]
    scans = [Scan(str(i), float(i), None, error) for i, error in enumerate(errors)]
    with pytest.raises(InvalidSpectrum, match="first"):
        analyse(scans, parsed_variable("time:h"), library=library("Ti O"))


def test_a_scan_of_another_technique_is_left_out_with_its_reason():
    made = solid_state_reaction()
    raman = bg.Spectrum.from_arrays([100.0, 200.0, 300.0], [1.0, 2.0, 1.0], technique="raman", name="raman")
    report = bg.series(
        [made.spectra[0], raman, made.spectra[3]],
        [500, 600, 700],
        variable="T:C",
        library=library(made.elements),
        options=QUICK,
    )
    assert [point.report is None for point in report.points] == [False, True, False]
    assert "no diffraction pattern" in report.points[1].error.message
