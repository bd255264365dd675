"""PANalytical XRDML 1.0 to 2.3: every scan of every measurement, attenuation factors multiplied in."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum, UnknownFormat
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.scan_axis import require_two_theta
from braggite.formats.text_blocks import count
from braggite.formats.text_encoding import decode, is_binary
from braggite.formats.xml_tree import parse_xml
from braggite.formats.xrdml_beam import instrument_of, number_in, radiation_of, text_of

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET
    from pathlib import Path

    from braggite.arrays import FloatArray
    from braggite.formats.scan import PendingScan
    from braggite.spectrum import YUnit

UNITS: dict[str, YUnit] = {"counts": "counts", "cps": "counts/s"}
_ROOT = re.compile(r"<(?:\w+:)?xrdMeasurements\b")


def claims(head: bytes, path: Path) -> Evidence:
    """The root element in the first 4 kB, or else the suffix."""
    if not is_binary(head) and _ROOT.search(decode(head)):
        return Evidence.XML_ROOT
    return Evidence.SUFFIX if path.suffix.lower() == ".xrdml" else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """All scans in the file's order."""
    if is_binary(content[:4096]) or b"<" not in content[:4096].replace(b"\0", b""):
        raise UnknownFormat(
            "the suffix promises XRDML, but this is not XML",
            where=f"{where}: byte 0",
            suggestion="export the scan again, as .xrdml or .xy",
        )
    root = parse_xml(content, where)
    if root.tag != "xrdMeasurements":
        raise UnknownFormat(f"the XML root is <{root.tag}>, not <xrdMeasurements>", where=where)
    scans = [
        (measurement, scan) for measurement in root.findall("xrdMeasurement") for scan in measurement.findall("scan")
    ]
    return [
        partial(_scan, root, measurement, scan, where if len(scans) == 1 else f"{where}: scan {index}")
        for index, (measurement, scan) in enumerate(scans)
    ]


def _scan(root: ET.Element, measurement: ET.Element, scan: ET.Element, where: str) -> Scan:
    axis = scan.get("scanAxis", "Gonio")
    require_two_theta(axis, where)
    points = scan.find("dataPoints")
    if points is None:
        raise InvalidSpectrum(
            "the scan holds no data points", where=where, suggestion="it was probably aborted at once"
        )
    y, attenuation, notes = _ordinates(points, where)
    radiation, beam_notes = radiation_of(measurement, where)
    status = scan.get("status", "Completed")
    if status != "Completed":
        notes.append(Diagnostic.of("scan_not_completed", where=where, value=status))
    return Scan(
        x=_two_theta(points, y.size, where),
        y=y,
        where=where,
        dwell_s=_dwell(points, y.size, where),
        attenuation=attenuation,
        technique="xrd",
        y_unit=_unit(points),
        name=text_of(root, "sample/id") or text_of(root, "sample/name"),
        radiation=radiation,
        instrument=instrument_of(measurement, radiation),
        metadata={
            "scan_axis": axis,
            "status": status,
            "append_number": count(scan.get("appendNumber") or "0", "appendNumber", where),
            "anode": text_of(measurement, "incidentBeamPath/xRayTube/anodeMaterial"),
            "started": text_of(scan, "header/startTimeStamp"),
        },
        notes=(*notes, *beam_notes),
    )


def _unit(points: ET.Element) -> YUnit | None:
    """What the file calls its ordinates."""
    element = _ordinate_element(points)
    return None if element is None else UNITS.get(element.get("unit", ""))


def _ordinate_element(points: ET.Element) -> ET.Element | None:
    return next((found for tag in ("counts", "intensities") if (found := points.find(tag)) is not None), None)


def _ordinates(points: ET.Element, where: str) -> tuple[FloatArray, FloatArray | None, list[Diagnostic]]:
    """Ordinates with attenuation multiplied in, and the factors where they are not all 1."""
    element = _ordinate_element(points)
    if element is None:
        raise InvalidSpectrum("the scan holds neither <counts> nor <intensities>", where=where)
    y = _numbers(element, where)
    factors = points.find("beamAttenuationFactors")
    if factors is None:
        return y, None, []
    attenuation = _numbers(factors, where)
    _same_length(attenuation, y.size, "beamAttenuationFactors", where)
    if np.all(attenuation == 1.0):
        return y, None, []
    if np.any(attenuation <= 0):
        raise InvalidSpectrum("a beam attenuation factor is not positive", where=where)
    engaged = int(np.sum(attenuation != 1.0))
    if element.tag == "intensities":
        return y, None, [Diagnostic.of("attenuation_undecided", where=where, value=engaged)]
    return y * attenuation, attenuation, [Diagnostic.of("attenuation_corrected", where=where, value=engaged)]


def _two_theta(points: ET.Element, n: int, where: str) -> FloatArray:
    """Positions in degrees: the stored list, or evenly from start to end."""
    positions = next((found for found in points.findall("positions") if found.get("axis") == "2Theta"), None)
    if positions is None:
        raise InvalidSpectrum("the scan holds no 2Theta positions", where=where)
    if positions.get("unit", "deg") != "deg":
        raise UnknownFormat(f"2Theta is given in {positions.get('unit')}, not in degrees", where=where)
    stored = positions.find("listPositions")
    if stored is not None:
        x = _numbers(stored, where)
        _same_length(x, n, "listPositions", where)
        return x
    start, end = (number_in(positions, tag, where) for tag in ("startPosition", "endPosition"))
    if start is None or end is None:
        raise UnknownFormat(
            "2Theta stands still in this scan",
            where=where,
            suggestion="choose a 2-theta scan of the file, or measure one",
        )
    return np.linspace(start, end, n)


def _dwell(points: ET.Element, n: int, where: str) -> float | FloatArray | None:
    times = points.find("countingTimes")
    if times is not None:
        dwell = _numbers(times, where)
        _same_length(dwell, n, "countingTimes", where)
        return dwell
    return number_in(points, "commonCountingTime", where)


def _numbers(element: ET.Element, where: str) -> FloatArray:
    words = (element.text or "").split()
    if not words:
        raise InvalidSpectrum(f"<{element.tag}> is empty", where=where)
    try:
        values = np.array(words, dtype=np.float64)
    except ValueError as error:
        raise InvalidSpectrum(f"<{element.tag}>: {error}", where=where) from None
    if not np.all(np.isfinite(values)):
        index = int(np.argmin(np.isfinite(values)))
        raise InvalidSpectrum(f"<{element.tag}> holds {words[index]!r} at value {index}", where=where)
    return values


def _same_length(values: FloatArray, n: int, what: str, where: str) -> None:
    if values.size != n:
        raise InvalidSpectrum(f"{what} has {values.size} values for {n} points", where=where)


READER = Reader(
    name="xrdml",
    title="PANalytical XRDML",
    suffixes=(".xrdml",),
    claims=claims,
    read=read,
    reads="every scan of every measurement, versions 1.0 to 2.3",
    sigma="sqrt(counts) times the attenuation factor; sqrt(rate/time) for rates that are whole counts",
    refuses="scans of Omega, Phi, Chi or a length; document types and entities; lists of unequal length",
)
