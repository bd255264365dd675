"""Phases become one library file that is searched without being read."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.errors import BraggiteError, InternalError, LibraryError
from braggite.references.line_index import (
    APART,
    D_MIN_ANGSTROM,
    MAX_LINES,
    SCHEMA,
    WAVELENGTH_ANGSTROM,
    column_layout,
    element_bits,
    header_bytes,
    strongest_lines,
    vibration_bits,
)
from braggite.references.record import pack_phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from braggite.references.phase import Phase

_COMPARED = 12
"""Strongest lines that two structures must share to be one."""
_SAME_D, _SAME_STRENGTH = 5e-4, 0.05
"""Relative differences of spacings, and of strengths in shares of the strongest, within which they are shared."""
_HEADER_ROOM = 4096


@dataclass(frozen=True, slots=True)
class BuildSummary:
    """What a build took and left.

    Attributes
    ----------
    path : the file
    n_phases, n_lines, n_bytes : its content
    sha256 : digest of the content
    duplicates : (name, name of the phase it repeats): found under both names, kept once
    renamed : (name, name in the file) where two different phases had one name
    skipped : (name or file, reason)
    """

    path: Path
    n_phases: int
    n_lines: int
    n_bytes: int
    sha256: str
    duplicates: tuple[tuple[str, str], ...]
    renamed: tuple[tuple[str, str], ...]
    skipped: tuple[tuple[str, str], ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "path": str(self.path),
            "n_phases": self.n_phases,
            "n_lines": self.n_lines,
            "n_bytes": self.n_bytes,
            "sha256": self.sha256,
            "duplicates": [{"name": name, "same_as": other} for name, other in self.duplicates],
            "renamed": [{"name": name, "renamed_to": other} for name, other in self.renamed],
            "skipped": [{"name": name, "reason": reason} for name, reason in self.skipped],
        }


def build_library(
    phases: Iterable[Phase],
    path: str | Path,
    *,
    skipped: Iterable[tuple[str, str]] = (),
    progress: Callable[[int], None] | None = None,
) -> BuildSummary:
    """Write a library file (``.bgx``) of any number of phases.

    Phases of one composition, space group and set of lines are duplicates: the first is kept, under the names of all.

    Parameters
    ----------
    phases
        In any order; one by one, so that they need not all be in memory.
    path
        The file; replaced if it exists, and only once the new one is complete.
    skipped
        What the caller could not even read, to be told of in the summary.
    progress
        Called with the number of phases done.

    Raises
    ------
    LibraryError
        No phase with lines, or a file that cannot be written.
    """
    draft = _Draft(skipped=list(skipped))
    for number, phase in enumerate(phases, start=1):
        draft.add(phase)
        if progress is not None:
            progress(number)
    if not draft.names:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in draft.skipped[:3])
        raise LibraryError("no phase to build a library of" + (f" ({reasons})" if reasons else ""), where=str(path))
    return draft.write(Path(path))


@dataclass(slots=True)
class _Draft:
    skipped: list[tuple[str, str]]
    names: list[str] = field(default_factory=list)
    aliases: list[list[str]] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    records: list[bytes] = field(default_factory=list)
    lines: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = field(default_factory=list)
    tolerance: list[float] = field(default_factory=list)
    elements: list[NDArray[np.uint8]] = field(default_factory=list)
    vibrations: list[int] = field(default_factory=list)
    claimed: dict[str, int] = field(default_factory=dict)
    alike: dict[tuple[Any, ...], list[int]] = field(default_factory=dict)
    duplicates: list[tuple[str, str]] = field(default_factory=list)
    renamed: list[tuple[str, str]] = field(default_factory=list)

    def add(self, phase: Phase) -> None:
        structure = phase.structure
        if structure is None or not structure.has_atoms:
            self.skipped.append((phase.name, "no atoms are known, and so no diffraction lines to find it by"))
            return
        try:
            lines = strongest_lines.__wrapped__(structure)
        except BraggiteError as error:
            self.skipped.append((phase.name, error.message))
            return
        if not lines[0].size:
            self.skipped.append((phase.name, f"no line with d above {D_MIN_ANGSTROM} angstrom"))
            return
        candidates = self.alike.setdefault((structure.space_group_number, _composition(phase)), [])
        row = next((row for row in candidates if _same_lines(self.lines[row], lines)), None)
        if row is not None:
            self.duplicates.append((phase.name, self.names[row]))
            self._claim(row, (phase.name, *phase.aliases))
        else:
            candidates.append(len(self.names))
            self._append(phase, lines)

    def _append(self, phase: Phase, lines: tuple[NDArray[np.float32], NDArray[np.float32]]) -> None:
        assert phase.structure is not None
        name, number = phase.name, 1
        while name.casefold() in self.claimed:
            number += 1
            name = f"{phase.name}-{number}"
        if name != phase.name:
            self.renamed.append((phase.name, name))
        self.claimed[name.casefold()] = len(self.names)
        self.names.append(name)
        self.aliases.append([])
        self.groups.append("\t".join(phase.groups))
        self.records.append(pack_phase(phase))
        self.lines.append(lines)
        self.tolerance.append(phase.structure.cell_tolerance)
        self.elements.append(element_bits(phase.elements))
        self.vibrations.append(vibration_bits(r.technique for r in phase.vibrations if r.bands))
        self._claim(len(self.names) - 1, phase.aliases)

    def _claim(self, row: int, texts: tuple[str, ...]) -> None:
        for text in texts:
            alias = " ".join(text.split())
            own = self.aliases[row]
            if alias and alias not in own and self.claimed.setdefault(alias.casefold(), row) == row:
                own.append(alias)

    def write(self, path: Path) -> BuildSummary:
        columns = self._columns()
        digest = hashlib.sha256()
        for name, column in columns:
            digest.update(f"{name}\0{column.dtype.str}\0{column.size}\0".encode() + column.tobytes())
        layout = column_layout(columns, _HEADER_ROOM)
        start, count, dtype = list(layout.values())[-1]
        n_bytes = start + count * np.dtype(dtype).itemsize
        header: dict[str, Any] = {
            "schema": SCHEMA,
            "n_phases": len(self.names),
            "n_lines": sum(positions.size for positions, _ in self.lines),
            "n_bytes": n_bytes,
            "sha256": digest.hexdigest(),
            "d_min_angstrom": D_MIN_ANGSTROM,
            "max_lines": MAX_LINES,
            "lines_apart": APART,
            "dispersion_wavelength_angstrom": WAVELENGTH_ANGSTROM,
            "columns": layout,
        }
        _write(path, header_bytes(header), columns, layout)
        return BuildSummary(
            path=path,
            n_phases=len(self.names),
            n_lines=header["n_lines"],
            n_bytes=n_bytes,
            sha256=header["sha256"],
            duplicates=tuple(self.duplicates),
            renamed=tuple(self.renamed),
            skipped=tuple(self.skipped),
        )

    def _columns(self) -> list[tuple[str, NDArray[Any]]]:
        def text(lines: list[str]) -> NDArray[np.uint8]:
            return np.frombuffer("\n".join(lines).encode(), dtype=np.uint8)

        def starts(sizes: list[int]) -> NDArray[np.uint64]:
            return np.concatenate([[0], np.cumsum(sizes)]).astype("<u8")

        return [
            ("starts", starts([positions.size for positions, _ in self.lines])),
            ("log_inverse_d", np.concatenate([positions for positions, _ in self.lines]).astype("<f4")),
            ("strength", np.concatenate([strengths for _, strengths in self.lines]).astype("<f4")),
            ("tolerance", np.array(self.tolerance, dtype="<f4")),
            ("elements", np.concatenate(self.elements)),
            ("vibrations", np.array(self.vibrations, dtype=np.uint8)),
            ("names", text(self.names)),
            ("aliases", text(["\t".join(aliases) for aliases in self.aliases])),
            ("groups", text(self.groups)),
            ("record_starts", starts([len(record) for record in self.records])),
            ("records", np.frombuffer(b"".join(self.records), dtype=np.uint8)),
        ]


def _write(
    path: Path, header: bytes, columns: list[tuple[str, NDArray[Any]]], layout: dict[str, tuple[int, int, str]]
) -> None:
    """A new file beside the old one that takes its place when it is complete."""
    if len(header) > _HEADER_ROOM:
        raise InternalError(f"the header has {len(header)} bytes, room is for {_HEADER_ROOM}")
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=path.name, delete=False) as file:
            temporary = Path(file.name)
            file.write(header)
            for name, column in columns:
                file.write(b"\0" * (layout[name][0] - file.tell()))
                file.write(column.tobytes())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise LibraryError(f"cannot be written: {error}", where=str(path)) from None


def _composition(phase: Phase) -> tuple[tuple[str, float], ...]:
    """Shares of the atoms of the structure, to a tenth of a percent."""
    assert phase.structure is not None
    amounts = phase.structure.composition
    total = sum(amounts.values())
    return tuple((symbol, round(amount / total, 3)) for symbol, amount in amounts.items())


def _same_lines(
    one: tuple[NDArray[np.float32], NDArray[np.float32]], other: tuple[NDArray[np.float32], NDArray[np.float32]]
) -> bool:
    if one[0].size != other[0].size:
        return False
    (d, s), (e, t) = ((columns[0][:_COMPARED], columns[1][:_COMPARED]) for columns in (one, other))
    order, its = np.argsort(d), np.argsort(e)
    alike = np.abs(d[order] - e[its]).max() < _SAME_D
    return bool(alike and np.abs(s[order] / s.max() - t[its] / t.max()).max() < _SAME_STRENGTH)
