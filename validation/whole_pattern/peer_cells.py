"""Cells by rietx and by Braggite on the same counts (S01, S02, S03), and what their differences come from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

import braggite as bg
from validation.references import library
from validation.rietx_peer import PeerFit, pawley_plan, peer_fit
from validation.whole_pattern import round_robin, standard
from validation.whole_pattern.section import Section, parts_per_million, share_aim

if TYPE_CHECKING:
    from pathlib import Path

    from braggite.values import Value

S03 = "xrd/S03_gsas2_pbso4"
AIM_PPM = 10.0
TEXT = """Pawley matches of the same counts with the same emission lines, radius and monochromator, from the same
cells. A scan agrees where every length is within 10 ppm or within the combined standard uncertainty. Rows "same
model": rietx with what Braggite refines, that is displacement and no zero, cells, U V W X Y and axial divergence,
over a Chebyshev background of 12 terms. Two things remain different there: Braggite has a spline under the lines
and one axial ratio (S = H) where rietx has two.

The rows below each say where other differences come from. "symmetric": both without axial divergence.
"pawley_default": rietx's own plan, which refines the zero and keeps lines symmetric; its cells differ from those of
the first row by what offset and asymmetry together do to a cell, and so do Braggite's own between the first two
rows."""


@dataclass(frozen=True, slots=True)
class Case:
    """A scan with its phases."""

    name: str
    scan: bg.Spectrum
    phases: tuple[bg.Phase, ...]


def cases(data: Path) -> list[Case]:
    """S01, three pure powders and a mixture of S02, S03."""
    robin = data / round_robin.FOLDER
    pure = [(name, (name,)) for name in round_robin.PHASES]
    return [
        Case("S01 LaB6", bg.read(data / standard.FILE), (library()["lab6"],)),
        *(
            Case(
                f"S02 {name}",
                replace(bg.read(robin / f"{name}.prn"), instrument=round_robin.INSTRUMENT),
                tuple(library()[phase] for phase in phases),
            )
            for name, phases in [*pure, ("cpd-1h", round_robin.PHASES)]
        ),
        Case("S03 PbSO4", bg.read(data / S03 / "PBSO4.XRA"), (bg.Phase.from_cif(data / S03 / "PbSO4-Wyckoff.cif"),)),
    ]


def measure(data: Path) -> Section:
    """Every scan by both programs, with the same model and with other ones."""
    rows: list[tuple[str, ...]] = []
    agreeing = []
    for case in cases(data):
        ours = bg.match_pawley(case.scan, case.phases)
        symmetric = bg.match_pawley(case.scan, case.phases, options=bg.MatchOptions(axial_ratio=0.0))
        pairs = {
            "same model": (ours, peer_fit(case.scan, case.phases, pawley_plan(axial=True))),
            "symmetric": (symmetric, peer_fit(case.scan, case.phases, pawley_plan(axial=False), axial_ratio=0.0)),
            "pawley_default": (ours, peer_fit(case.scan, case.phases, "pawley_default", axial_ratio=0.0)),
        }
        agreeing.append(agree(*pairs["same model"]))
        rows += [_row(case.name, model, *pair) for model, pair in pairs.items()]
    return Section(
        "peer_cells",
        "Cells beside rietx (S01, S02, S03)",
        TEXT,
        (
            "scan",
            "model",
            "Braggite: lengths in Å",
            "rietx: lengths in Å",
            "Braggite minus rietx, ppm",
            "in combined su",
            "Rwp %",
            "offset: Braggite; rietx",
            "rietx: stop, processor s",
        ),
        tuple(rows),
        (share_aim("peer_cells", "scans whose cells agree with rietx's, same model", agreeing, "rietx"),),
    )


def lengths(result: bg.MatchResult) -> list[Value]:
    """a, b, c of every phase in turn."""
    return [fit.cell[f"{axis}_angstrom"] for fit in result.phases for axis in "abc"]


def _combined_su(own: Value, other: Value) -> float:
    return float(np.hypot(own.su or 0.0, other.su or 0.0))


def agree(result: bg.MatchResult, peer: PeerFit) -> bool:
    """Whether every length is within 10 ppm or the combined uncertainty."""
    return all(
        abs(parts_per_million(own.value, other.value)) <= AIM_PPM
        or abs(own.value - other.value) <= _combined_su(own, other)
        for own, other in zip(lengths(result), peer.lengths, strict=True)
    )


def _row(name: str, model: str, result: bg.MatchResult, peer: PeerFit) -> tuple[str, ...]:
    pairs = list(dict.fromkeys(zip(map(_key, lengths(result)), map(_key, peer.lengths), strict=True)))
    both = [(bg.Value(*own), bg.Value(*other)) for own, other in pairs]
    return (
        name,
        model,
        "; ".join(str(own) for own, _ in both),
        "; ".join(str(other) for _, other in both),
        "; ".join(f"{parts_per_million(own.value, other.value):+.1f}" for own, other in both),
        "; ".join(f"{(own.value - other.value) / _combined_su(own, other):+.2f}" for own, other in both),
        f"{result.statistics.rwp_percent:.2f}; {peer.rwp_percent:.2f}",
        f"{result.parameters['displacement_mm'].value} mm; {peer.displacement_mm:.4f} mm, {peer.zero_deg:.4f}°",
        f"{peer.status}, {peer.seconds:.1f}",
    )


def _key(value: Value) -> tuple[float, float | None]:
    return value.value, value.su
