"""Defaults of matching bands, in one place."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from braggite.errors import OptionError


@dataclass(frozen=True, slots=True)
class BandOptions:
    """What is known of any vibrational spectrum before it is seen.

    Attributes
    ----------
    shift_sd_cm1 : standard deviation of the axis's common shift; None takes the technique's, that of a calibrated axis
        where the spectrum carries one
    discrepancy : misfit as a share of the signal, correlated over a band, that a search starts with
    least_discrepancy : smallest misfit a search ends with: no band is a pseudo-Voigt to a better share
    background_discrepancy : misfit of the background as a share of its rise and fall
    background_order : of the Chebyshev polynomials fitted on top of the estimated background
    lorentz_share : mean and standard deviation of the share of the Lorentzian in a band
    max_iterations, tol : steps at most; a step that lowers the objective by less than this share is the last
    """

    shift_sd_cm1: float | None = None
    discrepancy: float = 0.02
    least_discrepancy: float = 0.01
    background_discrepancy: float = 0.002
    background_order: int = 6
    lorentz_share: tuple[float, float] = (0.5, 0.3)
    max_iterations: int = 40
    tol: float = 1e-4

    def __post_init__(self) -> None:
        if self.shift_sd_cm1 is not None and not 0.0 < self.shift_sd_cm1 <= 50.0:
            raise OptionError(f"shift_sd_cm1 = {self.shift_sd_cm1} must lie above 0, at most 50", where="shift_sd_cm1")
        for name, low, high in (
            ("discrepancy", 0.0, 1.0),
            ("least_discrepancy", 0.0, 1.0),
            ("background_discrepancy", 0.0, 1.0),
            ("background_order", 0, 20),
            ("max_iterations", 1, 10_000),
            ("tol", 1e-14, 0.1),
        ):
            if not low <= getattr(self, name) <= high:
                raise OptionError(f"{name} = {getattr(self, name)} must lie between {low:g} and {high:g}", where=name)

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return asdict(self) | {"lorentz_share": list(self.lorentz_share)}
