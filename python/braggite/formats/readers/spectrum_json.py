"""Braggite's own JSON (`braggite.spectrum/1`): everything that was written comes back."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from braggite.arrays import as_f64
from braggite.diagnostics import Diagnostic
from braggite.errors import BraggiteError, InvalidSpectrum, UnknownFormat
from braggite.formats.registry import Evidence, Reader
from braggite.formats.scan import Scan
from braggite.spectrum import Instrument, Radiation, Step
from braggite.techniques import technique_named

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.formats.scan import PendingScan

SCHEMA = "braggite.spectrum/1"


def claims(head: bytes, path: Path) -> Evidence:
    """A JSON object that names our schema in its first 4 kB, or else the suffix."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"braggite.spectrum/' in head:
        return Evidence.FIRST_LINE
    return Evidence.SUFFIX if path.suffix.lower() == ".json" else Evidence.NONE


SUGGESTION = "export the spectrum itself, for instance as .xy or .csv"


def read(content: bytes, where: str) -> list[PendingScan]:
    """The one spectrum of the document."""
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_constant=_no_constant)
    except RecursionError:
        raise UnknownFormat("the JSON is nested too deeply", where=where, suggestion=SUGGESTION) from None
    except ValueError as error:
        raise InvalidSpectrum(
            f"the JSON cannot be parsed: {error}", where=where, suggestion="the file is probably truncated"
        ) from None
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        stated = f"the schema {schema!r:.60}" if schema is not None else "no schema"
        raise UnknownFormat(
            f"the JSON states {stated}, not {SCHEMA!r}: it is no spectrum written by braggite",
            where=where,
            suggestion=SUGGESTION,
        )
    return [partial(_scan, document, where)]


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _scan(document: dict[str, Any], where: str) -> Scan:
    try:
        return _from_document(document, where)
    except BraggiteError as error:
        raise InvalidSpectrum(error.message, where=where) from None
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InvalidSpectrum(f"a key of the document is missing or wrong: {error!r}", where=where) from None


def _from_document(document: dict[str, Any], where: str) -> Scan:
    sigma, rays, instrument = document["sigma"], document["radiation"], document["instrument"]
    return Scan(
        x=as_f64(document["x"], "x"),
        y=as_f64(document["y"], "y"),
        where=where,
        sigma=None if sigma is None else as_f64(sigma, "sigma"),
        technique=technique_named(document["technique"]).name,
        y_unit=document["y_unit"],
        counts=document["counts"],
        decided=True,
        name=str(document["name"]),
        radiation=None
        if rays is None
        else Radiation(
            tuple((float(wavelength), float(weight)) for wavelength, weight in rays["lines"]),
            rays["name"],
            rays["assumed"],
            tuple(float(width) for width in rays.get("widths_angstrom", ())),
        ),
        instrument=None if instrument is None else Instrument(**instrument),
        metadata=dict(document.get("metadata", {})),
        history=tuple(Step(step["verb"], dict(step["options"])) for step in document["history"]),
        notes=tuple(_note(note) for note in document["diagnostics"]),
    )


def _note(note: dict[str, Any]) -> Diagnostic:
    return Diagnostic(
        **cast(
            "dict[str, Any]", {key: note[key] for key in ("code", "where", "value", "message", "suggestion", "level")}
        )
    )


READER = Reader(
    name="json",
    title="Braggite spectrum",
    suffixes=(".json",),
    claims=claims,
    read=read,
    reads="everything that was written",
    sigma="as it was written",
    refuses="documents of another schema or version",
)
