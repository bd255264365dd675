"""What the analysis of a series returns; the fields are those of a ``braggite.series/1`` document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from braggite.matching.results import MatchResult
from braggite.values import Value, finite

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from braggite.diagnostics import Diagnostic
    from braggite.errors import BraggiteError
    from braggite.formation.amounts import Amount, Change
    from braggite.formation.answers import Answer
    from braggite.formation.conversion import Conversion
    from braggite.formation.elements import ElementBalance
    from braggite.formation.exchange import Exchange, Role
    from braggite.formation.trends import Trend
    from braggite.formation.variable import Variable
    from braggite.identification.report import PhaseReport


@dataclass(frozen=True, slots=True, eq=False)
class SeriesPoint:
    """One scan: its value of the variable and its phase report, or the error that left it out."""

    label: str
    value: float
    report: PhaseReport | None = None
    error: BraggiteError | None = None

    @property
    def fit(self) -> MatchResult | None:
        """The whole-pattern match of the scan, where there is one."""
        fits = () if self.report is None else self.report.fits
        return next((fit for fit in fits if isinstance(fit, MatchResult)), None)

    @property
    def converged(self) -> bool:
        """Whether no fit of the scan stopped short."""
        return self.fit is None or self.fit.converged

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        report, fit = self.report, self.fit
        return {
            "label": self.label,
            "value": finite(self.value),
            "status": "failed" if report is None else "ok",
            "error": None if self.error is None else self.error.to_dict(),
            "verdict": None if report is None else report.verdict,
            "converged": None if fit is None else fit.converged,
            "rwp_percent": None if fit is None else finite(fit.statistics.rwp_percent),
            "gof": None if fit is None else finite(fit.statistics.gof),
            "unexplained": [] if report is None else [line.to_dict() for line in report.unexplained],
        }


@dataclass(frozen=True, slots=True)
class PhaseSeries:
    """One phase over the series.

    Attributes
    ----------
    amounts : one for each point, in the order of the points
    appearance, disappearance : between which values; None where it does not, or the points have no order
    role : "formed", "consumed", "intermediate", "unchanged" or "unknown", by its amounts
    change : amount at the last value less that at the first
    cell_trends : by the names of the cell; volume and c/a among them
    stands_for : look-alikes that no scan tells from it
    """

    name: str
    title: str
    formula: str
    amounts: tuple[Amount, ...]
    appearance: Change | None = None
    disappearance: Change | None = None
    role: Role = "unknown"
    change: Value | None = None
    cell_trends: dict[str, Trend] = field(default_factory=dict)
    stands_for: tuple[str, ...] = ()
    evidence_grade: str | None = None
    caveat: str | None = None

    @property
    def found(self) -> bool:
        """Whether any scan shows it, present or possible."""
        return any(amount.verdict in ("present", "possible") for amount in self.amounts)

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "name": self.name,
            "title": self.title,
            "formula": self.formula,
            "role": self.role,
            "amounts": [amount.to_dict() for amount in self.amounts],
            "appearance": None if self.appearance is None else self.appearance.to_dict(),
            "disappearance": None if self.disappearance is None else self.disappearance.to_dict(),
            "change": None if self.change is None else self.change.to_dict(),
            "cell_trends": {name: trend.to_dict() for name, trend in self.cell_trends.items()},
            "stands_for": list(self.stands_for),
            "evidence_grade": self.evidence_grade,
            "caveat": self.caveat,
        }


@dataclass(frozen=True, slots=True, eq=False)
class SeriesReport:
    """Phases against composition, temperature or time: what formed, from what, and whether it balances.

    Attributes
    ----------
    points : scans by rising value of the variable
    phases : found ones by their largest amount, then those watched and not found
    exchanges : phases that go against each other
    reaction : what was turned into what
    elements : each element against one that stays
    answers : a sentence for each phase asked about
    candidates : names considered; found anywhere; set aside with the reason
    """

    name: str
    variable: Variable
    points: tuple[SeriesPoint, ...]
    phases: tuple[PhaseSeries, ...]
    exchanges: tuple[Exchange, ...]
    reaction: Conversion
    elements: tuple[ElementBalance, ...]
    answers: tuple[Answer, ...]
    candidates: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    library: dict[str, Any] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The whole ``braggite.series/1`` document."""
        from braggite.reporting.documents import document

        body = {
            "name": self.name,
            "variable": self.variable.to_dict(),
            "points": [point.to_dict() for point in self.points],
            "phases": [phase.to_dict() for phase in self.phases],
            "exchanges": [exchange.to_dict() for exchange in self.exchanges],
            "reaction": self.reaction.to_dict(),
            "elements": [balance.to_dict() for balance in self.elements],
            "answers": [answer.to_dict() for answer in self.answers],
            "candidates": self.candidates,
        }
        sources = [spectrum.source for point in self.points if point.report for spectrum in point.report.spectra]
        return document(
            "series",
            body,
            options=self.options,
            diagnostics=self.diagnostics,
            inputs=sources,
            library=self.library,
        )

    def to_text(self) -> str:
        """The report as plain text: the answers first."""
        from braggite.reporting.series_text import series_text

        return series_text(self)

    def to_json(self, path: str | Path | None = None) -> str:
        """The document as JSON text; also written to ``path`` when given."""
        from braggite.reporting.documents import to_json

        return to_json(self.to_dict(), path)

    def to_csv(self, path: str | Path | None = None) -> str:
        """One row for each phase at each point; also written to ``path`` when given."""
        from braggite.reporting.series_text import series_csv

        return series_csv(self, path)

    def to_html(self, path: str | Path | None = None) -> str:
        """A self-contained page; also written to ``path`` when given."""
        from braggite.reporting.html import series_html

        return series_html(self, path)

    def plot(self, ax: Axes | None = None, *, scale: Literal["linear", "log"] = "linear") -> Axes:
        """Weight fractions against the variable, with error bars, and arrows down from limits; "log" shows traces."""
        from braggite.reporting.series_plots import plot_amounts

        return plot_amounts(self, ax, scale=scale)

    def plot_cell(self, phase: str, parameter: str | None = None, ax: Axes | None = None) -> Axes:
        """A number of a phase's cell against the variable, with its trend."""
        from braggite.reporting.series_plots import plot_cell_trend

        return plot_cell_trend(self, phase, parameter, ax)
