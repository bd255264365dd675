"""One phase in TOPAS: ``str`` with a structure, ``hkl_Is`` with free intensities and a cell, ``xo_Is`` with neither."""

from __future__ import annotations

import re
from fractions import Fraction
from math import exp
from typing import TYPE_CHECKING

from braggite.matching.displacement_factors import refined_b
from braggite.matching.results import CELL_NAMES
from braggite.reporting.exports.instrument_numbers import InstrumentNumber, instrument_number
from braggite.reporting.exports.topas_strain import strain_lines

if TYPE_CHECKING:
    from braggite.matching.results import MatchResult, PhaseFit
    from braggite.references.structure import Site, Structure

KEYWORDS = ("a", "b", "c", "al", "be", "ga")
SCALE_START = 1e-4
WIDTH_START_DEG2 = 0.005
"""Gaussian width squared where the match refined none."""


def phase_lines(result: MatchResult, index: int) -> list[str]:
    """The lines of the phase in place ``index``."""
    phase, number = result.phases[index], index + 1
    structure = None if phase.reference is None else phase.reference.structure
    tied = structure is not None and result.parameter("scale", phase) is not None
    kind = "str" if tied else "hkl_Is" if phase.cell else "xo_Is"
    lines = [f'phase_name "{_plain(phase.name)}"']
    if phase.cell:
        symbol = structure.space_group if structure is not None else phase.space_group
        lines += [f'space_group "{_plain(symbol).replace(" ", "")}"'] if symbol else []
        lines += _cell(phase, number)
    lines.append(_widths(result, phase, number))
    lines += strain_lines(result, phase, structure, number)
    if tied and structure is not None:
        lines += [
            f"scale @ {SCALE_START:g}",
            "MVW(0, 0, 0)",
            *_texture(result, phase),
            *_sites(result, phase, structure),
        ]
    else:
        lines += _reflections(phase, indexed=bool(phase.cell))
    return [f"   {kind}", *(f"      {line}" for line in lines)]


def _plain(text: str) -> str:
    return re.sub(r"[^\w .:+/()-]+", "_", text, flags=re.ASCII)


def _cell(phase: PhaseFit, number: int) -> list[str]:
    """Numbers that moved together share a name; the others are held."""
    names = {
        member: f"cell{number}_{KEYWORDS[CELL_NAMES.index(group[0])]}"
        for group in phase.cell_groups
        for member in group
    }
    return [
        f"{keyword} {names.get(member, '')} {phase.cell[member].value:.8g}".replace("  ", " ")
        for keyword, member in zip(KEYWORDS, CELL_NAMES, strict=True)
    ]


def _widths(result: MatchResult, phase: PhaseFit, number: int) -> str:
    gauss = [instrument_number(result, f"gauss_{letter}_deg2") for letter in "uvw"]
    start = InstrumentNumber(0.0, refined=True)
    u, v, w = gauss if any(gauss) else (start, start, InstrumentNumber(WIDTH_START_DEG2, refined=True))
    terms = [
        f"{'' if entry is None or entry.refined else '!'}pk{letter}, {0.0 if entry is None else entry.value:.6g}"
        for letter, entry in zip("uvw", (u, v, w), strict=True)
    ]
    with_tangent = _lorentz(result, phase, "lorentz_y_deg", "strain_width_deg")
    over_cosine = _lorentz(result, phase, "lorentz_x_deg", "size_width_deg")
    terms += ["!pkz, 0", f"pkx{number}, {with_tangent:.6g}", f"pky{number}, {over_cosine:.6g}"]
    return f"TCHZ_Peak_Type({', '.join(terms)})"


def _lorentz(result: MatchResult, phase: PhaseFit, of_instrument: str, of_phase: str) -> float:
    """The instrument's width and the phase's own together."""
    instrument, own = instrument_number(result, of_instrument), result.parameter(of_phase, phase)
    return (0.0 if instrument is None else instrument.value) + (0.0 if own is None else own.value.value)


def _texture(result: MatchResult, phase: PhaseFit) -> list[str]:
    log_march = result.parameter("log_march", phase)
    if log_march is None or phase.texture_axis is None:
        return []
    return [f"PO(@, {exp(log_march.value.value):.6g}, , {' '.join(map(str, phase.texture_axis))})"]


def _sites(result: MatchResult, phase: PhaseFit, structure: Structure) -> list[str]:
    lines = []
    for index, (site, multiplicity) in enumerate(zip(structure.sites, structure.multiplicities, strict=True), start=1):
        where = " ".join(f"{axis} {_coordinate(value)}" for axis, value in zip("xyz", site.position, strict=True))
        lines.append(
            f"site {_label(site, index)} num_posns {multiplicity} {where} "
            f"occ {_scatterer(site)} {site.occupancy:.6g} beq {_beq(result, phase, site)}"
        )
    return lines


def _beq(result: MatchResult, phase: PhaseFit, site: Site) -> str:
    refined = refined_b(result, phase, site)
    return f"{site.b_iso_used_angstrom2 if refined is None else refined.value:.4g}"


def _label(site: Site, index: int) -> str:
    return re.sub(r"\W+", "_", f"{site.element}{index}", flags=re.ASCII)


def _coordinate(value: float) -> str:
    """A fraction where the number stands for one: TOPAS tells special positions by their exact value."""
    fraction = Fraction(value).limit_denominator(12)
    exact = abs(float(fraction) - value) < 2e-5 and fraction.denominator in (3, 6, 12)
    return f"= {fraction.numerator}/{fraction.denominator};" if exact else f"{value:.7g}"


def _scatterer(site: Site) -> str:
    """``Ba+2``: TOPAS writes the sign before the number."""
    return f"{site.element}{site.charge:+d}" if site.charge else site.element


def _reflections(phase: PhaseFit, *, indexed: bool) -> list[str]:
    table = phase.reflections
    if not len(table):
        return []
    rows = zip(
        table.hkl.tolist(),
        table.multiplicity.tolist(),
        table.d_angstrom.tolist(),
        table.two_theta_deg.tolist(),
        table.intensity.tolist(),
        strict=True,
    )
    if not indexed:
        return ["load xo I {", *(f"   @ {position:.6g} @ {intensity:.6g}" for *_, position, intensity in rows), "}"]
    return [
        "load hkl_m_d_th2 I {",
        *(
            f"   {' '.join(map(str, hkl))} {multiplicity} {d:.6g} {position:.6g} @ {intensity:.6g}"
            for hkl, multiplicity, d, position, intensity in rows
        ),
        "}",
    ]
