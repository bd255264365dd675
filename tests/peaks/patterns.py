"""Simulated patterns with known peaks: pseudo-Voigts on a curved ground, Poisson counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Pattern:
    x: np.ndarray
    y: np.ndarray
    ground: np.ndarray
    position: np.ndarray
    fwhm: np.ndarray
    height: np.ndarray
    partner: np.ndarray


def ground(x):
    return 150 * (1 + 1.5 * np.exp(-(x - 10) / 12) + 0.3 * np.exp(-4 * np.log(2) * ((x - 28) / 12) ** 2))


def pseudo_voigt(x, at, fwhm, eta):
    u = (x - at) / fwhm
    return eta / (1 + 4 * u**2) + (1 - eta) * np.exp(-4 * np.log(2) * u**2)


def pattern(rng, weakest, n_lone=28, n_doublets=6):
    """Lone lines at least 0.8 deg apart and doublets 0.8 to 1.6 widths apart; ``weakest`` in noise of one point."""
    x = np.linspace(10, 90, 4000)
    slots = np.sort(rng.choice(np.arange(12, 88, 0.9), n_lone + n_doublets, replace=False))
    at = slots + rng.uniform(-0.05, 0.05, slots.size)
    fwhm = (0.10 + 0.12 * (at - 10) / 80) * rng.uniform(0.9, 1.1, at.size)
    height = weakest * np.sqrt(ground(at)) * 100 ** rng.uniform(0, 1, at.size)
    pairs = rng.choice(at.size, n_doublets, replace=False)
    beside = at[pairs] + rng.choice([-1, 1], n_doublets) * rng.uniform(0.8, 1.6, n_doublets) * fwhm[pairs]
    position = np.r_[at, beside]
    fwhm = np.r_[fwhm, fwhm[pairs]]
    height = np.r_[height, height[pairs] / rng.uniform(1, 3, n_doublets)]
    partner = np.r_[np.zeros(at.size, bool), np.ones(n_doublets, bool)]
    signal = sum(
        h * pseudo_voigt(x, p, w, eta)
        for p, w, h, eta in zip(position, fwhm, height, rng.uniform(0.2, 0.8, position.size), strict=True)
    )
    return Pattern(x, rng.poisson(ground(x) + signal).astype(float), ground(x), position, fwhm, height, partner)


def matched(found, truth: Pattern):
    """For each true peak the index of its finding within half a width, nearest pairs first; -1 where there is none."""
    distance = np.abs(found[None, :] - truth.position[:, None]) / truth.fwhm[:, None]
    hit = np.full(truth.position.size, -1)
    for flat in np.argsort(distance, axis=None):
        i, j = np.unravel_index(flat, distance.shape)
        if distance[i, j] > 0.5:
            break
        if hit[i] < 0 and j not in hit:
            hit[i] = j
    return hit
