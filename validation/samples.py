"""A scan whose phases are known."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

LABELS: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "labels.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class TruePhase:
    """A phase that is in the sample; ``accepted`` are the reference phases (slugs) that answer to its label.

    ``relative_volume`` is its cell's volume over the reference's and ``significance`` its amount over the standard
    deviation of that if everything else were known, where the truth states them.
    """

    label: str
    accepted: tuple[str, ...]
    weight_fraction: float
    relative_volume: float | None = None
    significance: float | None = None

    @classmethod
    def of_label(cls, label: str, weight_fraction: float) -> TruePhase:
        """A phase known by a formula in a file name."""
        return cls(label, tuple(LABELS[label]), weight_fraction)


@dataclass(frozen=True, slots=True)
class Sample:
    """One scan: its file, the elements the analysis is told, if any, and the truth, which only the scoring sees.

    ``absent`` are reference phases (slugs) that a laboratory would watch for and that are not in the sample.
    """

    path: Path
    elements: str | None
    phases: tuple[TruePhase, ...]
    doubtful: str = ""
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Scans scored together. ``referent`` says where the truth comes from."""

    name: str
    title: str
    referent: str
    weighed: bool
    samples: tuple[Sample, ...]


def elements_of(labels: list[str]) -> str:
    """The elements of the formulas, and oxygen: what somebody who mixed the powders would tell the analysis."""
    found = {symbol for label in labels for symbol in re.findall(r"[A-Z][a-z]?", label)}
    return " ".join(sorted(found | {"O"}))
