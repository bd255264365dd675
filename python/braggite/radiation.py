"""Characteristic X-rays of the usual anodes, and radiations named or given by the user."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from braggite.errors import OptionError
from braggite.spectrum import Radiation

KALPHA2_WEIGHT = 0.5
"""Relative weight of K-alpha2 where a file states none; measured Cu tubes show 0.52, vendors write 0.5."""

WAVELENGTH_RANGE_ANGSTROM = (0.05, 10.0)
DEFAULT_RADIATION = "CuKa"


@dataclass(frozen=True, slots=True)
class Anode:
    """K lines of an anode, peak positions in angstrom."""

    element: str
    kalpha1_angstrom: float
    kalpha2_angstrom: float
    kbeta_angstrom: float


ANODES: dict[str, Anode] = {
    anode.element: anode
    # K-alpha: NIST SRD-128 (Deslattes et al. 2003, Rev. Mod. Phys. 75, 35). K-beta: International Tables C, 4.2.2,
    # to five decimals, enough to name a ghost line.
    for anode in (
        Anode("Cu", 1.5405929, 1.5444274, 1.39223),
        Anode("Co", 1.7889960, 1.7928350, 1.62083),
        Anode("Fe", 1.9360410, 1.9399730, 1.75661),
        Anode("Cr", 2.2897260, 2.2936510, 2.08489),
        Anode("Mo", 0.70931715, 0.713607, 0.63230),
        Anode("Ag", 0.55942178, 0.5638131, 0.49708),
    )
}

EMISSION_PROFILES: dict[str, tuple[tuple[float, float, float], ...]] = {
    # After Hölzer et al. (1997), Phys. Rev. A 56, 4554: Lorentzians of K-alpha11, 12, 21, 22 and two satellites:
    # wavelength in angstrom, weight and full width in angstrom of each; the peak lies 1 ppm above that of SRD-128.
    "Cu": (
        (1.5405925, 0.58384, 0.436e-3),
        (1.5410769, 0.07078, 0.558e-3),
        (1.5443873, 0.22846, 0.487e-3),
        (1.5446782, 0.11259, 0.630e-3),
        (1.53471, 0.00433, 2.93e-3),
        (1.53382, 0.00209, 2.93e-3),
    ),
}
"""K-alpha of an anode as it is emitted, where it is known well enough; strongest line first."""
SAME_ANODE = 1e-3
"""Relative difference below which two wavelengths are of the same line."""
ONE_DOUBLET = 0.015
"""Lines farther than this from the strongest, relative, are no part of its doublet."""
SATELLITE_WEIGHT = 0.01
"""Lines of a profile weaker than this are satellites, which no monochromator lets pass."""

TUNGSTEN_LALPHA1_ANGSTROM = 1.47639
"""W L-alpha1 (International Tables C, 4.2.2): filament metal on an old target of any anode."""

TUNGSTEN_LALPHA2_ANGSTROM, TUNGSTEN_LALPHA2_WEIGHT = 1.48743, 0.11
"""W L-alpha2 (International Tables C, 4.2.2) and its strength beside L-alpha1 (X-ray Data Booklet, table 1-3)."""

_NAME = re.compile(r"(?P<element>[a-z]{2})(?:k(?P<line>a1|a2|a12|a|b|b1)?)?")


def radiation_named(name: str) -> Radiation:
    """The radiation called ``name``: ``CuKa`` (doublet), ``CuKa1``, ``CuKb``, ``Co`` ..., in any usual spelling.

    Raises
    ------
    OptionError
        An anode or line that is not in the table.
    """
    plain = re.sub(r"[\s_\-.]|,", "", name.lower()).replace("α", "a").replace("β", "b")
    match = _NAME.fullmatch(plain.replace("alpha", "a").replace("beta", "b"))
    anode = ANODES.get(match["element"].capitalize()) if match else None
    if match is None or anode is None:
        raise OptionError(
            f"radiation {name!r} is not known",
            suggestion=f"use {', '.join(f'{element}Ka' for element in ANODES)} (or Ka1, Kb), or give the wavelength",
        )
    line = match["line"] or "a"
    lines: dict[str, tuple[tuple[float, float], ...]] = {
        "a1": ((anode.kalpha1_angstrom, 1.0),),
        "a2": ((anode.kalpha2_angstrom, 1.0),),
        "a": ((anode.kalpha1_angstrom, 1.0), (anode.kalpha2_angstrom, KALPHA2_WEIGHT)),
        "b": ((anode.kbeta_angstrom, 1.0),),
    }
    line = {"a12": "a", "b1": "b"}.get(line, line)
    return Radiation(lines[line], name=f"{anode.element}K{line}")


def full_emission(radiation: Radiation, *, monochromator: bool = False) -> Radiation:
    """The radiation with its K-alpha lines as the anode emits them, on the absolute scale of the profile.

    Lines that are no part of the doublet keep their weight relative to it; K-alpha1 alone becomes its own two lines.
    ``monochromator`` leaves the satellites out.

    Raises
    ------
    OptionError
        No emission profile is known for these wavelengths.
    """
    if radiation.widths_angstrom:
        return radiation
    strongest = radiation.wavelength_angstrom
    profile = next(
        (lines for lines in EMISSION_PROFILES.values() if abs(strongest / lines[0][0] - 1.0) < SAME_ANODE), None
    )
    if profile is None:
        raise OptionError(
            f"no emission profile with natural widths is known for {strongest:g} angstrom",
            where="emission",
            suggestion=f"known are {', '.join(EMISSION_PROFILES)}; leave the doublet",
        )
    near = [line for line in radiation.lines if abs(line[0] / strongest - 1.0) < ONE_DOUBLET]
    if len(near) == 1:
        profile = tuple(line for line in profile if abs(line[0] / strongest - 1.0) < SAME_ANODE)
    elif monochromator:
        profile = tuple(line for line in profile if line[1] > SATELLITE_WEIGHT)
    share = sum(weight for _, weight, _ in profile) / sum(weight for _, weight in near)
    rest = tuple(
        (wavelength, share * weight, 0.0) for wavelength, weight in radiation.lines if (wavelength, weight) not in near
    )
    lines = (*profile, *rest)
    return replace(
        radiation,
        lines=tuple((wavelength, weight) for wavelength, weight, _ in lines),
        widths_angstrom=tuple(width for *_, width in lines),
    )


@dataclass(frozen=True, slots=True)
class Ghost:
    """A radiation that a tube emits beside K-alpha: how its share is called, its name, its (angstrom, weight) lines."""

    parameter: str
    name: str
    lines: tuple[tuple[float, float], ...]


def ghosts_of(radiation: Radiation) -> tuple[Ghost, ...]:
    """K-beta and W L-alpha of the tube, those left out that the radiation states; none of a source that is no anode."""
    strongest = radiation.wavelength_angstrom
    anode = next((a for a in ANODES.values() if abs(strongest / a.kalpha1_angstrom - 1.0) < SAME_ANODE), None)
    if anode is None:
        return ()
    tungsten = (TUNGSTEN_LALPHA1_ANGSTROM, 1.0), (TUNGSTEN_LALPHA2_ANGSTROM, TUNGSTEN_LALPHA2_WEIGHT)
    known = (
        Ghost("k_beta_share", f"{anode.element} K-beta", ((anode.kbeta_angstrom, 1.0),)),
        Ghost("w_l_alpha_share", "W L-alpha", tungsten),
    )
    stated = [wavelength for wavelength, _ in radiation.lines]
    return tuple(g for g in known if not any(abs(w / g.lines[0][0] - 1.0) < SAME_ANODE for w in stated))


def radiation_from_wavelengths(wavelengths: str | float | Sequence[float], *, name: str = "") -> Radiation:
    """The radiation of one or more wavelengths in angstrom.

    ``1.5406``, ``"1.54056,1.54439"``, or with weights ``"1.54056:1,1.54439:0.52"``; without them 1 and 0.5, the
    K-alpha doublet.

    Raises
    ------
    OptionError
        No number, a wavelength outside 0.05 to 10 angstrom, a weight that is not positive, or more than two
        wavelengths without weights.
    """
    if isinstance(wavelengths, str):
        entries = [entry.split(":") for entry in wavelengths.split(",")]
    elif isinstance(wavelengths, Sequence):
        entries = [[str(value)] for value in wavelengths]
    else:
        entries = [[str(wavelengths)]]
    weighted = [len(entry) == 2 for entry in entries]
    if not entries or any(len(entry) > 2 for entry in entries) or (len(entries) > 2 and not all(weighted)):
        raise OptionError(
            f"wavelength {wavelengths!r} is not one value, two values, or values with weights",
            suggestion="write 1.5406, or 1.54056,1.54439, or 1.54056:1,1.54439:0.52",
        )
    lines = tuple(
        (_positive(entry[0], "wavelength"), _positive(entry[1], "weight") if len(entry) == 2 else default)
        for entry, default in zip(entries, (1.0, KALPHA2_WEIGHT, *[1.0] * len(entries)), strict=False)
    )
    low, high = WAVELENGTH_RANGE_ANGSTROM
    for wavelength, _ in lines:
        if not low <= wavelength <= high:
            raise OptionError(f"wavelength {wavelength:g} angstrom is outside {low:g} to {high:g}")
    return Radiation(lines, name=name)


def _positive(text: str, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise OptionError(f"{what} {text!r} is not a number") from None
    if not (math.isfinite(value) and value > 0):
        raise OptionError(f"{what} {value:g} is not a positive number")
    return value
