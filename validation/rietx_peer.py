"""Refinements of the same counts by rietx, from the same structures, emission lines and diffractometer."""

from __future__ import annotations

import contextlib
import io
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

os.environ.setdefault("RIETX_TELEMETRY", "0")

import rietx
from rietx.model.forward import compile_model
from rietx.params.vector import ParameterTable

import braggite as bg
from braggite.matching.options import MatchOptions
from braggite.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

BACKGROUND_TERMS = 12
"""Chebyshev polynomials: about as many as the spline of the engine has intervals on these scans."""
AXIAL_RATIO = 0.025


@dataclass(frozen=True, slots=True)
class PeerFit:
    """What rietx found: lengths in angstrom as a, b, c of each phase in turn, and weight fractions where it has any.

    ``seconds`` are of the processor.
    """

    status: str
    rwp_percent: float
    lengths: tuple[Value, ...]
    weight_fractions: tuple[float, ...]
    displacement_mm: float
    zero_deg: float
    seconds: float


def peer_phase(phase: bg.Phase) -> rietx.Phase:
    """The structure as the peer takes it, with the displacement factors that the engine assumes."""
    number, structure = rietx.Parameter, phase.structure
    assert structure is not None
    cell = {key.split("_")[0]: number(value=value) for key, value in structure.cell.to_dict().items()}
    atoms = [
        rietx.Atom(
            label=site.label,
            species=site.element,
            x=number(value=site.x),
            y=number(value=site.y),
            z=number(value=site.z),
            occ=number(value=site.occupancy),
            biso=number(value=site.b_iso_used_angstrom2, min=0.0, max=25.0),
        )
        for site in structure.sites
    ]
    return rietx.Phase(
        name=phase.name,
        space_group=structure.space_group,
        cell=rietx.Cell(**{name: cell[name] for name in ("a", "b", "c", "alpha", "beta", "gamma")}),
        atoms=atoms,
        scale=number(value=1e-3, min=0.0, transform="softplus"),
        lor_size=number(value=0.01, min=0.0, transform="softplus"),
        lor_strain=number(value=0.01, min=0.0, transform="softplus"),
    )


def peer_instrument(spectrum: bg.Spectrum, axial_ratio: float = AXIAL_RATIO) -> rietx.Instrument:
    """Emission lines, radius and monochromator of the scan; where it states none, those the engine assumes."""
    number, own = rietx.Parameter, spectrum.instrument or bg.Instrument()
    assert spectrum.radiation is not None
    instrument = rietx.Instrument.bragg_brentano(
        goniometer_radius_mm=own.radius_mm or MatchOptions().radius_mm,
        monochromator_two_theta=own.monochromator_two_theta_deg,
    )
    strongest = spectrum.radiation.lines[0][1]
    instrument.source.lines = [
        rietx.EmissionLine(wavelength=number(value=wavelength), weight=number(value=weight / strongest))
        for wavelength, weight in spectrum.radiation.lines
    ]
    instrument.background = rietx.BackgroundChebyshev.with_terms(BACKGROUND_TERMS)
    instrument.profile.w.value = 5e-3
    instrument.profile.x.value = 5e-3
    instrument.geometry.axial_sl.value = axial_ratio
    instrument.geometry.axial_hl.value = axial_ratio
    return instrument


def peer_pattern(spectrum: bg.Spectrum) -> rietx.PatternData:
    """The same ordinates with the same standard deviations."""
    sigma = None if spectrum.sigma is None else spectrum.sigma.tolist()
    return rietx.PatternData(two_theta=spectrum.x.tolist(), intensity=spectrum.y.tolist(), sigma=sigma)


def pawley_plan(*, axial: bool) -> rietx.RefinementPlan:
    """The engine's own choice of numbers: displacement and no zero, cells, U V W X Y, axial divergence or none."""
    stages = {
        "background": ["instrument.background.*"],
        "displacement": ["instrument.geometry.sample_displacement"],
        "cells": ["phases.*.cell.*"],
        "constant width": ["instrument.profile.w"],
        "widths": [f"instrument.profile.{name}" for name in "uvxy"],
    }
    if axial:
        stages["axial divergence"] = ["instrument.geometry.axial_sl", "instrument.geometry.axial_hl"]
    return rietx.RefinementPlan(stages=[rietx.Stage(name=name, turn_on=on) for name, on in stages.items()])


def quantification_plan() -> rietx.RefinementPlan:
    """The stages that the authors of rietx take for the round robin on quantitative analysis in their own tests."""
    stages = [
        rietx.Stage("scale and background", ["phases.*.scale", "instrument.background.*"]),
        rietx.Stage("shift", ["instrument.zero_shift", "instrument.geometry.sample_displacement"]),
        rietx.Stage("cells", ["phases.*.cell.*"]),
        rietx.Stage("constant width", ["instrument.profile.w"]),
        rietx.Stage("widths", [f"instrument.profile.{name}" for name in "uvxy"]),
        rietx.Stage(
            "widths of phases",
            [f"phases.*.{kind}" for kind in ("lor_size", "lor_strain", "gauss_size", "gauss_strain")],
            seed=1e-4,
        ),
        rietx.Stage("lines", ["instrument.source.lines.*.weight", "instrument.geometry.axial_sl"]),
        rietx.Stage("displacement factors", ["phases.*.atoms.*.biso"]),
    ]
    return rietx.RefinementPlan(stages=stages)


def peer_fit(
    spectrum: bg.Spectrum,
    phases: Sequence[bg.Phase],
    plan: rietx.RefinementPlan | str,
    *,
    mode: str = "pawley",
    axial_ratio: float = AXIAL_RATIO,
) -> PeerFit:
    """Refine and time it; scales are brought near first, so that no stage begins far from the counts."""
    structure = rietx.Structure(phases=[peer_phase(phase) for phase in phases])
    instrument, pattern = peer_instrument(spectrum, axial_ratio), peer_pattern(spectrum)
    if mode == "rietveld":
        _bring_scales_near(structure, instrument, spectrum)
    refinement = rietx.Refinement(structure, instrument, history=False)
    start = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        result = refinement.fit(pattern, mode=mode, plan=plan, telemetry=False)
    seconds = time.process_time() - start
    rows = {row.path: row for row in result.parameters}
    paths = [f"phases.{index}.cell.{axis}" for index in range(len(phases)) for axis in "abc"]
    fitted = refinement.fitted_instrument
    return PeerFit(
        status=str(result.status),
        rwp_percent=100.0 * result.statistics.rwp,
        lengths=tuple(Value(rows[path].value, rows[path].stderr) for path in paths),
        weight_fractions=tuple(row.weight_fraction for row in result.qpa.phases) if mode == "rietveld" else (),
        displacement_mm=fitted.geometry.sample_displacement.value,
        zero_deg=fitted.zero_shift.value,
        seconds=seconds,
    )


def _bring_scales_near(structure: rietx.Structure, instrument: rietx.Instrument, spectrum: bg.Spectrum) -> None:
    """Equal shares of the net counts for every phase, as the authors' tests begin."""
    model = compile_model(structure, instrument, peer_pattern(spectrum), mode="rietveld")
    table = ParameterTable(structure, instrument)
    calculated = float(model.evaluate(table.decode(table.x0())).sum())
    net = float(spectrum.y.sum() - spectrum.y.min() * len(spectrum))
    for phase in structure.phases:
        phase.scale.value *= net / calculated / len(structure.phases)
