"""Whether upper limits hold: simulations in which a watched phase is absent or there in a known amount.

Fresh ones of our own by default; with ``--absences`` those of the separate simulator.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import NormalDist, median
from typing import TYPE_CHECKING

import numpy as np

import braggite as bg
from braggite.radiation import radiation_named
from braggite.simulation import PhaseState, Profile, simulate_pattern
from validation.references import library

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOSTS = {
    "garnet": (("llzo-ta-cubic", 1.0),),
    "garnet, LiCoO2": (("llzo-ta-cubic", 0.6), ("licoo2-layered", 0.4)),
    "garnet, BaTiO3": (("llzo-al-cubic", 0.85), ("batio3-tetragonal", 0.15)),
    "BaTiO3": (("batio3-tetragonal", 1.0),),
    "BaTiO3, Li2CO3": (("batio3-tetragonal", 0.7), ("li2co3", 0.3)),
    "LiCoO2": (("licoo2-layered", 1.0),),
    "LATP": (("latp", 1.0),),
    "spinel, rutile": (("li4ti5o12-spinel", 0.7), ("tio2-rutile", 0.3)),
}
WATCHED = {
    "garnet": ("la2zr2o7", "li2co3", "llzo-tetragonal", "la2o3"),
    "garnet, LiCoO2": ("lacoo3", "co3o4", "la2zr2o7", "la2coo4"),
    "garnet, BaTiO3": ("li2bati6o14", "la2zr2o7", "bazro3", "baco3-witherite"),
    "BaTiO3": ("tio2-rutile", "bati2o5", "baco3-witherite", "ba2tio4-monoclinic"),
    "BaTiO3, Li2CO3": ("li2bati6o14", "li2tio3-monoclinic", "baco3-witherite", "bati4o9"),
    "LiCoO2": ("co3o4", "li2co3", "coo", "lioh"),
    "LATP": ("alpo4-berlinite", "lipo3", "tio2-anatase", "li3po4-gamma"),
    "spinel, rutile": ("li2tio3-monoclinic", "tio2-anatase", "li2co3", "ti-alpha"),
}
CELL_SD = {"A": 4e-4, "B": 6e-4, "C": 1e-3, "D": 2e-3, "E": 4e-3}
"""Relative standard deviation of each cell length of a sample about the reference, by its grade."""
ABSENCES = {"absence_LBT": "li2bati6o14", "absence_LZO": "la2zr2o7", "absence_LC": "li2co3"}
"""Sets of the separate simulator and the phase watched in each."""
LEVELS = (0.5, 1.0, 2.0)
"""True amounts in median limits of the same sample without the phase."""
INTENSITY_SD = 0.07
PEAK_COUNTS = (2_000.0, 60_000.0)
SIGNIFICANT = 10.0


@dataclass(frozen=True)
class Scenario:
    """A host, a watched phase and the statistics of the scan; ``number`` seeds everything else."""

    host: str
    watched: str
    number: int


@dataclass(frozen=True)
class Outcome:
    """One scan: true weight fraction, limit, verdict, and the significance if all else were known."""

    truth: float
    limit: float
    verdict: str
    significance: float


@dataclass(frozen=True)
class Scored:
    """The scans of a scenario: without the phase, and with it at each level."""

    scenario: Scenario
    absent: list[Outcome]
    present: dict[float, list[Outcome]]


def scenarios(count: int) -> list[Scenario]:
    """``count`` scenarios that go through every host and watched phase of the library."""
    pairs = [(host, phase) for host in HOSTS for phase in WATCHED[host] if phase in library()]
    return [Scenario(*pairs[i % len(pairs)], i) for i in range(count)]


def scored(scenario: Scenario, scans: int) -> Scored:
    """``scans`` scans without the phase, whose median limit sets the amounts of as many scans at each level."""
    absent = [outcome(scenario, 0.0, draw) for draw in range(scans)]
    middle = median(entry.limit for entry in absent)
    present = {
        level: [outcome(scenario, min(level * middle, 0.5), 1000 * (k + 1) + draw) for draw in range(scans)]
        for k, level in enumerate(LEVELS)
    }
    return Scored(scenario, absent, present)


def outcome(scenario: Scenario, truth: float, draw: int) -> Outcome:
    """Simulate one scan of a scenario and identify it."""
    seed = 100_000 * scenario.number + draw
    expected, background, scan = simulated(scenario, truth, seed)
    elements = " ".join(elements_of(scenario))
    report = bg.identify(scan, library=library().filter(elements=elements), watch=[scenario.watched])
    (watched,) = report.watched
    limit = watched.upper_limit.value if watched.upper_limit else 1.0
    return Outcome(truth, limit, watched.verdict, significance(expected, background))


def elements_of(scenario: Scenario) -> list[str]:
    """Elements of the host and of the watched phase."""
    names = [name for name, _ in HOSTS[scenario.host]] + [scenario.watched]
    return sorted({element for name in names for element in library()[name].elements})


def simulated(
    scenario: Scenario, truth: float, seed: int, exposure: float = 1.0
) -> tuple[NDArray[np.float64], NDArray[np.float64], bg.Spectrum]:
    """Counts expected from the watched phase, from everything, and a scan; the sample is not the reference.

    The same seed means the same sample, whose scan is ``exposure`` times as long.
    """
    conditions = np.random.default_rng(scenario.number)
    settings = {
        "radiation": radiation_named("CuKa"),
        "two_theta_deg": (10.0, 80.0, 0.02),
        "profile": Profile(u=0.006, v=-0.006, w=float(conditions.uniform(0.004, 0.012)), x=0.02, y=0.02),
    }
    counts = exposure * float(np.exp(conditions.uniform(*np.log(PEAK_COUNTS))))
    background = np.array([1.0, -0.3, 0.1]) * counts * conditions.uniform(0.005, 0.05)
    rng = np.random.default_rng(seed)
    host = [sample_of(name, share * (1.0 - truth), rng) for name, share in HOSTS[scenario.host]]
    watched = [sample_of(scenario.watched, truth, rng)] if truth > 0.0 else []
    displacement = float(rng.normal(0.0, 0.08))
    common = {**settings, "displacement_mm": displacement, "background": background, "peak_counts": counts}
    scan = simulate_pattern(host + watched, seed=seed, **common)
    flat = {**common, "background": 0.0}
    total = simulate_pattern(host + watched, **flat).y
    level = np.polynomial.chebyshev.chebval(np.linspace(-1.0, 1.0, len(total)), background)
    if not watched:
        return np.zeros_like(total), total + level, scan
    rest = simulate_pattern(host, **flat).y
    top = int(np.argmax(rest))
    # What the host keeps is told by its strongest line, to which the watched phase adds next to nothing.
    own = total - rest * (total[top] / rest[top])
    return np.clip(own, 0.0, None), total + level, scan


def sample_of(name: str, weight: float, rng: np.random.Generator) -> PhaseState:
    """A phase of a sample: lengths, sizes and intensities differ from those of the reference."""
    phase = library()[name]
    assert phase.structure is not None
    drawn: dict[float, float] = {}
    sd = CELL_SD[phase.structure.evidence_grade]
    for length in phase.structure.cell.parameters[:3]:
        drawn.setdefault(length, 1.0 + float(rng.normal(0.0, sd)))
    factors = tuple(drawn[length] for length in phase.structure.cell.parameters[:3])
    return PhaseState(
        phase,
        weight,
        cell_factor=(factors[0], factors[1], factors[2]),
        size_nm=float(np.exp(rng.uniform(np.log(30.0), np.log(300.0)))),
        strain=float(rng.uniform(0.0, 1e-3)),
        intensity_sd=INTENSITY_SD,
    )


def significance(expected: NDArray[np.float64], everything: NDArray[np.float64]) -> float:
    """Amount over its standard deviation by counting if everything else were known."""
    return float(np.sqrt(np.sum(expected**2 / everything)))


@cache
def quantile() -> float:
    """Of the normal distribution at 95 %."""
    return NormalDist().inv_cdf(0.95)


def absences(data: Path, job: str) -> list[Outcome]:
    """The scans of one set of the separate simulator, half of them without the watched phase."""
    folder = data / "simulated" / job
    truth = {entry["file"]: entry for entry in json.loads((folder / "truth.json").read_text())["files"]}
    with (folder / "samples.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [watched_outcome(folder / row["file"], row["elements"], truth[row["file"]], ABSENCES[job]) for row in rows]


def watched_outcome(path: Path, elements: str, truth: dict, slug: str) -> Outcome:
    """One scan against the truth of its watched phase."""
    report = bg.identify(bg.read(path), library=library().filter(elements=elements), watch=[slug])
    (watched,) = report.watched
    entry = next((phase for phase in truth["phases"] if phase["slug"] == slug), None)
    limit = watched.upper_limit.value if watched.upper_limit else 1.0
    if entry is None:
        return Outcome(0.0, limit, watched.verdict, 0.0)
    return Outcome(entry["weight_fraction"], limit, watched.verdict, entry["matched_filter_snr"])


def summary(results: list[Scored]) -> list[str]:
    """Coverage by level and in all, the median limit against the ideal one, detections and false ones."""
    lines = []
    for level in LEVELS:
        held = [entry.truth <= entry.limit for result in results for entry in result.present[level]]
        lines.append(f"truth {level:g} x median limit: limit holds {np.mean(held):.3f} of {len(held)}")
    absent = [entry for result in results for entry in result.absent]
    present = [entry for result in results for level in LEVELS for entry in result.present[level]]
    return lines + figures(absent, present)


def figures(absent: list[Outcome], present: list[Outcome]) -> list[str]:
    """Figures over scans without and with the watched phase."""
    held = [entry.truth <= entry.limit for entry in present]
    unseen = [entry for entry in present if 0.0 < entry.significance < SIGNIFICANT]
    ratios = [entry.limit / (quantile() * entry.truth / entry.significance) for entry in unseen]
    false = [entry.verdict == "present" for entry in absent]
    clear = [entry.verdict == "present" for entry in present if entry.significance >= SIGNIFICANT]
    return [
        f"all: limit holds {np.mean(held):.3f} of {len(held)} (aim 0.93-0.98)",
        f"limit over the ideal one below a significance of {SIGNIFICANT:g}: median {median(ratios):.2f} (aim 3)",
        f"absent and called present: {np.mean(false):.3f} of {len(false)} (aim 0.02)",
        f"significance of {SIGNIFICANT:g} and more called present: {np.mean(clear):.3f} of {len(clear)} (aim 0.95)",
    ]


def scenario_line(result: Scored) -> str:
    """Median limit, and by level how often limits hold, the median significance, how often the phase is found."""
    by_level = []
    for level in LEVELS:
        entries = result.present[level]
        held = np.mean([entry.truth <= entry.limit for entry in entries])
        found = np.mean([entry.verdict == "present" for entry in entries])
        by_level.append(f"{held:.2f} {median(entry.significance for entry in entries):5.1f} {found:.2f}")
    limit = 100.0 * median(entry.limit for entry in result.absent)
    scenario = result.scenario
    return f"{scenario.number:3d} {scenario.host:16s} {scenario.watched:20s} {limit:6.3f} wt%  {'   '.join(by_level)}"


def main() -> int:
    """Score scenarios and print coverage; one line a scenario on request."""
    parser = argparse.ArgumentParser(prog="python -m validation.limits", description=__doc__)
    parser.add_argument("--scenarios", type=int, default=32)
    parser.add_argument("--scans", type=int, default=8, help="scans of each scenario at each of four amounts")
    parser.add_argument("--first", type=int, default=0, help="number of the first scenario")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--each", action="store_true", help="one line a scenario")
    parser.add_argument("--absences", action="store_true", help="the separate simulator's scans of BRAGGITE_TEST_DATA")
    options = parser.parse_args()
    with ProcessPoolExecutor(options.workers) as pool:
        if options.absences:
            data = Path(os.environ["BRAGGITE_TEST_DATA"])
            every = [entry for job in pool.map(absences, [data] * len(ABSENCES), ABSENCES) for entry in job]
            lines = figures([entry for entry in every if not entry.truth], [entry for entry in every if entry.truth])
        else:
            chosen = scenarios(options.first + options.scenarios)[options.first :]
            results = list(pool.map(scored, chosen, [options.scans] * len(chosen)))
            lines = [scenario_line(result) for result in results if options.each] + summary(results)
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
