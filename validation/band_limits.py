"""Limits of a second phase by its Raman bands: made mixtures with traces of it, or none."""

from __future__ import annotations

import argparse
import sys

import numpy as np

import braggite as bg
from braggite.band_simulation import BandState, simulate_bands
from validation.references import library

CASES = (
    ("llzo-ta-cubic", "li2co3", "Li La Zr Ta O C H"),
    ("batio3-tetragonal", "baco3-witherite", "Ba Ti O C"),
    ("licoo2-layered", "co3o4", "Li Co O C"),
    ("llzo-ta-cubic", "la2zr2o7", "Li La Zr Ta O"),
    ("batio3-tetragonal", "tio2-anatase", "Ba Ti O"),
    ("llzo-ta-cubic", "lioh", "Li La Zr Ta O H"),
)
SHARES = (0.001, 0.05)
PEAKS = (300.0, 20_000.0)
NONE_EVERY = 4


def main() -> int:
    """Print how often limits hold."""
    parser = argparse.ArgumentParser(prog="python -m validation.band_limits", description=__doc__)
    parser.add_argument("--mixtures", type=int, default=48)
    count = parser.parse_args().mixtures
    rng = np.random.default_rng(5)
    rows = np.array([_share_and_limit(seed, rng) for seed in range(count)])
    there = rows[:, 0] > 0.0
    held = rows[there, 0] <= rows[there, 1]
    ratio = float(np.median(rows[there, 1] / rows[there, 0]))
    sys.stdout.write(
        f"{held.mean():.3f} of {held.size} limits hold; median limit {np.median(rows[:, 1]):.4f} of the bands, "
        f"{ratio:.2f} times what is there\n"
    )
    return 0


def _share_and_limit(seed: int, rng: np.random.Generator) -> tuple[float, float]:
    host, guest, elements = CASES[seed % len(CASES)]
    share = float(np.exp(rng.uniform(*np.log(SHARES)))) if seed % NONE_EVERY else 0.0
    parts = [(host, 1.0 - share), *([(guest, share)] if share else [])]
    spectrum = simulate_bands(
        [BandState(library()[name], part, position_spread=1.0, strength_sd=0.5, fwhm_sd=0.25) for name, part in parts],
        shift_cm1=float(rng.normal(0.0, 2.0)),
        peak=float(np.exp(rng.uniform(*np.log(PEAKS)))),
        background=(0.3, 0.1, 0.1),
        seed=seed,
        range_cm1=(100.0, 3900.0, 1.7) if guest == "lioh" else (100.0, 1250.0, 1.15),
    )
    limit = bg.identify(spectrum, library=library().filter(elements=elements), watch=[guest]).watched[0].upper_limit
    return share, 1.0 if limit is None else limit.value


if __name__ == "__main__":
    sys.exit(main())
