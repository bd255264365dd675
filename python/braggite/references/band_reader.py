"""``[raman]`` and ``[ftir]`` of a phase.toml -> the bands of a phase. The format stands in docs/phase-format.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from braggite.references import toml_values as values
from braggite.references.bands import (
    BAND_STATUSES,
    CONFIDENCES,
    ROLES,
    STRENGTH_CLASSES,
    VIBRATIONAL_TECHNIQUES,
    Band,
    BandReference,
    VibrationalTechnique,
)
from braggite.references.reference_spectrum import ReferenceSpectrum

if TYPE_CHECKING:
    from pathlib import Path

_REFERENCE_KEYS = {"bands", "covered_range_cm1", "note", "spectra"}
_SPECTRUM_KEYS = {
    "file", "excitation_nm", "condition", "source", "licence", "covered_range_cm1", "processing", "note", "sha256",
}  # fmt: skip
_BAND_KEYS = {
    "position_cm1", "range_cm1", "role", "strength", "strength_range", "fwhm_cm1", "negative", "symmetry", "assignment",
    "condition", "status", "confidence", "source", "note",
}  # fmt: skip


def read_band_references(document: dict[str, Any], folder: Path | None) -> tuple[BandReference, ...]:
    """What a phase.toml says of each vibrational technique; ``LibraryError`` names the table and the key.

    Spectra are files in ``folder``.
    """
    return tuple(
        _read_reference(values.table(document[technique], f"[{technique}]"), technique, folder)
        for technique in VIBRATIONAL_TECHNIQUES
        if technique in document
    )


def _read_reference(table: dict[str, Any], technique: VibrationalTechnique, folder: Path | None) -> BandReference:
    where = f"[{technique}]"
    values.refuse_unknown(table, _REFERENCE_KEYS, where)
    bands, spectra = f"[{technique}.bands]", f"[{technique}.spectra]"
    return BandReference(
        technique=technique,
        bands=tuple(
            _read_band(entry, f"[{bands}] {number}")
            for number, entry in enumerate(values.tables(table.get("bands", []), bands), start=1)
        ),
        covered_range_cm1=values.interval(table, "covered_range_cm1", where, "1/cm"),
        note=values.text(table, "note", where),
        spectra=tuple(
            _read_spectrum(entry, f"[{spectra}] {number}", technique, folder)
            for number, entry in enumerate(values.tables(table.get("spectra", []), spectra), start=1)
        ),
    )


def _read_spectrum(
    table: dict[str, Any], where: str, technique: VibrationalTechnique, folder: Path | None
) -> ReferenceSpectrum:
    values.refuse_unknown(table, _SPECTRUM_KEYS, where)
    return ReferenceSpectrum(
        technique=technique,
        file=values.needed_text(table, "file", where),
        excitation_nm=values.optional_number(table, "excitation_nm", where),
        condition=values.text(table, "condition", where),
        source=values.needed_text(table, "source", where),
        licence=values.text(table, "licence", where),
        covered_range_cm1=values.interval(table, "covered_range_cm1", where, "1/cm"),
        processing=values.text(table, "processing", where),
        note=values.text(table, "note", where),
        sha256=values.text(table, "sha256", where) or "",
        folder=folder,
    )


def _read_band(table: dict[str, Any], where: str) -> Band:
    values.refuse_unknown(table, _BAND_KEYS, where)
    strength, strength_range = _read_strength(table, where)
    return Band(
        position_cm1=values.number(table, "position_cm1", where),
        range_cm1=values.interval(table, "range_cm1", where, "1/cm") or values.missing("range_cm1", where),
        role=values.word(table, "role", where, ROLES) or "may",
        strength=strength,
        strength_range=strength_range,
        fwhm_cm1=values.optional_number(table, "fwhm_cm1", where),
        negative=values.flag(table, "negative", where),
        symmetry=values.text(table, "symmetry", where),
        assignment=values.text(table, "assignment", where),
        condition=values.text(table, "condition", where),
        status=values.word(table, "status", where, BAND_STATUSES) or values.missing("status", where),
        confidence=values.word(table, "confidence", where, CONFIDENCES) or values.missing("confidence", where),
        source=values.needed_text(table, "source", where),
        note=values.text(table, "note", where),
    )


def _read_strength(table: dict[str, Any], where: str) -> tuple[float, tuple[float, float]]:
    """A word, or a height and the range of heights."""
    if isinstance(table.get("strength"), str):
        word = values.word(table, "strength", where, STRENGTH_CLASSES)
        typical, usual = STRENGTH_CLASSES[word]
        return typical, values.interval(table, "strength_range", where, "shares of 1") or usual
    typical = values.number(table, "strength", where)
    return typical, (
        values.interval(table, "strength_range", where, "shares of 1") or values.missing("strength_range", where)
    )
