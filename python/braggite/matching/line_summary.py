"""What assigned lines say of each phase: cell, amount, figure of merit, matched and missing lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.matching.line_merit import figure_of_merit
from braggite.matching.line_positions import shift_shape
from braggite.matching.line_results import ExtraLine, LineMatch, MatchedLine, PhaseLines
from braggite.matching.line_verdict import LEAST_SIGNIFICANCE, MISSING_RATIO, line_verdict
from braggite.matching.observed_lines import doublet
from braggite.matching.phases import structure_of
from braggite.matching.results import CELL_NAMES, FitParameter
from braggite.matching.structure import spacings
from braggite.references.cell import Cell
from braggite.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.arrays import FloatArray
    from braggite.matching.line_list import LineList
    from braggite.matching.line_positions import PositionFit
    from braggite.matching.line_results import FigureOfMerit, LineStatus
    from braggite.matching.line_strengths import Strengths
    from braggite.matching.observed_lines import ObservedLines
    from braggite.spectrum import Spectrum

HALF_MET = 0.5
"""Share of the observed area that phases must claim for a match to have met the lines."""
FLANK_WIDTHS = 1.5
"""Within so many widths of a claimed line, or of its weaker emission lines, another one is part of its shape."""
FEWEST_RATIOS = 3
AREA_SU = 0.05
"""Relative uncertainty of all areas of a phase together: one line fitted to two emission lines misses some of it."""
OWN_SHARE = 0.8
"""Share of a line from which it tells of the scale of one phase."""


class Account:
    """What the assignment says of each phase."""

    def __init__(
        self,
        observed: ObservedLines,
        lists: Sequence[LineList],
        fit: PositionFit,
        amounts: Strengths,
        *,
        range_deg: tuple[float, float],
        displaced: bool,
    ) -> None:
        self.observed, self.lists, self.fit, self.amounts = observed, lists, fit, amounts
        self.range_deg, self.displaced = range_deg, displaced
        self.widened = max(1.0, fit.chi2_reduced**0.5)
        self.claims = np.zeros((len(observed), len(lists)), dtype=bool)
        for p, own in enumerate(fit.assigned):
            self.claims[own[own >= 0], p] = True

    def result(self, spectrum: Spectrum | None, options: dict[str, object], radius_mm: float) -> LineMatch:
        """The whole match; ``options`` are those echoed."""
        parameters = self._parameters(radius_mm)
        at_bound = tuple(name for name, parameter in parameters.items() if parameter.at_bound)
        fractions = self._fractions()
        phases = tuple(self._phase(p, fractions[p]) for p in range(len(self.lists)))
        seen = [int(np.sum(self.claims[:, p])) > len(lines.freedom) for p, lines in enumerate(self.lists)]
        area, met = self.observed.area, self.claims.any(axis=1)
        stop_reason = "converged"
        if not any(seen):
            stop_reason = "no_lines"
        elif float(area[met].sum()) < HALF_MET * float(area.sum()):
            stop_reason = "lines_not_met"
        extra = self._extra()
        notes = [Diagnostic.of("at_bound", where=name) for name in at_bound]
        notes += [Diagnostic.of("cell_not_determined", where=p.name) for p in phases if p.strain.su is None]
        if extra:
            notes.append(Diagnostic.of("unexplained_lines", value=len(extra)))
        if any(phase.weight_fraction is not None for phase in phases):
            notes.append(Diagnostic.of("screening_fractions"))
        if stop_reason != "converged":
            notes.append(Diagnostic.of("not_converged", value=stop_reason))
        notes += [
            Diagnostic.of("reference_estimated", where=lines.phase.name, detail=lines.phase.caveat)
            for lines in self.lists
            if lines.phase.caveat
        ]
        return LineMatch(
            converged=stop_reason == "converged",
            stop_reason=stop_reason,
            at_bound=at_bound,
            phases=phases,
            parameters=parameters,
            extra=extra,
            peaks=self.observed.peaks,
            n_lines=self.fit.n_used,
            chi2_reduced=self.fit.chi2_reduced,
            diagnostics=(*self.observed.peaks.diagnostics, *notes),
            spectrum=spectrum,
            options=options,
        )

    def _su(self, place: int) -> float | None:
        if not self.fit.determined[place]:
            return None
        return float(self.widened * np.sqrt(self.fit.covariance[place, place]))

    def _groups(self, p: int) -> slice:
        first = 1 + sum(len(lines.freedom) for lines in self.lists[:p])
        return slice(first, first + len(self.lists[p].freedom))

    def _parameters(self, radius_mm: float) -> dict[str, FitParameter]:
        name, unit, factor = "zero_deg", "deg", 1.0
        if self.displaced:
            # As in a whole-pattern match: a specimen that stands too high by s moves lines by -2 s cos(theta) / R.
            name, unit, factor = "displacement_mm", "mm", -0.5 * float(np.radians(radius_mm))
        su = self._su(0)
        shift = Value(factor * self.fit.shift, None if su is None else abs(factor) * su)
        parameters = {name: FitParameter(shift, unit)}
        for p, lines in enumerate(self.lists):
            for number, place in enumerate(range(*self._groups(p).indices(self.fit.covariance.shape[0])), start=1):
                length = lines.freedom[number - 1][0] < 3
                change = float(self.fit.changes[p][number - 1])
                limit = lines.tolerance if length else float(np.degrees(lines.tolerance))
                parameters[f"{lines.phase.name}.cell_change_{number}"] = FitParameter(
                    Value(change, self._su(place)), "1" if length else "deg", abs(change) > 1.5 * limit
                )
        return parameters

    def _cell(self, p: int) -> tuple[dict[str, Value], Value]:
        """Cell and volume with their uncertainties, and the mean strain."""
        lines, changes, places = self.lists[p], self.fit.changes[p], self._groups(p)
        numbers = lines.cell(changes)
        values = {}
        for number, name in enumerate(CELL_NAMES):
            group = next((i for i, members in enumerate(lines.freedom) if number in members), None)
            su = None if group is None else self._su(places.start + group)
            reference = structure_of(lines.phase).cell.parameters[number] if number < 3 else 1.0
            values[name] = Value(float(numbers[number]), None if su is None else reference * su)
        volume = Cell(*numbers.tolist()).volume_angstrom3
        slope = []
        for group in range(len(changes)):
            step = np.zeros(len(changes))
            step[group] = 1e-6
            slope.append((Cell(*lines.cell(changes + step).tolist()).volume_angstrom3 - volume) / 1e-6)
        spread = self.widened * float(np.sqrt(np.array(slope) @ self.fit.covariance[places, places] @ np.array(slope)))
        known = spread if bool(self.fit.determined[places].all()) else None
        values["volume_angstrom3"] = Value(volume, known)
        reference_volume = structure_of(lines.phase).cell.volume_angstrom3
        strain = (volume / reference_volume) ** (1.0 / 3.0) - 1.0
        return values, Value(strain, None if known is None else (1.0 + strain) * known / (3.0 * volume))

    def _fractions(self) -> list[Value | None]:
        """Weight fractions from the scales; the scatter of single lines about them is what they are uncertain by."""
        if not all(lines.has_atoms for lines in self.lists):
            return [None] * len(self.lists)
        structures = [structure_of(lines.phase) for lines in self.lists]
        amounts = self.amounts.scales * [s.mass_per_cell * s.cell.volume_angstrom3 for s in structures]
        total = float(amounts.sum())
        if total <= 0.0:
            return [None] * len(self.lists)
        relative = np.array([self._scatter(p) for p in range(len(self.lists))])
        fractions = amounts / total
        slope = np.eye(len(fractions)) - fractions
        spread = np.sqrt((slope**2 * (fractions * relative) ** 2).sum(axis=1))
        if len(fractions) == 1:
            return [Value(1.0)]
        return [
            Value(float(w), float(su) if np.isfinite(su) else None) for w, su in zip(fractions, spread, strict=True)
        ]

    def _scatter(self, p: int) -> float:
        """Relative uncertainty of a scale, from the spread of observed over calculated areas; NaN from too few."""
        expected = self.amounts.expected
        own = (expected[:, p] > OWN_SHARE * expected.sum(axis=1)) & (expected[:, p] > LEAST_SIGNIFICANCE * self._noise)
        if own.sum() < FEWEST_RATIOS:
            return float("nan")
        ratio = np.log(self.observed.area[own] / expected[own, p])
        weight = expected[own, p] / expected[own, p].sum()
        mean = float(weight @ ratio)
        scatter = weight @ (ratio - mean) ** 2 * (weight @ weight) / (1.0 - weight @ weight)
        return float(np.sqrt(scatter + AREA_SU**2))

    @property
    def _noise(self) -> float:
        return self.observed.area_noise

    def _phase(self, p: int, fraction: Value | None) -> PhaseLines:
        lines = self.lists[p]
        structure = structure_of(lines.phase)
        cell, strain = self._cell(p)
        return PhaseLines(
            name=lines.phase.name,
            formula=lines.phase.formula,
            space_group=structure.space_group,
            cell=cell,
            strain=strain,
            weight_fraction=fraction,
            figure_of_merit=self._merit(p),
            lines=self._lines(p),
            reference=lines.phase,
        )

    def _shift_at(self, angle: FloatArray) -> FloatArray:
        return self.fit.shift * shift_shape(angle, displaced=self.displaced)

    def _merit(self, p: int) -> FigureOfMerit | None:
        lines, own = self.lists[p], self.fit.assigned[p]
        angle = lines.two_theta_deg(self.fit.changes[p])
        alone = [int(peak) for peak in np.unique(own[own >= 0]) if self.claims[peak].sum() == 1]
        strongest = [int(np.flatnonzero(own == peak)[np.argmax(lines.intensity[own == peak])]) for peak in alone]
        calculated = angle[strongest]
        peak = np.array(alone, dtype=np.int64)
        observed = self.observed.position[peak] - self._shift_at(calculated)
        observed = observed - self.observed.doublet_shift(calculated, peak)
        possible = np.sort(angle[angle > self.range_deg[0]])
        return figure_of_merit(observed, calculated, possible, lines.wavelength_angstrom)

    def _lines(self, p: int) -> tuple[MatchedLine, ...]:
        """Assigned lines, those seen as one together, and lines in range that were not seen."""
        lines, own, changes = self.lists[p], self.fit.assigned[p], self.fit.changes[p]
        angle = lines.two_theta_deg(changes)
        shown = angle + self._shift_at(angle)
        inside = (shown > self.range_deg[0]) & (shown < self.range_deg[1])
        spacing = spacings(lines.cell(changes).tolist(), lines.hkl)
        groups = [np.flatnonzero(own == peak) for peak in np.unique(own[own >= 0])]
        groups += [np.array([line]) for line in np.flatnonzero((own < 0) & inside)]
        entries = []
        for members in groups:
            top = int(members[np.argmax(lines.intensity[members])])
            calculated = float(self.amounts.scales[p] * lines.intensity[members].sum()) if lines.has_atoms else None
            peak = int(own[top])
            h, k, l = (int(index) for index in lines.hkl[top])  # noqa: E741
            entries.append(
                MatchedLine(
                    hkl=(h, k, l),
                    multiplicity=int(lines.multiplicity[top]),
                    d_angstrom=float(spacing[top]),
                    two_theta_deg=float(shown[top]),
                    observed_two_theta_deg=self._position(peak),
                    intensity=self._intensity(peak, p),
                    intensity_calculated=calculated,
                    status=self._status(peak, calculated, float(shown[top])),
                    shared_with=() if peak < 0 else self._others(peak, p),
                )
            )
        return tuple(sorted(entries, key=lambda entry: entry.two_theta_deg))

    def _position(self, peak: int) -> Value | None:
        if peak < 0:
            return None
        return Value(float(self.observed.position[peak]), float(self.observed.position_su[peak]))

    def _intensity(self, peak: int, p: int) -> Value | None:
        if peak < 0:
            return None
        share = float(self.amounts.share[peak, p])
        return Value(share * float(self.observed.area[peak]), share * float(self.observed.area_su[peak]))

    def _others(self, peak: int, p: int) -> tuple[str, ...]:
        return tuple(lines.phase.name for q, lines in enumerate(self.lists) if q != p and bool(self.claims[peak, q]))

    def _status(self, peak: int, calculated: float | None, angle: float) -> LineStatus:
        if peak < 0:
            # A line that stays below what is seen is missing where that is far below what it should be.
            least = LEAST_SIGNIFICANCE * self._noise
            expected = calculated is not None and least < MISSING_RATIO * calculated
            return "missing" if expected and not self._hidden(angle, calculated or 0.0) else "not_seen"
        if calculated is None:
            return "matched"
        total = float(self.amounts.expected[peak].sum())
        verdict = line_verdict(float(self.observed.area[peak]) / total) if total > 0.0 else "wrong_intensity"
        return "wrong_intensity" if verdict == "missing" else verdict

    def _hidden(self, angle: float, area: float) -> bool:
        """Whether a stronger observed line stands so near that it may cover one of this area."""
        near = np.abs(self.observed.position - angle) <= FLANK_WIDTHS * self.observed.reach_deg
        return bool((near & (self.observed.area > area)).any())

    def _extra(self) -> tuple[ExtraLine, ...]:
        """Observed lines that nothing claims and that are not part of the shape of one that is claimed."""
        claimed = self.claims.any(axis=1)
        position = self.observed.position
        _, apart = doublet(position, self.observed.radiation)
        places = np.concatenate([position[claimed], (position + apart)[claimed]])
        widths = np.tile(self.observed.reach_deg[claimed], 2)
        heights = np.tile(self.observed.area[claimed], 2)
        found = []
        for k in np.flatnonzero(~claimed):
            near = np.abs(places - position[k]) <= FLANK_WIDTHS * widths
            if not (near & (heights > self.observed.area[k])).any():
                found.append(
                    ExtraLine(float(position[k]), float(self.observed.area[k]), float(self.observed.significance[k]))
                )
        return tuple(sorted(found, key=lambda line: -line.significance))
