"""Peaks of a spectrum: where, how high, how wide, how sure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from braggite import _core
from braggite.arrays import FloatArray, frozen
from braggite.diagnostics import Diagnostic
from braggite.errors import OptionError
from braggite.noise import sigma_or_estimate
from braggite.preprocessing import subtract_background
from braggite.preprocessing.rows import Given
from braggite.techniques import technique_named
from braggite.values import Value, finite, format_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from matplotlib.axes import Axes

    from braggite.spectrum import Radiation, Spectrum

IndexArray = NDArray[np.int64]

COLUMNS = (
    "position", "position_su", "height", "height_su", "area", "area_su", "fwhm", "fwhm_su", "significance",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Peak:
    """One peak."""

    position: Value
    height: float
    height_su: float
    area: Value
    fwhm: Value
    significance: float
    partner_of: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain types, as the ``peaks`` document holds them."""
        return {
            "position": self.position.to_dict(), "height": finite(self.height), "height_su": finite(self.height_su),
            "area": self.area.to_dict(), "fwhm": self.fwhm.to_dict(), "significance": finite(self.significance),
            "partner_of": self.partner_of,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class PeakList:
    """Peaks by ascending position; (n,) arrays.

    Values and standard uncertainties (``..._su``) come from pseudo-Voigts fitted to neighbouring peaks together; the
    uncertainties grow with the misfit where the shape does not hold.

    Attributes
    ----------
    position, position_su, fwhm, fwhm_su : in ``unit``; peaks that overlap have one width
    height, height_su : above background, in the unit of the ordinates
    area, area_su : of the whole line, tails included; ordinates times ``unit``
    significance : filtered height over its noise
    partner_of : index of the peak whose weaker emission line (K-alpha2, say) this peak is by position and height; -1
        for a peak of its own
    options : every option as used
    """

    position: FloatArray
    position_su: FloatArray
    height: FloatArray
    height_su: FloatArray
    area: FloatArray
    area_su: FloatArray
    fwhm: FloatArray
    fwhm_su: FloatArray
    significance: FloatArray
    unit: str
    options: dict[str, Any]
    diagnostics: tuple[Diagnostic, ...] = ()
    partner_of: IndexArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def __post_init__(self) -> None:
        for name in COLUMNS:
            object.__setattr__(self, name, frozen(getattr(self, name)))
        partner_of = np.array(self.partner_of if self.partner_of.size else np.full(len(self), -1))
        partner_of.flags.writeable = False
        object.__setattr__(self, "partner_of", partner_of)

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
            height_su=value["height_su"],
            area=Value(value["area"], value["area_su"]),
            fwhm=Value(value["fwhm"], value["fwhm_su"]),
            significance=value["significance"],
            partner_of=None if self.partner_of[index] < 0 else int(self.partner_of[index]),
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
    peaks = found(net.x, net.y, sigma, unit=spectrum.x_unit, options=options, diagnostics=notes)
    peaks = replace(peaks, diagnostics=(*peaks.diagnostics, *_nothing_but_ground(peaks, spectrum)))
    return peaks if spectrum.radiation is None else replace(peaks, partner_of=partners(peaks, spectrum.radiation))


SWELLING_WIDTH = 0.25
"""Share of the technique's largest line width from which a weak peak may be what a background left."""
SWELLING_SIGNIFICANCE = 10.0


def _nothing_but_ground(peaks: PeakList, spectrum: Spectrum) -> tuple[Diagnostic, ...]:
    """The remark ``no_peaks`` where nothing was found, or only weak swellings that a background leaves."""
    broad = peaks.fwhm > SWELLING_WIDTH * technique_named(spectrum.technique).width[1]
    if not np.all(broad & (peaks.significance < SWELLING_SIGNIFICANCE)):
        return ()
    detail = "only weak and broad swellings rise above the noise, as a background leaves them" if len(peaks) else None
    return (Diagnostic.of("no_peaks", where=spectrum.name or None, value=len(peaks), detail=detail),)


PARTNER_APART = 0.25
"""A partner lies this near to where its emission line puts it, in widths."""
PARTNER_RATIO = (0.5, 1.6)
"""Height over the one expected of a partner, within these factors or three of the ratio's uncertainties."""


def partners(peaks: PeakList, radiation: Radiation) -> IndexArray:
    """For each peak (2-theta) the index of the stronger one whose weaker emission line it is, -1 for none.

    A partner's position follows from the wavelengths, its height from their weights; a peak higher than that is a line
    of its own, whatever it covers.
    """
    partner_of = np.full(len(peaks), -1, dtype=np.int64)
    sine = np.sin(np.radians(0.5 * peaks.position)) / radiation.wavelength_angstrom
    for wavelength, weight in radiation.lines[1:]:
        expected_at = 2.0 * np.degrees(np.arcsin(np.clip(sine * wavelength, 0.0, 1.0)))
        for index in np.argsort(-peaks.height, kind="stable"):
            if partner_of[index] >= 0:
                continue
            apart = np.abs(peaks.position - expected_at[index])
            other = int(np.argmin(np.where(np.arange(len(peaks)) == index, np.inf, apart)))
            near = apart[other] <= max(PARTNER_APART * peaks.fwhm[index], 3.0 * peaks.position_su[other])
            if near and partner_of[other] < 0 and _fits(peaks, int(index), other, weight / radiation.lines[0][1]):
                partner_of[other] = index
    return partner_of


def _fits(peaks: PeakList, index: int, other: int, weight: float) -> bool:
    """Whether the height of ``other`` is what an emission line of relative ``weight`` makes of ``index``."""
    ratio = peaks.height[other] / peaks.height[index]
    relative_su = np.hypot(peaks.height_su[other] / peaks.height[other], peaks.height_su[index] / peaks.height[index])
    low, high = PARTNER_RATIO
    return bool(low <= ratio / weight <= high or abs(ratio - weight) <= 3.0 * ratio * relative_su)


def found(
    x: FloatArray, y: FloatArray, sigma: FloatArray, *, unit: str, options: dict[str, Any],
    diagnostics: tuple[Diagnostic, ...] = (),
) -> PeakList:  # fmt: skip
    """Peaks of net ordinates with the kernel's options ``false_alarms`` and ``fwhm``."""
    ((columns, _),) = kernel_rows(Given(y, x, unit, sigma=sigma), options)
    return PeakList(**columns, unit=unit, options=options, diagnostics=diagnostics)


def kernel_rows(
    given: Given, options: dict[str, Any], *, ground: Mapping[str, float] | None = None
) -> list[tuple[dict[str, Any], dict[str, float]]]:
    """For each row of ``given.y`` the columns of a PeakList, and the stiffness of the ground that was subtracted."""
    false_alarms, fwhm = _number("false_alarms", options["false_alarms"]), options["fwhm"]
    width = None if fwhm is None else _number("fwhm", fwhm)
    rows = _core.find_peaks(
        given.x, given.y.reshape(-1), given.flat_sigma(), false_alarms, width, ground, given.threads
    )
    return [(columns, {} if used is None else {"stiffness_width": used}) for columns, used in rows]


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
