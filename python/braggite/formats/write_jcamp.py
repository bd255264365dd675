"""Spectra as JCAMP-DX 4.24: even axes as ``(X++(Y..Y))``, uneven ones as pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from braggite._core import __version__
from braggite.formats.write_numbers import positional

if TYPE_CHECKING:
    from braggite.spectrum import Spectrum

EVEN_WITHIN = 1e-9
"""In the unit of the axis: positions closer to an even axis than this are written as one."""
LINE_LENGTH = 80
"""The longest line the standard allows."""
_TITLES = {
    "ftir": ("INFRARED SPECTRUM", "1/CM"),
    "raman": ("RAMAN SPECTRUM", "1/CM"),
    "xrd": ("X-RAY DIFFRACTION", "DEGREES 2-THETA"),
    "xps": ("XPS SPECTRUM", "BINDING ENERGY EV"),
}
_Y_UNITS = {"arbitrary": "ARBITRARY UNITS"}


def jcamp_text(spectrum: Spectrum) -> str:
    """The text of a JCAMP-DX file; standard deviations are not kept (the form has no column for them)."""
    data_type, x_unit = _TITLES[spectrum.technique]
    x, y = spectrum.x, spectrum.y
    even = np.linspace(x[0], x[-1], x.size)
    is_even = float(np.max(np.abs(even - x))) <= EVEN_WITHIN
    records = [
        ("TITLE", _one_line(spectrum.name) or "spectrum"),
        ("JCAMP-DX", f"4.24 $$ braggite {__version__}"),
        ("DATA TYPE", data_type),
        ("ORIGIN", _one_line(str(spectrum.metadata.get("institution", ""))) or "not stated"),
        ("OWNER", "not stated"),
        ("XUNITS", x_unit),
        ("YUNITS", _Y_UNITS.get(spectrum.y_unit, spectrum.y_unit.upper())),
        ("XFACTOR", "1"),
        ("YFACTOR", "1"),
        ("FIRSTX", positional(x[0])),
        ("LASTX", positional(x[-1])),
        ("NPOINTS", str(x.size)),
        ("FIRSTY", positional(y[0])),
        ("MAXY", positional(float(y.max()))),
        ("MINY", positional(float(y.min()))),
    ]
    if is_even:
        records.append(("DELTAX", positional((x[-1] - x[0]) / (x.size - 1))))
    if spectrum.radiation is not None and not spectrum.radiation.assumed:
        lines = ",".join(f"{wavelength!r}:{weight!r}" for wavelength, weight in spectrum.radiation.lines)
        records.append(("$WAVELENGTH", lines))
    head = [f"##{label}= {value}" for label, value in records]
    return "\n".join([*head, *(_even(spectrum) if is_even else _pairs(spectrum)), "##END=", ""])


def _one_line(text: str) -> str:
    return " ".join(text.replace("$$", " ").replace("##", " ").split())


def _even(spectrum: Spectrum) -> list[str]:
    lines = ["##XYDATA= (X++(Y..Y))"]
    line = ""
    for x, y in zip(spectrum.x.tolist(), map(positional, spectrum.y.tolist()), strict=True):
        if line and len(line) + 1 + len(y) <= LINE_LENGTH:
            line += f" {y}"
            continue
        lines += [line] if line else []
        line = f"{positional(x)} {y}"
    return [*lines, line]


def _pairs(spectrum: Spectrum) -> list[str]:
    rows = zip(spectrum.x.tolist(), spectrum.y.tolist(), strict=True)
    return ["##XYPOINTS= (XY..XY)", *(f"{positional(x)}, {positional(y)}" for x, y in rows)]
