"""Rigaku RAS: text with starred keys; every block of intensities is a scan."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from braggite.errors import InvalidSpectrum
from braggite.formats.registry import Evidence, Reader
from braggite.formats.rigaku import profile
from braggite.formats.text_blocks import TRUNCATED, Line, text_lines

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.formats.scan import PendingScan

_MARK = re.compile(rb"(?m)^\s*\*RAS_(?:DATA|HEADER)_START")
_KEY = re.compile(r"\*(\S+)\s*\"?(.*?)\"?\s*")
HEADER, DATA = "header", "intensities"
SECTIONS = {
    "*RAS_HEADER_START": HEADER,
    "*RAS_HEADER_END": "",
    "*RAS_INT_START": DATA,
    "*RAS_INT_END": "",
}


def claims(head: bytes, path: Path) -> Evidence:
    """The starred mark in the first 4 kB, or else the suffix."""
    if _MARK.search(head):
        return Evidence.FIRST_LINE
    return Evidence.SUFFIX if path.suffix.lower() == ".ras" else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """Every block of intensities with the header before it; the end marks must be there."""
    lines, _ = text_lines(content, where)
    scans: list[tuple[dict[str, str], list[Line]]] = []
    header: dict[str, str] = {}
    block: list[Line] = []
    section, last = "", ""
    for line in lines:
        text = line.text.strip()
        if text in SECTIONS:
            if section and SECTIONS[text]:
                raise InvalidSpectrum(f"{text} inside the {section}", where=f"{where}:{line.number}")
            section = SECTIONS[text]
            if text == "*RAS_HEADER_START":
                header = {}
            elif text == "*RAS_INT_START":
                block = []
            elif text == "*RAS_INT_END":
                scans.append((header, block))
        elif section == DATA:
            block.append(line)
        elif section == HEADER and (match := _KEY.fullmatch(text)):
            header[match[1]] = match[2]
        last = text or last
    if section or last not in ("*RAS_DATA_END", "*DSC_DATA_END"):
        raise InvalidSpectrum(
            f"the file ends without *RAS_DATA_END{f', inside the {section}' if section else ''}",
            where=f"{where}:{len(lines)}",
            suggestion=TRUNCATED,
        )
    return [
        partial(profile, header, block, where if len(scans) == 1 else f"{where}: scan {index}")
        for index, (header, block) in enumerate(scans)
    ]


READER = Reader(
    name="ras",
    title="Rigaku RAS",
    suffixes=(".ras",),
    claims=claims,
    read=read,
    text=True,
    reads="every scan, keys in cp932 too",
    sigma="sqrt(counts); sqrt(rate/time) for rates that are whole counts; none for declared counts that are not whole",
    refuses="scans of another axis than 2-theta; missing end marks; an attenuator column is reported, not applied",
)
