"""UXD, UDF, CPI, CHI, GSAS and start-step-stop, from writers of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.formats.reader_conformance import GOOD_ROWS, ReaderConformance, Row, StoredPositions, grid

import braggite as bg

if TYPE_CHECKING:
    from pathlib import Path


def stop(rows: list[Row]) -> float:
    return round(float(rows[-1][0]), 6)


def uxd(
    *ranges: list[Row], data: str = "2THETACOUNTS", drive: str = "COUPLED", count: bool = False, steptime: float = 1.0
) -> bytes:
    text = "_FILEVERSION=2\r\n_SAMPLE='Silicon'\r\n_ANODE='Cu'\r\n; a comment\r\n"
    text += "_WL1 = 1.540598\r\n_WL2 = 1.544426\r\n_WLRATIO = 0.5\r\n"
    for rows in ranges:
        start, step = grid(rows)
        text += f"_DRIVE='{drive}'\r\n_STEPTIME={steptime}\r\n_STEPSIZE={step:.8f}\r\n_START={start}\r\n"
        text += f"_STEPCOUNT={len(rows)}\r\n" if count else ""
        text += f"_{data}\r\n"
        if data.startswith("2THETA"):
            text += "".join(f"{x:>10} {y:>8}\r\n" for x, y in rows)
        else:
            values = [str(y) for _, y in rows]
            text += "".join(" ".join(values[at : at + 8]) + "\r\n" for at in range(0, len(values), 8))
    return text.encode()


def udf(rows: list[Row], points: int | None = None) -> bytes:
    start, step = grid(rows)
    end = stop(rows) if points is None else start + (points - 1) * step
    values = [str(y) for _, y in rows]
    body = ",\r\n".join(", ".join(values[at : at + 8]) for at in range(0, len(values), 8))
    return (
        "SampleIdent,corundum, high grade,/\r\nTitle1,,/\r\nDiffrType,PW1800,/\r\nAnode,Cu,/\r\n"
        "LabdaAlpha1, 1.54060,/\r\nLabdaAlpha2, 1.54439,/\r\nRatioAlpha21, 0.50000,/\r\nScanType,CONTINUOUS,/\r\n"
        f"DataAngleRange, {start:.4f}, {end:.4f},/\r\nScanStepSize, {step:.4f},/\r\nScanStepTime, 10.0,/\r\n"
        f"RawScan\r\n{body}/\r\n"
    ).encode()


def cpi(rows: list[Row], points: int | None = None) -> bytes:
    start, step = grid(rows)
    end = stop(rows) if points is None else start + (points - 1) * step
    head = [
        "SIETRONICS XRD SCAN",
        f"{start:.2f}",
        f"{end:.2f}",
        f"{step:.4f}",
        "Cu",
        "1.54056",
        "1-1-1999",
        "0.600000",
        "quartz",
        "SCANDATA",
    ]
    return "".join(f"{line}\r\n" for line in [*head, *(str(y) for _, y in rows)]).encode()


def chi(rows: list[Row], axis: str = "2-Theta Angle (Degrees)", declared: int | None = None) -> bytes:
    body = "".join(f" {x:>14} {y:>14}\n" for x, y in rows)
    return f"lab6.cbf\n {axis}\n Intensity\n {len(rows) if declared is None else declared:>11}\n{body}".encode()


def bank(rows: list[Row], kind: str, binning: str | None = None, declared: int | None = None) -> str:
    start, step = grid(rows)
    n = len(rows) if declared is None else declared
    return f"BANK 1 {n} {len(rows)} {binning or 'CONST'} {100 * start:.4f} {100 * step:.6f} 0 0 {kind}\r\n"


TITLE = "corundum, Cu Ka, a title line".ljust(80) + "\r\n"


def fxye(rows: list[Row], **options) -> bytes:
    body = "".join(
        f"{100 * float(x):14.6f} {y} {float(y) ** 0.5 if isinstance(y, int) and y > 0 else 1.0}\r\n" for x, y in rows
    )
    return (TITLE + bank(rows, "FXYE", **options) + body).encode()


def packed(cells: list[str], per_record: int) -> str:
    return "".join("".join(cells[at : at + per_record]) + "\r\n" for at in range(0, len(cells), per_record))


def std(rows: list[Row], repeats: int | None = None, **options) -> bytes:
    cells = [f"{'' if repeats is None else repeats:>2}{y:>6}" for _, y in rows]
    return (TITLE + bank(rows, "STD", **options) + packed(cells, 10)).encode()


def esd(rows: list[Row], **options) -> bytes:
    cells = [f"{y:>8}{2.5:>8}" for _, y in rows]
    return (TITLE + bank(rows, "ESD", **options) + packed(cells, 5)).encode()


def dbws(rows: list[Row], per_line: int = 10, title: str = "  zincite, Cu Ka", points: int | None = None) -> bytes:
    start, step = grid(rows)
    end = stop(rows) if points is None else start + (points - 1) * step
    cells = [f" {y:>7}" for _, y in rows]
    return f"{start:8.3f}{step:8.3f}{end:8.3f}{title}\n{packed(cells, per_line)}".encode()


class TestUxdWithPositions(StoredPositions):
    reader = "uxd"
    suffix = ".uxd"
    cut_may_read = True

    def build(self, rows: list[Row]) -> bytes:
        return uxd(rows)


class TestUxd(ReaderConformance):
    reader = "uxd"
    suffix = ".uxd"

    def build(self, rows: list[Row]) -> bytes:
        return uxd(rows, data="COUNTS", count=True)


class TestUdf(ReaderConformance):
    reader = "udf"
    suffix = ".udf"

    def build(self, rows: list[Row]) -> bytes:
        return udf(rows)


class TestCpi(ReaderConformance):
    reader = "cpi"
    suffix = ".cpi"

    def build(self, rows: list[Row]) -> bytes:
        return cpi(rows)


class TestChi(StoredPositions):
    reader = "chi"
    suffix = ".chi"

    def build(self, rows: list[Row]) -> bytes:
        return chi(rows)


class TestFxye(StoredPositions):
    reader = "gsas"
    suffix = ".fxye"

    def build(self, rows: list[Row]) -> bytes:
        return fxye(rows)


class TestStd(ReaderConformance):
    reader = "gsas"
    suffix = ".gsa"

    def build(self, rows: list[Row]) -> bytes:
        return std(rows)


class TestEsd(ReaderConformance):
    reader = "gsas"
    suffix = ".esd"

    def build(self, rows: list[Row]) -> bytes:
        return esd(rows)


class TestStartStepStop(ReaderConformance):
    reader = "start-step-stop"
    suffix = ".dat"

    def build(self, rows: list[Row]) -> bytes:
        return dbws(rows)


SECOND: list[Row] = [(60 + 0.05 * i, 7 + i) for i in range(30)]


@pytest.fixture
def read(tmp_path: Path):
    def read_bytes(content: bytes, name: str, **options) -> bg.Spectrum:
        path = tmp_path / name
        path.write_bytes(content)
        return bg.read(path, **options)

    return read_bytes


def codes(scan: bg.Spectrum) -> list[str]:
    return [note.code for note in scan.diagnostics]


def test_uxd_ranges_are_scans_with_keys_of_their_own(read) -> None:
    content = uxd(GOOD_ROWS, SECOND)
    second = read(content, "a.uxd", scan=1)
    assert (len(second), second.source.n_scans, second.name) == (30, 2, "Silicon")
    np.testing.assert_array_equal(second.x, [x for x, _ in SECOND])
    assert second.radiation.lines == ((1.540598, 1.0), (1.544426, 0.5))
    assert "several_scans" in codes(read(content, "a.uxd"))


@pytest.mark.parametrize("drive", ["THETA", "PHI", "CHI", "KHI"])
def test_uxd_rocking_curves_and_pole_figures_are_refused(read, drive: str) -> None:
    with pytest.raises(bg.UnknownFormat, match=f"moves {drive}, not 2-theta"):
        read(uxd(GOOD_ROWS, drive=drive), "a.uxd")


def test_uxd_rates_use_their_time(read) -> None:
    scan = read(uxd([(x, y / 4) for x, y in GOOD_ROWS], data="2THETACPS", steptime=4.0), "a.uxd")
    assert (scan.counts, scan.y_unit) == (False, "counts/s")
    np.testing.assert_allclose(scan.sigma, [y**0.5 / 4 for _, y in GOOD_ROWS])


def test_uxd_counts_must_agree(read) -> None:
    with pytest.raises(bg.InvalidSpectrum, match="119 points are declared, 120"):
        read(uxd(GOOD_ROWS, data="COUNTS", count=True).replace(b"STEPCOUNT=120", b"STEPCOUNT=119"), "a.uxd")
    with pytest.raises(bg.InvalidSpectrum, match="neither a key nor data"):
        read(b"_FILEVERSION=2\n10 20\n", "a.uxd")


def test_uxd_declared_counts_that_are_not_whole_are_doubted(read) -> None:
    scan = read(uxd([(x, y + 0.37) for x, y in GOOD_ROWS]), "a.uxd")
    assert scan.sigma is None
    assert {"unit_contradicted", "sigma_unknown"} <= set(codes(scan))


def test_udf_splits_at_the_first_comma(read) -> None:
    scan = read(udf(GOOD_ROWS), "a.udf")
    assert scan.name == "corundum, high grade"
    assert scan.radiation.lines == ((1.5406, 1.0), (1.54439, 0.5))
    assert scan.metadata["header"]["ScanStepTime"] == "10.0"


@pytest.mark.parametrize(("build", "suffix"), [(udf, ".udf"), (cpi, ".cpi"), (dbws, ".dat")])
def test_a_range_that_contradicts_the_ordinates_is_refused(read, build, suffix: str) -> None:
    with pytest.raises(bg.InvalidSpectrum, match="make 121 points, 120 stand here"):
        read(build(GOOD_ROWS, points=121), f"a{suffix}")


def test_cpi_states_its_wavelength(read) -> None:
    scan = read(cpi(GOOD_ROWS), "a.cpi")
    assert (scan.name, scan.radiation.lines) == ("quartz", ((1.54056, 1.0),))


@pytest.mark.parametrize("axis", ["Q (1/nm)", "Radial distance (mm)", "Azimuth (degrees)", "2-Theta (rad)"])
def test_chi_of_other_axes_is_refused(read, axis: str) -> None:
    with pytest.raises(bg.UnknownFormat, match=r"a\.chi:2"):
        read(chi(GOOD_ROWS, axis), "a.chi")


def test_chi_with_another_number_of_rows_is_refused(read) -> None:
    with pytest.raises(bg.InvalidSpectrum, match="121 points are declared"):
        read(chi(GOOD_ROWS, declared=121), "a.chi")


@pytest.mark.parametrize("binning", ["RALF", "SLOG", "TIME_MAP"])
def test_gsas_time_of_flight_is_refused(read, binning: str) -> None:
    for build, suffix in ((fxye, ".fxye"), (std, ".gsa")):
        with pytest.raises(bg.UnknownFormat, match="time of flight"):
            read(build(GOOD_ROWS, binning=binning), f"a{suffix}")


def test_gsas_alt_records_are_refused(read) -> None:
    with pytest.raises(bg.UnknownFormat, match="type ALT"):
        read(std(GOOD_ROWS).replace(b" STD", b" ALT"), "a.gsa")


@pytest.mark.parametrize("build", [fxye, std, esd])
def test_gsas_declared_points_are_required(read, build) -> None:
    with pytest.raises(bg.InvalidSpectrum, match="121 points are declared, 120 stand here"):
        read(build(GOOD_ROWS, declared=121), "a.gsas")


def test_gsas_repeat_counts_are_averages(read) -> None:
    scan = read(std(GOOD_ROWS, repeats=4), "a.gsa")
    np.testing.assert_array_equal(scan.y, [y for _, y in GOOD_ROWS])
    np.testing.assert_allclose(scan.sigma, [(y / 4) ** 0.5 for _, y in GOOD_ROWS])


def test_gsas_keeps_its_standard_deviations(read) -> None:
    assert set(read(esd(GOOD_ROWS), "a.esd").sigma) == {2.5}
    zero = esd(GOOD_ROWS).replace(b"     2.5", b"     0.0", 1)
    scan = read(zero, "a.esd")
    assert "third_column_not_sigma" in codes(scan)
    np.testing.assert_array_equal(scan.sigma, [y**0.5 for _, y in GOOD_ROWS])


def test_gsas_text_without_a_bank_is_refused(read) -> None:
    with pytest.raises(bg.UnknownFormat, match="no BANK line"):
        read(b"10 1\n11 2\n12 3\n", "a.gsas")


def test_gsas_under_the_suffix_raw(read) -> None:
    assert read(std(GOOD_ROWS), "a.raw").source.format == "gsas"


@pytest.mark.parametrize("per_line", [1, 8, 10])
@pytest.mark.parametrize("title", ["", "  zincite, Cu Ka"])
def test_start_step_stop_with_any_number_a_line(read, per_line: int, title: str) -> None:
    scan = read(dbws(GOOD_ROWS, per_line, title), "a.dat")
    assert scan.source.format == "start-step-stop"
    np.testing.assert_array_equal(scan.y, [y for _, y in GOOD_ROWS])
    assert scan.metadata["title"] == title.strip()
    assert ("wavelength_assumed" in codes(scan)) == (not title)


@pytest.mark.parametrize("text", ["10 20 30\n11 21 31\n12 22 32\n", "10 1 40\n20 5\n30 6\n", "10 11\n11 12\n12 13\n"])
def test_tables_are_not_taken_for_a_range(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.dat"
    path.write_text(text)
    try:
        assert bg.read(path, technique="xrd").source.format == "text"
    except bg.InvalidSpectrum as error:
        assert "columns" in str(error)  # noqa: PT017
