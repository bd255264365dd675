"""A calibration as it is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from braggite.matching.structure import SHIFTS
from braggite.reporting.text import diagnostics_text, table
from braggite.values import format_value

if TYPE_CHECKING:
    from braggite.calibration import Calibration, InstrumentProfile, WavenumberCalibration

UNITS = ("deg²", "deg²", "deg²", "deg", "deg", "S/L = H/L", "deg")
SHOWN_DEG = np.arange(20.0, 141.0, 20.0)


def calibration_text(calibration: Calibration) -> str:
    """Whether the instrument may be used, then its numbers and what they make of a line."""
    standard = calibration.standard
    cell = f"a = {standard['a_angstrom']:.6f} Å"
    if standard["c_angstrom"] != standard["a_angstrom"]:
        cell += f", c = {standard['c_angstrom']:.6f} Å"
    lines = [
        "usable" if calibration.usable else "NOT USABLE",
        f"standard {standard['name']}: {cell}, held ({standard['cell_source']})",
    ]
    match = calibration.match
    if match is not None:
        statistics = match.statistics
        lines.append(f"{match.stop_reason}; Rwp {statistics.rwp_percent:.2f} %, GoF {statistics.gof:.2f}")
        lines += [f"{name}: {match.parameters[name].value}" for name in SHIFTS[1:] if name in match.parameters]
    if calibration.cell_difference_ppm is not None:
        lines.append(f"cell of this scan alone: {calibration.cell_difference_ppm} ppm from the one held")
    blocks = ["\n".join(lines)]
    if calibration.instrument is not None:
        blocks += _numbers(calibration.instrument)
    blocks.append(diagnostics_text(calibration.diagnostics))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _numbers(profile: InstrumentProfile) -> list[str]:
    rows = [[name, str(n), unit] for name, n, unit in zip(profile.NUMBERS, profile.numbers, UNITS, strict=True)]
    widths = zip(
        SHOWN_DEG,
        profile.gauss_fwhm_deg(SHOWN_DEG),
        profile.lorentz_fwhm_deg(SHOWN_DEG),
        profile.fwhm_deg(SHOWN_DEG),
        strict=True,
    )
    shown = [[f"{angle:.0f}", *(f"{width:.4f}" for width in row)] for angle, *row in widths]
    return [table(["instrument", "value", "unit"], rows), table(["2θ", "FWHM Gauss", "Lorentz", "line"], shown)]


def axis_text(calibration: WavenumberCalibration) -> str:
    """Whether the calibration may be used, its law, and the lines it rests on."""
    standard, law = calibration.standard, calibration.law
    head = ["usable" if calibration.usable else "NOT USABLE", f"standard {standard['name']}: {standard['citation']}"]
    if calibration.laser_wavelength_nm is not None:
        head.append(f"laser {calibration.laser_wavelength_nm:g} nm in air")
    blocks = []
    if law is not None:
        shown = np.linspace(law.low_cm1, law.high_cm1, 5) if law.order else np.array([law.low_cm1])
        kind = f"polynomial of order {law.order}" if law.order else "offset"
        head.append(f"{kind}, rms left {calibration.residual_rms_cm1:.2f} cm-1, scatter {law.scatter_cm1:.2f} cm-1")
        rows = [
            [f"{x:.1f}", f"{c:+.2f}", f"{s:.2f}"]
            for x, c, s in zip(shown, law.correction_cm1(shown), law.su_cm1(shown), strict=True)
        ]
        blocks.append(table(["read (cm-1)", "add", "su"], rows))
    if calibration.lines:
        rows = [
            [format_value(line.observed_cm1, line.observed_su_cm1), format_value(line.true_cm1, line.true_su_cm1),
             f"{line.residual_cm1:+.2f}", "" if line.used else "not used"]
            for line in calibration.lines
        ]  # fmt: skip
        blocks.append(table(["read (cm-1)", "true", "left", ""], rows))
    blocks.append(diagnostics_text(calibration.diagnostics))
    return "\n\n".join(block for block in ("\n".join(head), *blocks) if block) + "\n"
