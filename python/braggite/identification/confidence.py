"""From evidence to confidence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from braggite.identification.line_account import LineAccount

EXPECTED_PHASES = 3.0
"""Phases a sample holds on average, before it is seen."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A reason for doubt that the likelihood does not know of, and the most confidence it leaves."""

    reason: str
    ceiling: float


def prior_log_odds(n_candidates: int) -> float:
    """Logarithm of the odds of one candidate before the data: a few phases among all candidates."""
    share = min(EXPECTED_PHASES / max(n_candidates, 1), 0.5)
    return math.log(share / (1.0 - share))


def confidence(log_evidence: float, n_candidates: int, gates: list[Gate]) -> float:
    """Posterior probability from the log Bayes factor and the prior odds, under the ceilings of the gates."""
    log_odds = max(-700.0, min(700.0, log_evidence + prior_log_odds(n_candidates)))
    probability = 1.0 / (1.0 + math.exp(-log_odds))
    return min([probability, *(gate.ceiling for gate in gates)])


def gates(account: LineAccount, *, signal_share: float, weight_fraction: float, at_cell_bound: bool) -> list[Gate]:
    """Doubts about one phase of a match.

    Parameters
    ----------
    account
        Its clear lines.
    signal_share
        Share of the net calculated signal that is its own.
    weight_fraction
        Its weight fraction.
    at_cell_bound
        Whether its cell ran to the end of its tolerance.
    """
    doubts = []
    clear = len(account.matched) + len(account.missing) + len(account.wrong_intensity)
    good = len(account.matched)
    if clear and good < 0.5 * clear:
        doubts.append(Gate(f"only {good} of {clear} clear lines agree", 0.9 * (0.4 + good / clear)))
    if at_cell_bound:
        doubts.append(Gate("the cell ran to the end of its tolerance", 0.8))
    if signal_share < 0.002:
        doubts.append(Gate(f"carries only {100 * signal_share:.2f} % of the signal", 0.8))
    if weight_fraction > 0.05 and signal_share < 0.1 * weight_fraction:
        doubts.append(Gate("large amount resting on little signal", 0.8))
    return doubts
