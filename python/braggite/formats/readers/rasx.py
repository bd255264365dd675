"""Rigaku RASX: a zip archive whose `root.xml` names profiles and their measurement conditions."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from braggite.errors import InvalidSpectrum, UnknownFormat
from braggite.formats.archive import Archive
from braggite.formats.registry import Evidence, Reader
from braggite.formats.rigaku import profile
from braggite.formats.text_blocks import optional_number, text_lines
from braggite.formats.xml_tree import parse_xml

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET
    from pathlib import Path

    from braggite.formats.scan import PendingScan, Scan

MANIFEST = "root.xml"
_PROFILE = re.compile(r"Profile\d+\.txt")
_CONDITIONS = re.compile(r"Mea?surementConditions\d+\.xml")
KEYS = {
    "MEAS_SCAN_AXIS_X_INTERNAL": "ScanInformation/AxisName",
    "MEAS_SCAN_STEP": "ScanInformation/Step",
    "MEAS_SCAN_SPEED": "ScanInformation/Speed",
    "MEAS_SCAN_SPEED_UNIT": "ScanInformation/SpeedUnit",
    "MEAS_SCAN_UNIT_Y": "ScanInformation/IntensityUnit",
    "MEAS_SCAN_MODE": "ScanInformation/Mode",
    "MEAS_SCAN_START_TIME": "ScanInformation/StartTime",
    "MEAS_DATA_COUNT": "ScanInformation/DataCount",
    "HW_XG_TARGET_NAME": "XrayGenerator/TargetName",
    "HW_XG_WAVE_LENGTH_ALPHA1": "XrayGenerator/WavelengthKalpha1",
    "HW_XG_WAVE_LENGTH_ALPHA2": "XrayGenerator/WavelengthKalpha2",
    "MEAS_COND_XG_WAVE_TYPE": "XrayGenerator/WaveType",
    "FILE_SAMPLE": "GeneralInformation/SampleName",
    "FILE_COMMENT": "GeneralInformation/Comment",
    "FILE_OPERATOR": "GeneralInformation/Operator",
}
"""Where the conditions say what a RAS header says under these keys."""


def claims(_head: bytes, path: Path) -> Evidence:
    """The suffix; archives are told by their manifest."""
    return Evidence.SUFFIX if path.suffix.lower() == ".rasx" else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """Every group of the manifest, in its order."""
    archive = Archive(content, where)
    root = parse_xml(archive.read(MANIFEST), archive.place(MANIFEST))
    groups = [(child.tag, child) for child in root if re.fullmatch(r"Data\d+", child.tag)]
    members = [_members(name, group, archive) for name, group in groups]
    return [partial(_scan, archive, *names, f"{where}: {names[0]}") for names in members]


def _members(name: str, group: ET.Element, archive: Archive) -> tuple[str, str]:
    """Names of the profile and of the conditions of one group."""
    if group.get("Type", "Profile") != "Profile":
        raise UnknownFormat(
            f"{name} holds {group.get('Type')!r}, not a profile",
            where=archive.place(MANIFEST),
            suggestion="integrate two-dimensional frames first",
        )
    names = [item.get("Name", "") for item in group.findall("ContentHashList")]
    found = [f"{name}/{own}" for pattern in (_PROFILE, _CONDITIONS) for own in names if pattern.fullmatch(own)]
    missing = [own for own in found if own not in archive.names]
    if len(found) != 2 or missing:
        raise InvalidSpectrum(
            f"{name} does not name one profile and its conditions" if not missing else f"{missing[0]} is missing",
            where=archive.place(MANIFEST),
        )
    return found[0], found[1]


def _scan(archive: Archive, profile_name: str, conditions_name: str, where: str) -> Scan:
    conditions = parse_xml(archive.read(conditions_name), archive.place(conditions_name))
    header = _ras_header(conditions)
    header |= {key: text for key, path in KEYS.items() if (text := _descendant(conditions, path))}
    lines, _ = text_lines(archive.read(profile_name), where)
    return profile(header, lines, where, radius_mm=_radius(conditions, where), optics=_optics(conditions))


def _descendant(conditions: ET.Element, path: str) -> str:
    return (conditions.findtext(f".//{path}") or "").strip()


def _ras_header(conditions: ET.Element) -> dict[str, str]:
    """The keys of the RAS header that the conditions repeat in pairs of strings."""
    pairs = [[(text.text or "").strip() for text in pair] for pair in conditions.iterfind("RASHeader/Pair")]
    return {pair[0].lstrip("*"): pair[1] for pair in pairs if len(pair) == 2 and pair[0]}


def _optics(conditions: ET.Element) -> dict[str, str]:
    """What is mounted: the category and the name of the unit."""
    found = conditions.iterfind("HWConfigurations/Categories/Category")
    return {item.get("Name", ""): item.get("SelectedUnit", "") for item in found}


def _radius(conditions: ET.Element, where: str) -> float | None:
    """Distance from the tube to the specimen in mm."""
    for item in conditions.iterfind("HWConfigurations/Distances/Distance"):
        if (item.get("From"), item.get("To"), item.get("Unit")) == ("XrayGenerator", "AttachmentStage", "mm"):
            return optional_number(item.get("Value"), "the goniometer's radius", where)
    return None


READER = Reader(
    name="rasx",
    title="Rigaku RASX",
    suffixes=(".rasx",),
    claims=claims,
    read=read,
    archive_member=r"^Data\d+/Profile\d+\.txt$",
    reads="every profile that the manifest names",
    sigma="sqrt(counts); sqrt(rate/time) for rates that are whole counts; none for declared counts that are not whole",
    refuses="frames; scans of another axis than 2-theta; members the manifest does not name are never opened",
)
