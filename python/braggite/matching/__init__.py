"""Whole-pattern matching: the engine's Python face."""

from __future__ import annotations

from braggite.matching.options import MatchOptions
from braggite.matching.results import MatchResult
from braggite.matching.structure import match_structure

__all__ = ["MatchOptions", "MatchResult", "match_structure"]
