"""A phase as a few bytes, and back: what a built library keeps of each."""

from __future__ import annotations

import json
import zlib
from dataclasses import MISSING, fields, replace
from typing import Any

from braggite.references.bands import Band, BandReference
from braggite.references.cell import Cell
from braggite.references.citation import Citation
from braggite.references.phase import Phase
from braggite.references.structure import Site, Structure


def pack_phase(phase: Phase) -> bytes:
    """A phase without its measured spectra: JSON without what has its default value, deflated."""
    bands_alone = tuple(replace(reference, spectra=()) for reference in phase.vibrations)
    plain = _plain(replace(phase, vibrations=bands_alone))
    return zlib.compress(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode(), 6)


def unpack_phase(record: bytes) -> Phase:
    """The phase that was packed; ValueError, TypeError, KeyError or ``zlib.error`` for other bytes."""
    given: dict[str, Any] = json.loads(zlib.decompress(record))
    structure, others = given.pop("structure", None), given.pop("alternatives", ())
    vibrations = given.pop("vibrations", ())
    return Phase(
        **_tupled(given),
        structure=None if structure is None else _structure(structure),
        alternatives=tuple(_structure(other) for other in others),
        vibrations=tuple(_band_reference(reference) for reference in vibrations),
    )


def _band_reference(given: dict[str, Any]) -> BandReference:
    bands = given.pop("bands", ())
    return BandReference(**_tupled(given), bands=tuple(Band(**_tupled(band)) for band in bands))


def _structure(given: dict[str, Any]) -> Structure:
    cell, sites, citation = given.pop("cell"), given.pop("sites"), given.pop("citation", {})
    return Structure(
        **_tupled(given),
        cell=Cell(**cell),
        sites=tuple(Site(**site) for site in sites),
        citation=Citation(**_tupled(citation)),
    )


def _tupled(given: dict[str, Any]) -> dict[str, Any]:
    return {name: _tuple(value) for name, value in given.items()}


def _tuple(value: Any) -> Any:
    return tuple(map(_tuple, value)) if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    if not hasattr(value, "__dataclass_fields__"):
        return value
    plain = {}
    for field in fields(value):
        own = getattr(value, field.name)
        usual = field.default if field.default_factory is MISSING else field.default_factory()
        if own != usual:
            plain[field.name] = _plain(own)
    return plain
