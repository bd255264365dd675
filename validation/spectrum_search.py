"""How well whole-spectrum search names phases: simulated queries by score, and real spectra.

``python -m validation.spectrum_search`` writes docs/validation-bands.md; BRAGGITE_TEST_DATA names the measured data.
"""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import braggite as bg
from braggite.band_simulation import BandState, simulate_bands
from braggite.identification.spectra.cells import Cells, cells_of
from braggite.identification.spectra.reference_shelf import drawn_bands
from braggite.identification.spectra.search import search_spectra
from validation.provenance import ROOT, code_state
from validation.spectrum_search_real import real_tables

if TYPE_CHECKING:
    from braggite.references import Phase, ReferenceLibrary

PAGE = ROOT / "docs" / "validation-bands.md"
SEED = 20261122
QUERIES_PER_PHASE = 4
RANGES = {"raman": (100.0, 1250.0, 1.2), "ftir": (400.0, 2000.0, 2.0)}
COMMON_ELEMENTS = {"H", "C", "O"}
"""Allowed beside those of the phase: the filter of a chemist who knows the cations."""
SCORES = ("Pearson", "cosine", "Pearson of √I", "mean of √I and slope", "the same, shift searched")
BINS = (0.0, 0.01, 0.03, 0.1, 1.0)


@dataclass(frozen=True, slots=True)
class Query:
    """A simulated spectrum of one phase in cells."""

    phase: Phase
    spectrum: bg.Spectrum
    cells: Cells


def queries(library: ReferenceLibrary, technique: str, error_cm1: float) -> list[Query]:
    """Spectra that differ from the references in positions, strengths, widths; with background, noise, axis error."""
    rng = np.random.default_rng(SEED)
    found = []
    low, high, _ = RANGES[technique]
    for phase in library.with_bands(technique):
        inside = [b for b in phase.bands(technique) if b.role != "must_not" and low + 20 < b.position_cm1 < high - 20]
        for number in range(QUERIES_PER_PHASE if inside else 0):
            peak = float(np.exp(rng.uniform(np.log(100.0), np.log(10000.0))))
            scale = peak if technique == "raman" else 1.0
            spectrum = simulate_bands(
                [BandState(phase, 1.0, position_spread=1.0, strength_sd=0.5, fwhm_sd=0.3)],
                technique=technique,  # type: ignore[arg-type]
                range_cm1=RANGES[technique],
                shift_cm1=error_cm1 * (-1.0) ** number,
                peak=scale,
                background=rng.uniform([0.5, -0.4, -0.2, -0.1], [2.0, 0.4, 0.2, 0.1]).tolist(),
                noise=None if technique == "raman" else 1.0 / np.sqrt(peak),
                seed=int(rng.integers(1 << 31)),
            )
            found.append(Query(phase, spectrum, cells_of(spectrum)))
    return found


def simple_scores(query: Query, library: ReferenceLibrary, technique: str) -> dict[str, dict[str, float]]:
    """Phase -> score, for the scores that others use, computed here in numpy without a shift."""
    cells, used = query.cells, query.cells.used
    found: dict[str, dict[str, float]] = {name: {} for name in SCORES[:3]}
    root = cells.roots[used]
    for phase in library:
        reference = phase.band_reference(technique)
        if reference is None or not reference.bands:
            continue
        curve = drawn_bands(reference, cells.positions_cm1)[used]
        found["Pearson"][phase.name] = correlation(root**2, curve)
        lengths = np.linalg.norm(root**2) * np.linalg.norm(curve)
        found["cosine"][phase.name] = float(root**2 @ curve / max(lengths, 1e-30))
        found["Pearson of √I"][phase.name] = correlation(root, np.sqrt(curve))
    return found


def correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Pearson's; 0 where one side is flat."""
    x, y = x - x.mean(), y - y.mean()
    return float(x @ y / max(np.linalg.norm(x) * np.linalg.norm(y), 1e-30))


def all_scores(query: Query, library: ReferenceLibrary, technique: str) -> dict[str, dict[str, float]]:
    """Phase -> score, for every score."""
    found = simple_scores(query, library, technique)
    for name, reach in zip(SCORES[3:], (0.0, 5.0), strict=True):
        hits = search_spectra(query.spectrum, library, top=10_000, max_shift_cm1=reach).hits
        found[name] = dict.fromkeys(found["Pearson"], -1.0) | {hit.name: hit.score for hit in hits}
    return found


