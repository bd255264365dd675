"""Pawley and Le Bail matches of simulated patterns against rietx: same pattern, same start, cells 0.3 % off."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from pathlib import Path

import numpy as np
import rietx
from harness import Row, main, seconds_per_call
from rietx.schemas.instrument import BackgroundChebyshev

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from validation.convergence import stretched
from validation.references import library

import braggite as bg
from braggite.radiation import Radiation
from braggite.simulation import PhaseState, Profile, simulate_pattern

WAVELENGTH_ANGSTROM = 1.5405929
PROFILE = Profile(u=0.001, v=-0.001, w=0.0055, x=0.025, y=0.03)
OFF = 1.003
RANGE_DEG = (10.0, 120.0, 0.02)
MANY = ("li2bati6o14", (10.0, 117.84, 107.84 / 23002))
"""A structure and a range with 811 lines in 23,003 points."""
RADIUS_MM = 240.0
NAMES = ("a_angstrom", "b_angstrom", "c_angstrom")


class Case:
    """Simulated counts of phases at their reference cells, and the phases 0.3 % away from them."""

    def __init__(self, *names: str, two_theta_deg: tuple[float, float, float] = RANGE_DEG) -> None:
        self.truth = [library()[name] for name in names]
        self.pattern = simulate_pattern(
            [PhaseState(phase) for phase in self.truth],
            radiation=Radiation(((WAVELENGTH_ANGSTROM, 1.0),), "CuKa1"),
            two_theta_deg=two_theta_deg,
            profile=PROFILE,
            peak_counts=20_000.0,
            background=(100.0, -30.0, 10.0),
            seed=5,
        )
        self.start = [stretched(phase, (OFF,) * 3) for phase in self.truth]

    def ours(self) -> bg.MatchResult:
        return bg.match_pawley(self.pattern, self.start)

    def lebail(self) -> bg.MatchResult:
        return bg.match_lebail(self.pattern, self.start)

    def largest_error_ppm(self, cells: list[list[float]]) -> float:
        """Of all lengths."""
        lengths = [phase.structure.cell.parameters[:3] for phase in self.truth if phase.structure]
        return float(np.max(np.abs(np.array(cells) / np.array(lengths) - 1.0))) * 1e6

    def error_of_ours(self, result: bg.MatchResult) -> float:
        return self.largest_error_ppm([[fit.cell[name].value for name in NAMES] for fit in result.phases])


class Peer:
    """The same match by rietx; structures and pattern go through files."""

    def __init__(self, case: Case, folder: Path) -> None:
        self.case = case
        exact = bg.match_structure(case.pattern, case.truth)
        exact.export(folder)
        self.structures = sorted(folder.glob("match_[0-9]*.cif"))
        self.scan = folder / "pattern.xy"
        bg.write(case.pattern, self.scan)

    def fit(self, mode: str) -> tuple[float, float]:
        """Largest error of a length in ppm and Rwp in percent."""
        phases = []
        for path, phase in zip(self.structures, self.case.start, strict=True):
            read = rietx.Structure.from_cif(str(path)).phases[0]
            cell = phase.structure.cell
            read.cell.a.value, read.cell.b.value, read.cell.c.value = cell.parameters[:3]
            phases.append(read)
        instrument = rietx.Instrument.bragg_brentano(radiation="CuKa1", goniometer_radius_mm=RADIUS_MM)
        instrument.background = BackgroundChebyshev.with_terms(6)
        refinement = rietx.Refinement(rietx.Structure(phases=phases), instrument, history=False)
        plan = {"plan": "pawley_default"} if mode == "pawley" else {}
        result = refinement.fit(rietx.read_pattern(str(self.scan)), mode=mode, telemetry=False, **plan)
        cells = [[p.cell.a.value, p.cell.b.value, p.cell.c.value] for p in refinement.structure.phases]
        return self.case.largest_error_ppm(cells), 100.0 * result.statistics.rwp


def rows_of(name: str, case: Case, folder: Path) -> list[Row]:
    """Pawley and Le Bail of one case, each with what both reach."""
    peer = Peer(case, folder)
    rows = []
    for mode, work in (("pawley", case.ours), ("lebail", case.lebail)):
        result = work()
        with contextlib.redirect_stdout(io.StringIO()):
            error, rwp = peer.fit(mode)
            seconds = seconds_per_call(lambda mode=mode: peer.fit(mode), repeats=3, sample_seconds=0.0)
        lines = sum(len(fit.reflections) for fit in result.phases)
        note = f"{lines} lines; Rwp {result.statistics.rwp_percent:.2f} % and {rwp:.2f} %; " + (
            f"largest error of a length {case.error_of_ours(result):.0f} and {error:.0f} ppm"
        )
        rows.append(Row(f"{mode}, {name}", seconds_per_call(work), "rietx", seconds, note))
    return rows


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as three:
        rows = rows_of("LaB6, 5,501 points", Case("lab6"), Path(one))
        rows += rows_of("LaB6 + Al2O3 + ZrO2", Case("lab6", "al2o3-corundum", "zro2-monoclinic"), Path(three))
    name, two_theta_deg = MANY
    many = Case(name, two_theta_deg=two_theta_deg)
    result = many.ours()
    note = f"with covariance; largest error of a length {many.error_of_ours(result):.0f} ppm"
    what = f"pawley, {len(result.phases[0].reflections)} lines x {len(many.pattern)} points"
    rows.append(Row(what, seconds_per_call(many.ours, repeats=3), note=note))
    return rows


if __name__ == "__main__":
    main(run)
