"""The backgrounds of photoelectron regions against what made them: closed forms, slow loops, physical limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import erf

import braggite as bg
from braggite.kernels import background


def shirley_region(n: int = 1001, equal: bool = True):
    """A Gaussian line on 200 plus 0.05 of its own integral, by the error function."""
    u = np.linspace(0.0, 1.0, n)
    x = 280 + 20 * (u if equal else u + 0.05 * np.sin(2 * np.pi * u))
    peak = 900 * np.exp(-(((x - 290) / 1.2) ** 2))
    ground = 200 + 0.05 * 900 * 1.2 * np.sqrt(np.pi) / 2 * (1 + erf((x - 290) / 1.2))
    return x, peak + ground, ground


@pytest.mark.parametrize("equal", [True, False])
def test_shirley_is_the_integral_of_the_line(equal):
    x, y, ground = shirley_region(equal=equal)
    result = background(y, x, method="shirley", tol=1e-12)
    assert result.converged
    # trapezia: step^2 / 12 of the slope of the line, 0.05 * 1e3 * 0.02^2 / 12 of 200; unequal steps are up to 1.3 wider
    np.testing.assert_allclose(result.curve, ground, rtol=1e-5)


def test_shirley_as_iterated_slowly():
    rng = np.random.default_rng(7)
    x, y, _ = shirley_region(401, equal=False)
    y = rng.poisson(y).astype(float)
    first, last = y[:5].mean(), y[-5:].mean()
    curve = np.full(y.size, min(first, last))
    for _ in range(60):
        net = y - curve
        area = np.concatenate([[0.0], np.cumsum(0.5 * (net[1:] + net[:-1]) * np.diff(x))])
        curve = first + (last - first) * area / area[-1]
    # the same iteration to rounding
    np.testing.assert_allclose(background(y, x, method="shirley", tol=1e-13).curve, curve, rtol=1e-10)


@pytest.mark.parametrize("equal", [True, False])
def test_shirley_as_lmfitxps(equal):
    peer = pytest.importorskip("lmfitxps.backgrounds")
    x, y, _ = shirley_region(401, equal=equal)
    y = np.random.default_rng(7).poisson(y).astype(float)
    # its ends are single points; its tolerance is a mean square in counts
    theirs = peer.shirley_calculate(x, y, tol=1e-18, maxit=100)
    # the same trapezia; both stop within 1e-9 counts of 300
    np.testing.assert_allclose(background(y, x, method="shirley", end_points=1, tol=1e-13).curve, theirs, rtol=1e-10)


@pytest.mark.parametrize("end_points", [1, 5, 11])
def test_shirley_meets_the_means_of_both_ends(end_points):
    x, y, _ = shirley_region()
    y = np.random.default_rng(3).poisson(y).astype(float)
    curve = background(y, x, method="shirley", end_points=end_points).curve
    # by construction: the running integral is 0 and 1 there
    assert (curve[0], curve[-1]) == pytest.approx((y[:end_points].mean(), y[-end_points:].mean()), rel=1e-12)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(0.0, 1e4), min_size=12, max_size=60), st.integers(1, 5))
def test_whatever_the_data_smart_stays_below_and_inside_its_ends_or_says_so(values, end_points):
    y = np.array(values)
    result = background(y, method="smart", end_points=end_points)
    assert np.all(result.curve <= y)
    ends = y[:end_points].mean(), y[-end_points:].mean()
    # rounding of an integral over 60 values up to 1e4
    slack = 1e-9 * max(1.0, y.max())
    assert not result.converged or np.all(result.curve <= max(ends) + slack)
    assert result.n_iterations <= result.options["max_iterations"]


def test_a_second_shirley_finds_nothing_left():
    x, y, _ = shirley_region()
    net = background(y, x, method="shirley", tol=1e-12).net
    # the first one's own rounding, against a line of 900
    assert np.max(np.abs(background(net, x, method="shirley").curve)) < 1e-6


def test_shirley_that_cannot_be_says_so():
    x = np.linspace(0.0, 10.0, 101)
    result = background(x - 50 * np.exp(-((x - 5) ** 2)), x, method="shirley")
    assert not result.converged
    assert [note.code for note in result.diagnostics] == ["background_not_converged"]


def test_smart_never_lies_above_the_data():
    rng = np.random.default_rng(8)
    x, y, _ = shirley_region()
    y = rng.poisson(np.where((x > 294) & (x < 296), y - 40, y)).astype(float)
    assert np.any(background(y, x, method="shirley").curve > y)
    smart = background(y, x, method="smart")
    assert smart.converged
    assert np.all(smart.curve <= y)


FORMS = {
    "tougaard_u2": (lambda t: t / (1643 + t**2) ** 2, {}),
    "tougaard_u3": (lambda t: t / ((551 - t**2) ** 2 + 436 * t**2), {}),
    "tougaard_u4": (
        lambda t: np.where(t > 9.0, t / ((542 - t**2) ** 2 + 275 * t**2), 0.0),
        {"C": 542, "D": 275, "T0": 9},
    ),
}


@pytest.mark.parametrize("method", FORMS)
@pytest.mark.parametrize("equal", [True, False])
def test_tougaard_as_summed_slowly(method, equal):
    form, options = FORMS[method]
    u = np.linspace(0.0, 1.0, 300)
    x = 270 + 80 * (u if equal else u + 0.05 * np.sin(2 * np.pi * u))
    y = 40 + 700 * np.exp(-(((x - 285) / 1.3) ** 2)) + 60 / (1 + np.exp(288 - x))
    net = y - y[:5].mean()
    trapezia = np.gradient(x) * np.where((np.arange(300) % 299) == 0, 0.5, 1.0)
    cells = 0.5 * (np.append(np.diff(x), 0) + np.append(0, np.diff(x)))
    assert not equal or np.allclose(cells, trapezia)
    unit = np.array([np.sum(form(x[i] - x[:i]) * (net * cells)[:i]) for i in range(300)])
    scale = np.sum(net[-5:] * unit[-5:]) / np.sum(unit[-5:] ** 2)
    fitted = background(y, x, method=method, **options)
    # one sum in two orders
    assert fitted.fitted["B"] == pytest.approx((scale,), rel=1e-9)
    np.testing.assert_allclose(fitted.curve, y[:5].mean() + scale * unit, rtol=1e-9)
    given = background(y, x, method=method, B=100.0, **options)
    np.testing.assert_allclose(given.curve, y[:5].mean() + 100.0 * unit, rtol=1e-9)
    assert given.fitted["B"] == (100.0,)


def test_tougaard_of_a_narrow_line_is_the_loss_function():
    x = np.linspace(0.0, 120.0, 2401)
    line = np.exp(-(((x - 10) / 0.5) ** 2))
    area, t = 0.5 * np.sqrt(np.pi), x - 10
    expected = 2866 * area * t / (1643 + t**2) ** 2
    curve = background(line, x, method="tougaard_u2", B=2866.0).curve
    far = t > 5
    # a line 0.5 wide against a function that curves over 23: second moment 0.125 times the curvature
    np.testing.assert_allclose(curve[far], expected[far], rtol=1e-3)


def test_tougaard_of_an_edge_is_its_closed_form():
    x = np.linspace(0.0, 100.0, 4001)
    # half the height at the edge itself, so that trapezia are exact to the second order
    edge = np.where(x > 20, 1.0, np.where(x == 20, 0.5, 0.0))
    t = np.maximum(x - 20, 0.0)
    expected = 0.5 * 2866 * (1 / 1643 - 1 / (1643 + t**2))
    curve = background(edge, x, method="tougaard_u2", B=2866.0).curve
    # trapezia: step^2 / 12 of the slope of the loss function, 0.025^2 / 12 * 2866 / 1643^2 = 6e-8, of 0.87
    np.testing.assert_allclose(curve, expected, atol=1e-7)


def test_tougaard_as_lmfitxps():
    peer = pytest.importorskip("lmfitxps.backgrounds")
    kinetic = np.linspace(1100.0, 1200.0, 501)
    line = 700 * np.exp(-(((kinetic - 1180) / 1.3) ** 2))
    # a new function, as it keeps the last sum; its step is the range over the number of points
    theirs = peer.tougaard_closure()(kinetic, line, 2866.0 * 501 / 500, 551.0, -1.0, 436.0)
    curve = background(line, kinetic, method="tougaard_u3", B=2866.0, kinetic=True).curve
    # its sum is not by trapezia, which differ where the line is cut off: at both ends it is below rounding
    np.testing.assert_allclose(curve, theirs, rtol=1e-9, atol=1e-9)


def test_a_descending_end_is_not_explained_by_losses():
    x = np.linspace(0.0, 50.0, 201)
    result = background(100 - 0.1 * x + 900 * np.exp(-((x - 20) ** 2)), x, method="tougaard_u2")
    assert not result.converged
    assert result.fitted["B"] == (0.0,)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"C": -1643.0}, "C"),
        ({"B": -1.0}, "B"),
        ({"C": None}, "fit_from"),
        ({"fit_from": 999.0}, "fit_from"),
        ({"D": 3.0}, "D"),
    ],
)
def test_absurd_loss_functions_are_refused_by_name(options, name):
    x, y, _ = shirley_region(101)
    with pytest.raises(bg.OptionError, match=name):
        background(y, x, method="tougaard_u2", **options)


@pytest.mark.parametrize("method", ["shirley", "tougaard_u2"])
def test_binding_and_kinetic_energy_agree(method):
    x, y, _ = shirley_region()
    options = {"kinetic": True} if method == "tougaard_u2" else {}
    other = background(y[::-1], (1486.6 - x)[::-1], method=method, **options).curve[::-1]
    # rounding of the shifted axis; Shirley within its tolerance
    np.testing.assert_allclose(background(y, x, method=method).curve, other, rtol=1e-6)
