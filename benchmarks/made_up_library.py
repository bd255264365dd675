"""Libraries of any size for tests of search: shipped structures with other elements, other cells and shifted atoms."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

import braggite as bg
from braggite.references import Cell, Phase, Site, Structure
from braggite.references.formula import parse_formula, write_formula
from braggite.references.structure import SAME_POSITION_ANGSTROM
from braggite.references.symmetry import site_multiplicity

if TYPE_CHECKING:
    from collections.abc import Iterator

EXCHANGED = (
    "Li Na K Rb Cs Ag", "Mg Ca Sr Ba Zn Cd Mn Fe Co Ni Cu", "Al Ga In Sc Y Cr Bi La Ce Nd Sm Gd Dy Yb",
    "Ti Zr Hf Sn Si Ge", "Nb Ta V Sb", "W Mo", "F Cl Br I", "S Se Te", "P As",
)  # fmt: skip
"""Elements that stand in for each other."""
EXCHANGE = 0.5
"""Share of the elements of a structure that are exchanged."""
VOLUME_SD, AXIS_SD = 0.03, 0.01
"""Standard deviations of the logarithms of lengths: of all together, and of each that symmetry leaves free."""
ATOM_SD_ANGSTROM = 0.03


def made_up_phases(count: int, seed: int = 20260115) -> Iterator[Phase]:
    """So many phases, the same for the same seed; none is a phase that exists."""
    rng = np.random.default_rng(seed)
    prototypes = [phase for phase in bg.ReferenceLibrary.default() if phase.structure and phase.structure.has_atoms]
    for number in range(count):
        prototype = prototypes[rng.integers(len(prototypes))]
        yield _made_up(prototype, f"made-up-{number:06d}", rng)


def _made_up(prototype: Phase, name: str, rng: np.random.Generator) -> Phase:
    structure = prototype.structure
    assert structure is not None
    exchanged = _exchange(sorted(prototype.elements), rng)
    cell = _other_cell(structure, rng)
    sites = tuple(
        replace(
            site,
            element=exchanged[site.element],
            charge=None,
            label=f"{exchanged[site.element]}{index}",
            **_moved(site, structure, cell, rng),
        )
        for index, site in enumerate(structure.sites, start=1)
    )
    formula = write_formula({exchanged[symbol]: amount for symbol, amount in parse_formula(prototype.formula)})
    return Phase(
        name=name,
        title=f"{formula} after {prototype.name}",
        formula=formula,
        structure=replace(structure, cell=cell, sites=sites),
    )


def _exchange(elements: list[str], rng: np.random.Generator) -> dict[str, str]:
    new: dict[str, str] = {}
    for symbol in elements:
        alike = next((row.split() for row in EXCHANGED if symbol in row.split()), [symbol])
        free = [other for other in alike if other not in new.values() and (other == symbol or other not in elements)]
        new[symbol] = free[rng.integers(len(free))] if free and rng.random() < EXCHANGE else symbol
    return new


def _other_cell(structure: Structure, rng: np.random.Generator) -> Cell:
    factors = np.exp(rng.normal(0.0, VOLUME_SD) + rng.normal(0.0, AXIS_SD, 3))
    match structure.crystal_system:
        case "cubic":
            factors[:] = factors[0]
        case "tetragonal" | "trigonal" | "hexagonal":
            factors[1] = factors[0]
    parameters = structure.cell.parameters
    return Cell(*(float(f * p) for f, p in zip(factors, parameters[:3], strict=True)), *parameters[3:])


def _moved(site: Site, structure: Structure, cell: Cell, rng: np.random.Generator) -> dict[str, float]:
    """Coordinates a little elsewhere; atoms that symmetry holds in place stay."""
    shift = rng.normal(0.0, ATOM_SD_ANGSTROM, 3) / cell.parameters[:3]
    position = tuple(float(x + dx) for x, dx in zip(site.position, shift, strict=True))
    held = [
        site_multiplicity(place, structure.hall, cell.metric_tensor, SAME_POSITION_ANGSTROM)
        for place in (site.position, position)
    ]
    return dict(zip("xyz", position if held[0] == held[1] else site.position, strict=True))
