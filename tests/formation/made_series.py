"""Series simulated with known truth: a reaction that balances by construction, and a cell that moves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from braggite.formation.elements import formula_mass
from braggite.radiation import radiation_named
from braggite.references import ReferenceLibrary
from braggite.simulation import PhaseState, simulate_pattern
from scenarios import SHARP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from braggite.spectrum import Spectrum

TEMPERATURES = (500.0, 700.0, 800.0, 900.0, 1000.0, 1050.0)
EXTENTS = (0.0, 0.0, 0.25, 0.6, 0.9, 1.0)
"""Of Li2CO3 + BaCO3 + 6 TiO2 -> Li2BaTi6O14 + 2 CO2."""
START = {"Li2CO3": 1.0, "BaCO3": 1.0, "TiO2": 6.0}


@dataclass(frozen=True)
class MadeSeries:
    """Scans, the values of their variable, and the weight fractions behind each."""

    spectra: tuple[Spectrum, ...]
    values: tuple[float, ...]
    truth: tuple[dict[str, float], ...]
    elements: str


def reacting(extent: float, *, lithium_lost: float = 0.0) -> dict[str, float]:
    """Moles by phase after ``extent`` of the reaction, a share of the lithium carbonate gone unreacted as vapour."""
    rest = 1.0 - extent
    moles = {
        "li2co3": rest * (1.0 - lithium_lost),
        "baco3-witherite": rest,
        "tio2-rutile": 6.0 * rest,
        "li2bati6o14": extent,
    }
    return {name: amount for name, amount in moles.items() if amount > 0.0}


def weight_fractions(moles: Mapping[str, float]) -> dict[str, float]:
    """Shares of the mass."""
    masses = {name: amount * formula_mass(_library()[name].formula) for name, amount in moles.items()}
    total = sum(masses.values())
    return {name: mass / total for name, mass in masses.items()}


@cache
def solid_state_reaction(seed: int = 1) -> MadeSeries:
    """Carbonates and rutile that turn into Li2BaTi6O14 between 700 and 1050 degrees."""
    truth = tuple(weight_fractions(reacting(extent)) for extent in EXTENTS)
    spectra = tuple(pattern(fractions, seed=10 * seed + i) for i, fractions in enumerate(truth))
    return MadeSeries(spectra, TEMPERATURES, truth, "Li Ba Ti C O")


@cache
def growing_garnet(seed: int = 1, change: float = 0.0015) -> MadeSeries:
    """LLZTO with 5 % BaTiO3 whose cell grows by ``change`` over five equal steps."""
    times = (0.0, 1.0, 2.0, 3.0, 4.0)
    truth = {"llzo-ta-cubic": 0.95, "batio3-tetragonal": 0.05}
    spectra = tuple(
        pattern(truth, seed=100 * seed + i, cell_factors={"llzo-ta-cubic": 1.0 + change * time / times[-1]})
        for i, time in enumerate(times)
    )
    return MadeSeries(spectra, times, (truth,) * len(times), "Li La Zr Ta Ba Ti O")


def pattern(fractions: Mapping[str, float], *, seed: int, cell_factors: Mapping[str, float] | None = None) -> Spectrum:
    """A scan of phases by weight."""
    factors = cell_factors or {}
    states = [
        PhaseState(_library()[name], weight, cell_factor=factors.get(name, 1.0), size_nm=120.0)
        for name, weight in fractions.items()
        if weight > 0.0
    ]
    return simulate_pattern(
        states,
        radiation=radiation_named("CuKa"),
        two_theta_deg=(12.0, 80.0, 0.02),
        profile=SHARP,
        peak_counts=20000.0,
        background=(150.0, -40.0),
        zero_deg=0.01,
        seed=seed,
    )


def written(series: MadeSeries, folder, names: Sequence[str]):
    """The scans as files of these names."""
    from braggite.formats.write import write

    return [write(spectrum, folder / name) for spectrum, name in zip(series.spectra, names, strict=True)]


def _library() -> ReferenceLibrary:
    return ReferenceLibrary.default()
