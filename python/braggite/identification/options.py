"""Defaults of identification, in one place; resolved values are echoed in every report."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from braggite.errors import OptionError
from braggite.matching.band_options import BandOptions
from braggite.matching.options import MatchOptions


@dataclass(frozen=True, slots=True)
class IdentifyOptions:
    """Extent of the search and the lines between verdicts.

    Attributes
    ----------
    nominees : candidates fitted of a larger library: those whose lines explain most of the pattern
    max_phases : largest number of phases in one sample
    beam, branch : hypotheses kept from level to level, candidates fitted at each
    least_gain : rise of log evidence that a further phase must bring to enter the search's best set
    search_discrepancy : misfit proportional to the signal that the search allows for
    rival_margin : fall of log evidence within which another candidate is a rival
    finalists : hypotheses refitted in full
    present, possible : confidence from which a phase is called so
    unexplained_false_alarms : expected number of false unexplained lines in a pattern of noise
    limit_level : probability with which an upper limit holds
    reach : weight fraction for which each watched phase states how long to count until its limit reaches it; None: not
        asked
    decoys : decoys of a watched phase that measure what misfit does to an amount that is not there
    match : defaults of the whole-pattern match
    bands : defaults of matching bands
    """

    nominees: int = 100
    max_phases: int = 6
    beam: int = 3
    branch: int = 5
    least_gain: float = 2.0
    search_discrepancy: float = 0.12
    rival_margin: float = 10.0
    finalists: int = 3
    present: float = 0.95
    possible: float = 0.5
    unexplained_false_alarms: float = 0.01
    limit_level: float = 0.95
    reach: float | None = None
    decoys: int = 200
    match: MatchOptions = field(default_factory=MatchOptions)
    bands: BandOptions = field(default_factory=BandOptions)

    def __post_init__(self) -> None:
        for name in ("max_phases", "beam", "branch", "finalists"):
            if not 1 <= getattr(self, name) <= 50:
                raise OptionError(f"{name} = {getattr(self, name)} must lie between 1 and 50", where=name)
        if not 1 <= self.nominees <= 5000:
            raise OptionError(f"nominees = {self.nominees} must lie between 1 and 5000", where="nominees")
        if not 0.0 < self.possible < self.present < 1.0:
            raise OptionError("0 < possible < present < 1 must hold", where="present")

        if not 0.5 < self.limit_level < 1.0:
            raise OptionError(f"limit_level = {self.limit_level} must lie between 0.5 and 1", where="limit_level")
        if self.reach is not None and not 0.0 < self.reach < 1.0:
            raise OptionError(f"reach = {self.reach} must lie between 0 and 1", where="reach")
        if not 0 <= self.decoys <= 100_000:
            raise OptionError(f"decoys = {self.decoys} must lie between 0 and 100000", where="decoys")

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return asdict(replace(self, match=MatchOptions())) | {
            "match": self.match.to_dict(),
            "bands": self.bands.to_dict(),
        }
