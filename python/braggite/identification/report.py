"""What an identification returns; the fields are those of a ``braggite.phase-report/1`` document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from braggite.values import Value, finite

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from braggite.diagnostics import Diagnostic
    from braggite.identification.spectra import SpectrumSearch
    from braggite.identification.unknown_cell import UnexplainedPhase
    from braggite.matching.band_match import BandMatch
    from braggite.matching.microstructure import Microstructure
    from braggite.matching.results import MatchResult
    from braggite.references.cell_relations import DerivedQuantity
    from braggite.spectrum import Spectrum

Verdict = Literal["present", "possible", "not_detected", "indeterminate"]
SampleVerdict = Literal["identified", "partial", "indeterminate", "nothing"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one spectrum says about one phase.

    ``log_evidence`` is the natural-log Bayes factor of the best hypothesis with the phase against the best without;
    the line lists hold positions in the spectrum's unit.
    """

    spectrum: int
    technique: str
    log_evidence: float
    matched: tuple[float, ...] = ()
    missing: tuple[float, ...] = ()
    extra: tuple[float, ...] = ()
    wrong_intensity: tuple[float, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "spectrum": self.spectrum,
            "technique": self.technique,
            "log_evidence": finite(self.log_evidence),
            "matched": list(self.matched),
            "missing": list(self.missing),
            "extra": list(self.extra),
            "wrong_intensity": list(self.wrong_intensity),
        }


@dataclass(frozen=True, slots=True)
class PhaseEvidence:
    """One phase found: verdict, confidence (that it or a look-alike is there), amount, cell and evidence.

    ``weight_fraction`` and ``cell`` come from diffraction; ``band_fraction``, the share of the area of all bands, from
    a vibrational spectrum.
    """

    name: str
    title: str
    formula: str
    space_group: str
    verdict: Literal["present", "possible"]
    confidence: float
    weight_fraction: Value | None
    cell: dict[str, Value] | None
    rivals: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    evidence_grade: str | None = None
    caveat: str | None = None
    citation: str | None = None
    scope: Literal["bulk", "surface", "local"] = "bulk"
    basis: Literal["crystalline", "total"] = "crystalline"
    reference_cell: dict[str, float] | None = None
    weight_fraction_range: tuple[float, float] | None = None
    microstructure: Microstructure | None = None
    derived: tuple[DerivedQuantity, ...] = ()
    band_fraction: Value | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "name": self.name,
            "title": self.title,
            "formula": self.formula,
            "space_group": self.space_group,
            "verdict": self.verdict,
            "scope": self.scope,
            "confidence": finite(self.confidence),
            "weight_fraction": None if self.weight_fraction is None else self.weight_fraction.to_dict(),
            "weight_fraction_range": None if self.weight_fraction_range is None else list(self.weight_fraction_range),
            "band_fraction": None if self.band_fraction is None else self.band_fraction.to_dict(),
            "basis": self.basis,
            "cell": None if self.cell is None else {key: value.to_dict() for key, value in self.cell.items()},
            "reference_cell": self.reference_cell,
            "microstructure": None if self.microstructure is None else self.microstructure.to_dict(),
            "derived": [quantity.to_dict() for quantity in self.derived],
            "rivals": list(self.rivals),
            "evidence": [entry.to_dict() for entry in self.evidence],
            "evidence_grade": self.evidence_grade,
            "caveat": self.caveat,
            "citation": self.citation,
        }


@dataclass(frozen=True, slots=True)
class UpperLimit:
    """The largest amount of a watched phase the data allow at ``level``; conditional for a grade D or E reference."""

    value: float
    quantity: Literal["weight_fraction", "band_fraction", "atomic_fraction"] = "weight_fraction"
    level: float = 0.95
    basis: Literal["crystalline", "total"] = "crystalline"
    conditional: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "value": finite(self.value),
            "quantity": self.quantity,
            "level": self.level,
            "basis": self.basis,
            "conditional": self.conditional,
        }


@dataclass(frozen=True, slots=True)
class CountingTime:
    """How long to count for a limit to reach ``weight_fraction``, if the phase is not there.

    ``factor`` is the time in all over that of the pattern, None where no time is enough; ``seconds_per_step`` that time
    at each step where the file states one. ``floor`` is the limit that endless counting would leave.
    """

    weight_fraction: float
    factor: float | None
    floor: float
    seconds_per_step: float | None = None

    @property
    def reachable(self) -> bool:
        """Whether any time is enough."""
        return self.factor is not None

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "weight_fraction": self.weight_fraction,
            "reachable": self.reachable,
            "factor": finite(self.factor),
            "seconds_per_step": finite(self.seconds_per_step),
            "floor": finite(self.floor),
        }


