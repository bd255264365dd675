"""From evidence to confidence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from braggite.matching.phases import structure_of

if TYPE_CHECKING:
    from braggite.identification.line_account import LineAccount
    from braggite.references.phase import Phase
    from braggite.values import Value

EXPECTED_PHASES = 3.0
"""Phases a sample holds on average, before it is seen."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A reason for doubt that the likelihood does not know of, and the most confidence it leaves."""

    reason: str
    ceiling: float


_GRADE_WEIGHT = {"A": 0.0, "B": 0.0, "C": -0.5, "D": -1.0, "E": -1.5}
"""Natural logarithm: a doubtful reference matches by chance more easily than a measured one."""
_ROOM_TEMPERATURE_K = 295.0
_AMBIENT_SPAN_K = 60.0
_NOT_AMBIENT_WEIGHT = -2.0
"""A form that exists, or was measured, well below or above room temperature is seldom the one in a scan taken there."""


def prior_weight(phase: Phase) -> float:
    """Natural logarithm of the probability of a phase relative to other candidates, before the data."""
    structure = structure_of(phase)
    weight = _GRADE_WEIGHT[structure.evidence_grade]
    if structure.stable_range_k is not None:
        low, high = structure.stable_range_k
        ambient = low <= _ROOM_TEMPERATURE_K <= high
    else:
        temperature = structure.temperature_k
        ambient = temperature is None or abs(temperature - _ROOM_TEMPERATURE_K) <= _AMBIENT_SPAN_K
    return weight if ambient else weight + _NOT_AMBIENT_WEIGHT


def prior_log_odds(n_candidates: int) -> float:
    """Logarithm of the odds of one candidate before the data: a few phases among all candidates."""
    share = min(EXPECTED_PHASES / max(n_candidates, 1), 0.5)
    return math.log(share / (1.0 - share))


def confidence(log_evidence: float, n_candidates: int, gates: list[Gate]) -> float:
    """Posterior probability from the log Bayes factor and the prior odds, under the ceilings of the gates."""
    log_odds = max(-700.0, min(700.0, log_evidence + prior_log_odds(n_candidates)))
    probability = 1.0 / (1.0 + math.exp(-log_odds))
    return min([probability, *(gate.ceiling for gate in gates)])


_ENOUGH_LINES = 4
"""So many clear lines speak for a phase even where the rest of the pattern is not understood."""
_FEW_LINES_CEILING = (0.4, 0.9)
"""Most confidence in a phase that shows no clear line of its own, or a single one."""


def gates(
    account: LineAccount,
    *,
    signal_share: float,
    explained_share: float,
    weight_fraction: Value,
    at_cell_bound: bool,
) -> list[Gate]:
    """Doubts about one phase of a match.

    Parameters
    ----------
    account
        Its clear lines.
    signal_share
        Share of the net calculated signal that is its own.
    explained_share
        Share of the observed net signal that the whole match explains.
    weight_fraction
        Its weight fraction, with its standard uncertainty.
    at_cell_bound
        Whether its cell ran to the end of its tolerance.
    """
    doubts = []
    clear = len(account.matched) + len(account.missing) + len(account.wrong_intensity)
    good = len(account.matched)
    if good < len(_FEW_LINES_CEILING):
        doubts.append(Gate(f"{good} clear lines of its own", _FEW_LINES_CEILING[good]))
    if clear and good < 0.5 * clear:
        doubts.append(Gate(f"only {good} of {clear} clear lines agree", 0.9 * (0.4 + good / clear)))
    if good < _ENOUGH_LINES and not (weight_fraction.su is not None and weight_fraction.value > 2 * weight_fraction.su):
        doubts.append(Gate(f"{good} lines, and the amount {weight_fraction} is not above its uncertainty", 0.4))
    if good < _ENOUGH_LINES and explained_share < 0.5:
        doubts.append(Gate(f"{good} lines, while most of the signal is left over", 0.4))
    if at_cell_bound:
        doubts.append(Gate("the cell ran to the end of its tolerance", 0.8))
    if signal_share < 0.002:
        doubts.append(Gate(f"carries only {100 * signal_share:.2f} % of the signal", 0.8))
    if weight_fraction.value > 0.05 and signal_share < 0.1 * weight_fraction.value:
        doubts.append(Gate("large amount resting on little signal", 0.8))
    return doubts
