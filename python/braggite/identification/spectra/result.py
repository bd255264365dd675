"""What a search through whole spectra answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from braggite.diagnostics import Diagnostic
    from braggite.identification.spectra.reference_shelf import Origin


@dataclass(frozen=True, slots=True)
class SpectrumHit:
    """The spectrum of a phase that resembles the one searched for most.

    Attributes
    ----------
    name, title, formula : of the phase
    score : mean of the correlations of square roots and of their slopes at the best shift; 1 for equal spectra
    score_unshifted : the same with the axis as it is
    shift_cm1 : by how much the spectrum reads too high if this is its phase
    coverage : share of the measured range that the reference covers
    coverage_stated : whether the reference says what it covers; else its bands are taken as complete
    origin : "measured", or "bands" where the reference was drawn from its bands
    file : of a measured reference
    """

    name: str
    title: str
    formula: str | None
    score: float
    score_unshifted: float
    shift_cm1: float
    coverage: float
    coverage_stated: bool
    origin: Origin
    file: str | None

    def to_dict(self) -> dict[str, Any]:
        """Plain types, keyed by the names of the attributes."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class SpectrumSearch:
    """Phases by falling resemblance; the score orders them and proves none.

    Attributes
    ----------
    hits : the best, each phase once
    margin : by how much the first phase leads the second; None where there are not two
    signal_to_noise : highest ordinate above the background over its standard deviation
    n_references : spectra compared
    not_compared : phases of which too little of the measured range is covered
    options : resolved
    diagnostics : remarks on data and result
    """

    hits: tuple[SpectrumHit, ...]
    margin: float | None
    signal_to_noise: float
    n_references: int
    not_compared: tuple[str, ...]
    options: dict[str, Any]
    diagnostics: tuple[Diagnostic, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "schema": "braggite.spectrum-search/1",
            "hits": [hit.to_dict() for hit in self.hits],
            "margin": self.margin,
            "signal_to_noise": self.signal_to_noise,
            "n_references": self.n_references,
            "not_compared": list(self.not_compared),
            "options": dict(self.options),
            "diagnostics": [note.to_dict() for note in self.diagnostics],
        }
