"""Backgrounds against pybaselines (same lam, same tolerance, same number of iterations, same curve) and lmfitxps."""

from __future__ import annotations

import contextlib
import io

import numpy as np
from harness import Row, Work, compare, main, seconds_per_call
from lmfitxps.backgrounds import shirley_calculate, tougaard_calculate
from pybaselines import Baseline

from braggite.kernels import background

POINTS = 4000
ROWS = 250


def pattern(rng: np.random.Generator, n: int) -> np.ndarray:
    u = np.linspace(0.0, 1.0, n)
    y = 200 * (1 + 2 * np.exp(-8 * u))
    for _ in range(60):
        y = y + 10 ** rng.uniform(1.5, 3.5) * np.exp(-0.5 * ((u - rng.uniform()) / 6e-4) ** 2)
    return rng.poisson(y).astype(float)


def single(y: np.ndarray) -> list[Row]:
    rows = []
    for method in ("arpls", "asls", "airpls", "iasls", "drpls", "iarpls", "aspls", "psalsa", "derpsalsa"):
        fitter = getattr(Baseline(), method)
        ours, (theirs, parameters) = background(y, method=method, lam=2.56e7), fitter(y, lam=2.56e7)
        same = np.max(np.abs(ours.curve - theirs) / np.abs(theirs))
        note = f"{ours.n_iterations} and {parameters['tol_history'].size} iterations, curves differ by {same:.0e}"
        for name, solver in (("with pentapy", 2), ("plain", 3)):
            peer = Baseline()
            peer.banded_solver = solver
            call = getattr(peer, method)
            rows.append(
                compare(
                    f"{method}, {POINTS} points", lambda m=method: background(y, method=m, lam=2.56e7),
                    f"pybaselines {name}", lambda c=call: c(y, lam=2.56e7), note=note,
                )
            )  # fmt: skip
    return rows


def clipping(rng: np.random.Generator) -> list[Row]:
    rows = []
    for n, window in ((POINTS, 64), (64_000, 1024)):
        y = pattern(rng, n)
        rows.append(
            compare(
                f"snip, {n} points, half window {window}",
                lambda y=y, w=window: background(y, method="snip", half_window=w), "pybaselines",
                lambda y=y, w=window: Baseline().snip(y, max_half_window=w, decreasing=True), repeats=5,
            )
        )  # fmt: skip
    return rows


def others(y: np.ndarray) -> list[Row]:
    peer = Baseline(np.arange(y.size, dtype=float))
    return [
        compare(
            f"{method}, {POINTS} points", lambda m=method: background(y, method=m),
            "pybaselines", lambda m=method: getattr(peer, m)(y),
        )
        for method in ("modpoly", "imodpoly", "rubberband")
    ]  # fmt: skip


def region(points: int) -> tuple[np.ndarray, np.ndarray]:
    x = np.linspace(280.0, 320.0, points)
    return x, 200 + 900 * np.exp(-(((x - 292) / 1.2) ** 2)) + 80 / (1 + np.exp(292 - x))


def quietly(work: Work) -> Work:
    """lmfitxps prints when it stops at its limit of passes."""

    def run() -> object:
        with contextlib.redirect_stdout(io.StringIO()):
            return work()

    return run


def regions() -> list[Row]:
    """Photoelectron regions; lmfitxps makes at most 10 passes of Shirley and takes seconds for Tougaard."""
    x, y = region(1000)
    few, of_few = region(200)
    alone = [
        Row(f"{method}, 1000 points", seconds_per_call(lambda m=method: background(y, x, method=m)))
        for method in ("linear", "smart", "tougaard_u2", "tougaard_u3")
    ]
    return [
        *alone,
        compare(
            "shirley, 1000 points", lambda: background(y, x, method="shirley"),
            "lmfitxps", quietly(lambda: shirley_calculate(x, y)),
        ),
        compare(
            "tougaard_u2, 200 points", lambda: background(of_few, few, method="tougaard_u2"),
            "lmfitxps", quietly(lambda: tougaard_calculate(few, of_few)), repeats=3,
        ),
    ]  # fmt: skip


def batch(rng: np.random.Generator) -> list[Row]:
    spectra = np.stack([pattern(rng, POINTS) for _ in range(ROWS)])
    fitter = Baseline()
    return [
        compare(
            f"{method}, {ROWS} x {POINTS}, {threads} thread{'s' if threads > 1 else ''}",
            lambda m=method, t=threads: background(spectra, method=m, lam=2.56e7, threads=t),
            "pybaselines loop", lambda m=method: [getattr(fitter, m)(y, lam=2.56e7) for y in spectra], repeats=3,
        )
        for method in ("arpls", "asls", "airpls", "drpls", "iarpls")
        for threads in (1, 2)
    ]  # fmt: skip


def run() -> list[Row]:
    rng = np.random.default_rng(20260101)
    return [*single(pattern(rng, POINTS)), *clipping(rng), *others(pattern(rng, POINTS)), *regions(), *batch(rng)]


if __name__ == "__main__":
    main(run)
