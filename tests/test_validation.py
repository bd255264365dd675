"""The scoring of validation tables: what counts as found, as false and as weight error."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

import braggite as bg
from braggite.identification.report import PhaseEvidence
from braggite.radiation import radiation_named
from braggite.simulation import PhaseState, simulate_pattern
from braggite.values import Value

samples = pytest.importorskip("validation.samples", reason="away from the checkout")
scoring = pytest.importorskip("validation.scoring", reason="away from the checkout")
jobs = pytest.importorskip("validation.jobs", reason="away from the checkout")


def _reported(
    name: str, weight: float, verdict: Literal["present", "possible"] = "present", rivals: tuple[str, ...] = ()
) -> PhaseEvidence:
    return PhaseEvidence(name, name, "X", "P 1", verdict, 0.99, Value(weight), None, rivals, ())


def _row(*reported: PhaseEvidence, doubtful: str = "") -> dict[str, Any]:
    """A scan of 70 wt% TiO2 of unknown polymorph and 30 wt% ZnO."""
    phases = (samples.TruePhase.of_label("TiO2", 0.7), samples.TruePhase.of_label("ZnO", 0.3))
    sample = samples.Sample(Path("scan.xrdml"), "O Ti Zn", phases, doubtful)
    return scoring.row(sample, reported, seconds=0.1, rwp=5.0, considered=7, error=None)


def _aims(*rows: dict[str, Any]) -> dict[str, Any]:
    table = samples.Table("t", "T", "made up", True, ())
    return {aim.what: aim.figure for aim in scoring.aims(table, list(rows))}


def test_polymorphs_of_one_label_are_summed() -> None:
    row = _row(_reported("tio2-rutile", 0.4), _reported("tio2-anatase", 0.3), _reported("zno-zincite", 0.3))
    assert [phase["found_weight_fraction"] for phase in row["phases"]] == pytest.approx([0.7, 0.3])
    assert row["false_present"] == []


def test_a_phase_named_only_as_a_rival_is_not_found() -> None:
    row = _row(_reported("tio2-rutile", 0.7), _reported("mno-manganosite", 0.3, rivals=("zno-zincite",)))
    zinc_oxide = row["phases"][1]
    assert (zinc_oxide["verdict"], zinc_oxide["rival_of"]) == ("missed", ["mno-manganosite"])
    assert [phase["name"] for phase in row["false_present"]] == ["mno-manganosite"]


def test_a_false_possible_is_no_false_present() -> None:
    row = _row(_reported("nio-bunsenite", 0.1, "possible"))
    assert row["false_present"] == []
    assert [phase["name"] for phase in row["false_possible"]] == ["nio-bunsenite"]


def test_aims_count_missed_phases_and_leave_doubtful_labels_out() -> None:
    right = _row(_reported("tio2-rutile", 0.66), _reported("zno-zincite", 0.34))
    half = _row(_reported("tio2-rutile", 0.8), _reported("zno-zincite", 0.2, "possible"), _reported("w", 0.1))
    doubted = _row(doubtful="shows something else")
    figures = _aims(right, half, doubted)
    assert figures["scans with every major phase present"] == 0.5
    assert figures["false phases called present, per scan"] == 0.5
    assert figures["mean weight error, wt%"] == pytest.approx((4 + 4 + 10 + 10) / 4)


def test_a_missed_phase_is_found_with_nothing() -> None:
    assert scoring.weight_error([_row(_reported("tio2-rutile", 1.0))]) == pytest.approx((30 + 30) / 2)


def test_a_table_without_scans_reaches_no_aim() -> None:
    table = samples.Table("t", "T", "made up", True, ())
    assert not any(aim.to_dict()["passed"] for aim in scoring.aims(table, []))


def test_elements_are_those_of_the_labels_and_oxygen() -> None:
    assert samples.elements_of(["La(OH)3", "Bi2O3-alpha", "LiF"]) == "Bi F H La Li O"


def test_deviations_are_counted_within_their_uncertainties() -> None:
    coverage = pytest.importorskip("validation.coverage", reason="away from the checkout")
    rows = [
        {"weight_fraction": [0.5, -1.5], "volume": []},
        {"weight_fraction": [2.5, -9.0], "volume": []},
    ]
    weights, volumes = coverage.summary(rows)
    assert [weights[key] for key in ("n", "within_1_su", "within_2_su", "within_3_su", "largest")] == [
        4, 0.25, 0.5, 0.75, 9.0,
    ]  # fmt: skip
    assert (volumes["n"], volumes["within_1_su"], volumes["largest"]) == (0, None, None)


def _table(name: str, figure: float, aim: float) -> dict[str, Any]:
    section = pytest.importorskip("validation.whole_pattern.section", reason="away from the checkout")
    aims = (scoring.Aim(name, "deviation in ppm", figure, aim, False, "made up"),)
    state = {"commit": "0123456789abcdef", "modified": False, "date": "2026-01-01", "seconds": 2.0}
    return section.Section(name, "Cells", "Made up.", ("scan", "ppm"), (("a.xy", "25"),), aims).to_dict() | state


def test_a_missed_aim_of_whole_patterns_is_said_plainly() -> None:
    section = pytest.importorskip("validation.whole_pattern.section", reason="away from the checkout")
    page = section.page([_table("standard", 25.0, 20.0), _table("cells", 5.0, 20.0)])
    assert "| standard | deviation in ppm | 25 | ≤ 20 | **no** |" in page
    assert "| cells | deviation in ppm | 5 | ≤ 20 | yes |" in page
    assert "| a.xy | 25 |" in page
    assert "2026-01-01 at commit `0123456789ab`" in page


def test_only_an_aim_that_was_reached_can_be_lost() -> None:
    tables = pytest.importorskip("validation.whole_pattern.tables", reason="away from the checkout")
    reached, missed = {"standard": _table("standard", 5.0, 20.0)}, {"standard": _table("standard", 25.0, 20.0)}
    assert tables.lost_aims(reached, list(missed.values())) == ["deviation in ppm: 25, was 5"]
    assert tables.lost_aims(missed, list(missed.values())) == []
    assert tables.lost_aims(missed, list(reached.values())) == []


def test_a_share_of_nothing_is_no_figure() -> None:
    section = pytest.importorskip("validation.whole_pattern.section", reason="away from the checkout")
    assert section.share_aim("t", "lengths", [True, False], "made up").figure == 0.5
    assert not section.share_aim("t", "lengths", [], "made up").to_dict()["passed"]


def test_a_job_counts_right_scans_seen_phases_and_limits() -> None:
    def phase(present: bool, significance: float) -> dict[str, Any]:
        return {
            "group_present": present,
            "significance": significance,
            "weight_fraction": 0.3,
            "found_weight_fraction": 0.31 if present else None,
        }

    limits = [{"name": "a", "weight_fraction": 0.3, "limit": limit} for limit in (0.4, 0.2)]
    limits += [{"name": "b", "weight_fraction": 0.0, "limit": limit} for limit in (0.01, 0.02, 0.09)]
    right = {"phases": [phase(True, 50.0)], "false_present": [], "limits": limits}
    extra = {"phases": [phase(True, 20.0)], "false_present": [{"name": "c"}], "limits": []}
    missed = {"phases": [phase(True, 11.0), phase(False, 4.0)], "false_present": []}
    figures = jobs.figures([right, extra, missed])
    assert figures["right"] == pytest.approx(1 / 3)
    assert (figures["called present"], figures["of these present"]) == (0.75, 1.0)
    assert (figures["seen"], figures["false present"]) == (3, 1)
    assert figures["mean error of found, wt%"] == pytest.approx(1.0)
    assert figures["limits of true phases that hold"] == 0.5
    assert figures["median limit of absent, wt%"] == pytest.approx(2.0)
    page = jobs.section([{"name": "J01", "rows": [right]}, {"name": "weighed", "rows": [missed]}])
    assert page.count("| J01 |") == 1
    assert "weighed" not in page


def test_an_added_phase_stands_out_as_much_as_was_asked_for_and_weighs_what_it_weighs() -> None:
    spikes = pytest.importorskip("validation.spikes", reason="away from the checkout")
    shipped = bg.ReferenceLibrary.default()
    host = simulate_pattern(
        [PhaseState(shipped["zno-zincite"])],
        radiation=radiation_named("CuKa"),
        two_theta_deg=(20.0, 80.0, 0.02),
        background=200.0,
        seed=1,
    )
    fit = bg.match_structure(host, [shipped["zno-zincite"]])
    for significance in (10.0, 1000.0):
        rng = np.random.default_rng(3)
        spiked, truth = spikes.with_spike(host, fit, "caf2-fluorite", significance, rng)
        added = spiked.y - host.y
        assert np.sqrt(np.sum(added)) > 0.5 * significance, "no more can be seen than counts are added"
        if significance > 100.0:
            again = bg.match_structure(spiked, [shipped["zno-zincite"], shipped["caf2-fluorite"]])
            found = again.phases[1].weight_fraction
            assert found is not None
            # Lines of the added phase scatter by 7 % each.
            assert found.value == pytest.approx(truth, rel=0.1)
