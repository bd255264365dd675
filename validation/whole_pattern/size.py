"""Crystallite sizes of simulated BaTiO3 and garnets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from braggite.matching.microstructure import size_width_deg
from validation.whole_pattern.section import Section, share_aim
from validation.whole_pattern.specimens import Specimen, specimens

if TYPE_CHECKING:
    from pathlib import Path

    import braggite as bg

SETS = ("J01", "J02", "J03", "J04", "J08", "J09", "J10", "J12")
BEGINNINGS = ("batio3", "llzo")
WITHIN_SU = 3.0
WAVELENGTH_ANGSTROM = 1.5405929
SCHERRER = 0.9
TEXT = """BaTiO3 and garnets of the simulated laboratory jobs, traces too. The way of a laboratory: the instrument
is calibrated on its own LaB6 scan (J00; cell and size of that LaB6 are given, as a certificate would), its profile
with covariance is held in the match, and the true phases are given. *z* is of the width K λ / D, in which a size is
nearly normal; where no size is stated the lower limit (95 %) stands. Truth: the simulator's size; its strain
depends on hkl, the model's does not."""


def measure(data: Path) -> Section:
    """Every phase of interest."""
    rows, deviations = [], {beginning: [] for beginning in BEGINNINGS}
    for specimen in specimens(data, SETS):
        kinds = [next((b for b in BEGINNINGS if truth["slug"].startswith(b)), None) for truth in specimen.truth]
        if not any(kinds):
            continue
        result = specimen.matched(on_instrument=True)
        for kind, fit, truth in zip(kinds, result.phases, specimen.truth, strict=True):
            if kind is not None:
                row, z = _row(specimen, result, fit, truth)
                rows.append(row)
                deviations[kind].append(z)
    return Section(
        "size",
        "Crystallite sizes (simulated)",
        TEXT,
        ("scan", "phase", "wt%", "size in nm, truth", "size in nm, found", "z of the width", "stop"),
        tuple(rows),
        tuple(
            share_aim("size", f"{kind}, size width within {WITHIN_SU:g} su", [_is_met(z) for z in found], "simulator")
            for kind, found in deviations.items()
        ),
    )


def _is_met(z: float | None) -> bool:
    return z is not None and abs(z) <= WITHIN_SU


def _row(
    specimen: Specimen, result: bg.MatchResult, fit: bg.PhaseFit, truth: dict[str, Any]
) -> tuple[tuple[str, ...], float | None]:
    width = result.parameters[f"{fit.name}.size_width_deg"].value
    expected = size_width_deg(truth["size_nm"], WAVELENGTH_ANGSTROM, SCHERRER)
    z = (width.value - expected) / width.su if width.su else None
    known = fit.microstructure
    size = None if known is None else known.size_nm
    least = None if known is None or known.size_at_least_nm is None else f"> {known.size_at_least_nm:.0f}"
    row = (
        specimen.name,
        fit.name,
        f"{100.0 * truth['weight_fraction']:.1f}",
        f"{truth['size_nm']:.0f}",
        (least or "-") if size is None else str(size),
        "-" if z is None else f"{z:+.1f}" + (" **missed**" if abs(z) > WITHIN_SU else ""),
        result.stop_reason,
    )
    return row, z
