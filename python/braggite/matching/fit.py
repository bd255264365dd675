"""What every match of a spectrum has, whatever it rests on: reports and plots ask for no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.arrays import FloatArray
    from braggite.matching.results import FitParameter, FitStatistics
    from braggite.values import Value


class FittedPhase(Protocol):
    """One phase of a match: amounts that were not measured are None."""

    @property
    def name(self) -> str:
        """Of the phase in the library."""

    @property
    def weight_fraction(self) -> Value | None:
        """By diffraction."""

    @property
    def band_fraction(self) -> Value | None:
        """Share of the area of all bands."""

    @property
    def tick_positions(self) -> FloatArray:
        """Where its lines or bands are."""


class Fit(Protocol):
    """A match: whether it may be believed, its phases, and the curves."""

    @property
    def technique(self) -> str:
        """Of the spectrum."""

    @property
    def converged(self) -> bool:
        """Whether the fit came to its end."""

    @property
    def stop_reason(self) -> str:
        """Why it ended."""

    @property
    def at_bound(self) -> tuple[str, ...]:
        """Numbers that stand at a bound."""

    @property
    def statistics(self) -> FitStatistics:
        """Agreement of model and data."""

    @property
    def phases(self) -> Sequence[FittedPhase]:
        """In the order they were matched."""

    @property
    def parameters(self) -> dict[str, FitParameter]:
        """Refined numbers by name."""

    @property
    def x(self) -> FloatArray:
        """(n,) positions."""

    @property
    def observed(self) -> FloatArray:
        """(n,) ordinates."""

    @property
    def calculated(self) -> FloatArray:
        """(n,) with the background."""

    @property
    def background(self) -> FloatArray:
        """(n,)"""

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
