"""GSAS-II instrument parameters (``.instprm``) for constant-wavelength X-rays.

As GSAS-II documents and computes them: U, V, W give the *variance* of the Gaussian part in centidegrees², X, Y the
full width of the Lorentzian part in centidegrees, SH/L is S/L + H/L, Zero is added to calculated 2-theta in degrees,
Polariz. P weighs cos²2θ by (1 - P) / P. What the format has no place for (uncertainties, radius, further emission
lines) is left out; natural widths of emission lines go, averaged, into Y.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from braggite.calibration.profile import InstrumentProfile
from braggite.errors import OptionError, UnknownFormat
from braggite.radiation import ONE_DOUBLET
from braggite.spectrum import Instrument, Radiation
from braggite.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

FWHM_PER_SIGMA_SQUARED = 8.0 * math.log(2.0)
CENTI = 100.0
ONE_LINE = 1e-3
"""Emission lines closer than this, relative, are parts of one line."""
_TITLE = "#GSAS-II instrument parameter file; do not add/delete items!"


def instprm_text(profile: InstrumentProfile) -> str:
    """The text of an ``.instprm``.

    Raises
    ------
    OptionError
        No radiation, or one that is no single line and no doublet.
    """
    values = dict(zip(InstrumentProfile.NUMBERS, (number.value for number in profile.numbers), strict=True))
    variance = CENTI**2 / FWHM_PER_SIGMA_SQUARED
    monochromator = profile.diffractometer.monochromator_two_theta_deg or 0.0
    entries: dict[str, object] = {
        "Type": "PXC",
        "Bank": 1,
        **_wavelengths(profile.radiation),
        "Polariz.": 1.0 / (1.0 + math.cos(math.radians(monochromator)) ** 2),
        "Azimuth": 0.0,
        "Zero": values["zero_deg"],
        "U": values["gauss_u_deg2"] * variance,
        "V": values["gauss_v_deg2"] * variance,
        "W": values["gauss_w_deg2"] * variance,
        "X": values["lorentz_x_deg"] * CENTI,
        "Y": (values["lorentz_y_deg"] + _mean_natural_width_deg(profile.radiation)) * CENTI,
        "Z": 0.0,
        "SH/L": 2.0 * values["axial_ratio"],
    }
    if profile.name:
        entries["InstrName"] = " ".join(profile.name.replace(";", ",").split())
    return "\n".join([_TITLE, *(f"{key}:{value}" for key, value in entries.items())]) + "\n"


def _wavelengths(radiation: Radiation | None) -> dict[str, object]:
    if radiation is None:
        raise OptionError("an .instprm needs a wavelength, and this instrument states none", where="radiation")
    groups = _grouped(radiation.lines)
    if len(groups) == 1:
        return {"Lam": groups[0][0]}
    if len(groups) > 2:
        raise OptionError(f"an .instprm holds two emission lines, not {len(groups)}", where="radiation")
    (first, strong), (second, weak) = sorted(groups, key=lambda group: -group[1])
    return {"Lam1": first, "Lam2": second, "I(L2)/I(L1)": weak / strong}


def _mean_natural_width_deg(radiation: Radiation | None) -> float:
    """What the natural widths of the doublet add to Y, on average over it."""
    if radiation is None:
        return 0.0
    strongest = max(radiation.lines, key=lambda line: line[1])[0]
    main = [line for line in radiation.profile if abs(line[0] / strongest - 1.0) < ONE_DOUBLET]
    total = sum(weight for _, weight, _ in main)
    return math.degrees(sum(2.0 * weight * width / wavelength for wavelength, weight, width in main) / total)


def _grouped(lines: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Mean wavelength and weight of the lines that stand together, ghosts left out."""
    strongest = max(lines, key=lambda line: line[1])[0]
    groups: list[list[tuple[float, float]]] = []
    for line in sorted(line for line in lines if abs(line[0] / strongest - 1.0) < ONE_DOUBLET):
        if groups and line[0] / groups[-1][-1][0] - 1.0 < ONE_LINE:
            groups[-1].append(line)
        else:
            groups.append([line])
    weights = [sum(weight for _, weight in group) for group in groups]
    return [(sum(x * w for x, w in g) / total, total) for g, total in zip(groups, weights, strict=True)]


def parse_instprm(text: str, where: str) -> InstrumentProfile:
    """The profile in the text of an ``.instprm``; ``UnknownFormat`` names the item that is at fault."""
    items = _items(text, where)
    if items.get("Type", "PXC") != "PXC":
        raise UnknownFormat(
            f"{where}: Type {items['Type']} is not a constant-wavelength X-ray instrument (PXC)", where=where
        )
    if _number(items, "Z", where, 0.0) != 0.0:
        raise UnknownFormat(
            f"{where}: Z = {items['Z']} is a constant Lorentzian width, which braggite does not have",
            where=where,
            suggestion="refine the instrument again with Z = 0",
        )
    variance = FWHM_PER_SIGMA_SQUARED / CENTI**2
    try:
        return InstrumentProfile(
            radiation=_radiation(items, where),
            diffractometer=_diffractometer(items, where),
            gauss_u_deg2=Value(_number(items, "U", where) * variance),
            gauss_v_deg2=Value(_number(items, "V", where) * variance),
            gauss_w_deg2=Value(_number(items, "W", where) * variance),
            lorentz_x_deg=Value(_number(items, "X", where) / CENTI),
            lorentz_y_deg=Value(_number(items, "Y", where) / CENTI),
            axial_ratio=Value(_number(items, "SH/L", where) / 2.0),
            zero_deg=Value(_number(items, "Zero", where, 0.0)),
            name=items.get("InstrName", ""),
            provenance={"format": "GSAS-II .instprm"},
        )
    except OptionError as error:
        raise UnknownFormat(f"{where}: {error.message}", where=where) from None


def _items(text: str, where: str) -> dict[str, str]:
    """``key:value`` of every line that is no comment; several stand on a line with semicolons between."""
    items: dict[str, str] = {}
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            if "Bank" in line and items:
                raise UnknownFormat(f"{where} holds several banks; keep one", where=where)
            continue
        for item in line.split(";"):
            key, colon, value = item.partition(":")
            if colon:
                items[key.strip()] = value.strip()
    return items


def _number(items: dict[str, str], key: str, where: str, default: float | None = None) -> float:
    text = items.get(key)
    if text is None and default is not None:
        return default
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UnknownFormat(
            f"{where}: {key} is {'missing' if text is None else f'{text!r}, not a number'}", where=where
        )
    return value


def _radiation(items: dict[str, str], where: str) -> Radiation:
    if "Lam" in items:
        lines: tuple[tuple[float, float], ...] = ((_number(items, "Lam", where), 1.0),)
    else:
        ratio = _number(items, "I(L2)/I(L1)", where)
        lines = ((_number(items, "Lam1", where), 1.0), (_number(items, "Lam2", where), ratio))
    lines = tuple(line for line in lines if line[1] > 0.0)
    if min(wavelength for wavelength, _ in lines) <= 0.0:
        raise UnknownFormat(f"{where}: wavelengths must be positive", where=where)
    return Radiation(lines)


def _diffractometer(items: dict[str, str], where: str) -> Instrument:
    share = _number(items, "Polariz.", where, 0.5)
    if not 0.5 <= share <= 1.0:
        raise UnknownFormat(f"{where}: Polariz. = {share} must lie between 0.5 and 1", where=where)
    angle = math.degrees(math.acos(math.sqrt((1.0 - share) / share)))
    return Instrument(monochromator_two_theta_deg=angle or None)
