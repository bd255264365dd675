"""Bruker BRML: a zip archive; each experiment's `DataContainer.xml` orders its raw data."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, NoReturn

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum, UnknownFormat
from braggite.formats.archive import Archive
from braggite.formats.brml_beam import instrument_of, radiation_of
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.scan_axis import require_two_theta
from braggite.formats.text_blocks import TRUNCATED, Line, count, optional_number, rows
from braggite.formats.xml_tree import parse_xml

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET
    from pathlib import Path

    from braggite.arrays import FloatArray
    from braggite.formats.scan import PendingScan

_CONTAINER = re.compile(r"Experiment(\d{1,9})/DataContainer\.xml")


def claims(_head: bytes, path: Path) -> Evidence:
    """The suffix; archives are told by their containers."""
    return Evidence.SUFFIX if path.suffix.lower() == ".brml" else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """Every raw data member that the containers name, in their order."""
    archive = Archive(content, where)
    containers = sorted((int(match[1]), name) for name in archive.names if (match := _CONTAINER.fullmatch(name)))
    if not containers:
        raise InvalidSpectrum("no ExperimentN/DataContainer.xml in the archive", where=where, suggestion=TRUNCATED)
    scans: list[PendingScan] = []
    for _, container in containers:
        root = parse_xml(archive.read(container), archive.place(container))
        names = [(item.text or "").strip() for item in root.iterfind("RawDataReferenceList/string")]
        missing = [name for name in names if name not in archive.names]
        if missing:
            raise InvalidSpectrum(f"{missing[0][:80]} is missing", where=archive.place(container))
        sample = next((item.get("SampleName", "") for item in root.iterfind("MeasurementInfo")), "")
        scans += [partial(_scan, archive, name, sample) for name in names]
    return scans


def _scan(archive: Archive, member: str, sample: str) -> Scan:
    where = archive.place(member)
    root = parse_xml(archive.read(member), where)
    routes = [route for route in root.iterfind("DataRoutes/DataRoute") if route.get("RouteFlag") == "Measured"]
    if not routes:
        raise InvalidSpectrum("no measured data in this member", where=where, suggestion=TRUNCATED)
    route, notes = routes[0], []
    if len(routes) > 1:
        detail = f"the member holds {len(routes)} measured routes; the first was read"
        notes.append(Diagnostic.of("several_scans", where=where, value=len(routes), detail=detail))
    information = route.find("ScanInformation")
    axis = "" if information is None else information.get("ScanName", "")
    require_two_theta(axis, where)
    columns = _columns(route, where)
    table = _data(route, max(columns.values()), where)
    notes += _completeness(root, route, len(table), where)
    attenuation = _attenuation(table, columns)
    if attenuation is not None:
        engaged = int(np.sum(attenuation != 1.0))
        notes.append(Diagnostic.of("attenuation_in_ordinates", where=where, value=engaged))
    radiation, beam_notes = radiation_of(root, where)
    return Scan(
        x=table[:, columns["TwoTheta"]],
        y=table[:, columns["ordinate"]],
        where=where,
        dwell_s=_dwell(table, columns),
        attenuation=attenuation,
        technique="xrd",
        name=sample,
        radiation=radiation,
        instrument=instrument_of(root, where),
        metadata=_metadata(root, route, axis, where),
        notes=(*notes, *beam_notes),
    )


def _columns(route: ET.Element, where: str) -> dict[str, int]:
    """Column of 2-theta, of the ordinate, and of the time and absorption where they are stored."""
    columns: dict[str, int] = {}
    recorded: list[ET.Element] = []
    for view in route.iterfind("DataViews/RawDataView"):
        kind, start = view.get("type", ""), count(view.get("Start", ""), "RawDataView Start", where)
        if kind == "RecordedRawDataView":
            recorded.append(view)
        elif kind == "FixedRawDataView":
            columns[view.get("LogicName", "")] = start
        for index, axis in enumerate(view.iterfind("Varying/FieldDefinitions")):
            columns.setdefault(axis.get("AxisId", ""), start + index)
    if "TwoTheta" not in columns:
        _refuse("2-theta is not among the stored axes", where)
    counters = [view for view in recorded if _recording(view) == "ScanCounter"] or recorded
    if not counters:
        _refuse("no detector was recorded", where)
    if count(counters[0].get("Length", "1"), "RawDataView Length", where) != 1:
        _refuse("each point is a frame or a line of detector channels", where)
    return {**columns, "ordinate": count(counters[0].get("Start", ""), "RawDataView Start", where)}


def _recording(view: ET.Element) -> str:
    recording = view.find("Recording")
    return "" if recording is None else recording.get("LogicName", "")


def _refuse(message: str, where: str) -> NoReturn:
    raise UnknownFormat(
        message, where=where, suggestion="export the scan as .xy or .raw from the instrument's software"
    )


def _data(route: ET.Element, last_column: int, where: str) -> FloatArray:
    """(n, columns) numbers of the datum elements."""
    lines = [Line(index, item.text or "") for index, item in enumerate(route.iterfind("Datum"))]
    widths = {line.text.count(",") + 1 for line in lines}
    if len(widths) > 1 or max(widths, default=0) <= last_column:
        raise InvalidSpectrum(f"<Datum> holds {sorted(widths)} numbers for {last_column + 1} columns", where=where)
    return rows(lines, tuple(widths), f"{where}: <Datum>", separator=",")


def _completeness(root: ET.Element, route: ET.Element, n: int, where: str) -> list[Diagnostic]:
    """Refuse fewer points than were measured; note a scan that was stopped."""
    parts = [(part.get("Steps", ""), part.get("MeasuredSteps", "")) for part in route.iterfind("SubScans/SubScanInfo")]
    planned, measured = (sum(count(part[k], "SubScanInfo", where) for part in parts) for k in (0, 1))
    if parts and measured != n:
        raise InvalidSpectrum(f"{measured} steps were measured, {n} stand here", where=where, suggestion=TRUNCATED)
    status = (root.findtext("MeasurementStatus") or "Measured").strip()
    if status != "Measured" or measured < planned:
        return [Diagnostic.of("scan_not_completed", where=where, value=status)]
    return []


def _attenuation(table: FloatArray, columns: dict[str, int]) -> FloatArray | None:
    """Absorption factors, which the ordinates already carry; None where no absorber was engaged."""
    index = columns.get("AbsorptionFactor")
    factors = None if index is None else table[:, index]
    return None if factors is None or np.all(factors == 1.0) or np.any(factors <= 0) else factors


def _dwell(table: FloatArray, columns: dict[str, int]) -> FloatArray | None:
    index = columns.get("MeasuredTime")
    return None if index is None else table[:, index]


def _metadata(root: ET.Element, route: ET.Element, axis: str, where: str) -> dict[str, object]:
    information = "ScanInformation/"
    return {
        "scan_axis": axis,
        "scan_mode": (route.findtext(f"{information}ScanMode") or "").strip(),
        "seconds_per_step": optional_number(route.findtext(f"{information}TimePerStep"), "TimePerStep", where),
        # summed over the channels of a line detector
        "seconds_per_step_effective": optional_number(
            route.findtext(f"{information}TimePerStepEffective"), "TimePerStepEffective", where
        ),
        "started": (root.findtext("TimeStampStarted") or "").strip(),
        "finished": (root.findtext("TimeStampFinished") or "").strip(),
        "detectors": [item.get("VisibleName", "") for item in root.iterfind("FixedInformation/Detectors/InfoData")],
        "optics": [item.get("VisibleName", "") for item in root.iterfind(".//TrackInfoData/MountedOptics/InfoData")],
    }


READER = Reader(
    name="brml",
    title="Bruker BRML",
    suffixes=(".brml",),
    claims=claims,
    read=read,
    archive_member=r"^Experiment\d{1,9}/DataContainer\.xml$",
    reads="every measured scan that the containers name",
    sigma="sqrt(counts) times the absorber's factor; sqrt(rate/time) for rates that are whole counts",
    refuses="frames and channels of a line detector; scans of another axis than 2-theta",
)
