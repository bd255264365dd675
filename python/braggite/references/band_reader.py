"""``[raman]`` and ``[ftir]`` of a phase.toml -> the bands of a phase. The format stands in docs/phase-format.md."""

from __future__ import annotations

from typing import Any

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

_REFERENCE_KEYS = {"bands", "covered_range_cm1", "note"}
_BAND_KEYS = {
    "position_cm1", "range_cm1", "role", "strength", "strength_range", "fwhm_cm1", "negative", "symmetry", "assignment",
    "condition", "status", "confidence", "source", "note",
}  # fmt: skip


def read_band_references(document: dict[str, Any]) -> tuple[BandReference, ...]:
    """What a phase.toml says of each vibrational technique; ``LibraryError`` names the table and the key."""
    return tuple(
        _read_reference(values.table(document[technique], f"[{technique}]"), technique)
        for technique in VIBRATIONAL_TECHNIQUES
        if technique in document
    )


def _read_reference(table: dict[str, Any], technique: VibrationalTechnique) -> BandReference:
    where = f"[{technique}]"
    values.refuse_unknown(table, _REFERENCE_KEYS, where)
    key = f"[{technique}.bands]"
    return BandReference(
        technique=technique,
        bands=tuple(
            _read_band(entry, f"[{key}] {number}")
            for number, entry in enumerate(values.tables(table.get("bands", []), key), start=1)
        ),
        covered_range_cm1=values.interval(table, "covered_range_cm1", where, "1/cm"),
        note=values.text(table, "note", where),
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
