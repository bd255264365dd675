"""Which technique a file belongs to: its words first, then its name and its range of positions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import UnknownFormat
from braggite.techniques import TECHNIQUES, technique_named

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.arrays import FloatArray
    from braggite.formats.scan import Scan
    from braggite.techniques import Technique


def technique_in_words(text: str) -> Technique | None:
    """The technique that the words of a header point to; None when they point to none or to several alike."""
    lines = [line.lower() for line in text.splitlines()]
    scores = {
        technique.name: sum(any(re.search(word, line) for line in lines) for word in technique.hints.words)
        for technique in TECHNIQUES.values()
        if technique.hints is not None
    }
    best = max(scores.values())
    winners = [name for name, score in scores.items() if score == best]
    return TECHNIQUES[winners[0]] if best > 0 and len(winners) == 1 else None


def technique_of(scan: Scan, path: Path) -> tuple[Technique, list[Diagnostic]]:
    """The technique of a scan, with the diagnostic ``technique_assumed`` unless the file states it or one only fits.

    Raises
    ------
    UnknownFormat
        Positions that are ordinary for no technique.
    """
    if scan.technique is not None:
        return technique_named(scan.technique), []
    fitting = [technique for technique in TECHNIQUES.values() if _fits(technique, scan.x)]
    if not fitting:
        raise UnknownFormat(
            f"nothing states the technique, and positions from {scan.x[0]:g} to {scan.x[-1]:g} are ordinary for none",
            where=scan.where,
            suggestion="state the technique: xrd, raman, ftir or xps",
        )
    sure = [technique for technique in fitting if _sure(technique, scan.x, path)]
    if len(fitting) == 1 or len(sure) == 1:
        return (sure or fitting)[0], []
    words = re.split(r"[^a-z0-9]+", path.name.lower())
    named = [technique for technique in fitting if _named(technique, words)]
    usual = [technique for technique in fitting if _usual_direction(technique, scan.x)]
    chosen = (named or usual or fitting)[0]
    reason = "the file name" if named else "the range and direction of the positions"
    return chosen, [
        Diagnostic.of(
            "technique_assumed",
            where=scan.where,
            value=chosen.name,
            detail=f"nothing in the file states the technique; {chosen.name} is assumed from {reason}",
            suggestion="state the technique",
        )
    ]


def _named(technique: Technique, words: list[str]) -> bool:
    patterns = technique.hints.name_words if technique.hints else ()
    return any(re.fullmatch(pattern, word) for pattern in patterns for word in words)


def _fits(technique: Technique, x: FloatArray) -> bool:
    hints = technique.hints
    if hints is None:
        return False
    low, high = float(np.min(x)), float(np.max(x))
    return hints.positions[0] <= low and high <= hints.positions[1] and hints.span[0] <= high - low <= hints.span[1]


def _usual_direction(technique: Technique, x: FloatArray) -> bool:
    return technique.hints is not None and (technique.hints.direction == "ascending") == bool(x[-1] > x[0])


def _sure(technique: Technique, x: FloatArray, path: Path) -> bool:
    hints = technique.hints
    if hints is None:
        return False
    named, span = path.suffix.lower() in hints.suffixes, float(np.ptp(x))
    if _usual_direction(technique, x):
        return named or span >= hints.sure_span
    return span >= (1.0 if named else 2.0) * hints.sure_span
