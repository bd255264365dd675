"""Which set of phases explains a spectrum of bands best.

Every hypothesis may also hold bands of nobody: a phase is believed where it explains bands better than as many unknown
ones would, each of which pays for its freedom.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from braggite.identification.bands.account import CLEAR
from braggite.kernels import find_peaks
from braggite.matching.band_pattern import COMMON_UNKNOWNS, OWN_UNKNOWNS
from braggite.peaks import PeakList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite import _core
    from braggite.arrays import FloatArray
    from braggite.identification.bands.candidates import BandCandidate
    from braggite.matching.band_pattern import BandPattern, BandRow

UNKNOWN = None
"""The candidate of a band that belongs to no reference."""
LN_PRIOR_UNKNOWN = -1.0
LEAST_GAIN = 3.0
MAX_PHASES = 6
MAX_MEMBERS = 16
_GLANCE = 5
"""Steps of a match that only ranks newcomers."""
_STILL_TO_GAIN = 30.0
"""Evidence that a match may yet win after a glance."""
_LOOKED_AT = 3
"""Newcomers matched to the end."""
_UNKNOWN_LN_FWHM_SD = 0.8
_BROADEST_UNKNOWN = 8.0
"""In typical widths: what is broader than that is background."""


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """One member of a hypothesis: index of a candidate, or an unknown band."""

    candidate: int | None
    rows: tuple[BandRow, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Hypothesis:
    """Members matched together; ``log_evidence`` includes what is thought of them before the data."""

    members: tuple[Member, ...]
    view: _core.BandMatchView
    log_evidence: float

    def place(self, candidate: int) -> int:
        """Place of a candidate among the members."""
        return [member.candidate for member in self.members].index(candidate)

    def bands_of(self, place: int) -> slice:
        """Which of the bands of the match are those of a member."""
        first = sum(len(member.rows) for member in self.members[:place])
        return slice(first, first + len(self.members[place].rows))

    @property
    def known(self) -> tuple[int, ...]:
        """Candidates among the members, in the order they joined."""
        return tuple(member.candidate for member in self.members if member.candidate is not None)


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """The search over one spectrum among candidates, each with the logarithm of its probability before the data."""

    pattern: BandPattern
    candidates: Sequence[BandCandidate]
    ln_prior: Sequence[float]

    def run(self, start: Hypothesis | None = None) -> Hypothesis:
        """Add what helps most, take out what does not, until nothing does either; from ``start`` where given."""
        best = self.solve((), None) if start is None else self._pruned(self.again(start))
        while len(best.members) < MAX_MEMBERS:
            glances = [self.with_member(best, member, _GLANCE) for member in self._newcomers(best)]
            if not glances:
                break
            glances.sort(key=lambda hypothesis: -hypothesis.log_evidence)
            chosen = max((self.again(glance) for glance in glances[:_LOOKED_AT]), key=_evidence)
            if chosen.log_evidence - best.log_evidence < LEAST_GAIN:
                break
            best = self._pruned(chosen)
        return self._believed(self._exchanged(best))

    def _believed(self, hypothesis: Hypothesis) -> Hypothesis:
        """With unknown bands for phases that explain less than these would."""
        for _ in range(MAX_PHASES):
            options = [self.with_unknown_instead(hypothesis, index) for index in hypothesis.known]
            best = max(options, key=_evidence, default=hypothesis)
            if best.log_evidence <= hypothesis.log_evidence:
                break
            hypothesis = best
        return hypothesis

    def solve(
        self,
        members: tuple[Member, ...],
        start: FloatArray | None,
        max_iterations: int | None = None,
        *,
        free_sign: bool = False,
    ) -> Hypothesis:
        """Members matched together, from where another match ended; the last may get a negative area if asked."""
        rows = [member.rows for member in members]
        view = self.pattern.match(rows, start, max_iterations, free_sign=free_sign)
        _, _, log_evidence, _, _ = view.outcome
        prior = sum(
            LN_PRIOR_UNKNOWN if member.candidate is None else self.ln_prior[member.candidate] for member in members
        )
        return Hypothesis(members, view, log_evidence + prior)

    def again(self, hypothesis: Hypothesis) -> Hypothesis:
        """The same members, matched to the end."""
        return self.solve(hypothesis.members, hypothesis.view.theta)

    def with_member(
        self, hypothesis: Hypothesis, member: Member, max_iterations: int | None = None, *, free_sign: bool = False
    ) -> Hypothesis:
        """One more member, the others from where they stand."""
        fresh = [value for row in member.rows for value in self._start(row)]
        start = np.concatenate([hypothesis.view.theta, fresh])
        return self.solve((*hypothesis.members, member), start, max_iterations, free_sign=free_sign)

    def without(self, hypothesis: Hypothesis, place: int) -> Hypothesis:
        """One member less, the others from where they stand."""
        bands = hypothesis.bands_of(place)
        gone = np.arange(COMMON_UNKNOWNS + OWN_UNKNOWNS * bands.start, COMMON_UNKNOWNS + OWN_UNKNOWNS * bands.stop)
        members = (*hypothesis.members[:place], *hypothesis.members[place + 1 :])
        return self.solve(members, np.delete(hypothesis.view.theta, gone))

    def unknown(self, hypothesis: Hypothesis) -> Member | None:
        """The clearest band that the hypothesis leaves over, as a member; what rises at the very ends is none."""
        found = self.left_over(hypothesis, false_alarms=1.0)
        inside = [
            self.pattern.covers(at, 0.5 * width)
            for at, width in zip(found.position.tolist(), found.fwhm.tolist(), strict=True)
        ]
        if not any(inside):
            return None
        index = int(np.argmax(np.where(inside, found.significance, 0.0)))
        shift = float(hypothesis.view.theta[0])
        return self._unknown_at(float(found.position[index]) - shift, float(found.fwhm[index]))

    def left_over(self, hypothesis: Hypothesis, false_alarms: float) -> PeakList:
        """Bands in what the hypothesis leaves over, inside the range and upright."""
        pattern = self.pattern
        used = pattern.weight > 0.0
        residual = (pattern.net - hypothesis.view.calculated)[used]
        sigma = np.sqrt(1.0 / pattern.weight[used])
        found = find_peaks(residual, pattern.x[used], sigma=sigma, subtract=False, false_alarms=false_alarms)
        assert isinstance(found, PeakList)
        return found

    def with_unknown_instead(self, hypothesis: Hypothesis, candidate: int) -> Hypothesis:
        """With unknown bands in the place of a candidate's clear ones, as many as evidence pays for."""
        place = hypothesis.place(candidate)
        own = hypothesis.bands_of(place)
        view, theta = hypothesis.view, hypothesis.view.theta
        height, significance = (column[own] for column in view.height)
        members = [*hypothesis.members[:place], *hypothesis.members[place + 1 :]]
        first = len(members)
        start = [
            np.delete(
                theta, np.arange(COMMON_UNKNOWNS + OWN_UNKNOWNS * own.start, COMMON_UNKNOWNS + OWN_UNKNOWNS * own.stop)
            )
        ]
        for i in np.flatnonzero((significance > CLEAR) & (height > 0.0)).tolist():
            band = own.start + i
            members.append(self._unknown_at(float(view.position[0][band] - theta[0]), float(view.fwhm[0][band])))
            _, ln_fwhm, lorentz, _ = theta[COMMON_UNKNOWNS + OWN_UNKNOWNS * band :][:OWN_UNKNOWNS]
            start.append(np.array([0.0, ln_fwhm, lorentz, 0.0]))
        return self._pruned(self.solve(tuple(members), np.concatenate(start)), first)

    def _unknown_at(self, position: float, fwhm: float) -> Member:
        low, high = self.pattern.range_cm1
        anywhere = (high - low) / math.sqrt(2.0 * math.pi)  # a Gaussian as high as the even distribution
        width = min(max(fwhm, self.pattern.law.least_fwhm), _BROADEST_UNKNOWN * self.pattern.law.typical_fwhm)
        return Member(UNKNOWN, ((position, anywhere, width, 1e-3, width, _UNKNOWN_LN_FWHM_SD, False),))

    def _newcomers(self, hypothesis: Hypothesis) -> list[Member]:
        if len(hypothesis.known) >= MAX_PHASES:
            members = []
        else:
            inside = [self.candidates[index] for index in hypothesis.known]
            members = [
                Member(index, candidate.rows)
                for index, candidate in enumerate(self.candidates)
                if not any(candidate.repeats(other) for other in inside)
            ]
        unknown = self.unknown(hypothesis)
        return [*members, unknown] if unknown is not None else members

    def _pruned(self, hypothesis: Hypothesis, first: int = 0) -> Hypothesis:
        """Without the members from ``first`` on that evidence does not miss."""
        while len(hypothesis.members) > max(first, 1):
            options = [self.without(hypothesis, place) for place in range(first, len(hypothesis.members))]
            best = max(options, key=_evidence)
            if best.log_evidence <= hypothesis.log_evidence:
                break
            hypothesis = best
        return hypothesis

    def _exchanged(self, hypothesis: Hypothesis) -> Hypothesis:
        """With members exchanged for candidates that explain more in their place."""
        for _ in range(MAX_PHASES):
            options = [option for index in hypothesis.known for _, option in self.replacements(hypothesis, index, 0.0)]
            best = max(options, key=_evidence, default=hypothesis)
            if best.log_evidence <= hypothesis.log_evidence:
                break
            hypothesis = self._pruned(best)
        return hypothesis

    def replacements(self, hypothesis: Hypothesis, candidate: int, margin: float) -> list[tuple[int, Hypothesis]]:
        """The hypothesis with other candidates in the place of one, where it loses less than ``margin`` by that.

        What a glance finds far behind is not matched to the end.
        """
        base = self.without(hypothesis, hypothesis.place(candidate))
        inside = {self.candidates[index].phase.name for index in base.known}
        least = hypothesis.log_evidence - margin
        found = []
        for index, other in enumerate(self.candidates):
            if index == candidate or other.phase.name in inside:
                continue
            glance = self.with_member(base, Member(index, other.rows), _GLANCE)
            if glance.log_evidence > least - _STILL_TO_GAIN:
                option = self.again(glance)
                if option.log_evidence > least:
                    found.append((index, option))
        return found

    def _start(self, row: BandRow) -> tuple[float, float, float, float]:
        _, _, _, _, fwhm, _, _ = row
        return 0.0, math.log(max(fwhm, self.pattern.law.least_fwhm)), self.pattern.options.lorentz_share[0], 0.0


def _evidence(hypothesis: Hypothesis) -> float:
    return hypothesis.log_evidence
