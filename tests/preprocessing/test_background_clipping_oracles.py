"""Backgrounds that clip points or bend the spectrum, against numpy and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from background_patterns import pattern, uneven_axis
from numpy.polynomial import chebyshev
from scipy.spatial import ConvexHull

from braggite.kernels import background


@pytest.mark.parametrize("order", [0, 3, 12])
@pytest.mark.parametrize("equal", [True, False])
def test_clipped_series_as_chebfit(order, equal):
    y = pattern(900, seed=9)
    x = np.linspace(3.0, 7.0, y.size) if equal else uneven_axis(y.size)
    u = 2 * (x - x[0]) / (x[-1] - x[0]) - 1
    kept = np.ones(y.size, dtype=bool)
    passes = 0
    while True:
        passes += 1
        curve = chebyshev.chebval(u, chebyshev.chebfit(u[kept], y[kept], order))
        deviation = np.sqrt(np.mean((y - curve)[kept] ** 2))
        again = (y - curve <= 1.5 * deviation) & (curve - y <= 3.0 * deviation)
        if np.array_equal(again, kept):
            break
        kept = again
    result = background(y, x, method="chebyshev", poly_order=order, num_std=1.5, num_std_below=3.0)
    assert (result.converged, result.n_iterations) == (True, passes)
    np.testing.assert_array_equal(result.clipped, ~kept)
    # two bases of one space of polynomials, condition of the Chebyshev one below 10 on what is kept
    np.testing.assert_allclose(result.curve, curve, rtol=1e-9)


def test_masked_points_are_not_clipped_points():
    y = pattern(900, seed=9)
    mask = np.arange(900) > 850
    assert not np.any(background(y, method="chebyshev", mask=mask).clipped[mask])


def test_clipping_that_stops_at_its_limit_says_so():
    result = background(pattern(900, seed=9), method="chebyshev", max_iterations=2)
    assert not result.converged
    assert [note.code for note in result.diagnostics] == ["background_not_converged"]


def test_batches_keep_what_each_row_clipped():
    rows = np.stack([pattern(500, seed=seed) for seed in (1, 2)])
    clipped = background(rows, method="chebyshev").clipped
    assert clipped.shape == rows.shape
    for row, own in zip(rows, clipped, strict=True):
        np.testing.assert_array_equal(background(row, method="chebyshev").clipped, own)


def band(x, y, ranges):
    borders = (x - x[0]) / (x[-1] - x[0]) * ranges + 1e-9
    number = np.minimum(borders.astype(int), ranges - 1)
    lowest = [np.flatnonzero(number == k)[np.argmin(y[number == k])] for k in np.unique(number)]
    points = np.unique([0, *lowest, x.size - 1])
    hull = ConvexHull(np.column_stack([x[points], y[points]]))
    # facets that look down are the lower hull
    carrying = points[np.unique(hull.simplices[hull.equations[:, 1] < 0])]
    return np.interp(x, x[carrying], y[carrying])


@pytest.mark.parametrize("equal", [True, False])
@pytest.mark.parametrize(("iterations", "ranges"), [(1, 16), (10, 64)])
def test_the_concave_band_as_hulls_of_bent_spectra(equal, iterations, ranges):
    y = pattern(1500, seed=9)
    x = np.linspace(3.0, 7.0, y.size) if equal else uneven_axis(y.size)
    bend = (2 * (x - x[0]) / (x[-1] - x[0]) - 1) ** 2
    net = y - band(x, y, ranges)
    for _ in range(iterations):
        net = net + np.ptp(net) / 10 * bend
        net = net - band(x, net, ranges)
    net = net - band(x, net, ranges)
    result = background(y, x, method="concave_rubberband", iterations=iterations, baseline_points=ranges)
    # Qhull's hulls of the same points, a dozen in turn
    np.testing.assert_allclose(result.curve, y - net, rtol=1e-9, atol=1e-9 * y.max())


def test_the_concave_band_enters_a_dome():
    x = np.linspace(0.0, 100.0, 2001)
    dome = 50 * np.sin(np.pi * x / 100)
    y = dome + 80 * np.exp(-0.5 * ((x - 30) / 0.5) ** 2)
    plain, concave = (background(y, x, method=name).curve for name in ("rubberband", "concave_rubberband"))
    assert np.max(dome - plain) > 45
    # 64 straight pieces under a dome of curvature 0.05: 0.05 x 1.6^2 / 8 = 0.016; more where a pass bends beyond it
    assert np.max(np.abs(concave - dome)) < 2.0
