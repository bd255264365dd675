"""Smoothing against scipy, dense algebra and the scatter of many simulated spectra."""

from __future__ import annotations

import json

import numpy as np
import pytest
from kernel_conformance import KernelConformance, spectrum
from scipy.signal import savgol_filter

import braggite as bg
from braggite import kernels
from braggite.preprocessing.smooth import SMOOTHING


class SmoothConformance(KernelConformance):
    kernel = staticmethod(kernels.smooth)

    def counters(self, result):
        return result.lam

    @pytest.mark.parametrize("unequal", [False, True])
    def test_the_standard_deviation_is_the_scatter_of_many(self, unequal):
        rng = np.random.default_rng(6)
        x = np.cumsum(rng.uniform(0.5, 1.5, 60)) if unequal else np.arange(60.0)
        sigma = 1 + np.linspace(0, 2, 60)
        expected = 20 * np.sin(x / 9)
        noisy = expected + sigma * rng.normal(size=(4000, 60))
        result = self.run(noisy, x, sigma=np.tile(sigma, (4000, 1)), **self.fixed())
        # a standard deviation from 4,000 draws is known to 1.1 %; the worst of 60 points within four of that
        np.testing.assert_allclose(result.curve.std(axis=0), result.sigma[0], rtol=0.045)
        middle = result.curve[:, 30:32] - result.curve[:, 30:32].mean(axis=0)
        correlation = np.corrcoef(middle.T)[0, 1]
        assert correlation == pytest.approx(result.neighbour_correlation, abs=0.07)

    def fixed(self):
        return {}

    def test_refuses_a_sigma_that_is_none(self):
        for sigma in (np.zeros(50), np.ones(49)):
            with pytest.raises(bg.InvalidSpectrum, match="sigma"):
                self.run(np.ones(50), sigma=sigma)


class TestSavitzkyGolay(SmoothConformance):
    method = "savitzky_golay"

    @pytest.mark.parametrize("deriv", [0, 1, 2])
    @pytest.mark.parametrize(("window_length", "polyorder"), [(5, 2), (7, 3), (21, 4), (101, 5), (599, 2)])
    def test_as_scipy(self, window_length, polyorder, deriv):
        x, y = spectrum()
        step = (x[-1] - x[0]) / (x.size - 1)
        expected = savgol_filter(y, window_length, polyorder, deriv=deriv, delta=step, mode="interp")
        found = self.run(y, x, window_length=window_length, polyorder=polyorder, deriv=deriv).curve
        # scipy solves with powers of up to 300 steps (101 points at degree 9 it gets wrong): 1e-7 of the largest
        np.testing.assert_allclose(found, expected, atol=1e-7 * np.abs(expected).max())

    @pytest.mark.parametrize("deriv", [0, 1, 2])
    def test_unequal_steps_as_fitted_slowly(self, deriv):
        rng = np.random.default_rng(3)
        x = np.cumsum(rng.uniform(0.2, 1.8, 80))
        y = rng.normal(size=80)
        found = self.run(y, x, window_length=9, polyorder=3, deriv=deriv).curve
        for i in range(80):
            start = min(max(i - 4, 0), 71)
            near = slice(start, start + 9)
            fit = np.polynomial.Polynomial.fit(x[near], y[near], 3)
            # two ways of solving a fit of nine points
            assert found[i] == pytest.approx(fit.deriv(deriv)(x[i]) if deriv else fit(x[i]), abs=1e-8)

    def test_refuses_absurd_options_by_name(self):
        y = np.ones(50)
        for name, value in {"window_length": 4, "polyorder": 7, "deriv": 3}.items():
            with pytest.raises(bg.OptionError, match=name):
                self.run(y, **{name: value})
        with pytest.raises(bg.OptionError, match="window_length"):
            self.run(y, window_length=51)


