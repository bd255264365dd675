"""Weak phases added to measured patterns of known mixtures: whether they are found, and whether limits hold.

The lines of a simulated phase that is not its reference, with the displacement and the width of the scan, are added
with their own counting noise to scans of S04 and S05, in such an amount that it would stand out by a stated
significance if everything else were known.
"""

from __future__ import annotations

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import braggite as bg
from braggite.matching.pattern import engine_pattern
from braggite.radiation import radiation_named
from braggite.simulation import RADIUS_MM, PhaseState, Profile, simulate_pattern
from validation import equal_weight, weighed
from validation.limits import quantile, sample_of, significance
from validation.references import library, look_alikes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from validation.samples import Sample

SPIKES = (
    "al2o3-corundum", "caf2-fluorite", "srtio3", "la2zr2o7", "lif", "co3o4", "mgo", "bati4o9", "li2tio3-monoclinic",
    "batio3-tetragonal",
)  # fmt: skip
SPIKES_A_SCAN = 2
SIGNIFICANCES = (6.0, 12.0, 25.0)
SHARE = 0.5
"""Of the phase in the simulated mixture that tells what an amount of it is worth in counts."""
STEP_DEG = 0.005


@dataclass(frozen=True)
class Outcome:
    """A spike in a scan: how it should stand out, its weight fraction, the limit and the verdict."""

    file: str
    spike: str
    significance: float
    truth: float
    limit: float
    verdict: str


def outcomes(sample: Sample, number: int) -> list[Outcome]:
    """The spikes of one scan, at each significance."""
    scan = bg.read(sample.path)
    host = bg.identify(scan, library=library().filter(elements=sample.elements))
    fit = host.fits[0]
    true = set().union(*(look_alikes(library()[slug].name) for phase in sample.phases for slug in phase.accepted))
    there = true | {phase.name for phase in host.phases}
    known = [library()[name].name for name in SPIKES if name in library()]
    allowed = [name for name in known if not look_alikes(name) & there]
    if fit is None or not allowed:
        return []
    found = []
    for k in range(SPIKES_A_SCAN):
        name = allowed[(SPIKES_A_SCAN * number + k) % len(allowed)]
        for level in SIGNIFICANCES:
            rng = np.random.default_rng((number, k, round(level)))
            spiked, truth = with_spike(scan, fit, name, level, rng)
            found.append(_outcome(sample, spiked, name, level, truth))
    return found


def with_spike(
    scan: bg.Spectrum, fit: bg.MatchResult, name: str, level: float, rng: np.random.Generator
) -> tuple[bg.Spectrum, float]:
    """A scan, of which ``fit`` is a match, with a phase of so much significance, and the weight fraction of that."""
    per_mass, host_mass = worth(scan, fit, name, rng)
    ordinary, mass = np.maximum(scan.y, 1.0), 1.0
    for _ in range(20):
        mass *= level / significance(mass * per_mass, ordinary + mass * per_mass)
    y = scan.y + rng.poisson(mass * per_mass)
    return replace(scan, y=y, sigma=np.sqrt(np.maximum(y, 1.0))), mass / (mass + host_mass)


def _outcome(sample: Sample, spiked: bg.Spectrum, name: str, level: float, truth: float) -> Outcome:
    elements = " ".join(sorted({*sample.elements.split(), *library()[name].elements}))
    report = bg.identify(spiked, library=library().filter(elements=elements), watch=[name])
    (watched,) = report.watched
    alike = {phase.name for phase in report.phases if phase.verdict == "present"} & look_alikes(name)
    limit = watched.upper_limit.value if watched.upper_limit else 1.0
    return Outcome(sample.path.name, name, level, truth, limit, "present" if alike else watched.verdict)


