"""Weight fractions of the round robin on quantitative phase analysis (S02), beside rietx on the same counts."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import braggite as bg
from validation.rietx_peer import peer_fit, quantification_plan
from validation.scoring import Aim, library
from validation.whole_pattern.section import Section, root_mean_square

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FOLDER = "xrd/S02_iucr_cpd_shared"
ALL_EIGHT = "BRAGGITE_ROUND_ROBIN"
PHASES = ("corundum", "fluorite", "zincite")
WEIGHED = {
    "1a": (1.15, 94.81, 4.04),
    "1b": (94.31, 4.33, 1.36),
    "1c": (5.04, 1.36, 93.59),
    "1d": (13.53, 53.58, 32.89),
    "1e": (55.12, 29.62, 15.25),
    "1f": (27.06, 17.72, 55.22),
    "1g": (31.37, 34.42, 34.21),
    "1h": (35.12, 34.69, 30.19),
}
"""In wt%, as ``PHASES``: Madsen, Scarlett, Cranswick & Lwin, J. Appl. Cryst. 34 (2001) 409."""
SHARED = ("1b", "1d", "1f", "1h")
LITERATURE_B_ANGSTROM2 = {
    "corundum": {"Al": 0.30, "O": 0.30},
    "fluorite": {"Ca": 0.55, "F": 0.75},
    "zincite": {"Zn": 0.55, "O": 0.55},
}
"""Displacement factors with which the authors of rietx start on these files (single crystals, rounded)."""
INSTRUMENT = bg.Instrument(radius_mm=173.0, monochromator_two_theta_deg=26.6)
"""Of the round robin; its files do not state it."""
AIM_RMS, AIM_RMS_DERIVED = 0.7, 3.0
TEXT = f"""Corundum / fluorite / zincite, wt% weighed (Madsen et al. 2001, J. Appl. Cryst. 34, 409; X-ray
fluorescence agrees within 1 wt%) → found minus weighed. The four mixtures of the test data (S02: 1b, 1d, 1f, 1h);
the other four where the environment variable `{ALL_EIGHT}` names a folder with all eight `cpd-1?.prn`. Phases given
from the shipped references, default options; radius 173 mm and monochromator 26.6° as published, and once more
without them ("file alone"), as the files are read.

rietx has the same counts, structures, starting displacement factors, dispersion, emission lines (K-alpha doublet),
radius and monochromator, a Chebyshev background of 12 terms, and the stages of its authors' own test on these
files: scales and background, zero and displacement, cells, W, U V X Y, size and strain of each phase (Gaussian and
Lorentzian), K-alpha2 ratio and axial divergence, B of every atom. It refines no texture there; Braggite decides on
texture by evidence, and refines one B per phase under a prior. What that is worth shows in the column "B of
literature": the shipped references of the three have no B of their own, and the values assumed for them are too
large beside those of single crystals, by element; there the match starts from the latter. It is shown to tell where
the difference comes from and is not what a user gets. "B by element" is the match with
`displacement_factors="elements"` of the shipped references."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to weight fractions in wt%, in the order of ``PHASES``."""

    name: str
    fractions: Callable[[bg.Spectrum], Iterable[float]]
    on_instrument: bool = True


def _matched(
    match: Callable[..., bg.MatchResult], phases: Callable[[], list[bg.Phase]]
) -> Callable[[bg.Spectrum], list[float]]:
    def fractions(scan: bg.Spectrum) -> list[float]:
        fits = match(scan, phases()).phases
        return [100.0 * fit.weight_fraction.value for fit in fits if fit.weight_fraction is not None]

    return fractions


def _refined_by_peer(scan: bg.Spectrum) -> list[float]:
    fit = peer_fit(scan, _phases(), quantification_plan(), mode="rietveld")
    return [100.0 * fraction for fraction in fit.weight_fractions]


def _phases() -> list[bg.Phase]:
    return [library()[name] for name in PHASES]


def _with_literature_b() -> list[bg.Phase]:
    return [_with_b(phase, LITERATURE_B_ANGSTROM2[name]) for name, phase in zip(PHASES, _phases(), strict=True)]


def _with_b(phase: bg.Phase, b_iso: dict[str, float]) -> bg.Phase:
    assert phase.structure is not None
    sites = tuple(replace(site, b_iso_angstrom2=b_iso[site.element]) for site in phase.structure.sites)
    return replace(phase, structure=replace(phase.structure, sites=sites))


_match_by_element = partial(bg.match_structure, options=bg.MatchOptions(displacement_factors="elements"))

WAYS = (
    Way("structure-tied", _matched(bg.match_structure, _phases)),
    Way("rietx", _refined_by_peer),
    Way("structure-tied, B by element", _matched(_match_by_element, _phases)),
    Way("structure-tied, B of literature", _matched(bg.match_structure, _with_literature_b)),
    Way("structure-tied, file alone", _matched(bg.match_structure, _phases), on_instrument=False),
    Way("Direct Derivation", _matched(bg.match_direct_derivation, _phases)),
)


def measure(data: Path) -> Section:
    """Every mixture that is there by every way, then root mean squares."""
    folder = Path(os.environ.get(ALL_EIGHT) or data / FOLDER)
    scans = {name: bg.read(path) for name in WEIGHED if (path := folder / f"cpd-{name}.prn").exists()}
    deviations = {way.name: {name: _deviation(way, name, scan) for name, scan in scans.items()} for way in WAYS}
    rows = [
        (name, " / ".join(f"{w:g}" for w in WEIGHED[name]), *(_signed(deviations[way.name][name]) for way in WAYS))
        for name in scans
    ]
    rms = {way.name: _rms(deviations[way.name], SHARED) for way in WAYS}
    rows.append((f"RMS of {', '.join(SHARED)}", "", *(f"{rms[way.name]:.2f}" for way in WAYS)))
    if len(scans) == len(WEIGHED):
        rows.append(("RMS of all eight", "", *(f"{_rms(deviations[way.name], scans):.2f}" for way in WAYS)))
    return Section(
        "round_robin",
        "Weight fractions, phases given (CPD round robin, S02)",
        TEXT,
        ("mixture", "weighed", *(way.name for way in WAYS)),
        tuple(rows),
        (
            Aim("round_robin", "structure-tied, RMS in wt%", rms["structure-tied"], AIM_RMS, False, "weighed"),
            Aim("round_robin", "the same beside rietx's RMS", rms["structure-tied"], rms["rietx"], False, "rietx"),
            Aim(
                "round_robin",
                "Direct Derivation, RMS in wt%",
                rms["Direct Derivation"],
                AIM_RMS_DERIVED,
                False,
                "weighed",
            ),
        ),
    )


def _deviation(way: Way, name: str, scan: bg.Spectrum) -> list[float]:
    given = replace(scan, instrument=INSTRUMENT) if way.on_instrument else scan
    return [found - weighed for found, weighed in zip(way.fractions(given), WEIGHED[name], strict=True)]


def _rms(deviations: dict[str, list[float]], names: Iterable[str]) -> float:
    return root_mean_square([off for name in names for off in deviations[name]])


def _signed(values: Iterable[float]) -> str:
    return " / ".join(f"{value:+.2f}" for value in values)
