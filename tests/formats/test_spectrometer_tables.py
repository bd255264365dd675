from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.formats.reader_conformance import ReaderConformance, Row, StoredPositions

import braggite as bg

if TYPE_CHECKING:
    from pathlib import Path


def codes(spectrum: bg.Spectrum) -> list[str]:
    return [note.code for note in spectrum.diagnostics]


class TestTableConformance(StoredPositions):
    reader = "spectrometer-table"
    suffix = ".txt"
    cut_may_read = True

    def build(self, rows: list[Row]) -> bytes:
        text = "File Version;BWSpec4.11_1\r\nlaser_wavelength;784,82\r\n"
        text += "Pixel;Wavelength;Raman Shift;Dark Subtracted #1;\r\n"
        rest = "".join(f"{i};800,5;{x};{y};\r\n".replace(".", ",") for i, (x, y) in enumerate(rows))
        return (text + rest).encode()

    def test_a_value_that_is_no_number_is_refused_with_its_place(self, tmp_path: Path) -> None:
        text = self.build([(200.0 + i, 5) for i in range(9)]).replace(b"204,0;5", b"204,0;x")
        with pytest.raises(bg.InvalidSpectrum, match=r"scan\.txt:8: 'x' is not a number"):
            bg.read(self.write(tmp_path, text))

    def test_negative_counts_are_read_with_a_warning(self, tmp_path: Path) -> None:
        spectrum = bg.read(self.write(tmp_path, self.build([(200.0, -1), (201.0, 2)])))
        assert "negative_counts" in codes(spectrum)


class TestAspConformance(ReaderConformance):
    reader = "perkinelmer-asp"
    suffix = ".asp"

    def build(self, rows: list[Row]) -> bytes:
        head = [len(rows), rows[0][0], rows[-1][0], 1, 2, 4]
        return "".join(f"{value}\r\n" for value in [*head, *(row[1] for row in rows)]).encode()


class TestMapConformance(StoredPositions):
    reader = "labspec-map"
    suffix = ".txt"

    def build(self, rows: list[Row]) -> bytes:
        head = "#Acq. time (s)=\t10\r\n#Title=\ta film\r\n"
        shifts, values = ("\t".join(str(row[column]) for row in rows) for column in (0, 1))
        return f"{head}\t\t{shifts}\r\n1.5\t-2\t{values}\r\n".encode()

    def test_one_point_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(bg.BraggiteError):
            bg.read(self.write(tmp_path, self.build([(200.0, 5)])))


def witec(rows: list[Row], unit: str = "rel. 1/cm", *, graphs: int = 1, points: int | None = None) -> str:
    n = len(rows) if points is None else points
    text = f"//Exported ASCII-File\r\n[Header]\r\nSizeX = {graphs}\r\nSizeGraph = {n}\r\nXAxisUnit = {unit}\r\n\r\n"
    names = "".join(f",Graph {k}" for k in range(graphs))
    text += f"[Data]\r\nX-Axis{names}\r\n{unit}{',CCD cts' * graphs}\r\n"
    return text + "".join(f" {x}{f', {y}' * graphs}\r\n" for x, y in rows)


class TestWitecConformance(StoredPositions):
    reader = "witec-text"
    suffix = ".txt"

    def build(self, rows: list[Row]) -> bytes:
        return witec(rows).encode()


SCATTERED: list[Row] = [(540.0 + 0.1 * i, 300 + i % 9) for i in range(40)]


def test_graphs_of_a_witec_text_are_scans(tmp_path: Path) -> None:
    path = tmp_path / "map.txt"
    path.write_text(witec(SCATTERED, "1/cm", graphs=3))
    scans = bg.read_all(path)
    assert [scan.name for scan in scans] == ["Graph 0", "Graph 1", "Graph 2"]
    assert {scan.technique for scan in scans} == {"raman"}