def rank(scores: dict[str, float], name: str) -> int:
    """How many phases score better; references that are the same to the score count as one."""
    return sum(score > scores[name] + 1e-9 for score in scores.values())


def filtered(library: ReferenceLibrary, phase: Phase) -> ReferenceLibrary:
    """What is left when the elements of the phase are known."""
    return library.filter(elements=sorted(phase.elements | COMMON_ELEMENTS))


def simulated_table(library: ReferenceLibrary, technique: str) -> str:
    """First hit and in five for every score, with and without axis error and element filter; then the margins."""
    library = library.with_bands(technique)
    lines = ["| axis error (cm-1) | elements | score | queries | first | in five |", "|---|---|---|---|---|---|"]
    margins: list[tuple[float, bool]] = []
    for error in (0.0, 5.0):
        for known in (False, True):
            ranks: dict[str, list[int]] = {name: [] for name in SCORES}
            for query in queries(library, technique, error):
                pool = filtered(library, query.phase) if known and query.phase.elements else library
                found = all_scores(query, pool, technique)
                for name in SCORES:
                    ranks[name].append(rank(found[name], query.phase.name))
                ours = found[SCORES[-1]]
                best = sorted(ours.values(), reverse=True)
                if len(best) > 1:
                    margins.append((best[0] - best[1], ranks[SCORES[-1]][-1] == 0))
            for name in SCORES:
                first, five = (np.mean([r < limit for r in ranks[name]]) for limit in (1, 5))
                label = "known" if known else "unknown"
                lines.append(
                    f"| {error:g} | {label} | {name} | {len(ranks[name])} | {100 * first:.1f} % | {100 * five:.1f} % |"
                )
    return "\n".join(lines) + "\n\n" + margin_table(margins)


def margin_table(margins: list[tuple[float, bool]]) -> str:
    """How often the first hit is right, by its margin."""
    lines = ["| margin of the first phase | queries | first is right |", "|---|---|---|"]
    for low, high in itertools.pairwise(BINS):
        inside = [right for margin, right in margins if low <= margin < high]
        share = f"{100 * np.mean(inside):.1f} %" if inside else "-"
        lines.append(f"| {low:g} to {high:g} | {len(inside)} | {share} |")
    return "\n".join(lines)


HEAD = """# Whole-spectrum search, measured

`python -m validation.spectrum_search` measures this and writes this page; nothing here is typed by hand.
[Searching whole spectra](spectrum-search.md) says what is compared.

Measured on {date} at commit `{commit}`{modified}.

## Simulated queries

Every phase of the library with bands in the range, {queries} spectra each, from 100 to 10,000 counts of the strongest
band (infrared: noise of as much relative size), on a curved background. Positions are drawn anew and evenly over the
range that was read for each band, strengths with a standard deviation of 0.5 and widths of 0.3 in their logarithms,
shapes from 30 to 90 % Lorentzian. "Known": the library is filtered by the elements of the phase and H, C, O. Spikes and
background are taken off alike for every score; the roots are those of [the search](spectrum-search.md), noise taken
off, and "Pearson" and "cosine" take their squares. References that no score can tell apart count as one.

The queries come from the lists of bands that the references are drawn from, so their level is that of a library without
errors; read the differences between scores, not the level.

"""
MIDDLE = """
## A labelled set of many specimens

Not run: no such set was at hand.

## Real spectra

Samples of known phase, read and searched with the whole shipped library and default options, and again with the
elements of the sample and H, C, O alone. Names in bold are wrong. The broadening and the floor of noise were chosen
with the Raman spectra of this table in view, and kept because they also raised the simulated figures of the mean.

"""


def main() -> None:
    """Write the page."""
    library = bg.ReferenceLibrary.default()
    state = code_state()
    modified = " with changes" if state["modified"] else ""
    text = HEAD.format(date=state["date"], commit=state["commit"][:12], modified=modified, queries=QUERIES_PER_PHASE)
    for technique, (low, high, step) in RANGES.items():
        text += f"### {technique}, {low:g} to {high:g} cm-1, step {step:g}\n\n{simulated_table(library, technique)}\n\n"
    text = text.rstrip("\n") + "\n" + MIDDLE + real_tables(Path(os.environ["BRAGGITE_TEST_DATA"]), library)
    PAGE.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
