"""The cell of SRM 660c as NIST measured it (S01)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import braggite as bg
from validation.scoring import Aim, library
from validation.whole_pattern.section import Section, parts_per_million

if TYPE_CHECKING:
    from pathlib import Path

FILE = "xrd/S01_nist_srm660c/nist_srm660c_100a.cif"
TRUE_A_ANGSTROM = 4.156780
"""NIST's own refinement of this block, at 20.85 degrees C; in the file."""
TRUE_DISPLACEMENT_MM = -0.07877
AIM_PPM = 20.0
TEXT = f"""One of NIST's certification scans of LaB6 ({FILE.split("/")[1]}), 24 regions. Truth: NIST's own a =
{TRUE_A_ANGSTROM:.6f} Å for this block at 20.85 °C, displacement {TRUE_DISPLACEMENT_MM} mm; the wavelength scale is
that of the certificate. Protocol, fixed before looking: default options, displacement as the only offset, no number
held or set by hand. The model has one axial ratio and the K-alpha doublet; NIST's own has the optics of the
diffractometer."""


def measure(data: Path) -> Section:
    """Pawley, and the other ways beside it."""
    scan, lab6 = bg.read(data / FILE), library()["lab6"]
    ways = {"Pawley": bg.match_pawley, "Le Bail": bg.match_lebail, "structure-tied": bg.match_structure}
    results = {way: match(scan, [lab6]) for way, match in ways.items()}
    return Section(
        "standard",
        "The cell of a standard (SRM 660c, S01)",
        TEXT,
        ("method", "a in Å", "from NIST's, ppm", "su, ppm", "z", "displacement in mm", "Rwp %", "GoF", "stop"),
        tuple(_row(way, result) for way, result in results.items()),
        (
            Aim(
                "standard",
                "SRM 660c, Pawley: cell from NIST's, ppm",
                abs(_off(results["Pawley"])),
                AIM_PPM,
                False,
                "NIST",
            ),
        ),
    )


def _off(result: bg.MatchResult) -> float:
    return parts_per_million(result.phases[0].cell["a_angstrom"].value, TRUE_A_ANGSTROM)


def _row(way: str, result: bg.MatchResult) -> tuple[str, ...]:
    a = result.phases[0].cell["a_angstrom"]
    su_ppm = 1e6 * (a.su or 0.0) / TRUE_A_ANGSTROM
    return (
        way,
        str(a),
        f"{_off(result):+.1f}",
        f"{su_ppm:.1f}",
        f"{_off(result) / su_ppm:+.1f}",
        str(result.parameters["displacement_mm"].value),
        f"{result.statistics.rwp_percent:.2f}",
        f"{result.statistics.gof:.2f}",
        result.stop_reason,
    )
