"""The envelope of every document, and JSON that any parser takes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from builders import empty_report, match_result, phase_report

from braggite import Diagnostic, OptionError
from braggite.reporting.documents import document, error_document, plain, to_json
from braggite.spectrum import Source


def strict(text: str):
    """Parse JSON and refuse NaN and Infinity, which Python's parser would let through."""

    def refuse(token):
        raise AssertionError(f"{token} in JSON")

    return json.loads(text, parse_constant=refuse)


def test_envelope_holds_what_the_contract_names():
    doc = document(
        "peaks",
        {"peaks": []},
        options={"scan": 0},
        diagnostics=[Diagnostic.of("negative_counts", value=np.int64(3))],
        inputs=[Source("a.xy", "text", "f" * 64, 2, 5)],
        library={"name": "mine", "sha256": "0" * 64, "n_phases": 3},
    )
    assert list(doc)[:2] == ["schema", "version"]
    assert doc["schema"] == "braggite.peaks/1"
    assert set(doc) == {"schema", "version", "peaks", "diagnostics", "options", "provenance"}
    assert doc["provenance"]["inputs"] == [{"path": "a.xy", "sha256": "f" * 64, "format": "text", "scan": 2}]
    assert doc["provenance"]["library"]["n_phases"] == 3
    assert set(doc["provenance"]["build"]) == {"version", "profile", "source_digest"}
    assert set(doc["diagnostics"][0]) == {"code", "level", "where", "value", "message", "suggestion"}
    assert doc["diagnostics"][0]["value"] == 3


def test_no_number_that_json_does_not_know():
    text = to_json({"a": float("nan"), "b": [np.inf, np.float64(-np.inf)], "c": {"d": np.array([1.0, np.nan])}})
    assert strict(text) == {"a": None, "b": [None, None], "c": {"d": [1.0, None]}}


def test_types_become_plain():
    @dataclass
    class Options:
        edge: float
        name: str

    given = {
        "i": np.int32(4),
        "t": (1, 2),
        "s": {"b", "a"},
        "p": Path("x/y"),
        "d": Options(1.5, "é"),
        7: True,
        "n": None,
    }
    assert strict(to_json(given)) == {
        "i": 4,
        "t": [1, 2],
        "s": ["a", "b"],
        "p": str(Path("x/y")),
        "d": {"edge": 1.5, "name": "é"},
        "7": True,
        "n": None,
    }
    assert "é" in to_json(given)
    assert plain(True) is True


def test_written_file_equals_the_text(tmp_path):
    path = tmp_path / "out.json"
    text = to_json({"Å": 1.0}, path)
    assert path.read_bytes() == text.encode()


def test_unwritable_file_is_a_usage_error(tmp_path):
    with pytest.raises(OptionError, match="cannot write"):
        to_json({}, tmp_path / "missing" / "out.json")


def test_error_document():
    doc = error_document(OptionError("bad", where="--x", suggestion="do y"))
    assert doc["schema"] == "braggite.error/1"
    assert doc["error"] == {"code": "option_error", "message": "bad", "where": "--x", "suggestion": "do y"}


def test_phase_report_document_has_the_shape_of_the_contract():
    doc = strict(phase_report().to_json())
    assert doc["schema"] == "braggite.phase-report/1"
    assert {"sample", "verdict", "phases", "watched", "hypotheses", "candidates", "unexplained", "fits"} <= set(doc)
    phase = doc["phases"][0]
    assert {
        "name",
        "formula",
        "space_group",
        "verdict",
        "scope",
        "confidence",
        "weight_fraction",
        "basis",
        "cell",
    } <= set(phase)
    assert set(phase["weight_fraction"]) >= {"value", "su"}
    assert {"spectrum", "technique", "log_evidence", "matched", "missing", "extra", "wrong_intensity"} == set(
        phase["evidence"][0]
    )
    assert doc["watched"][0]["upper_limit"]["quantity"] == "weight_fraction"
    assert doc["watched"][2]["upper_limit"] is None
    times = [entry["counting_time"] for entry in doc["watched"]]
    assert set(times[0]) == {"weight_fraction", "reachable", "factor", "seconds_per_step", "floor"}
    assert [time and time["reachable"] for time in times] == [True, False, None]
    assert doc["candidates"]["failed"][0]["name"] == "bao"
    assert doc["fits"] == [{"spectrum": 0, "rwp_percent": 8.137, "gof": 1.4757}]


def test_empty_report_and_match_are_valid_json():
    assert strict(empty_report().to_json())["fits"] == []
    body = strict(to_json(match_result(converged=False).to_dict()))
    assert body["converged"] is False
    assert body["at_bound"]
    assert body["phases"][0]["reflections"][0]["h"] == 2
