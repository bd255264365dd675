"""Backgrounds of windows, splines, nodes and clipped series; pybaselines where it has the same algorithm."""

from __future__ import annotations

import numpy as np
from background import POINTS, pattern
from harness import Row, compare, main, seconds_per_call
from pybaselines import Baseline

from braggite.kernels import background


def windows(rng: np.random.Generator) -> list[Row]:
    rows = []
    for n, window in ((POINTS, 40), (64_000, 640)):
        y = pattern(rng, n)
        for method in ("tophat", "mor", "imor", "rolling_ball"):
            call = getattr(Baseline(), method)
            ours, theirs = background(y, method=method, half_window=window), call(y, half_window=window)[0]
            same = np.max(np.abs(ours.curve - theirs) / np.abs(theirs))
            rows.append(
                compare(
                    f"{method}, {n} points, half window {window}",
                    lambda m=method, y=y, w=window: background(y, method=m, half_window=w), "pybaselines",
                    lambda c=call, y=y, w=window: c(y, half_window=w), note=f"curves differ by {same:.0e}", repeats=5,
                )
            )  # fmt: skip
    return rows


def splines(rng: np.random.Generator) -> list[Row]:
    rows = []
    for n in (POINTS, 64_000):
        y = pattern(rng, n)
        for method in ("pspline_asls", "pspline_arpls"):
            call = getattr(Baseline(), method)
            ours, (theirs, parameters) = background(y, method=method), call(y)
            same = np.max(np.abs(ours.curve - theirs) / np.abs(theirs))
            note = f"{ours.n_iterations} and {parameters['tol_history'].size} iterations, curves differ by {same:.0e}"
            rows.append(
                compare(
                    f"{method}, {n} points", lambda m=method, y=y: background(y, method=m),
                    "pybaselines without numba", lambda c=call, y=y: c(y), note=note, repeats=5,
                )
            )  # fmt: skip
    return rows


def alone(rng: np.random.Generator) -> list[Row]:
    y = pattern(rng, POINTS)
    return [
        Row(f"{method}, {POINTS} points", seconds_per_call(lambda m=method: background(y, method=m)))
        for method in ("bruckner", "sonneveld_visser", "chebyshev", "concave_rubberband")
    ]


def run() -> list[Row]:
    rng = np.random.default_rng(20260102)
    return [*windows(rng), *splines(rng), *alone(rng)]


if __name__ == "__main__":
    main(run)
