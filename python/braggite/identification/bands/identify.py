"""Which phases a vibrational spectrum shows: prepare, search, judge."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from braggite.diagnostics import Diagnostic
from braggite.errors import BraggiteError
from braggite.identification.bands.candidates import candidates_of
from braggite.identification.bands.judgement import BandJudge, Judged
from braggite.identification.bands.result import band_match
from braggite.identification.bands.search import Hypothesis, Search
from braggite.identification.bands.watch import BandWatch
from braggite.identification.belief import Dismissal, ranked_hypotheses, sample_verdict
from braggite.identification.report import Candidates, PhaseReport, UnexplainedLine
from braggite.identification.spectra import search_spectra
from braggite.matching.band_pattern import band_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.identification.bands.candidates import BandCandidate
    from braggite.identification.options import IdentifyOptions
    from braggite.identification.spectra import SpectrumSearch
    from braggite.matching.band_match import FittedBand
    from braggite.matching.band_pattern import BandPattern
    from braggite.references import Phase, ReferenceLibrary
    from braggite.spectrum import Spectrum

SEARCH_HITS = 5
MAX_UNEXPLAINED = 20
_CLEAR = 5.0


def identify_bands(
    sample: Sequence[Spectrum],
    index: int,
    library: ReferenceLibrary,
    asked: Sequence[Phase],
    options: IdentifyOptions,
) -> PhaseReport:
    """The report on the spectrum at ``index`` of a sample."""
    spectrum = sample[index]
    pattern = band_pattern(spectrum, options.bands)
    phases = list(library.with_bands(spectrum.technique))
    candidates, unseen = candidates_of(phases, pattern)
    search, hypothesis = searched(Search(pattern, candidates, ln_priors(candidates)))
    judge = BandJudge(search, index, len(phases), options)
    judged, dismissed, hypothesis = settled(judge, hypothesis)
    fit = band_match(search, hypothesis)
    notes = [*pattern.spectrum.diagnostics, *pattern.diagnostics]
    if not candidates:
        notes.append(Diagnostic.of("no_candidates"))
    unexplained = _unexplained(fit.unknown, index, spectrum)
    if unexplained:
        notes.append(Diagnostic.of("unexplained_lines", value=len(unexplained)))
    whole, remarks = second_road(pattern, library, judged)
    notes += remarks
    found = tuple(entry.phase for entry in judged)
    return PhaseReport(
        sample=spectrum.name or "sample",
        verdict=sample_verdict(found, unexplained),
        phases=found,
        watched=BandWatch(search, hypothesis, judged, dismissed, options).all(asked),
        hypotheses=ranked_hypotheses(
            found, {entry.phase.name: entry.rivals for entry in judged}, dismissed, fit.statistics.rwp_percent
        ),
        candidates=_account(library, candidates, judged, dismissed, unseen),
        unexplained=unexplained,
        spectra=tuple(sample),
        fits=tuple(fit if i == index else None for i in range(len(sample))),
        spectrum_search=whole,
        options=options.to_dict(),
        library={"name": library.source, "sha256": library.sha256, "n_phases": len(library)},
        diagnostics=tuple(note for i, note in enumerate(notes) if note not in notes[:i]),
    )


def second_road(
    pattern: BandPattern, library: ReferenceLibrary, judged: Sequence[Judged]
) -> tuple[SpectrumSearch | None, list[Diagnostic]]:
    """The search by whole spectra, which knows nothing of bands, and a remark where it names something else first."""
    try:
        whole = search_spectra(pattern.spectrum, library.with_bands(pattern.spectrum.technique), top=SEARCH_HITS)
    except BraggiteError as error:
        detail = f"the search by whole spectra was not possible: {error.message}"
        return None, [Diagnostic.of("roads_disagree", detail=detail)]
    named = {name for entry in judged for name in (entry.phase.name, *(rival for rival, _ in entry.rivals))}
    if not whole.hits or not named or whole.hits[0].name in named:
        return whole, []
    first = whole.hits[0]
    seen = [hit.name for hit in whole.hits if hit.name in named]
    detail = (
        f"the search by whole spectra names {first.name} first (score {first.score:.2f}), which the bands do not show; "
        + (
            f"of the phases found it has {', '.join(seen)} among its first {SEARCH_HITS}"
            if seen
            else "none found is near"
        )
    )
    return whole, [Diagnostic.of("roads_disagree", value=first.name, detail=detail)]


def ln_priors(candidates: Sequence[BandCandidate]) -> list[float]:
    """Logarithm of the probability of each before the data: one phase among so many."""
    names = len({candidate.phase.name for candidate in candidates})
    return [-math.log(max(names, 2))] * len(candidates)


def searched(search: Search) -> tuple[Search, Hypothesis]:
    """The best set under the misfit a search starts with, then under the one that it leaves."""
    rough = search.run()
    search = replace(search, pattern=search.pattern.settled(rough.view.calculated))
    return search, search.run(rough)


def settled(judge: BandJudge, hypothesis: Hypothesis) -> tuple[tuple[Judged, ...], dict[str, Dismissal], Hypothesis]:
    """Verdicts on the phases that are at least possible; those that are not make room for unknown bands."""
    dismissed: dict[str, Dismissal] = {}
    while True:
        judged = judge.judge(hypothesis)
        weak = [entry for entry in judged if entry.phase.confidence < judge.options.possible]
        if not weak:
            return judged, dismissed, hypothesis
        worst = weak[-1]
        dismissed[worst.phase.name] = Dismissal.of(worst.phase.confidence, worst.traits.doubts())
        hypothesis = judge.search.with_unknown_instead(hypothesis, worst.candidate)


def _unexplained(bands: Sequence[FittedBand], index: int, spectrum: Spectrum) -> tuple[UnexplainedLine, ...]:
    clear = sorted((band for band in bands if band.significance > _CLEAR), key=lambda band: -band.significance)
    return tuple(
        UnexplainedLine(
            index, spectrum.technique, round(band.position.value, 2), spectrum.x_unit, round(band.significance, 2)
        )
        for band in clear[:MAX_UNEXPLAINED]
    )


def _account(
    library: ReferenceLibrary,
    candidates: Sequence[BandCandidate],
    judged: Sequence[Judged],
    dismissed: dict[str, Dismissal],
    unseen: Sequence[tuple[str, str]],
) -> Candidates:
    kept = {entry.phase.name for entry in judged}
    rival_of = {name: entry.phase.name for entry in judged for name, _ in entry.rivals}
    rejected = []
    for name in dict.fromkeys(candidate.phase.name for candidate in candidates):
        if name in kept:
            continue
        if name in rival_of:
            reason = f"rival of {rival_of[name]}, which explains the bands as well"
        elif name in dismissed:
            reason = dismissed[name].reason
        else:
            reason = "fitted; its bands explain nothing that unknown bands do not"
        rejected.append((name, reason))
    rejected += unseen
    without = [phase.name for phase in library if phase.name not in {c.phase.name for c in candidates}]
    unknown = set(without) - {name for name, _ in unseen}
    return Candidates(
        len(library) + len(library.unreadable), tuple(rejected), tuple(library.unreadable), screened_out=len(unknown)
    )
