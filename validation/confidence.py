"""What confidence is worth: simulated mixtures, the regression from what phases show to whether they are there.

``--fit`` prints coefficients for ``braggite.identification.confidence``; without it, the shipped ones are scored.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from braggite.identification.confidence import COEFFICIENTS, SCORES, SHARPENING, Traits, prior_weight
from braggite.identification.identify import engine_candidates, search
from braggite.identification.judgement import Judge
from braggite.identification.nomination import candidates_of
from braggite.identification.options import IdentifyOptions
from braggite.matching.pattern import engine_pattern
from braggite.radiation import radiation_named
from braggite.references import ReferenceLibrary
from braggite.simulation import PhaseState, Profile, simulate_pattern
from validation.limits import sample_of
from validation.references import library, look_alikes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    import braggite as bg

    Floats = NDArray[np.float64]

SYSTEMS = (
    "Li La Zr Ta Al O C",
    "Li Ba Ti O C",
    "Li Co O C La",
    "Li Al Ti P O",
    "Li Ni Mn Co O C",
    "Ba Ti Zr La O C",
    "Bi Fe Ti O",
    "Li S P Cl O",
    "Fe Ti Mn O C",
    "Al Mg Si Ca O C",
    "Zn Ti V O C",
    "Nb Ta Li Na O C",
)
MOST_PHASES = 5
LEAST_WEIGHT = 0.003
MISSING_SHARE = 0.25
"""Of the mixtures lack one of their phases, and those like it, in the library."""
WHOLE_LIBRARY_SHARE = 0.1
"""Of the mixtures are searched in the whole library, no elements given."""
INTENSITY_SD = (0.03, 0.6)
"""So that ratios of observed to calculated lines scatter as in the measured mixtures: 0.05 to 0.4 after a fit."""
TEXTURED_SHARE = 0.3
LOG_MARCH_SD = 0.35
DRIFTED_SHARE = 0.2
DRIFT = 0.006
UNEVEN_SHARE = 0.3
UNEVEN = 5e-4
SMALLEST_NM = 8.0
AXES = ((0, 0, 1), (1, 0, 0), (1, 1, 0), (1, 1, 1))
STEPS_DEG = (0.02, 0.02, 0.04, 0.1)
PEAK_COUNTS = (1_500.0, 60_000.0)
RIDGE = 0.3
FOLDS = 10
BINS = (0.0, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 1.0)


@dataclass(frozen=True)
class Member:
    """A phase of the best hypothesis about a mixture: what it shows, and whether it, a rival or a look-alike is there.

    ``itself`` leaves look-alikes out that were not named as rivals.
    """

    seed: int
    name: str
    traits: Traits
    there: bool
    itself: bool


def members(seed: int) -> list[Member]:
    """Simulate a mixture and search it."""
    rng = np.random.default_rng(seed)
    system = library().filter(elements=SYSTEMS[seed % len(SYSTEMS)])
    names = [phase.name for phase in system if phase.structure is not None]
    chosen = [
        str(name) for name in rng.choice(names, min(int(rng.integers(1, MOST_PHASES + 1)), len(names)), replace=False)
    ]
    weights = np.maximum(rng.dirichlet(np.full(len(chosen), 0.6)), LEAST_WEIGHT)
    scan = scan_of(chosen, weights / weights.sum(), rng, seed)
    candidates = list(library() if rng.uniform() < WHOLE_LIBRARY_SHARE else system)
    if rng.uniform() < MISSING_SHARE:
        missing = look_alikes(str(rng.choice(chosen)))
        candidates = [phase for phase in candidates if phase.name not in missing]
    return judged(scan, ReferenceLibrary(candidates), chosen, seed)


def scan_of(names: list[str], weights: Floats, rng: np.random.Generator, seed: int) -> bg.Spectrum:
    """A scan of a sample that is not its references, at random statistics, background and resolution."""
    counts = float(np.exp(rng.uniform(*np.log(PEAK_COUNTS))))
    return simulate_pattern(
        [
            part
            for name, weight in zip(names, weights, strict=True)
            for part in rough(sample_of(name, float(weight), rng), rng)
        ],
        radiation=radiation_named("CuKa"),
        two_theta_deg=(10.0, 80.0, float(rng.choice(STEPS_DEG))),
        profile=Profile(u=0.006, v=-0.006, w=float(rng.uniform(0.004, 0.012)), x=0.02, y=0.02),
        displacement_mm=float(rng.normal(0.0, 0.08)),
        background=np.array([1.0, -0.3, 0.1]) * counts * rng.uniform(0.005, 0.06),
        peak_counts=counts,
        seed=seed,
    )


def rough(state: PhaseState, rng: np.random.Generator) -> list[PhaseState]:
    """The phase as powders are: other intensities, at times preferred orientation, a cell beyond what its reference
    leads to expect, or coarse and fine parts of slightly different cell."""
    intensity_sd = float(np.exp(rng.uniform(*np.log(INTENSITY_SD))))
    axis, r = AXES[rng.integers(len(AXES))], float(np.exp(rng.normal(0.0, LOG_MARCH_SD)))
    textured = rng.uniform() < TEXTURED_SHARE
    state = replace(state, intensity_sd=intensity_sd, texture=(axis, r) if textured else None)
    if rng.uniform() < DRIFTED_SHARE:
        state = stretched(state, float(rng.normal(0.0, DRIFT)))
    if rng.uniform() >= UNEVEN_SHARE or state.size_nm is None:
        return [state]
    part, finer = float(rng.uniform(0.2, 0.6)), float(rng.uniform(3.0, 8.0))
    fine = replace(state, weight=part * state.weight, size_nm=max(state.size_nm / finer, SMALLEST_NM))
    return [replace(state, weight=(1.0 - part) * state.weight), stretched(fine, float(rng.normal(0.0, UNEVEN)))]


def stretched(state: PhaseState, by: float) -> PhaseState:
    """With all lengths longer by a share."""
    a, b, c = np.broadcast_to(np.asarray(state.cell_factor), (3,)) * (1.0 + by)
    return replace(state, cell_factor=(float(a), float(b), float(c)))


def judged(scan: bg.Spectrum, candidates: ReferenceLibrary, there: list[str], seed: int) -> list[Member]:
    """Every phase of the best hypothesis about a scan."""
    options = IdentifyOptions()
    pattern = engine_pattern(scan, options.match)
    phases, views, _ = engine_candidates(candidates_of(candidates, pattern, options, ()), pattern)
    found = search(pattern, views, [prior_weight(phase) for phase in phases], options)
    if not found.members:
        return []
    judge = Judge(pattern, 0, phases, len(candidates), found, options)
    fit = judge.match(list(range(len(found.members))))
    alike = frozenset().union(*map(look_alikes, there))
    result = []
    for place, index in enumerate(found.members):
        traits, _ = judge.shown(fit, place, place)
        _, _, rivals = found.contributions[place]
        names = {phases[index].name, *(phases[rival].name for rival, _ in rivals)}
        result.append(Member(seed, phases[index].name, traits, bool(names & alike), bool(names & set(there))))
    return result


def regression(rows: Floats, there: Floats) -> Floats:
    """Coefficients of a logistic regression with a small ridge on standardised columns; the first is the constant."""
    mean, sd = rows.mean(axis=0), rows.std(axis=0)
    mean[0], sd[sd == 0.0] = 0.0, 1.0
    standard = (rows - mean) / sd
    ridge = np.full(rows.shape[1], RIDGE)
    ridge[0] = 0.0
    weights = np.zeros(rows.shape[1])
    for _ in range(50):
        chance = probability(standard, weights)
        curvature = (standard * (chance * (1.0 - chance))[:, None]).T @ standard + np.diag(ridge)
        weights += np.linalg.solve(curvature, standard.T @ (there - chance) - ridge * weights)
    coefficients = weights / sd
    coefficients[0] = weights[0] - float(np.sum(weights[1:] * mean[1:] / sd[1:]))
    return np.asarray(coefficients)


def probability(rows: Floats, coefficients: Floats) -> Floats:
    """Of each row."""
    return np.asarray(1.0 / (1.0 + np.exp(-rows @ coefficients)))


def weights_of(rows: Floats, there: Floats) -> tuple[Floats, Floats]:
    """Coefficients of the traits, and of the powers of the score that they give."""
    coefficients = regression(rows, there)
    return coefficients, regression(powers(rows @ coefficients), there)


def powers(scores: Floats) -> Floats:
    """Of each score, 0 to 2."""
    return np.vander(np.clip(scores, *SCORES), len(SHARPENING), increasing=True)


def chances(rows: Floats, coefficients: Floats, sharpening: Floats) -> Floats:
    """Confidence of each row."""
    return probability(powers(rows @ coefficients), sharpening)


def left_out(rows: Floats, there: Floats, seeds: NDArray[np.int64]) -> Floats:
    """Probability of each row by a regression on the mixtures of other folds."""
    chance = np.zeros(len(there))
    for fold in range(FOLDS):
        inside = (seeds // len(SYSTEMS)) % FOLDS == fold
        if inside.any():
            chance[inside] = chances(rows[inside], *weights_of(rows[~inside], there[~inside]))
    return chance


def reliability(chance: Floats, there: Floats) -> list[str]:
    """Scores, and by bin of confidence the share that is there with its binomial standard deviation."""
    clipped = np.clip(chance, 1e-9, 1.0 - 1e-9)
    log_loss = -np.mean(there * np.log(clipped) + (1.0 - there) * np.log(1.0 - clipped))
    present = chance >= IdentifyOptions().present
    lines = [
        f"{len(there)} phases, {there.mean():.3f} there",
        f"Brier {np.mean((chance - there) ** 2):.4f}, log loss {log_loss:.4f}",
        f"{present.sum()} called present, {there[present].mean():.4f} of them there",
        f"{present[there == 1].mean():.3f} of those there called present",
    ]
    for low, high in pairwise(BINS):
        inside = (chance >= low) & ((chance < high) | (high == BINS[-1]))
        if inside.any():
            mean, count = chance[inside].mean(), int(inside.sum())
            sd = np.sqrt(mean * (1.0 - mean) / count)
            lines.append(
                f"{low:.2f}-{high:.2f}: n {count:4d}, stated {mean:.3f} +- {sd:.3f}, true {there[inside].mean():.3f}"
            )
    return lines


def main() -> int:
    """Score the shipped coefficients on fresh mixtures, or fit new ones."""
    parser = argparse.ArgumentParser(prog="python -m validation.confidence", description=__doc__)
    parser.add_argument("--seeds", nargs="+", default=["9000:9300"], metavar="FIRST:END", help="of the mixtures")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--fit", action="store_true", help="fit coefficients; scores are those of mixtures left out")
    options = parser.parse_args()
    with ProcessPoolExecutor(options.workers) as pool:
        seeds = [seed for given in options.seeds for seed in range(*map(int, given.split(":")))]
        every = [member for found in pool.map(members, seeds, chunksize=4) for member in found]
    rows = np.array([member.traits.vector() for member in every])
    there = np.array([float(member.there) for member in every])
    if options.fit:
        chance = left_out(rows, there, np.array([member.seed for member in every]))
        for name, weights in zip(("COEFFICIENTS", "SHARPENING"), weights_of(rows, there), strict=True):
            sys.stdout.write(f"{name} = ({', '.join(f'{value:.3f}' for value in weights)})\n")
    else:
        chance = chances(rows, np.array(COEFFICIENTS), np.array(SHARPENING))
    sys.stdout.write("\n".join(reliability(chance, there)) + "\n")
    present = chance >= IdentifyOptions().present
    itself = np.mean([member.itself for member, called in zip(every, present, strict=True) if called])
    sys.stdout.write(f"{itself:.3f} of those called present are there themselves or as a named rival\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
