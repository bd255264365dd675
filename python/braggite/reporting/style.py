"""One look for every plot and page: colours that the colour-blind can tell apart, and a marker beside each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from braggite.values import format_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.identification.report import PhaseEvidence
    from braggite.matching.fit import FittedPhase

OBSERVED = "#000000"
CALCULATED = "#D55E00"
BACKGROUND = "#6e6e6e"
DIFFERENCE = "#333333"


@dataclass(frozen=True, slots=True)
class PhaseStyle:
    """How one phase is drawn: colours on light and dark paper (Okabe & Ito 2008), and its row's marker."""

    color: str
    dark_color: str
    marker: str
    symbol: str


PHASE_STYLES = (
    PhaseStyle("#0072B2", "#5aaede", "|", "❘"),
    PhaseStyle("#009E73", "#2fc79a", "^", "▲"),
    PhaseStyle("#CC79A7", "#dd9cc0", "D", "◆"),
    PhaseStyle("#B87900", "#E69F00", "s", "■"),
    PhaseStyle("#1f83b8", "#7fc6f0", "o", "●"),
    PhaseStyle("#8a7f00", "#F0E442", "v", "▼"),
    PhaseStyle("#7a3b00", "#f08a4b", "P", "✚"),
    PhaseStyle("#444444", "#bbbbbb", "X", "✖"),
)


def phase_style(index: int) -> PhaseStyle:
    """The look of the phase in row ``index``; looks repeat after eight."""
    return PHASE_STYLES[index % len(PHASE_STYLES)]


def amount_percent(phase: FittedPhase | PhaseEvidence) -> str:
    """``12.3(4) wt%`` or ``12.3(4) % of the bands``; an empty string where no fraction was estimated."""
    for fraction, unit in ((phase.weight_fraction, "wt%"), (phase.band_fraction, "% of the bands")):
        if fraction is not None:
            su = None if fraction.su is None else 100 * fraction.su
            return f"{format_percent(100 * fraction.value, su)} {unit}"
    return ""


def format_percent(percent: float, su: float | None) -> str:
    """A percentage: with its uncertainty as ``12.3(4)``, with two decimals where none is known."""
    return format_value(percent, su) if su else f"{percent:.2f}"


def thinned(indices: Sequence[int], limit: int) -> list[int]:
    """At most ``limit`` of ``indices``, evenly spread, first and last kept."""
    if len(indices) <= limit:
        return list(indices)
    step = (len(indices) - 1) / (limit - 1)
    return [indices[round(i * step)] for i in range(limit)]
