from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.formats.reader_conformance import GOOD_ROWS, Row, StoredPositions
from tests.formats.vamas_files import BlockText, VamasText

import braggite as bg

if TYPE_CHECKING:
    from pathlib import Path

COUNTS = [(100 + (37 * i) % 91,) for i in range(50)]
CASA_COMMENT = [
    "Casa Info Follows", "1", "Calib M = 285.1,286 A = 284.8 BE ADD", "0", "1",
    "CASA region (*C 1s*) (*U 2 Tougaard*) 1188.2828 1203.1467 1 4 0 0 79.76 -1450 0 0 (*NoTag*) 12.011 0 1", "2",
    "CASA comp (*C-C*) (*LF(0.9,1.1,50,300,3)*) Area 739.26 1e-020 702855.85 -1 1 MFWHM 1.145 0.26 6.5 -1 1 "
    "Position 1198.14 1189.4 1199.2 -1 1 RSF 1 MASS 12.011 INDEX -1 (*C 1s*) CONST (**) UNCORRECTEDRSF 1",
    "CASA comp (*C-O (x)*) (*GL(30)*) Area 141.7 1e-020 702855.85 0 0.5 MFWHM 1.145 0.26 6.5 0 1 "
    "Position 1196.4 1189.4 1199.2 0 -1.7 RSF 1 MASS 12.011 INDEX 2 (*C 1s*) CONST (**) UNCORRECTEDRSF 1",
]  # fmt: skip


def saved(folder: Path, text: VamasText, suffix: str = ".vms") -> Path:
    path = folder / f"scan{suffix}"
    path.write_bytes(text.encode())
    return path


def one(folder: Path, **stated: object) -> bg.Spectrum:
    return bg.read(saved(folder, VamasText([BlockText(**{"ordinates": COUNTS} | stated)])))  # type: ignore[arg-type]


def codes(spectrum: bg.Spectrum) -> list[str]:
    return [note.code for note in spectrum.diagnostics]


class TestIrregularConformance(StoredPositions):
    reader = "vamas"
    suffix = ".vms"

    def build(self, rows: list[Row]) -> bytes:
        columns = (("Binding Energy", "eV"), ("Intensity", "d"))
        return VamasText([BlockText(rows, columns=columns)], scan_mode="IRREGULAR").encode()

    def test_a_position_with_two_ordinates_is_refused(self, tmp_path: Path) -> None:
        """Blocks of joined scans measure some energies twice: unlike other formats, the mean is taken, and said."""
        rows = [*GOOD_ROWS[:10], (GOOD_ROWS[9][0], 7), *GOOD_ROWS[10:]]
        spectrum = bg.read(self.write(tmp_path, self.build(rows)))
        assert "repeats_averaged" in codes(spectrum)
        assert spectrum.y[9] == (float(GOOD_ROWS[9][1]) + 7) / 2
        np.testing.assert_array_equal(np.delete(spectrum.y, 9), [row[1] for row in np.delete(GOOD_ROWS, 9, axis=0)])


def test_kinetic_becomes_binding_energy_without_the_work_function(tmp_path: Path) -> None:
    spectrum = one(tmp_path, start=1200.0, step=0.1)
    assert (spectrum.x[0], spectrum.x[-1]) == (281.7, 286.6)
    assert spectrum.y[-1] == COUNTS[0][0]
    assert {"binding_energy_computed", "axis_reversed"} <= set(codes(spectrum))
    assert spectrum.metadata["work_function_ev"] == -4.455
    assert spectrum.history[-1].options["photon_energy_ev"] == 1486.6


def test_binding_energies_stay(tmp_path: Path) -> None:
    spectrum = one(tmp_path, label="Binding Energy", start=300.0, step=-0.1)
    assert (spectrum.x[0], spectrum.x[-1]) == (pytest.approx(295.1), 300.0)
    assert "binding_energy_computed" not in codes(spectrum)


def test_an_axis_without_kind_is_kinetic_with_a_warning(tmp_path: Path) -> None:
    assert "energy_axis_assumed" in codes(one(tmp_path, label="Energy"))


@pytest.mark.parametrize(("source", "energy"), [("Al (mono)", 1486.6), ("Mg Ka", 1253.6)])
def test_a_named_source_without_energy_is_assumed_with_a_warning(tmp_path: Path, source: str, energy: float) -> None:
    spectrum = one(tmp_path, source=source, photon_energy=0)
    assert "photon_energy_assumed" in codes(spectrum)
    assert spectrum.x[-1] == pytest.approx(energy - 1200.0)


def test_without_any_photon_energy_the_user_must_state_it(tmp_path: Path) -> None:
    path = saved(tmp_path, VamasText([BlockText(COUNTS, source="Not specified", photon_energy="1E37")]))
    with pytest.raises(bg.UnknownFormat, match="photon energy"):
        bg.read(path)
    assert bg.read(path, photon_energy_ev=1486.7).x[-1] == pytest.approx(286.7)
    with pytest.raises(bg.OptionError, match="not positive"):
        bg.read(path, photon_energy_ev=-1)


