"""VAMAS (ISO 14976) `.vms .npl .vam`: photoelectron spectra of every maker; each block is a scan."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import UnknownFormat
from braggite.formats.counts import are_counts, counting_time
from braggite.formats.energy_axis import energy_kind, photon_energy_in
from braggite.formats.readers.vamas.casaxps import fit_model
from braggite.formats.readers.vamas.grammar import IDENTIFIER, Block, Header, parse
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.formats.transmission import called_transmission, usable_transmission

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

    from braggite.arrays import FloatArray
    from braggite.formats.readers.vamas.grammar import Quantity
    from braggite.formats.scan import PendingScan
    from braggite.spectrum import YUnit

SUFFIXES = (".vms", ".npl", ".vam")
_UNITS: dict[str, YUnit] = {"d": "counts", "c/s": "counts/s"}


def claims(head: bytes, path: Path) -> Evidence:
    """The identifier of the standard, on whatever line it stands; else the suffix."""
    if IDENTIFIER[:30].lower().encode() in head.lower():
        return Evidence.FIRST_LINE
    return Evidence.SUFFIX if path.suffix.lower() in SUFFIXES else Evidence.NONE


def read(content: bytes, where: str) -> list[PendingScan]:
    """One scan a block."""
    header, blocks = parse(content, where)
    return [partial(_scan, header, block, where) for block in blocks]


@dataclass(slots=True)
class _Columns:
    """Columns of a block by their part: energy, ordinate, transmission, others."""

    energy_label: str
    energy_unit: str
    x: FloatArray
    y: FloatArray
    unit: str
    attenuation: FloatArray | None = None
    kept: dict[str, Any] = field(default_factory=dict)
    notes: list[Diagnostic] = field(default_factory=list)


def _scan(header: Header, block: Block, where: str) -> Scan:
    place = f"{where}:{block.line}"
    _refuse_other_techniques(header, block, place)
    columns = _columns(header, block, where, place)
    energy, photon_energy = _energy_axis(columns, block, place)
    dwell, scans = block.number(34), block.number(35)
    total = dwell * scans if dwell and scans else None
    unit = _UNITS.get(columns.unit)
    stored = columns.y if columns.attenuation is None else columns.y / columns.attenuation
    stored = np.where(np.abs(stored - np.rint(stored)) < 1e-6, np.rint(stored), stored)
    if unit == "counts/s" and are_counts(stored):
        columns.notes.append(
            Diagnostic.of(
                "unit_contradicted", where=place, value=columns.unit, detail="called c/s, but all whole: read as counts"
            )
        )
    model, model_notes = fit_model(block.comment, place)
    return Scan(
        x=columns.x,
        y=columns.y,
        where=place,
        dwell_s=counting_time(stored, (dwell, total)) if unit == "counts/s" else None,
        attenuation=columns.attenuation,
        technique="xps",
        y_unit=unit,
        energy=energy,
        photon_energy_ev=photon_energy,
        name=" ".join(dict.fromkeys(part for part in (block.sample, block.identifier) if part)),
        metadata=_metadata(header, block) | columns.kept | ({"casaxps": model} if model else {}),
        notes=(*columns.notes, *model_notes),
    )


def _refuse_other_techniques(header: Header, block: Block, where: str) -> None:
    technique = block.text(9)
    if technique.upper() != "XPS":
        raise UnknownFormat(
            f"the block {block.identifier!r} was measured by {technique or 'an unnamed technique'}, not by XPS",
            where=where,
            suggestion="choose a block measured by XPS; other surface techniques are not analysed",
        )
    if header.scan_mode == "MAPPING":
        raise UnknownFormat(
            "the block is a map without an energy axis", where=where, suggestion="export the spectra of the map"
        )


def _columns(header: Header, block: Block, where: str, place: str) -> _Columns:
    values, labels = block.values(where), block.columns
    if header.scan_mode == "IRREGULAR":
        if len(labels) < 2:
            raise UnknownFormat("an irregular block holds energies but no ordinates", where=place)
        energy, labels = labels[0], labels[1:]
        x, values, notes = _without_repeats(values, place)
        columns = _Columns(energy.label, energy.unit, x, values[:, 0], labels[0].unit, notes=notes)
    else:
        start, step = block.number(31, 2), block.number(31, 3)
        if start is None or step is None:
            raise UnknownFormat("a regular block without start and step of its energies", where=place)
        x = start + step * np.arange(len(values), dtype=np.float64)
        columns = _Columns(block.text(31, 0), block.text(31, 1), x, values[:, 0], labels[0].unit)
    for index in range(1, len(labels)):
        _further_column(columns, labels[index], values[:, index], place)
    return columns


def _without_repeats(values: FloatArray, where: str) -> tuple[FloatArray, FloatArray, list[Diagnostic]]:
    """Energies and columns; neighbours at one energy (joined scans) become one point, their mean, with a warning."""
    steps = np.diff(values, axis=0)
    if not np.any((steps[:, 0] == 0) & np.any(steps[:, 1:] != 0, axis=1)):
        return values[:, 0], values[:, 1:], []
    first = np.concatenate([[True], steps[:, 0] != 0])
    group = np.cumsum(first) - 1
    size = np.bincount(group)
    means = np.stack([np.bincount(group, column) / size for column in values[:, 1:].T], axis=1)
    note = Diagnostic.of("repeats_averaged", where=where, value=int(np.sum(~first)))
    return values[first, 0], means, [note]


def _further_column(columns: _Columns, label: Quantity, values: FloatArray, where: str) -> None:
    """Divide by a transmission; keep anything else as it is."""
    if not called_transmission(label.label):
        columns.kept.setdefault("further_columns", []).append([label.label, label.unit, values.tolist()])
        columns.notes.append(Diagnostic.of("columns_unused", where=where, value=label.label))
        return
    columns.kept["transmission"] = values.tolist()
    divisor, notes = usable_transmission(values, where)
    columns.notes += notes
    if divisor is not None:
        columns.attenuation = 1.0 / divisor
        columns.y = columns.y / divisor


def _energy_axis(columns: _Columns, block: Block, where: str) -> tuple[Literal["kinetic", "binding"], float | None]:
    """What the energies are, and hv; a source that only has a name gets the energy of its line, with a warning."""
    if columns.energy_unit.lower() not in ("ev", ""):
        raise UnknownFormat(
            f"the axis is {columns.energy_label!r} in {columns.energy_unit!r}, not an energy in eV", where=where
        )
    photon_energy = block.number(14) or None
    if photon_energy is None:
        photon_energy = photon_energy_in(block.text(12))
        if photon_energy is not None:
            columns.notes.append(
                Diagnostic.of("photon_energy_assumed", where=where, value=photon_energy, suggestion="state it in eV")
            )
    kind = energy_kind(columns.energy_label)
    if kind is None:
        kind = "kinetic"
        columns.notes.append(
            Diagnostic.of(
                "energy_axis_assumed",
                where=where,
                value=columns.energy_label,
                detail=f"the axis is called {columns.energy_label!r}; kinetic energies are assumed, as VAMAS intends",
            )
        )
    return kind, photon_energy


def _metadata(header: Header, block: Block) -> dict[str, Any]:
    """Everything the header and the block state, by name; numbers that are unknown (1E37) are None."""
    counted = block.parameters[40]
    further = [counted[1 + 3 * i : 4 + 3 * i] for i in range((len(counted) - 1) // 3)]
    return {
        "institution": header.institution,
        "instrument": header.instrument,
        "operator": header.operator,
        "experiment": header.experiment,
        "header_comment": header.comment,
        "experiment_mode": header.experiment_mode,
        "scan_mode": header.scan_mode,
        "block": block.identifier,
        "sample": block.sample,
        "region": (block.text(29) + (f" {block.text(30)}" if block.text(30) else "")) or block.identifier,
        "measured": _date(block),
        "comment": block.comment,
        "position": [block.number(10, 0), block.number(10, 1)] if block.parameters[10] else None,
        "experimental_variables": {
            variable.label: [value, variable.unit]
            for variable, value in zip(header.variables, block.parameters[11], strict=False)
        },
        "source": block.text(12),
        "photon_energy_ev": block.number(14),
        "source_strength_w": block.number(15),
        "analyser_mode": block.text(21),
        "pass_energy_ev": block.number(22),
        "magnification": block.number(24),
        "work_function_ev": block.number(25),
        "target_bias_v": block.number(26),
        "take_off_polar_deg": block.number(28),
        "take_off_azimuth_deg": block.number(28, 1),
        "energy_label": block.text(31) or (block.columns[0].label if block.columns else ""),
        "ordinate_labels": [[column.label, column.unit] for column in block.columns],
        "signal_mode": block.text(33),
        "dwell_s": block.number(34),
        "scans": block.number(35),
        "dead_time_s": block.number(36),
        "sample_tilt_deg": block.number(38),
        "sample_rotation_deg": block.number(39),
        "parameters": {label: [value, unit] for label, unit, value in further},
    }


def _date(block: Block) -> str:
    parts = [block.number(number) for number in range(1, 7)]
    if None in parts or not parts[0]:
        return ""
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}"


READER = Reader(
    name="vamas",
    title="VAMAS (ISO 14976)",
    suffixes=SUFFIXES,
    claims=claims,
    read=read,
    sigma="from counts, divided by the transmission; from rates of known dwell that are whole counts",
    reads="every XPS block of every experiment and scan mode; transmission divided out; fits of CasaXPS kept",
    refuses="blocks of other techniques than XPS, maps, kinetic energies without a photon energy",
)
