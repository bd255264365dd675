"""FullProf and DBWS: a first line `start step stop [title]`, then ordinates alone, any number a line."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from braggite.errors import InvalidSpectrum
from braggite.formats import text_header
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.text_blocks import TRUNCATED, Line, even_axis, flat, text_lines
from braggite.formats.text_encoding import decode

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.formats.scan import PendingScan

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_RANGE = re.compile(rf"\s*({_NUMBER})[\s,]+({_NUMBER})[\s,]+({_NUMBER})(?:[\s,]+(.*))?")
_ROW = re.compile(rf"\s*{_NUMBER}(?:[\s,]+{_NUMBER})*[\s,]*")
COMMENTS = ("#", "!")


def claims(head: bytes, _path: Path) -> Evidence:
    """A possible range in the first line, and a second line that cannot be another row of the same table."""
    lines = [line for line in re.split(r"[\r\n]+", decode(head)) if line.strip() and not line.startswith(COMMENTS)]
    match = _RANGE.fullmatch(lines[0]) if len(lines) > 1 else None
    if not match or not all(map(_ROW.fullmatch, lines[1:3])):
        return Evidence.NONE
    start, step, stop = (float(match[index]) for index in (1, 2, 3))
    title = match[4] or ""
    another_table = bool(_ROW.fullmatch(title)) if title else len(_fields(lines[1])) == 3
    possible = step > 0 and stop >= start and not another_table and (bool(title) or len(_fields(lines[1])) != 2)
    return Evidence.FIRST_LINE if possible else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """The one scan."""
    lines, ended = text_lines(content, where)
    if not ended:
        raise InvalidSpectrum("the last line is not ended", where=f"{where}:{len(lines)}", suggestion=TRUNCATED)
    kept = [line for line in lines if line.text.strip() and not line.text.startswith(COMMENTS)]
    comments = [line.text.strip() for line in lines if line.text.startswith(COMMENTS)]
    return [partial(_scan, kept[0], kept[1:], comments, where)]


def _scan(first: Line, rest: list[Line], comments: list[str], where: str) -> Scan:
    match = _RANGE.fullmatch(first.text)
    if match is None:
        raise InvalidSpectrum("the first line is not start, step, stop", where=f"{where}:{first.number}")
    start, step, stop = (float(match[index]) for index in (1, 2, 3))
    title = (match[4] or "").strip()
    y = flat([Line(line.number, line.text.replace(",", " ")) for line in rest], where)
    text = "\n".join([*comments, title])
    return Scan(
        x=even_axis(start, step, y.size, f"{where}:{first.number}", stop=stop),
        y=y,
        where=where,
        technique="xrd",
        name=text_header.sample_in(text),
        radiation=text_header.radiation_in(text),
        metadata={"title": title, "header": comments},
    )


def _fields(line: str) -> list[str]:
    return line.replace(",", " ").split()


READER = Reader(
    name="start-step-stop",
    title="FullProf or DBWS, start step stop",
    suffixes=(".dat",),
    claims=claims,
    read=read,
    reads="one scan, any number of ordinates a line",
    text=True,
    sigma="sqrt(counts)",
    refuses="another number of ordinates than start, step and stop make",
)