def test_transmission_divides_and_counting_noise_follows(tmp_path: Path) -> None:
    transmission = np.linspace(2, 4, len(COUNTS))
    rows = [(n[0], t) for n, t in zip(COUNTS, transmission.tolist(), strict=True)]
    spectrum = one(tmp_path, ordinates=rows, columns=(("counts", "d"), ("TRANSMISSION", "d")))
    counts = np.array([row[0] for row in COUNTS])[::-1]
    np.testing.assert_allclose(spectrum.y, counts / transmission[::-1], rtol=1e-15)
    np.testing.assert_allclose(spectrum.sigma, np.sqrt(counts) / transmission[::-1], rtol=1e-12)
    assert "transmission_divided" in codes(spectrum)
    np.testing.assert_array_equal(spectrum.metadata["transmission"], transmission)


def test_a_transmission_that_is_not_positive_is_left_alone(tmp_path: Path) -> None:
    spectrum = one(tmp_path, ordinates=[(n[0], 0) for n in COUNTS], columns=(("I", "d"), ("Transmission", "d")))
    assert "transmission_unusable" in codes(spectrum)
    assert spectrum.y[-1] == COUNTS[0][0]


def test_other_columns_are_kept_and_named(tmp_path: Path) -> None:
    spectrum = one(tmp_path, ordinates=[(n[0], 7) for n in COUNTS], columns=(("I", "d"), ("Current", "A")))
    assert "columns_unused" in codes(spectrum)
    assert spectrum.metadata["further_columns"] == [["Current", "A", [7.0] * len(COUNTS)]]


@pytest.mark.parametrize("per_scan", [True, False], ids=["dwell of one scan", "dwell in all"])
def test_rates_are_turned_into_counts_where_that_is_whole(tmp_path: Path, per_scan: bool) -> None:
    time = 0.3 * (7 if per_scan else 1)
    rates = [(f"{n[0] / time:.6g}",) for n in COUNTS]
    spectrum = one(tmp_path, ordinates=rates, columns=(("count rate", "c/s"),), dwell=0.3, scans=7)
    assert (spectrum.counts, spectrum.y_unit) == (False, "counts/s")
    assert spectrum.sigma is not None
    np.testing.assert_allclose(spectrum.sigma * time, np.sqrt([n[0] for n in COUNTS[::-1]]), rtol=1e-3)


def test_rates_of_no_whole_counts_have_no_sigma(tmp_path: Path) -> None:
    rates = [(n[0] * 1.2345678,) for n in COUNTS]
    spectrum = one(tmp_path, ordinates=rates, columns=(("count rate", "c/s"),))
    assert spectrum.sigma is None
    assert "sigma_unknown" in codes(spectrum)


def test_ten_seconds_over_one_decimal_prove_nothing(tmp_path: Path) -> None:
    rates = [(n[0] + 0.1 * (n[0] % 7),) for n in COUNTS]
    assert one(tmp_path, ordinates=rates, columns=(("rate", "c/s"),), dwell=10, scans=1).sigma is None


def test_whole_rates_are_counts_with_a_warning(tmp_path: Path) -> None:
    spectrum = one(tmp_path, columns=(("count rate", "c/s"),))
    assert spectrum.counts is True
    assert "unit_contradicted" in codes(spectrum)


@pytest.mark.parametrize("mode", ["NORM", "SDP", "SDPSV", "MAP", "MAPDP", "MAPSV", "MAPSVDP", "NOEXP", "SEM"])
@pytest.mark.parametrize("scan_mode", ["REGULAR", "IRREGULAR"])
def test_every_mode_is_walked_to_its_end(tmp_path: Path, mode: str, scan_mode: str) -> None:
    columns = (("Intensity", "d"),) if scan_mode == "REGULAR" else (("Kinetic Energy", "eV"), ("Intensity", "d"))
    rows = COUNTS if scan_mode == "REGULAR" else [(1200 + 0.1 * i, *n) for i, n in enumerate(COUNTS)]
    blocks = [BlockText(rows, columns=columns, identifier=name) for name in ("C 1s", "O 1s")]
    scans = bg.read_all(saved(tmp_path, VamasText(blocks, mode, scan_mode, upgrade=2)))
    assert [scan.metadata["block"] for scan in scans] == ["C 1s", "O 1s"]
    for scan in scans:
        np.testing.assert_array_equal(scan.y[::-1], [n[0] for n in COUNTS])
        assert scan.x[-1] == 286.6
        assert scan.metadata["parameters"] == {"Chamber pressure": ["2e-9", "mbar"]}
        assert scan.metadata["dead_time_s"] is None


