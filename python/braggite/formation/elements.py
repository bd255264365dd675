"""Do the elements add up over a series? Lithium that leaves is seen here, if it is more than what may hide."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.formation.trends import trend
from braggite.references.elements import atomic_weight
from braggite.references.formula import parse_formula
from braggite.values import Value, finite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from braggite.arrays import FloatArray
    from braggite.formation.amounts import Amount

ROUNDING = 1e-9
LEVEL_SU = 1.96
"""Standard uncertainties from which a change counts, two-sided 95 %."""


@dataclass(frozen=True, slots=True)
class ElementBalance:
    """One element against a reference element that stays, over the phases found.

    Attributes
    ----------
    ratios : atoms of the element per atom of the reference at each point; None where it is not known
    start : the same in the starting mixture, or at the first point
    change : last point over start, less one; its uncertainty is widened for the scatter of the ratios about their trend
    hidden : the most that phases below detection could add to the last ratio, as a share of the start
    verdict : "kept", "lost" or "gained" beyond uncertainty and what may hide; "hidden": what may hide could make up
        for the change; "unknown"
    """

    element: str
    reference: str
    ratios: tuple[Value | None, ...]
    start: Value | None
    change: Value | None
    hidden: float | None
    verdict: str

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "element": self.element,
            "reference": self.reference,
            "ratios": [None if ratio is None else ratio.to_dict() for ratio in self.ratios],
            "start": None if self.start is None else self.start.to_dict(),
            "change": None if self.change is None else self.change.to_dict(),
            "hidden": finite(self.hidden),
            "verdict": self.verdict,
        }


def formula_mass(formula: str) -> float:
    """Mass of one formula unit in amu."""
    return sum(atomic_weight(symbol) * amount for symbol, amount in parse_formula(formula))


def reference_element(formulas: Sequence[str], gases: Sequence[str]) -> str | None:
    """The heaviest element that no gas can carry away and most phases hold; None where every element can leave."""
    leaving = {symbol for gas in gases for symbol, _ in parse_formula(gas)} | {"O", "H", "C", "N", "Li", "Na", "K"}
    counts: dict[str, int] = {}
    for formula in formulas:
        for symbol, _ in parse_formula(formula):
            if symbol not in leaving:
                counts[symbol] = counts.get(symbol, 0) + 1
    return max(counts, key=lambda symbol: (counts[symbol], atomic_weight(symbol))) if counts else None


def element_balances(
    phases: Mapping[str, Sequence[Amount]],
    gases: Sequence[str],
    start: Mapping[str, float] | None,
) -> tuple[ElementBalance, ...]:
    """Every element but oxygen, hydrogen and carbon, which air gives and takes.

    Parameters
    ----------
    phases
        Formula -> amounts at every point, in the order of the variable.
    gases
        What may leave.
    start
        Moles of the formulas of the starting mixture; None: the first point stands for it.
    """
    if not phases:
        return ()
    reference = reference_element([*phases, *(start or {})], gases)
    if reference is None:
        return ()
    elements = {symbol for formula in [*phases, *(start or {})] for symbol, _ in parse_formula(formula)}
    kept = sorted(elements - {reference, "O", "H", "C"})
    return tuple(_balance(element, reference, phases, start) for element in kept)


def _balance(
    element: str, reference: str, phases: Mapping[str, Sequence[Amount]], start: Mapping[str, float] | None
) -> ElementBalance:
    points = list(zip(*phases.values(), strict=True))
    formulas = list(phases)
    ratios = tuple(_ratio(element, reference, formulas, point) for point in points)
    known = [(ratio, point) for ratio, point in zip(ratios, points, strict=True) if ratio is not None]
    begun = _start_ratio(element, reference, start) if start else (known[0][0] if len(known) > 1 else None)
    if not known or begun is None or not begun.value > 0.0:
        return ElementBalance(element, reference, ratios, begun, None, None, "unknown")
    last, point = known[-1]
    relative = math.hypot((last.su or 0.0) / begun.value, last.value * (begun.su or 0.0) / begun.value**2)
    relative *= _scatter([amount.value for amount in next(iter(phases.values()))], ratios)
    change = Value(round(last.value / begun.value - 1.0, 12), relative)
    hidden = _hidden(element, reference, formulas, point) / begun.value
    return ElementBalance(element, reference, ratios, begun, change, hidden, _verdict(change, hidden))


def _scatter(values: Sequence[float], ratios: Sequence[Value | None]) -> float:
    """How much more the ratios scatter about their own trend than their uncertainties say; 1 where they do not."""
    known = [(x, ratio) for x, ratio in zip(values, ratios, strict=True) if ratio is not None]
    found = trend([x for x, _ in known], [ratio for _, ratio in known])
    return math.sqrt(max(1.0, found.chi2_reduced or 1.0)) if found is not None else 1.0


def _verdict(change: Value, hidden: float) -> str:
    reach = max(LEVEL_SU * (change.su or 0.0), ROUNDING)
    if abs(change.value) <= reach:
        return "kept"
    if change.value > 0.0:
        return "gained"
    return "hidden" if change.value + hidden >= -reach else "lost"


def _start_ratio(element: str, reference: str, start: Mapping[str, float]) -> Value | None:
    totals = {element: 0.0, reference: 0.0}
    for formula, moles in start.items():
        atoms = dict(parse_formula(formula))
        for symbol in totals:
            totals[symbol] += moles * atoms.get(symbol, 0.0)
    return Value(totals[element] / totals[reference], 0.0) if totals[reference] > 0.0 else None


def _contents(element: str, formulas: Sequence[str]) -> FloatArray:
    """(n,) moles of the element in a gram of each phase."""
    return np.array([dict(parse_formula(formula)).get(element, 0.0) / formula_mass(formula) for formula in formulas])


def _ratio(element: str, reference: str, formulas: Sequence[str], point: Sequence[Amount]) -> Value | None:
    """Atoms of the element per atom of the reference in the phases found."""
    fractions = np.array([a.weight_fraction.value if a.weight_fraction else 0.0 for a in point])
    sus = np.array([(a.weight_fraction.su or 0.0) if a.weight_fraction else 0.0 for a in point])
    upper, lower = _contents(element, formulas), _contents(reference, formulas)
    total = float(lower @ fractions)
    if not total > 0.0:
        return None
    ratio = float(upper @ fractions) / total
    sensitivity = (upper - ratio * lower) * fractions / total
    return Value(ratio, math.sqrt(float(sensitivity**2 @ scale_variances(fractions, sus))))


def scale_variances(fractions: FloatArray, sus: FloatArray) -> FloatArray:
    """(n,) relative variances of independent scales whose shares ``fractions`` have the uncertainties ``sus``.

    Shares add up to one, so their errors do not stand alone: from w_i = s_i / S follows
    su_i² = w_i² ((1 - w_i)² r_i + sum over the others of w_j² r_j), a linear system for the relative variances r.
    """
    result = np.zeros_like(fractions)
    taking_part = np.flatnonzero(fractions > 0.0)
    w, su = fractions[taking_part], sus[taking_part]
    if w.size < 2:
        return result
    system = np.tile(w**2, (w.size, 1))
    np.fill_diagonal(system, (1.0 - w) ** 2)
    solution = np.linalg.lstsq(system, (su / w) ** 2, rcond=1e-9)[0]
    result[taking_part] = np.maximum(solution, 0.0)
    return result


def _hidden(element: str, reference: str, formulas: Sequence[str], point: Sequence[Amount]) -> float:
    """What phases at their upper limits would add to the ratio."""
    limits = np.array(
        [a.upper_limit.value if a.weight_fraction is None and a.upper_limit is not None else 0.0 for a in point]
    )
    fractions = np.array([a.weight_fraction.value if a.weight_fraction else 0.0 for a in point])
    total = float(_contents(reference, formulas) @ fractions)
    return float(_contents(element, formulas) @ np.clip(limits, 0.0, 1.0)) / total
