"""JSON documents: one envelope for every verb, and no NaN anywhere."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite import _core
from braggite.errors import BraggiteError, OptionError

if TYPE_CHECKING:
    from braggite.diagnostics import Diagnostic
    from braggite.spectrum import Source


def document(
    kind: str,
    body: Mapping[str, Any],
    *,
    options: Mapping[str, Any],
    diagnostics: Iterable[Diagnostic] = (),
    inputs: Iterable[Source] = (),
    library: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The ``braggite.<kind>/1`` document around ``body``: schema, version, diagnostics, options, provenance."""
    return {
        "schema": f"braggite.{kind}/1",
        "version": _core.__version__,
        **plain(body),
        "diagnostics": [note.to_dict() | {"value": plain(note.value)} for note in diagnostics],
        "options": plain(options),
        "provenance": {
            "inputs": [_input(source) for source in inputs],
            "library": plain(dict(library)) if library else None,
            "build": build(),
        },
    }


def error_document(error: BraggiteError) -> dict[str, Any]:
    """The ``braggite.error/1`` document of a failure."""
    return {"schema": "braggite.error/1", "version": _core.__version__, "error": error.to_dict()}


def build() -> dict[str, str]:
    """Which build of Braggite computed a document."""
    return {
        "version": _core.__version__,
        "profile": _core.build_profile,
        "source_digest": _core.source_digest,
    }


def to_json(doc: Mapping[str, Any], path: str | Path | None = None) -> str:
    """``doc`` as UTF-8 JSON text, keys in the order of the contract, NaN and infinities as null.

    Also written to ``path`` when given; ``OptionError`` when that cannot be written.
    """
    text = json.dumps(plain(doc), ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    if path is not None:
        write_text(path, text)
    return text


def write_text(path: str | Path, text: str) -> Path:
    """Write UTF-8 text; ``OptionError`` when the file cannot be written."""
    target = Path(path)
    try:
        target.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OptionError(
            f"cannot write {target}: {error.strerror}", where=str(target), suggestion="choose another file with -o"
        ) from None
    return target


def plain(value: Any) -> Any:
    """``value`` with plain Python types only: what JSON can carry, NaN and infinities as None."""
    if hasattr(value, "to_dict"):
        value = value.to_dict()
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    elif isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, set | frozenset):
        value = sorted(value, key=str)
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _input(source: Source) -> dict[str, Any]:
    entry = source.to_dict()
    return {key: entry[key] for key in ("path", "sha256", "format", "scan")}
