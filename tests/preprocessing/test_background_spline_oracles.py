"""Penalised splines against dense algebra over scipy's B-splines, and against pybaselines."""

from __future__ import annotations

import numpy as np
import pytest
from background_patterns import pattern, uneven_axis
from scipy.interpolate import BSpline

from braggite.kernels import background


def dense(y, x, reweight, *, num_knots, degree, diff_order, lam):
    step = (x[-1] - x[0]) / (num_knots - 1)
    knots = x[0] + step * np.arange(-degree, num_knots + degree)
    basis = BSpline.design_matrix(np.clip(x, knots[degree], knots[-degree - 1]), knots, degree).toarray()
    difference = np.diff(np.eye(basis.shape[1]), diff_order, axis=0)
    w = np.ones(y.size)
    for _ in range(4):
        left = basis.T @ (w[:, None] * basis) + lam * difference.T @ difference
        z = basis @ np.linalg.solve(left, basis.T @ (w * y))
        w = reweight(y - z)
    return z


def eilers(d):
    return np.where(d > 0, 0.02, 0.98)


def baek(d):
    m, s = d[d < 0].mean(), d[d < 0].std(ddof=1)
    return 1 / (1 + np.exp(np.clip(2 * (d - (2 * s - m)) / s, -700, 700)))


@pytest.mark.parametrize("member", [("asls", eilers, {"p": 0.02}), ("arpls", baek, {})])
@pytest.mark.parametrize(("degree", "diff_order"), [(1, 1), (2, 3), (3, 2), (5, 2)])
@pytest.mark.parametrize("equal", [True, False])
def test_as_dense_algebra_computes_it(member, degree, diff_order, equal):
    method, reweight, options = member
    n = 400
    y = pattern(n)
    x = np.linspace(3.0, 7.0, n) if equal else uneven_axis(n)
    shape = {"num_knots": 30, "diff_order": diff_order, "lam": 50.0}
    expected = dense(y, x, reweight, degree=degree, **shape)
    result = background(
        y, x, method=f"pspline_{method}", spline_degree=degree, tol=0.0, max_iterations=3, **shape, **options
    )  # fmt: skip
    # four passes of a banded and of a dense solver: condition up to 4^3 lam / 0.02 = 2e5, times rounding
    np.testing.assert_allclose(result.curve, expected, rtol=1e-9)


@pytest.mark.parametrize("method", ["pspline_asls", "pspline_arpls"])
@pytest.mark.parametrize("equal", [True, False])
@pytest.mark.parametrize("options", [{}, {"lam": 1e5, "num_knots": 300}, {"spline_degree": 2, "diff_order": 3}])
def test_as_pybaselines(method, equal, options):
    pybaselines = pytest.importorskip("pybaselines")
    y = pattern(2000, seed=8)
    x = np.linspace(3.0, 7.0, y.size) if equal else uneven_axis(y.size)
    theirs, parameters = getattr(pybaselines.Baseline(x), method)(y, **options)
    result = background(y, x, method=method, **options)
    assert result.n_iterations == parameters["tol_history"].size
    # banded Cholesky against scipy's, condition up to 16 lam = 1.6e6 times rounding
    np.testing.assert_allclose(result.curve, theirs, rtol=1e-9)


@pytest.mark.parametrize("diff_order", [1, 2, 3])
@pytest.mark.parametrize("num_knots", [100, 200])
def test_half_of_a_wave_of_the_stated_width_passes(diff_order, num_knots):
    x = np.linspace(0.0, 100.0, 5001)
    wave = 7.0 + np.sin(2 * np.pi * x / 20.0)
    # one pass with equal weights
    curve = background(
        wave, x, method="pspline_asls", stiffness_width=20.0, num_knots=num_knots, diff_order=diff_order,
        max_iterations=0,
    ).curve  # fmt: skip
    middle = (x > 40) & (x < 60)
    # differences of coefficients for derivatives: (2 sin(w/2) / w)^(2 d) at 20 intervals a period, 2.5 % for d = 3
    assert np.ptp(curve[middle]) / 2 == pytest.approx(0.5, abs=0.01)
