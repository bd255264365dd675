"""Made vibrational spectra of samples that are not their references."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from braggite.band_simulation import BandState, simulate_bands
from validation.references import library

if TYPE_CHECKING:
    import braggite as bg

SYSTEMS = (
    "Li La Zr Ta O C H Al",
    "Li Ba Ti O C H",
    "Li Co O C La H Mn Ni",
    "Li Ba Ti La Zr Ta O C H",
    "Li Fe P O C Ti Al",
    "Ca Sr Ba C O Ti Si H",
    "Li B C O Co La Zr Ba Ti H",
    "Zr Al Ti Si O La C",
)
MOST_PHASES = 4
LEAST_SHARE = 0.03
RAMAN_RANGES = ((100.0, 1250.0, 1.15), (90.0, 1800.0, 1.3), (150.0, 1000.0, 0.8), (100.0, 3900.0, 1.7))
FTIR_RANGES = ((400.0, 4000.0, 1.93), (500.0, 4000.0, 1.93))
RAMAN_PEAKS = (150.0, 20_000.0)
FTIR_PEAKS = (0.05, 1.0)
FTIR_NOISE = (1e-4, 2e-3)
ALIKE = 0.9
BLUR_CM1 = 8.0


@dataclass(frozen=True)
class MadeSample:
    """A spectrum, what is in it, and the elements known of it."""

    spectrum: bg.Spectrum
    shares: dict[str, float]
    elements: str


def made_sample(seed: int, technique: Literal["raman", "ftir"]) -> MadeSample:
    """A mixture of phases of one chemical system."""
    rng = np.random.default_rng([seed, technique == "ftir"])
    elements = SYSTEMS[seed % len(SYSTEMS)]
    ranges = RAMAN_RANGES if technique == "raman" else FTIR_RANGES
    covered = ranges[rng.integers(len(ranges))]
    names = [
        phase.name
        for phase in library().filter(elements=elements).with_bands(technique)
        if seen(phase, technique, covered)
    ]
    chosen = [
        str(name) for name in rng.choice(names, min(int(rng.integers(1, MOST_PHASES + 1)), len(names)), replace=False)
    ]
    shares = np.maximum(rng.dirichlet(np.full(len(chosen), 1.0)), LEAST_SHARE)
    shares /= shares.sum()
    states = [
        BandState(library()[name], float(share), position_spread=1.0, strength_sd=0.5, fwhm_sd=0.25)
        for name, share in zip(chosen, shares, strict=True)
    ]
    peaks = RAMAN_PEAKS if technique == "raman" else FTIR_PEAKS
    spectrum = simulate_bands(
        states,
        technique=technique,
        range_cm1=covered,
        shift_cm1=float(rng.normal(0.0, 2.0 if technique == "raman" else 0.5)),
        resolution_cm1=float(rng.uniform(1.0, 6.0)),
        peak=float(np.exp(rng.uniform(*np.log(peaks)))),
        background=tuple(
            rng.normal(0.0, 1.0, 4) * np.exp(rng.normal(-2.0, 1.0)) * (1.0, 0.5, 0.3, 0.1) + (2.0, 0.0, 0.0, 0.0)
        ),
        noise=None if technique == "raman" else float(np.exp(rng.uniform(*np.log(FTIR_NOISE)))),
        spikes=int(rng.integers(0, 3)) if technique == "raman" else 0,
        seed=seed,
    )
    return MadeSample(spectrum, dict(zip(chosen, map(float, shares), strict=True)), elements)


def seen(phase: bg.Phase, technique: str, covered: tuple[float, float, float]) -> bool:
    """Whether any band stands upright within the range."""
    return any(
        covered[0] + 20.0 < band.position_cm1 < covered[1] - 20.0 and not band.negative and band.role != "must_not"
        for band in phase.bands(technique)
    )


@cache
def look_alikes(name: str, technique: Literal["raman", "ftir"]) -> frozenset[str]:
    """The phase and those of the library whose blurred bands have the places and strengths of its own."""
    curves = {phase.name: _curve(phase, technique) for phase in library().with_bands(technique)}
    return frozenset(other for other, curve in curves.items() if float(curves[name] @ curve) > ALIKE)


def _curve(phase: bg.Phase, technique: str) -> np.ndarray:
    grid = np.arange(30.0, 4000.0, 2.0)
    curve = np.zeros_like(grid)
    for band in phase.bands(technique):
        if band.role != "must_not" and not band.negative:
            curve += band.strength * np.exp(-0.5 * ((grid - band.position_cm1) / BLUR_CM1) ** 2)
    norm = float(np.linalg.norm(curve))
    return curve / norm if norm else curve
