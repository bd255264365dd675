"""Weight fractions from Pawley intensities and chemical compositions alone."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from braggite.diagnostics import Diagnostic
from braggite.errors import LibraryError
from braggite.matching.free_strengths import match_pawley
from braggite.matching.internal_standard import on_total
from braggite.matching.options import MatchOptions
from braggite.matching.phases import structure_of
from braggite.matching.structure import refuse_names
from braggite.references.elements import atomic_weight
from braggite.references.formula import parse_formula
from braggite.references.powder_lines import dispersion
from braggite.values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from braggite.arrays import FloatArray
    from braggite.matching.results import MatchResult, PhaseFit
    from braggite.references.phase import Phase
    from braggite.spectrum import Spectrum

TYPICAL_B_ANGSTROM2 = 0.5
"""Displacement factor of atoms that are not known: that of oxides at room temperature."""
_INTEGRATION_POINTS = 200


def match_direct_derivation(
    spectrum: Spectrum, phases: Sequence[Phase], *, options: MatchOptions | None = None
) -> MatchResult:
    """Fit as :func:`match_pawley` does and derive weight fractions from intensities and compositions, without atoms.

    Parameters, errors and results as :func:`match_pawley`; of phases without atoms the formula must be known. Weight
    fractions are those of the crystalline part, with the uncertainty of the intensities. The method itself is good to
    1-4 wt%, which that does not hold.

    Notes
    -----
    Toraya, J. Appl. Cryst. 49 (2016) 1508, with the squared scattering of the atoms integrated over the measured range
    of reciprocal space (Wilson, Nature 150 (1942) 152) where he takes squared electron numbers.
    """
    contents = [_content(phase) for phase in phases]
    options = options or MatchOptions()
    refuse_names(phases, options)
    result = match_pawley(spectrum, phases, options=replace(options, internal_standard=None))
    amounts = [_amount(fit, content, result) for fit, content in zip(result.phases, contents, strict=True)]
    fractions = _fractions(amounts)
    fits = tuple(replace(fit, weight_fraction=value) for fit, value in zip(result.phases, fractions, strict=True))
    derived = replace(result, phases=fits, diagnostics=(*result.diagnostics, Diagnostic.of("direct_derivation")))
    if options.internal_standard is None:
        return derived
    echoed = result.options | {"internal_standard": options.internal_standard}
    # Lines of different phases are taken as independent, as the method takes them.
    relative = np.diag([(su / amount) ** 2 if amount > 0.0 else 0.0 for amount, su, _ in amounts])
    return on_total(replace(derived, options=echoed), phases, options.internal_standard, relative)


def _content(phase: Phase) -> dict[str, float]:
    """Atoms by element: those of the cell, or of a formula unit where only that is known."""
    structure = structure_of(phase)
    if not structure.has_atoms and not phase.formula:
        raise LibraryError(
            f"neither atoms nor formula of phase {phase.name} are known, so no amount follows",
            where=phase.name,
            suggestion="give the formula, in Phase.from_cell or as _chemical_formula_sum of the CIF",
        )
    return structure.composition or dict(parse_formula(phase.formula))


def mass_per_strength(
    content: Mapping[str, float], volume_angstrom3: float, wavelength_angstrom: float, two_theta_max_deg: float
) -> float:
    """Mass of atoms over the strength that they, wherever they are, scatter up to an angle; arbitrary unit.

    One point of the reciprocal space of the cell about the origin holds no line and is left out.
    """
    first = (0.75 / math.pi / volume_angstrom3) ** (1.0 / 3.0)
    last = 2.0 * math.sin(0.5 * math.radians(two_theta_max_deg)) / wavelength_angstrom
    inverse_d = np.linspace(min(first, last), last, _INTEGRATION_POINTS)
    squares = sum(
        amount * _squared_factor(element, inverse_d, wavelength_angstrom) for element, amount in content.items()
    )
    damped = squares * np.exp(-0.5 * TYPICAL_B_ANGSTROM2 * inverse_d**2) * inverse_d**2
    mass = sum(atomic_weight(element) * amount for element, amount in content.items())
    return mass / float(np.trapezoid(damped, inverse_d))


def _squared_factor(element: str, inverse_d: FloatArray, wavelength_angstrom: float) -> FloatArray:
    import gemmi

    table = gemmi.Element(element).it92
    free = np.array([table.calculate_sf(0.25 * value**2) for value in inverse_d])
    f_prime, f_double_prime = dispersion(element, wavelength_angstrom)
    return np.asarray((free + f_prime) ** 2 + f_double_prime**2)


def _amount(fit: PhaseFit, content: Mapping[str, float], result: MatchResult) -> tuple[float, float, float]:
    radiation = result.spectrum.radiation if result.spectrum is not None else None
    if radiation is None or fit.strength is None:
        return 0.0, 0.0, 0.0
    volume = fit.cell["volume_angstrom3"].value
    factor = mass_per_strength(content, volume, radiation.wavelength_angstrom, float(result.x[-1]))
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
