from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.formats.reader_conformance import GOOD_ROWS, Row, StoredPositions
from tests.formats.robustness import SECONDS

import braggite as bg

if TYPE_CHECKING:
    from pathlib import Path


class TestXy(StoredPositions):
    reader = "text"
    suffix = ".xy"
    cut_may_read = True

    def build(self, rows: list[Row]) -> bytes:
        return "".join(f"{x} {y}\n" for x, y in rows).encode()


class TestSemicolonDecimalComma(StoredPositions):
    reader = "text"
    suffix = ".csv"
    cut_may_read = True

    def build(self, rows: list[Row]) -> bytes:
        body = "".join(f"{x};{y}\r\n" for x, y in rows).replace(".", ",")
        return f"2theta (deg);Intensity (counts)\r\n{body}".encode()


class TestCarriageReturnOnly(StoredPositions):
    reader = "text"
    suffix = ".prn"
    cut_may_read = True

    def build(self, rows: list[Row]) -> bytes:
        return "".join(f"{x:9}{y:10}\r" for x, y in rows).encode()


class TestUtf16(StoredPositions):
    reader = "text"
    suffix = ".txt"
    cut_may_read = True

    def build(self, rows: list[Row]) -> bytes:
        return ("Winkel 2θ\tImpulse\r\n" + "".join(f"{x}\t{y}\r\n" for x, y in rows)).encode("utf-16")


@pytest.fixture
def read(tmp_path: Path):
    def read_text(text: str | bytes, name: str = "scan.xy", **options) -> bg.Spectrum:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return bg.read(path, **options)

    return read_text


def codes(spectrum: bg.Spectrum) -> list[str]:
    return [note.code for note in spectrum.diagnostics]


ROWS = "10.00 100\n10.02 121\n10.04 144\n"


@pytest.mark.parametrize(
    "text",
    [
        ROWS,
        ROWS.replace("\n", "\r\n"),
        ROWS.replace("\n", "\r\r\n"),
        ROWS.replace("\n", "\r"),
        ROWS.replace(" ", "\t"),
        ROWS.replace(" ", ","),
        ROWS.replace(" ", ", "),
        ROWS.replace(" ", ";"),
        ROWS.replace(".", ","),
        ROWS.replace(" ", ";").replace(".", ","),
        ROWS.replace(" ", "\t").replace(".", ","),
        ROWS.replace(" ", " ; "),
        ROWS.replace(" ", ";").replace("\n", ";\n"),
        '"10.00","100"\n"10.02","121"\n"10.04","144"\n',
        "1.000D+01 1.00d2\n1.002D+01 1.21d2\n1.004D+01 1.44d2\n",
        "  10.00   100  \n\n  10.02   121\n  10.04   144 \n\n\n",
        ROWS + "\x1a",
        "\ufeff" + ROWS,
        "3\n" + ROWS,
        "10 0.02 10.04\n100\n121\n144\n",
        "# title\n! more\n' and\n; this\n/* a block\n 1 2 3\n*/\n" + ROWS,
        "Angle;PSD\n" + ROWS.replace(" ", ";"),
        "10.00 100\n# a remark in between\n10.02 121\n10.04 144\n",
        "10.00 100\n10.02 121\n10.04 144\n# end\n",
    ],
)
def test_the_same_three_points_in_many_dialects(read, text: str) -> None:
    spectrum = read(text)
    np.testing.assert_allclose(spectrum.x, [10.0, 10.02, 10.04], rtol=0, atol=1e-12)
    np.testing.assert_array_equal(spectrum.y, [100, 121, 144])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932", "cp1252"])
def test_encodings(read, encoding: str) -> None:
    title = {"cp932": "走査軸 2θ", "cp1252": "Ångström ° 2theta"}.get(encoding, "2θ走査")
    spectrum = read(f"# {title}\n{ROWS}".encode(encoding))
    assert spectrum.metadata["header"] == [f"# {title}"]


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        ("10.00;1,234.5\n10.02;1,240.1\n", "point and comma"),
        ("10,00;1.234,5\n10,02;1.240,1\n", "german"),
        ("10.00\t1,234\n10.02\t1,240\n", "tab"),
        ('10.00,"1,234"\n10.02,"1,240"\n', "quoted"),
        ("10,00;1,234,567\n10,02;1,240,000\n", "two commas"),
    ],
)
def test_thousands_separators_are_refused(read, rows: str, name: str) -> None:
    with pytest.raises(bg.UnknownFormat, match="thousands"):
        read(rows, "scan.csv")


@pytest.mark.parametrize("bad", ["NaN", "nan", "---", "1.#IND", "inf", "", "#DIV/0!", "abc", "1e999"])
def test_a_missing_value_is_refused_with_file_and_line(read, bad: str) -> None:
    with pytest.raises(bg.InvalidSpectrum, match=r"scan\.csv:3"):
        read(f"2theta;counts\n10.00;100\n10.02;{bad}\n10.04;144\n10.06;169\n", "scan.csv")


