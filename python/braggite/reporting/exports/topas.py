"""A match as the start of a refinement in TOPAS (launch mode), with what is assumed said in the file.

Keywords and macros after the Technical Reference of TOPAS (A. A. Coelho); the files have not been run through it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.polynomial import Chebyshev

from braggite.cif_text import one_line
from braggite.formats.write_numbers import shortest
from braggite.reporting.exports.instrument_numbers import instrument_number
from braggite.reporting.exports.provenance import CREATOR, data_origin, outcome
from braggite.reporting.exports.topas_phase import phase_lines
from braggite.reporting.gaps import gap_edges

if TYPE_CHECKING:
    from braggite.matching.results import MatchResult

BACKGROUND_TERMS = 12
EMISSION_WIDTH_MA = 0.1
"""TOPAS wants a width for every emission line, in milliangstrom; a match without natural widths has sharp ones."""


def topas_start(result: MatchResult, stem: str) -> dict[str, str]:
    """``<stem>.inp`` and the ``<stem>_observed.xye`` it reads."""
    rows = np.column_stack([result.x, result.observed, result.sigma])
    data = f"{stem}_observed.xye"
    series = _background(result)
    body = [
        f"r_wp {result.statistics.rwp_percent:.3f} gof {result.statistics.gof:.3f}",
        "iters 1000",
        "do_errors",
        f"xdd {data}",
        f"   start_X {shortest(float(result.x[0]))}",
        f"   finish_X {shortest(float(result.x[-1]))}",
        *(f"   exclude {low:.6g} {high:.6g}" for low, high in gap_edges(result.x)),
        f"   bkg @ {' '.join(f'{value:.6g}' for value in series.coef)}",
        *(f"   {line}" for line in _instrument(result)),
        *(line for number in range(len(result.phases)) for line in phase_lines(result, number)),
    ]
    head = [f"' {one_line(line)}" for line in (*_origin(result), "Assumed:", *_assumptions(result, series))]
    return {
        f"{stem}.inp": "\n".join([*head, *body]) + "\n",
        data: "\n".join(" ".join(map(shortest, row)) for row in rows.tolist()) + "\n",
    }


def _origin(result: MatchResult) -> list[str]:
    return [
        f"Start for TOPAS, launch mode; written by {CREATOR} from the manual of TOPAS, not run through it.",
        f"From a match of {data_origin(result)}: {outcome(result)}",
    ]


def _background(result: MatchResult) -> Chebyshev:
    terms = min(BACKGROUND_TERMS, result.x.size)
    domain = [float(result.x[0]), float(result.x[-1])]
    return Chebyshev.fit(result.x, result.background, terms - 1, domain=domain)


def _instrument(result: MatchResult) -> list[str]:
    spectrum = result.spectrum
    instrument = None if spectrum is None else spectrum.instrument
    radius, lines = _radius_mm(result), []
    if radius is not None:
        lines.append(f"Radius({radius:.6g}, {radius:.6g})")
    monochromator = (instrument.monochromator_two_theta_deg if instrument else None) or 0.0
    lines.append(f"LP_Factor(!th2_monochromator, {monochromator:.6g})")
    if instrument is not None and instrument.divergence == "variable":
        lines.append("Variable_Divergence_Intensity")
    shifts = (("Zero_Error", "zero_error", "zero_deg"), ("Specimen_Displacement", "displacement", "displacement_mm"))
    for macro, name, kind in shifts:
        shift = instrument_number(result, kind)
        if shift is not None:
            lines.append(f"{macro}({'@' if shift.refined else f'!{name}'}, {shift.value:.6g})")
    axial = instrument_number(result, "axial_ratio")
    if axial is not None and radius is not None:
        lines.append(f"Simple_Axial_Model({'@' if axial.refined else '!axial'}, {2.0 * axial.value * radius:.6g})")
    if spectrum is not None and spectrum.radiation is not None:
        total = sum(weight for _, weight in spectrum.radiation.lines)
        lines += ["lam ymin_on_ymax 0.0001"]
        lines += [
            f"   la {weight / total:.6g} lo {shortest(wavelength)} lh {1e3 * width or EMISSION_WIDTH_MA:.6g}"
            for wavelength, weight, width in spectrum.radiation.profile
        ]
    return lines


def _radius_mm(result: MatchResult) -> float | None:
    instrument = None if result.spectrum is None else result.spectrum.instrument
    stated = None if instrument is None else instrument.radius_mm
    return stated or result.options.get("radius_mm")


def _assumptions(result: MatchResult, series: Chebyshev) -> list[str]:
    instrument = None if result.spectrum is None else result.spectrum.instrument
    level = max(float(np.median(np.abs(result.background))), float(np.finfo(float).tiny))
    off = float(np.sqrt(np.mean((series(result.x) - result.background) ** 2))) / level
    radiation = None if result.spectrum is None else result.spectrum.radiation
    natural = radiation is not None and bool(radiation.widths_angstrom)
    emission = (
        "- emission lines with the natural widths of the match"
        if natural
        else f"- emission lines of {EMISSION_WIDTH_MA} mA: the match has sharp ones, their width is in the profile"
    )
    lines = [
        f"- the background as {len(series.coef)} Chebyshev terms, {100.0 * off:.2g} % RMS from that of the match",
        emission,
        "- TCHZ widths: u v w of the pattern; y = size and x = strain of each phase, those of the instrument included",
        "- scales and free intensities start at round or relative values: TOPAS has another scale than this match",
        "- space groups as Hermann-Mauguin symbols with the setting after a colon; check origin and axes",
        "- numbers with @ or a name are refined, sites are held",
    ]
    if any(".strain_s" in name for name in result.parameters):
        lines.append(
            "- anisotropic strain: terms in 1e-12 angstrom^-4 of full widths, not those of the macros Stephens_*"
        )
    if instrument_number(result, "axial_ratio") is not None:
        lines.append("- axial divergence: slit length = 2 x radius x ratio of the match, another model than its own")
    if instrument is None or instrument.radius_mm is None:
        lines.append("- the goniometer radius is not stated in the data")
    if instrument is None or instrument.monochromator_two_theta_deg is None:
        lines.append(
            "- no monochromator after the sample (0 in LP_Factor; 26.4 for graphite and Cu, 90 for a synchrotron)"
        )
    if result.spectrum is None or result.spectrum.radiation is None:
        lines.append("- NO WAVELENGTH is known: add an emission profile")
    elif result.spectrum.radiation.assumed:
        lines.append("- the wavelength itself was assumed; the file states none")
    return lines
