"""Spectra to files, by suffix; numbers are written so that reading gives back the same floats."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from braggite._core import __version__
from braggite.errors import OptionError
from braggite.formats.write_cif import cif_text
from braggite.formats.write_jcamp import jcamp_text
from braggite.formats.write_numbers import shortest
from braggite.techniques import technique_named

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from braggite.spectrum import Spectrum


def write(spectrum: Spectrum, path: str | os.PathLike[str]) -> Path:
    """Write a spectrum by the suffix of ``path``, which is returned.

    ``.xy``, ``.xye``, ``.csv``, ``.json`` (which keeps everything), JCAMP-DX ``.jdx .dx`` or powder ``.cif``.

    Raises
    ------
    OptionError
        Another suffix, ``.xye`` without standard deviations, ``.cif`` of anything but a diffraction pattern, or a
        folder that cannot be written to.
    """
    path = Path(path)
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise OptionError(
            f"spectra cannot be written as {path.suffix or 'a file without suffix'}",
            where=str(path),
            suggestion=f"use one of {', '.join(WRITERS)}",
        )
    text = writer(spectrum)
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise OptionError(f"the file cannot be written: {error.strerror or error}", where=str(path)) from None
    return path


def _xy(spectrum: Spectrum) -> str:
    return "\n".join([*_comments(spectrum), *_rows(spectrum, " ", sigma=False), ""])


def _xye(spectrum: Spectrum) -> str:
    if spectrum.sigma is None:
        raise OptionError("this spectrum has no standard deviations", suggestion="write .xy, .csv or .json")
    return "\n".join([*_comments(spectrum), *_rows(spectrum, " ", sigma=True), ""])


def _csv(spectrum: Spectrum) -> str:
    has_sigma = spectrum.sigma is not None
    return "\n".join([",".join(_titles(spectrum, sigma=has_sigma)), *_rows(spectrum, ",", sigma=has_sigma), ""])


def _json(spectrum: Spectrum) -> str:
    document = {
        "schema": "braggite.spectrum/1",
        "version": __version__,
        **spectrum.to_dict(),
        "metadata": spectrum.metadata,
    }
    return json.dumps(_plain(document), ensure_ascii=False, allow_nan=False) + "\n"


WRITERS: dict[str, Callable[[Spectrum], str]] = {
    ".xy": _xy,
    ".xye": _xye,
    ".csv": _csv,
    ".json": _json,
    ".jdx": jcamp_text,
    ".dx": jcamp_text,
    ".cif": cif_text,
}


def stated_lines(spectrum: Spectrum) -> list[str]:
    """Header lines that our text reader understands: sample and wavelengths."""
    lines = [f"# sample: {spectrum.name}"] if spectrum.name.isprintable() and spectrum.name else []
    if spectrum.radiation is not None and not spectrum.radiation.assumed:
        stated = ", ".join(f"{wavelength!r}:{weight!r}" for wavelength, weight in spectrum.radiation.lines)
        lines.append(f"# wavelength (angstrom) = {stated}")
    return lines


def _comments(spectrum: Spectrum) -> list[str]:
    return [*stated_lines(spectrum), "# " + ", ".join(_titles(spectrum, sigma=spectrum.sigma is not None))]


def _titles(spectrum: Spectrum, *, sigma: bool) -> list[str]:
    position = technique_named(spectrum.technique).column_title
    return [position, f"intensity ({spectrum.y_unit})", *(["sigma"] if sigma else [])]


def _rows(spectrum: Spectrum, separator: str, *, sigma: bool) -> list[str]:
    columns = [spectrum.x, spectrum.y, *([spectrum.sigma] if sigma and spectrum.sigma is not None else [])]
    return [separator.join(map(shortest, row)) for row in zip(*(column.tolist() for column in columns), strict=True)]


def _plain(value: Any) -> Any:
    """Plain JSON types: no NaN, tuples as lists, anything unknown as text."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int | bool):
        return value
    return _plain(value.tolist()) if hasattr(value, "tolist") else str(value)
