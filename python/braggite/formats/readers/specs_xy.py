"""SPECS Prodigy `.xy`: regions with header lines behind `#`; cycles and scans of a region are averaged and kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum, UnknownFormat
from braggite.formats.counts import counting_time
from braggite.formats.energy_axis import energy_kind
from braggite.formats.number_lines import NumberedLine, rows, stated_number, without_cut_row
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.text_encoding import decode, split_lines

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.arrays import FloatArray
    from braggite.formats.scan import PendingScan
    from braggite.spectrum import YUnit

_FIRST_LINE = re.compile(rb"\A(?:\xef\xbb\xbf)?#\s*Created by:\s*SpecsLab|(?m:^#\s*XY-Serializer Export Settings)")
_ENTRY = re.compile(r"#\s*([^:#]+):\s*(.*)")


@dataclass(slots=True)
class _Region:
    """Header entries of one region and the rows of each of its curves."""

    line: int
    stated: dict[str, str]
    curves: list[list[NumberedLine]] = field(default_factory=list)
    notes: list[Diagnostic] = field(default_factory=list)


def claims(head: bytes, path: Path) -> Evidence:
    """The line that the export starts with."""
    return Evidence.FIRST_LINE if _FIRST_LINE.search(head) else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """One scan a region."""
    settings: dict[str, str] = {}
    regions: list[_Region] = []
    stated = settings
    lines, _ = split_lines(decode(content))
    for number, line in enumerate(lines, start=1):
        entry = _ENTRY.match(line)
        if entry and entry[1].strip() == "Group":
            settings = {**settings, "Group": entry[2].strip()}
        elif entry and entry[1].strip() == "Region":
            stated = {**settings, "Region": entry[2].strip()}
            regions.append(_Region(number, stated))
        elif entry and entry[1].strip() == "Cycle" and "Scan" in entry[2]:
            _of(regions, number, where).curves.append([])
        elif entry:
            stated.setdefault(entry[1].strip(), entry[2].strip())
        elif line.strip() and not line.startswith("#"):
            curves = _of(regions, number, where).curves
            if not curves:
                curves.append([])
            curves[-1].append((number, line))
    if regions and regions[-1].curves:
        _declared(regions[-1], len(regions[-1].curves[-1]), where)
        regions[-1].curves[-1], regions[-1].notes = without_cut_row(regions[-1].curves[-1], content, where)
    return [partial(_scan, region, where) for region in regions]


def _of(regions: list[_Region], number: int, where: str) -> _Region:
    if not regions:
        raise InvalidSpectrum("rows of numbers before the first region", where=f"{where}:{number}")
    return regions[-1]


def _scan(region: _Region, where: str) -> Scan:
    place, stated = f"{where}:{region.line}", region.stated
    if stated.get("Analysis Method", "XPS").upper() not in ("XPS", ""):
        raise UnknownFormat(f"the region was measured by {stated['Analysis Method']}, not by XPS", where=place)
    if not region.curves:
        raise InvalidSpectrum("the region holds no rows", where=place)
    x, curves = _curves(region, where, place)
    y = np.mean(curves, axis=0)
    notes = list(region.notes)
    if len(curves) > 1:
        notes.append(Diagnostic.of("cycles_averaged", where=place, value=len(curves)))
    kind = energy_kind(stated.get("Energy Axis", ""))
    if kind is None:
        kind = "binding"
        notes.append(Diagnostic.of("energy_axis_assumed", where=place, value=kind))
    unit: YUnit = "counts/s" if "per second" in stated.get("Count Rate", "").lower() else "counts"
    dwell = stated_number(stated.get("Dwell Time", ""))
    total = dwell * len(curves) * (stated_number(stated.get("Number of Scans", "")) or 1) if dwell else None
    metadata: dict[str, Any] = {"region": stated["Region"], "stated": dict(stated)}
    if len(curves) > 1:
        metadata["cycles"] = curves.tolist()
    return Scan(
        x=x,
        y=y,
        where=place,
        dwell_s=counting_time(y, (dwell, total)) if unit == "counts/s" else None,
        technique="xps",
        y_unit=unit,
        energy=kind,
        photon_energy_ev=stated_number(stated.get("Excitation Energy", "")),
        name=" ".join(part for part in (stated.get("Group", ""), stated["Region"]) if part),
        metadata=metadata
        | {
            "dwell_s": dwell,
            "pass_energy_ev": stated_number(stated.get("Pass Energy", "")),
            "work_function_ev": stated_number(stated.get("Eff. Workfunction", "")),
        },
        notes=tuple(notes),
    )


def _declared(region: _Region, n: int, where: str) -> None:
    declared = stated_number(region.stated.get("Values/Curve", ""))
    if declared is not None and n != declared:
        raise InvalidSpectrum(
            f"the header declares {declared:g} values, {n} stand here",
            where=f"{where}:{region.line}",
            suggestion="the file is probably truncated; export it again",
        )


def _curves(region: _Region, where: str, place: str) -> tuple[FloatArray, FloatArray]:
    """Energies and (curves, points) ordinates; all curves on one axis and as long as the header declares."""
    tables = [rows(curve, (0, 1), where) for curve in region.curves if curve]
    for table in tables:
        if not region.notes:
            _declared(region, len(table), where)
        if len(table) != len(tables[0]) or np.any(table[:, 0] != tables[0][:, 0]):
            raise InvalidSpectrum(
                "the cycles of the region do not share one axis",
                where=place,
                suggestion="export each cycle by itself",
            )
    if not tables:
        raise InvalidSpectrum("the region holds no rows", where=place)
    return tables[0][:, 0], np.stack([table[:, 1] for table in tables])


READER = Reader(
    name="specs-xy",
    title="SPECS Prodigy XY",
    suffixes=(".xy",),
    claims=claims,
    read=read,
    sigma="from rates times the dwell that are whole counts",
    reads="every region; cycles averaged and kept",
    refuses="regions of other methods than XPS, cycles on different axes",
    text=True,
)
