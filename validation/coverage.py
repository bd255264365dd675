"""Whether stated uncertainties are true: matches of known phases against the simulator's weight fractions and cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import braggite as bg
from validation.references import library

if TYPE_CHECKING:
    from validation.samples import Sample, TruePhase

QUANTITIES = {"weight_fraction": "weight fraction", "volume": "volume of the cell"}
NOMINAL = {1: 0.683, 2: 0.954, 3: 0.997}
WORTH_A_CELL = 0.02
"""Weight fraction from which a phase's own cell is scored: below, its prior speaks and not its lines."""


def deviations(sample: Sample) -> dict[str, list[float]]:
    """Deviations from the truth in stated uncertainties when the phases are given; nothing where the truth is unknown.

    Fractions sum to one, so each scan's largest, which the others determine, is left out.
    """
    z: dict[str, list[float]] = {quantity: [] for quantity in QUANTITIES}
    if any(phase.relative_volume is None for phase in sample.phases):
        return z
    references = [library()[phase.label] for phase in sample.phases]
    fits = bg.match_structure(bg.read(sample.path), references).phases
    largest = max(sample.phases, key=lambda phase: phase.weight_fraction)
    for truth, reference, fit in zip(sample.phases, references, fits, strict=True):
        fraction = fit.weight_fraction
        if truth is not largest and fraction is not None and fraction.su:
            z["weight_fraction"].append((fraction.value - truth.weight_fraction) / fraction.su)
        volume = fit.cell["volume_angstrom3"]
        if truth.weight_fraction >= WORTH_A_CELL and volume.su:
            z["volume"].append((volume.value - _volume(truth, reference)) / volume.su)
    return z


def _volume(truth: TruePhase, reference: bg.Phase) -> float:
    assert reference.structure is not None
    assert truth.relative_volume is not None
    return reference.structure.cell.volume_angstrom3 * truth.relative_volume


def summary(rows: list[dict[str, list[float]]]) -> list[dict[str, Any]]:
    """Per quantity: how many, the share within 1, 2 and 3 uncertainties, the largest deviation."""
    found = []
    for quantity, name in QUANTITIES.items():
        z = [abs(value) for row in rows for value in row[quantity]]
        within = {f"within_{k}_su": sum(v <= k for v in z) / len(z) if z else None for k in NOMINAL}
        found.append({"quantity": name, "n": len(z), **within, "largest": max(z, default=None)})
    return found
