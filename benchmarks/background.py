"""Backgrounds against pybaselines: same lam, same tolerance, same number of iterations, same curve."""

from __future__ import annotations

import numpy as np
from harness import Row, compare, main, seconds_per_call
from pybaselines import Baseline

from braggite.kernels import background

POINTS = 4000
ROWS = 100


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


def regions() -> list[Row]:
    """Ours alone: lmfitxps, measured apart on another machine, takes 0.16 ms for Shirley and 9.5 s for Tougaard."""
    x = np.linspace(280.0, 320.0, 1000)
    y = 200 + 900 * np.exp(-(((x - 292) / 1.2) ** 2)) + 80 / (1 + np.exp(292 - x))
    return [
        Row(f"{method}, 1000 points", seconds_per_call(lambda m=method: background(y, x, method=m)))
        for method in ("linear", "shirley", "smart", "tougaard_u2", "tougaard_u3")
    ]


def batch(rng: np.random.Generator) -> list[Row]:
    spectra = np.stack([pattern(rng, POINTS) for _ in range(ROWS)])
    fitter = Baseline().arpls
    return [
        compare(
            f"arpls, {ROWS} x {POINTS}, {threads} thread{'s' if threads > 1 else ''}",
            lambda t=threads: background(spectra, lam=2.56e7, threads=t),
            "pybaselines loop", lambda: [fitter(y, lam=2.56e7) for y in spectra], repeats=3,
        )
        for threads in (1, 2)
    ]  # fmt: skip


def run() -> list[Row]:
    rng = np.random.default_rng(20260101)
    return [*single(pattern(rng, POINTS)), *clipping(rng), *others(pattern(rng, POINTS)), *regions(), *batch(rng)]


if __name__ == "__main__":
    main(run)
