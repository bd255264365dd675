"""What kind of instrument file a name and a schema stand for."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from braggite.calibration.instprm import instprm_text, parse_instprm
from braggite.calibration.instrument_toml import instrument_toml_text, parse_instrument_toml
from braggite.calibration.profile import InstrumentProfile
from braggite.errors import OptionError, UnknownFormat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from braggite.calibration.wavenumber import WavenumberCalibration

_SUGGESTION = "name the file .toml (ours) or .instprm (GSAS-II)"
_TEXTS: dict[str, Callable[[InstrumentProfile], str]] = {".toml": instrument_toml_text, ".instprm": instprm_text}


def read_instrument_file(path: Path) -> InstrumentProfile | WavenumberCalibration:
    """The diffractometer, or the wavenumber calibration, in a file of one of the kinds."""
    parse = {".toml": _parse_toml, ".instprm": parse_instprm}.get(path.suffix.lower())
    if parse is None:
        raise UnknownFormat(f"{path} is no instrument file", where=str(path), suggestion=_SUGGESTION)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnknownFormat(f"{path} cannot be read: {error}", where=str(path)) from None
    return parse(text, str(path))


def _parse_toml(text: str, where: str) -> InstrumentProfile | WavenumberCalibration:
    from braggite.calibration.wavenumber_toml import SCHEMA, parse_wavenumber_toml

    try:
        schema = tomllib.loads(text).get("schema")
    except tomllib.TOMLDecodeError:
        schema = None
    return parse_wavenumber_toml(text, where) if schema == SCHEMA else parse_instrument_toml(text, where)


def read_profile(path: Path) -> InstrumentProfile:
    """The diffractometer in a file of one of the two kinds."""
    found = read_instrument_file(path)
    if not isinstance(found, InstrumentProfile):
        raise UnknownFormat(f"{path} calibrates the axis of {found.technique} spectra", where=str(path))
    return found


def write_profile(profile: InstrumentProfile, path: Path) -> Path:
    """The profile as a file of one of the two kinds."""
    check_suffix(path)
    path.write_text(_TEXTS[path.suffix.lower()](profile), encoding="utf-8", newline="\n")
    return path


def check_suffix(path: Path) -> None:
    """``OptionError`` for a name that is of neither kind."""
    if path.suffix.lower() not in _TEXTS:
        raise OptionError(f"{path} is neither .toml nor .instprm", where=str(path), suggestion=_SUGGESTION)
