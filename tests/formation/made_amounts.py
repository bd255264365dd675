"""Amounts of a phase over made-up points."""

from __future__ import annotations

from braggite.formation.amounts import Amount
from braggite.identification.report import UpperLimit
from braggite.values import Value

FAILED = "failed"


def amounts(*entries):
    """Floats are amounts good to 0.002, ("<", limit) not detected, ("?", amount) possible, FAILED no scan."""
    return tuple(_amount(float(i), entry) for i, entry in enumerate(entries))


def _amount(value, entry):
    match entry:
        case "failed":
            return Amount(value, "failed")
        case ("<", limit):
            return Amount(value, "not_detected", 0.0, None, UpperLimit(limit))
        case ("?", fraction):
            return Amount(value, "possible", 0.8, Value(fraction, 0.002), UpperLimit(fraction + 0.0033))
        case fraction:
            return Amount(value, "present", 0.99, Value(fraction, 0.002), UpperLimit(fraction + 0.0033))


def no(limit=0.005):
    """Not detected."""
    return ("<", limit)
