"""Isotropic displacement factors in a match: held, moved together, or one for each element of a phase."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from braggite.diagnostics import Diagnostic
from braggite.matching.phases import structure_of
from braggite.references.powder_lines import compiled_structure
from braggite.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite import _core
    from braggite.matching.options import MatchOptions
    from braggite.matching.results import MatchResult, PhaseFit
    from braggite.references.phase import Phase
    from braggite.references.structure import Site, Structure

RELATIVE_SD = 0.5
"""Standard deviation of B of an element at least, as a share of the reference's: refinements of one compound agree no
better where B is large, as of lithium (0.6 to 2.5 angstrom^2 in oxides) or hydrogen (1.5 to 5)."""
UNTOLD = math.sqrt(0.5)
"""Uncertainty in standard deviations of what was known before from which the data say less than that."""


def elements(structure: Structure) -> tuple[str, ...]:
    """The elements of a structure in the order of its sites; deuterium stands apart from hydrogen."""
    return tuple(dict.fromkeys(site.element for site in structure.sites))


def known_before(structure: Structure, least_sd_angstrom2: float) -> list[tuple[float, float]]:
    """Mean over the atoms of each element in the reference and standard deviation of B in angstrom^2."""
    sites = list(zip(structure.sites, structure.multiplicities, strict=True))
    means = []
    for element in elements(structure):
        own = [(site, count * max(site.occupancy, 1e-9)) for site, count in sites if site.element == element]
        means.append(sum(n * site.b_iso_used_angstrom2 for site, n in own) / sum(n for _, n in own))
    return [(mean, max(least_sd_angstrom2, RELATIVE_SD * mean)) for mean in means]


def by_element(
    view: _core.MatchPhase, phase: Phase, wavelength_angstrom: float, options: MatchOptions
) -> _core.MatchPhase:
    """The engine's view of a phase with a B for each element, where the options say so."""
    if options.displacement_factors != "elements":
        return view
    structure = structure_of(phase)
    order = elements(structure)
    return view.displaced(
        compiled_structure(structure, wavelength_angstrom),
        [order.index(site.element) for site in structure.sites],
        known_before(structure, options.delta_b_sd_angstrom2),
    )


def parameter_name(phase: Phase, group: int) -> str:
    """``licoo2.b_iso_o_angstrom2`` of the element in place ``group``."""
    return f"{phase.name}.{_kind(elements(structure_of(phase))[group])}"


def _kind(element: str) -> str:
    return f"b_iso_{element.lower()}_angstrom2"


def untold(core: _core.PatternMatchView, phases: Sequence[Phase], options: MatchOptions) -> tuple[Diagnostic, ...]:
    """Diagnostics that name the elements of whose B the data say less than was known before."""
    if options.displacement_factors != "elements":
        return ()
    notes = []
    for index, phase in enumerate(phases):
        prior = dict(enumerate(known_before(structure_of(phase), options.delta_b_sd_angstrom2)))
        names = [
            elements(structure_of(phase))[group]
            for kind, of, group, _, su, _, _ in core.parameters
            if kind == "b_iso_angstrom2" and of == index and group is not None
            if su is None or su > UNTOLD * prior[group][1]
        ]
        if names:
            detail = f"B of {', '.join(names)} in {phase.name} rests on the reference: the data say less of it"
            notes.append(Diagnostic.of("displacement_factors_assumed", where=phase.name, value=names, detail=detail))
    return tuple(notes)


def refined_b(result: MatchResult, phase: PhaseFit, site: Site) -> Value | None:
    """B of a site as the match refined it, in angstrom^2; None where it did not."""
    own = result.parameter(_kind(site.element), phase)
    if own is not None:
        return own.value
    change = result.parameter("delta_b_angstrom2", phase)
    return None if change is None else Value(site.b_iso_used_angstrom2 + change.value.value, change.value.su)
