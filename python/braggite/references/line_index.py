"""The strongest lines of many phases in columns, and what a filter asks of each phase: memory or a mapped file."""

from __future__ import annotations

import json
import mmap
import struct
import zlib
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from braggite import _core
from braggite.errors import LibraryError
from braggite.references.bands import VIBRATIONAL_TECHNIQUES
from braggite.references.elements import ATOMIC_NUMBER
from braggite.references.names import BUILT_SUFFIX
from braggite.references.powder_lines import compiled_structure
from braggite.references.record import unpack_phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from braggite.references.phase import Phase
    from braggite.references.structure import Structure

MAGIC = b"\x89BGX\r\n\x1a\n"
VERSION = 1
SCHEMA = "braggite.line-index/1"
PREAMBLE = struct.Struct("<8sIII")
"""Magic, version, length of the header, checksum (CRC-32) of the header."""
ALIGNMENT = 64

D_MIN_ANGSTROM = 0.9
"""Smallest spacing whose lines are kept: 118 degrees for Cu K-alpha, 46 for Mo K-alpha."""
MAX_LINES = 80
APART = 5e-4
"""Relative distance of spacings below which lines are one."""
WAVELENGTH_ANGSTROM = 1.540593
"""Cu K-alpha1, whose f' and f'' the strengths hold: good enough to nominate at any wavelength."""

