"""Whether series say what happened: reactions simulated at known extents, samples that are not the references.

``python -m validation.series --series 8`` prints a table in Markdown.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

import braggite as bg
from braggite.formation.elements import formula_mass
from braggite.radiation import radiation_named
from braggite.simulation import simulate_pattern
from validation.limits import sample_of
from validation.markdown import head, line
from validation.scoring import library

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EXTENTS = (0.0, 0.0, 0.1, 0.3, 0.6, 0.9)
TEMPERATURES = (600.0, 700.0, 800.0, 900.0, 1000.0, 1100.0)
APPEARS = (700.0, 800.0)
QUANTILE = 1.96


@dataclass(frozen=True)
class Reaction:
    """Moles of phases: negative ones are consumed; the watched product; what becomes of lithium in the solids."""

    name: str
    moles: Mapping[str, int]
    product: str
    lithium: str


REACTIONS = (
    Reaction(
        "Li2CO3 + BaCO3 + 6 TiO2", {"li2co3": -1, "baco3-witherite": -1, "tio2-rutile": -6, "li2bati6o14": 1},
        "li2bati6o14", "kept",
    ),
    Reaction(
        "11 BaTiO3 + Li2CO3", {"batio3-tetragonal": -11, "li2co3": -1, "li2bati6o14": 1, "ba2tio4-monoclinic": 5},
        "li2bati6o14", "kept",
    ),
    Reaction("2 Li7La3Zr2O12", {"llzo-cubic": -2, "la2zr2o7": 2, "la2o3": 1}, "la2zr2o7", "lost"),
)  # fmt: skip


@dataclass(frozen=True)
class Scored:
    """One series: pulls of fractions, limits that held and broke, and what was said rightly."""

    pulls: list[float]
    limits_held: int
    limits_broken: int
    false_present: int
    appears: bool
    balanced: bool
    agrees: bool
    lithium: bool


def fractions_at(reaction: Reaction, extent: float) -> dict[str, float]:
    """Weight fractions of the solids."""
    moles = {name: -n * (1.0 - extent) if n < 0 else n * extent for name, n in reaction.moles.items()}
    masses = {name: amount * formula_mass(library()[name].formula) for name, amount in moles.items() if amount > 0.0}
    total = sum(masses.values())
    return {name: mass / total for name, mass in masses.items()}


def scored(reaction: Reaction, seed: int) -> Scored:
    """Simulate a series and compare what is said with what was put in."""
    truth = [fractions_at(reaction, extent) for extent in EXTENTS]
    spectra = [scan(fractions, 1000 * seed + place) for place, fractions in enumerate(truth)]
    elements = {element for name in reaction.moles for element in library()[name].elements} | {"O"}
    report = bg.series(
        spectra,
        TEMPERATURES,
        variable="temperature:C",
        library=library().filter(elements=elements),
        start={library()[name].formula: -n for name, n in reaction.moles.items() if n < 0},
        watch=[reaction.product, *(name for name, n in reaction.moles.items() if n < 0)],
    )
    pulls, held, broken, false = [], 0, 0, 0
    for phase in report.phases:
        for amount, fractions in zip(phase.amounts, truth, strict=True):
            true = fractions.get(phase.name, 0.0)
            false += amount.verdict == "present" and not true
            if amount.weight_fraction is not None and amount.weight_fraction.su and amount.weight_fraction.value < 1.0:
                pulls.append((amount.weight_fraction.value - true) / amount.weight_fraction.su)
            elif amount.weight_fraction is None and amount.upper_limit is not None and true:
                held += true <= amount.upper_limit.value
                broken += true > amount.upper_limit.value
    appearance = next(phase.appearance for phase in report.phases if phase.name == reaction.product)
    lithium = next((entry.verdict for entry in report.elements if entry.element == "Li"), "unknown")
    return Scored(
        pulls=pulls,
        limits_held=held,
        limits_broken=broken,
        false_present=false,
        appears=appearance is not None and appearance.after <= APPEARS[0] and appearance.by >= APPEARS[1],
        balanced=_is_balanced(report, reaction),
        agrees=bool(report.reaction.agrees),
        lithium=lithium in (reaction.lithium, "hidden"),
    )


def scan(fractions: Mapping[str, float], seed: int) -> bg.Spectrum:
    """A pattern of samples whose cells, sizes, strains and intensities differ from the references."""
    rng = np.random.default_rng(seed)
    return simulate_pattern(
        [sample_of(name, share, rng) for name, share in fractions.items()],
        radiation=radiation_named("CuKa"),
        two_theta_deg=(10.0, 80.0, 0.02),
        displacement_mm=float(rng.normal(0.0, 0.08)),
        peak_counts=20_000.0,
        background=(300.0, -80.0, 20.0),
        seed=seed,
    )


def _is_balanced(report: bg.SeriesReport, reaction: Reaction) -> bool:
    """Whether the one reaction found has the coefficients that were simulated, gases apart."""
    found = report.reaction
    if found.status != "balanced":
        return False
    terms = _terms(found.equations[0])
    given = {library()[name].formula: Fraction(n) for name, n in reaction.moles.items()}
    factor = terms.get(next(iter(given)), Fraction(0)) / next(iter(given.values()))
    return factor > 0 and all(terms.get(formula) == factor * n for formula, n in given.items())


def _terms(equation: str) -> dict[str, Fraction]:
    terms = {}
    for sign, side in zip((-1, 1), equation.split(" -> "), strict=True):
        for term in side.split(" + "):
            number, _, formula = term.rpartition(" ")
            terms[formula] = sign * Fraction(number or "1")
    return terms


def page(rows: Sequence[tuple[Reaction, list[Scored]]]) -> str:
    """The table."""
    text = head(
        ("reaction", "series", "fractions within 1.96 su", "rms pull", "limits held", "false present", "appears right",
         "balanced right", "amounts agree", "lithium not wrong")
    )  # fmt: skip
    for reaction, entries in rows:
        pulls = np.array([pull for entry in entries for pull in entry.pulls])
        held, broken = sum(e.limits_held for e in entries), sum(e.limits_broken for e in entries)
        text += line(
            reaction.name,
            str(len(entries)),
            f"{np.sum(np.abs(pulls) < QUANTILE)} of {pulls.size}",
            f"{np.sqrt(np.mean(pulls**2)):.2f}",
            f"{held} of {held + broken}",
            str(sum(entry.false_present for entry in entries)),
            *(str(sum(getattr(e, what) for e in entries)) for what in ("appears", "balanced", "agrees", "lithium")),
        )
    return text


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=8, help="series of each reaction")
    count = parser.parse_args().series
    print(page([(reaction, [scored(reaction, seed) for seed in range(1, count + 1)]) for reaction in REACTIONS]))


if __name__ == "__main__":
    main()
