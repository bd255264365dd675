"""Simulated spectra with known truth, for every test that needs a pattern."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from braggite.radiation import radiation_named
from braggite.references import ReferenceLibrary
from braggite.simulation import PhaseState, Profile, simulate_pattern

if TYPE_CHECKING:
    from braggite.spectrum import Spectrum

SHARP = Profile(u=0.004, v=-0.004, w=0.005, x=0.015, y=0.01)


@dataclass(frozen=True)
class Scenario:
    """A pattern, the weight fractions behind it, and what a laboratory would know of the sample."""

    spectrum: Spectrum
    truth: dict[str, float]
    elements: str


@cache
def corundum(seed: int = 1) -> Scenario:
    """One well-known phase, strong counts."""
    return _scenario({"al2o3-corundum": PhaseState(_phase("al2o3-corundum"), 1.0)}, "Al O", seed)


@cache
def garnet_with_titanate(fraction: float = 0.05, seed: int = 2) -> Scenario:
    """``fraction`` of BaTiO3 in LLZTO whose cell is 0.08 % larger than the reference."""
    states = {
        "llzo-ta-cubic": PhaseState(_phase("llzo-ta-cubic"), 1.0 - fraction, 1.0008, size_nm=150.0),
        "batio3-tetragonal": PhaseState(_phase("batio3-tetragonal"), fraction, size_nm=60.0, strain=0.0008),
    }
    return _scenario(states, "Li La Zr Ta Ba Ti O", seed, displacement_mm=0.05)


@cache
def reaction_product(seed: int = 3) -> Scenario:
    """Li2BaTi6O14 with BaTiO3 and rutile left over."""
    states = {
        name: PhaseState(_phase(name), share, size_nm=80.0)
        for name, share in (("li2bati6o14", 0.7), ("batio3-tetragonal", 0.2), ("tio2-rutile", 0.1))
    }
    return _scenario(states, "Li Ba Ti O C", seed, zero_deg=0.02)


@cache
def textured_plates(seed: int = 4) -> Scenario:
    """LiCoO2 plates lying flat: March-Dollase r = 0.7 along 001."""
    states = {"licoo2": PhaseState(_phase("LCO"), 1.0, texture=((0, 0, 1), 0.7))}
    return _scenario(states, "Li Co O", seed, background=(900.0, -50.0))


def _phase(name: str):
    return ReferenceLibrary.default()[name]


def _scenario(states: dict[str, PhaseState], elements: str, seed: int, **options: object) -> Scenario:
    given = {"profile": SHARP, "two_theta_deg": (15.0, 80.0, 0.02), "background": (120.0, -40.0, 10.0), **options}
    spectrum = simulate_pattern(list(states.values()), radiation=radiation_named("CuKa"), seed=seed, **given)
    total = sum(state.weight for state in states.values())
    return Scenario(spectrum, {state.phase.name: state.weight / total for state in states.values()}, elements)
