"""Text exports of PHI spectrometers: a line of settings a region, then rows of binding energy and counts."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from braggite.errors import InvalidSpectrum, UnknownFormat
from braggite.formats.energy_axis import photon_energy_in
from braggite.formats.number_lines import NumberedLine, rows, stated_number, without_cut_row
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.text_encoding import decode, split_lines

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.diagnostics import Diagnostic
    from braggite.formats.scan import PendingScan

_BEGINNING = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:Cycles \d+; Regions \d+;|Element [^;\r\n]*; Region \d+ of \d+; Depth Cycle)"
)
_REGION = re.compile(r"Element (?P<name>[^;]*); Region (?P<region>\d{1,6}) of (?P<regions>\d{1,6});(?P<rest>.*)")
_CYCLE = re.compile(r"Depth Cycle (\d{1,6}) of (\d{1,6})")
_SETTINGS = ("Depth Cycle", "Time Per Step", "Sweeps", "Anode", "Photon Energy")


def claims(head: bytes, path: Path) -> Evidence:
    """The line that counts cycles and regions, or the settings of the first region."""
    return Evidence.FIRST_LINE if _BEGINNING.match(head) else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """One scan for each cycle of each region, in the file's order."""
    lines, _ = split_lines(decode(content))
    matches = [(number, _REGION.fullmatch(line.strip())) for number, line in enumerate(lines, start=1)]
    beginnings = [(number, heading) for number, heading in matches if heading]
    if not beginnings:
        raise InvalidSpectrum("no region (Element ...; Region ...)", where=where, suggestion="export the file again")
    _require_all(beginnings, where)
    ends = [number - 1 for number, _ in beginnings[1:]] + [len(lines)]
    found: list[PendingScan] = []
    for (number, heading), end in zip(beginnings, ends, strict=True):
        data = [(at, lines[at - 1]) for at in range(number + 1, end + 1) if lines[at - 1].strip()]
        notes: list[Diagnostic] = []
        if end == len(lines):
            data, notes = without_cut_row(data, content, where)
        found.append(partial(_scan, heading, data, f"{where}:{number}", notes))
    return found


def _require_all(beginnings: list[tuple[int, re.Match[str]]], where: str) -> None:
    """Raise unless the regions and depth cycles that the first one counts are all there."""
    cycles = _CYCLE.search(beginnings[0][1]["rest"])
    declared = int(beginnings[0][1]["regions"]) * (int(cycles[2]) if cycles else 1)
    if declared != len(beginnings):
        raise InvalidSpectrum(
            f"{declared} regions and cycles are declared, {len(beginnings)} stand here",
            where=where,
            suggestion="the file is probably truncated; export it again",
        )


def _scan(heading: re.Match[str], data: list[NumberedLine], place: str, notes: list[Diagnostic]) -> Scan:
    parts = [part.strip() for part in heading["rest"].split(";")]
    stated = {name: part[len(name) :].strip() for part in parts for name in _SETTINGS if part.startswith(name)}
    method = next((part for part in reversed(parts) if part), "")
    if not any(method.startswith(name) for name in _SETTINGS) and method != "XPS":
        raise UnknownFormat(f"the region was measured by {method[:20]}, not by XPS", where=place)
    if not data:
        raise InvalidSpectrum("the region holds no rows", where=place, suggestion="export the file again")
    file, _, _ = place.rpartition(":")
    table = rows(data, (0, 1), file)
    step_ms, sweeps = (stated_number(stated.get(name, "")) for name in ("Time Per Step", "Sweeps"))
    name = heading["name"].strip()
    return Scan(
        x=table[:, 0],
        y=table[:, 1],
        where=place,
        dwell_s=step_ms * sweeps / 1000 if step_ms and sweeps else None,
        technique="xps",
        energy="binding",
        photon_energy_ev=stated_number(stated.get("Photon Energy", "")) or photon_energy_in(stated.get("Anode", "")),
        name=name,
        metadata={
            "region": name,
            "cycle": stated.get("Depth Cycle", ""),
            "sweeps": sweeps,
            "anode": stated.get("Anode", ""),
        },
        notes=tuple(notes),
    )


READER = Reader(
    name="phi-text",
    title="PHI text",
    suffixes=(".txt",),
    claims=claims,
    read=read,
    sigma="sqrt(counts)",
    reads="every cycle of every region",
    refuses="other techniques than XPS; fewer regions or cycles than declared",
    text=True,
)
