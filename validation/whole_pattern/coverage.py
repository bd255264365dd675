"""Whether stated uncertainties are true: noise drawn again, and simulated samples that are not the references."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

import braggite as bg
from braggite.radiation import radiation_named
from braggite.simulation import PhaseState, Profile, simulate_pattern
from braggite.values import Value
from validation.coverage import NOMINAL
from validation.scoring import Aim, library
from validation.whole_pattern.cells import SETS, WORTH_A_CELL, lengths
from validation.whole_pattern.section import Section
from validation.whole_pattern.specimens import specimens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

DRAWS = 200
PEAK_COUNTS = 20_000.0
RIGHT, AIM_OFF = 0.68, 0.08
"""Share within one su, and how far off it may be."""
CELL, WEIGHT = "cells", "weight fractions"
FURTHER_SETS = ("J13", "absence_LBT", "absence_LC", "absence_LZO")
PROFILE = Profile(u=0.004, v=-0.004, w=0.005, x=0.015, y=0.01)
RADIATION = radiation_named("CuKa")
INSTRUMENT = bg.InstrumentProfile(
    RADIATION,
    bg.Instrument(radius_mm=240.0),
    *(Value(number) for number in (PROFILE.u, PROFILE.v, PROFILE.w, PROFILE.x, PROFILE.y, 0.0)),
)
Z = dict[str, list[float]]
TEXT = f"""Share of stated standard uncertainties within 1, 2 and 3 of which the truth lies, with the interval (95 %, of
Wilson) that so many independent ones would leave; those of one pattern are not independent. A cell is scored by its
free lengths, of phases of at least {100 * WORTH_A_CELL:g} wt%; weight fractions without the largest of each pattern,
which the others determine.

*Draws*: {DRAWS} draws of Poisson noise on one pattern each, simulated here (numpy, apart from the engine), of a model
that is right: {PEAK_COUNTS:g} counts at the top, cells 0.03 to 0.06 % off the references, displacement 0.05 mm, true
phases given, symmetric lines. LiCoO2 (60 wt%, textured about 001, r = 0.7) with BaTiO3 (40 wt%, 40 nm) and the garnets
(60 wt% cubic, 40 wt% tetragonal) on the known instrument.

*Misfit*: simulated sets of a separate simulator, all of the cells above and {", ".join(FURTHER_SETS)}, whose cells,
coordinates, B, intensities and positions (zero or displacement) are not those assumed; default options. Pawley there
with displacement alone, as by default, and with `offset="both"`: which of the two shifted a pattern no residual shows,
and no uncertainty that rests on residuals covers it. Their intensities are free, which is why the misfit of
intensities that widens the uncertainties of the tied match is no part of theirs. They are shown, and are not aimed at.

