"""Verdicts on the phases of the best set of bands, and the best set without each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from braggite.identification.bands.account import CLEAR, account
from braggite.identification.bands.confidence import BandTraits, confidence
from braggite.identification.report import Evidence, PhaseEvidence
from braggite.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from braggite.identification.bands.account import BandAccount
    from braggite.identification.bands.search import Hypothesis, Search
    from braggite.identification.options import IdentifyOptions
    from braggite.references.bands import Band


@dataclass(frozen=True, slots=True)
class Judged:
    """One phase of the best set: what it shows, what could stand in its place, and what is made of it."""

    candidate: int
    traits: BandTraits
    account: BandAccount
    rivals: tuple[tuple[str, float], ...]
    phase: PhaseEvidence


@dataclass(frozen=True, slots=True)
class BandJudge:
    """What verdicts rest on."""

    search: Search
    spectrum: int
    n_considered: int
    options: IdentifyOptions

    def judge(self, hypothesis: Hypothesis) -> tuple[Judged, ...]:
        """The phases of a hypothesis by falling confidence."""
        judged = [self._judged(hypothesis, index) for index in hypothesis.known]
        return tuple(sorted(judged, key=lambda entry: -entry.phase.confidence))

    def traits(self, hypothesis: Hypothesis, candidate: int) -> tuple[BandTraits, BandAccount]:
        """What a candidate of a hypothesis shows."""
        seen = account(self.search, hypothesis, hypothesis.place(candidate))
        instead = self.search.with_unknown_instead(hypothesis, candidate)
        n_clear, n_known = _clear_bands(hypothesis)
        traits = BandTraits(
            gain=hypothesis.log_evidence - instead.log_evidence,
            crowding=len(seen.matched) * math.log(max(n_clear, 1)),
            explained_share=n_known / max(n_clear, 1),
            n_matched=len(seen.matched),
            n_clear=len(seen.matched) + len(seen.missing) + len(seen.wrong_intensity),
            must_missing=seen.n_must - seen.n_must_matched,
            n_candidates=self.n_considered,
        )
        return traits, seen

    def _judged(self, hypothesis: Hypothesis, candidate: int) -> Judged:
        traits, seen = self.traits(hypothesis, candidate)
        phase = self.search.candidates[candidate].phase
        probability = confidence(traits)
        rivals = self._rivals(hypothesis, candidate)
        place = hypothesis.place(candidate)
        entry = PhaseEvidence(
            name=phase.name,
            title=phase.title,
            formula=phase.formula,
            space_group=phase.structure.space_group if phase.structure else "",
            verdict="present" if probability >= self.options.present else "possible",
            confidence=probability,
            weight_fraction=None,
            band_fraction=band_fraction(hypothesis, place),
            cell=None,
            rivals=tuple(name for name, _ in rivals),
            evidence=(
                Evidence(
                    self.spectrum,
                    self.search.pattern.spectrum.technique,
                    traits.gain,
                    seen.matched,
                    seen.missing,
                    self._forbidden(hypothesis, candidate),
                    seen.wrong_intensity,
                ),
            ),
            citation=_sources(self.search.candidates[candidate].bands),
        )
        return Judged(candidate, traits, seen, rivals, entry)

    def _rivals(self, hypothesis: Hypothesis, candidate: int) -> tuple[tuple[str, float], ...]:
        """Other phases that could stand in the place of one, each with the evidence lost; variants of it left out."""
        own = self.search.candidates[candidate].phase.name
        falls: dict[str, float] = {}
        for index, other in self.search.replacements(hypothesis, candidate, self.options.rival_margin):
            name, fall = self.search.candidates[index].phase.name, hypothesis.log_evidence - other.log_evidence
            if name != own:
                falls[name] = min(fall, falls.get(name, fall))
        return tuple(sorted(falls.items(), key=lambda rival: rival[1]))

    def _forbidden(self, hypothesis: Hypothesis, candidate: int) -> tuple[float, ...]:
        """Bands of nobody where the phase must not show one."""
        technique = self.search.pattern.spectrum.technique
        forbidden = [
            band for band in self.search.candidates[candidate].phase.bands(technique) if band.role == "must_not"
        ]
        unknown = [place for place, member in enumerate(hypothesis.members) if member.candidate is None]
        positions = [float(hypothesis.view.position[0][hypothesis.bands_of(place)][0]) for place in unknown]
        shift = float(hypothesis.view.theta[0])
        return tuple(
            round(at, 2)
            for at in positions
            if any(band.range_cm1[0] <= at - shift <= band.range_cm1[1] for band in forbidden)
        )


def _clear_bands(hypothesis: Hypothesis) -> tuple[int, int]:
    """Clear bands of a spectrum, and those of them that belong to phases."""
    clear = hypothesis.view.height[1] > CLEAR
    known = [
        bool(is_clear)
        for place, member in enumerate(hypothesis.members)
        if member.candidate is not None
        for is_clear in clear[hypothesis.bands_of(place)]
    ]
    return int(np.count_nonzero(clear)), sum(known)


def band_fraction(hypothesis: Hypothesis, place: int) -> Value:
    """Share of a member in the area of all bands, dips and unknown bands included in neither."""
    known = [i for i, member in enumerate(hypothesis.members) if member.candidate is not None]
    areas, covariance = hypothesis.view.areas, hypothesis.view.area_covariance
    total = float(areas[known].sum())
    if total <= 0.0:
        return Value(0.0, None)
    gradient = np.zeros(areas.size)
    gradient[known] = -areas[place] / total**2
    gradient[place] += 1.0 / total
    variance = float(gradient @ covariance @ gradient)
    return Value(float(areas[place]) / total, math.sqrt(max(variance, 0.0)))


def _sources(bands: Iterable[Band]) -> str:
    """Every source named once."""
    return "; ".join(dict.fromkeys(part.strip() for band in bands for part in band.source.split(";")))
