"""What an XRDML measurement says about its X-rays and its optics."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from braggite.errors import InvalidSpectrum
from braggite.formats.tube import monochromator_angle, tube_radiation
from braggite.spectrum import Instrument, Radiation

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET

    from braggite.diagnostics import Diagnostic


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

    The attribute ``intended="K-Alpha 1"`` stands in files of tubes without a monochromator and proves nothing.
    """
    used = measurement.find("usedWavelength")
    anode = text_of(measurement, "incidentBeamPath/xRayTube/anodeMaterial")
    if used is None:
        return tube_radiation(None, anode=anode, where=where)
    intended = used.get("intended", "").replace("-", "").replace(" ", "").lower()
    kbeta = number_in(used, "kBeta", where)
    if intended == "kbeta" and kbeta:
        return Radiation(((kbeta, 1.0),), name=f"{anode.capitalize()}Kb"), []
    return tube_radiation(
        number_in(used, "kAlpha1", where),
        number_in(used, "kAlpha2", where),
        number_in(used, "ratioKAlpha2KAlpha1", where),
        anode=anode,
        claimed_kalpha1=intended == "kalpha1",
        crystal=_crystal_before_specimen(measurement),
        where=where,
    )


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
        monochromator_two_theta_deg=monochromator_angle(
            text_of(measurement, "diffractedBeamPath/monochromator/crystal"), radiation
        ),
        divergence="variable" if variable else "fixed",
    )