@pytest.mark.parametrize("text", [witec(SCATTERED, "nm"), "nm,CCD cts\n" + "".join(f"{x},{y}\n" for x, y in SCATTERED)])
def test_wavelengths_become_shifts_only_with_the_laser(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text)
    with pytest.raises(bg.UnknownFormat, match="the laser's is not stated") as caught:
        bg.read(path)
    assert "--laser" in str(caught.value.suggestion)
    spectrum = bg.read(path, laser_wavelength_nm=532.0)
    assert (spectrum.technique, spectrum.metadata["laser_wavelength_nm"]) == ("raman", 532.0)
    np.testing.assert_allclose(spectrum.x, [1e7 / 532 - 1e7 / float(x) for x, _ in SCATTERED], rtol=1e-12)
    assert "raman_shift_computed" in codes(spectrum)
    for wrong in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(bg.OptionError, match="laser wavelength"):
            bg.read(path, laser_wavelength_nm=wrong)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (witec(SCATTERED, "nm").replace("540.0,", "-540.0,"), "not positive|not sorted"),
        (witec(SCATTERED, "px"), "in 'px', neither"),
        (witec(SCATTERED, points=41), "declares 41 points, 40 stand here"),
        (witec(SCATTERED, graphs=0), "no graph"),
        (witec(SCATTERED).partition("[Data]")[0], r"no \[Data\]"),
    ],
)
def test_witec_refusals(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text)
    with pytest.raises(bg.BraggiteError, match=message):
        bg.read(path, laser_wavelength_nm=532.0)


def test_the_silicon_wafer_over_wavelengths(test_data: Path) -> None:
    """Referent: silicon at 520.5 cm-1; the laser is taken as the middle of the saturated line, 8 channels of 3 cm-1."""
    path = test_data / "vibrational" / "pynxtools_raman" / "Si-wafer-Raman-Spectrum-1.txt"
    rows = np.loadtxt(path, delimiter=",", skiprows=17, encoding="utf-8")
    saturated = rows[rows[:, 1] == 65535, 0]
    laser = (saturated[0] + saturated[-1]) / 2
    spectrum = bg.read(path, laser_wavelength_nm=laser)
    np.testing.assert_allclose(spectrum.x, 1e7 / laser - 1e7 / rows[:, 0], rtol=0, atol=1e-9)
    np.testing.assert_array_equal(spectrum.y, rows[:, 1])
    band = (spectrum.x > 300) & (spectrum.x < 800)
    assert spectrum.x[band][np.argmax(spectrum.y[band])] == pytest.approx(520.5, abs=12)


def test_rows_of_a_map_are_scans_at_their_positions(tmp_path: Path) -> None:
    path = tmp_path / "map.txt"
    path.write_text("\t\t100\t200\t300\t400\n0\t1\t5\t6\t7\t1\n0\t2\t8\t9\t10\t2\n")
    first, second = bg.read_all(path)
    assert (first.metadata["position"], second.metadata["position"]) == ([0, 1], [0, 2])
    np.testing.assert_array_equal(second.y, [8, 9, 10, 2])
    path.write_text("\t\t100\t200\t300\t400\n0\t1\t5\t6\t7\t1\n0\t2\t8\t9\n")
    with pytest.raises(bg.InvalidSpectrum, match=r"map\.txt:3: 4 columns among rows of 6"):
        bg.read(path)


def test_rows_at_the_ends_without_a_shift_are_left_out_and_said(tmp_path: Path) -> None:
    rows = [f"{i};{'   ' if i in (0, 9) else 200 + i};{i * i};{i}" for i in range(10)]
    path = tmp_path / "bw.txt"
    path.write_text(
        "File Version;BWSpec4.1\nPixel;Raman Shift;Dark Subtracted #1;Raw data #1\n" + "\n".join(rows) + "\n"
    )
    spectrum = bg.read(path)
    np.testing.assert_array_equal(spectrum.x, np.arange(201, 209))
    assert "rows_outside_range" in codes(spectrum)
    assert spectrum.metadata["columns"]["Raw data #1"] == [str(i) for i in range(1, 9)]
    path.write_text(path.read_text().replace(";205;", ";   ;"))
    with pytest.raises(bg.InvalidSpectrum, match=r"bw\.txt:8"):
        bg.read(path)


