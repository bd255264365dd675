"""The whole match as one powder CIF: a block with the pattern, and a block with each phase and its reflections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from braggite.cif_text import block_heading, items, loop
from braggite.formats.write_cif import column_loop, radiation_lines
from braggite.reporting.exports.phase_cif import phase_block, phase_stem
from braggite.reporting.exports.provenance import CREATOR, data_origin, outcome
from braggite.values import Value

if TYPE_CHECKING:
    from braggite.matching.results import MatchResult, PhaseFit, Reflections

_REFLECTION_TAGS = (
    "_refln_index_h", "_refln_index_k", "_refln_index_l", "_refln_symmetry_multiplicity", "_refln_d_spacing",
    "_refln_intensity_meas", "_refln_intensity_calc", "_braggite_refln_group",
)  # fmt: skip
_INTENSITIES = (
    "Intensities are areas in the pattern (ordinates times degrees 2-theta) of all emission lines, multiplicity and "
    "Lorentz-polarisation factor included. Lines of one _braggite_refln_group cannot be told apart: their intensities "
    "are shares of a sum that alone was measured."
)


def powder_cif(result: MatchResult, stem: str) -> dict[str, str]:
    """``<stem>_powder.cif``, items of the core and powder dictionaries.

    The block of the pattern is called ``<stem>_powder_pattern``, by which pymatgen knows to pass over it.
    """
    names = [phase_stem(stem, number, phase) for number, phase in enumerate(result.phases, start=1)]
    lines = _pattern_block(result, f"{stem}_powder_pattern", names)
    for phase, name in zip(result.phases, names, strict=True):
        lines += [
            "",
            *phase_block(result, phase, name),
            *items([("_pd_block_id", name), ("_pd_phase_name", phase.name)]),
            *_reflections(phase.reflections),
        ]
    return {f"{stem}_powder.cif": "\n".join(lines) + "\n"}


def _pattern_block(result: MatchResult, name: str, phase_names: list[str]) -> list[str]:
    statistics, spectrum = result.statistics, result.spectrum
    agreement = [
        ("_pd_proc_ls_prof_R_factor", statistics.rp_percent / 100.0),
        ("_pd_proc_ls_prof_wR_factor", statistics.rwp_percent / 100.0),
        ("_pd_proc_ls_prof_wR_expected", statistics.rexp_percent / 100.0),
        ("_refine_ls_goodness_of_fit_all", statistics.gof),
    ]
    heading: list[tuple[str, object]] = [
        ("_audit_creation_method", CREATOR),
        ("_pd_block_id", name),
        *_instrument_items(result),
        *((tag, float(f"{value:.6g}")) for tag, value in agreement),
        ("_refine_ls_number_parameters", statistics.n_free),
        ("_pd_proc_number_of_points", result.x.size),
        ("_pd_proc_2theta_range_min", float(result.x[0])),
        ("_pd_proc_2theta_range_max", float(result.x[-1])),
        ("_pd_proc_ls_special_details", _details(result)),
    ]
    counts = spectrum is not None and spectrum.counts is True
    columns = {
        "_pd_meas_2theta_scan": result.x,
        "_pd_meas_counts_total" if counts else "_pd_meas_intensity_total": result.observed,
        "_pd_calc_intensity_total": result.calculated,
        "_pd_proc_intensity_bkg_calc": result.background,
        "_pd_proc_ls_weight": np.where(np.isfinite(result.sigma), 1.0 / result.sigma**2, 0.0),
    }
    return [
        block_heading(name),
        *items(heading),
        *radiation_lines(None if spectrum is None else spectrum.radiation),
        *loop(
            ["_pd_phase_id", "_pd_phase_block_id", "_pd_phase_name", "_pd_phase_mass_%"],
            [
                [i, name, fit.name, _mass_percent(fit)]
                for i, (name, fit) in enumerate(zip(phase_names, result.phases, strict=True), 1)
            ],
        ),
        *column_loop(columns),
    ]


def _instrument_items(result: MatchResult) -> list[tuple[str, object]]:
    instrument = None if result.spectrum is None else result.spectrum.instrument
    if instrument is None:
        return []
    return [
        ("_pd_instr_geometry", instrument.geometry),
        ("_pd_instr_dist_spec/detc", instrument.radius_mm),
        ("_pd_instr_2theta_monochr_post", instrument.monochromator_two_theta_deg),
    ]


def _mass_percent(phase: PhaseFit) -> Value | None:
    fraction = phase.weight_fraction
    if fraction is None:
        return None
    return Value(100.0 * fraction.value, None if fraction.su is None else 100.0 * fraction.su)


def _details(result: MatchResult) -> str:
    basis = "" if all(p.weight_fraction is None for p in result.phases) else f" Mass per cent: {result.basis} part."
    radiation = None if result.spectrum is None else result.spectrum.radiation
    assumed = (
        " The wavelength was assumed, the file states none." if radiation is not None and radiation.assumed else ""
    )
    numbers = "; ".join(f"{name} = {entry.value} {entry.unit}" for name, entry in result.parameters.items())
    listed = f" Refined: {numbers}." if numbers else ""
    return f"Matched to {data_origin(result)}: {outcome(result)}.{basis}{assumed}{listed}"


def _reflections(reflections: Reflections) -> list[str]:
    n = len(reflections)
    su, calculated = reflections.intensity_su, reflections.intensity_calculated
    groups = np.asarray(reflections.group).tolist()
    columns: list[list[object]] = [
        *reflections.hkl.T.tolist(),
        reflections.multiplicity.tolist(),
        [float(f"{d:.8g}") for d in reflections.d_angstrom],
        [
            Value(float(f"{v:.6g}")) if su is None else Value(v, su[i])
            for i, v in enumerate(reflections.intensity.tolist())
        ],
        [None] * n if calculated is None else [float(f"{v:.6g}") for v in calculated],
        [None if resolved else group for resolved, group in zip(reflections.resolved, groups, strict=True)],
    ]
    listed = loop(_REFLECTION_TAGS, zip(*columns, strict=True))
    return [*items([("_reflns_special_details", _INTENSITIES)]), *listed] if listed else []
