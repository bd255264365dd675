"""Time of one iteration of a Pawley match against points and lines, and of what happens once; plots them.

One structure is measured in finer steps, then with larger and larger cells. An iteration is what eight more of them
take; the first of a match and everything before and after it (approach, background, covariance, report) is done once.
Times are of the processor, so that a busy machine moves them less.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import compress
from pathlib import Path

from harness import Row, main  # first: it pins numerical libraries to one thread

import numpy as np  # isort: skip
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from validation.convergence import stretched
from validation.references import library

import braggite as bg
from braggite.radiation import Radiation
from braggite.simulation import PhaseState, Profile, simulate_pattern

PLOT = Path(__file__).resolve().parents[1] / "docs" / "scaling.png"
PHASE = "li2bati6o14"
WAVELENGTH_ANGSTROM = 1.5405929
RANGE_DEG = (10.0, 120.0)
PROFILE = Profile(u=0.001, v=-0.001, w=0.0055, x=0.005, y=0.005)
STEPS_DEG = (0.02, 0.01, 0.005, 0.0025, 0.0011)
STEP_OF_LINES_DEG = 0.005
LENGTHS = (0.5, 0.63, 0.8, 1.0, 1.26, 1.55, 1.8)
"""Factors on the cell; lines go with their cube."""
MORE_ITERATIONS = 8
REPEATS = 3


@dataclass(frozen=True, slots=True)
class Size:
    """One match: how large, and seconds of an iteration, of a match of one iteration, of one with strengths tied."""

    lines: int
    points: int
    iteration_seconds: float
    once_seconds: float
    tied_seconds: float

    @property
    def freed_seconds(self) -> float:
        """What free strengths take beyond tied ones besides iterations: finding which are zero, covariance, report."""
        return max(self.once_seconds - self.tied_seconds - ROUGH_ITERATIONS * self.iteration_seconds, 0.0)


ROUGH_ITERATIONS = 3
"""Iterations with free strengths on the way to the last fit."""
SEEN = 0.2
"""Share of what is done once from which that can be told from the rest."""


def measured(length: float, step_deg: float) -> Size:
    """Times of the structure with its lengths times ``length``, scanned in steps of ``step_deg``."""
    phase = stretched(library()[PHASE], (length,) * 3)
    scan = simulate_pattern(
        [PhaseState(phase)],
        radiation=Radiation(((WAVELENGTH_ANGSTROM, 1.0),), "CuKa1"),
        two_theta_deg=(*RANGE_DEG, step_deg),
        profile=PROFILE,
        peak_counts=20_000.0,
        background=(100.0, -30.0, 10.0),
        seed=5,
    )
    _, result = _timed(scan, phase, 1, "free")
    once, more, tied = (
        min(_timed(scan, phase, iterations, hold)[0] for _ in range(repeats))
        for iterations, hold, repeats in ((1, "free", REPEATS), (1 + MORE_ITERATIONS, "free", REPEATS), (1, "tied", 1))
    )
    return Size(len(result.phases[0].reflections), len(scan), (more - once) / MORE_ITERATIONS, once, tied)


def _timed(scan: bg.Spectrum, phase: bg.Phase, iterations: int, hold: str) -> tuple[float, bg.MatchResult]:
    # No gain is small enough to stop for: every match goes on to its last iteration.
    options = bg.MatchOptions(max_iterations=iterations, relative_tolerance=1e-300)
    start = process_time()
    result = bg.match_pawley(scan, [phase], holds={phase.name: hold}, options=options)
    seconds = process_time() - start
    if hold == "free" and result.stop_reason != "max_iterations":
        raise RuntimeError(f"stopped after fewer than {iterations} iterations: {result.stop_reason}")
    return seconds, result


def exponent(sizes: list[Size], of: str, against: str) -> float:
    """Slope of the logarithms."""
    x, y = (np.log([getattr(size, name) for size in sizes]) for name in (against, of))
    return float(np.polyfit(x, y, 1)[0])


def run() -> list[Row]:
    by_points = [measured(1.0, step) for step in STEPS_DEG]
    by_lines = [measured(length, STEP_OF_LINES_DEG) for length in LENGTHS]
    plot(by_points, by_lines)
    rows = []
    for against, sizes in (("points", by_points), ("lines", by_lines)):
        power = exponent(sizes, "iteration_seconds", against)
        for size in sizes:
            note = f"once {size.once_seconds:.2g} s, of that free strengths about {size.freed_seconds:.2g} s"
            rows.append(Row(f"iteration, {size.lines} lines x {size.points} points", size.iteration_seconds, note=note))
        rows[-1] = Row(
            rows[-1].name, rows[-1].ours_seconds, note=f"{rows[-1].note}; time goes with {against}^{power:.2f}"
        )
    return rows


def plot(by_points: list[Size], by_lines: list[Size]) -> None:
    """Both series with the slopes that were fitted."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9.0, 3.6), sharey=True, layout="constrained")
    titles = (f"{by_points[0].lines} lines", f"{by_lines[0].points} points")
    for ax, sizes, against, title in zip(axes, (by_points, by_lines), ("points", "lines"), titles, strict=True):
        x = [getattr(size, against) for size in sizes]
        for of, what, marker in (
            ("iteration", "one iteration", "o"),
            ("freed", "strengths released, covariance, report", "s"),
        ):
            y = 1e3 * np.array([getattr(size, f"{of}_seconds") for size in sizes])
            seen = [of == "iteration" or size.freed_seconds > SEEN * size.once_seconds for size in sizes]
            counted = list(compress(sizes, seen))
            if not counted:
                continue
            power = f", {against}$^{{{exponent(counted, f'{of}_seconds', against):.2f}}}$" if len(counted) > 1 else ""
            ax.loglog(list(compress(x, seen)), y[seen], marker=marker, label=f"{what}{power}")
        first = 1e3 * sizes[0].iteration_seconds
        ax.loglog(x, first * np.array(x) / x[0], "k:", linewidth=1.0, label="proportional")
        ax.set(title=title, xlabel=against)
        ax.grid(visible=True, which="major", alpha=0.3)
        ax.legend(fontsize=8)
    axes[0].set_ylabel("time in ms")
    figure.savefig(PLOT, dpi=100, metadata={"Software": None})
    plt.close(figure)


if __name__ == "__main__":
    main(run)