What the uncertainties of the tied match would be without an error model of their own is shown beside it, from counting
times GoF and times the factor of Berar & Lelann (J. Appl. Cryst. 24, 1991, 1) normalised for white residuals."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """A pattern of known truth; ``on_instrument``: matched with the profile held."""

    name: str
    states: tuple[tuple[str, PhaseState], ...]
    two_theta_deg: tuple[float, float, float]
    on_instrument: bool

    def expectation(self) -> bg.Spectrum:
        """Counts before they are drawn."""
        return simulate_pattern(
            [state for _, state in self.states],
            radiation=RADIATION,
            two_theta_deg=self.two_theta_deg,
            profile=PROFILE,
            displacement_mm=0.05,
            peak_counts=PEAK_COUNTS,
            background=(120.0, -40.0, 10.0),
        )

    def draws(self) -> Iterator[bg.Spectrum]:
        """The same sample measured again."""
        expected = self.expectation()
        for seed in range(DRAWS):
            counts = np.random.default_rng(seed).poisson(expected.y).astype(np.float64)
            yield replace(expected, y=counts, counts=True)


def _mixtures() -> tuple[Mixture, ...]:
    def state(
        name: str, weight: float, factor: float | tuple[float, float, float], **more: object
    ) -> tuple[str, PhaseState]:
        return name, PhaseState(library()[name], weight, factor, **more)  # type: ignore[arg-type]

    stretched = (1.0003, 1.0003, 0.9997)
    return (
        Mixture(
            "LaB6 + Al2O3 + ZrO2",
            (
                state("lab6", 0.5, 1.0003),
                state("al2o3-corundum", 0.3, (1.0006, 1.0006, 0.9995)),
                state("zro2-monoclinic", 0.2, (1.0005, 0.9995, 1.0003)),
            ),
            (12.0, 110.0, 0.02),
            on_instrument=False,
        ),
        Mixture(
            "LiCoO2 + BaTiO3",
            (
                state("licoo2-layered", 0.6, 1.0004, texture=((0, 0, 1), 0.7)),
                state("batio3-tetragonal", 0.4, stretched, size_nm=40.0),
            ),
            (12.0, 110.0, 0.02),
            on_instrument=True,
        ),
        Mixture(
            "LLZO",
            (state("llzo-cubic", 0.6, 1.0004), state("llzo-tetragonal", 0.4, stretched)),
            (12.0, 100.0, 0.02),
            on_instrument=True,
        ),
    )


def measure(data: Path) -> Section:
    """Draws of every mixture, tied and Pawley, then the simulated sets."""
    found: dict[str, Z] = {}
    for mixture in _mixtures():
        found[f"{mixture.name}, draws, structure-tied"] = _of_draws(mixture, bg.match_structure)
        if mixture.name.startswith("LaB6"):
            found[f"{mixture.name}, draws, Pawley"] = _of_draws(mixture, bg.match_pawley)
    found |= _of_sets(data)
    rows = [_row(name, quantity, z) for name, by in found.items() for quantity, z in by.items() if z]
    aimed = {name: by for name, by in found.items() if name.endswith(("structure-tied", "draws, Pawley"))}
    aims = [_aim(name, quantity, z) for name, by in aimed.items() for quantity, z in by.items() if z]
    return Section(
        "coverage",
        "How far uncertainties are true",
        TEXT,
        ("patterns", "of", "number", *(f"within {k} su ({share})" for k, share in NOMINAL.items())),
        tuple(rows),
        tuple(aims),
    )


def _of_draws(mixture: Mixture, match: Callable[..., bg.MatchResult]) -> Z:
    options = bg.MatchOptions(axial_ratio=0.0, instrument=INSTRUMENT if mixture.on_instrument else None)
    phases = [state.phase for _, state in mixture.states]
    truth = [(_stretched(state), state.weight) for _, state in mixture.states]
    z: Z = {CELL: [], WEIGHT: []}
    for scan in mixture.draws():
        _score(match(scan, phases, options=options), truth, z)
    return z


def _stretched(state: PhaseState) -> list[float]:
    assert state.phase.structure is not None
    cell = np.array(state.phase.structure.cell.parameters)
    cell[:3] *= np.asarray(state.cell_factor)
    return list(cell)


def _score(match: bg.MatchResult, truth: list[tuple[list[float], float]], z: Z, factor: float | None = None) -> None:
    """Add deviations in su, or in counting uncertainties times ``factor``."""
    largest = max(weight for _, weight in truth)
    for fit, (cell, weight) in zip(match.phases, truth, strict=True):
        fraction = fit.weight_fraction
        if fraction is not None and weight != largest:
            _add(z[WEIGHT], fraction, weight, factor)
        if weight >= WORTH_A_CELL:
            for length in lengths(fit, cell):
                _add(z[CELL], fit.cell[f"{length.axis}_angstrom"], cell["abc".index(length.axis)], factor)


def _add(z: list[float], found: Value, truth: float, factor: float | None) -> None:
    su = found.su if factor is None or found.su_counting is None else factor * found.su_counting
    if su:
        z.append((found.value - truth) / su)


def _of_sets(data: Path) -> dict[str, Z]:
    ways: dict[str, Z] = {}
    for specimen in specimens(data, (*SETS, *FURTHER_SETS)):
        truth = [(list(phase["cell"]), phase["weight_fraction"]) for phase in specimen.truth]
        tied = specimen.matched()
        gof = max(tied.statistics.gof, 1.0)
        for way, factor in (
            ("structure-tied", None),
            ("counting times GoF", gof),
            ("counting times Berar-Lelann", _berar_lelann(tied)),
        ):
            _score(tied, truth, ways.setdefault(f"misfit, {way}", {CELL: [], WEIGHT: []}), factor)
        for way, options in (("Pawley", bg.MatchOptions()), ("Pawley, both offsets", bg.MatchOptions(offset="both"))):
            try:
                match = bg.match_pawley(bg.read(specimen.path), specimen.phases, options=options)
            except bg.BraggiteError:
                continue  # More lines than the points can tell of.
            _score(match, truth, ways.setdefault(f"misfit, {way}", {CELL: [], WEIGHT: []}))
    return ways


def _berar_lelann(match: bg.MatchResult) -> float:
    """Of runs of residuals of one sign, over what white ones give, 1 + 4 / pi."""
    residual = ((match.observed - match.calculated) / match.sigma)[np.isfinite(match.sigma) & (match.sigma > 0.0)]
    runs = np.split(residual, np.flatnonzero(np.diff(np.sign(residual))) + 1)
    freedom = max(match.statistics.n_points - match.statistics.n_free, 1)
    return max(1.0, sqrt(sum(run.sum() ** 2 for run in runs) / freedom / (1.0 + 4.0 / np.pi)))


def _within(z: Iterable[float], k: int) -> float:
    return float(np.mean(np.abs(list(z)) <= k))


def _row(name: str, quantity: str, z: list[float]) -> tuple[str, ...]:
    shares = []
    for k in NOMINAL:
        low, high = wilson(_within(z, k), len(z))
        shares.append(f"{_within(z, k):.3f} [{low:.3f}, {high:.3f}]")
    return (name, quantity, str(len(z)), *shares)


def wilson(share: float, number: int, quantile: float = 1.96) -> tuple[float, float]:
    """Interval of a binomial share: Wilson, J. Am. Stat. Assoc. 22 (1927) 209."""
    square = quantile * quantile / number
    middle = (share + square / 2.0) / (1.0 + square)
    half = quantile / (1.0 + square) * sqrt(share * (1.0 - share) / number + square / (4.0 * number))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def _aim(name: str, quantity: str, z: list[float]) -> Aim:
    what = f"{name}: share of {quantity} within 1 su, off {RIGHT:g}"
    return Aim("coverage", what, abs(_within(z, 1) - RIGHT), AIM_OFF, False, "simulator")
