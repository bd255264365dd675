"""BRML, from a writer of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.formats.hostile_containers import ArchiveFormat, XmlFormat, zipped
from tests.formats.reader_conformance import GOOD_ROWS, Row, StoredPositions

import braggite as bg

if TYPE_CHECKING:
    from pathlib import Path

XSI = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'"


def raw_data(
    rows: list[Row],
    *,
    axes: tuple[str, ...] = ("TwoTheta", "Theta"),
    extra: int = 0,
    absorber: dict[int, float] | None = None,
    seconds: float = 1.0,
    channels: int = 1,
    scan: str = "LockedCoupled",
    planned: int | None = None,
    status: str = "Measured",
    optics: str = "",
    ratio: float = 0.5,
    routes: int = 1,
) -> bytes:
    ordinate = 2 + len(axes) + extra
    fields = "".join(f"<FieldDefinitions FieldName='{axis}' AxisId='{axis}'/>" for axis in axes)
    more = f"<RawDataView xsi:type='VaryingRawDataView' Start='{2 + len(axes)}' Length='{extra}'/>" if extra else ""
    data = ""
    for index, (x, y) in enumerate(rows):
        factor = (absorber or {}).get(index, 1)
        value = y if isinstance(y, str) else f"{y * factor:.10g}"
        moved = [str(x) if axis == "TwoTheta" else str(float(x) / 2) for axis in axes]
        data += "<Datum>" + ",".join([str(seconds), str(factor), *moved, *["0"] * extra, value]) + "</Datum>"
    route = (
        f"<DataRoute RouteFlag='Measured'><ScanInformation ScanName='{scan}'><ScanMode>Continuous</ScanMode>"
        f"<TimePerStep>{seconds}</TimePerStep></ScanInformation><SubScans><SubScanInfo Steps='{planned or len(rows)}' "
        f"MeasuredSteps='{len(rows)}'/></SubScans>{data}<DataViews>"
        "<RawDataView xsi:type='FixedRawDataView' Start='0' Length='1' LogicName='MeasuredTime'/>"
        "<RawDataView xsi:type='FixedRawDataView' Start='1' Length='1' LogicName='AbsorptionFactor'/>"
        f"<RawDataView xsi:type='VaryingRawDataView' Start='2' Length='{len(axes)}'><Varying>{fields}</Varying>"
        "</RawDataView>"
        f"{more}<RawDataView xsi:type='RecordedRawDataView' Start='{ordinate}' Length='{channels}'>"
        "<Recording LogicName='ScanCounter'/></RawDataView></DataViews></DataRoute>"
    )
    return (
        f"<?xml version='1.0'?><RawData {XSI}><MeasurementStatus>{status}</MeasurementStatus>"
        f"<DataRoutes>{route * routes}</DataRoutes>"
        "<FixedInformation><Instrument><PrimaryTracks><TrackInfoData><Radius Unit='mm' Value='217.5'/>"
        f"<MountedOptics>{optics}<InfoData VisibleName='Tube'><Tube><WaveLengthAlpha1 Value='1.5406'/>"
        f"<WaveLengthAlpha2 Value='1.54439'/><WaveLengthRatio Value='{ratio}'/><TubeMaterial>Cu</TubeMaterial></Tube>"
        "</InfoData></MountedOptics></TrackInfoData></PrimaryTracks></Instrument></FixedInformation></RawData>"
    ).encode()


def brml(*raws: bytes, order: list[int] | None = None) -> dict[str, bytes]:
    names = [f"Experiment0/RawData{index}.xml" for index in range(len(raws))]
    listed = "".join(f"<string>{names[index]}</string>" for index in order or range(len(raws)))
    container = (
        f"<?xml version='1.0'?><DataContainer {XSI}><RawDataReferenceList>{listed}</RawDataReferenceList>"
        "<MeasurementInfo SampleName='LLZO'/></DataContainer>"
    ).encode()
    return {"Experiment0/DataContainer.xml": container, **dict(zip(names, raws, strict=True))}


class TestBrml(XmlFormat, ArchiveFormat, StoredPositions):
    reader = "brml"
    suffix = ".brml"

    def members(self, rows: list[Row]) -> dict[str, bytes]:
        return brml(raw_data(rows))

    def xml(self, rows: list[Row]) -> bytes:
        return raw_data(rows)

    def wrap(self, xml: bytes, rows: list[Row]) -> bytes:
        return zipped(brml(xml))


SECOND: list[Row] = [(60 + 0.05 * i, 7 + i) for i in range(30)]


@pytest.fixture
def read(tmp_path: Path):
    def read_members(*raws: bytes, order: list[int] | None = None, **options) -> bg.Spectrum:
        path = tmp_path / "scan.brml"
        path.write_bytes(zipped(brml(*raws, order=order)))
        return bg.read(path, **options)

    return read_members


def codes(scan: bg.Spectrum) -> list[str]:
    return [note.code for note in scan.diagnostics]


def test_the_container_orders_the_scans(read) -> None:
    first = read(raw_data(GOOD_ROWS), raw_data(SECOND), order=[1, 0])
    assert (len(first), first.source.n_scans, first.name) == (30, 2, "LLZO")
    assert "several_scans" in codes(first)


def test_columns_come_from_the_views(read) -> None:
    scan = read(raw_data(GOOD_ROWS, axes=("Theta", "TwoTheta"), extra=3))
    np.testing.assert_array_equal(scan.x, [x for x, _ in GOOD_ROWS])
    np.testing.assert_array_equal(scan.y, [y for _, y in GOOD_ROWS])


def test_absorption_stands_in_the_ordinates_already(read) -> None:
    scan = read(raw_data(GOOD_ROWS, absorber={3: 8.3, 4: 8.3}))
    y = np.array([float(y) for _, y in GOOD_ROWS])
    sigma = np.sqrt(y)
    for index in (3, 4):
        y[index] *= 8.3
        sigma[index] *= 8.3
    np.testing.assert_allclose(scan.y, y, rtol=1e-9, err_msg="ten printed digits")
    np.testing.assert_allclose(scan.sigma, sigma, rtol=1e-9)
    assert "attenuation_in_ordinates" in codes(scan)


def test_rates_of_known_time(read) -> None:
    scan = read(raw_data([(x, y / 4) for x, y in GOOD_ROWS], seconds=4.0))
    assert (scan.counts, scan.y_unit) == (False, "counts/s")


def test_beam_and_goniometer(read) -> None:
    crystal = "<InfoData VisibleName='Ge022'><BeringInfo ClassPath='/Component/Optic/ChannelCut/B2'/></InfoData>"
    scan = read(raw_data(GOOD_ROWS))
    assert scan.instrument.radius_mm == 217.5
    assert scan.radiation.lines == ((1.5406, 1.0), (1.54439, 0.5))
    assert len(read(raw_data(GOOD_ROWS, optics=crystal)).radiation.lines) == 1
    assert len(read(raw_data(GOOD_ROWS, ratio=0.0)).radiation.lines) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"channels": 1280}, "frame or a line of detector channels"),
        ({"scan": "RockingCurve"}, "moves RockingCurve"),
        ({"axes": ("Theta",)}, "2-theta is not among"),
    ],
)
def test_what_is_no_two_theta_scan_is_refused(read, options: dict, message: str) -> None:
    with pytest.raises(bg.UnknownFormat, match=message):
        read(raw_data(GOOD_ROWS, **options))


def test_a_stopped_scan_is_noted(read) -> None:
    assert "scan_not_completed" in codes(read(raw_data(GOOD_ROWS, planned=500)))
    assert "scan_not_completed" in codes(read(raw_data(GOOD_ROWS, status="Aborted")))


def test_fewer_points_than_measured_are_refused(read) -> None:
    with pytest.raises(bg.InvalidSpectrum, match="121 steps were measured, 120"):
        read(raw_data(GOOD_ROWS).replace(b"MeasuredSteps='120'", b"MeasuredSteps='121'"))


def test_several_measured_routes_are_noted(read) -> None:
    assert "several_scans" in codes(read(raw_data(GOOD_ROWS, routes=2)))
