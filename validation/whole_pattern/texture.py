"""March-Dollase parameters of simulated LiCoO2."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from validation.whole_pattern.section import Section, share_aim
from validation.whole_pattern.specimens import Specimen, specimens

if TYPE_CHECKING:
    from pathlib import Path

    import braggite as bg

SETS = ("J09", "J10", "absence_LC", "absence_LZO")
SLUG = "licoo2_r-3m"
AXIS = "001"
WITHIN_SU = 3.0
TEXT = """Simulated scans with LiCoO2 by a simulator written apart from the project, r of March and Dollase for
(003) in its truth. The true phases are given, nothing else: default options, no instrument file; whether there is
texture at all, and along which axis, the match decides by evidence. Cells, coordinates, B and single intensities of
the samples are not those of the references, so this is misfit and not counting alone. *z* is of log r. Weak plates
about (001) and weak needles about (100) make nearly the same pattern; where the match chose another axis than the
simulator, r is another number and *z* says so."""


def measure(data: Path) -> Section:
    """Every scan with LiCoO2."""
    rows, deviations = [], []
    for specimen in specimens(data, SETS):
        if SLUG in {truth["slug"] for truth in specimen.truth}:
            result = specimen.matched()
            for fit, truth in zip(result.phases, specimen.truth, strict=True):
                if truth["slug"] == SLUG:
                    row, z = _row(specimen, result, fit, truth)
                    rows.append(row)
                    deviations.append(z)
    met = [z is not None and abs(z) <= WITHIN_SU for z in deviations]
    about_axis = [good for good, row in zip(met, rows, strict=True) if row[4] == AXIS]
    return Section(
        "texture",
        "Texture of LiCoO2 (simulated)",
        TEXT,
        ("scan", "wt%", "r, truth", "r, found", "axis found", "z", "Rwp %", "stop"),
        tuple(rows),
        (
            share_aim("texture", f"LiCoO2, r within {WITHIN_SU:g} su", met, "simulator"),
            share_aim(
                "texture", f"LiCoO2 taken as textured about {AXIS}, r within {WITHIN_SU:g} su", about_axis, "simulator"
            ),
        ),
    )


def _row(
    specimen: Specimen, result: bg.MatchResult, fit: bg.PhaseFit, truth: dict[str, Any]
) -> tuple[tuple[str, ...], float | None]:
    true_r = truth["march_dollase"][1]
    found = result.parameter("log_march", fit)
    text, z = "no texture seen", None
    if found is not None:
        r = math.exp(found.value.value)
        text = str(type(found.value)(r, None if found.value.su is None else r * found.value.su))
        z = (found.value.value - math.log(true_r)) / found.value.su if found.value.su else None
    shown = "-" if z is None else f"{z:+.1f}" + (" **missed**" if abs(z) > WITHIN_SU else "")
    axis = "-" if fit.texture_axis is None else "".join(map(str, fit.texture_axis))
    row = (
        specimen.name,
        f"{100.0 * truth['weight_fraction']:.1f}",
        f"{true_r:.3f}",
        text,
        axis,
        shown,
        f"{result.statistics.rwp_percent:.2f}",
        result.stop_reason,
    )
    return row, z
