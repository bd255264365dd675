from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import jcamp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.jcamp_files import LINES, data_lines, jcamp_block
from tests.formats.reader_conformance import Row, StoredPositions
from tests.formats.robustness import limited_memory

import braggite as bg
from braggite.formats.readers.jcamp import columns
from braggite.formats.readers.jcamp.asdf import decode
from braggite.formats.readers.jcamp.records import blocks_of

if TYPE_CHECKING:
    from pathlib import Path

VALUES = [400 + (37 * i) % 91 - (250 if i == 20 else 0) for i in range(60)]


class TestPointsConformance(StoredPositions):
    reader = "jcamp"
    suffix = ".jdx"

    def build(self, rows: list[Row]) -> bytes:
        lines = [f"{x}, {y}" for x, y in rows]
        return jcamp_block(lines, len(rows), form="XYPOINTS", DATA_TYPE="X-RAY DIFFRACTION").encode()


def written(folder: Path, text: str) -> Path:
    path = folder / "scan.jdx"
    path.write_text(text)
    return path


def even(form: str, values: list[int] = VALUES, **records: object) -> str:
    stated = {"FIRSTX": 4000, "LASTX": 4000 - 2 * (len(values) - 1)} | records
    return jcamp_block(data_lines(values, form, first=4000, step=-2), len(values), **stated)


def codes(spectrum: bg.Spectrum) -> list[str]:
    return [note.code for note in spectrum.diagnostics]


@pytest.mark.parametrize("form", LINES)
def test_every_form_gives_the_same_values(tmp_path: Path, form: str) -> None:
    spectrum = bg.read(written(tmp_path, even(form, YFACTOR=0.5)))
    np.testing.assert_array_equal(spectrum.y, 0.5 * np.array(VALUES[::-1]))
    np.testing.assert_allclose(spectrum.x, 4000 - 2 * np.arange(60)[::-1], rtol=0, atol=1e-9)
    assert (spectrum.technique, spectrum.y_unit) == ("ftir", "absorbance")


@settings(deadline=None, max_examples=100)
@given(values=st.lists(st.integers(-99999, 99999), min_size=2, max_size=60), form=st.sampled_from(sorted(LINES)))
def test_whatever_was_encoded_is_decoded(values: list[int], form: str) -> None:
    lines = data_lines(values, form, first=100, step=1)
    assert decode(list(enumerate(lines, start=1)), "x").values == values


def test_an_exponent_is_no_digit_and_a_digit_no_exponent() -> None:
    assert decode([(1, "400 1.5E+03 -2e2 3")], "x").values == [1500, -200, 3]
    assert decode([(1, "400E839J4a2")], "x").values == [5839, 5853, -12]
    assert decode([(1, "100E0E0")], "x").values == [50, 50]


def test_a_broken_check_of_differences_is_refused_with_its_line(tmp_path: Path) -> None:
    lines = even("DIFDUP").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("##XYDATA")) + 2
    lines[start] = lines[start][:4] + "A1" + lines[start][4:]
    with pytest.raises(bg.InvalidSpectrum, match=rf"scan\.jdx:{start + 1}: the line starts with"):
        bg.read(written(tmp_path, "\n".join(lines)))


@pytest.mark.parametrize("form", LINES)
def test_a_lost_line_is_noticed(tmp_path: Path, form: str) -> None:
    lines = even(form).splitlines()
    del lines[-4]
    with pytest.raises(bg.InvalidSpectrum):
        bg.read(written(tmp_path, "\n".join(lines)))


def test_a_count_that_agrees_does_not_hide_points_at_wrong_places(tmp_path: Path) -> None:
    lines = data_lines(VALUES, "AFFN", first=4000, step=-2)
    lines[3] = lines[3].replace(lines[3].split()[0], "3000", 1)
    with pytest.raises(bg.InvalidSpectrum, match="states position 3000"):
        bg.read(written(tmp_path, jcamp_block(lines, 60, FIRSTX=4000, LASTX=3882)))


def test_labels_comments_and_returns_are_free(tmp_path: Path) -> None:
    text = even("SQZDUP").replace("##DATA TYPE=", "##Data_Type =").replace("##NPOINTS=", "##n-points=")
    path = tmp_path / "scan.dx"
    path.write_bytes(text.replace("##XFACTOR", "$$ a remark\n##XFACTOR").replace("\n", "\r\r\n").encode() + b"\x1a")
    assert len(bg.read(path)) == 60


def test_linked_blocks_are_scans(tmp_path: Path) -> None:
    text = f"##TITLE= both\n##DATA TYPE= LINK\n##BLOCKS= 2\n{even('AFFN')}{even('DIFDUP', YUNITS='A')}##END=\n"
    first, second = bg.read_all(written(tmp_path, text))
    np.testing.assert_array_equal(first.y, second.y)
    assert "several_scans" in codes(bg.read(tmp_path / "scan.jdx"))


@pytest.mark.parametrize(
    ("top", "scale", "code"),
    [
        (95.0, "percent", "transmittance_percent"),
        (0.9, "fraction", None),
        (1.5, "fraction", None),
        (1.8, "fraction", "transmittance_scale_doubtful"),
        (4.0, "percent", "transmittance_scale_doubtful"),
    ],
)
def test_transmittance_is_percent_or_fraction_by_its_values(
    tmp_path: Path, top: float, scale: str, code: str | None
) -> None:
    text = even("AFFN", YUNITS="%TRANSMITTANCE", YFACTOR=top / max(VALUES), MAXY=100)
    spectrum = bg.read(written(tmp_path, text))
    assert (spectrum.y_unit, spectrum.metadata["transmittance_scale"]) == ("transmittance", scale)
    said = [name for name in codes(spectrum) if name.startswith("transmittance")]
    assert said == ([code] if code else [])


