"""Which phases are in the sample: candidates, search, final match, verdicts."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from braggite import _core
from braggite.diagnostics import Diagnostic
from braggite.errors import LibraryError, OptionError
from braggite.identification.amorphous import amorphous_humps
from braggite.identification.bands import identify_bands
from braggite.identification.belief import ranked_hypotheses, sample_verdict
from braggite.identification.confidence import prior_weight
from braggite.identification.ghosts import told_apart
from braggite.identification.judgement import Judge, Judgement
from braggite.identification.line_account import unexplained_lines
from braggite.identification.nomination import candidates_of
from braggite.identification.options import IdentifyOptions
from braggite.identification.report import (
    Candidates,
    PhaseReport,
    UnexplainedLine,
)
from braggite.identification.unknown_cell import unexplained_phase
from braggite.identification.watch import Watch
from braggite.identification.watch_auto import AUTO, CouldForm, could_form
from braggite.matching.internal_standard import refuse_absent_standard
from braggite.matching.options import OF_AN_IDENTIFICATION, on_background
from braggite.matching.pattern import EnginePattern, engine_pattern
from braggite.matching.phases import match_phase, structure_of
from braggite.references import Phase, ReferenceLibrary
from braggite.spectrum import Spectrum
from braggite.techniques import technique_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from braggite.identification.line_account import ResidualLine
    from braggite.matching.results import MatchResult

MAX_UNEXPLAINED = 20


def identify(
    spectra: Spectrum | Sequence[Spectrum],
    *,
    library: ReferenceLibrary | None = None,
    watch: Iterable[str | Phase] = (),
    options: IdentifyOptions | None = None,
) -> PhaseReport:
    """Find the phases of the library that explain a sample.

    Parameters
    ----------
    spectra
        The spectra of one sample; today one is searched: the diffraction pattern by the lines of structures, without
        one the Raman or infrared spectrum by the bands of references.
    library
        Candidates, usually filtered by elements; the shipped library by default. Phases without a structure, known by
        their bands alone, are no candidates of a diffraction pattern.
    watch
        Phases, or names or aliases of the library or the shipped one, to report on whether or not they are found: each
        with the largest amount that may be there. ``"auto"`` stands for all that could have formed: the compounds of
        the library, or where it is large those of the elements found, look-alikes counted once.
    options
        Defaults of :class:`IdentifyOptions`.

    Returns
    -------
    PhaseReport
        Phases by falling confidence; every candidate is accounted for.

    Raises
    ------
    OptionError
        Nothing to search among the spectra, or more than one of a kind.
    LibraryError
        A watched phase that no library knows, or that has no structure.
    """
    options = options or IdentifyOptions()
    options.match.refuse(
        ["strength_sd", "anisotropic_strain", "ghosts", "displacement_factors"],
        "an identification, whose matches are tied to structures",
    )
    options = replace(options, match=on_background(options.match, OF_AN_IDENTIFICATION))
    sample = [spectra] if isinstance(spectra, Spectrum) else list(spectra)
    index = _searched(sample)
    whole = ReferenceLibrary.default() if library is None else library
    asked_for = list(watch)
    if technique_named(sample[index].technique).bands is not None:
        if AUTO in asked_for:
            raise OptionError(f"{AUTO!r} among the phases to watch needs a diffraction pattern", where="watch")
        return identify_bands(sample, index, whole, [_watched(phase, whole) for phase in asked_for], options)
    library = whole.for_diffraction()
    if options.match.internal_standard is not None:
        standard = options.match.internal_standard[0]
        refuse_absent_standard([library[standard]] if standard in library else library.in_memory, standard)
    watched = [_watched(phase, whole) for phase in asked_for if phase != AUTO]
    pattern = engine_pattern(sample[index], options.match)
    asked = [phase.name for phase in watched] + list((options.match.internal_standard or ())[:1])
    nominated = candidates_of(library, pattern, options, asked)
    candidates, views, failed = engine_candidates(nominated, pattern)
    failed += library.unreadable
    notes = list(sample[index].diagnostics)
    notes += _notes_on_candidates(library, nominated)
    found = search(pattern, views, [prior_weight(phase) for phase in candidates], options)
    failed += [(candidates[i].name, reason) for i, reason in found.failed]
    judgement = Judge(pattern, index, candidates, len(library), found, options).settle()
    fit, phases = judgement.fit, judgement.phases
    notes += fit.diagnostics if fit else ()
    residual = unexplained_lines(pattern, fit, found.discrepancy, options.unexplained_false_alarms)
    residual, ghosts = told_apart(residual, fit, pattern, found.discrepancy)
    unexplained = _unexplained(pattern, index, residual)
    if ghosts:
        detail = f"weak lines repeat strong ones: {', '.join(map(str, ghosts))}"
        notes.append(Diagnostic.of("ghost_lines", value=[ghost.position_deg for ghost in ghosts], detail=detail))
    if unexplained:
        notes.append(Diagnostic.of("unexplained_lines", value=len(unexplained)))
    notes += _notes_on_humps(pattern, fit)
    watch_over = Watch(pattern, found, judgement, options)
    answers = watch_over.all(watched)
    if AUTO in asked_for:
        system = _could_form(library, candidates, judgement, pattern, options)
        answers += watch_over.system(system, {phase.name for phase in watched})
        notes += _notes_on_system(system)
    rwp_percent = fit.statistics.rwp_percent if fit else None
    return PhaseReport(
        sample=sample[index].name or "sample",
        verdict=sample_verdict(phases, unexplained),
        phases=phases,
        watched=answers,
        hypotheses=ranked_hypotheses(phases, judgement.rivals, judgement.dismissed, rwp_percent),
        candidates=_account(candidates, found, judgement, failed, screened_out=len(library) - len(nominated)),
        unexplained=unexplained,
        unexplained_phase=unexplained_phase(residual, fit, pattern),
        spectra=tuple(sample),
        fits=tuple(fit if i == index else None for i in range(len(sample))),
        options=options.to_dict(),
        library={"name": whole.source, "sha256": whole.sha256, "n_phases": len(whole)},
        diagnostics=tuple(notes),
    )


def _watched(phase: str | Phase, library: ReferenceLibrary) -> Phase:
    """A phase of the library, or where that leaves it out of the shipped one; it needs a structure."""
    if isinstance(phase, str):
        phase = library[phase] if phase in library else ReferenceLibrary.default()[phase]
    structure_of(phase)
    return phase


def _could_form(
    library: ReferenceLibrary,
    candidates: Sequence[Phase],
    judgement: Judgement,
    pattern: EnginePattern,
    options: IdentifyOptions,
) -> CouldForm:
    names = {phase.name for phase in judgement.phases}
    low, high = (math.sin(math.radians(0.5 * angle)) for angle in pattern.range_deg)
    half = 0.5 * pattern.radiation.wavelength_angstrom
    spacings = (half / high, half / max(low, 1e-3))
    return could_form(library, [phase for phase in candidates if phase.name in names], spacings, options.nominees)


def _notes_on_system(system: CouldForm) -> list[Diagnostic]:
    if not system.left_out:
        return []
    detail = f"{len(system.phases)} phases are watched; {len(system.left_out)} more could have formed"
    return [Diagnostic.of("watched_in_part", value=list(system.left_out), detail=detail)]


def _searched(sample: Sequence[Spectrum]) -> int:
    """Which spectrum is searched: the diffraction pattern, without one the vibrational spectrum."""
    patterns = [i for i, spectrum in enumerate(sample) if spectrum.technique == "xrd"]
    found = patterns or [i for i, spectrum in enumerate(sample) if technique_named(spectrum.technique).bands]
    if not found:
        seen = ", ".join(spectrum.technique for spectrum in sample) or "no spectrum"
        raise OptionError(
            f"no diffraction pattern and no vibrational spectrum to search in (found: {seen})",
            suggestion="state the technique if it is one of them",
        )
    if len(found) > 1:
        kind = "diffraction patterns" if patterns else "vibrational spectra"
        raise OptionError(
            f"{len(found)} {kind} in one sample; one is searched",
            suggestion="several are several samples: identify each by itself",
        )
    return found[0]


def _notes_on_candidates(library: ReferenceLibrary, nominated: Sequence[Phase]) -> list[Diagnostic]:
    notes = [Diagnostic.of("reference_unreadable", where=file, detail=why) for file, why in library.unreadable]
    if not len(library):
        notes.append(Diagnostic.of("no_candidates"))
    elif len(nominated) < len(library):
        detail = f"{len(nominated)} of {len(library)} phases have lines worth fitting to this pattern"
        notes.append(Diagnostic.of("candidates_nominated", value=len(nominated), detail=detail))
    return notes


def _notes_on_humps(pattern: EnginePattern, fit: MatchResult | None) -> list[Diagnostic]:
    smooth = pattern.background if fit is None else fit.background
    lines = np.zeros_like(smooth) if fit is None else np.clip(fit.calculated - smooth, 0.0, None)
    humps = amorphous_humps(np.array(pattern.spectrum.x), np.array(pattern.spectrum.y), lines, smooth, pattern.sigma)
    if not humps:
        return []
    detail = f"the background has a hump {', and one '.join(map(str, humps))}: glass, polymer or very fine grains"
    return [
        Diagnostic.of(
            "amorphous_hump",
            value=[hump.to_dict() for hump in humps],
            detail=detail,
            suggestion="measure the empty holder (--blank); an internal standard tells the amount",
        )
    ]


def engine_candidates(
    nominated: Iterable[Phase], pattern: EnginePattern
) -> tuple[list[Phase], list[_core.MatchPhase], list[tuple[str, str]]]:
    """Phases with the engine's view of each, and those that cannot be searched, with the reason."""
    phases, views, failed = [], [], []
    for phase in nominated:
        try:
            views.append(match_phase(phase, pattern.radiation.wavelength_angstrom, pattern.range_deg))
            phases.append(phase)
        except LibraryError as error:
            failed.append((phase.name, error.message))
    return phases, views, failed


