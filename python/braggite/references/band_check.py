"""Are the bands of a phase believable? What reading a band cannot see: weak musts, doubles, contradictions, gaps."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from braggite.errors import LibraryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from braggite.references.bands import Band, BandReference
    from braggite.references.phase import Phase

_TOO_WEAK = ("w", "vw")


def band_problems(phase: Phase) -> Iterator[tuple[str, str]]:
    """(check, message) of everything wrong with the bands of a phase; see ``check_phase``."""
    if phase.structure is None and not any(reference.bands or reference.spectra for reference in phase.vibrations):
        yield "content", "neither a structure nor a band is known"
    for reference in phase.vibrations:
        for check, message in _of_one_technique(reference):
            yield check, f"{reference.technique}: {message}"


def _of_one_technique(reference: BandReference) -> Iterator[tuple[str, str]]:
    yield from _of_spectra(reference)
    if not (reference.bands or reference.spectra or reference.note):
        yield "bands", "no band, and no note that says why"
    covered = reference.covered_range_cm1
    for band in reference.bands:
        at = f"{band.position_cm1:g} 1/cm"
        if band.role == "must" and band.strength_class in _TOO_WEAK:
            yield "roles", f"the band at {at} must be seen but is {band.strength_class}"
        if band.role == "must" and band.confidence == "low":
            yield "roles", f"the band at {at} must be seen but its confidence is low"
        if covered is not None and not covered[0] <= band.position_cm1 <= covered[1]:
            yield "covered_range", f"the band at {at} lies outside the covered range [{covered[0]:g}, {covered[1]:g}]"
    for one, other in combinations(reference.bands, 2):
        if _overlap(one, other):
            at = f"{one.position_cm1:g} and {other.position_cm1:g} 1/cm"
            if "must_not" in (one.role, other.role):
                yield "roles", f"the bands at {at} overlap, and one of them must not be there"
            elif one.condition == other.condition:
                yield "duplicates", f"the bands at {at} lie within each other's range, under one condition"


def _of_spectra(reference: BandReference) -> Iterator[tuple[str, str]]:
    for entry in reference.spectra:
        try:
            x = entry.x_cm1
        except LibraryError as error:
            yield "spectra", f"{entry.file} {error.message}"
            continue
        if entry.covered_range_cm1 is not None:
            low, high = entry.covered_range_cm1
            if not x[0] <= low < high <= x[-1]:
                yield "covered_range", f"{entry.file} runs from {x[0]:g} to {x[-1]:g}, not from {low:g} to {high:g}"


def _overlap(one: Band, other: Band) -> bool:
    """Each lies within the range of the other, both as maxima or both as dips."""
    within = other.position_cm1 <= one.range_cm1[1] and one.position_cm1 >= other.range_cm1[0]
    return within and one.negative == other.negative
