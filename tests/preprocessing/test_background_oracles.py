"""The kernels against the obvious slow computation and against pybaselines."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import diags_array
from scipy.sparse.linalg import spsolve

from braggite.kernels import background


def pattern(n: int, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    u = np.linspace(0.0, 1.0, n)
    y = 150 * (1 + 2 * np.exp(-8 * u))
    for _ in range(25):
        y = y + 10 ** rng.uniform(1.5, 3.5) * np.exp(
            -0.5 * ((u - rng.uniform(0.02, 0.98)) / rng.uniform(5e-4, 2e-3)) ** 2
        )
    return rng.poisson(y).astype(float)


def slow(y, x, lam, reweight):
    """Whittaker smoothing with sparse matrices and the reweighting as the paper prints it."""
    n, h = y.size, np.diff(x) / np.diff(x).mean()
    cell = 0.5 * (h[:-1] + h[1:])
    rows = [1 / (cell * h[:-1]), -(1 / h[:-1] + 1 / h[1:]) / cell, 1 / (cell * h[1:])]
    d = diags_array(rows, offsets=[0, 1, 2], shape=(n - 2, n))
    penalty = lam * d.T @ diags_array(cell) @ d
    w = np.ones(n)
    for iteration in range(1, 52):
        z = spsolve((diags_array(w) + penalty).tocsc(), w * y)
        new, change = reweight(y, z, w, iteration)
        if change < 1e-3:
            break
        w = new
    return z, iteration


def relative(old, new):
    return np.linalg.norm(new - old) / np.linalg.norm(old)


def eilers(p):
    def reweight(y, z, w, _):
        new = np.where(y > z, p, 1 - p)
        return new, relative(w, new)

    return reweight


def baek(y, z, w, _):
    d = y - z
    below = d[d < 0]
    m, s = below.mean(), below.std(ddof=1)
    new = 1 / (1 + np.exp(np.clip(2 * (d - (2 * s - m)) / s, -700, 700)))
    return new, relative(w, new)


def zhang(y, z, w, iteration):
    # the author's programs grow the weight with the size of a negative residual; equation 9 misprints the sign
    d = y - z
    total = np.abs(d[d < 0]).sum()
    new = np.where(d < 0, np.exp(min(iteration, 50) * np.abs(np.minimum(d, 0.0)) / total), 0.0)
    return new, total / np.abs(y).sum()


MEMBERS = [("asls", eilers(0.02), {"p": 0.02}), ("arpls", baek, {}), ("airpls", zhang, {})]


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize(("n", "lam"), [(200, 1e3), (1001, 1e5)])
@pytest.mark.parametrize("equal", [True, False])
def test_as_sparse_algebra_computes_it(member, n, lam, equal):
    method, reweight, options = member
    y = pattern(n)
    x = np.arange(n, dtype=float) if equal else np.cumsum(np.random.default_rng(4).uniform(0.5, 1.5, n))
    expected, iterations = slow(y, x, lam, reweight)
    result = background(y, x, method=method, lam=lam, **options)
    assert result.n_iterations == iterations
    # two direct solvers of one system, condition about 16 lam: 1e6 x rounding
    np.testing.assert_allclose(result.curve, expected, rtol=1e-9)


@pytest.mark.parametrize("method", ["asls", "arpls", "airpls"])
@pytest.mark.parametrize(("n", "lam"), [(1000, 1e5), (4000, 2.56e7)])
def test_as_pybaselines(method, n, lam):
    pybaselines = pytest.importorskip("pybaselines")
    y = pattern(n, seed=8)
    theirs, parameters = getattr(pybaselines.Baseline(), method)(y, lam=lam)
    result = background(y, method=method, lam=lam)
    assert result.n_iterations == parameters["tol_history"].size
    # pybaselines 1.2 by another factorisation of the same matrix; condition 16 lam = 4e8 at most, times rounding
    np.testing.assert_allclose(result.curve, theirs, rtol=1e-6)


@pytest.mark.parametrize("decreasing", [True, False])
def test_snip_as_pybaselines(decreasing):
    pybaselines = pytest.importorskip("pybaselines")
    y = pattern(1500, seed=9)
    theirs, _ = pybaselines.Baseline().snip(y, max_half_window=30, decreasing=decreasing)
    result = background(y, method="snip", half_window=30, decreasing=decreasing)
    # the same clipping; the lines that continue the ends are fitted by other algebra
    np.testing.assert_allclose(result.curve, theirs, rtol=1e-9)


def test_snip_levels_counts_as_published():
    y = pattern(1500, seed=9)
    level = np.log(np.log(np.sqrt(y + 1) + 1) + 1)
    curve = background(level, method="snip", half_window=30).curve
    expected = (np.exp(np.exp(curve) - 1) - 1) ** 2 - 1
    np.testing.assert_allclose(background(y, method="snip", half_window=30, lls=True).curve, expected, rtol=1e-9)


def test_an_iteration_that_stops_at_its_limit_says_so():
    result = background(pattern(500), tol=0.0, max_iterations=3)
    assert not result.converged
    assert result.n_iterations == 4
    assert [note.code for note in result.diagnostics] == ["background_not_converged"]