@dataclass(frozen=True, slots=True)
class WatchedPhase:
    """A phase the user asked about, whether or not it was found.

    ``counting_time`` stands where a limit to reach was asked; ``stands_for`` are look-alikes that it was watched for.
    """

    name: str
    verdict: Verdict
    confidence: float
    upper_limit: UpperLimit | None
    counting_time: CountingTime | None = None
    stands_for: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "name": self.name,
            "verdict": self.verdict,
            "confidence": finite(self.confidence),
            "upper_limit": None if self.upper_limit is None else self.upper_limit.to_dict(),
            "counting_time": None if self.counting_time is None else self.counting_time.to_dict(),
            "stands_for": list(self.stands_for),
        }


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A set of phases that explains the sample, its share of belief and its Rwp."""

    phases: tuple[str, ...]
    weight: float
    rwp_percent: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {"phases": list(self.phases), "weight": finite(self.weight), "rwp_percent": finite(self.rwp_percent)}


@dataclass(frozen=True, slots=True)
class Candidates:
    """The account of every candidate: how many were considered, which were turned down or failed, and why.

    ``screened_out`` counts those of a large library whose lines explain less of the pattern than those of others.
    """

    considered: int
    rejected: tuple[tuple[str, str], ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    screened_out: int = 0

    @property
    def kept(self) -> int:
        """How many were neither screened out nor turned down, and did not fail."""
        return self.considered - len(self.rejected) - len(self.failed) - self.screened_out

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "considered": self.considered,
            "screened_out": self.screened_out,
            "rejected": [{"name": name, "reason": reason} for name, reason in self.rejected],
            "failed": [{"name": name, "reason": reason} for name, reason in self.failed],
        }


@dataclass(frozen=True, slots=True)
class UnexplainedLine:
    """A significant line that belongs to no phase found."""

    spectrum: int
    technique: str
    position: float
    unit: str
    significance: float

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "spectrum": self.spectrum,
            "technique": self.technique,
            "position": finite(self.position),
            "unit": self.unit,
            "significance": finite(self.significance),
        }


@dataclass(frozen=True, slots=True, eq=False)
class PhaseReport:
    """Which phases are in a sample, with what confidence, and what remains unexplained.

    ``fits`` holds the whole-pattern match of each spectrum (None where there is none), ``library`` the name, hash and
    size of the reference library used. ``unexplained_phase`` says whether unexplained lines belong together, None where
    they are too few to tell.
    """

    sample: str
    verdict: SampleVerdict
    phases: tuple[PhaseEvidence, ...]
    watched: tuple[WatchedPhase, ...]
    hypotheses: tuple[Hypothesis, ...]
    candidates: Candidates
    unexplained: tuple[UnexplainedLine, ...]
    spectra: tuple[Spectrum, ...]
    fits: tuple[MatchResult | BandMatch | None, ...]
    options: dict[str, Any] = field(default_factory=dict)
    library: dict[str, Any] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    unexplained_phase: UnexplainedPhase | None = None
    spectrum_search: SpectrumSearch | None = None

    def to_dict(self) -> dict[str, Any]:
        """The whole ``braggite.phase-report/1`` document."""
        from braggite.reporting.documents import document

        body = {
            "sample": self.sample,
            "verdict": self.verdict,
            "phases": [phase.to_dict() for phase in self.phases],
            "watched": [phase.to_dict() for phase in self.watched],
            "hypotheses": [hypothesis.to_dict() for hypothesis in self.hypotheses],
            "candidates": self.candidates.to_dict(),
            "unexplained": [line.to_dict() for line in self.unexplained],
            "unexplained_phase": None if self.unexplained_phase is None else self.unexplained_phase.to_dict(),
            "fits": [
                {"spectrum": i, "rwp_percent": finite(fit.statistics.rwp_percent), "gof": finite(fit.statistics.gof)}
                for i, fit in enumerate(self.fits)
                if fit is not None
            ],
            "spectrum_search": None if self.spectrum_search is None else self.spectrum_search.to_dict(),
        }
        return document(
            "phase-report",
            body,
            options=self.options,
            diagnostics=self.diagnostics,
            inputs=[spectrum.source for spectrum in self.spectra],
            library=self.library,
        )

    def to_text(self) -> str:
        """The report as plain text."""
        from braggite.reporting.text import phase_report_text

        return phase_report_text(self)

    def to_json(self, path: str | Path | None = None) -> str:
        """The document as JSON text; also written to ``path`` when given."""
        from braggite.reporting.documents import to_json

        return to_json(self.to_dict(), path)

    def to_html(self, path: str | Path | None = None) -> str:
        """A self-contained page; also written to ``path`` when given."""
        from braggite.reporting.html import phase_report_html

        return phase_report_html(self, path)

    def plot(self, ax: Axes | None = None) -> Axes:
        """The match of the first fitted spectrum."""
        from braggite.reporting.plots import plot_report

        return plot_report(self, ax)

    def _repr_html_(self) -> str:
        from braggite.reporting.html import phase_table_html

        return phase_table_html(self)
