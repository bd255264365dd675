"""Random starts of ``validation.convergence``, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validation.convergence import AIM_PPM, CASES, Start, deviations
from validation.whole_pattern.section import Section, share_aim

if TYPE_CHECKING:
    from pathlib import Path

STARTS = 100
AIM_SHARE = 0.98
AIM_SU = 3.0
TEXT = f"""{STARTS} Pawley matches each of simulated patterns (Cu K-alpha, 40,000 counts at the top, numpy
simulation apart from the engine) from lengths at random within 1 % and a shift at random within 0.1°: share of the
starts that end within {AIM_PPM:g} ppm of the truth in every length, and of those whose lengths are within
{AIM_SU:g} su besides. With {STARTS} true uncertainties and several lengths a pattern, one or two starts beyond
{AIM_SU:g} su are chance. `python -m validation.convergence` names the seeds."""


def measure(data: Path) -> Section:
    """Every case; ``data`` is not needed."""
    rows, aims = [], []
    for case in CASES:
        every = [deviations(Start(case, seed)) for seed in range(STARTS)]
        near = [all(ppm <= AIM_PPM for ppm, _ in lengths) for lengths in every]
        sure = [there and all(su <= AIM_SU for _, su in lengths) for there, lengths in zip(near, every, strict=True)]
        worst = max((ppm for lengths in every for ppm, _ in lengths if ppm < float("inf")), default=float("inf"))
        rows.append((case, f"{sum(near) / STARTS:.2f}", f"{sum(sure) / STARTS:.2f}", f"{worst:.0f}"))
        aims.append(share_aim("convergence", f"{case}, starts that reach the truth", sure, "simulation", AIM_SHARE))
    columns = (
        "phases",
        f"within {AIM_PPM:g} ppm",
        f"also within {AIM_SU:g} su",
        "farthest of those that converged, ppm",
    )
    return Section("convergence", "From 1 % and 0.1° off", TEXT, columns, tuple(rows), tuple(aims))
