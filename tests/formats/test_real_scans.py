"""Measured files against `EXPECTED.tsv`: figures on which independent readers agree, named in its `checked_with`."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import braggite as bg
from braggite.formats import describe

if TYPE_CHECKING:
    from pathlib import Path

READ_NOW = (".xy", ".xye", ".dat", ".prn", ".xrdml")
POSITION_TOLERANCE_DEG = 2e-4  # the data set's own statement of how far positions may differ
ORDINATE_TOLERANCE = 5e-10  # EXPECTED.tsv prints ten digits


def _rows(test_data: Path) -> list[dict[str, str]]:
    with (test_data / "xrd" / "EXPECTED.tsv").open(encoding="utf-8") as table:
        return [row for row in csv.DictReader(table, delimiter="\t") if row["kind"] == "profile"]


@pytest.fixture(scope="module")
def scans(test_data: Path) -> list[tuple[dict[str, str], bg.Spectrum]]:
    rows = [row for row in _rows(test_data) if row["file"].lower().endswith(READ_NOW)]
    return [(row, bg.read(test_data / "xrd" / row["set"] / row["file"])) for row in rows]


def test_all_files_of_the_supported_kinds_are_there(scans: list[Any]) -> None:
    assert len(scans) == 95


def test_hash_and_number_of_points(scans: list[Any]) -> None:
    for row, scan in scans:
        assert scan.source.sha256 == row["sha256"], row["file"]
        assert len(scan) == int(row["points"]), row["file"]


def test_positions(scans: list[Any]) -> None:
    for row, scan in scans:
        found = (scan.x[0], scan.x[-1], scan.step_median, scan.x[np.argmax(scan.y)])
        expected = [float(row[key]) for key in ("x_first", "x_last", "step_median", "x_at_max")]
        np.testing.assert_allclose(found, expected, rtol=0, atol=POSITION_TOLERANCE_DEG, err_msg=row["file"])


def test_ordinates(scans: list[Any]) -> None:
    for row, scan in scans:
        found = (scan.y[0], scan.y[-1], scan.y.max(), scan.y.sum())
        expected = [float(row[key]) for key in ("y_first", "y_last", "y_max", "y_sum")]
        np.testing.assert_allclose(found, expected, rtol=ORDINATE_TOLERANCE, atol=0, err_msg=row["file"])


def test_whole_ordinates_are_counts_with_sigma(scans: list[Any]) -> None:
    for row, scan in scans:
        assert (scan.counts is True) == (row["y_integral"] == "True"), row["file"]
        assert scan.counts is not True or scan.sigma is not None, row["file"]


def test_every_file_is_xrd(scans: list[Any]) -> None:
    assert {scan.technique for _, scan in scans} == {"xrd"}
    doubted = [row["file"] for row, scan in scans if "technique_assumed" in _codes(scan)]
    assert doubted == ["example_mythen.dat"], "three degrees in a .dat: nothing says what they are"


def test_what_is_not_read_yet_is_refused_with_advice(test_data: Path) -> None:
    for row in _rows(test_data):
        if not row["file"].lower().endswith(READ_NOW):
            with pytest.raises(bg.UnknownFormat) as caught:
                bg.read(test_data / "xrd" / row["set"] / row["file"])
            assert caught.value.suggestion, row["file"]


def _codes(scan: bg.Spectrum) -> set[str]:
    return {note.code for note in scan.diagnostics}


def test_the_attenuated_apex(test_data: Path) -> None:
    """Truth of the data set: stored 1341, 14602, 1877, 13749, 1667 at 66.045 to 66.165 deg, factor 188 on the third."""
    scan = bg.read(test_data / "xrd/S09_vendor_formats/m54313_om2th_10.xrdml")
    near = (scan.x > 66.04) & (scan.x < 66.17)
    np.testing.assert_array_equal(scan.y[near], [1341, 14602, 352876, 13749, 1667])
    assert scan.sigma is not None
    np.testing.assert_allclose(scan.sigma[near], [1341**0.5, 14602**0.5, 1877**0.5 * 188, 13749**0.5, 1667**0.5])
    assert "attenuation_corrected" in _codes(scan)
    assert scan.radiation is not None
    assert len(scan.radiation.lines) == 1, "a 2xGe(220) monochromator stands before the specimen"


def test_the_mesh_of_101_scans(test_data: Path) -> None:
    path = next((test_data / "xrd/S09_vendor_formats").glob("m82762*mesh_long.xrdml"))
    scan = bg.read(path)
    assert scan.source.n_scans == 101
    assert len(scan) == 255
    assert "several_scans" in _codes(scan)
    assert np.ptp(np.diff(scan.x)) > 1e-6, "the stored positions (eight decimals) are uneven and must be kept"
    last = bg.read(path, scan=100)
    assert last.source.scan == 100
    with pytest.raises(bg.OptionError, match="101 scans"):
        bg.read(path, scan=101)


def test_a_ratio_of_zero_leaves_one_line(test_data: Path) -> None:
    scan = bg.read(test_data / "xrd/S09_vendor_formats/xrdtools_test_scan.xrdml")
    assert scan.radiation is not None
    assert scan.radiation.lines == ((1.540598, 1.0),)
    assert "attenuation_corrected" not in _codes(scan), "all factors are 1"


def test_intended_kalpha1_keeps_the_doublet_in_47_scans(test_data: Path) -> None:
    """Referent: the data set's README, 47 doublet scans that name K-alpha1 (S04, S05, S06, S13 and one of S09)."""
    kept = [path for path in sorted((test_data / "xrd").rglob("*.xrdml")) if "kalpha2_kept" in _codes(bg.read(path))]
    assert len(kept) == 47


