"""A match as parameters of lmfit; lmfit is imported only when asked for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lmfit import Parameters

from braggite.matching.lmfit_parameters import correlate, identifiers
from braggite.matching.results import CELL_NAMES
from braggite.values import Value, finite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from braggite.matching.results import FitParameter, MatchResult, PhaseFit

VOLUME = (
    "{a}*{b}*{c}*sqrt(1 - cos({al}*pi/180)**2 - cos({be}*pi/180)**2 - cos({ga}*pi/180)**2"
    " + 2*cos({al}*pi/180)*cos({be}*pi/180)*cos({ga}*pi/180))"
)


def match_parameters(result: MatchResult) -> Parameters:
    """Refined numbers, then cells and weight fractions as expressions of them, then free intensities.

    ``stderr`` is ``Value.su``, ``correl`` that of ``result.correlation``. A number varies when it has an uncertainty.
    What follows from the others is an expression where the result says how, else a number that does not vary.
    """
    kinds = [*CELL_NAMES, "volume_angstrom3", "weight_fraction"]
    derived = [f"{phase.name}.{kind}" for phase in result.phases for kind in kinds]
    intensities = {
        f"{phase.name}.intensity_{_indices(hkl)}": (phase, row)
        for phase in result.phases
        if phase.reflections.intensity_su is not None
        for row, hkl in enumerate(phase.reflections.hkl.tolist())
    }
    names = identifiers([*result.parameters, *derived, *intensities])
    parameters = Parameters()
    for name, entry in result.parameters.items():
        _add_refined(parameters, names[name], entry)
    for phase in result.phases:
        _add_cell(parameters, names, result, phase)
    _add_fractions(parameters, names, result)
    for name, (phase, row) in intensities.items():
        su = phase.reflections.intensity_su
        value = Value(float(phase.reflections.intensity[row]), None if su is None else finite(su[row]))
        _add_number(parameters, names[name], value, vary=value.su is not None)
    if result.correlation is not None:
        free = {names[name]: row for row, name in enumerate(result.parameters) if parameters[names[name]].vary}
        correlate(parameters, free, result.correlation)
    return parameters


def _indices(hkl: list[int]) -> str:
    return "_".join(f"m{-index}" if index < 0 else str(index) for index in hkl)


def _add_refined(parameters: Parameters, name: str, entry: FitParameter) -> None:
    bounds = {"min": entry.lower, "max": entry.upper} if entry.lower < entry.upper else {}
    _add_number(parameters, name, entry.value, vary=_known(entry.value.su), **bounds)


def _add_number(parameters: Parameters, name: str, value: Value, *, vary: bool = False, **bounds: float) -> None:
    parameters.add(name, value=value.value, vary=vary, **bounds)
    parameters[name].stderr = value.su if _known(value.su) else None


def _add_expression(parameters: Parameters, name: str, expression: str, su: float | None) -> None:
    parameters.add(name, expr=expression)
    parameters[name].stderr = su


def _known(su: float | None) -> bool:
    return su is not None and math.isfinite(su)


def _add_cell(parameters: Parameters, names: Mapping[str, str], result: MatchResult, phase: PhaseFit) -> None:
    structure = None if phase.reference is None else phase.reference.structure
    moved_by = {
        member: names[f"{phase.name}.cell_change_{number}"]
        for number, group in enumerate(phase.cell_groups, start=1)
        if result.parameter(f"cell_change_{number}", phase) is not None
        for member in group
    }
    for member in (name for name in CELL_NAMES if name in phase.cell):
        name, value = names[f"{phase.name}.{member}"], phase.cell[member]
        if structure is None or member not in moved_by:
            _add_number(parameters, name, value)
            continue
        reference = getattr(structure.cell, member)
        change = moved_by[member]
        expression = f"{reference!r}*(1 + {change})" if member.endswith("angstrom") else f"{reference!r} + {change}"
        _add_expression(parameters, name, expression, value.su)
    if all(name in phase.cell for name in (*CELL_NAMES, "volume_angstrom3")):
        own = [names[f"{phase.name}.{member}"] for member in CELL_NAMES]
        volume = phase.cell["volume_angstrom3"]
        if any(member in moved_by for member in CELL_NAMES[3:]):
            expression = VOLUME.format(**dict(zip(("a", "b", "c", "al", "be", "ga"), own, strict=True)))
        else:
            edges = math.prod(phase.cell[member].value for member in CELL_NAMES[:3])
            expression = "*".join([repr(volume.value / edges), *own[:3]])
        _add_expression(parameters, names[f"{phase.name}.volume_angstrom3"], expression, volume.su)


def _add_fractions(parameters: Parameters, names: Mapping[str, str], result: MatchResult) -> None:
    """w = k s / sum of k s, where the fractions are those of all phases and every scale is above zero."""
    known = [(phase, phase.weight_fraction) for phase in result.phases if phase.weight_fraction is not None]
    scales = [result.parameter("scale", phase) for phase, _ in known]
    whole = len(known) == len(result.phases) and math.isclose(sum(w.value for _, w in known), 1.0, rel_tol=1e-9)
    terms = [
        f"{w.value / scale.value.value!r}*{names[f'{phase.name}.scale']}"
        for (phase, w), scale in zip(known, scales, strict=True)
        if scale is not None and scale.value.value > 0.0
    ]
    for i, (phase, fraction) in enumerate(known):
        name = names[f"{phase.name}.weight_fraction"]
        if whole and len(terms) == len(known):
            _add_expression(parameters, name, f"{terms[i]}/({' + '.join(terms)})", fraction.su)
        else:
            _add_number(parameters, name, fraction)
