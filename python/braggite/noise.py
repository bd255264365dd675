"""Standard deviations of ordinates: given, from counting, or estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from braggite import _core
from braggite.arrays import FloatArray, frozen
from braggite.diagnostics import Diagnostic

if TYPE_CHECKING:
    from braggite.spectrum import Spectrum


def estimate_sigma(y: FloatArray, *, counts: bool = False, threads: int = 1) -> FloatArray:
    """Standard deviations: square roots of counts, else ``sqrt(a + b y)`` fitted to the scatter of neighbours.

    ``y`` holds (n,) ordinates or (rows, n), each row for itself. Counts below 1 are given 1. Raises ``InvalidSpectrum``
    below five points where an estimate is needed.
    """
    flat = np.ascontiguousarray(y).reshape(-1)
    return frozen(_core.estimate_sigma(flat, counts, y.shape[-1], threads).reshape(y.shape))


def sigma_or_estimate(spectrum: Spectrum) -> tuple[FloatArray, tuple[Diagnostic, ...]]:
    """(n,) standard deviations of a spectrum, and the remark that they were estimated where they were."""
    if spectrum.sigma is not None:
        return spectrum.sigma, ()
    if spectrum.counts is True:
        return estimate_sigma(spectrum.y, counts=True), ()
    known = any(note.code == "sigma_unknown" for note in spectrum.diagnostics)
    note = Diagnostic.of("sigma_unknown", where=spectrum.name or None)
    return estimate_sigma(spectrum.y), () if known else (note,)
