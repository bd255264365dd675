"""What follows from the amounts of a series: phases, exchanges, the reaction, answers."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from braggite.formation.amounts import (
    Amount,
    amounts_of,
    appearance,
    disappearance,
    with_what_limits_leave_open,
)
from braggite.formation.answers import answer
from braggite.formation.conversion import Conversion, conversion, mole_changes, moles_per_reference
from braggite.formation.elements import reference_element
from braggite.formation.exchange import change_over, exchange, role
from braggite.formation.report import PhaseSeries, SeriesPoint
from braggite.formation.trends import trend
from braggite.references.formula import parse_formula
from braggite.values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from braggite.formation.answers import Answer
    from braggite.formation.exchange import Exchange
    from braggite.formation.look_alikes import Shared
    from braggite.formation.trends import Trend
    from braggite.formation.variable import Variable
    from braggite.references import Phase

LEAST_POINTS = 2
QUANTILE = 1.96
"""Standard uncertainties from which a change takes part in a reaction, two-sided 95 %."""
LEAST_SHARE = 0.05
"""Smaller relative changes of a phase do not make it take part, however small their uncertainty."""
NONE = Value(0.0, 0.0)


def phases_over(points: Sequence[SeriesPoint], shared: Shared, variable: Variable) -> tuple[PhaseSeries, ...]:
    """Every phase over the points: found ones by their largest amount, then those only watched."""
    members = [*shared.library, *shared.only_watched]
    values, reports = [point.value for point in points], [point.report for point in points]
    columns = [_doubted(amounts_of(phase.name, values, reports), phase, shared) for phase in members]
    found = len(shared.library)
    columns = [*(with_what_limits_leave_open(columns[:found]) if found else []), *columns[found:]]
    series = [_phase(phase, amounts, shared, variable) for phase, amounts in zip(members, columns, strict=True)]
    return tuple(sorted(series, key=lambda entry: (not entry.found, -_most(entry.amounts), entry.name)))


def _doubted(amounts: tuple[Amount, ...], phase: Phase, shared: Shared) -> tuple[Amount, ...]:
    """A phase that no scan shows on its own strength is possible at most: the series must not raise it to present."""
    if phase.name in shared.present:
        return amounts
    return tuple(replace(a, verdict="possible") if a.verdict == "present" else a for a in amounts)


def _phase(phase: Phase, amounts: tuple[Amount, ...], shared: Shared, variable: Variable) -> PhaseSeries:
    ordered = variable.ordered
    return PhaseSeries(
        name=phase.name,
        title=phase.title,
        formula=phase.formula,
        amounts=amounts,
        appearance=appearance(amounts) if ordered else None,
        disappearance=disappearance(amounts) if ordered else None,
        role=role(amounts) if ordered else "unknown",
        change=change_over(amounts) if ordered else None,
        cell_trends=_cell_trends(amounts) if ordered else {},
        stands_for=shared.stands_for.get(phase.name, ()),
        evidence_grade=phase.evidence_grade,
        caveat=phase.caveat,
    )


def _cell_trends(amounts: Sequence[Amount]) -> dict[str, Trend]:
    with_cell = [amount for amount in amounts if amount.cell and amount.verdict in ("present", "possible")]
    if len(with_cell) < LEAST_POINTS:
        return {}
    columns: dict[str, list[Value]] = {}
    for name in with_cell[0].cell or {}:
        column = [(amount.cell or {}).get(name, Value(math.nan)) for amount in with_cell]
        if not any(_equal(column, other) for other in columns.values()):
            columns[name] = column
    found = {name: trend([amount.value for amount in with_cell], column) for name, column in columns.items()}
    return {name: entry for name, entry in found.items() if entry is not None}


def _equal(column: Sequence[Value], other: Sequence[Value]) -> bool:
    """Whether one edge only repeats another, as b does a in a tetragonal cell."""
    return all(math.isclose(a.value, b.value, rel_tol=1e-9) for a, b in zip(column, other, strict=True))


def _most(amounts: Sequence[Amount]) -> float:
    return max((amount.weight_fraction.value for amount in amounts if amount.weight_fraction is not None), default=0.0)


def exchanges_among(phases: Sequence[PhaseSeries]) -> tuple[Exchange, ...]:
    """Pairs of phases that change for sure and go against each other, the one that gains first."""
    rising = [phase for phase in phases if phase.role in ("formed", "intermediate")]
    falling = [phase for phase in phases if phase.role in ("consumed", "intermediate")]
    pairs = ((up, down) for up in rising for down in falling if up is not down)
    found = (exchange((up.name, up.amounts), (down.name, down.amounts)) for up, down in pairs)
    return tuple(entry for entry in found if entry is not None)


def by_formula(phases: Sequence[PhaseSeries]) -> dict[str, tuple[Amount, ...]]:
    """Amounts by formula, of those whose composition is known; polymorphs are added up."""
    table: dict[str, tuple[Amount, ...]] = {}
    for phase in phases:
        if not phase.formula:
            continue
        before = table.get(phase.formula)
        table[phase.formula] = phase.amounts if before is None else tuple(map(_together, before, phase.amounts))
    return table


def _together(one: Amount, other: Amount) -> Amount:
    first, second = one.weight_fraction, other.weight_fraction
    if first is None or second is None:
        return other if first is None and second is not None else one
    total = Value(first.value + second.value, math.hypot(first.su or 0.0, second.su or 0.0))
    return replace(one, weight_fraction=total)


def reaction_of(phases: Sequence[PhaseSeries], start: Mapping[str, float] | None, gases: Sequence[str]) -> Conversion:
    """What went against what came, from the first point to the last, or from the starting mixture to the last.

    Amounts are compared in moles for each atom of an element that stays, so that what leaves as a gas, or a phase that
    looks on, does not count as a change.
    """
    table = by_formula([phase for phase in phases if phase.found])
    reference = reference_element([*table, *(start or {})], gases)
    if reference is None:
        return Conversion("no_reaction")
    first = _start_moles(start, reference) if start else _moles_at(0, table, reference)
    last = _moles_at(-1, table, reference)
    if first is None or last is None:
        return Conversion("no_reaction")
    changes = mole_changes(first, last)
    least = {
        formula: LEAST_SHARE * max(first.get(formula, NONE).value, last.get(formula, NONE).value) for formula in changes
    }
    consumed = [f for f, change in changes.items() if change.value < -max(QUANTILE * (change.su or 0.0), least[f])]
    formed = [f for f, change in changes.items() if change.value > max(QUANTILE * (change.su or 0.0), least[f])]
    return conversion(consumed, formed, gases, {formula: changes[formula] for formula in (*consumed, *formed)})


def _moles_at(end: int, table: Mapping[str, Sequence[Amount]], reference: str) -> dict[str, Value] | None:
    """Moles at the first (0) or last (-1) point that was measured."""
    known = [point for point in zip(*table.values(), strict=True) if any(a.verdict != "failed" for a in point)]
    return moles_per_reference(reference, dict(zip(table, known[end], strict=True))) if known else None


def _start_moles(start: Mapping[str, float], reference: str) -> dict[str, Value] | None:
    total = sum(moles * dict(parse_formula(formula)).get(reference, 0.0) for formula, moles in start.items())
    return {formula: Value(moles / total, 0.0) for formula, moles in start.items()} if total > 0.0 else None


def answers_to(
    watched: Sequence[Phase], phases: Sequence[PhaseSeries], variable: Variable, labels: Sequence[str]
) -> tuple[Answer, ...]:
    """A sentence for each watched phase in the order asked; without any, for each phase found."""
    by_name = {name: phase for phase in phases for name in (*phase.stands_for, phase.name)}
    asked = [by_name[phase.name] for phase in watched] or [phase for phase in phases if phase.found]
    once = {phase.name: phase for phase in asked}
    return tuple(answer(phase, variable, labels) for phase in once.values())
