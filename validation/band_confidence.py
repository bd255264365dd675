"""What confidence in phases of vibrational spectra is worth: made mixtures, and the regression on what phases show.

``--fit`` prints coefficients for ``braggite.identification.bands.confidence``; without it, the shipped ones are scored.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np

from braggite.identification.bands.candidates import candidates_of
from braggite.identification.bands.confidence import COEFFICIENTS, BandTraits
from braggite.identification.bands.identify import ln_priors, searched
from braggite.identification.bands.judgement import BandJudge
from braggite.identification.bands.search import Search
from braggite.identification.options import IdentifyOptions
from braggite.matching.band_pattern import band_pattern
from validation.band_samples import look_alikes, made_sample
from validation.confidence import FOLDS, probability, regression, reliability
from validation.references import library

MISSING_SHARE = 0.3
"""Of the phases of a mixture, with those like them, are missing from the library."""
WHOLE_LIBRARY_SHARE = 0.2
"""Of the mixtures are searched in the whole library, no elements given."""


@dataclass(frozen=True)
class Member:
    """A phase of the best set: what it shows, its share of the bands, whether it, a rival or a look-alike is there."""

    seed: int
    name: str
    traits: BandTraits
    there: bool


@dataclass(frozen=True)
class Outcome:
    """What a search made of a sample: its members, and the phases of the sample with those named for them."""

    members: tuple[Member, ...]
    shares: dict[str, float]
    named: tuple[frozenset[str], ...]


def outcome(seed: int, technique: Literal["raman", "ftir"]) -> Outcome:
    """Make a mixture and search it."""
    sample = made_sample(seed, technique)
    rng = np.random.default_rng([seed, 7])
    there = {name: look_alikes(name, technique) for name in sample.shares}
    whole = rng.uniform() < WHOLE_LIBRARY_SHARE
    phases = list((library() if whole else library().filter(elements=sample.elements)).with_bands(technique))
    for name in sample.shares:
        if rng.uniform() < MISSING_SHARE:
            phases = [phase for phase in phases if phase.name not in there[name]]
    pattern = band_pattern(sample.spectrum, IdentifyOptions().bands)
    candidates, _ = candidates_of(phases, pattern)
    search, hypothesis = searched(Search(pattern, candidates, ln_priors(candidates)))
    judge = BandJudge(search, 0, len(phases), IdentifyOptions())
    alike = frozenset().union(*there.values())
    members, named = [], []
    for entry in judge.judge(hypothesis):
        names = frozenset({entry.phase.name, *entry.phase.rivals})
        named.append(names)
        members.append(Member(seed, entry.phase.name, entry.traits, bool(names & alike)))
    return Outcome(tuple(members), sample.shares, tuple(named))


def main() -> int:
    """Score the shipped coefficients on fresh mixtures, or fit new ones."""
    parser = argparse.ArgumentParser(prog="python -m validation.band_confidence", description=__doc__)
    parser.add_argument("--seeds", default="9000:9200", metavar="FIRST:END", help="of the mixtures of each technique")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--fit", action="store_true", help="fit coefficients; scores are those of mixtures left out")
    options = parser.parse_args()
    seeds = list(range(*map(int, options.seeds.split(":"))))
    jobs = [(seed, technique) for technique in ("raman", "ftir") for seed in seeds]
    with ProcessPoolExecutor(options.workers) as pool:
        outcomes = list(pool.map(outcome, *zip(*jobs, strict=True), chunksize=4))
    every = [member for found in outcomes for member in found.members]
    rows = np.array([member.traits.vector() for member in every])
    there = np.array([float(member.there) for member in every])
    if options.fit:
        fold = np.array([member.seed for member in every]) % FOLDS
        chance = np.zeros(len(there))
        for left in range(FOLDS):
            out = fold == left
            chance[out] = probability(rows[out], regression(rows[~out], there[~out]))
        coefficients = ", ".join(f"{value:.3f}" for value in regression(rows, there))
        sys.stdout.write(f"COEFFICIENTS = ({coefficients})\n")
    else:
        chance = probability(rows, np.array(COEFFICIENTS))
    sys.stdout.write("\n".join(reliability(chance, there)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