@pytest.mark.parametrize("name", ["Li2MnO3+MnO+TiO2.xy", "Mn2O3+LiF.xy", "MnO2.xy"])
def test_a_background_in_the_third_column_is_no_sigma(test_data: Path, name: str) -> None:
    scan = bg.read(test_data / "xrd/S08_autoanalyzer_LiMnTiOF" / name)
    assert "third_column_not_sigma" in _codes(scan)
    np.testing.assert_array_equal(scan.sigma, np.sqrt(scan.y))


@pytest.mark.parametrize("name", ["example_bmb.xye", "example_mac.xye", "example_mythen.xye", "example_mythen.dat"])
def test_a_true_sigma_in_the_third_column_is_kept(test_data: Path, name: str) -> None:
    scan = bg.read(test_data / "xrd/S09_vendor_formats" / name)
    assert "third_column_not_sigma" not in _codes(scan)
    assert scan.sigma is not None


def test_the_beam_line_states_its_wavelength(test_data: Path) -> None:
    scan = bg.read(test_data / "xrd/S09_vendor_formats/example_bmb.xye")
    assert scan.radiation is not None
    assert scan.radiation.lines == ((0.414581, 1.0),)


def test_the_dat_of_s13_is_its_xrdml_without_the_first_point(test_data: Path) -> None:
    text, xml = (bg.read(test_data / f"xrd/S13_rbnb2o5f/RbNb2O5F.{suffix}") for suffix in ("dat", "xrdml"))
    np.testing.assert_array_equal(text.y, xml.y[1:])
    np.testing.assert_allclose(text.x, xml.x[1:], rtol=0, atol=1e-4, err_msg="the .dat prints four decimals")


def test_a_theta_header_is_noted(test_data: Path) -> None:
    assert "axis_label_theta" in _codes(bg.read(test_data / "xrd/S09_vendor_formats/example_ocx.xy"))


def test_a_q_axis_is_refused(test_data: Path) -> None:
    with pytest.raises(bg.UnknownFormat, match="names Q"):
        bg.read(test_data / "xrd/S11_srm660b_synchrotron/pdf_SRM_660b_q.chi")


def test_another_readers_answer(test_data: Path) -> None:
    path = test_data / "xrd/S09_vendor_formats/XRD-918-16_10.xrdml"
    scan = bg.read(path)
    answer = json.loads(path.with_suffix(".xrdml.json").read_text(encoding="utf-8"))
    assert answer
    assert scan.instrument is not None
    assert scan.instrument.radius_mm == 240.0
    assert scan.metadata["anode"] == "Cu"


def _simulated(test_data: Path) -> list[tuple[Path, dict[str, str]]]:
    found = []
    for table in sorted((test_data / "simulated").glob("*/samples.csv")):
        with table.open(encoding="utf-8") as lines:
            found += [(table.parent / row["file"], row) for row in csv.DictReader(lines)]
    return found


def test_simulated_files_read_with_the_technique_of_the_laboratory(test_data: Path) -> None:
    read = 0
    for path, row in _simulated(test_data):
        if row["technique"] in ("xrd", "raman", "ftir", "xps") and path.suffix not in (".vms", ".jdx"):
            scan = bg.read(path)
            read += 1
            assert scan.technique == row["technique"], path.name
            told = scan.technique == "xrd" or bool(scan.metadata["header"])
            assert ("technique_assumed" in _codes(scan)) == (not told), path.name
            assert scan.technique != "xrd" or scan.sigma is not None, path.name
    assert read == 289


def test_simulated_rates_carry_their_counting_time(test_data: Path) -> None:
    """Truth: `counts_per_unit` counts in one unit of the ordinate."""
    checked = 0
    for truth in sorted((test_data / "simulated").glob("*/truth.json")):
        for entry in json.loads(truth.read_text(encoding="utf-8"))["files"]:
            path = truth.parent / entry["file"]
            if path.suffix == ".xye" and entry.get("counts_per_unit", 1) != 1:
                scan = bg.read(path)
                assert (scan.counts, scan.y_unit) == (False, "counts/s")
                sigma = np.sqrt(scan.y / entry["counts_per_unit"])
                assert scan.sigma is not None
                np.testing.assert_allclose(scan.sigma, sigma, rtol=1e-3, err_msg=f"{path.name} prints four digits")
                checked += 1
    assert checked > 0


def test_absorption_edges_are_refused(test_data: Path) -> None:
    for path, row in _simulated(test_data):
        if row["technique"] == "xanes":
            with pytest.raises(bg.UnknownFormat, match="absorption"):
                bg.read(path)


def test_depth_profiles_and_regions_are_scans(test_data: Path) -> None:
    path = test_data / "simulated/J06_garnet_core_levels/LZ-reduced-xps.csv"
    levels = [bg.read(path, scan=index) for index in range(7)]
    assert [level.metadata["region"] for level in levels] == [
        "Survey", "La 3d", "Zr 3d", "Ta 4f", "C 1s", "O 1s", "Li 1s",
    ]  # fmt: skip
    assert [len(level) for level in levels] == [1201, 401, 171, 151, 191, 171, 201]


def test_info_entries_keep_the_files_own_order(test_data: Path) -> None:
    entry = describe(test_data / "simulated/J05_raman_ftir/BTO-ftir.csv")
    assert (entry["x_first"], entry["y_first"]) == (3999.62, 0.14936)
    assert entry["x_first"] > entry["x_last"]
    entry = describe(test_data / "xrd/S04_dara_weighed_mixtures/NiO_0p6007-Bi2O3_0p4008--2min.xrdml")
    assert entry["wavelength_angstrom"] == [1.540598, 1.544426]
    assert (entry["n_points"], entry["n_scans"], entry["counts"], entry["x_unit"]) == (2071, 1, True, "deg")
