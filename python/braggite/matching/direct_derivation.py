"""Weight fractions from Pawley intensities and chemical compositions alone."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.matching.free_strengths import match_pawley
from braggite.matching.phases import structure_of
from braggite.references.powder_lines import dispersion
from braggite.values import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.arrays import FloatArray
    from braggite.matching.options import MatchOptions
    from braggite.matching.results import MatchResult, PhaseFit
    from braggite.references.phase import Phase
    from braggite.references.structure import Structure
    from braggite.spectrum import Spectrum

TYPICAL_B_ANGSTROM2 = 0.5
"""Displacement factor of atoms that are not known: that of oxides at room temperature."""
_INTEGRATION_POINTS = 200


def match_direct_derivation(
    spectrum: Spectrum, phases: Sequence[Phase], *, options: MatchOptions | None = None
) -> MatchResult:
    """Fit as :func:`match_pawley` does and derive weight fractions from intensities and compositions, without atoms.

    Parameters, errors and results as :func:`match_pawley`; weight fractions are those of the crystalline part, with the
    uncertainty of the intensities. The method itself is good to 1-4 wt%, which that does not hold.

    Notes
    -----
    Toraya, J. Appl. Cryst. 49 (2016) 1508, with the squared scattering of the atoms integrated over the measured range
    of reciprocal space (Wilson, Nature 150 (1942) 152) where he takes squared electron numbers.
    """
    result = match_pawley(spectrum, phases, options=options)
    amounts = [_amount(fit, structure_of(phase), result) for fit, phase in zip(result.phases, phases, strict=True)]
    fractions = _fractions(amounts)
    fits = tuple(replace(fit, weight_fraction=value) for fit, value in zip(result.phases, fractions, strict=True))
    return replace(result, phases=fits, diagnostics=(*result.diagnostics, Diagnostic.of("direct_derivation")))


def mass_per_strength(structure: Structure, wavelength_angstrom: float, two_theta_max_deg: float) -> float:
    """Mass of a cell over the strength that its atoms, wherever they are, scatter up to an angle; arbitrary unit.

    One point of reciprocal space about the origin holds no line and is left out.
    """
    first = (0.75 / math.pi / structure.cell.volume_angstrom3) ** (1.0 / 3.0)
    last = 2.0 * math.sin(0.5 * math.radians(two_theta_max_deg)) / wavelength_angstrom
    inverse_d = np.linspace(min(first, last), last, _INTEGRATION_POINTS)
    squares = sum(
        amount * _squared_factor(element, inverse_d, wavelength_angstrom)
        for element, amount in structure.composition.items()
    )
    damped = squares * np.exp(-0.5 * TYPICAL_B_ANGSTROM2 * inverse_d**2) * inverse_d**2
    return structure.mass_per_cell / float(np.trapezoid(damped, inverse_d))


def _squared_factor(element: str, inverse_d: FloatArray, wavelength_angstrom: float) -> FloatArray:
    import gemmi

    table = gemmi.Element(element).it92
    free = np.array([table.calculate_sf(0.25 * value**2) for value in inverse_d])
    f_prime, f_double_prime = dispersion(element, wavelength_angstrom)
    return np.asarray((free + f_prime) ** 2 + f_double_prime**2)


def _amount(fit: PhaseFit, structure: Structure, result: MatchResult) -> tuple[float, float, float]:
    radiation = result.spectrum.radiation if result.spectrum is not None else None
    if radiation is None or fit.strength is None:
        return 0.0, 0.0, 0.0
    factor = mass_per_strength(structure, radiation.wavelength_angstrom, float(result.x[-1]))
    su, su_counting = fit.strength.su or 0.0, fit.strength.su_counting or 0.0
    return factor * fit.strength.value, factor * su, factor * su_counting


def _fractions(amounts: Sequence[tuple[float, float, float]]) -> list[Value | None]:
    total = sum(amount for amount, _, _ in amounts)
    if total <= 0.0:
        return [None] * len(amounts)

    def spread(index: int, which: int) -> float:
        share = amounts[index][0] / total
        terms = ((float(i == index) - share) * entry[which] / total for i, entry in enumerate(amounts))
        return math.sqrt(sum(term * term for term in terms))

    return [Value(entry[0] / total, spread(i, 1), spread(i, 2)) for i, entry in enumerate(amounts)]
