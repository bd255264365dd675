"""A library of a hundred thousand made-up phases: building it, its size, and identifications in it, on one thread.

Dara takes 38 to 114 s for 11 to 36 candidates on a machine of two cores; no peer searches so many phases and fits them.
"""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
import time
from pathlib import Path

from harness import Row, main, seconds_per_call
from made_up_library import made_up_phases

import braggite as bg
from braggite.identification.nomination import Nomination
from braggite.matching.options import OF_AN_IDENTIFICATION, on_background
from braggite.matching.pattern import engine_pattern
from braggite.radiation import radiation_named
from braggite.references.build import build_library
from braggite.simulation import PhaseState, simulate_pattern

PHASES = int(os.environ.get("BRAGGITE_BENCHMARK_PHASES", "110000"))
"""Made up; those that repeat another are left out, about one in twelve."""
SAMPLE = {"li2bati6o14": 0.7, "BTO": 0.2, "li2co3": 0.1}
ELEMENTS = "Li Ba Ti O C"


def run() -> list[Row]:
    """Build into ``BRAGGITE_BENCHMARK_LIBRARY`` where that names a file, which is used as it is if it exists."""
    named = os.environ.get("BRAGGITE_BENCHMARK_LIBRARY")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(named) if named else Path(folder) / "made-up.bgx"
        rows = [] if path.exists() else [_build(path)]
        return rows + _search(path)


def _build(path: Path) -> Row:
    start = time.perf_counter()
    summary = build_library(itertools.chain(bg.ReferenceLibrary.default(), made_up_phases(PHASES)), path)
    seconds = time.perf_counter() - start
    note = f"{summary.n_phases} phases made up on the way, {summary.n_bytes / 1e6:.0f} MB"
    return Row("build a library", seconds, note=note)


def _search(path: Path) -> list[Row]:
    shipped = bg.ReferenceLibrary.default()
    states = [PhaseState(shipped[name], weight, cell_factor=1.001) for name, weight in SAMPLE.items()]
    scan = simulate_pattern(states, radiation=radiation_named("CuKa"), seed=1)
    bg.identify(scan, library=shipped.filter(elements=ELEMENTS))
    before = _resident_mb()
    opening = seconds_per_call(lambda: bg.ReferenceLibrary.load(path))
    library = bg.ReferenceLibrary.load(path)
    pattern = engine_pattern(scan, on_background(bg.MatchOptions(), OF_AN_IDENTIFICATION))
    rows = [
        Row("open it", opening, note=f"{len(library)} phases"),
        Row(
            "nominate 100 phases, no elements given",
            seconds_per_call(lambda: Nomination.of(library).nominees(pattern, 100), repeats=3),
            note=f"{len(library)} phases, {len(scan)} points",
        ),
    ]
    some = library.filter(elements=ELEMENTS)
    for name, chosen in (("no elements given", library), ("elements given", some)):
        report = bg.identify(scan, library=chosen)
        seconds = seconds_per_call(lambda chosen=chosen: bg.identify(scan, library=chosen), repeats=3)
        found = {phase.name for phase in report.phases if phase.verdict == "present"}
        right = len(found & {shipped[phase].name for phase in SAMPLE})
        note = f"{len(chosen)} candidates; {right} of 3 phases present, {len(found) - right} false"
        rows.append(Row(f"identify, {name}", seconds, note=note))
    rows[0] = Row("open it", opening, note=f"{len(library)} phases; {_memory(before)}")
    return rows


def _memory(before_mb: float) -> str:
    now = _resident_mb()
    return f"{now:.0f} MB resident after all searches, {now - before_mb:.0f} more than without the library"


def _resident_mb() -> float:
    """Memory of this process, file pages included; Linux alone tells it so."""
    if sys.platform != "linux":
        return float("nan")
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1e3


if __name__ == "__main__":
    main(run)
