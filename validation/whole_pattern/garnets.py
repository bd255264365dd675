"""Cubic or tetragonal garnet: how much a match gives to the right one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validation.references import library
from validation.whole_pattern.section import Section, share_aim
from validation.whole_pattern.specimens import Specimen, specimens

if TYPE_CHECKING:
    from pathlib import Path

    import braggite as bg

SETS = ("J01", "J08")
TETRAGONAL, CUBIC = "llzo-tetragonal", "llzo-cubic"
WITHIN_SU = 3.0
TEXT = """The garnets of the jobs with a tetragonal sample (J01; J08 with steps of 0.2°), structure-tied, default
options. Besides the true phases the other garnet is given: where all garnet is cubic the tetragonal reference,
where it is tetragonal the cubic one. wt% of tetragonal garnet, true and found; *z* where an uncertainty was stated.
`braggite identify` makes the same choice by evidence instead; its verdicts are on the page of the identification."""


def measure(data: Path) -> Section:
    """Every garnet scan."""
    rows, met = [], []
    for specimen in specimens(data, SETS):
        names = {phase.name for phase in specimen.phases}
        if not any(name.startswith("llzo") for name in names):
            continue
        others = tuple(library()[name] for name in _other_garnet(names))
        result = specimen.matched(others=others)
        row, good = _row(specimen, result)
        rows.append(row)
        met.append(good)
    return Section(
        "garnets",
        "Cubic or tetragonal garnet (simulated)",
        TEXT,
        ("scan", "garnets given", "tetragonal wt%, truth", "tetragonal wt%, found", "z", "Rwp %", "stop"),
        tuple(rows),
        (share_aim("garnets", f"tetragonal garnet within {WITHIN_SU:g} su", met, "simulator"),),
    )


def _other_garnet(names: set[str]) -> tuple[str, ...]:
    if TETRAGONAL not in names:
        return (TETRAGONAL,)
    return () if any(name.startswith("llzo") and name != TETRAGONAL for name in names) else (CUBIC,)


def _row(specimen: Specimen, result: bg.MatchResult) -> tuple[tuple[str, ...], bool]:
    pairs = zip(specimen.phases, specimen.truth, strict=True)
    true = sum(truth["weight_fraction"] for phase, truth in pairs if phase.name == TETRAGONAL)
    found = next(fit.weight_fraction for fit in result.phases if fit.name == TETRAGONAL)
    assert found is not None
    z = (found.value - true) / found.su if found.su else None
    # At its bound of zero a fraction has no uncertainty; there it must be right.
    good = found.value == true if z is None else abs(z) <= WITHIN_SU
    row = (
        specimen.name,
        ", ".join(fit.name for fit in result.phases if fit.name.startswith("llzo")),
        f"{100.0 * true:.1f}",
        str(type(found)(100.0 * found.value, None if found.su is None else 100.0 * found.su)),
        ("-" if z is None else f"{z:+.1f}") + ("" if good else " **missed**"),
        f"{result.statistics.rwp_percent:.2f}",
        result.stop_reason,
    )
    return row, good