_N_ELEMENTS = len(ATOMIC_NUMBER)
_ELEMENT_BYTES = -(-_N_ELEMENTS // 8)
Bits = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class LineIndex:
    """Columns over phases and over their lines; all arrays are read-only.

    Attributes
    ----------
    starts : (n + 1,) the lines of phase i are ``starts[i]`` to ``starts[i + 1]``, strongest first
    log_inverse_d : ln(1/d), d in angstrom
    strength : multiplicity times |F|^2
    tolerance : (n,) relative tolerance of the cell lengths
    elements : (n, 15) which elements, as packed bits of the atomic number
    """

    starts: NDArray[np.uint64]
    log_inverse_d: NDArray[np.float32]
    strength: NDArray[np.float32]
    tolerance: NDArray[np.float32]
    elements: Bits

    def __len__(self) -> int:
        return self.tolerance.size

    @classmethod
    def of(cls, phases: Iterable[Phase]) -> LineIndex:
        """The index of phases in memory; one that cannot be computed has no lines."""
        lines, tolerance, elements = [], [], []
        for phase in phases:
            lines.append(_lines_or_none(phase))
            tolerance.append(phase.structure.cell_tolerance if phase.structure else 0.0)
            elements.append(element_bits(phase.elements))
        starts = np.concatenate([[0], np.cumsum([positions.size for positions, _ in lines])]).astype(np.uint64)
        nothing = np.empty(0, dtype=np.float32)
        return cls(
            starts,
            np.concatenate([nothing, *(positions for positions, _ in lines)]),
            np.concatenate([nothing, *(strengths for _, strengths in lines)]),
            np.array(tolerance, dtype=np.float32),
            np.array(elements, dtype=np.uint8).reshape(len(lines), _ELEMENT_BYTES),
        )

    def shelf(self, rows: NDArray[np.uint32]) -> _core.LineShelf:
        """These phases as the kernels search them."""
        return _core.LineShelf(self.starts, self.log_inverse_d, self.strength, self.tolerance, rows)


def element_bits(symbols: Iterable[str]) -> Bits:
    """Elements as 15 bytes of bits."""
    flags = np.zeros(_N_ELEMENTS, dtype=np.uint8)
    flags[[ATOMIC_NUMBER[symbol] - 1 for symbol in symbols]] = 1
    return np.packbits(flags)


def vibration_bits(techniques: Iterable[str]) -> int:
    """Vibrational techniques as bits, in the order of their names' table."""
    return sum(1 << VIBRATIONAL_TECHNIQUES.index(technique) for technique in techniques)


@lru_cache(maxsize=4096)
def strongest_lines(structure: Structure) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """ln(1/d) and strengths of the lines an index keeps of a structure; ``LibraryError`` where there are none."""
    compiled = compiled_structure.__wrapped__(structure, WAVELENGTH_ANGSTROM)
    lines = compiled.strongest_lines(WAVELENGTH_ANGSTROM, D_MIN_ANGSTROM, APART, MAX_LINES)
    for column in lines:
        column.flags.writeable = False
    return lines


def _lines_or_none(phase: Phase) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    nothing = np.empty(0, dtype=np.float32)
    if phase.structure is None or not phase.structure.has_atoms:
        return nothing, nothing
    try:
        return strongest_lines(phase.structure)
    except LibraryError:
        return nothing, nothing


class BuiltIndex:
    """A built library file: its line index and its phases, each read when it is asked for.

    The file is mapped into memory, not read: opening takes as long for a hundred thousand phases as for ten.

    Raises
    ------
    LibraryError
        Not a built library, one of another version, or a file cut short.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._bytes = _mapped(self.path)
        self.header = _header(self._bytes, self.path)
        column = {name: self._column(name) for name in self.header["columns"]}
        self.lines = LineIndex(
            column["starts"],
            column["log_inverse_d"],
            column["strength"],
            column["tolerance"],
            column["elements"].reshape(self.header["n_phases"], _ELEMENT_BYTES),
        )
        self._records, self._record_starts = column["records"], column["record_starts"]
        self._vibrations = column.get("vibrations")
        self._texts = {name: column[name] for name in ("names", "aliases", "groups")}

    def __len__(self) -> int:
        return len(self.lines)

    def __reduce__(self) -> tuple[object, ...]:
        """Another process maps the file itself."""
        return type(self), (self.path,)

    @property
    def sha256(self) -> str:
        """Digest of the content, as it was built."""
        return str(self.header["sha256"])

    @cached_property
    def names(self) -> list[str]:
        """Name of each phase."""
        return self._text("names")

    @cached_property
    def aliases(self) -> list[tuple[str, ...]]:
        """Other names of each phase."""
        return [tuple(line.split("\t")) if line else () for line in self._text("aliases")]

    @cached_property
    def groups(self) -> list[frozenset[str]]:
        """Groups of each phase."""
        sets: dict[str, frozenset[str]] = {}
        return [sets.setdefault(line, frozenset(line.split("\t") if line else ())) for line in self._text("groups")]

    @cached_property
    def keys(self) -> dict[str, int]:
        """Row of every name and alias, in lower case; names go first."""
        keys = {name.casefold(): row for row, name in enumerate(self.names)}
        for row, aliases in enumerate(self.aliases):
            for alias in aliases:
                keys.setdefault(alias.casefold(), row)
        return keys

    def has_bands(self, technique: str) -> NDArray[np.bool_]:
        """Which phases have bands for ``"raman"`` or ``"ftir"``; (n,)."""
        if self._vibrations is None:
            return np.zeros(len(self), dtype=bool)
        return (self._vibrations & vibration_bits([technique])).astype(bool)

    def phase(self, row: int) -> Phase:
        """Read one phase; ``LibraryError`` where the file is damaged there."""
        start, end = int(self._record_starts[row]), int(self._record_starts[row + 1])
        try:
            phase = unpack_phase(self._records[start:end].tobytes())
        except (ValueError, TypeError, KeyError, zlib.error) as error:
            raise LibraryError(
                f"the record of {self.names[row]} is damaged: {error}",
                where=str(self.path),
                suggestion="build the library again",
            ) from None
        return replace(phase, name=self.names[row], aliases=self.aliases[row])

    def _text(self, name: str) -> list[str]:
        lines = self._texts[name].tobytes().decode().split("\n")
        return lines[: len(self)]

    def _column(self, name: str) -> NDArray[Any]:
        start, count, dtype = self.header["columns"][name]
        return np.frombuffer(self._bytes, dtype=np.dtype(dtype), count=count, offset=start)


def is_built(path: Path) -> bool:
    """Whether a file is, or by its name should be, a built library."""
    if path.suffix.lower() == BUILT_SUFFIX:
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def _mapped(path: Path) -> mmap.mmap:
    try:
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise LibraryError(f"cannot be read: {error}", where=str(path)) from None


def _header(content: mmap.mmap, path: Path) -> dict[str, Any]:
    def refuse(reason: str) -> LibraryError:
        return LibraryError(reason, where=str(path), suggestion="`braggite references build` makes a new one")

    if len(content) < PREAMBLE.size or content[: len(MAGIC)] != MAGIC:
        raise refuse("is not a built library")
    _, version, length, checksum = PREAMBLE.unpack_from(content)
    if version != VERSION:
        raise refuse(f"was built in version {version} of the format; this program reads version {VERSION}")
    text = content[PREAMBLE.size : PREAMBLE.size + length]
    if zlib.crc32(text) != checksum:
        raise refuse("is cut short or damaged: its header does not agree with its checksum")
    header: dict[str, Any] = json.loads(text)
    if len(content) != header["n_bytes"]:
        raise refuse(f"has {len(content)} bytes instead of {header['n_bytes']}: it was cut short or appended to")
    return header


def header_bytes(header: dict[str, Any]) -> bytes:
    """Preamble and header as they stand in a file."""
    text = json.dumps(header, separators=(",", ":")).encode()
    return PREAMBLE.pack(MAGIC, VERSION, len(text), zlib.crc32(text)) + text


def column_layout(columns: Sequence[tuple[str, NDArray[Any]]], start: int) -> dict[str, tuple[int, int, str]]:
    """Where each column begins, how many values it has and of what type."""
    layout = {}
    for name, column in columns:
        start += -start % ALIGNMENT
        layout[name] = (start, column.size, column.dtype.str)
        start += column.nbytes
    return layout
