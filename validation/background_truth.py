"""Spectra of four techniques whose background is known because it was put in; a seed makes a spectrum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

import braggite as bg

if TYPE_CHECKING:
    from collections.abc import Callable

    from braggite.spectrum import TechniqueName

FOUR_LN2 = 4 * np.log(2)


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """A simulated spectrum, the background in it and the standard deviation of its noise."""

    spectrum: bg.Spectrum
    background: np.ndarray
    sigma: np.ndarray

    def error(self, curve: np.ndarray) -> float:
        """Root mean square of ``curve - background`` in standard deviations of a point."""
        return float(np.sqrt(np.mean(((curve - self.background) / self.sigma) ** 2)))


def bands(x: np.ndarray, at: np.ndarray, fwhm: np.ndarray, height: np.ndarray, eta: np.ndarray) -> np.ndarray:
    """Sum of pseudo-Voigts."""
    u = (x[:, None] - at) / fwhm
    return (eta / (1 + 4 * u**2) + (1 - eta) * np.exp(-FOUR_LN2 * u**2)) @ height


def humps(x: np.ndarray, rng: np.random.Generator, most: int, width: tuple[float, float], height: float) -> np.ndarray:
    """Up to ``most`` broad Gaussians."""
    total = np.zeros(x.size)
    for _ in range(rng.integers(0, most + 1)):
        at, fwhm = rng.uniform(x[0], x[-1]), rng.uniform(*width)
        total += height * rng.uniform(0.2, 1.0) * np.exp(-FOUR_LN2 * ((x - at) / fwhm) ** 2)
    return total


def counted(
    x: np.ndarray, ground: np.ndarray, signal: np.ndarray, rng: np.random.Generator, technique: TechniqueName,
    *, read_noise: float = 0.0,
) -> Truth:  # fmt: skip
    """Counts of ``ground + signal``."""
    expected = np.maximum(ground + signal, 0.0)
    y = rng.poisson(expected) + (rng.normal(0.0, read_noise, x.size) if read_noise else 0.0)
    spectrum = bg.Spectrum.from_arrays(x, y, technique=technique, counts=True if not read_noise else None)
    return Truth(spectrum, ground, np.sqrt(np.maximum(expected + read_noise**2, 1.0)))


def xrd(rng: np.random.Generator) -> Truth:
    """Lines 0.06 to 0.5 deg wide, few to crowded; air scatter, fluorescence, amorphous humps."""
    x = np.arange(rng.uniform(5, 20), rng.uniform(70, 120), rng.choice([0.01, 0.02, 0.03, 0.05]))
    level = 10 ** rng.uniform(1.3, 3.3)
    ground = level * (1 + rng.uniform(-0.5, 0.5) * (x - x[0]) / np.ptp(x))
    ground += level * rng.uniform(0, 4) * np.exp(-(x - x[0]) / rng.uniform(3, 15))
    ground += humps(x, rng, 2, (6.0, 20.0), level)
    n = int(10 ** rng.uniform(0.7, 2.2))
    at = np.sort(x[0] + np.ptp(x) * rng.uniform(0.05, 1, n) ** 0.8)  # denser at high angle, as reflections are
    fwhm = 10 ** rng.uniform(-1.2, -0.3) * (0.8 + 0.6 * (at - x[0]) / np.ptp(x))
    height = level * 10 ** rng.uniform(-0.7, rng.uniform(0.5, 1.7), n)
    return counted(x, ground, bands(x, at, fwhm, height, rng.uniform(0.2, 0.9, n)), rng, "xrd")


def raman(rng: np.random.Generator) -> Truth:
    """Bands 4 to 120 cm-1 wide on fluorescence and a Rayleigh wing; shot and read noise."""
    x = np.arange(rng.uniform(80, 150), rng.choice([1200, 1800, 3500]), rng.choice([0.7, 1.0, 1.8, 2.5]))
    level = 10 ** rng.uniform(1.5, 4)
    t = (x - x[0]) / np.ptp(x)
    ground = level * (0.2 + np.exp(-((t - rng.uniform(-0.3, 1.3)) ** 2) / rng.uniform(0.1, 0.6)))
    ground += level * rng.uniform(0, 1) * np.exp(-(x - x[0]) / rng.uniform(50, 150)) + humps(
        x, rng, 1, (500.0, 900.0), level
    )
    n = rng.integers(3, 22)
    scale = 10 ** rng.uniform(0.9, 1.8)
    height = level * 10 ** rng.uniform(-1.0, 0.8) * 10 ** rng.uniform(-1.3, 0, n)
    at = rng.uniform(x[0] + 30, x[0] + 0.95 * np.ptp(x), n)
    return counted(
        x,
        ground,
        bands(x, at, scale * 10 ** rng.uniform(-0.3, 0.4, n), height, rng.uniform(0.3, 1, n)),
        rng,
        "raman",
        read_noise=6.0,
    )


def ftir(rng: np.random.Generator) -> Truth:
    """Absorbance bands 6 to 300 cm-1 wide on sloping scatter; noise that grows towards both ends."""
    x = np.arange(400.0, 4000.0, rng.choice([1.0, 2.0, 4.0]))
    t = (x - x[0]) / np.ptp(x)
    ground = (
        rng.uniform(0.02, 0.2)
        + rng.uniform(0, 0.3) * t ** rng.uniform(1, 3)
        + rng.uniform(-0.05, 0.05) * np.sin(2 * np.pi * (t * rng.uniform(0.3, 1.5) + rng.uniform()))
    )
    n = rng.integers(4, 20)
    at = np.where(rng.random(n) < 0.75, rng.uniform(420, 1800, n), rng.uniform(2300, 3800, n))
    fwhm = 10 ** rng.uniform(0.8, 1.9, n) * np.where(at > 3000, 2.5, 1.0)
    height = 10 ** rng.uniform(-1.2, 0) * 10 ** rng.uniform(-1.3, 0, n)
    sigma = 10 ** rng.uniform(-3.7, -2.7) * (1 + 3 * np.exp(-t / 0.03) + 2 * np.exp((t - 1) / 0.05))
    signal = bands(x, at, fwhm, height, rng.uniform(0.3, 1, n))
    y = ground + signal + sigma * rng.normal(size=x.size)
    return Truth(bg.Spectrum.from_arrays(x, y, technique="ftir", y_unit="absorbance"), ground, sigma)


def xps(rng: np.random.Generator) -> Truth:
    """A core-level region: one to five states, single or doublet, each with its step; a slope."""
    step = rng.choice([0.05, 0.1, 0.2])
    extent = rng.uniform(14, 40)
    x = np.arange(0.0, extent, step) + rng.uniform(50, 900)
    level = 10 ** rng.uniform(2, 4)
    n = rng.integers(1, 6)
    at = x[0] + extent * rng.uniform(0.25, 0.65) + rng.uniform(-2, 2, n)
    height = level * 10 ** rng.uniform(-0.7, 1) * 10 ** rng.uniform(-1, 0, n)
    if rng.random() < 0.5:
        split = rng.uniform(1, 0.25 * extent)
        at, height = np.r_[at, at + split], np.r_[height, height * rng.choice([0.5, 0.667, 0.75])]
    fwhm = np.full(at.size, rng.uniform(0.8, 2.2))
    signal = bands(x, at, fwhm, height, np.full(at.size, rng.uniform(0.1, 0.4)))
    ground = level * (1 + rng.uniform(-0.15, 0.3) * (x - x[0]) / extent)
    ground += rng.uniform(0.005, 0.08) * np.cumsum(signal) * step
    return counted(x, ground, signal, rng, "xps")


MAKERS: dict[str, Callable[[np.random.Generator], Truth]] = {"xrd": xrd, "raman": raman, "ftir": ftir, "xps": xps}


def simulated(technique: str, seed: int) -> Truth:
    """The spectrum of a technique and a seed, the same on every machine."""
    return MAKERS[technique](np.random.default_rng([list(MAKERS).index(technique), seed]))
