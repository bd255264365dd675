"""Results made by hand: a two-phase pattern of fixed lines, matched and reported without the engine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.identification.report import (
    Candidates,
    CountingTime,
    Evidence,
    Hypothesis,
    PhaseEvidence,
    PhaseReport,
    UnexplainedLine,
    UpperLimit,
    WatchedPhase,
)
from braggite.matching.results import FitParameter, FitStatistics, MatchResult, PhaseFit, Reflections
from braggite.spectrum import Radiation, Source, Spectrum
from braggite.values import Value

RADIATION = Radiation(((1.540593, 1.0), (1.544427, 0.5)), "CuKa")
Line = tuple[float, float, tuple[int, int, int]]
BTO: tuple[Line, ...] = (
    (22.2, 25, (1, 0, 0)),
    (31.5, 100, (1, 0, 1)),
    (38.9, 22, (1, 1, 1)),
    (45.2, 35, (2, 0, 0)),
    (56.2, 30, (2, 1, 1)),
)
LLZO: tuple[Line, ...] = (
    (16.8, 90, (2, 1, 1)),
    (25.7, 65, (3, 2, 1)),
    (30.8, 100, (4, 2, 0)),
    (33.8, 70, (4, 2, 2)),
    (52.6, 60, (6, 4, 0)),
)


def match_result(n_points: int = 3501, *, converged: bool = True) -> MatchResult:
    x = np.linspace(10.0, 80.0, n_points)
    background = 90.0 + 60.0 * np.exp(-(x - 10.0) / 20.0)
    curves = [12.0 * _curve(x, BTO), 45.0 * _curve(x, LLZO)]
    calculated = background + curves[0] + curves[1]
    observed = np.random.default_rng(7).poisson(calculated + 250.0 * np.exp(-(((x - 43.3) / 0.08) ** 2))).astype(float)
    return MatchResult(
        converged=converged,
        stop_reason="step small" if converged else "iteration limit",
        at_bound=() if converged else ("li7la3zr2o12-cubic.size",),
        statistics=FitStatistics(8.137, 6.02, 5.514, 1.4757, n_points, 14, 1.62),
        phases=(
            _phase_fit(
                name="li7la3zr2o12-cubic",
                formula="Li7La3Zr2O12",
                space_group="I a -3 d",
                curve=curves[1],
                lines=LLZO,
                fraction=Value(0.9321, 0.0041),
                edge=12.9824,
            ),
            _phase_fit(
                name="batio3-tetragonal",
                formula="BaTiO3",
                space_group="P 4 m m",
                curve=curves[0],
                lines=BTO,
                fraction=Value(0.0679, 0.0041),
                edge=3.9945,
            ),
        ),
        parameters={
            "zero": FitParameter(Value(-0.0123, 0.0009, 0.0004), "deg"),
            "li7la3zr2o12-cubic.a": FitParameter(Value(12.9824, 0.0003), "angstrom"),
            "li7la3zr2o12-cubic.size": FitParameter(Value(12.0, None), "nm", at_bound=not converged),
        },
        x=x,
        observed=observed,
        calculated=calculated,
        background=background,
        sigma=np.sqrt(np.maximum(observed, 1.0)),
    )


def phase_report(n_points: int = 3501, *, converged: bool = True) -> PhaseReport:
    fit = match_result(n_points, converged=converged)
    scan = Spectrum.from_arrays(
        fit.x,
        fit.observed,
        y_unit="counts",
        counts=True,
        name="LZ-5BTO",
        radiation=RADIATION,
        source=Source("LZ-5BTO.xy", "xy", "0" * 64),
    )
    garnet, titanate = fit.phases
    return PhaseReport(
        sample="LZ-5BTO",
        verdict="partial",
        phases=(
            PhaseEvidence(
                garnet.name,
                "LLZO, cubic",
                garnet.formula,
                garnet.space_group,
                "present",
                0.99998,
                garnet.weight_fraction,
                garnet.cell,
                (),
                (Evidence(0, "xrd", 5210.4, matched=tuple(line[0] for line in LLZO)),),
                "A",
                None,
                "C. A. Author, J. Example Chem. 1 (2011) 1",
            ),
            PhaseEvidence(
                titanate.name,
                "BaTiO3, tetragonal",
                titanate.formula,
                titanate.space_group,
                "possible",
                0.8125,
                titanate.weight_fraction,
                titanate.cell,
                ("batio3-cubic",),
                (Evidence(0, "xrd", 41.7, matched=(22.2, 31.5, 45.2), missing=(38.9,), wrong_intensity=(56.2,)),),
                "D",
                "Reference of grade D: its unit cell was recalled from the literature.",
                None,
                reference_cell={"a_angstrom": 3.9905, "b_angstrom": 3.9905, "c_angstrom": 4.0344},
            ),
        ),
        watched=(
            WatchedPhase(
                "la2zr2o7", "not_detected", 0.012, UpperLimit(0.0042), CountingTime(0.002, 5.24, 0.0007, 10.48)
            ),
            WatchedPhase(
                "li2bati6o14",
                "indeterminate",
                0.31,
                UpperLimit(0.0213, conditional=True),
                CountingTime(0.002, None, 0.0119),
            ),
            WatchedPhase("li2co3", "indeterminate", 0.2, None),
        ),
        hypotheses=(
            Hypothesis((garnet.name, titanate.name), 0.81, 8.137),
            Hypothesis((garnet.name, "batio3-cubic"), 0.18, 8.159),
            Hypothesis((garnet.name,), 0.0002, None),
        ),
        candidates=Candidates(
            6,
            rejected=(("la2zr2o7", "strongest line 28.6 deg missing"), ("tio2-rutile", "adds less than the noise")),
            failed=(("bao", "no reflections <in> the range & nothing to fit"),),
        ),
        unexplained=(UnexplainedLine(0, "xrd", 43.301, "deg", 18.4),),
        spectra=(scan,),
        fits=(fit,),
        options={"elements": ["Ba", "La", "Li", "O", "Ti", "Zr"], "max_phases": 6},
        library={"name": "reference_patterns", "sha256": "1" * 64, "n_phases": 232},
        diagnostics=(
            Diagnostic.of("unexplained_lines", value=1, suggestion="add candidates with --library"),
            Diagnostic.of("axis_reversed", where="LZ-5BTO.xy"),
        ),
    )


def empty_report() -> PhaseReport:
    """Nothing found, nothing fitted, an infrared spectrum."""
    full = phase_report()
    x = np.linspace(400.0, 4000.0, 500)
    spectrum = Spectrum.from_arrays(
        x, 0.1 + np.exp(-(((x - 1430.0) / 40.0) ** 2)), technique="ftir", y_unit="absorbance"
    )
    return replace(
        full,
        sample="blank",
        verdict="nothing",
        phases=(),
        watched=(),
        hypotheses=(),
        candidates=Candidates(0),
        unexplained=(),
        spectra=(spectrum,),
        fits=(None,),
        options={},
        library={},
        diagnostics=(),
    )


def _curve(x: np.ndarray, lines: tuple[Line, ...]) -> np.ndarray:
    return np.sum([height / (1.0 + ((x - center) / 0.06) ** 2) for center, height, _ in lines], axis=0)


def _phase_fit(
    *,
    name: str,
    formula: str,
    space_group: str,
    curve: np.ndarray,
    lines: tuple[Line, ...],
    fraction: Value,
    edge: float,
) -> PhaseFit:
    angles = np.array([line[0] for line in lines])
    return PhaseFit(
        name,
        formula,
        space_group,
        {
            "a_angstrom": Value(edge, 0.0003),
            "b_angstrom": Value(edge, 0.0003),
            "c_angstrom": Value(edge * 1.01, 0.0004),
            "alpha_deg": Value(90.0),
            "beta_deg": Value(90.0),
            "gamma_deg": Value(90.0),
            "volume_angstrom3": Value(1.01 * edge**3, 0.02),
        },
        fraction,
        4.21,
        curve,
        Reflections(
            np.array([line[2] for line in lines], dtype=np.int32),
            np.full(angles.size, 8, dtype=np.int32),
            RADIATION.wavelength_angstrom / (2.0 * np.sin(np.radians(angles / 2.0))),
            angles,
            np.array([line[1] for line in lines], dtype=float),
        ),
    )
