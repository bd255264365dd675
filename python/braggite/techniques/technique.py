"""What one measuring technique means for every step of the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class FileHints:
    """How a text file of the technique is recognised when it does not name it.

    Attributes
    ----------
    words : regular expressions (lower case) of header lines
    name_words : words of a file name (regular expressions)
    positions : lowest and highest position of ordinary files
    span : smallest and largest range an ordinary file covers
    direction : order in which the positions are usually stored
    suffixes : suffixes that mean this technique
    sure_span : a file that fits and covers this much is not doubted; against the usual direction it needs the suffix
        too, or twice the span
    """

    words: tuple[str, ...]
    name_words: tuple[str, ...]
    positions: tuple[float, float]
    span: tuple[float, float]
    direction: Literal["ascending", "descending"]
    suffixes: tuple[str, ...] = ()
    sure_span: float = float("inf")


@dataclass(frozen=True, slots=True)
class BandLaw:
    """How bands of phases are looked for in a spectrum of the technique; positions and widths in 1/cm.

    Attributes
    ----------
    shift_sd : standard deviation of the shift of an axis that nobody calibrated
    typical_fwhm, ln_fwhm_sd : full width of a band whose width no reference states, and how far it may differ
    stated_ln_fwhm_sd : how far a stated width may differ
    least_fwhm : of any band
    least_position_sd : standard deviation of a band's position from sample to sample, at least
    range_cm1 : where bands are looked for: beyond the edge of filters
    left_out : ranges in which something else than the sample is seen
    despiked : whether cosmic rays are looked for
    in_absorbance : whether ordinates are brought to absorbance, where bands add
    background_method, background_options : a background that leaves the broadest bands alone
    """

    shift_sd: float
    typical_fwhm: float
    ln_fwhm_sd: float
    stated_ln_fwhm_sd: float
    least_fwhm: float
    least_position_sd: float
    background_method: str
    background_options: dict[str, Any]
    range_cm1: tuple[float, float]
    left_out: tuple[tuple[float, float], ...] = ()
    despiked: bool = False
    in_absorbance: bool = False


@dataclass(frozen=True, slots=True)
class Technique:
    """Differences between techniques, as data.

    Attributes
    ----------
    x_unit, x_label, column_title, y_label : unit, axis titles, and the title of a column in plain letters
    x_range : positions that make sense, used to refuse or doubt a file
    plot_reversed : whether the axis is drawn from high to low
    background_method, background_options : the default background
    saturates : whether detectors of the technique have a ceiling that files show
    calibrated : what a standard calibrates: the profile of lines, the axis, or nothing
    bands : how bands of phases are looked for; None where phases show something else
    survey_span : a longer axis is a survey, whose default is ``survey_method`` with ``survey_options``
    fit_shape, fit_background : line shape and background of a peak fit that names none
    width : (smallest, largest) full width of a line, in ``x_unit``
    limit_quantity : what an upper limit is stated in
    counting : whether whole ordinates are events of a counting detector
    assumed_radiation : X-rays assumed when a file names none; None where the question has no meaning
    hints : how a file of the technique is recognised
    """

    name: Literal["xrd", "raman", "ftir", "xps"]
    title: str
    x_unit: str
    x_label: str
    column_title: str
    y_label: str
    x_range: tuple[float, float]
    plot_reversed: bool
    background_method: str
    background_options: dict[str, Any] = field(default_factory=dict)
    fit_shape: str = "pseudo_voigt"
    fit_background: str = "estimated"
    width: tuple[float, float] = (0.0, 1.0)
    limit_quantity: Literal["weight_fraction", "band_fraction", "atomic_fraction"] = "weight_fraction"
    counting: bool = False
    assumed_radiation: str | None = None
    hints: FileHints | None = None
    saturates: bool = False
    calibrated: Literal["profile", "axis"] | None = None
    survey_span: float = float("inf")
    survey_method: str = ""
    survey_options: dict[str, Any] = field(default_factory=dict)
    bands: BandLaw | None = None

    def default_background(self, span: float) -> str:
        """The background method of a spectrum whose axis is ``span`` long."""
        return self.background_method if span <= self.survey_span else self.survey_method

    def default_fit_background(self, span: float) -> str:
        """The background inside a peak fit over an axis that is ``span`` long; a survey's is estimated first."""
        return self.fit_background if span <= self.survey_span else "estimated"

    def options_of(self, method: str) -> dict[str, Any]:
        """The technique's options of ``method``; empty for one that is no default of the technique."""
        return {self.survey_method: self.survey_options, self.background_method: self.background_options}.get(
            method, {}
        )
