"""What coarse grains of unlike absorption do to weight fractions, and the correction where their size is known.

A grain that absorbs more than its surroundings hides part of itself, so its phase is found too weak (Brindley,
Phil. Mag. 36 (1945) 347). The size is rarely known; without one the fractions are those of fine grains and come with
the range that grains of up to ``GRAIN_LIMIT_UM`` would span.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.matching.phases import structure_of
from braggite.references.powder_lines import dispersion
from braggite.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.arrays import FloatArray
    from braggite.matching.options import MatchOptions
    from braggite.matching.pattern import EnginePattern
    from braggite.matching.results import PhaseFit
    from braggite.references.phase import Phase
    from braggite.references.structure import Structure

GRAIN_LIMIT_UM = 5.0
"""Diameter up to which grains of an unsieved ground powder are reckoned with."""

WORTH_SAYING = 0.02
"""Width of a range of weight fractions from which on a report mentions it."""

_ELECTRON_RADIUS_ANGSTROM = 2.8179403205e-5
_PER_ANGSTROM_IN_PER_CM = 1e8
_UM_IN_CM = 1e-4
_NODES = 24
_PASSES = 100
_SETTLED = 1e-10


def linear_attenuation_per_cm(structure: Structure, wavelength_angstrom: float) -> float:
    """Linear attenuation coefficient of a crystal for X-rays, in 1/cm.

    Photoelectric absorption alone, ``2 r_e lambda f''`` an atom (optical theorem) with f'' of Cromer & Liberman:
    scattering, which matters for compounds of H to B only, is left out.
    """
    cross_section = sum(
        2.0 * _ELECTRON_RADIUS_ANGSTROM * wavelength_angstrom * dispersion(element, wavelength_angstrom)[1] * amount
        for element, amount in structure.composition.items()
    )
    return cross_section / structure.cell.volume_angstrom3 * _PER_ANGSTROM_IN_PER_CM


def absorption_contrast(contrast_times_radius: float, two_theta_deg: float) -> float:
    """Mean transmission of a sphere relative to its surroundings, Brindley's tau.

    Parameters
    ----------
    contrast_times_radius
        Attenuation of the grain less the mean of the powder, times the radius of the grain; no unit.
    two_theta_deg
        Angle between the beam and the diffracted beam.

    Returns
    -------
    Mean over the sphere of exp(-contrast * path); 1 for fine grains, below 1 for strong absorbers.
    """
    path, share = _paths(round(two_theta_deg, 1))
    return float(share @ np.exp(-contrast_times_radius * path))


@cache
def _paths(two_theta_deg: float) -> tuple[FloatArray, FloatArray]:
    """Path of the beam through points of the unit sphere, in and out, and the share of each point in the volume."""
    node, weight = np.polynomial.legendre.leggauss(_NODES)
    # The path depends on the height over the scattering plane through its square only: half the sphere will do.
    height, height_weight = 0.5 * (node + 1.0), 0.5 * weight
    angle = np.pi * (np.arange(2 * _NODES) + 0.5) / _NODES
    z, t, a = np.meshgrid(height, 0.5 * (node + 1.0), angle, indexing="ij")
    disc = 1.0 - z**2
    radius = np.sqrt(disc * t)
    points = radius * np.cos(a), radius * np.sin(a)
    turned = np.radians(two_theta_deg)
    path = _to_surface(points, disc, (1.0, 0.0)) + _to_surface(points, disc, (-np.cos(turned), -np.sin(turned)))
    share = disc * (height_weight[:, None, None] * (0.5 * weight)[None, :, None])
    share = np.broadcast_to(share, path.shape)
    return path.ravel(), np.asarray(share / share.sum()).ravel()


def _to_surface(points: tuple[FloatArray, FloatArray], disc: FloatArray, back: tuple[float, float]) -> FloatArray:
    """Distance from each point to the surface against the direction ``back`` of travel, discs of squared radius."""
    x, y = points
    along = x * back[0] + y * back[1]
    return np.asarray(along + np.sqrt(np.maximum(along**2 + disc - x**2 - y**2, 0.0)))


def corrected(
    fractions: Sequence[float], structures: Sequence[Structure], wavelength_angstrom: float, *, grain_um: float,
    two_theta_deg: float,
) -> FloatArray:  # fmt: skip
    """Weight fractions of grains of diameter ``grain_um`` that look like ``fractions`` of fine ones.

    Fractions are those of a fit that knows no micro-absorption; the mean attenuation follows the corrected fractions,
    by volume (Taylor & Matulis, Powder Diffr. 6 (1991) 89). All phases are taken to have grains of one size.
    """
    seen = np.asarray(fractions, dtype=np.float64)
    attenuation = np.array([linear_attenuation_per_cm(structure, wavelength_angstrom) for structure in structures])
    density = np.array([structure.density_g_cm3 for structure in structures])
    radius_cm = 0.5 * grain_um * _UM_IN_CM
    true = seen
    for _ in range(_PASSES):
        volume = true / density
        mean = volume @ attenuation / volume.sum()
        contrast = [absorption_contrast((mu - mean) * radius_cm, two_theta_deg) for mu in attenuation]
        before, true = true, seen / contrast
        true = true / true.sum()
        if np.max(np.abs(true - before)) < _SETTLED:
            break
    return true


def spread(
    fractions: Sequence[float], structures: Sequence[Structure], wavelength_angstrom: float, *, two_theta_deg: float
) -> list[tuple[float, float]]:
    """Smallest and largest weight fraction of each phase for grains of one diameter from 0 to ``GRAIN_LIMIT_UM``."""
    coarse = corrected(fractions, structures, wavelength_angstrom, grain_um=GRAIN_LIMIT_UM, two_theta_deg=two_theta_deg)
    return [(min(fine, seen), max(fine, seen)) for fine, seen in zip(fractions, coarse.tolist(), strict=True)]


def with_microabsorption(
    fits: tuple[PhaseFit, ...], phases: Sequence[Phase], pattern: EnginePattern, options: MatchOptions
) -> tuple[tuple[PhaseFit, ...], tuple[Diagnostic, ...]]:
    """The phases with corrected fractions where the grain size is known, else with their ranges and a remark."""
    known = [fit.weight_fraction or Value(0.0) for fit in fits]
    fractions = [fraction.value for fraction in known]
    if sum(fractions) <= 0.0:
        return fits, ()
    structures = [structure_of(phase) for phase in phases]
    wavelength, middle = pattern.radiation.wavelength_angstrom, 0.5 * sum(pattern.range_deg)
    if options.grain_um is not None:
        true = corrected(fractions, structures, wavelength, grain_um=options.grain_um, two_theta_deg=middle)
        values = [rescaled(*entry) for entry in zip(known, true.tolist(), strict=True)]
        return tuple(replace(fit, weight_fraction=v) for fit, v in zip(fits, values, strict=True)), ()
    ranges = spread(fractions, structures, wavelength, two_theta_deg=middle)
    widest, fit = max(zip(ranges, fits, strict=True), key=lambda entry: round(entry[0][1] - entry[0][0], 6))
    remark: tuple[Diagnostic, ...] = ()
    if widest[1] - widest[0] > WORTH_SAYING:
        detail = (
            f"weight fractions are those of fine grains; grains of up to {GRAIN_LIMIT_UM:g} um would make "
            f"{fit.name} {100 * widest[0]:.0f} to {100 * widest[1]:.0f} wt% of the crystalline part"
        )
        suggestion = "grind to below 1 um, or give the diameter of the grains"
        remark = (
            Diagnostic.of("microabsorption", where=fit.name, value=list(widest), detail=detail, suggestion=suggestion),
        )
    return tuple(replace(f, weight_fraction_range=r) for f, r in zip(fits, ranges, strict=True)), remark


def rescaled(fraction: Value, corrected_fraction: float) -> Value:
    """The corrected fraction with its uncertainties, the other phases kept in proportion.

    With odds o = w / (1 - w) multiplied by a factor, dw' / w'(1 - w') = dw / w(1 - w).
    """
    before, after = (w * (1.0 - w) for w in (fraction.value, corrected_fraction))
    factor = after / before if before > 0.0 else 1.0
    su, counting = (None if s is None else s * factor for s in (fraction.su, fraction.su_counting))
    return Value(corrected_fraction, su, counting)
