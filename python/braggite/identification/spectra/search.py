"""A spectrum compared as a whole with every spectrum of a library."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import OptionError
from braggite.identification.spectra.cells import Cells, cells_of
from braggite.identification.spectra.reference_shelf import ReferenceShelf
from braggite.identification.spectra.result import SpectrumHit, SpectrumSearch
from braggite.references.bands import vibrational_technique

if TYPE_CHECKING:
    from braggite.identification.spectra.reference_shelf import ReferenceRow
    from braggite.references import ReferenceLibrary
    from braggite.spectrum import Spectrum

SHIFTED_REFERENCES = 200
"""References whose best shift is looked for: those that agree best without one."""
_LOW_COVERAGE = 0.6
_SMALL_MARGIN = 0.03
_LEAST_SIGNAL = 5.0


def search_spectra(
    spectrum: Spectrum,
    library: ReferenceLibrary | ReferenceShelf | None = None,
    *,
    top: int = 10,
    max_shift_cm1: float = 5.0,
    least_coverage: float = 0.3,
) -> SpectrumSearch:
    """The phases whose Raman or infrared spectra resemble a spectrum most.

    Square roots of the ordinates above the background are compared in cells of 1/cm, over what both spectra cover: the
    score is the mean of their Pearson correlation and of that of their slopes. Spikes and background are taken off
    here unless the spectrum's history says that the background is.

    Parameters
    ----------
    spectrum
        Raman or infrared; transmittance becomes absorbance.
    library
        Phases to compare with, filtered by what is known of the sample (``library.filter(elements=...)`` helps more
        than any score), or a library laid out before for many searches. None: the shipped library.
    top
        Phases to return.
    max_shift_cm1
        How far the axis may be off. Raising it helps axes that nobody calibrated and lets rivals come closer.
    least_coverage
        Share of the measured range below which a reference is not compared. Lowering it lets references in that agree
        over a stretch too short to mean anything.

    Raises
    ------
    OptionError
        A technique without bands, a shelf of another technique, or a value outside its meaning.
    InvalidSpectrum
        A range below 50 1/cm or a step above 10 1/cm.
    """
    technique = vibrational_technique(spectrum.technique)
    _refuse(top, max_shift_cm1, least_coverage)
    if library is None:
        from braggite.references import ReferenceLibrary

        library = ReferenceLibrary.default()
    shelf = library if isinstance(library, ReferenceShelf) else ReferenceShelf.of(library, technique)
    if shelf.technique != technique:
        raise OptionError(f"the references are of {shelf.technique}, the spectrum of {technique}", where="library")
    cells = cells_of(spectrum)
    hits, not_compared = _compared(cells, shelf, max_shift_cm1, least_coverage)
    margin = hits[0].score - hits[1].score if len(hits) > 1 else None
    return SpectrumSearch(
        hits=tuple(hits[:top]),
        margin=margin,
        signal_to_noise=cells.signal_to_noise,
        n_references=len(shelf),
        not_compared=not_compared,
        options={"top": top, "max_shift_cm1": max_shift_cm1, "least_coverage": least_coverage},
        diagnostics=(*shelf.diagnostics, *_remarks(cells, hits, margin, spectrum.name or None)),
    )


def _refuse(top: int, max_shift_cm1: float, least_coverage: float) -> None:
    if not 1 <= top <= 10_000:
        raise OptionError(f"top = {top} must lie between 1 and 10000", where="top")
    if not 0.0 <= max_shift_cm1 <= 100.0:
        raise OptionError(f"max_shift_cm1 = {max_shift_cm1} must lie between 0 and 100", where="max_shift_cm1")
    if not 0.0 < least_coverage <= 1.0:
        raise OptionError(f"least_coverage = {least_coverage} must lie above 0, at most 1", where="least_coverage")


def _compared(
    cells: Cells, shelf: ReferenceShelf, max_shift_cm1: float, least_coverage: float
) -> tuple[list[SpectrumHit], tuple[str, ...]]:
    """Hits by falling score, each phase once, and the phases that cover too little."""
    values, slopes, common = shelf.shelf.agreements(cells.first, cells.roots, cells.used)
    unshifted = 0.5 * (values + slopes)
    coverage = common / max(int(cells.used.sum()), 1)
    enough = np.flatnonzero(coverage >= least_coverage)
    order = enough[np.argsort(-unshifted[enough], kind="stable")]
    closer = order[:SHIFTED_REFERENCES].astype(np.uint32)
    reach = math.ceil(max_shift_cm1)
    score, shift = unshifted.copy(), np.zeros_like(unshifted)
    score[closer], shift[closer] = shelf.shelf.placed(closer, cells.first, cells.roots, cells.used, reach=reach)
    best: dict[str, SpectrumHit] = {}
    for row in order[np.argsort(-score[order], kind="stable")]:
        figures = [float(column[row]) for column in (score, unshifted, shift, coverage)]
        hit = _hit(shelf.rows[row], figures)
        best.setdefault(hit.name, hit)
    left_out = {reference.phase.name for reference in shelf.rows} - set(best)
    return list(best.values()), tuple(sorted(left_out))


def _hit(reference: ReferenceRow, figures: list[float]) -> SpectrumHit:
    score, unshifted, shift, coverage = figures
    return SpectrumHit(
        name=reference.phase.name,
        title=reference.phase.title,
        formula=reference.phase.formula,
        score=score,
        score_unshifted=unshifted,
        shift_cm1=shift,
        coverage=coverage,
        coverage_stated=reference.range_stated,
        origin=reference.origin,
        file=reference.file,
    )


def _remarks(cells: Cells, hits: list[SpectrumHit], margin: float | None, where: str | None) -> list[Diagnostic]:
    """What to be careful about."""
    if not hits:
        return [Diagnostic.of("no_candidates", where=where, detail="no reference covers enough of the range")]
    notes = []
    if cells.signal_to_noise < _LEAST_SIGNAL:
        notes.append(Diagnostic.of("no_peaks", where=where, value=cells.signal_to_noise))
    if hits[0].coverage < _LOW_COVERAGE:
        notes.append(Diagnostic.of("search_low_coverage", where=hits[0].name, value=hits[0].coverage))
    if margin is not None and margin < _SMALL_MARGIN:
        notes.append(
            Diagnostic.of(
                "search_small_margin",
                where=hits[0].name,
                value=margin,
                detail=f"{hits[1].name} resembles the spectrum nearly as well",
                suggestion="state the elements of the sample",
            )
        )
    return notes
