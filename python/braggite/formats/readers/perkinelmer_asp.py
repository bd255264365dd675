"""PerkinElmer `.asp`: number of points, first and last wavenumber, three flags, then one ordinate a line."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from braggite.errors import InvalidSpectrum
from braggite.formats.number_lines import rows, without_cut_row
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.text_encoding import decode, split_lines

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.formats.scan import PendingScan

_HEAD = re.compile(rb"\s*\d+\s*[\r\n]+\s*[\d.]+\s*[\r\n]+\s*[\d.]+\s*[\r\n]+(?:\s*\d+\s*[\r\n]+){3}")
HEADER_LINES = 6


def claims(head: bytes, path: Path) -> Evidence:
    """Six lines of one number each under the suffix."""
    if path.suffix.lower() != ".asp":
        return Evidence.NONE
    return Evidence.FIRST_LINE if _HEAD.match(head) else Evidence.SUFFIX


def read(content: bytes, where: str) -> list[PendingScan]:
    """The one spectrum."""
    return [partial(_scan, content, where)]


def _scan(content: bytes, where: str) -> Scan:
    lines, _ = split_lines(decode(content))
    numbered = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    values = rows(numbered, (0,), where)[:, 0]
    end = f"{where}:{numbered[-1][0]}"
    if values.size <= HEADER_LINES or values[0] != values.size - HEADER_LINES:
        raise InvalidSpectrum(
            f"{values[0] if values.size else 0:g} points are declared, {max(values.size - HEADER_LINES, 0)} stand here",
            where=end,
            suggestion="the file is probably truncated; export it again",
        )
    _, cut = without_cut_row(numbered, content, where)
    if cut:
        raise InvalidSpectrum("the last value may be cut", where=cut[0].where, suggestion="export the file again")
    return Scan(
        x=np.linspace(values[1], values[2], int(values[0])),  # the file stores its first and last position only
        y=values[HEADER_LINES:],
        where=where,
        technique="ftir",
        metadata={"flags": values[3:HEADER_LINES].tolist()},
    )


READER = Reader(
    name="perkinelmer-asp",
    title="PerkinElmer ASP",
    suffixes=(".asp",),
    claims=claims,
    read=read,
    sigma="none; the file does not say whether it holds absorbance or transmittance",
    reads="the one spectrum, over an even axis",
    refuses="a number of points that differs from the declared one",
    text=True,
)
