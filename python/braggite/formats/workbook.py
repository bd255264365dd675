"""Excel workbooks (`.xlsx`) as sheets of cells: a zip archive of XML, read within the limits of both."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from braggite.errors import InvalidSpectrum
from braggite.formats.archive import Archive
from braggite.formats.xml_tree import parse_xml

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET

WORKBOOK, RELATIONS, STRINGS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"
MAX_ROWS, MAX_COLUMNS = 1 << 20, 1 << 14
"""Those of a worksheet."""
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet: the cells that hold something, by row and column (both from 1), as text."""

    name: str
    where: str
    rows: dict[int, dict[int, str]]


def read_sheets(content: bytes, where: str) -> list[Sheet]:
    """Every visible worksheet, in the workbook's order; charts hold no cells.

    Raises
    ------
    UnknownFormat, InvalidSpectrum
        As :class:`Archive` and :func:`parse_xml`; a cell outside a worksheet or a text that is missing.
    """
    archive = Archive(content, where)
    workbook, relations = (parse_xml(archive.read(name), archive.place(name)) for name in (WORKBOOK, RELATIONS))
    targets = {item.get("Id", ""): item.get("Target", "") for item in relations.iter("Relationship")}
    strings: list[str] = []
    if STRINGS in archive.names:
        strings = [_text(item) for item in parse_xml(archive.read(STRINGS), archive.place(STRINGS)).iter("si")]
    found = []
    for sheet in workbook.iter("sheet"):
        name, target = sheet.get("name", ""), targets.get(sheet.get("id", ""), "")
        member = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
        if "worksheet" in member and sheet.get("state", "visible") == "visible":
            root = parse_xml(archive.read(member), archive.place(member))
            place = f"{where}: sheet {name!r}"
            found.append(Sheet(name, place, _rows(root, strings, place)))
    return found


def _rows(root: ET.Element, strings: list[str], where: str) -> dict[int, dict[int, str]]:
    found: dict[int, dict[int, str]] = {}
    number = 0
    for row in root.iter("row"):
        number = _bounded(row.get("r", ""), number + 1, MAX_ROWS, "row", where)
        cells: dict[int, str] = {}
        column = 0
        for cell in row.findall("c"):
            column = _column(cell.get("r", ""), column + 1, f"{where}:{number}")
            text = _cell(cell, strings, f"{where}:{number}")
            if text:
                cells[column] = text
        if cells:
            found[number] = cells
    return found


def _column(place: str, following: int, where: str) -> int:
    """Column of a cell called ``B7``; the one after the last where it is not called anything."""
    named = _PLACE.fullmatch(place)
    if place and named is None:
        raise InvalidSpectrum(f"a cell is called {place[:20]!r}", where=where)
    column = following
    if named is not None:
        column = 0
        for letter in named[1]:
            column = 26 * column + ord(letter) - ord("A") + 1
    return _bounded(str(column), following, MAX_COLUMNS, "column", where)


def _bounded(text: str, following: int, limit: int, what: str, where: str) -> int:
    number = following if not text else int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    if not 0 < number <= limit:
        raise InvalidSpectrum(f"{what} {text[:20]!r} is outside a worksheet", where=where)
    return number


def _cell(cell: ET.Element, strings: list[str], where: str) -> str:
    """What a cell shows: a number in full, a text without blanks around it; empty for an empty one."""
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text(cell).strip()
    value = (cell.findtext("v") or "").strip()
    if kind != "s" or not value:
        return value
    index = int(value) if value.isascii() and value.isdigit() and len(value) < 9 else -1
    if not 0 <= index < len(strings):
        raise InvalidSpectrum(f"text {value[:20]!r} of the workbook is missing", where=where)
    return strings[index].strip()


def _text(item: ET.Element) -> str:
    """The text of an item, of all its runs; readings of foreign letters (``rPh``) are no part of it."""
    parts = [item.findtext("t") or ""] + [run.findtext("t") or "" for run in item.findall("r")]
    inner = item.find("is")
    return "".join(parts) + ("" if inner is None else _text(inner))
