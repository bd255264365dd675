"""The reaction of a series: its balance, and whether the measured amounts follow it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from braggite.formation.elements import formula_mass, scale_variances
from braggite.formation.reaction import MOST_SPECIES, Balance, balanced
from braggite.references.formula import parse_formula
from braggite.values import Value, finite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from braggite.arrays import FloatArray
    from braggite.formation.amounts import Amount

Status = Literal["balanced", "several", "not_balanced", "too_many", "no_reaction", "not_asked"]
MOST_COMBINED = 10
"""Elementary reactions among which measured amounts are shared out."""
AGREES_CHI2 = 4.0
"""Mean square of measured less balanced changes, over their uncertainties, up to which they are said to agree."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """What was turned into what.

    Attributes
    ----------
    status : "balanced", one reaction; "several", more than one elementary reaction takes part; "not_balanced",
        ``obstacles`` say why; "too_many" species to search; "no_reaction", nothing changed for sure; "not_asked", the
        mixture itself differs from point to point
    consumed, formed, gases : formulas; the gases are those that take part
    equations : elementary reactions
    extents : how far each went, per atom of the reference element; None where amounts do not tell
    chi2_reduced : measured changes against those of the reactions; None where as many reactions as changes
    agrees : whether the measured changes follow the reactions; None where it cannot be said
    obstacles : elements that do not balance, and the reason
    """

    status: Status
    consumed: tuple[str, ...] = ()
    formed: tuple[str, ...] = ()
    gases: tuple[str, ...] = ()
    equations: tuple[str, ...] = ()
    extents: tuple[Value | None, ...] = ()
    chi2_reduced: float | None = None
    agrees: bool | None = None
    obstacles: tuple[tuple[tuple[str, ...], str], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "status": self.status,
            "consumed": list(self.consumed),
            "formed": list(self.formed),
            "gases": list(self.gases),
            "equations": [
                {"equation": equation, "extent": None if extent is None else extent.to_dict()}
                for equation, extent in zip(self.equations, self.extents, strict=True)
            ],
            "chi2_reduced": finite(self.chi2_reduced),
            "agrees": self.agrees,
            "obstacles": [{"elements": list(elements), "reason": reason} for elements, reason in self.obstacles],
        }


def conversion(
    consumed: Sequence[str], formed: Sequence[str], gases: Sequence[str], changes: Mapping[str, Value]
) -> Conversion:
    """Balance the phases that went against those that came, and weigh the reactions by the measured changes.

    Parameters
    ----------
    consumed, formed
        Formulas.
    gases
        Formulas that may leave or enter.
    changes
        Formula -> change in moles per atom of the reference element, for those that are measured.
    """
    if not consumed or not formed:
        return Conversion("no_reaction", tuple(consumed), tuple(formed))
    if len(consumed) + len(formed) + len(gases) > MOST_SPECIES:
        return Conversion("too_many", tuple(consumed), tuple(formed))
    balance = balanced(consumed, formed, gases)
    if not balance.reactions:
        obstacles = tuple((obstacle.elements, obstacle.reason) for obstacle in balance.obstacles)
        return Conversion("not_balanced", tuple(consumed), tuple(formed), obstacles=obstacles)
    extents, chi2_reduced = _extents(balance, changes)
    return Conversion(
        status="balanced" if len(balance.reactions) == 1 else "several",
        consumed=tuple(consumed),
        formed=tuple(formed),
        gases=balance.gases,
        equations=tuple(reaction.equation for reaction in balance.reactions),
        extents=extents,
        chi2_reduced=chi2_reduced,
        agrees=None if chi2_reduced is None else chi2_reduced <= AGREES_CHI2,
    )


def _extents(balance: Balance, changes: Mapping[str, Value]) -> tuple[tuple[Value | None, ...], float | None]:
    """Extents of the reactions, none negative, by weighted least squares; chi-square per degree of freedom."""
    reactions = balance.reactions
    measured = [(formula, change) for formula, change in changes.items() if change.su]
    if not measured or len(reactions) > MOST_COMBINED:
        return (None,) * len(reactions), None
    weights = np.array([1.0 / (change.su or 1.0) for _, change in measured])
    design = np.array([[float(reaction.coefficient(formula)) for reaction in reactions] for formula, _ in measured])
    design *= weights[:, None]
    target = weights * np.array([change.value for _, change in measured])
    best = min(_on_supports(design, target), key=lambda fit: fit[2])
    chosen, solution, chi2 = best
    free = len(measured) - len(chosen)
    extents: list[Value | None] = [Value(0.0)] * len(reactions)
    covariance = np.linalg.pinv(design[:, chosen].T @ design[:, chosen]) if chosen else np.empty((0, 0))
    scale = max(1.0, chi2 / free) if free > 0 else 1.0
    for place, column in enumerate(chosen):
        extents[column] = Value(float(solution[place]), math.sqrt(scale * float(covariance[place, place])))
    if np.linalg.matrix_rank(design) < len(reactions):
        return (None,) * len(reactions), chi2 / free if free > 0 else None
    return tuple(extents), chi2 / free if free > 0 else None


def _on_supports(design: FloatArray, target: FloatArray) -> list[tuple[list[int], FloatArray, float]]:
    """Least squares on every set of reactions whose extents come out positive."""
    fits: list[tuple[list[int], FloatArray, float]] = [([], np.empty(0), float(target @ target))]
    for size in range(1, min(design.shape) + 1):
        for columns in combinations(range(design.shape[1]), size):
            chosen = list(columns)
            solution: FloatArray = np.linalg.lstsq(design[:, chosen], target, rcond=None)[0].astype(np.float64)
            if np.all(solution > 0.0):
                rest = target - design[:, chosen] @ solution
                fits.append((chosen, solution, float(rest @ rest)))
    return fits


def moles_per_reference(reference: str, phases: Mapping[str, Amount]) -> dict[str, Value] | None:
    """Formula -> moles for each mole of the reference element, at one point; a phase below detection has none.

    None where no phase found holds the reference element.
    """
    formulas = list(phases)
    estimates = [phases[formula].estimate for formula in formulas]
    fractions = np.array([0.0 if entry is None else entry.value for entry in estimates])
    sus = np.array([0.0 if entry is None else entry.su or 0.0 for entry in estimates])
    masses = np.array([formula_mass(formula) for formula in formulas])
    contents = np.array([dict(parse_formula(formula)).get(reference, 0.0) for formula in formulas]) / masses
    total = float(contents @ fractions)
    if not total > 0.0:
        return None
    variances = scale_variances(fractions, sus)
    moles = {}
    for place, formula in enumerate(formulas):
        if estimates[place] is None:
            continue
        amount = fractions[place] / masses[place] / total
        if fractions[place] > 0.0:
            shares = -amount * contents * fractions / total
            shares[place] += amount
            su = math.sqrt(float(shares**2 @ variances))
        else:
            su = sus[place] / masses[place] / total
        moles[formula] = Value(amount, su)
    return moles


def mole_changes(first: Mapping[str, Value], last: Mapping[str, Value]) -> dict[str, Value]:
    """Last less first, for the formulas that either knows; what one of them lacks is zero there, and sure."""
    nothing = Value(0.0, 0.0)
    changes = {}
    for formula in [*first, *(formula for formula in last if formula not in first)]:
        before, after = first.get(formula, nothing), last.get(formula, nothing)
        changes[formula] = Value(after.value - before.value, math.hypot(after.su or 0.0, before.su or 0.0))
    return changes
