"""The same pattern refined by another program: cells and amounts within the combined uncertainties."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
from samples import pattern, phases

from braggite.matching import MatchOptions, match_pawley, match_structure

if TYPE_CHECKING:
    from pathlib import Path

rietx = pytest.importorskip("rietx", reason="the peer is part of the extra 'test'")
rietx_peer = pytest.importorskip("validation.rietx_peer", reason="away from the checkout")
peer_cells = pytest.importorskip("validation.whole_pattern.peer_cells", reason="away from the checkout")


@cache
def peer_result() -> rietx.RefinementResult:
    number, spectrum = rietx.Parameter, pattern(3)
    instrument = rietx_peer.peer_instrument(spectrum, axial_ratio=0.0)
    widths = {"u": 0.003, "v": -0.003, "w": 0.006, "x": 0.0, "y": 0.0}
    instrument.profile = rietx.ProfileTCHZ(**{name: number(value=value) for name, value in widths.items()})
    instrument.background = rietx.BackgroundChebyshev(coefficients=[number(value=value) for value in (100.0, 0.0, 0.0)])
    groups = {
        "scale and background": ["phases.*.scale", "instrument.background.*"],
        "positions": ["instrument.geometry.sample_displacement", "phases.*.cell.*"],
        "constant width": ["instrument.profile.w", "phases.*.lor_size"],
        "widths": ["instrument.profile.u", "instrument.profile.v", "phases.*.lor_strain"],
    }
    plan = rietx.RefinementPlan(stages=[rietx.Stage(name=name, turn_on=on) for name, on in groups.items()])
    structure = rietx.Structure(phases=[rietx_peer.peer_phase(phase) for phase in phases()])
    refinement = rietx.Refinement(structure, instrument, history=False)
    return refinement.fit(rietx_peer.peer_pattern(spectrum), plan=plan, telemetry=False)


def test_cells_and_amounts_agree_with_the_peer() -> None:
    peer, ours = peer_result(), match_structure(pattern(3), phases(), options=MatchOptions(axial_ratio=0.0))
    assert peer.status == "converged"
    refined = {row.path: row for row in peer.parameters}
    amounts = {row.name: row for row in peer.qpa.phases}
    for index, fit in enumerate(ours.phases):
        pairs = [(fit.cell[f"{axis}_angstrom"], refined[f"phases.{index}.cell.{axis}"]) for axis in "ac"]
        theirs = [(value, row.value, row.stderr) for value, row in pairs]
        amount = amounts[fit.name]
        theirs.append((fit.weight_fraction, amount.weight_fraction, amount.weight_fraction_stderr))
        for value, other, other_su in theirs:
            # rietx 1.10 on the same counts: models differ in background and tails, so by less than counting itself.
            combined = (value.su_counting**2 + other_su**2) ** 0.5
            assert abs(value.value - other) < 0.5 * combined, f"{fit.name}: {value} against {other:.6f}"


def test_widths_and_agreement_with_the_peer() -> None:
    peer, ours = peer_result(), match_structure(pattern(3), phases(), options=MatchOptions(axial_ratio=0.0))
    # rietx 1.10: the same residual over the same points, with its own background.
    assert ours.statistics.rwp_percent == pytest.approx(100.0 * peer.statistics.rwp, rel=0.01)
    assert ours.statistics.rexp_percent == pytest.approx(100.0 * peer.statistics.rexp, rel=0.01)
    refined = {row.path: row for row in peer.parameters}
    names = {f"gauss_{name}_deg2": f"instrument.profile.{name}" for name in "uvw"}
    names["displacement_mm"] = "instrument.geometry.sample_displacement"
    for index, phase in enumerate(phases()):
        names[f"{phase.name}.size_width_deg"] = f"phases.{index}.lor_size"
        names[f"{phase.name}.strain_width_deg"] = f"phases.{index}.lor_strain"
    for ours_name, peer_name in names.items():
        value, row = ours.parameters[ours_name].value, refined[peer_name]
        combined = (value.su**2 + row.stderr**2) ** 0.5
        assert abs(value.value - row.value) < combined, f"{ours_name}: {value} against {row.value:.5f}"


@pytest.mark.parametrize("name", ["S01 LaB6", "S02 fluorite"])
def test_cells_of_measured_scans_agree_with_the_peer(test_data: Path, name: str) -> None:
    """Two quick ones of `python -m validation.whole_pattern peer_cells`; displacement and axial divergence in both."""
    case = next(case for case in peer_cells.cases(test_data) if case.name == name)
    peer = rietx_peer.peer_fit(case.scan, case.phases, rietx_peer.pawley_plan(axial=True))
    assert peer.status == "converged"
    # rietx 1.10 on the same counts: 10 ppm, or the combined uncertainty.
    assert peer_cells.agree(match_pawley(case.scan, case.phases), peer)
