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

REFUSED = {
    "pdcif_ALUMINA.cif": "neutron",  # at 1.5402 angstrom, which looks like copper
    "pdf_SRM_660b_q.chi": "names Q",
}
"""Profiles of the table that are no X-ray pattern over 2-theta, as its README says, and what the refusal names."""

NOT_WHOLE_AS_STORED = {"23-012-AG_2thomegascan_long.brml"}
"""Counts, although the ordinates are not whole: they carry the absorber's factor, and divided by it they are."""
POSITION_TOLERANCE_DEG = 2e-4  # the data set's own statement of how far positions may differ
ORDINATE_TOLERANCE = 5e-10  # EXPECTED.tsv prints ten digits


def _rows(test_data: Path, kind: str = "profile") -> list[dict[str, str]]:
    with (test_data / "xrd" / "EXPECTED.tsv").open(encoding="utf-8") as table:
        return [row for row in csv.DictReader(table, delimiter="\t") if row["kind"] == kind]


@pytest.fixture(scope="module")
def scans(test_data: Path) -> list[tuple[dict[str, str], bg.Spectrum]]:
    rows = [row for row in _rows(test_data) if row["file"] not in REFUSED]
    return [(row, bg.read(test_data / "xrd" / row["set"] / row["file"])) for row in rows]


def test_every_profile_of_the_table_is_there(scans: list[Any]) -> None:
    assert len(scans) == 110


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
        whole = row["y_integral"] == "True" or row["file"] in NOT_WHOLE_AS_STORED
        assert (scan.counts is True) == whole, row["file"]
        assert scan.counts is not True or scan.sigma is not None, row["file"]


def test_every_file_is_xrd(scans: list[Any]) -> None:
    assert {scan.technique for _, scan in scans} == {"xrd"}
    doubted = [row["file"] for row, scan in scans if "technique_assumed" in _codes(scan)]
    assert doubted == ["example_mythen.dat"], "three degrees in a .dat: nothing says what they are"


@pytest.mark.parametrize(("name", "reason"), REFUSED.items())
def test_what_is_no_powder_pattern_is_refused_with_advice(test_data: Path, name: str, reason: str) -> None:
    row = next(row for row in _rows(test_data) if row["file"] == name)
    with pytest.raises(bg.UnknownFormat, match=reason) as caught:
        bg.read(test_data / "xrd" / row["set"] / name)
    assert caught.value.suggestion


def test_structures_and_other_files_are_no_spectra(test_data: Path) -> None:
    rows = _rows(test_data, "structure") + _rows(test_data, "aux")
    assert len(rows) == 15
    for row in rows:
        with pytest.raises(bg.BraggiteError) as caught:
            bg.read(test_data / "xrd" / row["set"] / row["file"])
        assert caught.value.exit_code == 3, row["file"]


def _more_formats(test_data: Path) -> list[dict[str, str]]:
    """Rows of diffraction files of the table of one more file a format."""
    with (test_data / "formats" / "EXPECTED.tsv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    return [row for row in rows if row["file"].split("/")[0] in ("ras", "rasx", "raw")]


def test_one_more_file_a_format(test_data: Path) -> None:
    rows = _more_formats(test_data)
    assert len(rows) == 4
    for row in rows:
        scan = bg.read(test_data / "formats" / row["file"])
        assert scan.source.sha256 == row["sha256"], row["file"]
        assert len(scan) == int(row["points"]), row["file"]
        found = (scan.x[0], scan.x[-1], scan.x[np.argmax(scan.y)])
        expected = [float(row[key]) for key in ("x_first", "x_last", "x_at_max")]
        np.testing.assert_allclose(found, expected, rtol=0, atol=POSITION_TOLERANCE_DEG, err_msg=row["file"])
        ordinates = (scan.y[0], scan.y[-1], scan.y.min(), scan.y.max())
        expected = [float(row[key]) for key in ("y_first", "y_last", "y_min", "y_max")]
        np.testing.assert_allclose(ordinates, expected, rtol=ORDINATE_TOLERANCE, atol=0, err_msg=row["file"])
        assert scan.counts is None, "rates, counts that are not whole, or scrambled"


def test_all_scans_of_files_with_several(test_data: Path) -> None:
    first, second = bg.read_all(test_data / "formats/ras/rigaku_multiscan.ras")
    np.testing.assert_array_equal(first.y, [100.5, 150.2, 300.8])
    np.testing.assert_array_equal((second.x, second.y), ([20.0, 20.5, 21.0], [80.3, 90.1, 110.7]))
    groups = bg.read_all(test_data / "formats/rasx/RSM_111_sdd=350.rasx")
    assert len(groups) == 401
    assert {(len(group), group.x[0], group.x[-1]) for group in groups} == {(301, 36.544, 42.544)}


def test_the_zincite_of_raw_version_2_is_its_text_twin(test_data: Path) -> None:
    binary = bg.read(test_data / "xrd/S09_vendor_formats/brk_raw2.raw")
    text = bg.read(test_data / "xrd/S02_iucr_cpd_shared/zincite.prn")
    np.testing.assert_array_equal(binary.y, text.y)
    np.testing.assert_allclose(binary.x, text.x, rtol=0, atol=5e-6, err_msg="start and step in single precision")


def test_a_third_column_of_zeros_is_not_divided_by(test_data: Path) -> None:
    scan = bg.read(test_data / "formats/ras/rigaku_three_column.ras")
    assert "attenuation_undecided" in _codes(scan)
    assert scan.radiation is not None
    assert scan.radiation.lines == ((0.709319, 1.0),)


def test_the_absorber_of_the_thin_film(test_data: Path) -> None:
    """Truth of the data set: factor 8.3 at 29 points; divided by it the ordinates are whole."""
    scan = bg.read(test_data / "xrd/S09_vendor_formats/23-012-AG_2thomegascan_long.brml")
    (note,) = [note for note in scan.diagnostics if note.code == "attenuation_in_ordinates"]
    assert note.value == 29
    assert scan.sigma is not None
    apex = int(np.argmax(scan.y))
    assert scan.sigma[apex] == pytest.approx(8.3 * (scan.y[apex] / 8.3) ** 0.5, rel=1e-12)
    assert scan.radiation is not None
    assert len(scan.radiation.lines) == 1, "a Ge(022) channel cut stands before the specimen"


def test_declared_counts_that_are_not_whole(test_data: Path) -> None:
    for name in ("TwoTheta_scan_powder.rasx", "Omega-2Theta_scan_high_temperature.rasx"):
        assert "unit_contradicted" in _codes(bg.read(test_data / "xrd/S09_vendor_formats" / name))


def test_the_standard_keeps_its_gaps_and_its_weights(test_data: Path) -> None:
    """Truth of the data set: 24 regions; weight 0.103 at the first point; graphite after the specimen, R 217.5 mm."""
    scan = bg.read(test_data / "xrd/S01_nist_srm660c/nist_srm660c_100a.cif")
    assert int(np.sum(np.diff(scan.x) > 0.5)) == 23
    assert scan.sigma is not None
    assert scan.sigma[0] == pytest.approx(0.103**-0.5, rel=1e-12)
    assert scan.instrument is not None
    assert scan.instrument.radius_mm == 217.5
    assert scan.instrument.monochromator_two_theta_deg == pytest.approx(26.6, abs=0.1)  # the file's own figure


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
