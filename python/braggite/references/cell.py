"""A unit cell."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from braggite.errors import LibraryError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Cell:
    """Edge lengths in angstrom and angles in degrees; ``LibraryError`` when they close no cell."""

    a_angstrom: float
    b_angstrom: float
    c_angstrom: float
    alpha_deg: float = 90.0
    beta_deg: float = 90.0
    gamma_deg: float = 90.0

    def __post_init__(self) -> None:
        for name, value in zip(self.__slots__, self.parameters, strict=True):
            upper = math.inf if name.endswith("angstrom") else 180.0
            if not (math.isfinite(value) and 0.0 < value < upper):
                raise LibraryError(f"{name} = {value} is not possible in a unit cell")
        if not self._reduced_volume_squared() > 0.0:
            angles = f"{self.alpha_deg}, {self.beta_deg}, {self.gamma_deg}"
            raise LibraryError(f"the angles {angles} close no unit cell")

    @property
    def parameters(self) -> tuple[float, float, float, float, float, float]:
        """a, b, c (angstrom), alpha, beta, gamma (deg)."""
        return (self.a_angstrom, self.b_angstrom, self.c_angstrom, self.alpha_deg, self.beta_deg, self.gamma_deg)

    @property
    def volume_angstrom3(self) -> float:
        """Volume of the cell in cubic angstrom."""
        return self.a_angstrom * self.b_angstrom * self.c_angstrom * math.sqrt(self._reduced_volume_squared())

    @property
    def metric_tensor(self) -> NDArray[np.float64]:
        """G with G_ij = a_i . a_j, (3, 3), angstrom^2: the squared length of a fractional vector x is x G x."""
        lengths = np.array(self.parameters[:3])
        alpha, beta, gamma = (_cosine(angle) for angle in self.parameters[3:])
        cosines = np.array([[1.0, gamma, beta], [gamma, 1.0, alpha], [beta, alpha, 1.0]])
        metric: NDArray[np.float64] = cosines * np.outer(lengths, lengths)
        return metric

    def to_dict(self) -> dict[str, float]:
        """Plain types, keyed by the names of the attributes, with the volume."""
        return {**asdict(self), "volume_angstrom3": self.volume_angstrom3}

    def _reduced_volume_squared(self) -> float:
        alpha, beta, gamma = (_cosine(angle) for angle in (self.alpha_deg, self.beta_deg, self.gamma_deg))
        return 1.0 - alpha * alpha - beta * beta - gamma * gamma + 2.0 * alpha * beta * gamma


def _cosine(angle_deg: float) -> float:
    """Cosine that is exactly 0 for 90 degrees and exactly -1/2 for 120."""
    return {90.0: 0.0, 120.0: -0.5, 60.0: 0.5}.get(angle_deg, math.cos(math.radians(angle_deg)))
