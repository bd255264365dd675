from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.formats.reader_conformance import Row, StoredPositions

import braggite as bg
from braggite.radiation import radiation_named

if TYPE_CHECKING:
    from pathlib import Path


def pattern(**fields: object) -> bg.Spectrum:
    x = 10 + 0.013 * np.arange(300)
    y = np.random.default_rng(5).poisson(500, 300).astype(float)
    given_fields = {"sigma": np.sqrt(y), "counts": True, "y_unit": "counts", "name": "LLZO", **fields}
    return bg.Spectrum.from_arrays(x, y, radiation=radiation_named("CoKa"), **given_fields)


@pytest.mark.parametrize("suffix", [".xy", ".xye", ".csv", ".json"])
def test_what_is_written_reads_back_to_the_last_bit(tmp_path: Path, suffix: str) -> None:
    spectrum = pattern()
    back = bg.read(bg.write(spectrum, tmp_path / f"scan{suffix}"))
    np.testing.assert_array_equal(back.x, spectrum.x)
    np.testing.assert_array_equal(back.y, spectrum.y)
    np.testing.assert_array_equal(back.sigma, spectrum.sigma)
    assert (back.technique, back.counts, back.y_unit) == ("xrd", True, "counts")
    if suffix != ".csv":
        assert back.radiation.lines == spectrum.radiation.lines
        assert back.name == "LLZO"


@pytest.mark.parametrize(
    ("technique", "x", "unit"),
    [
        ("raman", (100.0, 200.5, 300.25), "arbitrary"),
        ("ftir", (400.0, 500.0, 600.5), "absorbance"),
        ("xps", (280.0, 281.0, 285.0), "counts"),
    ],
)
@pytest.mark.parametrize("suffix", [".xy", ".csv", ".json"])
def test_every_technique_reads_back_as_itself(tmp_path: Path, technique: str, x: tuple, unit: str, suffix: str) -> None:
    spectrum = bg.Spectrum.from_arrays(x, [1.0, 4.0, 9.0], technique=technique, y_unit=unit)
    back = bg.read(bg.write(spectrum, tmp_path / f"scan{suffix}"))
    assert (back.technique, back.y_unit, back.x_unit) == (technique, unit, spectrum.x_unit)
    assert "technique_assumed" not in [note.code for note in back.diagnostics]


def test_json_keeps_instrument_history_metadata_and_diagnostics(tmp_path: Path) -> None:
    spectrum = pattern(
        instrument=bg.Instrument(radius_mm=145.0, divergence="variable"),
        metadata={"scan_axis": "Gonio"},
        diagnostics=(bg.Diagnostic.of("several_scans", value=3),),
    ).cut(10.5, 12.0)
    back = bg.read(bg.write(spectrum, tmp_path / "scan.json"))
    assert back.instrument == spectrum.instrument
    assert back.metadata == spectrum.metadata
    assert back.diagnostics == spectrum.diagnostics
    assert [step.verb for step in back.history] == ["cut", "read"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    values=st.lists(
        st.tuples(st.floats(0.0, 179.0), st.floats(-1e12, 1e12, allow_subnormal=False)),
        min_size=2,
        max_size=30,
        unique_by=lambda row: row[0],
    )
)
def test_any_floats_survive_the_round_trip(tmp_path: Path, values: list[tuple[float, float]]) -> None:
    x, y = np.array(sorted(values)).T
    spectrum = bg.Spectrum.from_arrays(x, y)
    for suffix in (".xy", ".csv", ".json"):
        back = bg.read(bg.write(spectrum, tmp_path / f"scan{suffix}"))
        np.testing.assert_array_equal(back.x, spectrum.x)
        np.testing.assert_array_equal(back.y, spectrum.y)


def test_what_cannot_be_written_is_an_option_error(tmp_path: Path) -> None:
    with pytest.raises(bg.OptionError, match=r"\.docx"):
        bg.write(pattern(), tmp_path / "scan.docx")
    with pytest.raises(bg.OptionError, match="no standard deviations"):
        bg.write(pattern(sigma=None), tmp_path / "scan.xye")
    with pytest.raises(bg.OptionError, match="cannot be written"):
        bg.write(pattern(), tmp_path / "nowhere" / "scan.xy")


class TestJsonReader(StoredPositions):
    reader = "json"
    suffix = ".json"

    def build(self, rows: list[Row]) -> bytes:
        x, y = (f"[{', '.join(str(row[i]) for row in rows)}]" for i in (0, 1))
        return (
            f'{{"schema": "braggite.spectrum/1", "name": "a", "technique": "xrd", "y_unit": "counts", "counts": true, '
            f'"x": {x}, "y": {y}, "sigma": null, '
            '"radiation": null, "instrument": null, "history": [], "diagnostics": []}\n'
        ).encode()

    @pytest.mark.parametrize(
        ("content", "error"),
        [
            ('{"schema": "braggite.spectrum/9"}', bg.UnknownFormat),
            ("[1, 2]", bg.UnknownFormat),
            ('{"schema": "braggite.spectrum/1"}', bg.InvalidSpectrum),
            ('{"schema": "braggite.spectrum/1", "x": "no"}', bg.InvalidSpectrum),
            ("[" * 5000, bg.InvalidSpectrum),
        ],
    )
    def test_other_documents_are_refused(self, tmp_path: Path, content: str, error: type[Exception]) -> None:
        with pytest.raises(error):
            bg.read(self.write(tmp_path, content.encode()))