def test_a_row_of_another_length_is_refused_with_its_line(read) -> None:
    with pytest.raises(bg.InvalidSpectrum, match=r"scan\.xy:3"):
        read("10.00 100\n10.02 121\n10.04\n10.06 169\n")


@pytest.mark.parametrize("text", ["5 0.02 90\n133\n153\n", "4\n10.00 100\n10.02 121\n10.04 144\n"])
def test_a_declared_number_of_points_must_be_met(read, text: str) -> None:
    with pytest.raises(bg.InvalidSpectrum, match="stand here"):
        read(text)


class TestLastRowWithoutLineEnd:
    def test_whole_numbers_may_be_cut_and_are_dropped(self, read) -> None:
        spectrum = read("10.00 1000\n10.02 1210\n10.04 144")
        assert len(spectrum) == 2
        assert "last_row_dropped" in codes(spectrum)

    def test_fixed_decimals_prove_it_whole(self, read) -> None:
        spectrum = read("10.00 1000.00\n10.02 1210.00\n10.04 1440.00")
        assert len(spectrum) == 3
        assert "last_row_dropped" not in codes(spectrum)

    def test_a_missing_decimal_shows_the_cut(self, read) -> None:
        assert len(read("10.00 1000.00\n10.02 1210.00\n10.04 1440.0")) == 2


class TestThirdColumn:
    x = 10 + 0.02 * np.arange(400)
    y = np.random.default_rng(3).poisson(200 + 5000 * np.exp(-(((10 + 0.02 * np.arange(400)) - 14) ** 2) / 0.1))

    def table(self, third: np.ndarray) -> str:
        return "".join(f"{a:.2f} {b} {c:.4f}\n" for a, b, c in zip(self.x, self.y, third, strict=True))

    @pytest.mark.parametrize("scale", [1.0, 0.5, 2.0])
    def test_a_square_root_is_taken_as_sigma(self, read, scale: float) -> None:
        spectrum = read(self.table(scale * np.sqrt(self.y)), "scan.xye")
        np.testing.assert_allclose(spectrum.sigma, scale * np.sqrt(self.y), atol=1e-4)
        assert "third_column_not_sigma" not in codes(spectrum)

    @pytest.mark.parametrize("third", [np.full(400, 190.0), 0.98 * y, np.full(400, 0.0)], ids=["flat", "equal", "zero"])
    def test_a_background_is_not(self, read, third: np.ndarray) -> None:
        spectrum = read(self.table(third))
        assert "third_column_not_sigma" in codes(spectrum)
        np.testing.assert_allclose(spectrum.sigma, np.sqrt(self.y), rtol=1e-12)

    def test_a_named_sigma_is_believed(self, read) -> None:
        spectrum = read("2theta,intensity,sigma\n10,100,3\n10.02,121,3\n10.04,144,3\n", "scan.csv")
        np.testing.assert_array_equal(spectrum.sigma, [3, 3, 3])

    def test_four_columns_without_names_are_refused(self, read) -> None:
        with pytest.raises(bg.UnknownFormat, match="4 columns"):
            read("10 1 2 3\n11 4 5 6\n")

    def test_named_columns_are_found(self, read) -> None:
        spectrum = read("2theta,background,counts,esd\n10,90,100,10\n11,91,121,11\n", "scan.csv")
        np.testing.assert_array_equal(spectrum.y, [100, 121])
        np.testing.assert_array_equal(spectrum.sigma, [10, 11])


