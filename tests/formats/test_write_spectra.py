from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import gemmi
import jcamp
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
            ("[" * 5000, bg.UnknownFormat),
        ],
    )
    def test_other_documents_are_refused(self, tmp_path: Path, content: str, error: type[Exception]) -> None:
        with pytest.raises(error):
            bg.read(self.write(tmp_path, content.encode()))


def uneven(technique: str, y: np.ndarray, **fields: object) -> bg.Spectrum:
    x = {"xrd": 10.0, "xps": 280.0}.get(technique, 400.0) + np.cumsum(np.linspace(0.01, 0.03, y.size))
    return bg.Spectrum.from_arrays(x, y, technique=technique, **fields)


@pytest.mark.parametrize("technique", ["xrd", "xps", "raman", "ftir"])
@pytest.mark.parametrize("even", [True, False])
@pytest.mark.parametrize("scale", [1.0, 1e-7, 123456789.123])
def test_jcamp_reads_back_and_the_jcamp_package_agrees(
    tmp_path: Path, technique: str, even: bool, scale: float
) -> None:
    """Positions of an even axis to 1e-9, the writer's own bound; everything else to the last bit."""
    y = scale * np.random.default_rng(3).normal(5, 1, 200) ** 2
    spectrum = uneven(technique, y, y_unit="arbitrary", name="a ## film $$ of\nLLZO")
    if even:
        spectrum = bg.Spectrum.from_arrays(200 + 0.1 * np.arange(200), y, technique=technique)
        spectrum = spectrum if technique != "xrd" else bg.Spectrum.from_arrays(10 + 0.1 * np.arange(200), y)
    path = bg.write(spectrum, tmp_path / "scan.jdx")
    assert ("XYDATA" in path.read_text()) == even
    assert max(map(len, path.read_text().splitlines())) <= 80
    back = bg.read(path)
    assert (back.technique, back.y_unit) == (technique, "arbitrary")
    np.testing.assert_allclose(back.x, spectrum.x, rtol=0, atol=1e-9 if even else 0)
    np.testing.assert_array_equal(back.y, spectrum.y)
    peer = jcamp.readfile(str(path))
    np.testing.assert_allclose(peer["x"], spectrum.x, rtol=0, atol=1e-9)
    np.testing.assert_allclose(peer["y"], spectrum.y, rtol=1e-15)


@pytest.mark.parametrize("unit", ["absorbance", "transmittance"])
def test_jcamp_keeps_the_unit_of_an_infrared_spectrum(tmp_path: Path, unit: str) -> None:
    spectrum = uneven("ftir", np.linspace(0.1, 0.9, 50), y_unit=unit)
    assert bg.read(bg.write(spectrum, tmp_path / "scan.dx")).y_unit == unit


def test_jcamp_keeps_counts_and_wavelengths(tmp_path: Path) -> None:
    spectrum = pattern()
    back = bg.read(bg.write(spectrum, tmp_path / "scan.jdx"))
    assert (back.counts, back.y_unit) == (True, "counts")
    np.testing.assert_array_equal(back.sigma, spectrum.sigma)
    assert back.radiation.lines == spectrum.radiation.lines


@pytest.mark.parametrize("counts", [True, False])
def test_a_powder_cif_reads_back_and_gemmi_agrees(tmp_path: Path, counts: bool) -> None:
    spectrum = pattern(name="LLZO 'hot' pressed")
    if not counts:
        spectrum = dataclasses.replace(
            spectrum, y=spectrum.y * 1.1, sigma=np.linspace(1, 9, 300), counts=None, y_unit="arbitrary"
        )
    path = bg.write(spectrum, tmp_path / "scan.cif")
    back = bg.read(path)
    np.testing.assert_array_equal(back.x, spectrum.x)
    np.testing.assert_array_equal(back.y, spectrum.y)
    np.testing.assert_allclose(back.sigma, spectrum.sigma, rtol=1e-15)  # two roundings of 1/sigma^2
    assert back.radiation.lines == spectrum.radiation.lines
    assert (back.name, back.counts is True) == (spectrum.name, counts)
    block = gemmi.cif.read(str(path)).sole_block()
    ordinate = "_pd_meas_counts_total" if counts else "_pd_meas_intensity_total"
    table = block.find(["_pd_meas_2theta_scan", ordinate])
    assert [(float(row[0]), float(row[1])) for row in table] == list(zip(spectrum.x, spectrum.y, strict=True))
    assert (len(block.find_values("_pd_proc_ls_weight")) == 0) == counts


def test_only_diffraction_goes_into_a_powder_cif(tmp_path: Path) -> None:
    with pytest.raises(bg.OptionError, match="not raman"):
        bg.write(uneven("raman", np.ones(5)), tmp_path / "scan.cif")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"technique": "xrd"', '"technique": "xps2"', "technique 'xps2' is not one of"),
        ('"x": [', '"x": [{}, ', "x cannot be read as numbers"),
        ('"x": [', f'"x": [{"9" * 400}, ', "x cannot be read as numbers"),
        ('"history": []', '"history": [3]', "a key of the document is missing or wrong"),
        ('{"schema"', f'{{"deep": {"[" * 100_000}{"]" * 100_000}, "schema"', "nested too deeply"),
    ],
)
def test_damaged_values_of_our_own_documents_are_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = bg.write(bg.Spectrum.from_arrays([10.0, 11.0, 12.0], [4, 9, 5], technique="xrd"), tmp_path / "a.json")
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(bg.BraggiteError, match=message) as caught:
        bg.read(path)
    assert caught.value.exit_code == 3
    assert str(path) in str(caught.value)


def test_a_damaged_wavelength_of_a_jcamp_file_is_refused(tmp_path: Path) -> None:
    spectrum = bg.Spectrum.from_arrays(
        [10.0, 11.0, 12.0], [4, 9, 5], technique="xrd", radiation=radiation_named("CuKa")
    )
    path = bg.write(spectrum, tmp_path / "a.jdx")
    path.write_text(path.read_text(encoding="utf-8").replace(":1.0", ":", 1), encoding="utf-8")
    with pytest.raises(bg.InvalidSpectrum, match=r"WAVELENGTH= .*: weight '' is not a number"):
        bg.read(path)
