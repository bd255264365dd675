"""A library laid out for a search through whole spectra: measured ones, and those drawn from bands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from braggite import _core
from braggite.diagnostics import Diagnostic
from braggite.errors import LibraryError
from braggite.identification.spectra.cells import RESOLUTION_CM1, Cells, band_law, cells_of
from braggite.lineshapes import line_shape

if TYPE_CHECKING:
    from collections.abc import Iterable

    from braggite.arrays import FloatArray
    from braggite.references import Phase, ReferenceLibrary
    from braggite.references.bands import BandReference, VibrationalTechnique
    from braggite.references.reference_spectrum import ReferenceSpectrum

Origin = Literal["bands", "measured"]

DRAWN_RANGE_CM1 = (80, 4500)
"""Where a list of bands is taken as complete if its phase does not say for which range it is; below lies the laser."""
_LORENTZ_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """One spectrum of a phase.

    Attributes
    ----------
    phase : whose it is
    origin : "measured", or "bands" where it was drawn
    file : of a measured one
    range_stated : whether the reference says which range it covers
    """

    phase: Phase
    origin: Origin
    file: str | None = None
    range_stated: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceShelf:
    """Spectra of a library in one block of memory; lay it out once and search it with many spectra.

    Attributes
    ----------
    technique : "raman" or "ftir"
    rows : what each row of the block is
    diagnostics : measured spectra that could not be used
    """

    technique: VibrationalTechnique
    rows: tuple[ReferenceRow, ...]
    shelf: _core.SpectrumShelf
    diagnostics: tuple[Diagnostic, ...] = ()

    @classmethod
    def of(cls, library: ReferenceLibrary | Iterable[Phase], technique: VibrationalTechnique) -> ReferenceShelf:
        """Every measured spectrum of the phases, and for each phase with bands one that is drawn.

        A drawn spectrum is the sum of pseudo-Voigt bands (half Lorentzian, half Gaussian) of the stated height and
        width, or of the technique's typical width; dips are subtracted, bands that must not be there left out.

        Raises
        ------
        OptionError
            A technique that shows no bands.
        """
        band_law(technique)
        rows: list[ReferenceRow] = []
        curves: list[tuple[int, FloatArray]] = []
        notes: list[Diagnostic] = []
        for phase in library:
            reference = phase.band_reference(technique)
            if reference is None:
                continue
            drawn = _drawn(reference)
            if drawn is not None:
                rows.append(ReferenceRow(phase, "bands", None, reference.covered_range_cm1 is not None))
                curves.append(drawn)
            for measured in reference.spectra:
                try:
                    curves.append(_covered(cells_of(measured.spectrum()), measured))
                except LibraryError as error:
                    notes.append(Diagnostic.of("reference_unreadable", where=measured.file, detail=str(error)))
                    continue
                rows.append(ReferenceRow(phase, "measured", measured.file))
        return cls(technique, tuple(rows), _block(curves), tuple(notes))

    def __len__(self) -> int:
        return len(self.rows)


def drawn_bands(reference: BandReference, positions_cm1: FloatArray) -> FloatArray:
    """(n,) ordinates of the broadened bands of a reference, never negative."""
    law = band_law(reference.technique)
    curve = np.zeros_like(positions_cm1)
    for band in reference.bands:
        if band.role == "must_not":
            continue
        fwhm = band.fwhm_cm1 or law.typical_fwhm
        broadened = math.hypot(fwhm, RESOLUTION_CM1)
        area = (-1.0 if band.negative else 1.0) * band.strength * fwhm
        curve += line_shape(
            "pseudo_voigt", positions_cm1, band.position_cm1, amplitude=area, fwhm=broadened, eta=_LORENTZ_SHARE
        )
    return np.maximum(curve, 0.0)


def _drawn(reference: BandReference) -> tuple[int, FloatArray] | None:
    """First cell and roots of a drawn spectrum over the range it speaks for; None without a band in it."""
    low, high = reference.covered_range_cm1 or DRAWN_RANGE_CM1
    positions = np.arange(np.ceil(low), np.floor(high) + 1.0)
    if not any(low <= band.position_cm1 <= high and band.role != "must_not" for band in reference.bands):
        return None
    return int(positions[0]), np.sqrt(drawn_bands(reference, positions))


def _covered(cells: Cells, measured: ReferenceSpectrum) -> tuple[int, FloatArray]:
    """First cell and roots of the part that is to be trusted."""
    low, high = measured.covered_range_cm1 or (-np.inf, np.inf)
    keep = (cells.positions_cm1 >= low) & (cells.positions_cm1 <= high)
    if not keep.any():
        raise LibraryError("measured outside the range it is said to cover", where=measured.file)
    start = int(np.argmax(keep))
    return cells.first + start, cells.roots[keep]


def _block(curves: list[tuple[int, FloatArray]]) -> _core.SpectrumShelf:
    """The rows one after the other, each about its mean, which single precision then resolves best."""
    starts = np.cumsum([0, *(curve.size for _, curve in curves)], dtype=np.uint64)
    values = [curve - curve.mean() for _, curve in curves]
    block = np.concatenate([*values, np.empty(0)]).astype(np.float32)
    return _core.SpectrumShelf(starts, np.array([first for first, _ in curves], dtype=np.int32), block)
