"""Philips UDF: `Key, value, /` lines, `RawScan`, then ordinates up to a slash."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from braggite.errors import InvalidSpectrum
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.text_blocks import (
    TRUNCATED,
    Line,
    even_axis,
    flat,
    number,
    optional_number,
    text_lines,
)
from braggite.formats.tube import tube_radiation

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.formats.scan import PendingScan

_MARK = re.compile(rb"\A\s*SampleIdent\s*,")


def claims(head: bytes, path: Path) -> Evidence:
    """`SampleIdent,` at the beginning, or else the suffix."""
    if _MARK.match(head):
        return Evidence.FIRST_LINE
    return Evidence.SUFFIX if path.suffix.lower() == ".udf" else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """The one scan."""
    lines, _ = text_lines(content, where)
    header: dict[str, str] = {}
    for index, line in enumerate(lines):
        key, comma, value = line.text.partition(",")
        if line.text.strip() == "RawScan":
            return [partial(_scan, header, lines[index + 1 :], where)]
        if comma:
            header[key.strip()] = value.strip().removesuffix("/").strip().removesuffix(",").strip()
    raise InvalidSpectrum("no RawScan in this file", where=f"{where}:{len(lines)}", suggestion=TRUNCATED)


def _scan(header: dict[str, str], lines: list[Line], where: str) -> Scan:
    block: list[Line] = []
    ended = False
    for line in lines:
        text, slash, _ = line.text.partition("/")
        if text.strip():
            block.append(Line(line.number, text))
        if slash:
            ended = True
            break
    if not ended:
        raise InvalidSpectrum("the ordinates do not end with a slash", where=where, suggestion=TRUNCATED)
    y = flat(block, where, separator=",")
    edges = header.get("DataAngleRange", "").split(",")
    if len(edges) != 2:
        raise InvalidSpectrum("DataAngleRange does not hold two angles", where=where)
    start, stop = (number(edge, "DataAngleRange", where) for edge in edges)
    step = number(header.get("ScanStepSize", ""), "ScanStepSize", where)
    radiation, notes = tube_radiation(
        *(optional_number(header.get(key), key, where) for key in ("LabdaAlpha1", "LabdaAlpha2", "RatioAlpha21")),
        anode=header.get("Anode", ""),
        where=where,
    )
    return Scan(
        x=even_axis(start, step, y.size, where, stop=stop),
        y=y,
        where=where,
        technique="xrd",
        name=header.get("SampleIdent", ""),
        radiation=radiation,
        # ScanStepTime is not the counting time of a line detector: kept in the header, never used for rates
        metadata={"header": dict(header)},
        notes=tuple(notes),
    )


READER = Reader(
    name="udf",
    title="Philips UDF",
    suffixes=(".udf",),
    claims=claims,
    read=read,
    reads="one scan",
    text=True,
    sigma="sqrt(counts)",
    refuses="a range and step that contradict the number of ordinates; a missing end mark",
)
