"""Phases of a built library that a search may consider: some or all of its rows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from numpy.typing import NDArray

    from braggite.references.chemistry import Chemistry
    from braggite.references.line_index import BuiltIndex
    from braggite.references.phase import Phase


@dataclass(frozen=True, eq=False)
class IndexedPhases:
    """Rows of a built index, ascending; phases are read one by one when they are asked for."""

    index: BuiltIndex
    rows: NDArray[np.uint32]

    @classmethod
    def all(cls, index: BuiltIndex) -> IndexedPhases:
        """Every phase of an index."""
        return cls(index, np.arange(len(index), dtype=np.uint32))

    def __len__(self) -> int:
        return self.rows.size

    def __iter__(self) -> Iterator[Phase]:
        return (self.index.phase(row) for row in self.rows.tolist())

    @cached_property
    def names(self) -> list[str]:
        """Their names."""
        names = self.index.names
        return [names[row] for row in self.rows.tolist()]

    @property
    def aliases(self) -> dict[str, str]:
        """Every alias as written -> name of its phase."""
        index = self.index
        return {alias: index.names[row] for row in self.rows.tolist() for alias in index.aliases[row]}

    @property
    def groups(self) -> set[str]:
        """All groups that occur."""
        groups = self.index.groups
        return set().union(*{groups[row] for row in self.rows.tolist()})

    @property
    def sha256(self) -> str:
        """Digest of the index, and of the rows unless they are all."""
        whole = len(self) == len(self.index)
        rows = b"" if whole else self.rows.tobytes()
        return self.index.sha256 if whole else hashlib.sha256(self.index.sha256.encode() + rows).hexdigest()

    @cached_property
    def kept(self) -> NDArray[np.bool_]:
        """Which rows of the index are among them."""
        kept = np.zeros(len(self.index), dtype=bool)
        kept[self.rows] = True
        return kept

    def row_of(self, key: str) -> int | None:
        """Row of a name or alias in lower case, if it is among them."""
        row = self.index.keys.get(key)
        return row if row is not None and self.kept[row] else None

    def keys(self) -> set[str]:
        """Names and aliases in lower case."""
        return {key for key, row in self.index.keys.items() if self.kept[row]}

    def filter(self, chemistry: Chemistry, groups: set[str] | None) -> IndexedPhases:
        """Those of this chemistry that belong to one of these groups."""
        rows = self.rows[chemistry.admits_bits(self.index.lines.elements[self.rows])]
        if groups is not None:
            own = self.index.groups
            rows = rows[[not groups.isdisjoint(own[row]) for row in rows.tolist()]] if rows.size else rows
        return IndexedPhases(self.index, rows)

    def with_bands(self, technique: str) -> IndexedPhases:
        """Those with bands for a technique; a library built before bands were known has none."""
        return IndexedPhases(self.index, self.rows[self.index.has_bands(technique)[self.rows]])

    def without(self, names: Container[str]) -> IndexedPhases:
        """Those whose names, in lower case, are not among ``names``."""
        keep = np.array([name.casefold() not in names for name in self.names], dtype=bool)
        return self if keep.all() else IndexedPhases(self.index, self.rows[keep])
