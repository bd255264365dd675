"""PHI MultiPak `.spe .pro`: a text header from SOFH to EOFH, then floats; each region and cycle is a scan."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from braggite.errors import InvalidSpectrum, UnknownFormat
from braggite.formats.binary_cursor import Cursor
from braggite.formats.counts import counting_time
from braggite.formats.energy_axis import rounded_ev
from braggite.formats.number_lines import stated_number
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.arrays import FloatArray
    from braggite.formats.scan import PendingScan

BEGIN, END = b"SOFH", b"EOFH"
PREAMBLE, ENTRY = 16, 96
SPECTRUM, TIMES = 1, 8
"""Kinds of data of an entry that are used: spectra, and the times of the cycles."""
KINDS = {b"f4": ("<f4", 4), b"f8": ("<f8", 8), b"u8": ("<f8", 8)}
"""How an entry calls its numbers; older files call 64-bit floats ``u8``."""


@dataclass(frozen=True, slots=True)
class _Region:
    """One line ``SpectralRegDef``."""

    name: str
    n: int
    step_ev: float
    start_ev: float
    dwell_s: float
    pass_energy_ev: float


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of the table before the floats."""

    region: int
    kind: int
    n: int
    cycles: int
    values: FloatArray


def claims(head: bytes, path: Path) -> Evidence:
    """The mark that the header starts with."""
    return Evidence.MAGIC if head.startswith(BEGIN) else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """One scan for each cycle of each region, region by region."""
    end = content.find(END)
    if end < 0:
        raise InvalidSpectrum(
            "the header does not end with EOFH", where=where, suggestion="the file is probably truncated"
        )
    header = _header(content[:end].decode("cp1252", errors="replace"))
    start = end + len(END)
    while content[start : start + 1] in (b"\r", b"\n") and start < len(content):
        start += 1
    regions = [_region(text, where) for text in header.get("SpectralRegDef", [])]
    entries = _entries(Cursor(content[start:], f"{where}: floats from byte {start}"))
    times = next((entry for entry in entries if entry.kind == TIMES), None)
    found: list[PendingScan] = []
    for entry in (entry for entry in entries if entry.kind == SPECTRUM):
        if not 1 <= entry.region <= len(regions):
            raise InvalidSpectrum(f"data of region {entry.region}, but {len(regions)} are declared", where=where)
        region = regions[entry.region - 1]
        found += [
            partial(_scan, header, region, entry.values[cycle], where, cycle=cycle, time_s=_time(times, entry, cycle))
            for cycle in range(entry.cycles)
        ]
    return found


def _header(text: str) -> dict[str, list[str]]:
    """Values by name, in the file's order: names repeat."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.strip(), []).append(value.strip())
    return found


def _region(text: str, where: str) -> _Region:
    words = text.split()
    try:
        n, step, start, dwell, energy = int(words[4]), *(float(words[index]) for index in (5, 6, 10, 11))
    except (ValueError, IndexError):
        raise InvalidSpectrum(f"SpectralRegDef: {text[:60]!r} cannot be understood", where=where) from None
    if not np.all(np.isfinite([step, start, dwell, energy])):
        raise InvalidSpectrum(f"SpectralRegDef: {text[:60]!r} holds no finite numbers", where=where)
    return _Region(words[2], n, step, start, dwell, energy)


def _entries(cursor: Cursor) -> list[_Entry]:
    """Entries with their floats; together they must fill the file."""
    count = cursor.u32(4, "number of entries")
    cursor.need(PREAMBLE, count * ENTRY, f"{count} entries")
    found: list[_Entry] = []
    end = PREAMBLE + count * ENTRY
    for index in range(count):
        at = PREAMBLE + index * ENTRY
        name = cursor.text(at + 72, 4, "kind of numbers").encode()
        if name not in KINDS:
            raise UnknownFormat(f"numbers of the kind {name.decode()!r} are not read", where=cursor.where)
        code, size = KINDS[name]
        n, cycles = cursor.u32(at + 20, "points"), cursor.u32(at + 24, "cycles")
        offset, length = cursor.u32(at + 80, "offset"), cursor.u32(at + 76, "length")
        if n * cycles * size != length or n < 1:
            raise cursor.fail(f"{n} x {cycles} numbers do not take {length} bytes", at + 76)
        values = cursor.array(offset, n * cycles, code, "ordinates")  # type: ignore[arg-type]
        region, kind = cursor.u32(at + 12, "region"), cursor.u32(at + 16, "kind of data")
        found.append(_Entry(region, kind, n, cycles, values.reshape(cycles, n)))
        end = max(end, offset + length)
    cursor.ends(end)
    return found


def _scan(
    header: dict[str, list[str]], region: _Region, y: FloatArray, where: str, *, cycle: int, time_s: float | None
) -> Scan:
    place = f"{where}: region {region.name}, cycle {cycle}"
    technique = (header.get("Technique") or ["XPS"])[0]
    if technique.upper() not in ("XPS", ""):
        raise UnknownFormat(f"the file was measured by {technique}, not by XPS", where=place)
    if region.n != y.size:
        raise InvalidSpectrum(f"the header declares {region.n} points, {y.size} are stored", where=place)
    source = (header.get("XraySource") or [""])[0]
    energy = re.search(r"\d+(?:\.\d+)?", source)
    return Scan(
        x=rounded_ev(region.start_ev + region.step_ev * np.arange(region.n, dtype=np.float64)),
        y=y,
        where=place,
        dwell_s=counting_time(y, (region.dwell_s, *(region.dwell_s * k for k in range(2, 65)))),
        technique="xps",
        y_unit="counts/s",
        energy="binding",
        photon_energy_ev=float(energy[0]) if energy else None,
        name=" ".join(part for part in ((header.get("FileDesc") or [""])[0], region.name) if part),
        metadata={
            "region": region.name,
            "cycle": cycle,
            "cycle_time_s": time_s,
            "dwell_s": region.dwell_s,
            "pass_energy_ev": region.pass_energy_ev,
            "work_function_ev": stated_number((header.get("AnalyserWorkFcn") or [""])[0]),
            "header": dict(header),
        },
    )


def _time(times: _Entry | None, entry: _Entry, cycle: int) -> float | None:
    """Sputter time of a cycle: the entry holds the cycles of the first region, then of the next."""
    if times is None or cycle >= times.n or entry.region > times.cycles:
        return None
    return float(times.values[entry.region - 1, cycle])


READER = Reader(
    name="phi",
    title="PHI MultiPak",
    suffixes=(".spe", ".pro"),
    claims=claims,
    read=read,
    sigma="from rates times the dwell (and sweeps) that are whole counts",
    reads="every cycle of every region",
    refuses="other techniques than XPS, numbers that are not floats",
)
