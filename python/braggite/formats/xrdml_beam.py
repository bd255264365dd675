"""What an XRDML measurement says about its X-rays and its optics."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from braggite.diagnostics import Diagnostic
from braggite.errors import InvalidSpectrum
from braggite.radiation import ANODES, KALPHA2_WEIGHT, radiation_named
from braggite.spectrum import Instrument, Radiation

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET

CRYSTAL_D_ANGSTROM = {"graphite": 3.354}
"""Spacing of the reflection a monochromator after the specimen uses, where the crystal alone decides it."""


def text_of(element: ET.Element, path: str) -> str:
    """Text of a descendant, stripped; empty when it is missing."""
    return (element.findtext(path) or "").strip()


def number_in(element: ET.Element, path: str, where: str) -> float | None:
    """Number of a descendant; None when it is missing; ``InvalidSpectrum`` when it is no finite number."""
    text = text_of(element, path)
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InvalidSpectrum(f"<{path}> holds {text!r}, not a number", where=where)
    return value


def radiation_of(measurement: ET.Element, where: str) -> tuple[Radiation | None, list[Diagnostic]]:
    """The lines the specimen saw.

    Only a ratio of 0 or a crystal monochromator before the specimen removes K-alpha2: the attribute
    ``intended="K-Alpha 1"`` stands in files of tubes without one.
    """
    used = measurement.find("usedWavelength")
    anode = text_of(measurement, "incidentBeamPath/xRayTube/anodeMaterial").capitalize()
    kalpha1 = None if used is None else number_in(used, "kAlpha1", where)
    if used is None or not kalpha1:
        return (radiation_named(anode) if anode in ANODES else None), []
    kalpha2, ratio = number_in(used, "kAlpha2", where), number_in(used, "ratioKAlpha2KAlpha1", where)
    intended = used.get("intended", "").replace("-", "").replace(" ", "").lower()
    kbeta = number_in(used, "kBeta", where)
    if intended == "kbeta" and kbeta:
        return Radiation(((kbeta, 1.0),), name=f"{anode}Kb"), []
    if not kalpha2 or ratio == 0 or _crystal_before_specimen(measurement):
        return Radiation(((kalpha1, 1.0),), name=f"{anode}Ka1"), []
    lines = ((kalpha1, 1.0), (kalpha2, KALPHA2_WEIGHT if ratio is None else ratio))
    notes = [Diagnostic.of("kalpha2_kept", where=where, value=ratio)] if intended == "kalpha1" else []
    return Radiation(lines, name=f"{anode}Ka"), notes


def _crystal_before_specimen(measurement: ET.Element) -> bool:
    """A monochromator that separates the doublet; graphite lets both lines through."""
    crystals = [text_of(found, "crystal").lower() for found in measurement.findall("incidentBeamPath/monochromator")]
    return any(crystal != "graphite" for crystal in crystals)


def instrument_of(measurement: ET.Element, radiation: Radiation | None) -> Instrument:
    """Geometry, radius, monochromator after the specimen and divergence slit."""
    radius = text_of(measurement, "diffractedBeamPath/radius") or text_of(measurement, "incidentBeamPath/radius")
    slit = measurement.find("incidentBeamPath/divergenceSlit")
    kind = "" if slit is None else slit.get("type", "").lower()
    variable = "automatic" in kind or (slit is not None and slit.find("irradiatedLength") is not None)
    return Instrument(
        geometry="debye-scherrer" if measurement.get("sampleMode") == "Transmission" else "bragg-brentano",
        radius_mm=float(radius) if radius.replace(".", "", 1).isdigit() else None,
        monochromator_two_theta_deg=_monochromator_angle(measurement, radiation),
        divergence="variable" if variable else "fixed",
    )


def _monochromator_angle(measurement: ET.Element, radiation: Radiation | None) -> float | None:
    crystal = text_of(measurement, "diffractedBeamPath/monochromator/crystal").lower()
    spacing = CRYSTAL_D_ANGSTROM.get(crystal)
    if spacing is None or radiation is None or radiation.wavelength_angstrom >= 2 * spacing:
        return None
    return math.degrees(2 * math.asin(radiation.wavelength_angstrom / (2 * spacing)))