class TestHeader:
    def test_eva_states_its_anode(self, read) -> None:
        spectrum = read(f'\'Id: "" Comment: "" Anode: "Co" Scantype: "Coupled TwoTheta/Theta" TimePerStep: "2"\n{ROWS}')
        assert spectrum.technique == "xrd"
        assert spectrum.radiation is not None
        assert spectrum.radiation.name == "CoKa"
        assert "wavelength_assumed" not in codes(spectrum)

    def test_a_stated_time_makes_rates_of_fractions(self, read) -> None:
        spectrum = read("# TimePerStep: 4\n10.00 25.25\n10.02 30.50\n10.04 36.00\n")
        assert (spectrum.counts, spectrum.y_unit) == (False, "counts/s")
        np.testing.assert_allclose(spectrum.sigma, np.sqrt(spectrum.y / 4), rtol=1e-12)

    @pytest.mark.parametrize(
        ("line", "wavelengths"),
        [
            ("# Calibrated wavelength = 0.414581", [0.414581]),
            ("# Wavelength (A): 1.54056,1.54439", [1.54056, 1.54439]),
            ("# wavelength (nm) = 0.15406", [1.5406]),
            ("# wavelength: 0.0709 nm", [0.709]),
            ("# Cu K-alpha1", [1.5405929]),
            ("# Radiation MoKα", [0.70931715, 0.713607]),
        ],
    )
    def test_a_stated_wavelength_is_used(self, read, line: str, wavelengths: list[float]) -> None:
        spectrum = read(f"{line}\n{ROWS}")
        assert [wavelength for wavelength, _ in spectrum.radiation.lines] == pytest.approx(wavelengths, rel=1e-12)
        assert "wavelength_assumed" not in codes(spectrum)

    def test_without_one_the_copper_doublet_is_assumed_and_said(self, read) -> None:
        spectrum = read(ROWS)
        assert spectrum.radiation.lines == ((1.5405929, 1.0), (1.5444274, 0.5))
        assert spectrum.radiation.assumed
        assert "wavelength_assumed" in codes(spectrum)

    def test_the_callers_wavelength_wins(self, read) -> None:
        spectrum = read(f"# Anode: Co\n{ROWS}", wavelength="0.7093,0.7136")
        assert spectrum.radiation.lines == ((0.7093, 1.0), (0.7136, 0.5))

    def test_theta_means_two_theta_and_is_noted(self, read) -> None:
        spectrum = read("theta,intensity\n" + ROWS.replace(" ", ","))
        assert "axis_label_theta" in codes(spectrum)

    def test_the_sample_is_named(self, read) -> None:
        assert read(f"# Sample: LZ-1BTO\n{ROWS}").name == "LZ-1BTO"
        assert read(ROWS, "my scan.xy").name == "my scan"

    @pytest.mark.parametrize(
        "header",
        [
            "# chi_Q chi_I",
            "Q (1/A),I",
            "# Q [nm^-1]  I",
            "d-spacing (A), I",
            "# time of flight (us)",
            "# neutron diffraction",
            "Energy (eV),mu (arb. units)",
            "PE/eV,AbNorm",
            '\'Scantype: "Rocking Curve"',
        ],
    )
    def test_foreign_axes_are_refused(self, read, header: str) -> None:
        with pytest.raises(bg.UnknownFormat, match="header names"):
            read(f"{header}\n{ROWS.replace(' ', ',')}")


class TestTechnique:
    @pytest.mark.parametrize(
        ("header", "technique", "unit"),
        [
            ("2theta (deg),Intensity (counts)", "xrd", "counts"),
            ("Angle,PSD", "xrd", "counts"),
            ("Raman shift (cm-1),Intensity", "raman", "arbitrary"),
            ("Wavenumber (cm-1),Absorbance", "ftir", "absorbance"),
            ("Wavenumber (cm-1),Transmittance (%)", "ftir", "transmittance"),
            ("Binding energy (eV),Counts", "xps", "counts"),
        ],
    )
    def test_header_words_decide(self, read, header: str, technique: str, unit: str) -> None:
        spectrum = read(f"{header}\n100,900\n101,910\n102,920\n", "scan.csv")
        assert (spectrum.technique, spectrum.y_unit) == (technique, unit)
        assert "technique_assumed" not in codes(spectrum)

    def test_labspec_headers_are_raman(self, read) -> None:
        header = "#Sample=\tx\n#Laser=\t532.0 nm\n#AxisType[1]=\tSpectr\n#AxisUnit[1]=\t1/cm\n"
        assert read(f"{header}90.1\t5903.8\n91.2\t5691.9\n92.3\t5713.8\n", "x.txt").technique == "raman"

    @pytest.mark.parametrize("rows", ["10 1\n11 2\n", "10 1\n11\n"])
    def test_a_long_log_is_no_table_and_soon_refused(self, read, rows: str) -> None:
        start = time.process_time()
        with pytest.raises(bg.UnknownFormat, match="200000 lines of text"):
            read("# wavelength of something, step time\n" * 200_000 + rows, "log.txt")
        assert time.process_time() - start < SECONDS

    @pytest.mark.parametrize(
        ("stated", "technique"),
        [("##DESCRIPTION=Raman spectrum, 532 nm", "raman"), ("##X-RAY WAVELENGTH: 1.541838", "xrd")],
    )
    def test_rruff_files_are_named_and_end_with_a_mark(self, read, stated: str, technique: str) -> None:
        start = 150 if technique == "raman" else 10
        text = f"##NAMES=Quartz\n##RRUFFID=R040031.1\n{stated}\n##URL=rruff\n"
        text += "".join(f"{start + 0.5 * i:.2f}, {90.5 + i % 7}\n" for i in range(60))
        spectrum = read(f"{text}##END=\n", "x.txt")
        assert (spectrum.technique, spectrum.name, len(spectrum)) == (technique, "Quartz", 60)
        assert technique == "raman" or spectrum.radiation.lines == ((1.541838, 1.0),)
        with pytest.raises(bg.InvalidSpectrum, match="##END= is missing"):
            read(text, "x.txt")

    def test_an_angle_range_is_xrd_without_a_word(self, read) -> None:
        rows = "".join(f"{x:.2f} 100\n" for x in np.arange(10, 40, 0.5))
        assert "technique_assumed" not in codes(read(rows, "x.txt"))
        assert "technique_assumed" not in codes(read(ROWS, "x.xy"))

    def test_a_short_range_could_be_a_core_level_too(self, read) -> None:
        rows = "".join(f"{x:.2f} 100\n" for x in np.arange(45, 60, 0.1))
        spectrum = read(rows, "x.txt")
        assert spectrum.technique == "xrd"
        assert "technique_assumed" in codes(spectrum)

    @pytest.mark.parametrize(
        ("name", "x", "technique"),
        [
            ("a.txt", np.linspace(4000, 400, 50), "ftir"),
            ("a-raman.txt", np.linspace(4000, 400, 50), "raman"),
            ("a.txt", np.linspace(200, 3500, 50), "raman"),
            ("a-xps.txt", np.linspace(300, 280, 50), "xps"),
        ],
    )
    def test_otherwise_range_and_name_decide(self, read, name: str, x: np.ndarray, technique: str) -> None:
        spectrum = read("".join(f"{value:.3f}\t{1.5:.3f}\n" for value in x), name)
        assert spectrum.technique == technique

    def test_doubt_is_said(self, read) -> None:
        spectrum = read("".join(f"{value:.3f}\t1.500\n" for value in np.linspace(200, 3500, 50)), "a.txt")
        assert "technique_assumed" in codes(spectrum)

    def test_the_caller_decides_over_all(self, read) -> None:
        spectrum = read("Wavenumber (cm-1),Absorbance\n100,0.1\n101,0.2\n", "a.csv", technique="raman")
        assert spectrum.technique == "raman"

    def test_positions_that_no_angle_has_are_refused(self, read) -> None:
        with pytest.raises(bg.InvalidSpectrum, match="cannot be 2θ"):
            read("100 5\n400 6\n", technique="xrd")

    def test_positions_of_no_technique_are_refused(self, read) -> None:
        with pytest.raises(bg.UnknownFormat, match="state the technique"):
            read("20000 5\n40000 6\n")


