"""Cells of simulated scans against the simulator's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import braggite as bg
from braggite.matching.results import CELL_NAMES
from braggite.radiation import radiation_named
from braggite.simulation import PhaseState, Profile, simulate_pattern
from validation.convergence import NAMES, stretched
from validation.scoring import Aim, library
from validation.whole_pattern.section import Section, parts_per_million, share_aim
from validation.whole_pattern.specimens import specimens

if TYPE_CHECKING:
    from pathlib import Path

SETS = ("J01", "J02", "J03", "J04", "J08", "J09", "J10", "J11", "J12", "random")
WORTH_A_CELL = 0.02
"""Weight fraction from which a phase's own cell is scored: below, its prior speaks and not its lines."""
AIM_PPM, AIM_SU = 10.0, 3.0
MIXTURE = ("lab6", "al2o3-corundum", "zro2-monoclinic")
STARTS_OFF = (0.0, 0.003, 0.01)
PROFILE = Profile(u=0.001, v=-0.001, w=0.0055, x=0.025, y=0.03)
TEXT = f"""*Simulated sets*: scans of a simulator written apart from the project, structure-tied, true phases given,
default options; every length of every phase of at least {100 * WORTH_A_CELL:g} wt%. A length is met within
{AIM_PPM:g} ppm or {AIM_SU:g} su. The samples' cells are 0.04 to 0.4 % from the references, their coordinates, B and
intensities differ too.

*Mixture*: LaB6 + Al2O3 + monoclinic ZrO2, equal weights, 10 to 120° in 5,501 points, simulated here (numpy, apart
from the engine) with 20,000 counts at the top, one wavelength; Pawley from lengths 0, 0.3 and 1 % off."""


@dataclass(frozen=True, slots=True)
class Length:
    """One found length."""

    phase: str
    axis: str
    ppm: float
    z: float | None

    @property
    def met(self) -> bool:
        """Near enough in one way or the other."""
        return abs(self.ppm) <= AIM_PPM or (self.z is not None and abs(self.z) <= AIM_SU)

    def __str__(self) -> str:
        z = "-" if self.z is None else f"{self.z:+.1f}"
        return f"{self.phase} {self.axis} {self.ppm:+.1f} ppm, z {z}"


def measure(data: Path) -> Section:
    """Every scan of the sets, then the mixture."""
    found: dict[str, list[Length]] = {}
    for specimen in specimens(data, SETS):
        result = specimen.matched()
        pairs = zip(result.phases, specimen.truth, strict=True)
        scored = [(fit, truth) for fit, truth in pairs if truth["weight_fraction"] >= WORTH_A_CELL]
        found[specimen.name] = [length for fit, truth in scored for length in lengths(fit, truth["cell"])]
    mixture = {f"mixture, {100 * off:g} % off": mixture_lengths(1.0 + off) for off in STARTS_OFF}
    rows = [
        (
            name,
            str(len(all_of_it)),
            str(sum(one.met for one in all_of_it)) + ("" if all(one.met for one in all_of_it) else " **missed**"),
            str(max(all_of_it, key=lambda one: abs(one.ppm))),
            str(max(all_of_it, key=lambda one: abs(one.z or 0.0))),
        )
        for name, all_of_it in (found | mixture).items()
    ]
    return Section(
        "cells",
        "Cells, synthetic truth",
        TEXT,
        ("scan", "lengths", "met", "farthest", "farthest in su"),
        tuple(rows),
        (_aim("simulated sets", found), _aim("mixture of 5,501 points", mixture)),
    )


def _aim(what: str, found: dict[str, list[Length]]) -> Aim:
    met = [one.met for all_of_it in found.values() for one in all_of_it]
    return share_aim("cells", f"{what}, lengths within {AIM_PPM:g} ppm or {AIM_SU:g} su", met, "simulator")


def lengths(fit: bg.PhaseFit, true_cell: Any) -> list[Length]:
    """Every free length of a phase against its true cell (six numbers)."""
    free = [members[0] for members in fit.cell_groups if members[0] in NAMES]
    return [_length(fit, name, true_cell[CELL_NAMES.index(name)]) for name in free]


def _length(fit: bg.PhaseFit, name: str, true: float) -> Length:
    value = fit.cell[name]
    z = (value.value - true) / value.su if value.su else None
    return Length(fit.name, name[0], parts_per_million(value.value, true), z)


def mixture_lengths(factor: float) -> list[Length]:
    """Of a Pawley match of the mixture from lengths times ``factor``."""
    phases = [library()[name] for name in MIXTURE]
    scan = simulate_pattern(
        [PhaseState(phase) for phase in phases],
        radiation=radiation_named("CuKa1"),
        two_theta_deg=(10.0, 120.0, 0.02),
        profile=PROFILE,
        peak_counts=20_000.0,
        background=(100.0, -30.0, 10.0),
        seed=5,
    )
    fits = bg.match_pawley(scan, [stretched(phase, (factor,) * 3) for phase in phases]).phases
    cells = [phase.structure.cell.parameters for phase in phases if phase.structure is not None]
    return [length for fit, cell in zip(fits, cells, strict=True) for length in lengths(fit, cell)]
