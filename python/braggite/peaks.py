"""Peaks of a spectrum: where, how high, how wide, how sure."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from braggite import _core
from braggite.arrays import FloatArray, frozen
from braggite.diagnostics import Diagnostic
from braggite.errors import OptionError
from braggite.noise import sigma_or_estimate
from braggite.preprocessing import subtract_background
from braggite.values import Value, finite, format_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

    from braggite.spectrum import Spectrum

COLUMNS = ("position", "position_su", "height", "area", "area_su", "fwhm", "fwhm_su", "significance")


@dataclass(frozen=True, slots=True)
class Peak:
    """One peak; ``fwhm.su`` is None where neighbours cover both sides and the width is the expected one."""

    position: Value
    height: float
    area: Value
    fwhm: Value
    significance: float

    def to_dict(self) -> dict[str, Any]:
        """Plain types, as the ``peaks`` document holds them."""
        return {
            "position": self.position.to_dict(), "height": finite(self.height), "area": self.area.to_dict(),
            "fwhm": self.fwhm.to_dict(), "significance": finite(self.significance),
        }  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class PeakList:
    """Peaks by ascending position; (n,) arrays.

    Attributes
    ----------
    position, position_su, fwhm, fwhm_su : in ``unit``; ``fwhm_su`` is NaN where the width is the expected one
    height : above background, in the unit of the ordinates
    area, area_su : between the valleys to the neighbours, or within three widths; ordinates times ``unit``
    significance : filtered height over its noise
    options : every option as used
    """

    position: FloatArray
    position_su: FloatArray
    height: FloatArray
    area: FloatArray
    area_su: FloatArray
    fwhm: FloatArray
    fwhm_su: FloatArray
    significance: FloatArray
    unit: str
    options: dict[str, Any]
    diagnostics: tuple[Diagnostic, ...] = ()

    def __post_init__(self) -> None:
        for name in COLUMNS:
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __setstate__(self, state: list[Any]) -> None:
        """Unpickling restores read-only arrays."""
        for name, value in zip(self.__slots__, state, strict=True):
            object.__setattr__(self, name, value)
        self.__post_init__()

    def __getstate__(self) -> list[Any]:
        return [getattr(self, name) for name in self.__slots__]

    def __len__(self) -> int:
        return self.position.size

    def __getitem__(self, index: int) -> Peak:
        value = {name: float(getattr(self, name)[index]) for name in COLUMNS}
        return Peak(
            position=Value(value["position"], value["position_su"]),
            height=value["height"],
            area=Value(value["area"], value["area_su"]),
            fwhm=Value(value["fwhm"], finite(value["fwhm_su"])),
            significance=value["significance"],
        )

    def __iter__(self) -> Iterator[Peak]:
        return (self[index] for index in range(len(self)))

    def to_dict(self) -> dict[str, Any]:
        """The body of a ``peaks`` document."""
        return {
            "unit": self.unit,
            "peaks": [peak.to_dict() for peak in self],
            "options": dict(self.options),
            "diagnostics": [note.to_dict() for note in self.diagnostics],
        }

    def _repr_html_(self) -> str:
        head = "".join(
            f"<th>{escape(text)}</th>" for text in (f"position ({self.unit})", *COLUMNS[2:4], "fwhm", "sigma")
        )
        rows = (
            (
                str(p.position),
                f"{p.height:.5g}",
                str(p.area),
                format_value(p.fwhm.value, p.fwhm.su),
                f"{p.significance:.1f}",
            )
            for p in self
        )
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw a mark of the peak's height at each position."""
        import matplotlib.pyplot as plt

        if ax is None:
            ax = plt.subplots()[1]
        ax.vlines(self.position, 0.0, self.height, linewidth=0.8)
        ax.set_xlabel(self.unit)
        return ax


def find_peaks(
    spectrum: Spectrum, *, false_alarms: float = 0.1, fwhm: float | None = None, background: bool | None = None
) -> PeakList:
    """The peaks of a spectrum.

    Parameters
    ----------
    false_alarms
        Peaks expected in a blank spectrum of this length and noise; it alone sets the threshold.
    fwhm
        Full width at half maximum of the lines, in units of the axis; None measures it on the strongest peaks.
    background
        Whether the technique's background is subtracted first; None does so unless the history says that a background
        was subtracted already. A diagnostic (``background_subtracted``) notes it.

    Raises
    ------
    OptionError
        ``false_alarms`` or ``fwhm`` not above 0.
    InvalidSpectrum
        Fewer than eight points.

    References
    ----------
    Matched filter: Turin, IRE Trans. Inf. Theory 6 (1960) 311. Second derivative: Mariscotti, Nucl. Instrum. Methods 50
    (1967) 309. Rate of false alarms: Rice, Bell Syst. Tech. J. 24 (1945) 46.
    """
    if background is None:
        background = all(step.verb != "subtract_background" for step in spectrum.history)
    net = subtract_background(spectrum) if background else spectrum
    sigma, remarks = sigma_or_estimate(net)
    notes = (*net.diagnostics[len(spectrum.diagnostics) :], *remarks)
    if background:
        used = net.history[-1].options
        notes = (*notes, Diagnostic.of("background_subtracted", where=spectrum.name or None, value=used))
    options = {"false_alarms": false_alarms, "fwhm": fwhm, "background": background}
    return found(net.x, net.y, sigma, unit=spectrum.x_unit, options=options, diagnostics=notes)


def found(
    x: FloatArray, y: FloatArray, sigma: FloatArray, *, unit: str, options: dict[str, Any],
    diagnostics: tuple[Diagnostic, ...] = (),
) -> PeakList:  # fmt: skip
    """Peaks of net ordinates with the kernel's options ``false_alarms`` and ``fwhm``."""
    false_alarms, fwhm = _number("false_alarms", options["false_alarms"]), options["fwhm"]
    columns = _core.find_peaks(x, y, sigma, false_alarms, None if fwhm is None else _number("fwhm", fwhm))
    return PeakList(**columns, unit=unit, options=options, diagnostics=diagnostics)


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise OptionError(f"option {name} = {value!r}: must be a number") from None


@dataclass(frozen=True, slots=True, eq=False)
class Widths:
    """Full widths of the strong peaks that stand free: (n,) arrays, and their median (None: there is none)."""

    position: FloatArray
    fwhm: FloatArray
    height: FloatArray
    typical: float | None


def estimate_fwhm(spectrum: Spectrum) -> Widths:
    """Full widths at half maximum of the strongest free peaks of a spectrum net of background, in units of its axis."""
    sigma, _ = sigma_or_estimate(spectrum)
    position, fwhm, height, typical = _core.estimate_fwhm(spectrum.x, spectrum.y, sigma)
    return Widths(frozen(position), frozen(fwhm), frozen(height), typical)


def typical_fwhm(x: FloatArray, y: FloatArray, sigma: FloatArray) -> float | None:
    """Median full width of the strong free peaks of net ordinates; None without one."""
    return _core.estimate_fwhm(x, y, sigma)[3]
