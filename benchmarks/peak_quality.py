"""Quality of peak finding on simulated scans: what is found, how well its uncertainties hold, what noise invents.

200 scans of 40 lines for each strength of the weakest line, and 1,000 blank scans, all of 4,000 Poisson counts.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from harness import Row, main

from braggite.kernels import find_peaks

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "peaks"))
from patterns import ground, matched, pattern

WEAKEST = (2, 3, 5, 10, 30)
SCANS = 200
BLANKS = 1000
COVERED = ("position", "height", "fwhm")


def lines(weakest: int) -> Row:
    rng = np.random.default_rng([91, weakest])
    true = found = hits = partners = partners_hit = 0
    inside: dict[str, list[bool]] = {name: [] for name in COVERED}
    seconds = 0.0
    for _ in range(SCANS):
        truth = pattern(rng, weakest)
        start = time.perf_counter()
        peaks = find_peaks(truth.y, truth.x)
        seconds += time.perf_counter() - start
        hit = matched(peaks.position, truth)
        true, found, hits = true + truth.position.size, found + len(peaks), hits + int(np.sum(hit >= 0))
        partners += int(truth.partner.sum())
        partners_hit += int(np.sum(hit[truth.partner] >= 0))
        apart = np.abs(truth.position[:, None] - truth.position[None, :]) + np.diag(np.full(truth.position.size, 9.0))
        alone = np.flatnonzero((hit >= 0) & (apart.min(axis=1) > 3 * truth.fwhm))
        for name, kept in inside.items():
            deviation = getattr(peaks, name)[hit[alone]] - getattr(truth, name)[alone]
            kept += list(np.abs(deviation) < getattr(peaks, f"{name}_su")[hit[alone]])
    coverage = ", ".join(f"{name} {np.mean(kept):.2f}" for name, kept in inside.items())
    note = (
        f"F1 {2 * hits / (true + found):.3f}, precision {hits / found:.3f}, recall {hits / true:.3f}, partners of"
        f" doublets {partners_hit / partners:.2f}; within one uncertainty (lone lines): {coverage}"
    )
    return Row(f"40 lines, the weakest {weakest} times the noise", seconds / SCANS, note=note)


def blank() -> Row:
    rng = np.random.default_rng(92)
    x = np.linspace(10, 90, 4000)
    invented = 0
    seconds = 0.0
    for _ in range(BLANKS):
        y = rng.poisson(ground(x))
        start = time.perf_counter()
        invented += len(find_peaks(y, x))
        seconds += time.perf_counter() - start
    note = f"{invented} false peaks in {BLANKS} scans, 0.1 each asked for"
    return Row("background and noise only", seconds / BLANKS, note=note)


def run() -> list[Row]:
    return [*(lines(weakest) for weakest in WEAKEST), blank()]


if __name__ == "__main__":
    main(run)
