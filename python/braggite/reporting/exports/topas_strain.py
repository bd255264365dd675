"""Anisotropic strain of one phase in TOPAS: its terms and the widths that follow from them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from braggite import _core

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.matching.results import MatchResult, PhaseFit
    from braggite.references.structure import Structure

DEG_PER_ROOT = math.degrees(1e-6)
"""Full width in degrees over d^2 tan theta (d in angstrom) of a term of 1e-12 angstrom^-4."""


def strain_lines(result: MatchResult, phase: PhaseFit, structure: Structure | None, number: int) -> list[str]:
    """Terms S_HKL of the match and the widths they make; nothing where strain is alike in all directions."""
    if structure is None:
        return []
    lines, products = [], []
    for term in _core.strain_terms(structure.operations[0].tolist()):
        digits = "".join(map(str, term[0][0]))
        found = result.parameter(f"strain_s{digits}", phase)
        if found is None:
            return []
        name = f"s{number}_{digits}"
        lines.append(f"prm {name} {found.value.value:.6g}{' min 0' if '4' in digits else ''}")
        products.append(f"{name} * ({' + '.join(_monomial(*entry) for entry in term)})")
    lines.append(f"prm !strain{number} = {' + '.join(products)};")
    share = result.options.get("strain_lorentzian_share", 1.0)
    for keyword, part in (("lor_fwhm", share), ("gauss_fwhm", 1.0 - share)):
        if part > 0.0:
            factor = f"{part * DEG_PER_ROOT:.9g}"
            lines.append(f"{keyword} = {factor} * D_spacing^2 * Sqrt(Max(strain{number}, 0)) * Tan(Th);")
    return lines


def _monomial(powers: Sequence[int], coefficient: float) -> str:
    factors = [
        letter if power == 1 else f"{letter}^{power}" for letter, power in zip("HKL", powers, strict=True) if power
    ]
    return " * ".join([*([] if coefficient == 1.0 else [f"({coefficient:.9g})"]), *factors])