def test_reflectance_is_said(tmp_path: Path) -> None:
    spectrum = bg.read(written(tmp_path, even("AFFN", YUNITS="Reflectance")))
    assert "reflectance" in codes(spectrum)
    assert spectrum.y_unit == "arbitrary"


def test_wavelengths_become_wavenumbers(tmp_path: Path) -> None:
    lines = data_lines(VALUES, "AFFN", first=2.5, step=0.1)
    text = jcamp_block(lines, 60, XUNITS="MICROMETERS", FIRSTX=2.5, LASTX=8.4)
    spectrum = bg.read(written(tmp_path, text))
    assert spectrum.x[-1] == 4000.0
    assert spectrum.x[0] == pytest.approx(1e4 / 8.4)
    assert "wavenumber_computed" in codes(spectrum)


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ({"DATA_TYPE": "NMR SPECTRUM"}, "data type is 'NMR SPECTRUM'"),
        ({"DATA_TYPE": "INFRARED INTERFEROGRAM"}, "INTERFEROGRAM"),
        ({"XUNITS": "POINTS"}, "not in cm-1"),
        ({"FIRSTX": None}, "FIRSTX and LASTX"),
        ({"YFACTOR": "x"}, "not a number"),
        ({"NPOINTS": 61}, "declares 61"),
    ],
)
def test_what_is_refused(tmp_path: Path, records: dict[str, object], message: str) -> None:
    with pytest.raises(bg.BraggiteError, match=message) as caught:
        bg.read(written(tmp_path, even("AFFN", **records)))
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(("line", "message"), [("4000 1 ? 3", "missing"), ("4000A1?B", "missing"), ("40A1T9T2", "rep")])
def test_what_is_no_number_is_refused_with_its_line(line: str, message: str) -> None:
    with pytest.raises(bg.InvalidSpectrum, match=f"x:7: .*{message}"):
        decode([(7, line)], "x")


@pytest.mark.parametrize("count", ["S999999999999", "S9999999", "T1.", "V3.5", "S" + "9" * 5000])
def test_a_damaged_repeat_count_is_refused(count: str) -> None:
    with pytest.raises(bg.InvalidSpectrum, match="cannot be repeated"):
        decode([(1, f"400A1{count}")], "x")


def test_a_few_bytes_never_make_more_ordinates_than_declared() -> None:
    lines = [(number, "400A1T0") for number in range(1, 1000)]
    with pytest.raises(bg.InvalidSpectrum, match="x:3: more than 50 ordinates"):
        decode(lines, "x", 50)
    bomb = [(number, "400A1S99999") for number in range(1, 1000)]
    with limited_memory(), pytest.raises(bg.InvalidSpectrum, match="more than 2097152 ordinates"):
        decode(bomb, "x", 1e300)


def _expected(test_data: Path) -> list[dict[str, str]]:
    with (test_data / "formats" / "EXPECTED.tsv").open(encoding="utf-8") as table:
        return [row for row in csv.DictReader(table, delimiter="\t") if row["file"].startswith("jcamp/")]


def test_every_block_of_the_samples_is_decoded_as_expected(test_data: Path) -> None:
    rows = [row for row in _expected(test_data) if "pktab1" not in row["file"]]
    assert len(rows) == 20
    for row in rows:
        blocks = blocks_of((test_data / "formats" / row["file"]).read_bytes(), row["file"])
        index = int(row["part"].split()[1]) if row["part"].startswith("block") else 0
        x, y = columns(blocks[index], row["file"])
        assert x.size == int(row["points"]), row["file"]
        found = [x[0], x[-1], y[0], y[-1], y.min(), y.max(), x[np.argmax(y)]]
        stated = [float(row[key]) for key in ("x_first", "x_last", "y_first", "y_last", "y_min", "y_max", "x_at_max")]
        np.testing.assert_allclose(found, stated, rtol=6e-10, atol=1e-12, err_msg=row["file"])  # ten digits are stated


READ_HERE = ("compound", "dupdec1", "dupdec2", "fixdec1", "fixinc1", "pacdec1", "sqzdupd1")


def test_infrared_files_open_and_others_are_refused_by_type(test_data: Path) -> None:
    for path in sorted((test_data / "formats" / "jcamp").glob("*.jdx")):
        if path.stem in READ_HERE:
            assert {scan.technique for scan in bg.read_all(path)} == {"ftir"}, path.name
        else:
            with pytest.raises(bg.UnknownFormat, match="data type"):
                bg.read(path)


def test_values_equal_those_of_the_jcamp_package_and_nothing_is_printed(
    test_data: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """`o05` and `sqzdupd1` fail there (the set's own table says so); all others must be equal."""
    files = sorted((test_data / "formats" / "jcamp").glob("*.jdx"))
    files += [test_data / "vibrational" / "openspecy_samples" / "fitr_nitrocellulose.jdx"]
    compared = 0
    for path in files:
        if path.stem in ("o05", "sqzdupd1", "pktab1"):
            continue
        ours = [columns(block, path.name) for block in blocks_of(path.read_bytes(), path.name)]
        assert capfd.readouterr() == ("", "")
        peer = jcamp.readfile(str(path))
        capfd.readouterr()
        for (x, y), child in zip(ours, peer.get("children", [peer]), strict=True):
            np.testing.assert_allclose(x, child["x"], rtol=1e-9, err_msg=path.name)
            np.testing.assert_allclose(y, child["y"], rtol=1e-9, atol=1e-12, err_msg=path.name)
            compared += 1
    assert compared == 19
