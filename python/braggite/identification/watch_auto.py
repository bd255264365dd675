"""Which phases could have formed in a sample: those of its elements, look-alikes counted once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from braggite.errors import LibraryError
from braggite.identification.confidence import prior_weight
from braggite.references.line_index import strongest_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from braggite.arrays import FloatArray
    from braggite.references import Phase, ReferenceLibrary

AUTO = "auto"
"""Stands for all phases that could have formed, where phases to watch are named."""
MOST = 60
"""Leaders of groups that are watched at most; the others are named."""
ALIKE = 0.9
"""Cosine of the square roots of two phases' lines from which they are alike."""
_STEP, _BLUR, _STRETCH = 2e-3, 6e-3, 0.01
"""Of ln(1/d): grid, width of a line, and the largest difference of the cells of look-alikes."""


@dataclass(frozen=True, slots=True)
class CouldForm:
    """Phases to watch, the look-alikes each stands for, and those left out of too many."""

    phases: tuple[Phase, ...]
    stands_for: dict[str, tuple[str, ...]]
    left_out: tuple[str, ...] = ()


def could_form(
    library: ReferenceLibrary, found: Sequence[Phase], range_angstrom: tuple[float, float], most_of_a_system: int
) -> CouldForm:
    """Compounds of the element system, in groups of look-alikes led by a phase found or the likeliest before the data.

    A library of at most ``most_of_a_system`` phases is taken to be the system; of a larger one it is what the elements
    of the phases found can form. Elements by themselves are left out unless found. ``range_angstrom`` are the smallest
    and the largest spacing measured.
    """
    if len(library) > most_of_a_system:
        if not found:
            return CouldForm((), {})
        library = library.filter(elements={element for phase in found for element in phase.elements})
    names = {phase.name for phase in found}
    compounds = [phase for phase in library if phase.name in names or len(phase.elements) > 1]
    drawn = _drawn(compounds, range_angstrom)
    order = sorted(drawn, key=lambda phase: (phase.name not in names, -prior_weight(phase), phase.name))
    groups = _groups([(phase, drawn[phase]) for phase in order])
    leaders = [group[0] for group in groups]
    return CouldForm(
        tuple(leaders[:MOST]),
        {group[0].name: tuple(sorted(phase.name for phase in group[1:])) for group in groups},
        tuple(phase.name for phase in leaders[MOST:]),
    )


def _groups(curves: Iterable[tuple[Phase, FloatArray]]) -> list[list[Phase]]:
    """Each phase joins the first group whose leader it resembles."""
    groups: list[list[Phase]] = []
    leaders: list[FloatArray] = []
    reach = round(_STRETCH / _STEP)
    for phase, curve in curves:
        shifted = np.array([np.roll(curve, shift) for shift in range(-reach, reach + 1)])
        likeness = np.max(shifted @ np.array(leaders).T, axis=0) if leaders else np.zeros(0)
        if np.any(likeness > ALIKE):
            groups[int(np.argmax(likeness > ALIKE))].append(phase)
        else:
            groups.append([phase])
            leaders.append(curve)
    return groups


def _drawn(phases: Collection[Phase], range_angstrom: tuple[float, float]) -> dict[Phase, FloatArray]:
    """Square roots of the intensities over ln(1/d), blurred, of norm one; phases without lines in the range are not."""
    shortest, longest = range_angstrom
    grid = np.arange(-np.log(longest) - _STRETCH, -np.log(shortest) + _STRETCH, _STEP)
    curves = {}
    for phase in phases:
        if phase.structure is None or not phase.structure.has_atoms:
            continue
        try:
            place, strength = strongest_lines(phase.structure)
        except LibraryError:
            continue
        # Lorentz and polarisation factors go about as d^2 up to moderate angles.
        weight = strength * np.exp(-2.0 * place)
        curve = np.sqrt(np.exp(-0.5 * ((grid[:, None] - place) / _BLUR) ** 2) @ weight)
        norm = float(np.linalg.norm(curve))
        if norm > 0.0:
            curves[phase] = curve / norm
    return curves
