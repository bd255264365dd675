"""What the words of a text file say: axis, unit, radiation, counting time, sample."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import OptionError, UnknownFormat
from braggite.formats.energy_axis import energy_kind
from braggite.radiation import ANODES, radiation_from_wavelengths, radiation_named

if TYPE_CHECKING:
    from typing import Literal

    from braggite.arrays import FloatArray
    from braggite.spectrum import Radiation, YUnit

FOREIGN_AXES: tuple[tuple[str, str, str], ...] = (
    (
        r"\b(?:chi|i)_q\b|^\W*q\b(?!-)|\bq\s*[\[(]\s*(?:1/|a|å|nm)|momentum transfer",
        "Q",
        "convert Q to 2-theta with the wavelength",
    ),
    (r"^\W*d(?:[- ]?spacing)?\s*[\[(]\s*(?:a|å)|\bd-?spacing\b", "d spacing", "export degrees 2-theta"),
    (r"time[ -]of[ -]flight|\btof\b", "time of flight", "neutron time-of-flight data are not analysed"),
    (r"\bneutrons?\b", "neutron diffraction", "only X-ray patterns are analysed"),
    (
        r"\bmu\s*[\[(]|\bxanes\b|\bexafs\b|absorption coefficient",
        "X-ray absorption",
        "absorption spectra are not analysed",
    ),
    (r"^\W*pe\W+ev\b|^\W*photon energy\s*[\[(]", "photon energy", "absorption spectra are not analysed"),
    (r"scan ?type\W+(?:rocking|phi|chi|omega)", "a rocking, phi or chi scan", "measure a 2-theta scan"),
)
"""Axes that no technique here has: pattern of a header line (lower case), name, advice."""

_UNITS: tuple[tuple[str, YUnit], ...] = (
    (r"counts?\s*(?:/|per)\s*s|\bcps\b|\bc/s\b|counts?\W*s\^?-1", "counts/s"),
    (r"transmittance|%\s*t\b", "transmittance"),
    (r"absorbance", "absorbance"),
    (r"\bcounts?\b", "counts"),
)


def refuse_foreign_axis(lines: list[str], where: str) -> None:
    """Raise ``UnknownFormat`` when a header line names an axis that is none of ours."""
    for line in lines:
        for pattern, name, advice in FOREIGN_AXES:
            if re.search(pattern, line.lower()):
                raise UnknownFormat(f"the header names {name}: {line[:60]!r}", where=where, suggestion=advice)


def names_wavelengths(lines: list[str]) -> bool:
    """Whether a header line says that the positions are wavelengths in nm."""
    return any(
        re.search(
            r"^\W*(?:wavelength|λ)\s*[\[(]?\s*nm\b(?!.*=)|\bnanometers?\b|^\W*nm\b|^xaxisunit\W+nm\b", line.lower()
        )
        for line in lines
    )


def energy_in(columns: list[str], lines: list[str]) -> Literal["kinetic", "binding"] | None:
    """Which energies the first column holds: by its name, else by what the header alone names; None otherwise."""
    named = energy_kind(columns[0])
    kinds = {kind for line in lines if (kind := energy_kind(line)) is not None}
    return named or (kinds.pop() if len(kinds) == 1 else None)


def photon_energy_in(text: str) -> float | None:
    """The photon energy in eV that a header states (``hv=180eV``, ``Photon energy: 1486.6``)."""
    stated = re.search(
        r"(?:\bh\s?[vν]|photon ?energy|excitation ?energy)\W*?[=:]\s*(\d+(?:\.\d+)?)\s*(?:ev\b|\n|$)",
        text,
        re.IGNORECASE,
    )
    return float(stated[1]) if stated else None


def pixels_named(columns: list[str], x: FloatArray, where: str) -> list[Diagnostic]:
    """Refuse an axis of detector pixels; a header that calls other positions so is contradicted, with a warning."""
    if not re.match(r"\W*pixels?\b", columns[0].lower()):
        return []
    if np.all(np.diff(x) == 1.0) and np.all(x == np.rint(x)):
        raise UnknownFormat(
            f"the header names detector pixels: {columns[0]!r}", where=where, suggestion="export the calibrated axis"
        )
    return [Diagnostic.of("axis_label_contradicted", where=where, value=columns[0])]


def unit_in(text: str) -> YUnit | None:
    """The unit of the ordinates that a column name states."""
    return next((unit for pattern, unit in _UNITS if re.search(pattern, text.lower())), None)


def radiation_in(text: str) -> Radiation | None:
    """The X-rays a header states: a wavelength (in angstrom, or nm if it says so) first, then an anode; else None.

    A wavelength that no X-rays have is a laser's, and is left alone.
    """
    stated = re.search(
        r"wavelengths?\s*(?:[\[(]([^\])]*)[\])])?\s*[=:]\s*([\d.:]+(?:\s*,\s*[\d.:]+)*)\s*(nm\b)?", text, re.IGNORECASE
    )
    if stated:
        in_nm = "nm" in (stated[1] or "").lower() or stated[3] is not None
        try:
            radiation = radiation_from_wavelengths(stated[2].replace(" ", ""), name="stated in the file")
            if not in_nm:
                return radiation
            return radiation_from_wavelengths(
                ",".join(f"{10 * wavelength}:{weight}" for wavelength, weight in radiation.lines), name=radiation.name
            )
        except OptionError:
            pass
    line = re.search(rf"\b({'|'.join(ANODES)})[ -]?k[ -]?(?:α|a|alpha)[ -]?(1)?\b", text, re.IGNORECASE)
    if line:
        return radiation_named(f"{line[1]}Ka{line[2] or ''}")
    anode = re.search(rf"\banode\W+({'|'.join(ANODES)})\b", text, re.IGNORECASE)
    return radiation_named(anode[1]) if anode else None


def dwell_in(text: str) -> float | None:
    """Counting time per point in seconds, where the header states one."""
    stated = re.search(r"(?:time ?per ?step|step ?time|counting ?time)[^\d\n]{0,20}([\d.]+)", text, re.IGNORECASE)
    try:
        return float(stated[1]) if stated else None
    except ValueError:
        return None


def sample_in(text: str) -> str:
    """The name of the sample; empty where the header states none."""
    stated = re.search(r"(?im)^(?:[^\w\n]*(?:user )?sample(?: name)?|##NAMES)[ \t]*[=:][ \t]*\"?([^\"\n]+)", text)
    return stated[1].strip() if stated else ""
