"""RAS and RASX, from writers of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.formats.hostile_containers import ArchiveFormat, XmlFormat, zipped
from tests.formats.reader_conformance import GOOD_ROWS, Row, StoredPositions

import braggite as bg

if TYPE_CHECKING:
    from pathlib import Path

KEYS = {
    "FILE_SAMPLE": "LLZO",
    "HW_XG_TARGET_NAME": "Cu",
    "HW_XG_WAVE_LENGTH_ALPHA1": "1.540593",
    "HW_XG_WAVE_LENGTH_ALPHA2": "1.544414",
    "MEAS_COND_XG_WAVE_TYPE": "Ka",
    "MEAS_SCAN_AXIS_X": "TwoThetaTheta",
    "MEAS_SCAN_STEP": "0.0200",
    "MEAS_SCAN_SPEED": "0.4000",
    "MEAS_SCAN_SPEED_UNIT": "deg/min",
    "MEAS_SCAN_UNIT_Y": "counts",
}
SECONDS = 3.0  # for a step of 0.02 at 0.4 degrees a minute


def ras(*scans: list[Row], third: float | None = 1.0, encoding: str = "ascii", **keys: str) -> bytes:
    text = "*RAS_DATA_START\r\n"
    for rows in scans:
        header = {**KEYS, **keys, "MEAS_DATA_COUNT": str(len(rows))}
        text += "*RAS_HEADER_START\r\n" + "".join(f'*{key} "{value}"\r\n' for key, value in header.items())
        text += "*RAS_HEADER_END\r\n*RAS_INT_START\r\n"
        column = "" if third is None else f" {third:.4f}"
        text += "".join(f"{x} {y}{column}\r\n" for x, y in rows) + "*RAS_INT_END\r\n"
    return (text + "*RAS_DATA_END\r\n").encode(encoding)


def profile(rows: list[Row], third: float = 1.0) -> bytes:
    return "".join(f"{x}\t{y}\t{third:g}\r\n" for x, y in rows).encode("utf-8-sig")


def conditions(n: int, axis: str = "TwoThetaTheta", incident: str = "None", wave_type: str = "Ka") -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?><MeasurementConditions><GeneralInformation><SampleName>LLZO</SampleName>'
        "</GeneralInformation><HWConfigurations><Categories><Category Name='Detector' SelectedUnit='HyPix'/>"
        "</Categories><Distances><Distance To='AttachmentStage' From='XrayGenerator' Unit='mm' Value='300'/>"
        "</Distances><XrayGenerator>"
        f"<TargetName>Cu</TargetName><WaveType>{wave_type}</WaveType><WavelengthKalpha1>1.540593</WavelengthKalpha1>"
        "<WavelengthKalpha2>1.544414</WavelengthKalpha2></XrayGenerator></HWConfigurations><ScanInformation>"
        f"<AxisName>{axis}</AxisName><Step>0.02</Step><Speed>0.4</Speed><SpeedUnit>deg/min</SpeedUnit>"
        f"<IntensityUnit>counts</IntensityUnit><DataCount>{n}</DataCount></ScanInformation><RASHeader>"
        f"<Pair><string>*HW_I_MONOCHRO_NAME</string><string>{incident}</string></Pair></RASHeader></MeasurementConditions>"
    ).encode("utf-8-sig")


def rasx(*scans: list[Row], kind: str = "Profile", third: float = 1.0, **options: str) -> dict[str, bytes]:
    groups = "".join(
        f"<Data{k} Type='{kind}'><ContentHashList Name='Profile{k}.txt' ContentHash='0'/>"
        f"<ContentHashList Name='MesurementConditions{k}.xml' ContentHash='0'/></Data{k}>"
        for k in range(len(scans))
    )
    members = {"root.xml": f"<?xml version='1.0'?><Root Version='1'>{groups}<Signature/></Root>".encode("utf-8-sig")}
    for k, rows in enumerate(scans):
        members[f"Data{k}/MesurementConditions{k}.xml"] = conditions(len(rows), **options)
        members[f"Data{k}/Profile{k}.txt"] = profile(rows, third)
    return members


class TestRas(StoredPositions):
    reader = "ras"
    suffix = ".ras"

    def build(self, rows: list[Row]) -> bytes:
        return ras(rows)


class TestRasTwoColumnsInJapanese(StoredPositions):
    reader = "ras"
    suffix = ".ras"

    def build(self, rows: list[Row]) -> bytes:
        keys = {"FILE_MEMO": "粉末試料の測定", "MEAS_SCAN_AXIS_X": "2θ/θ", "MEAS_SCAN_AXIS_X_INTERNAL": "TwoThetaTheta"}
        return ras(rows, third=None, encoding="cp932", **keys)


class TestRasx(XmlFormat, ArchiveFormat, StoredPositions):
    reader = "rasx"
    suffix = ".rasx"

    def members(self, rows: list[Row]) -> dict[str, bytes]:
        return rasx(rows)

    def xml(self, rows: list[Row]) -> bytes:
        return conditions(len(rows))

    def wrap(self, xml: bytes, rows: list[Row]) -> bytes:
        return zipped({**self.members(rows), "Data0/MesurementConditions0.xml": xml})


SECOND: list[Row] = [(60 + 0.05 * i, 7 + i) for i in range(30)]


@pytest.fixture
def read(tmp_path: Path):
    def read_file(content: bytes | dict[str, bytes], **options) -> bg.Spectrum:
        path = tmp_path / ("scan.rasx" if isinstance(content, dict) else "scan.ras")
        path.write_bytes(zipped(content) if isinstance(content, dict) else content)
        return bg.read(path, **options)

    return read_file


BOTH = pytest.mark.parametrize("build", [ras, rasx], ids=["ras", "rasx"])


def codes(scan: bg.Spectrum) -> list[str]:
    return [note.code for note in scan.diagnostics]


@BOTH
def test_every_group_is_a_scan(read, build) -> None:
    content = build(GOOD_ROWS, SECOND)
    assert "several_scans" in codes(read(content))
    second = read(content, scan=1)
    assert (len(second), second.source.n_scans, second.name) == (30, 2, "LLZO")
    np.testing.assert_array_equal(second.y, [y for _, y in SECOND])


@BOTH
def test_an_attenuator_column_is_reported_and_not_applied(read, build) -> None:
    scan = read(build(GOOD_ROWS, third=8.5))
    assert "attenuation_undecided" in codes(scan)
    np.testing.assert_array_equal(scan.y, [y for _, y in GOOD_ROWS])


@BOTH
def test_counts_that_are_not_whole_have_no_sigma(read, build) -> None:
    scan = read(build([(x, y + 0.30467) for x, y in GOOD_ROWS]))
    assert scan.sigma is None
    assert (scan.counts, scan.y_unit) == (None, "arbitrary")
    assert {"unit_contradicted", "sigma_unknown"} <= set(codes(scan))


@BOTH
def test_rates_use_step_and_speed(read, build) -> None:
    scan = read(build([(x, y / SECONDS) for x, y in GOOD_ROWS]))
    assert (scan.counts, scan.y_unit) == (False, "counts/s")
    np.testing.assert_allclose(scan.sigma, [y**0.5 / SECONDS for _, y in GOOD_ROWS])


def test_only_a_crystal_before_the_specimen_removes_kalpha2(read) -> None:
    claimed = read(ras(GOOD_ROWS, MEAS_COND_XG_WAVE_TYPE="Ka1"))
    assert len(claimed.radiation.lines) == 2
    assert "kalpha2_kept" in codes(claimed)
    assert len(read(ras(GOOD_ROWS, HW_I_MONOCHRO_NAME="Ge(220)x2")).radiation.lines) == 1
    assert len(read(rasx(GOOD_ROWS, incident="Ge(220)x2", wave_type="Ka1")).radiation.lines) == 1


def test_optics_are_kept(read) -> None:
    graphite = read(ras(GOOD_ROWS, HW_COUNTER_MONOCHRO_NAME="Bent graphite"))
    assert graphite.instrument.monochromator_two_theta_deg == pytest.approx(26.55, abs=0.01), "0.7703 A / 3.354 A"
    scan = read(rasx(GOOD_ROWS))
    assert scan.instrument.radius_mm == 300
    assert scan.metadata["optics"] == {"Detector": "HyPix"}


@pytest.mark.parametrize("axis", ["Omega", "Phi", "Chi", "TwoThetaChi"])
def test_other_axes_are_refused(read, axis: str) -> None:
    for content in (ras(GOOD_ROWS, MEAS_SCAN_AXIS_X=axis), rasx(GOOD_ROWS, axis=axis)):
        with pytest.raises(bg.UnknownFormat, match=f"moves {axis}"):
            read(content)


def test_declared_points_are_required(read) -> None:
    with pytest.raises(bg.InvalidSpectrum, match="121 points are declared"):
        read(ras(GOOD_ROWS).replace(b'"120"', b'"121"'))


def test_end_marks_are_required(read) -> None:
    whole = ras(GOOD_ROWS)
    for cut in (b"*RAS_INT_END", b"*RAS_DATA_END"):
        with pytest.raises(bg.InvalidSpectrum, match=r"without \*RAS_DATA_END"):
            read(whole[: whole.index(cut)])
    with pytest.raises(bg.InvalidSpectrum, match="inside the intensities"):
        read(whole.replace(b"*RAS_INT_END", b"*RAS_INT_START"))


def test_rasx_frames_are_refused(read) -> None:
    with pytest.raises(bg.UnknownFormat, match="'Image', not a profile"):
        read(rasx(GOOD_ROWS, kind="Image"))