class TestWhittaker(SmoothConformance):
    method = "whittaker"

    def fixed(self):
        return {"lam": 30.0}

    @pytest.mark.parametrize("equal", [True, False])
    @pytest.mark.parametrize("weighted", [False, True])
    def test_as_dense_algebra(self, equal, weighted):
        rng = np.random.default_rng(5)
        n = 200
        x = np.arange(n) * 0.5 if equal else np.cumsum(rng.uniform(0.2, 0.8, n))
        y, sigma = rng.normal(size=n), rng.uniform(0.5, 2.0, n)
        weights = rng.uniform(0.0, 2.0, n) * (rng.random(n) > 0.1) if weighted else None
        w = np.ones(n) if weights is None else weights
        h = np.diff(x) / np.diff(x).mean()
        cell = 0.5 * (h[:-1] + h[1:])
        d = np.diff(np.diff(np.eye(n), axis=0) / h[:, None], axis=0) / np.sqrt(cell)[:, None]
        smoother = np.linalg.solve(np.diag(w) + 500.0 * d.T @ d, np.diag(w))
        result = self.run(y, x, sigma=sigma, lam=500.0, weights=weights)
        # two direct solvers, condition about 16 lam over the smallest weight
        np.testing.assert_allclose(result.curve, smoother @ y, atol=1e-9)
        covariance = smoother @ np.diag(sigma**2) @ smoother.T
        np.testing.assert_allclose(result.sigma, np.sqrt(np.diag(covariance)), rtol=1e-8)
        plain = smoother @ smoother.T
        assert result.noise_gain == pytest.approx(np.sqrt(plain[n // 2, n // 2]), rel=1e-8)
        expected = plain[n // 2, n // 2 + 1] / np.sqrt(plain[n // 2, n // 2] * plain[n // 2 + 1, n // 2 + 1])
        assert result.neighbour_correlation == pytest.approx(expected, rel=1e-8)

    def test_cross_validation_is_the_least_of_a_scan(self):
        x, y = spectrum()
        found = self.run(y, x).lam[0]
        n = y.size
        d = np.diff(np.eye(n), n=2, axis=0)

        def score(lam):
            smoother = np.linalg.inv(np.eye(n) + lam * d.T @ d)
            return np.mean((y - smoother @ y) ** 2) / (1 - np.trace(smoother) / n) ** 2

        own = score(found)
        # the least to the flatness of the score near it
        assert all(own <= score(found * factor) * (1 + 1e-6) for factor in (0.01, 0.5, 0.9, 1.1, 2.0, 100.0))

    def test_the_width_is_the_background_s(self):
        x, y = spectrum()
        found = self.run(y, x, stiffness_width=2.0).lam[0]
        assert found == kernels.background(y, x, stiffness_width=2.0).options["lam"]

    def test_a_straight_line_with_little_noise_ends_at_the_bound(self):
        x = np.arange(100.0)
        result = self.run(3 + 0.1 * x + 1e-3 * np.random.default_rng(2).normal(size=100), x)
        assert "at_bound" in [note.code for note in result.diagnostics]

    def test_refuses_absurd_options_by_name(self):
        y = np.ones(50)
        for options in ({"lam": -1.0}, {"stiffness_width": 0.0}, {"lam": 1.0, "stiffness_width": 3.0}):
            with pytest.raises(bg.OptionError, match=list(options)[-1]):
                self.run(y, **options)
        with pytest.raises(bg.OptionError, match="weights"):
            self.run(y, weights=-np.ones(50))
        with pytest.raises(bg.InvalidSpectrum, match="weights"):
            self.run(y, weights=np.ones(49))


def test_every_method_is_held_to_it():
    assert {value.method for name, value in globals().items() if name.startswith("Test")} == set(SMOOTHING)


def test_a_spectrum_says_what_became_of_its_noise():
    x, y = spectrum()
    raw = bg.Spectrum.from_arrays(x, y, counts=True)
    new = bg.smooth(raw, window_length=9)
    assert (new.history[-1].verb, new.counts) == ("smooth", False)
    step = new.history[-1].options
    np.testing.assert_allclose(np.median(new.sigma / np.sqrt(y)), step["noise_gain"], rtol=0.02)  # sigma varies slowly
    note = next(note for note in new.diagnostics if note.code == "noise_correlated")
    assert note.value == step["neighbour_correlation"]
    slope = bg.smooth(raw, window_length=9, deriv=1)
    assert slope.y_unit == "arbitrary"
    json.dumps(kernels.smooth(y, method="whittaker").to_dict(), allow_nan=False)
    json.dumps(bg.smooth(raw, "whittaker", weights=1 / y).to_dict(), allow_nan=False)
