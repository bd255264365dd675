"""Simulated Raman spectra with cosmic rays, and how many of these a method finds."""

from __future__ import annotations

import numpy as np

from braggite import kernels

READ_NOISE = 6.0


def raman(seed, height, fwhm_min=5.0, unequal=False):
    """Twelve Lorentzian bands on fluorescence, shot and read noise, nine cosmic rays of one to three points."""
    rng = np.random.default_rng(seed)
    x = np.linspace(100.0, 1700.0, 1600)
    if unequal:
        x = x + 0.3 * np.sin(x / 7)
    y = 150 + 200 * np.exp(-(((x - 900) / 900) ** 2))
    for _ in range(12):
        y += rng.uniform(30, 3000) / (1 + 4 * ((x - rng.uniform(150, 1650)) / rng.uniform(fwhm_min, 60)) ** 2)
    sigma = np.sqrt(y + READ_NOISE**2)
    spikes = np.zeros(x.size, dtype=bool)
    y = rng.poisson(y) + rng.normal(0.0, READ_NOISE, x.size)
    while height and np.count_nonzero(spikes) < 18:
        start, width = rng.integers(5, x.size - 8), rng.integers(1, 4)
        if not spikes[start - 2 : start + width + 2].any():
            spikes[start : start + width] = True
            y[start : start + width] += height * sigma[start : start + width]
    return x, y, sigma, spikes


def scores(method, height, **options):
    """Precision and recall over points of forty spectra."""
    hits = found = there = 0
    for seed in range(40):
        x, y, sigma, spikes = raman(seed, height)
        replaced = kernels.despike(y, x, sigma=sigma, method=method, **options).replaced
        hits += np.count_nonzero(replaced & spikes)
        found += np.count_nonzero(replaced)
        there += np.count_nonzero(spikes)
    return hits / max(found, 1), hits / there
