"""Vibrational bands of a phase: where they lie, how strong, what their presence and absence mean, who says so."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

from braggite.errors import LibraryError, OptionError

if TYPE_CHECKING:
    from braggite.references.reference_spectrum import ReferenceSpectrum

VibrationalTechnique = Literal["raman", "ftir"]
Role = Literal["must", "may", "must_not"]
BandStatus = Literal["measured", "read", "recalled", "estimated"]
Confidence = Literal["high", "medium", "low"]

VIBRATIONAL_TECHNIQUES: tuple[VibrationalTechnique, ...] = get_args(VibrationalTechnique)
ROLES: tuple[Role, ...] = get_args(Role)
BAND_STATUSES: tuple[BandStatus, ...] = get_args(BandStatus)
CONFIDENCES: tuple[Confidence, ...] = get_args(Confidence)

STRENGTH_CLASSES: dict[str, tuple[float, tuple[float, float]]] = {
    "vs": (1.0, (0.5, 1.0)),
    "s": (0.6, (0.2, 1.0)),
    "m": (0.3, (0.05, 1.0)),
    "w": (0.1, (0.01, 0.5)),
    "vw": (0.03, (0.0, 0.2)),
}
"""What the words of tables are taken to mean, of the strongest band: typical height, and a range as wide as laser,
orientation and taste of authors make it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One band of a phase; heights are relative to the strongest band of the same spectrum.

    Attributes
    ----------
    position_cm1 : Raman shift or wavenumber in 1/cm
    range_cm1 : lowest and highest position read for samples of this phase, which is the tolerance of a search
    role : "must" is seen wherever the phase is, if its height exceeds the noise; "may"; "must_not", seen where the
        phase is not, unless another phase explains it
    strength, strength_range : typical height, and the lowest and highest believable one; laser and orientation matter
    fwhm_cm1 : typical full width at half maximum
    negative : an interference dip, not a maximum
    symmetry : of the vibration ("A1g")
    assignment : which vibration it is
    condition : excitation or way of measuring for which it holds ("532 nm", "ATR")
    status : measured, read (in a source), recalled (to be checked before citing) or estimated
    confidence : "high", "medium" or "low", within its status
    source : who says so
    note : one sentence for people

    Raises
    ------
    LibraryError
        A position that is not positive or outside its range, a range that descends, heights outside 0 to 1 or that do
        not ascend, a width that is not positive, an unknown word, or no source.
    """

    position_cm1: float
    range_cm1: tuple[float, float]
    role: Role = "may"
    strength: float = STRENGTH_CLASSES["m"][0]
    strength_range: tuple[float, float] = STRENGTH_CLASSES["m"][1]
    fwhm_cm1: float | None = None
    negative: bool = False
    symmetry: str | None = None
    assignment: str | None = None
    condition: str | None = None
    status: BandStatus
    confidence: Confidence
    source: str
    note: str | None = None

    def __post_init__(self) -> None:
        where = f"the band at {self.position_cm1:g} 1/cm"
        if not 0.0 < self.position_cm1 < math.inf:
            raise LibraryError(f"position_cm1 = {self.position_cm1} is not a wavenumber")
        refuse_descending(self.range_cm1, "range_cm1", where)
        low, high = self.range_cm1
        if not low <= self.position_cm1 <= high:
            raise LibraryError(f"{where} lies outside its range_cm1 = [{low:g}, {high:g}]")
        weakest, strongest = self.strength_range
        if not 0.0 <= weakest <= self.strength <= strongest <= 1.0:
            raise LibraryError(
                f"{where}: strength = {self.strength:g} and strength_range = [{weakest:g}, {strongest:g}] "
                "do not ascend from 0 to 1",
                suggestion="give heights relative to the strongest band, the typical one within the range",
            )
        if self.fwhm_cm1 is not None and not 0.0 < self.fwhm_cm1 < math.inf:
            raise LibraryError(f"{where}: fwhm_cm1 = {self.fwhm_cm1} is not a width")
        for name, known in (("role", ROLES), ("status", BAND_STATUSES), ("confidence", CONFIDENCES)):
            if getattr(self, name) not in known:
                raise LibraryError(f"{where}: {name} = {getattr(self, name)!r} is none of {', '.join(known)}")
        if not self.source.strip():
            raise LibraryError(f"{where} states no source")

    @property
    def strength_class(self) -> str:
        """The word whose typical height is nearest by ratio: vs, s, m, w or vw."""
        height = math.log(max(self.strength, 1e-6))
        return min(STRENGTH_CLASSES, key=lambda word: abs(height - math.log(STRENGTH_CLASSES[word][0])))

    def to_dict(self) -> dict[str, Any]:
        """Plain types, keyed by the names of the attributes, with the word for the strength."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        pairs = {"range_cm1": list(self.range_cm1), "strength_range": list(self.strength_range)}
        return plain | pairs | {"strength_class": self.strength_class}


@dataclass(frozen=True, slots=True, kw_only=True)
class BandReference:
    """What is known of a phase by one vibrational technique.

    Attributes
    ----------
    technique : "raman" or "ftir"
    bands : by rising position; none where the note says why
    covered_range_cm1 : wavenumbers within which the list is complete down to weak bands, where that is known
    note : one sentence for people
    spectra : full measured spectra of a user's library
    """

    technique: VibrationalTechnique
    bands: tuple[Band, ...] = ()
    covered_range_cm1: tuple[float, float] | None = None
    note: str | None = None
    spectra: tuple[ReferenceSpectrum, ...] = ()

    def __post_init__(self) -> None:
        if self.technique not in VIBRATIONAL_TECHNIQUES:
            raise LibraryError(f"{self.technique!r} is none of {', '.join(VIBRATIONAL_TECHNIQUES)}")
        if self.covered_range_cm1 is not None:
            refuse_descending(self.covered_range_cm1, "covered_range_cm1", self.technique)
        ordered = tuple(sorted(self.bands, key=lambda band: (band.position_cm1, band.negative, band.role)))
        object.__setattr__(self, "bands", ordered)

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "technique": self.technique,
            "covered_range_cm1": None if self.covered_range_cm1 is None else list(self.covered_range_cm1),
            "note": self.note,
            "bands": [band.to_dict() for band in self.bands],
            "spectra": [spectrum.to_dict() for spectrum in self.spectra],
        }


def refuse_descending(interval: tuple[float, float], key: str, where: str) -> None:
    """``LibraryError`` unless an interval of wavenumbers ascends from 0 or more to a finite end."""
    low, high = interval
    if not 0.0 <= low <= high < math.inf:
        raise LibraryError(f"{where}: {key} = [{low:g}, {high:g}] does not ascend")


def vibrational_technique(name: str) -> VibrationalTechnique:
    """The technique called ``name``; ``OptionError`` for one that has no bands."""
    for technique in VIBRATIONAL_TECHNIQUES:
        if technique == name:
            return technique
    raise OptionError(f"{name!r} has no bands", suggestion=f"ask for {' or '.join(VIBRATIONAL_TECHNIQUES)}")
