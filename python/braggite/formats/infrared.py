"""What the ordinates of a vibrational spectrum are, and its axis in cm-1: decided once for every reader."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import UnknownFormat

if TYPE_CHECKING:
    from braggite.arrays import FloatArray
    from braggite.spectrum import YUnit

PERCENT_ABOVE = 2.0
"""A transmittance whose largest value lies above is percent; no fraction above 1.51, no percent below 20 was seen."""
DOUBTFUL = (1.6, 10.0)
"""Largest values between these could be either."""

_PER_WAVELENGTH = ((r"micro|µm|\bum\b|micron", 1e4), (r"nano|\bnm\b", 1e7))


def wavenumbers(x: FloatArray, unit: str, where: str) -> tuple[FloatArray, list[Diagnostic]]:
    """Positions in cm-1; wavelengths (micrometres, nanometres) become wavenumbers, and that is said.

    Raises
    ------
    UnknownFormat
        A unit that is neither.
    """
    text = unit.lower()
    if re.search(r"cm|wave ?number|kayser", text) or not text:
        return x, []
    for pattern, factor in _PER_WAVELENGTH:
        if re.search(pattern, text) and np.all(x > 0):
            return factor / x, [Diagnostic.of("wavenumber_computed", where=where, value=unit)]
    raise UnknownFormat(
        f"the axis is in {unit!r}, not in cm-1", where=where, suggestion="export the spectrum over wavenumbers"
    )


def ordinate_unit(stated: str, y: FloatArray, where: str) -> tuple[YUnit, str | None, list[Diagnostic]]:
    """The unit, for a transmittance ``"percent"`` or ``"fraction"``, and what must be said.

    Whether a transmittance is percent is decided by the data: headers state percent over fractions. Values are left as
    they are stored.

    Raises
    ------
    UnknownFormat
        An interferogram.
    """
    text = stated.lower()
    if re.search(r"interferogram", text):
        raise UnknownFormat(
            "this is an interferogram, not a spectrum", where=where, suggestion="export the spectrum computed from it"
        )
    if re.search(r"single.?beam", text):
        return "arbitrary", None, [Diagnostic.of("single_beam", where=where, value=stated)]
    if re.search(r"transmi|%\s*t\b|^t$", text):
        top = float(np.max(y))
        scale = "percent" if top > PERCENT_ABOVE else "fraction"
        notes = []
        if DOUBTFUL[0] < top < DOUBTFUL[1]:
            notes.append(Diagnostic.of("transmittance_scale_doubtful", where=where, value=top))
        elif scale == "percent":
            notes.append(Diagnostic.of("transmittance_percent", where=where, value=top))
        return "transmittance", scale, notes
    if re.search(r"reflect|kubelka|^%?\s*r$", text):
        return "arbitrary", None, [Diagnostic.of("reflectance", where=where, value=stated)]
    if re.search(r"absorb|^a$|^abs$", text):
        return "absorbance", None, []
    if re.fullmatch(r"counts?(?:/s)?", text):
        return ("counts/s" if text.endswith("/s") else "counts"), None, []
    return "arbitrary", None, []
