"""What a CIF says about its X-rays: in the block of the pattern, or in another block where all of them agree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from braggite.formats.text_blocks import number
from braggite.formats.text_header import radiation_in
from braggite.formats.tube import is_wavelength, monochromator_angle
from braggite.spectrum import Instrument, Radiation

if TYPE_CHECKING:
    import gemmi

WAVELENGTH = "_diffrn_radiation_wavelength"
_GREEK = re.compile(r"\\a\s*~?(1)?~?")


def values_of(document: gemmi.cif.Document, block: gemmi.cif.Block, tag: str) -> list[str]:
    """Values of an item in the block; else those of the other blocks, if they all say the same."""
    own = _values(block, tag)
    if own:
        return own
    others = {tuple(values) for other in document if (values := _values(other, tag))}
    return list(others.pop()) if len(others) == 1 else []


def _values(block: gemmi.cif.Block, tag: str) -> list[str]:
    from gemmi import cif

    found = [cif.as_string(value).strip() for value in block.find_values(tag)]
    return [value for value in found if value and value not in "?."]


def radiation_of(document: gemmi.cif.Document, block: gemmi.cif.Block, where: str) -> Radiation | None:
    """Wavelengths with their weights, else the named line; None where the file states neither."""
    wavelengths = [
        number(value.partition("(")[0], WAVELENGTH, where) for value in values_of(document, block, WAVELENGTH)
    ]
    weights = [number(value, f"{WAVELENGTH}_wt", where) for value in values_of(document, block, f"{WAVELENGTH}_wt")]
    if wavelengths and all(map(is_wavelength, wavelengths)):
        if len(weights) != len(wavelengths) or min(weights) <= 0:
            weights = [1.0, 0.5] if len(wavelengths) == 2 else [1.0]
        lines = sorted(zip(wavelengths, weights, strict=False), key=lambda line: -line[1])
        return Radiation(tuple(lines), name="stated in the file")
    kind = " ".join(values_of(document, block, "_diffrn_radiation_type"))
    return radiation_in(_GREEK.sub(lambda match: f"alpha{match[1] or ''}", kind))


def instrument_of(
    document: gemmi.cif.Document, block: gemmi.cif.Block, radiation: Radiation | None
) -> Instrument | None:
    """Radius and monochromator after the specimen."""
    radius = values_of(document, block, "_pd_instr_dist_spec/detc")
    crystal = [
        *values_of(document, block, "_pd_instr_monochr_post_spec"),
        *values_of(document, block, "_diffrn_radiation_monochromator"),
    ]
    after = " ".join(text for text in crystal if re.search(r"post|anal|diffracted|graphite", text, re.IGNORECASE))
    if not radius and not after:
        return None
    plain = re.fullmatch(r"(\d+(?:\.\d+)?)(?:\(\d+\))?", radius[0]) if len(radius) == 1 else None
    return Instrument(
        radius_mm=float(plain[1]) if plain else None,
        monochromator_two_theta_deg=monochromator_angle(after, radiation),
    )
