"""The kernels against the obvious slow computation and against pybaselines."""

from __future__ import annotations

import numpy as np
import pytest
from background_patterns import pattern, uneven_axis
from scipy.sparse import diags_array
from scipy.sparse.linalg import spsolve

from braggite.kernels import background


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


def ye(y, z, w, iteration):
    d = y - z
    s = d[d < 0].std(ddof=1)
    t = np.exp(min(iteration, 100)) / s * (d - 2 * s)
    new = 0.5 * (1 - t / np.sqrt(1 + t**2))
    return new, relative(w, new)


def oller_moreno(y, z, w, _):
    d, k = y - z, 0.1 * y.std()
    new = np.where(d > 0, 0.4 * np.exp(-np.maximum(d, 0) / k), 0.6)
    return new, relative(w, new)


MEMBERS = [
    ("asls", eilers(0.02), {"p": 0.02}),
    ("arpls", baek, {}),
    ("airpls", zhang, {}),
    ("iarpls", ye, {}),
    ("psalsa", oller_moreno, {"p": 0.4}),
]


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize(("n", "lam"), [(200, 1e3), (1001, 1e5)])
@pytest.mark.parametrize("equal", [True, False])
def test_as_sparse_algebra_computes_it(member, n, lam, equal):
    method, reweight, options = member
    y = pattern(n)
    x = np.arange(n, dtype=float) if equal else uneven_axis(n)
    expected, iterations = slow(y, x, lam, reweight)
    result = background(y, x, method=method, lam=lam, **options)
    assert result.n_iterations == iterations
    # two direct solvers of one system, condition about 16 lam: 1e6 x rounding
    np.testing.assert_allclose(result.curve, expected, rtol=1e-9)


def differences(x):
    """First and second divided differences over ``x`` in mean steps, and the cells of the second, dense."""
    h = np.diff(x) / np.diff(x).mean()
    first = np.diff(np.eye(x.size), axis=0) / np.sqrt(h)[:, None]
    cell = 0.5 * (h[:-1] + h[1:])
    second = np.diff(np.diff(np.eye(x.size), axis=0) / h[:, None], axis=0) / np.sqrt(cell)[:, None]
    return first.T @ first, second.T @ second


def he(y, x, lam):
    first, second = differences(x)
    z = np.polyval(np.polyfit(x, y, 2), x)
    for _ in range(4):
        w = np.where(y > z, 0.01, 0.99)
        left = np.diag(w**2) + 1e-4 * first
        z = np.linalg.solve(left + lam * second, left @ y)
    return z


def xu(y, x, lam):
    first, second = differences(x)
    w = np.ones(y.size)
    for iteration in range(1, 5):
        z = np.linalg.solve(np.diag(w) + first + lam * (np.eye(y.size) - 0.5 * np.diag(w)) @ second, w * y)
        d = y - z
        m, s = d[d < 0].mean(), d[d < 0].std(ddof=1)
        t = np.exp(iteration) / s * (d - (2 * s - m))
        w = 0.5 * (1 - t / (1 + np.abs(t)))
    return z


def f_zhang(y, x, lam):
    _, second = differences(x)
    w, alpha = np.ones(y.size), np.ones(y.size)
    for _ in range(4):
        z = np.linalg.solve(np.diag(w) + lam * np.diag(alpha) @ second, w * y)
        d = y - z
        s = d[d < 0].std(ddof=1)
        w, alpha = 1 / (1 + np.exp(0.5 / s * (d - s))), np.abs(d) / np.abs(d).max()
    return z


@pytest.mark.parametrize(("method", "oracle"), [("iasls", he), ("drpls", xu), ("aspls", f_zhang)])
@pytest.mark.parametrize("equal", [True, False])
def test_as_dense_algebra_computes_it(method, oracle, equal):
    n = 301
    y = pattern(n)
    x = np.arange(n, dtype=float) if equal else uneven_axis(n)
    result = background(y, x, method=method, lam=1e4, tol=0.0, max_iterations=3)
    # four passes of a dense and of a banded solver; condition up to 16 lam / p^2 = 1.6e9, times rounding
    np.testing.assert_allclose(result.curve, oracle(y, x, 1e4), rtol=1e-6)


@pytest.mark.parametrize("method", ["asls", "arpls", "airpls", "iasls", "drpls", "iarpls", "psalsa", "derpsalsa"])
@pytest.mark.parametrize(("n", "lam", "rtol"), [(1000, 1e5, 1e-6), (4000, 2.56e7, 2.5e-6)])
def test_as_pybaselines(method, n, lam, rtol):
    pybaselines = pytest.importorskip("pybaselines")
    y = pattern(n, seed=8)
    baseline = pybaselines.Baseline()
    baseline.banded_solver = 4  # LU with pivoting, the most exact of its solvers, whatever else is installed
    theirs, parameters = getattr(baseline, method)(y, lam=lam)
    result = background(y, method=method, lam=lam)
    assert result.n_iterations == parameters["tol_history"].size
    # at the larger lam (condition 16 lam = 4e8) the peer's own four solvers differ by 2.4e-6 (iasls)
    np.testing.assert_allclose(result.curve, theirs, rtol=rtol)


def test_aspls_as_pybaselines():
    pybaselines = pytest.importorskip("pybaselines")
    y = pattern(1000, seed=8)
    theirs, _ = pybaselines.Baseline().aspls(y, lam=1e5, max_iter=10, tol=0)
    result = background(y, method="aspls", lam=1e5, max_iterations=10, tol=0.0)
    # its iteration amplifies rounding: after ten passes pybaselines' own three solvers differ by 1e-7 of 100
    np.testing.assert_allclose(result.curve, theirs, rtol=1e-6)


@pytest.mark.parametrize("method", ["modpoly", "imodpoly"])
@pytest.mark.parametrize("order", [1, 4, 9])
def test_polynomials_as_pybaselines(method, order):
    pybaselines = pytest.importorskip("pybaselines")
    y = pattern(1500, seed=9)
    x = uneven_axis(y.size)
    theirs, parameters = getattr(pybaselines.Baseline(x), method)(y, poly_order=order)
    result = background(y, x, method=method, poly_order=order)
    assert result.n_iterations == parameters["tol_history"].size
    # orthonormal polynomials against a pseudo-inverse of powers of -1..1, condition 1e3 to 1e4 at order 9
    np.testing.assert_allclose(result.curve, theirs, rtol=1e-8)


def test_rubber_band_as_pybaselines():
    pybaselines = pytest.importorskip("pybaselines")
    y = pattern(1500, seed=9)
    x = uneven_axis(y.size)
    theirs, _ = pybaselines.Baseline(x).rubberband(y)
    # Qhull's hull of the same points
    np.testing.assert_allclose(background(y, x, method="rubberband").curve, theirs, rtol=1e-9)


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
