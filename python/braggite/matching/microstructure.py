"""Crystallite size and strain from the widths that a phase adds to a known instrument."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from braggite.values import Value, finite

LORENTZ_BREADTH = math.pi / 2.0
"""Integral breadth of a Lorentzian over its full width at half maximum."""
SIGNIFICANT = 2.0
"""Standard uncertainties by which a width must stand above zero for a size to be stated."""
ONE_SIDED_95 = 1.645


@dataclass(frozen=True, slots=True)
class Microstructure:
    """Crystallite size and strain of a phase, the instrument's part removed; both broadenings Lorentzian.

    With the full widths at half maximum S / cosθ and T tanθ (radians) that the phase adds to the instrument:

    Attributes
    ----------
    size_nm : Scherrer size K λ / S from the full width; None where S is not above zero by two of its uncertainties
    size_volume_weighted_nm : volume-weighted column length λ / (S π/2), from the integral breadth with K = 1
    size_at_least_nm : size that is exceeded with 95 % confidence
    strain_percent : T / 4 in percent
    strain_integral_percent : the same from the integral breadth, T π/8
    scherrer_constant : K
    """

    size_nm: Value | None
    size_volume_weighted_nm: Value | None
    size_at_least_nm: float | None
    strain_percent: Value | None
    strain_integral_percent: Value | None
    scherrer_constant: float

    def to_dict(self) -> dict[str, Any]:
        """Plain types, with the conventions."""
        values = {
            name: None if number is None else number.to_dict()
            for name, number in (
                ("size_nm", self.size_nm),
                ("size_volume_weighted_nm", self.size_volume_weighted_nm),
                ("strain_percent", self.strain_percent),
                ("strain_integral_percent", self.strain_integral_percent),
            )
        }
        return values | {
            "size_at_least_nm": finite(self.size_at_least_nm),
            "scherrer_constant": self.scherrer_constant,
        }


def microstructure(
    size: Value, strain: Value | None, wavelength_angstrom: float, scherrer_constant: float
) -> Microstructure:
    """From the refined widths in degrees and their uncertainties; no strain where that goes with direction."""
    if size.su is None or (strain is not None and strain.su is None):
        return Microstructure(None, None, None, None, None, scherrer_constant)
    per_degree = 0.1 * scherrer_constant * wavelength_angstrom / math.radians(1.0)
    by_size = None
    if size.value > SIGNIFICANT * size.su:
        d = per_degree / size.value
        by_size = Value(
            d, d * size.su / size.value, None if size.su_counting is None else d * size.su_counting / size.value
        )
    upper = size.value + ONE_SIDED_95 * size.su
    by_strain = None if strain is None else _scaled(strain, 25.0 * math.radians(1.0))
    return Microstructure(
        size_nm=by_size,
        size_volume_weighted_nm=None
        if by_size is None
        else _scaled(by_size, 1.0 / (scherrer_constant * LORENTZ_BREADTH)),
        size_at_least_nm=per_degree / upper if upper > 0.0 else None,
        strain_percent=by_strain,
        strain_integral_percent=None if by_strain is None else _scaled(by_strain, LORENTZ_BREADTH),
        scherrer_constant=scherrer_constant,
    )


def _scaled(value: Value, factor: float) -> Value:
    counting = None if value.su_counting is None else factor * value.su_counting
    return Value(factor * value.value, None if value.su is None else factor * value.su, counting)


def size_width_deg(size_nm: float | None, wavelength_angstrom: float, scherrer_constant: float) -> float:
    """Full width in degrees, times cosθ, of crystallites of a Scherrer size; 0 for large ones (None)."""
    return 0.0 if size_nm is None else math.degrees(0.1 * scherrer_constant * wavelength_angstrom / size_nm)


def strain_width_deg(strain_percent: float) -> float:
    """Full width in degrees, over tanθ, of a strain."""
    return math.degrees(0.04 * strain_percent)