def test_a_lasers_wavelength_is_not_the_x_rays(read) -> None:
    assert read("# Raman, wavelength: 532 nm\n100 5.5\n300 6.5\n", "x.txt").radiation is None


def test_settings_before_the_titles_are_header(read) -> None:
    settings = "File Version;4,1\nintegration time;3000\nlaser power;100\n"
    spectrum = read(f"{settings}Raman shift;Counts;\n100,5;20\n101,5;21\n102,5;22\n", "x.txt")
    np.testing.assert_array_equal(spectrum.x, [100.5, 101.5, 102.5])
    assert "integration time;3000" in spectrum.metadata["header"]


def test_labelled_rows_are_scans(read) -> None:
    text = "Region,Binding energy (eV),Counts\nC 1s,290,5\nC 1s,289,6\nO 1s,535,7\nO 1s,534,8\nO 1s,533,9\n"
    first, second = read(text, "x.csv"), read(text, "x.csv", scan=1)
    assert "several_scans" in codes(first)
    assert "several_scans" not in codes(second)
    assert (first.metadata["region"], second.metadata["region"]) == ("C 1s", "O 1s")
    assert (second.source.scan, second.source.n_scans) == (1, 2)
    np.testing.assert_array_equal(second.y, [9, 8, 7])


@pytest.mark.parametrize(
    "options",
    [
        {"wavelength": -1},
        {"wavelength": "abc"},
        {"wavelength": 0},
        {"wavelength": 200},
        {"wavelength": "1.5,1.6,1.7"},
        {"radiation": "XxKa"},
        {"wavelength": 1.54, "radiation": "CuKa"},
        {"technique": "nmr"},
        {"scan": -1},
        {"scan": 1},
    ],
)
def test_options_outside_their_meaning(read, options: dict) -> None:
    with pytest.raises(bg.OptionError):
        read(ROWS, **options)


def test_a_wavelength_for_raman_is_an_option_error(read) -> None:
    with pytest.raises(bg.OptionError, match="no meaning"):
        read("Raman shift,I\n200,5.5\n400,6.5\n", "x.csv", wavelength=1.54)


def test_missing_files_and_folders_are_unreadable_input(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.xy", tmp_path):
        with pytest.raises(bg.UnknownFormat) as caught:
            bg.read(path)
        assert caught.value.exit_code == 3


def test_good_rows_are_what_the_conformance_class_means() -> None:
    assert len({x for x, _ in GOOD_ROWS}) == len(GOOD_ROWS)
