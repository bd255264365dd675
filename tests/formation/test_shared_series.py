"""Series that a separate simulator made: fractions and answers against its truth."""

from __future__ import annotations

import json

import pytest

import braggite as bg
from braggite.references import ReferenceLibrary

GARNET = [
    "LZ-0BTO.xye", "LZ-0p5BTO.csv", "LZ-1BTO.csv", "LZ-1p5BTO.xrdml", "LZ-2BTO.xye", "LZ-3BTO.csv", "LZ-5BTO.xrdml",
    "LZ-10BTO.xrdml",
]  # fmt: skip
CARBONATE = [
    "BTO-LC-0LBT.xy", "BTO-LC-0p5LBT.xye", "BTO-LC-1LBT.csv", "BTO-LC-2LBT.csv", "BTO-LC-5LBT.xrdml",
    "BTO-LC-15LBT.csv",
]  # fmt: skip
PRODUCTS = ["LBT-failed.xrdml", "LBT-half.xy", "LBT-pure.xy", "LBT-with-BT4-R.csv", "LBT-with-LT-BTO.csv"]


def analysed(folder, names, elements, **options):
    library = ReferenceLibrary.default().filter(elements=elements)
    return bg.series([folder / name for name in names], library=library, **options)


def truth_of(folder, slug):
    files = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["files"]
    shares = {entry["file"].split(".")[0]: entry["phases"] for entry in files}
    return {
        label: next((phase["weight_fraction"] for phase in phases if phase["slug"] == slug), 0.0)
        for label, phases in shares.items()
    }


def pulls(report, name, truth):
    entry = next(phase for phase in report.phases if phase.name == name)
    found = [(a.weight_fraction, truth[point.label]) for a, point in zip(entry.amounts, report.points, strict=True)]
    return [(fraction.value - true) / fraction.su for fraction, true in found if fraction is not None]


def limits_hold(report, name, truth):
    entry = next(phase for phase in report.phases if phase.name == name)
    bounded = [(a, truth[p.label]) for a, p in zip(entry.amounts, report.points, strict=True) if not a.weight_fraction]
    return all(true <= amount.upper_limit.value for amount, true in bounded)


def test_titanate_in_garnet(test_data):
    folder = test_data / "simulated" / "J01_bto_in_garnet"
    report = analysed(
        folder, GARNET, "Li La Zr Ta Ba Ti O C", variable="BTO:wt%", watch=["batio3-tetragonal", "li2bati6o14"]
    )
    assert [point.value for point in report.points] == [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0]
    assert [entry.outcome for entry in report.answers] == ["formed", "not_seen"]
    assert report.answers[0].sentence.startswith("BaTiO3 appears between BTO 0 and 0.5 wt%: 9.")
    found = pulls(report, "batio3-tetragonal", truth_of(folder, "batio3_p4mm_bgmn"))
    assert len(found) == 7
    # The simulator's own fractions. Samples that are not their references are covered to 0.88 within two su, not 0.95
    # (docs/validation.md); of seven pulls more than three beyond have a probability of 0.6 % then.
    assert sum(abs(pull) > 1.96 for pull in found) <= 3
    assert max(map(abs, found)) < 3.5
    assert limits_hold(report, "li2bati6o14", truth_of(folder, "li2bati6o14"))
    assert report.reaction.status == "not_asked"


def test_titanate_with_carbonate(test_data):
    folder = test_data / "simulated" / "J03_solid_state_products"
    report = analysed(folder, CARBONATE, "Li Ba Ti O C", watch=["li2bati6o14", "li2co3"])
    truth = truth_of(folder, "li2bati6o14")
    assert report.variable.label == "LBT"
    assert report.answers[0].sentence.startswith("Li2BaTi6O14 formed between LBT ")
    assert "at LBT 15" in report.answers[0].sentence
    found = pulls(report, "li2bati6o14", truth)
    # The simulator's own fractions, of a reference of grade E in cell and intensities.
    assert max(map(abs, found)) < 3.5
    assert limits_hold(report, "li2bati6o14", truth)
    assert limits_hold(report, "li2co3", truth_of(folder, "li2co3"))


def test_products_without_order(test_data):
    folder = test_data / "simulated" / "J03_solid_state_products"
    report = analysed(folder, PRODUCTS, "Li Ba Ti O C", watch=["li2bati6o14"])
    truth = truth_of(folder, "li2bati6o14")
    entry = report.phases[0]
    assert [a.verdict for a in entry.amounts] == ["not_detected", "present", "present", "present", "present"]
    assert report.answers[0].sentence.startswith("Li2BaTi6O14 is in 4 of 5 scans: most, 100.")
    for amount, point in zip(entry.amounts[1:], report.points[1:], strict=True):
        # The simulator's own fractions.
        assert amount.weight_fraction.value == pytest.approx(truth[point.label], abs=0.02)
    assert limits_hold(report, "li2bati6o14", truth)
