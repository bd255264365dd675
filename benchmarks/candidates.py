"""Wall time of an identification against the number of candidates, on one thread, with what it aims at.

Dara takes 38 to 114 s for 11 to 36 candidates on a machine of two cores. The largest library is measured where
``BRAGGITE_BENCHMARK_LIBRARY`` names one that ``large_library.py`` built.
"""

from __future__ import annotations

import itertools
import os
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from harness import Row, main, seconds_per_call
from made_up_library import made_up_phases

import braggite as bg
from braggite.radiation import radiation_named
from braggite.references.build import build_library
from braggite.simulation import PhaseState, simulate_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLES = (
    {"li2bati6o14": 1.0},
    {"LLZTO": 0.9, "BTO": 0.1},
    {"li2bati6o14": 0.7, "BTO": 0.2, "li2co3": 0.1},
    {"LLZTO": 0.85, "BTO": 0.05, "la2zr2o7": 0.1},
    {"LCO": 0.6, "BTO": 0.1, "LLZTO": 0.3},
)
AIMS_S = {25: 0.1, 100: 0.3, 1000: 0.6, 100_000: 2.0}
MADE_UP = 900
"""Made-up phases beside the shipped ones for a library of about a thousand: some repeat others and are left out."""


def run() -> list[Row]:
    """A row for each number of candidates."""
    rows = [_row(count, [_some(sample, count) for sample in SAMPLES]) for count in (25, 100)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made-up.bgx"
        build_library(itertools.chain(bg.ReferenceLibrary.default(), made_up_phases(MADE_UP)), path)
        rows.append(_row(1000, [bg.ReferenceLibrary.load(path)] * len(SAMPLES)))
    named = os.environ.get("BRAGGITE_BENCHMARK_LIBRARY")
    if named:
        rows.append(_row(100_000, [bg.ReferenceLibrary.load(named)] * len(SAMPLES)))
    return rows


def _row(count: int, libraries: list[bg.ReferenceLibrary]) -> Row:
    """Median time over the samples, each the median of three calls, and how many phases are found."""
    seconds, right, false, total = [], 0, 0, 0
    for sample, library in zip(SAMPLES, libraries, strict=True):
        scan = simulate_pattern(list(_states(sample)), radiation=radiation_named("CuKa"), seed=1)
        report = bg.identify(scan, library=library)
        present = {phase.name for phase in report.phases if phase.verdict == "present"}
        true = {bg.ReferenceLibrary.default()[name].name for name in sample}
        right, false, total = right + len(present & true), false + len(present - true), total + len(true)
        seconds.append(
            seconds_per_call(lambda scan=scan, library=library: bg.identify(scan, library=library), repeats=3)
        )
    note = f"aim {AIMS_S[count]:g} s; {min(seconds):.2f} to {max(seconds):.2f} s over {len(SAMPLES)} samples; "
    note += f"{statistics.median(map(len, libraries)):g} candidates; {right} of {total} phases present, {false} false"
    return Row(f"{count:,} candidates", statistics.median(seconds), note=note)


def _states(sample: dict[str, float]) -> Iterator[PhaseState]:
    for name, weight in sample.items():
        yield PhaseState(bg.ReferenceLibrary.default()[name], weight, cell_factor=1.001)


def _some(sample: dict[str, float], count: int) -> bg.ReferenceLibrary:
    """The phases of a sample and others of the shipped library, those that share most of its elements first."""
    shipped = bg.ReferenceLibrary.default().for_diffraction()
    true = {shipped[name].name for name in sample}
    elements = {element for name in true for element in shipped[name].elements}
    ranked = sorted(shipped, key=lambda phase: (phase.name not in true, len(phase.elements - elements), phase.name))
    return bg.ReferenceLibrary(ranked[:count])


if __name__ == "__main__":
    main(run)
