"""What is said of a scan when one of its phases, and all that look like it, is not in the library.

Every labelled scan again, once for each of its phases. ``python -m validation.open_world`` prints how often another
phase is called present in its stead and how often the lines left over are reported.
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import braggite as bg
from braggite.references import ReferenceLibrary
from validation import equal_weight, simulated, weighed
from validation.references import library, look_alikes

if TYPE_CHECKING:
    from validation.samples import Sample, TruePhase

SIGNIFICANT = 10.0
"""Amount of the missing phase over its standard deviation from which what it leaves must be noticed."""


@dataclass(frozen=True)
class Outcome:
    """One scan without one of its phases in the library.

    ``snr`` is the significance of the missing phase where the simulator states it; ``false`` are phases called present
    that are not there, ``alike`` those of them that look like another phase that is.
    """

    file: str
    missing: str
    weight_fraction: float
    snr: float | None
    false: tuple[str, ...]
    alike: tuple[str, ...]
    noticed: bool


def outcome(sample: Sample, missing: TruePhase) -> Outcome:
    """Identify a scan without the missing phase and its look-alikes."""
    gone = frozenset().union(*(look_alikes(library()[slug].name) for slug in missing.accepted))
    candidates = [phase for phase in library().filter(elements=sample.elements) if phase.name not in gone]
    report = bg.identify(bg.read(sample.path), library=ReferenceLibrary(candidates))
    true = {library()[slug].name for phase in sample.phases for slug in phase.accepted}
    near = frozenset().union(*map(look_alikes, true))
    false = tuple(phase.name for phase in report.phases if phase.verdict == "present" and phase.name not in true)
    return Outcome(
        sample.path.name,
        missing.label,
        missing.weight_fraction,
        missing.significance,
        false,
        tuple(name for name in false if name in near),
        bool(report.unexplained),
    )


def summary(outcomes: list[Outcome]) -> list[str]:
    """Shares of the scans."""
    wrong = [outcome for outcome in outcomes if set(outcome.false) - set(outcome.alike)]
    strict = [outcome for outcome in outcomes if outcome.false]
    strong = [outcome for outcome in outcomes if outcome.snr is not None and outcome.snr >= SIGNIFICANT]
    measured = [outcome for outcome in outcomes if outcome.snr is None]
    lines = [
        f"{len(outcomes)} scans without one of their phases",
        f"a phase called present that is not there: {len(strict)}; "
        f"not even like one of those that are: {len(wrong)} = {len(wrong) / len(outcomes):.3f} (aim 0.03)",
    ]
    for name, group in ((f"significance >= {SIGNIFICANT:g}", strong), ("measured scans", measured)):
        if group:
            share = sum(outcome.noticed for outcome in group) / len(group)
            lines.append(f"left over and said so, {name}: {share:.3f} of {len(group)} (aim 0.9)")
    lines += [
        f"  {outcome.file}: {outcome.missing} missing, {', '.join(outcome.false)} called present" for outcome in strict
    ]
    return lines


def main() -> int:
    """Run all scans; 2 without data."""
    parser = argparse.ArgumentParser(prog="python -m validation.open_world", description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    folder = os.environ.get("BRAGGITE_TEST_DATA")
    if not folder:
        sys.stderr.write("set BRAGGITE_TEST_DATA to the folder of test data\n")
        return 2
    data = Path(folder)
    tables = [equal_weight.table(data), weighed.table(data), *(simulated.table(data, job) for job in simulated.TITLES)]
    samples = [sample for table in tables for sample in table.samples if not sample.doubtful]
    jobs = [(sample, phase) for sample in samples for phase in sample.phases]
    with ProcessPoolExecutor(options.workers) as pool:
        outcomes = list(pool.map(outcome, *zip(*jobs, strict=True), chunksize=2))
    sys.stdout.write("\n".join(summary(outcomes)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
