"""The tables by name, where their results are kept, and those that the slice measures anew."""

from __future__ import annotations

import importlib
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from validation.whole_pattern.section import Section

RESULTS = Path(__file__).with_name("results.json")
TABLES = (
    "standard",
    "cells",
    "round_robin",
    "peer_cells",
    "structure_factors",
    "texture",
    "size",
    "garnets",
    "coverage",
    "convergence",
    "bad_input",
)
"""In the order of the page; each is a module beside this one with ``measure(data)``."""
QUICK = ("standard", "texture", "garnets")


def measured(name: str, data: Path, state: dict[str, Any]) -> dict[str, Any]:
    """One table, with the ``state`` of the code that made it."""
    module = importlib.import_module(f"validation.whole_pattern.{name}")
    start = time.monotonic()
    section: Section = module.measure(data)
    return {**section.to_dict(), **state, "seconds": time.monotonic() - start}


def committed() -> dict[str, Any]:
    """The kept results by name of table."""
    known: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    return known


def lost_aims(before: dict[str, Any], now: list[dict[str, Any]]) -> list[str]:
    """Aims that the results ``before`` reach and the tables ``now`` miss."""
    reached = {aim["what"]: aim for table in before.values() for aim in table["aims"] if aim["passed"]}
    missed = [aim for table in now for aim in table["aims"] if not aim["passed"] and aim["what"] in reached]
    return [f"{aim['what']}: {aim['figure']:.3g}, was {reached[aim['what']]['figure']:.3g}" for aim in missed]
