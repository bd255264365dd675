"""What a calibration returns: first whether the instrument may be used, then its numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from braggite.values import Value, finite

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from braggite.calibration.profile import InstrumentProfile
    from braggite.diagnostics import Diagnostic
    from braggite.matching.results import MatchResult


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """An instrument calibrated on a standard.

    Attributes
    ----------
    instrument : the instrument; None where the data cannot support one, and ``diagnostics`` say why
    match : the fit of the standard; None where the data were refused before it
    cell_difference_ppm : by how much the cell that this scan would give on its own exceeds the one held
    fwhm_relative_su : largest relative standard uncertainty of the instrument's width at the lines of the standard
    standard, options : what was assumed
    """

    instrument: InstrumentProfile | None
    match: MatchResult | None
    cell_difference_ppm: Value | None
    fwhm_relative_su: float | None
    standard: dict[str, Any]
    options: dict[str, Any] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether the data support an instrument."""
        return self.instrument is not None

    def to_dict(self) -> dict[str, Any]:
        """The body of a ``braggite.calibration/1`` document."""
        match = self.match
        return {
            "usable": self.usable,
            "converged": match is not None and match.converged,
            "stop_reason": None if match is None else match.stop_reason,
            "statistics": None if match is None else match.statistics.to_dict(),
            "standard": self.standard,
            "parameters": {} if match is None else {name: p.to_dict() for name, p in match.parameters.items()},
            "cell_difference_ppm": None if self.cell_difference_ppm is None else self.cell_difference_ppm.to_dict(),
            "fwhm_relative_su": finite(self.fwhm_relative_su),
            "instrument": None if self.instrument is None else self.instrument.to_dict(),
        }

    def plot(self, ax: Axes | None = None) -> Axes:
        """Observed and calculated pattern of the standard; ``OptionError`` where none was fitted."""
        from braggite.errors import OptionError

        if self.match is None:
            raise OptionError("the data were refused before a fit; there is nothing to plot")
        return self.match.plot(ax)
