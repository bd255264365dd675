"""Igor binary waves `.ibw` of Scienta SES through igor2: one region a file."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum, UnknownFormat
from braggite.formats.energy_axis import energy_kind, rounded_ev
from braggite.formats.number_lines import stated_number
from braggite.formats.optional_package import on_file, package
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.formats.scan import PendingScan

_VERSIONS = (2, 3, 5)


def claims(head: bytes, path: Path) -> Evidence:
    """A version number under the suffix."""
    if path.suffix.lower() != ".ibw":
        return Evidence.NONE
    return Evidence.MAGIC if int.from_bytes(head[:2], "little") in _VERSIONS else Evidence.SUFFIX


def read(content: bytes, where: str) -> list[PendingScan]:
    """The one wave."""
    package("igor2.binarywave", extra="igor", title="Igor wave", where=where)
    values, scale, offset, note = on_file(content, ".ibw", _wave, where)
    return [partial(_scan, values, scale, offset, note, where=where)]


def _wave(path: str) -> tuple[Any, float, float, str]:
    """Values, step and start of the first axis, and the note."""
    from igor2 import binarywave

    wave = binarywave.load(path)["wave"]
    header = wave["wave_header"]
    declared = int(np.prod([n for n in np.atleast_1d(header.get("nDim", header["npnts"])) if n > 0]))
    values = np.asarray(wave["wData"], dtype=np.float64)
    if values.size != declared:
        raise InvalidSpectrum(f"{declared} values are declared, {values.size} stand here", where=path)
    scale = header["sfA"][0] if "sfA" in header else header["hsA"]
    offset = header["sfB"][0] if "sfB" in header else header["hsB"]
    note = wave["note"]
    return (
        values,
        float(scale),
        float(offset),
        note.decode("cp1252", "replace") if isinstance(note, bytes) else str(note),
    )


def _scan(values: Any, step: float, start: float, note: str, *, where: str) -> Scan:
    if values.ndim != 1:
        raise UnknownFormat(
            f"the wave has {values.ndim} axes", where=where, suggestion="integrate over the slices, or export text"
        )
    stated = dict(re.findall(r"(?m)^([^=\[\n]+)=(.*)$", re.sub(r"\r\n?", "\n", note)))
    if "Excitation Energy" not in stated:
        raise UnknownFormat(
            "the wave's note is not one of Scienta SES: nothing says what its axis is",
            where=where,
            suggestion="export the region as text",
        )
    notes = []
    kind = energy_kind(stated.get("Energy Scale", ""))
    if kind is None:
        kind = "binding"
        notes.append(Diagnostic.of("energy_axis_assumed", where=where, value=kind))
    step_ms = stated_number(stated.get("Step Time", ""))
    return Scan(
        x=rounded_ev(start + step * np.arange(values.size, dtype=np.float64)),
        y=values,
        where=where,
        technique="xps",
        energy=kind,
        photon_energy_ev=stated_number(stated["Excitation Energy"]),
        name=" ".join(dict.fromkeys(v for v in (stated.get("Sample", ""), stated.get("Region Name", "")) if v)),
        metadata={
            "region": stated.get("Region Name", ""),
            "pass_energy_ev": stated_number(stated.get("Pass Energy", "")),
            "sweeps": stated_number(stated.get("Number of Sweeps", "")),
            "dwell_s": None if step_ms is None else step_ms / 1000,
            "stated": stated,
        },
        notes=tuple(notes),
    )


READER = Reader(
    name="igor",
    title="Igor binary wave",
    suffixes=(".ibw",),
    claims=claims,
    read=read,
    sigma="from counting where the ordinates are whole",
    reads="one-dimensional waves of Scienta SES, with `braggite[igor]`",
    refuses="waves of several axes, waves that no Scienta analyser wrote",
)