def worth(
    scan: bg.Spectrum, fit: bg.MatchResult, name: str, rng: np.random.Generator
) -> tuple[NDArray[np.float64], float]:
    """Counts of the spike for a mass of one, and the mass of everything else in the scan."""
    pattern = engine_pattern(scan, bg.MatchOptions())
    width, radius = pattern.fwhm_deg, pattern.instrument.radius_mm or RADIUS_MM
    shift = fit.parameters["displacement_mm"].value.value if "displacement_mm" in fit.parameters else 0.0
    settings = {
        "radiation": scan.radiation or radiation_named("CuKa"),
        "two_theta_deg": (float(scan.x[0]), float(scan.x[-1]), STEP_DEG),
        "profile": Profile(u=0.0, v=0.0, w=(0.8 * width) ** 2, x=0.3 * width, y=0.0),
        "displacement_mm": shift * RADIUS_MM / radius,
        "background": 0.0,
    }
    spike = sample_of(name, SHARE, rng)
    host = [
        PhaseState(library()[phase.name], (1.0 - SHARE) * phase.weight_fraction.value)
        for phase in fit.phases
        if phase.weight_fraction is not None and phase.weight_fraction.value > 0.0
    ]
    seed = int(rng.integers(2**31))
    both, alone, rest = (_expected(states, seed, settings) for states in ([spike, *host], [spike], host))
    (own, others), *_ = np.linalg.lstsq(np.column_stack([alone.y, rest.y]), both.y, rcond=None)
    per_mass = np.interp(scan.x, both.x, own * alone.y) / SHARE
    counted = float(np.sum(np.clip(fit.calculated - fit.background, 0.0, None)))
    return per_mass, counted / float(np.sum(np.interp(scan.x, both.x, others * rest.y)) / (1.0 - SHARE))


def _expected(states: list[PhaseState], seed: int, settings: dict) -> bg.Spectrum:
    """The expectation of a mixture; the seed draws the intensities of the spike, which stands first."""
    drawn = simulate_pattern(states, seed=seed, peak_counts=1e9, **settings)
    return replace(drawn, y=drawn.y / 1e9)


def summary(found: list[Outcome]) -> list[str]:
    """By significance: how often called present, how often the limit holds, and the limit over the ideal one."""
    lines = []
    for level in SIGNIFICANCES:
        own = [entry for entry in found if entry.significance == level]
        present = np.mean([entry.verdict == "present" for entry in own])
        found_at_all = np.mean([entry.verdict in {"present", "possible"} for entry in own])
        held = np.mean([entry.truth <= entry.limit for entry in own])
        unseen = [entry for entry in own if entry.verdict == "not_detected"]
        ratios = [entry.limit * entry.significance / (quantile() * entry.truth) for entry in unseen]
        lines.append(
            f"significance {level:g}: {len(own)} spikes, median {100 * np.median([e.truth for e in own]):.2f} wt%; "
            f"called present {present:.3f}, at least possible {found_at_all:.3f}; limit holds {held:.3f}; "
            f"not detected {len(unseen)}, there limit over the "
            f"ideal one {np.median(ratios or [np.nan]):.2f}"
        )
    return lines


def _line(entry: Outcome) -> str:
    amounts = f"{100 * entry.truth:6.2f} wt% < {100 * entry.limit:6.2f}"
    return f"{entry.file[:40]:40s} {entry.spike:20s} {entry.significance:4.0f} {amounts} {entry.verdict}"


def main() -> int:
    """Score all scans and print the summary; one line a spike on request."""
    parser = argparse.ArgumentParser(prog="python -m validation.spikes", description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--each", action="store_true", help="one line a spike")
    options = parser.parse_args()
    data = Path(os.environ["BRAGGITE_TEST_DATA"])
    samples = [sample for table in (weighed.table(data), equal_weight.table(data)) for sample in table.samples]
    with ProcessPoolExecutor(options.workers) as pool:
        found = [entry for each in pool.map(outcomes, samples, range(len(samples))) for entry in each]
    lines = [_line(entry) for entry in found if options.each]
    sys.stdout.write("\n".join(lines + summary(found)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