def search(
    pattern: EnginePattern, views: list[_core.MatchPhase], log_prior: list[float], options: IdentifyOptions
) -> _core.IdentificationView:
    """The set of candidates that explains a pattern best, and what each brings; ``log_prior`` is one each."""
    return _core.identify_phases(
        pattern.core,
        views,
        log_prior,
        pattern.prior,
        max_phases=options.max_phases,
        beam=options.beam,
        branch=options.branch,
        least_gain=options.least_gain,
        search_discrepancy=options.search_discrepancy,
        rival_margin=options.rival_margin,
        finalists=options.finalists,
    )


def _unexplained(pattern: EnginePattern, index: int, lines: Sequence[ResidualLine]) -> tuple[UnexplainedLine, ...]:
    unit = pattern.spectrum.x_unit
    return tuple(
        UnexplainedLine(index, "xrd", round(line.position_deg, 4), unit, round(line.significance, 2))
        for line in lines[:MAX_UNEXPLAINED]
    )


def _account(
    candidates: Sequence[Phase],
    found: _core.IdentificationView,
    judgement: Judgement,
    failed: Sequence[tuple[str, str]],
    screened_out: int,
) -> Candidates:
    phases = judgement.phases
    kept = {phase.name for phase in phases}
    repeated = {candidates[i].name: [candidates[j].name for j in among] for i, among in found.repeats}
    rival_of = {rival: phase.name for phase in phases for rival in phase.rivals}
    lost = {name for name, _ in failed}
    rejected = []
    for phase, screened, gain in zip(candidates, found.screened.tolist(), found.fitted, strict=True):
        if phase.name in kept or phase.name in lost:
            continue
        if phase.name in rival_of:
            reason = f"rival of {rival_of[phase.name]}, which explains the lines as well"
        elif phase.name in judgement.dismissed:
            reason = judgement.dismissed[phase.name].reason
        elif gain is not None:
            reason = f"fitted; best rise of log evidence {gain:.1f}, not enough beside the phases found"
        elif phase.name in repeated:
            reason = f"draws the same lines as a phase among {', '.join(repeated[phase.name])}"
        else:
            reason = f"screened; explains too little of what the phases found leave over ({screened:.1f})"
        rejected.append((phase.name, reason))
    considered = len(candidates) + len(failed) + screened_out
    return Candidates(considered, tuple(rejected), tuple(failed), screened_out)
