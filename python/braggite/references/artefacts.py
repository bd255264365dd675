"""Features of spectra that are no bands of the sample: luminescence, room light, air, laser damage."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from braggite.errors import LibraryError, OptionError
from braggite.formats.raman_shift import CM_IN_NM
from braggite.references import toml_values as values
from braggite.references.bands import (
    BAND_STATUSES,
    VIBRATIONAL_TECHNIQUES,
    BandStatus,
    VibrationalTechnique,
    refuse_descending,
    vibrational_technique,
)
from braggite.references.library import shipped_folder

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "artefacts.toml"
SCHEMA = "braggite.artefacts/1"

_KEYS = {"name", "technique", "explanation", "status", "source", "excitation_range_nm", "features"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtefactFeature:
    """Where an artefact is seen.

    Attributes
    ----------
    range_cm1 : from where to where
    position_cm1 : of its maximum; None for many lines all over the range
    assignment : what it is
    """

    range_cm1: tuple[float, float]
    position_cm1: float | None = None
    assignment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """One artefact, for one laser where it depends on it.

    Attributes
    ----------
    name : of it
    technique : "raman" or "ftir"
    features : where it is seen; none where it has no fixed place
    excitation_range_nm : lasers with which it occurs; None for all
    explanation : what it is and how to tell
    status, source : as of a :class:`Band`
    """

    name: str
    technique: VibrationalTechnique
    features: tuple[ArtefactFeature, ...] = ()
    excitation_range_nm: tuple[float, float] | None = None
    explanation: str
    status: BandStatus
    source: str

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return {
            "name": self.name,
            "technique": self.technique,
            "features": [
                {
                    "position_cm1": feature.position_cm1,
                    "range_cm1": list(feature.range_cm1),
                    "assignment": feature.assignment,
                }
                for feature in self.features
            ],
            "excitation_range_nm": None if self.excitation_range_nm is None else list(self.excitation_range_nm),
            "explanation": self.explanation,
            "status": self.status,
            "source": self.source,
        }


@dataclass(frozen=True, slots=True)
class _EmissionLine:
    wavelength_nm: float
    tolerance_cm1: float
    assignment: str | None

    def seen_with(self, excitation_nm: float) -> ArtefactFeature | None:
        """Its Raman shift, 1e7 / laser - 1e7 / wavelength; None on the anti-Stokes side."""
        position = CM_IN_NM / excitation_nm - CM_IN_NM / self.wavelength_nm
        low, high = position - self.tolerance_cm1, position + self.tolerance_cm1
        if low <= 0.0:
            return None
        return ArtefactFeature(position_cm1=position, range_cm1=(low, high), assignment=self.assignment)


def artefacts(technique: str, excitation_nm: float | None = None) -> tuple[Artefact, ...]:
    """What may stand in a Raman or infrared spectrum without being a band of the sample.

    Parameters
    ----------
    technique
        ``"raman"`` or ``"ftir"``.
    excitation_nm
        Wavelength of the laser in nm. Without it, what depends on the laser has no features, and artefacts of some
        lasers only are listed.

    Raises
    ------
    OptionError
        Another technique, or a wavelength that is not positive.
    """
    vibrational_technique(technique)
    if excitation_nm is not None and not 0.0 < excitation_nm < math.inf:
        raise OptionError(f"excitation_nm = {excitation_nm} is not a wavelength", where="excitation_nm")
    return tuple(
        _with_laser(artefact, lines, excitation_nm)
        for artefact, lines in _shipped()
        if artefact.technique == technique and _occurs_with(artefact, excitation_nm)
    )


def _occurs_with(artefact: Artefact, excitation_nm: float | None) -> bool:
    lasers = artefact.excitation_range_nm
    return lasers is None or excitation_nm is None or lasers[0] <= excitation_nm <= lasers[1]


def _with_laser(artefact: Artefact, lines: tuple[_EmissionLine, ...], excitation_nm: float | None) -> Artefact:
    if not lines or excitation_nm is None:
        return artefact
    seen = [feature for line in lines if (feature := line.seen_with(excitation_nm)) is not None]
    features = sorted((*artefact.features, *seen), key=lambda feature: feature.range_cm1)
    return replace(artefact, features=tuple(features))


@cache
def _shipped() -> tuple[tuple[Artefact, tuple[_EmissionLine, ...]], ...]:
    return read_artefacts(shipped_folder() / FILE_NAME)


def read_artefacts(path: Path) -> tuple[tuple[Artefact, tuple[_EmissionLine, ...]], ...]:
    """Artefacts of a file, each with the emission lines whose places depend on the laser.

    Raises
    ------
    LibraryError
        The file is missing, is no TOML, states another schema, or a key is missing, unknown or out of its meaning.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LibraryError(f"cannot be read: {error}", where=str(path)) from None
    if document.get("schema") != SCHEMA:
        raise LibraryError(f"states schema {document.get('schema')!r} instead of {SCHEMA!r}", where=str(path))
    try:
        values.refuse_unknown(document, {"schema", "artefacts"}, FILE_NAME)
        tables = values.tables(document.get("artefacts", []), "[artefacts]")
        return tuple(_read(table, f"[[artefacts]] {number}") for number, table in enumerate(tables, start=1))
    except LibraryError as error:
        raise LibraryError(error.message, where=str(path), suggestion=error.suggestion) from None


def _read(table: dict[str, Any], where: str) -> tuple[Artefact, tuple[_EmissionLine, ...]]:
    values.refuse_unknown(table, _KEYS, where)
    features = values.tables(table.get("features", []), f"{where} features")
    artefact = Artefact(
        name=values.needed_text(table, "name", where),
        technique=values.word(table, "technique", where, VIBRATIONAL_TECHNIQUES) or values.missing("technique", where),
        features=tuple(_read_feature(feature, where) for feature in features if "wavelength_nm" not in feature),
        excitation_range_nm=values.interval(table, "excitation_range_nm", where, "nm"),
        explanation=values.needed_text(table, "explanation", where),
        status=values.word(table, "status", where, BAND_STATUSES) or values.missing("status", where),
        source=values.needed_text(table, "source", where),
    )
    return artefact, tuple(_read_line(feature, where) for feature in features if "wavelength_nm" in feature)


def _read_feature(table: dict[str, Any], where: str) -> ArtefactFeature:
    values.refuse_unknown(table, {"position_cm1", "range_cm1", "assignment"}, where)
    seen = values.interval(table, "range_cm1", where, "1/cm") or values.missing("range_cm1", where)
    refuse_descending(seen, "range_cm1", where)
    position = values.optional_number(table, "position_cm1", where)
    if position is not None and not seen[0] <= position <= seen[1]:
        raise LibraryError(f"{where}: position_cm1 = {position:g} lies outside its range_cm1")
    return ArtefactFeature(range_cm1=seen, position_cm1=position, assignment=values.text(table, "assignment", where))


def _read_line(table: dict[str, Any], where: str) -> _EmissionLine:
    values.refuse_unknown(table, {"wavelength_nm", "tolerance_cm1", "assignment"}, where)
    wavelength, tolerance = (values.number(table, key, where) for key in ("wavelength_nm", "tolerance_cm1"))
    if not (0.0 < wavelength < math.inf and 0.0 < tolerance < math.inf):
        raise LibraryError(f"{where}: wavelength_nm and tolerance_cm1 must be positive")
    return _EmissionLine(wavelength, tolerance, values.text(table, "assignment", where))
