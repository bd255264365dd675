"""What the raw data of a BRML experiment say about its X-rays and its goniometer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from braggite.formats.text_blocks import optional_number
from braggite.formats.tube import tube_radiation
from braggite.spectrum import Instrument

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET

    from braggite.diagnostics import Diagnostic
    from braggite.spectrum import Radiation

CRYSTAL_CLASSES = ("/channelcut", "/monochromator", "/bartels")


def radiation_of(root: ET.Element, where: str) -> tuple[Radiation | None, list[Diagnostic]]:
    """The lines of the tube, K-alpha1 alone behind a crystal on the primary track."""
    tube = root.find(".//TubeMaterial/..")
    if tube is None:
        return None, []
    values = (_value(tube, f"WaveLength{name}", where) for name in ("Alpha1", "Alpha2", "Ratio"))
    kalpha1, kalpha2, ratio = values
    return tube_radiation(
        kalpha1, kalpha2, ratio, anode=tube.findtext("TubeMaterial") or "", crystal=_crystal(root), where=where
    )


def instrument_of(root: ET.Element, where: str) -> Instrument:
    """Radius of the primary track."""
    return Instrument(radius_mm=_value(root, ".//PrimaryTracks/TrackInfoData/Radius", where))


def _crystal(root: ET.Element) -> bool:
    optics = root.iterfind(".//PrimaryTracks/TrackInfoData/MountedOptics/InfoData/BeringInfo")
    classes = [item.get("ClassPath", "").lower() for item in optics]
    return any(crystal in path for path in classes for crystal in CRYSTAL_CLASSES)


def _value(element: ET.Element, path: str, where: str) -> float | None:
    found = element.find(path)
    return None if found is None else optional_number(found.get("Value"), path, where)
