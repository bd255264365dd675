"""Patterns of peaks with known truth for the tests of peak fits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Array = np.ndarray


def gaussian(x: Array, centre: float, fwhm: float) -> Array:
    """Of unit area."""
    sigma = fwhm / np.sqrt(8.0 * np.log(2.0))
    return np.exp(-0.5 * ((x - centre) / sigma) ** 2) / (sigma * np.sqrt(2.0 * np.pi))


def lorentzian(x: Array, centre: float, fwhm: float) -> Array:
    """Of unit area."""
    return 0.5 * fwhm / np.pi / ((x - centre) ** 2 + 0.25 * fwhm**2)


def pseudo_voigt(x: Array, centre: float, fwhm: float, eta: float) -> Array:
    """Of unit area."""
    return eta * lorentzian(x, centre, fwhm) + (1.0 - eta) * gaussian(x, centre, fwhm)


@dataclass(frozen=True)
class Truth:
    """Counts over ``x`` and what they were drawn from."""

    x: Array
    mean: Array
    area: Array
    centre: Array
    fwhm: Array
    eta: Array

    def counts(self, seed: int) -> tuple[Array, Array]:
        """Poisson counts and their standard deviations."""
        y = np.random.default_rng(seed).poisson(self.mean).astype(float)
        return y, np.sqrt(np.maximum(y, 1.0))


def diffractogram(n_peaks: int, n: int = 4000, *, seed: int = 11, gap: float = 0.5) -> Truth:
    """Pseudo-Voigts over 5 to 120 degrees on a falling line, at least ``gap`` apart."""
    rng = np.random.default_rng(seed)
    x = np.linspace(5.0, 120.0, n)
    centre = 10.0 + gap * np.arange(n_peaks) + np.sort(rng.uniform(0.0, 105.0 - gap * n_peaks, n_peaks))
    fwhm = rng.uniform(0.1, 0.3, n_peaks)
    eta = rng.uniform(0.2, 0.8, n_peaks)
    area = 0.2 * (300.0 + 8000.0 * np.exp(rng.normal(-1.5, 1.0, n_peaks)))
    signal = sum(a * pseudo_voigt(x, *rest) for a, *rest in zip(area, centre, fwhm, eta, strict=True))
    return Truth(x, 250.0 - 0.9 * x + signal, area, centre, fwhm, eta)


def core_level(n: int = 301) -> Truth:
    """Two components on the Shirley background that belongs to them: a constant plus the running integral."""
    x = np.linspace(280.0, 295.0, n)
    centre, fwhm, eta = np.array([285.0, 288.6]), np.array([1.2, 1.3]), np.array([0.3, 0.3])
    area = np.array([9600.0, 3900.0])
    signal = sum(a * pseudo_voigt(x, *rest) for a, *rest in zip(area, centre, fwhm, eta, strict=True))
    pieces = 0.5 * np.diff(x) * (signal[1:] + signal[:-1])
    return Truth(x, 500.0 + signal + 0.06 * np.concatenate([[0.0], np.cumsum(pieces)]), area, centre, fwhm, eta)
