"""Formation: phases over a series of scans, what formed from what, and whether it balances."""

from __future__ import annotations

from braggite.formation.report import PhaseSeries, SeriesPoint, SeriesReport
from braggite.formation.series import series
from braggite.formation.variable import Variable

__all__ = ["PhaseSeries", "SeriesPoint", "SeriesReport", "Variable", "series"]
