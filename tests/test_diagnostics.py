from __future__ import annotations

import re
from pathlib import Path

import pytest

from braggite.diagnostics import CODES, Diagnostic

SOURCES = sorted((Path(__file__).resolve().parents[1] / "python" / "braggite").rglob("*.py"))
TESTS = sorted(Path(__file__).resolve().parent.rglob("*.py"))
USED = {
    code: path.name
    for path in SOURCES
    for code in re.findall(r"Diagnostic\.of\(\s*\"(\w+)\"", path.read_text(encoding="utf-8"))
}
OF_FILES = [
    "wavelength_assumed", "axis_reversed", "negative_counts", "duplicate_positions_dropped", "several_scans",
    "sigma_unknown", "last_row_dropped", "third_column_not_sigma", "axis_label_theta", "attenuation_corrected",
    "attenuation_undecided", "scan_not_completed", "scan_refused", "attenuation_in_ordinates",
    "technique_assumed", "kalpha2_kept",
    "binding_energy_computed", "energy_axis_assumed", "photon_energy_assumed", "energy_calibration_stored",
    "fit_model_stored", "fit_model_unreadable", "transmission_divided", "transmission_unusable", "columns_unused",
    "repeats_averaged", "unit_contradicted", "wavenumber_computed", "transmittance_percent",
    "transmittance_scale_doubtful", "reflectance", "cycles_averaged", "rows_outside_range",
    "axis_label_contradicted", "single_beam",
]  # fmt: skip


def test_every_code_in_use_stands_in_the_table() -> None:
    unknown = {code: name for code, name in USED.items() if code not in CODES}
    assert not unknown


def test_every_code_has_a_level_and_a_sentence() -> None:
    for code, (level, meaning) in CODES.items():
        assert re.fullmatch(r"[a-z0-9_]+", code)
        assert level in ("info", "warning", "error")
        assert len(meaning) > 10


@pytest.mark.parametrize("code", OF_FILES)
def test_every_diagnostic_of_a_file_is_used_and_tested(code: str) -> None:
    assert code in USED
    own = Path(__file__).name
    assert any(f'"{code}"' in path.read_text(encoding="utf-8") for path in TESTS if path.name != own), (
        "no test fires it"
    )


def test_a_diagnostic_carries_its_level_and_can_say_more() -> None:
    note = Diagnostic.of("several_scans", where="a.xrdml", value=3, detail="three", suggestion="choose")
    assert note.to_dict() == {
        "code": "several_scans", "level": "warning", "where": "a.xrdml", "value": 3, "message": "three",
        "suggestion": "choose",
    }  # fmt: skip
    assert Diagnostic.of("axis_reversed").message == CODES["axis_reversed"][1]
    with pytest.raises(KeyError):
        Diagnostic.of("no_such_code")
