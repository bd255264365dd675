"""Powder patterns with known truth, computed with numpy and apart from the matching engine.

Scale of a phase = w / (Z M V) (Hill & Howard, J. Appl. Cryst. 20, 1987, 467); intensities |F|² m LP of the reference
lines; Thompson-Cox-Hastings pseudo-Voigt (J. Appl. Cryst. 20, 1987, 79); March-Dollase texture (Dollase, J. Appl.
Cryst. 19, 1986, 267).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from braggite.errors import LibraryError, OptionError
from braggite.spectrum import Instrument, Radiation, Source, Spectrum, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from braggite.arrays import FloatArray
    from braggite.references import Phase
    from braggite.references.structure import Structure

SCHERRER = 0.9
REACH_IN_WIDTHS = 60.0
RADIUS_MM = 240.0
MARGIN_DEG = 3.0


@dataclass(frozen=True, slots=True)
class Profile:
    """Caglioti widths: FWHM_G² = U tan²θ + V tanθ + W (deg²), FWHM_L = X / cosθ + Y tanθ (deg)."""

    u: float = 0.01
    v: float = -0.01
    w: float = 0.008
    x: float = 0.02
    y: float = 0.02


@dataclass(frozen=True, slots=True)
class PhaseState:
    """One phase of a simulated sample.

    Attributes
    ----------
    weight : share of the mass; shares are normalised over the sample
    cell_factor : factor on the cell edges, or one for each of a, b, c
    texture : March-Dollase axis (h, k, l) and parameter r
    size_nm, strain : crystallite size (None: large) and microstrain, both Lorentzian
    strain_terms : powers (H, K, L) and S_HKL of each monomial of anisotropic strain in 1e-12 angstrom^-4, full width at
        half maximum (Stephens, J. Appl. Cryst. 32, 1999, 281)
    strain_lorentzian_share : share of that width that is Lorentzian
    intensity_sd : standard deviation of the logarithm of each line's intensity, as few grains or another structure give
    """

    phase: Phase
    weight: float = 1.0
    cell_factor: float | tuple[float, float, float] = 1.0
    texture: tuple[tuple[int, int, int], float] | None = None
    size_nm: float | None = None
    strain: float = 0.0
    strain_terms: tuple[tuple[tuple[int, int, int], float], ...] = ()
    strain_lorentzian_share: float = 1.0
    intensity_sd: float = 0.0


def simulate_pattern(
    states: Sequence[PhaseState],
    *,
    radiation: Radiation,
    two_theta_deg: tuple[float, float, float] = (10.0, 90.0, 0.02),
    profile: Profile | None = None,
    zero_deg: float = 0.0,
    displacement_mm: float = 0.0,
    transparency_mm: float = 0.0,
    displacement_along_mm: float = 0.0,
    displacement_across_mm: float = 0.0,
    monochromator_two_theta_deg: float = 0.0,
    peak_counts: float = 10000.0,
    background: float | Sequence[float] = 100.0,
    seed: int | None = None,
    name: str = "",
) -> Spectrum:
    """A pattern of ``states`` in counts.

    Parameters
    ----------
    two_theta_deg
        First position, last position and step.
    displacement_mm
        Height error s of the sample: Δ2θ = -(2 s cosθ / R)(180/π), R = 240 mm.
    transparency_mm
        Depth t = 1/(2μ) of a flat sample: Δ2θ = -(t sin2θ / R)(180/π).
    displacement_along_mm, displacement_across_mm
        Place of a capillary down the beam and toward higher angles: Δ2θ = ((across cos2θ - along sin2θ) / R)(180/π).
    peak_counts
        Counts of the highest point above the background.
    background
        Level in counts, or coefficients of Chebyshev polynomials over the range.
    seed
        Draws Poisson counts and intensities; without it the expectation itself is returned.

    Raises
    ------
    OptionError
        No phase, a weight or range that cannot be.
    LibraryError
        A phase without a structure.
    """
    x = _positions(two_theta_deg)
    _check_states(states)
    profile = profile or Profile()
    angle = np.radians(x)
    lengths = displacement_across_mm * np.cos(angle) - (transparency_mm + displacement_along_mm) * np.sin(angle)
    shift = zero_deg + np.degrees((lengths - 2.0 * displacement_mm * np.cos(0.5 * angle)) / RADIUS_MM)
    total = sum(state.weight for state in states)
    signal = np.zeros_like(x)
    for place, state in enumerate(states):
        grains = None if seed is None else np.random.default_rng((seed, place))
        signal += (state.weight / total) * _phase_pattern(
            state, x, shift, grains, radiation=radiation, profile=profile, monochromator=monochromator_two_theta_deg
        )
    if not signal.max() > 0.0:
        raise OptionError("no line of these phases lies in the range", where="two_theta_deg")
    coefficients = np.atleast_1d(np.asarray(background, dtype=np.float64))
    base = np.polynomial.chebyshev.chebval(2.0 * (x - x[0]) / (x[-1] - x[0]) - 1.0, coefficients)
    expected = signal * (peak_counts / signal.max()) + base
    y = expected if seed is None else np.random.default_rng(seed).poisson(np.maximum(expected, 0.0)).astype(np.float64)
    options = {
        "phases": {state.phase.name: state.weight / total for state in states},
        "zero_deg": zero_deg,
        "displacement_mm": displacement_mm,
        "seed": seed,
    }
    return Spectrum.from_arrays(
        x,
        y,
        technique="xrd",
        y_unit="counts",
        counts=seed is not None,
        name=name,
        radiation=radiation,
        instrument=Instrument(radius_mm=RADIUS_MM, monochromator_two_theta_deg=monochromator_two_theta_deg or None),
        source=Source(format="simulated"),
        history=(Step("simulate", options),),
    )


def _positions(two_theta_deg: tuple[float, float, float]) -> FloatArray:
    start, stop, step = two_theta_deg
    if not (0.0 < start < stop < 180.0 and 0.0 < step < stop - start):
        raise OptionError(
            f"range {start:g} to {stop:g} in steps of {step:g} deg is not possible", where="two_theta_deg"
        )
    positions: FloatArray = np.round(start + step * np.arange(int((stop - start) / step + 1.5)), 6)
    return positions


def _check_states(states: Sequence[PhaseState]) -> None:
    if not states:
        raise OptionError("nothing to simulate", suggestion="name at least one phase")
    for state in states:
        if not (np.isfinite(state.weight) and state.weight > 0.0):
            raise OptionError(f"weight {state.weight:g} of {state.phase.name} is not positive", where=state.phase.name)
        if state.phase.structure is None:
            raise LibraryError(f"{state.phase.name} has no structure to compute lines from", where=state.phase.name)


def _phase_pattern(
    state: PhaseState,
    x: FloatArray,
    shift: FloatArray,
    grains: np.random.Generator | None,
    *,
    radiation: Radiation,
    profile: Profile,
    monochromator: float,
) -> FloatArray:
    from braggite.references.powder_lines import powder_lines

    structure = _scaled(state)
    lines = powder_lines(
        replace(state.phase, structure=structure),
        radiation,
        two_theta_min_deg=max(x[0] - MARGIN_DEG, 0.5),
        two_theta_max_deg=_last_line_deg(x[-1], radiation),
    )
    strength: FloatArray = lines.multiplicity * lines.f_squared * _texture_factors(state, structure, lines.hkl)
    if grains is not None and state.intensity_sd > 0.0:
        strength = strength * np.exp(grains.normal(0.0, state.intensity_sd, len(strength)))
    scale = 1.0 / (structure.mass_per_cell * structure.cell.volume_angstrom3)
    total_weight = sum(weight for _, weight in radiation.lines)
    pattern = np.zeros_like(x)
    for wavelength, weight, natural in radiation.profile:
        sine = wavelength / (2.0 * lines.d_angstrom)
        reachable = sine < 1.0
        theta = np.arcsin(sine[reachable])
        area = scale * weight / total_weight * strength[reachable] * _lorentz_polarisation(theta, monochromator)
        centers = np.degrees(2.0 * theta)
        centers = centers + np.interp(centers, x, shift)
        strain_deg = _strain_widths(state, lines.hkl, lines.d_angstrom)[reachable]
        widths = _widths(theta, state, profile, wavelength, natural=natural, strain_deg=strain_deg)
        _add_lines(pattern, x, centers, area, widths)
    return pattern


def _last_line_deg(last_deg: float, radiation: Radiation) -> float:
    """Where the last line that any wavelength brings into the range stands by the strongest; no further than 179."""
    shortest = min(wavelength for wavelength, _ in radiation.lines)
    sine = np.sin(np.radians(0.5 * min(last_deg + MARGIN_DEG, 179.0))) * radiation.wavelength_angstrom / shortest
    return float(np.degrees(2.0 * np.arcsin(min(sine, np.sin(np.radians(89.5))))))


def _scaled(state: PhaseState) -> Structure:
    structure = state.phase.structure
    assert structure is not None
    factors = np.broadcast_to(np.asarray(state.cell_factor, dtype=np.float64), (3,))
    cell = structure.cell
    edges = np.array([cell.a_angstrom, cell.b_angstrom, cell.c_angstrom]) * factors
    return replace(
        structure,
        cell=replace(cell, a_angstrom=float(edges[0]), b_angstrom=float(edges[1]), c_angstrom=float(edges[2])),
    )


def _lorentz_polarisation(theta: FloatArray, monochromator_two_theta_deg: float) -> FloatArray:
    polarised = np.cos(np.radians(monochromator_two_theta_deg)) * np.cos(2.0 * theta)
    factor: FloatArray = (1.0 + polarised**2) / (np.sin(theta) ** 2 * np.cos(theta))
    return factor


def _strain_widths(state: PhaseState, hkl: NDArray[np.int32], d_angstrom: FloatArray) -> FloatArray:
    """Full width in degrees over tanθ that anisotropic strain gives each line."""
    powers = np.array([powers for powers, _ in state.strain_terms], dtype=np.int64).reshape(-1, 3)
    monomials = np.prod(hkl[:, None, :].astype(np.float64) ** powers, axis=2)
    variance = 1e-12 * monomials @ np.array([term for _, term in state.strain_terms])
    width: FloatArray = np.degrees(np.sqrt(np.maximum(variance, 0.0)) * d_angstrom**2)
    return width


def _widths(
    theta: FloatArray, state: PhaseState, profile: Profile, wavelength: float, *, natural: float, strain_deg: FloatArray
) -> tuple[FloatArray, FloatArray]:
    tangent, cosine = np.tan(theta), np.cos(theta)
    share = state.strain_lorentzian_share
    square = profile.u * tangent**2 + profile.v * tangent + profile.w + ((1.0 - share) * strain_deg * tangent) ** 2
    gauss = np.sqrt(np.maximum(square, 1e-6))
    lorentz = profile.x / cosine + profile.y * tangent + (np.degrees(4.0 * state.strain) + share * strain_deg) * tangent
    lorentz = lorentz + np.degrees(2.0 * natural / wavelength) * tangent
    if state.size_nm is not None:
        lorentz = lorentz + np.degrees(SCHERRER * wavelength / (10.0 * state.size_nm * cosine))
    return gauss, lorentz


def _add_lines(
    pattern: FloatArray, x: FloatArray, centers: FloatArray, areas: FloatArray, widths: tuple[FloatArray, FloatArray]
) -> None:
    for center, area, gauss, lorentz in zip(centers, areas, *widths, strict=True):
        fwhm, mixing = thompson_cox_hastings(gauss, lorentz)
        low, high = np.searchsorted(x, (center - REACH_IN_WIDTHS * fwhm, center + REACH_IN_WIDTHS * fwhm))
        u = (x[low:high] - center) / fwhm
        gaussian = np.sqrt(4.0 * np.log(2.0) / np.pi) * np.exp(-4.0 * np.log(2.0) * u**2)
        lorentzian = (2.0 / np.pi) / (1.0 + 4.0 * u**2)
        pattern[low:high] += area / fwhm * (mixing * lorentzian + (1.0 - mixing) * gaussian)


def thompson_cox_hastings(gauss_deg: float, lorentz_deg: float) -> tuple[float, float]:
    """Width and Lorentzian share of the pseudo-Voigt that stands for a convolution of the two widths."""
    powers = [gauss_deg ** (5 - k) * lorentz_deg**k for k in range(6)]
    fwhm = float(np.dot((1.0, 2.69269, 2.42843, 4.47163, 0.07842, 1.0), powers)) ** 0.2
    share = lorentz_deg / fwhm
    return fwhm, 1.36603 * share - 0.47719 * share**2 + 0.11116 * share**3


def _texture_factors(state: PhaseState, structure: Structure, hkl: NDArray[np.int32]) -> FloatArray:
    if state.texture is None:
        return np.ones(len(hkl))
    axis, r = state.texture
    if not r > 0.0:
        raise OptionError(f"texture parameter {r:g} of {state.phase.name} is not positive", where="texture")
    inverse_metric = np.linalg.inv(structure.cell.metric_tensor)
    rotations = np.unique(np.asarray(structure.operations[0]).reshape(-1, 9), axis=0).reshape(-1, 3, 3)
    direction = np.asarray(axis, dtype=np.float64)
    direction_norm = direction @ inverse_metric @ direction
    equivalents = np.einsum("ni,mij->nmj", hkl.astype(np.float64), rotations.astype(np.float64))
    dots = np.einsum("nmj,jk,k->nm", equivalents, inverse_metric, direction)
    norms = np.einsum("nmj,jk,nmk->nm", equivalents, inverse_metric, equivalents)
    cos2 = np.clip(dots**2 / (norms * direction_norm), 0.0, 1.0)
    factors: FloatArray = np.mean((r**2 * cos2 + (1.0 - cos2) / r) ** -1.5, axis=1)
    return factors