def test_pixels_are_refused_and_a_wrong_name_is_contradicted(tmp_path: Path) -> None:
    path = tmp_path / "open.csv"
    path.write_text("Pixel,Intensity\n" + "".join(f"{i},{i}\n" for i in range(300)))
    with pytest.raises(bg.UnknownFormat, match="pixels"):
        bg.read(path)
    path.write_text("Pixel,Intensity\n" + "".join(f"{100 + 3.9 * i},{i}\n" for i in range(300)))
    assert "axis_label_contradicted" in codes(bg.read(path))


TABLES = {
    "ramanchada2_calib/FMNT-M_BW532__NIST532_Probe_3000msx8_1.txt": 1860,
    "ramanchada2_calib/ICV_BW532__Ne_532nm_x50_25ms.txt": 1858,
    "ramanchada2_calib/ICV_BW785__NISTSRM2241_BW785_100x_25sx5.txt": 2048,
    "ramanchada2_calib/ICV_BW785__PST02_iRPlus785_Z020_100_1300ms.txt": 1743,
    "ramanchada2_formats/lamp Ne 10ms 0%.txt": 715,
    "arcadia_acetonitrile/Wasatch_WP785X_acetonitrile.csv": 2038,
}


@pytest.mark.parametrize("name", TABLES)
def test_samples_equal_a_plain_split_of_their_lines(test_data: Path, name: str) -> None:
    path = test_data / "vibrational" / name
    lines = path.read_text("utf-8", errors="replace").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("Pixel") and "avenumber" in line)
    separator = ";" if ";" in lines[start] else ","
    titles = lines[start].split(separator)
    x_at = titles.index("Raman Shift" if "Raman Shift" in titles else "Wavenumber")
    y_at = titles.index("Dark Subtracted #1" if "Dark Subtracted #1" in titles else "Processed")
    fields = [line.split(separator) for line in lines[start + 1 :] if line.strip()]
    table = [(row[x_at].replace(",", "."), row[y_at].replace(",", ".")) for row in fields]
    kept = np.array([(float(x), float(y)) for x, y in table if x.strip() and y.strip() != "NA"])
    spectrum = bg.read(path)
    assert len(spectrum) == TABLES[name] == len(kept)
    np.testing.assert_array_equal(spectrum.x, kept[:, 0])
    np.testing.assert_array_equal(spectrum.y, kept[:, 1])


@pytest.mark.parametrize(
    ("name", "n"), [("datalab_samples/2024-10-10_FeSO4_ref", 1932), ("openspecy_samples/ftir_ldpe_soil", 1798)]
)
def test_asp_samples(test_data: Path, name: str, n: int) -> None:
    path = test_data / "vibrational" / f"{name}.asp"
    numbers = np.loadtxt(path)
    spectrum = bg.read(path)
    assert len(spectrum) == n
    np.testing.assert_array_equal(spectrum.y[::-1], numbers[6:])
    assert (spectrum.x[-1], spectrum.x[0]) == (numbers[1], numbers[2])


def test_sp_sample_fills_its_declared_range_of_ordinates(test_data: Path) -> None:
    """Referents: the range of ordinates that the file itself declares, and the points of the data set's README."""
    path = test_data / "vibrational" / "specio_sp" / "spectra.sp"
    content = path.read_bytes()
    low, high = struct.unpack_from("<2d", content, content.index(b"\x73\x8b\x12\x00\x00\x00\x1d\x75") + 8)
    spectrum = bg.read(path)
    assert (len(spectrum), spectrum.x[0], spectrum.x[-1]) == (3301, 700, 4000)
    assert (spectrum.y.min(), spectrum.y.max()) == (low, high)
    assert (spectrum.technique, spectrum.y_unit, spectrum.name) == ("ftir", "absorbance", "strip01")
