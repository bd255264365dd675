"""The X-ray lines a specimen saw, from the wavelengths and the optics a file states."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from braggite.diagnostics import Diagnostic
from braggite.radiation import ANODES, KALPHA2_WEIGHT, WAVELENGTH_RANGE_ANGSTROM, radiation_named
from braggite.spectrum import Radiation

if TYPE_CHECKING:
    from collections.abc import Iterable

CRYSTAL_D_ANGSTROM = {"graphite": 3.354}
"""Spacing of the reflection a monochromator after the specimen uses, where the crystal alone decides it."""
_CRYSTAL = re.compile(r"\bge\b|\bge\s*\(|ge0|\bsi\s*\(|quartz|channel ?cut|johansson", re.IGNORECASE)


def separates_kalpha2(optics: Iterable[str]) -> bool:
    """Whether one of these names of optics before the specimen is a crystal that removes K-alpha2 (graphite is not)."""
    return any(_CRYSTAL.search(name) for name in optics)


def tube_radiation(
    kalpha1: float | None,
    kalpha2: float | None = None,
    ratio: float | None = None,
    *,
    anode: str = "",
    claimed_kalpha1: bool = False,
    crystal: bool = False,
    where: str,
) -> tuple[Radiation | None, list[Diagnostic]]:
    """The lines of a sealed tube or rotating anode; None where the file states no X-ray wavelength and no anode.

    Only a ``ratio`` (K-alpha2 to K-alpha1) of 0 or a ``crystal`` before the specimen removes K-alpha2. A file that only
    claims K-alpha1 keeps its doublet, with the diagnostic ``kalpha2_kept``.
    """
    anode = anode.strip().capitalize()
    if not is_wavelength(kalpha1):
        return (radiation_named(anode) if anode in ANODES else None), []
    assert kalpha1 is not None
    if not is_wavelength(kalpha2) or ratio == 0 or crystal:
        return Radiation(((kalpha1, 1.0),), name=f"{anode}Ka1" if anode else ""), []
    assert kalpha2 is not None
    weight = KALPHA2_WEIGHT if ratio is None or not 0 < ratio <= 1 else ratio
    notes = [Diagnostic.of("kalpha2_kept", where=where, value=ratio)] if claimed_kalpha1 else []
    return Radiation(((kalpha1, 1.0), (kalpha2, weight)), name=f"{anode}Ka" if anode else ""), notes


def is_wavelength(value: float | None) -> bool:
    """Whether a number can be an X-ray wavelength in angstrom (files write 0 or -1e6 for unknown)."""
    low, high = WAVELENGTH_RANGE_ANGSTROM
    return value is not None and low <= value <= high


def monochromator_angle(crystal: str, radiation: Radiation | None) -> float | None:
    """2-theta in degrees of a monochromator after the specimen, where the crystal's name decides it; else None."""
    spacing = next((d for name, d in CRYSTAL_D_ANGSTROM.items() if name in crystal.lower()), None)
    if spacing is None or radiation is None or radiation.wavelength_angstrom >= 2 * spacing:
        return None
    return math.degrees(2 * math.asin(radiation.wavelength_angstrom / (2 * spacing)))