@pytest.mark.parametrize(
    ("sign", "listed"),
    [(1, [8, 9, 12, 31, 32, 40]), (-1, [number for number in range(1, 41) if number not in (8, 9, 12, 31, 32, 40)])],
    ids=["those that repeat", "those that are left out"],
)
def test_inclusion_lists(tmp_path: Path, sign: int, listed: list[int]) -> None:
    left_out = set(listed) if sign < 0 else set(range(1, 41)) - set(listed)
    blocks = [BlockText(COUNTS, start=1200), BlockText(COUNTS, start=900, photon_energy="not written")]
    text = VamasText(blocks, listed=listed, count_listed=sign * len(listed), leave_out=left_out)
    first, second = bg.read_all(saved(tmp_path, text))
    assert first.x[-1] == 286.6
    assert second.x[-1] == 586.6
    assert second.metadata["dwell_s"] == 0.2


def test_experimental_variables_tell_the_blocks_apart(tmp_path: Path) -> None:
    blocks = [BlockText(COUNTS, variables=[seconds]) for seconds in (0, 30)]
    scans = bg.read_all(saved(tmp_path, VamasText(blocks, variable_names=(("Etch time", "s"),))))
    assert [scan.metadata["experimental_variables"] for scan in scans] == [
        {"Etch time": ["0", "s"]},
        {"Etch time": ["30", "s"]},
    ]
    assert "several_scans" in codes(bg.read(tmp_path / "scan.vms"))


def test_blank_lines_marks_nul_and_double_returns(tmp_path: Path) -> None:
    text = VamasText([BlockText(COUNTS, sample="1s\0", comment=["a", "b"])], newline="\r\r\n")
    path = tmp_path / "scan.npl"
    path.write_bytes(b"\xef\xbb\xbf\r\n\r\n" + text.encode())
    spectrum = bg.read(path)
    assert len(spectrum) == len(COUNTS)
    assert spectrum.metadata["sample"] == "1s"
    assert spectrum.metadata["comment"] == ["a", "b"]


def test_the_fit_of_casaxps_is_kept_as_structure(tmp_path: Path) -> None:
    spectrum = one(tmp_path, comment=CASA_COMMENT)
    assert {"fit_model_stored", "energy_calibration_stored"} <= set(codes(spectrum))
    model = spectrum.metadata["casaxps"]
    assert model["calibrations"] == [
        {"measured_ev": [285.1, 286.0], "assigned_ev": 284.8, "scale": "BE", "operation": "ADD"}
    ]
    region = model["regions"][0]
    assert (region["background"], region["end_kinetic_ev"]) == ("U 2 Tougaard", 1203.1467)
    assert region["cross_section"] == [79.76, -1450.0, 0.0, 0.0]
    tied = model["components"][1]
    assert (tied["name"], tied["shape"], tied["index"]) == ("C-O (x)", "GL(30)", 2)
    assert tied["area"] == {"value": 141.7, "min": 1e-20, "max": 702855.85, "tied_to": 0, "factor": 0.5}
    assert tied["position_kinetic_ev"]["factor"] == -1.7
    assert model["components"][0]["fwhm_ev"]["tied_to"] is None


@pytest.mark.parametrize(
    "line",
    [
        "CASA region (*C 1s*) broken",
        "Calib M = x",
        "CASA comp (*Fe 2p*) (*SGL(30)) Area 17705.155 1e-020 638390 -1 1 MFWHM 2 0.2 4 -1 1",
        "CASA comp (*a*) (*b*) Area 1 0 2 1e999 1 MFWHM 2 0.2 4 -1 1 Position 1 0 2 -1 1",
    ],
)
def test_a_line_of_the_fit_that_cannot_be_read_is_said(tmp_path: Path, line: str) -> None:
    spectrum = one(tmp_path, comment=[line])
    assert codes(spectrum).count("fit_model_unreadable") == 1
    assert "casaxps" not in spectrum.metadata


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (VamasText([BlockText(COUNTS, technique="AES dir")]), "not by XPS"),
        (VamasText([BlockText([(1,), (2,)])], scan_mode="MAPPING"), "map without"),
        (VamasText([BlockText(COUNTS, columns=())]), "do not divide"),
        (VamasText([BlockText(COUNTS)], experiment_mode="WRONG"), "no experiment mode"),
    ],
    ids=["Auger", "mapping", "no variables", "unknown mode"],
)
def test_what_is_refused(tmp_path: Path, text: VamasText, message: str) -> None:
    with pytest.raises(bg.BraggiteError, match=message) as caught:
        bg.read(saved(tmp_path, text))
    assert caught.value.exit_code == 3


def test_a_fragment_under_the_suffix_is_named(tmp_path: Path) -> None:
    path = tmp_path / "comment.vms"
    path.write_text("Casa Info Follows\n0\n0\n")
    with pytest.raises(bg.UnknownFormat, match=r"comment\.vms:1: the first line is not"):
        bg.read(path)


def test_a_count_beyond_the_file_is_refused_before_anything_is_allocated(tmp_path: Path) -> None:
    lines = VamasText([BlockText(COUNTS)]).lines()
    lines[lines.index(str(len(COUNTS)))] = "999999999"
    path = tmp_path / "scan.vms"
    path.write_text("\n".join(lines))
    with pytest.raises(bg.InvalidSpectrum, match="cannot stand"):
        bg.read(path)
