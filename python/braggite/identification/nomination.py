"""Which phases of a large library are worth fitting to a pattern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from braggite import _core
from braggite.references.line_index import LineIndex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from braggite.identification.options import IdentifyOptions
    from braggite.matching.pattern import EnginePattern
    from braggite.references import Phase, ReferenceLibrary

_FIRST_LINES = 12
_SURVIVORS = 4000
_ROUNDS = 8
"""Strongest lines of the first look, phases kept for the closer ones, times that the best is taken out: more of each
changed no recall on the labelled scans."""


@dataclass(frozen=True, slots=True)
class Nominee:
    """A phase and what its lines explain of the pattern: the score orders phases and means nothing by itself."""

    phase: Phase
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class Nomination:
    """A library laid out for searches through its lines."""

    library: ReferenceLibrary
    shelves: tuple[_core.LineShelf, ...]

    @classmethod
    def of(cls, library: ReferenceLibrary) -> Nomination:
        """Lines of phases in memory are computed here, once per structure; those of built libraries stand ready."""
        memory = LineIndex.of(library.in_memory)
        own = memory.shelf(np.arange(len(memory), dtype=np.uint32))
        return cls(library, (own, *(part.index.lines.shelf(part.rows) for part in library.indexed)))

    def nominees(
        self,
        pattern: EnginePattern,
        count: int,
    ) -> list[Nominee]:
        """Up to ``count`` phases that explain most of a pattern, the order in which they were chosen.

        Shifts of the pattern within its prior and cells within their tolerance are allowed for. Square roots of the
        ordinates are compared, less what any phase would meet by chance; the best phase is taken out again and again,
        so that weak phases are seen beside strong ones.
        """
        shelf, row, score, _, _ = _core.nominate_phases(
            self.shelves,
            pattern.core,
            pattern.prior,
            count=count,
            survivors=max(_SURVIVORS, count),
            first_lines=_FIRST_LINES,
            rounds=_ROUNDS,
        )
        return [Nominee(self._phase(*place), s) for *place, s in zip(shelf, row, score.tolist(), strict=True)]

    def _phase(self, shelf: int, row: int) -> Phase:
        return self.library.in_memory[row] if shelf == 0 else self.library.indexed[shelf - 1].index.phase(int(row))


def candidates_of(
    library: ReferenceLibrary, pattern: EnginePattern, options: IdentifyOptions, asked: Iterable[str]
) -> list[Phase]:
    """Every phase of a library of at most ``options.nominees``, else so many nominees and the phases ``asked`` for."""
    if len(library) <= options.nominees:
        return list(library)
    phases = [nominee.phase for nominee in Nomination.of(library).nominees(pattern, options.nominees)]
    by_name = {phase.name: phase for phase in phases} | {
        phase.name: phase for phase in (library[name] for name in asked if name in library)
    }
    return [by_name[name] for name in sorted(by_name)]
