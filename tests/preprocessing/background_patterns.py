"""Patterns with lines and noise for the oracles of the backgrounds."""

from __future__ import annotations

import numpy as np


def pattern(n: int, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    u = np.linspace(0.0, 1.0, n)
    y = 150 * (1 + 2 * np.exp(-8 * u))
    for _ in range(25):
        y = y + 10 ** rng.uniform(1.5, 3.5) * np.exp(
            -0.5 * ((u - rng.uniform(0.02, 0.98)) / rng.uniform(5e-4, 2e-3)) ** 2
        )
    return rng.poisson(y).astype(float)


def uneven_axis(n: int) -> np.ndarray:
    """Steps between a half and one and a half."""
    return np.cumsum(np.random.default_rng(4).uniform(0.5, 1.5, n))
