"""A wavenumber calibration as TOML: schema ``braggite.wavenumber-calibration/1`` (docs/instrument-files.md)."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from braggite.calibration.axis_law import AxisLaw
from braggite.calibration.axis_lines import CalibrationLine
from braggite.calibration.wavenumber import WavenumberCalibration
from braggite.errors import OptionError, UnknownFormat
from braggite.references.toml_writer import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = "braggite.wavenumber-calibration/1"
TECHNIQUES = ("raman", "ftir")
_KEYS = {"schema", "technique", "name", "standard", "law", "lines", "laser_wavelength_nm", "provenance"}
_LAW = {"range_cm1", "coefficients_cm1", "covariance_cm2", "scatter_cm1", "residual_rms_cm1"}
_LINE = ("observed_cm1", "observed_su_cm1", "true_cm1", "true_su_cm1", "fwhm_cm1", "residual_cm1", "used")


def wavenumber_toml_text(calibration: WavenumberCalibration) -> str:
    """TOML text that :func:`parse_wavenumber_toml` reads back to the same numbers.

    Raises
    ------
    OptionError
        A calibration that is not usable.
    """
    law = calibration.law
    if law is None:
        raise OptionError("a calibration that is not usable is not written", where="calibration")
    lines = [
        f"schema = {quoted(SCHEMA)}",
        f"technique = {quoted(calibration.technique)}",
        f"name = {quoted(calibration.name)}",
    ]
    if calibration.laser_wavelength_nm is not None:
        lines.append(f"laser_wavelength_nm = {calibration.laser_wavelength_nm!r}")
    rows = [_numbers(row) for row in law.covariance.tolist()]
    lines += [
        "",
        "[law]",
        "# added to positions read: coefficients of powers of u = (2 x - a - b) / (b - a) in the range a to b",
        f"range_cm1 = {_numbers([law.low_cm1, law.high_cm1])}",
        f"coefficients_cm1 = {_numbers(law.coefficients.tolist())}",
        f"covariance_cm2 = [{', '.join(rows)}]",
        f"scatter_cm1 = {law.scatter_cm1!r}",
        f"residual_rms_cm1 = {float(calibration.residual_rms_cm1 or 0.0)!r}",
        *_table("standard", calibration.standard),
        *_table("provenance", calibration.provenance),
    ]
    for line in calibration.lines:
        lines += ["", "[[lines]]", *(f"{key} = {_plain(getattr(line, key))}" for key in _LINE)]
    return "\n".join(lines) + "\n"


def _numbers(values: list[float]) -> str:
    return f"[{', '.join(repr(float(value)) for value in values)}]"


def _table(name: str, entries: Mapping[str, Any]) -> list[str]:
    return ["", f"[{name}]", *(f"{key} = {_plain(value)}" for key, value in entries.items() if value is not None)]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return quoted(value) if isinstance(value, str) else repr(value)


def parse_wavenumber_toml(text: str, where: str) -> WavenumberCalibration:
    """The calibration in the text of such a file; ``UnknownFormat`` names the key that is at fault."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnknownFormat(f"{where} is not TOML: {error}", where=where) from None
    if table.get("schema") != SCHEMA:
        raise _fault(where, "schema", f'must be "{SCHEMA}", not {table.get("schema")!r}')
    _only(where, "", table, _KEYS)
    technique, part, standard = table.get("technique"), table.get("law"), table.get("standard", {})
    if technique not in TECHNIQUES:
        raise _fault(where, "technique", f"must be one of {', '.join(TECHNIQUES)}")
    if not isinstance(part, dict):
        raise _fault(where, "law", "must be a table")
    _only(where, "law.", part, _LAW)
    if not isinstance(standard, dict) or not isinstance(standard.get("name"), str):
        raise _fault(where, "standard.name", "must name the standard")
    try:
        low, high = (float(value) for value in part["range_cm1"])
        law = AxisLaw(low, high, part["coefficients_cm1"], part["covariance_cm2"], float(part.get("scatter_cm1", 0.0)))
        return WavenumberCalibration(
            technique=technique,
            standard=standard,
            law=law,
            lines=tuple(CalibrationLine(**line) for line in table.get("lines", [])),
            residual_rms_cm1=float(part.get("residual_rms_cm1", 0.0)),
            laser_wavelength_nm=table.get("laser_wavelength_nm"),
            name=str(table.get("name", "")),
            provenance=dict(table.get("provenance", {})),
        )
    except KeyError as error:
        raise _fault(where, f"law.{error.args[0]}", "is missing") from None
    except OptionError as error:
        raise _fault(where, f"law.{error.where}", f"cannot be used: {error.message}") from None
    except (TypeError, ValueError) as error:
        raise _fault(where, "law", f"cannot be read: {error}") from None


def _only(where: str, prefix: str, table: dict[str, Any], known: set[str]) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise _fault(where, f"{prefix}{unknown[0]}", f"is not a key of {SCHEMA}")


def _fault(where: str, key: str, what: str) -> UnknownFormat:
    return UnknownFormat(f"{where}: {key} {what}", where=where, suggestion="see docs/instrument-files.md")
