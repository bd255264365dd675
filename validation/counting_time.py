"""Whether counting as long as a report says brings a limit to where it says.

Fresh simulations without the watched phase: the limit of a scan, the time that is said to bring it to a stated share of
that, and the limit of the scan counted on for so long.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

import braggite as bg
from validation.limits import Scenario, elements_of, scenarios, simulated
from validation.references import library

SHARES = (0.7, 0.4, 0.2)
"""Limits asked for, in limits of the first scan."""
LONGEST = 300.0
"""Nothing is counted longer than so many times; what can never be reached is tried out with it."""
EXPECTATION = 1e6
"""Exposure at which counting noise is nothing beside that of the scans."""


@dataclass(frozen=True)
class Outcome:
    """A limit asked for, the time said to reach it and the floor, all over the first limit; the limit then met."""

    share: float
    factor: float | None
    floor: float
    met: float


def bounded(scenario: Scenario, scan: bg.Spectrum, reach: float | None) -> bg.WatchedPhase:
    """What is said of the watched phase of a scan."""
    candidates = library().filter(elements=" ".join(elements_of(scenario)))
    options = bg.IdentifyOptions(reach=reach)
    return bg.identify(scan, library=candidates, watch=[scenario.watched], options=options).watched[0]


def limit_of(watched: bg.WatchedPhase) -> float:
    """The limit, one where there is none."""
    return watched.upper_limit.value if watched.upper_limit else 1.0


def outcomes(scenario: Scenario, seed: int) -> list[Outcome]:
    """One scan of a scenario, asked for each share of its limit and counted on."""
    _, _, scan = simulated(scenario, 0.0, seed)
    expected = simulated(scenario, 0.0, seed, EXPECTATION)[2].y / EXPECTATION
    first = limit_of(bounded(scenario, scan, None))
    rng = np.random.default_rng((seed, 1))
    answers = []
    for share in SHARES:
        time = bounded(scenario, scan, share * first).counting_time
        if time is None:
            continue
        factor = min(time.factor or LONGEST, LONGEST)
        longer = scan.y + rng.poisson((factor - 1.0) * expected)
        met = limit_of(bounded(scenario, replace(scan, y=longer), None)) / first
        answers.append(Outcome(share, time.factor, time.floor / first, met))
    return answers


def summary(every: list[Outcome]) -> list[str]:
    """For each share: the median factor, the limits met over those asked for, and how often never is never."""
    lines = []
    for share in SHARES:
        own = [entry for entry in every if entry.share == share]
        reached = [entry for entry in own if entry.factor is not None and entry.factor <= LONGEST]
        never = [entry for entry in own if entry.factor is None]
        lines.append(
            f"to {share:g} of the limit: {len(reached)} of {len(own)} in a median time of "
            f"{np.median([entry.factor for entry in reached] or [np.nan]):.1f}; limit met over limit asked for "
            f"{quantiles([entry.met / share for entry in reached])}"
        )
        upheld = sum(entry.met > share for entry in never)
        lines.append(
            f"  never {len(never)}: {upheld} of them not in {LONGEST:g} times either; limit then met over the floor "
            f"{quantiles([entry.met / entry.floor for entry in never])}"
        )
    return lines


def quantiles(values: list[float]) -> str:
    """10, 50 and 90 per cent of some values."""
    return ", ".join(f"{value:.2f}" for value in np.quantile(values or [np.nan], (0.1, 0.5, 0.9)))


def main() -> int:
    """Score scenarios and print the summary."""
    parser = argparse.ArgumentParser(prog="python -m validation.counting_time", description=__doc__)
    parser.add_argument("--scenarios", type=int, default=64)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    chosen = scenarios(options.scenarios)
    with ProcessPoolExecutor(options.workers) as pool:
        seeds = [100_000 * scenario.number + 50_000 for scenario in chosen]
        every = [entry for answers in pool.map(outcomes, chosen, seeds) for entry in answers]
    sys.stdout.write("\n".join(summary(every)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
