"""Match observed lines with those of phases, without a fit of the profile."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from braggite.errors import OptionError
from braggite.matching.line_list import line_list
from braggite.matching.line_positions import refine, start
from braggite.matching.line_strengths import strengths
from braggite.matching.line_summary import Account
from braggite.matching.observed_lines import observed_lines
from braggite.matching.options import MatchOptions
from braggite.matching.pattern import on_instrument
from braggite.matching.structure import refuse_names
from braggite.peaks import PeakList, find_peaks
from braggite.spectrum import Instrument, Spectrum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from braggite.matching.line_results import LineMatch
    from braggite.references.phase import Phase
    from braggite.spectrum import Radiation

USED = {"radius_mm", "shift_sd_deg", "instrument"}
"""Options that mean something without a profile."""


def match_lines(
    observed: Spectrum | PeakList,
    phases: Sequence[Phase],
    *,
    radiation: Radiation | None = None,
    options: MatchOptions | None = None,
) -> LineMatch:
    """Assign the lines of a pattern to those of the named phases, and refine cells and shift from their positions.

    Parameters
    ----------
    observed
        A powder diffraction pattern, or its peaks (2-theta in degrees) as :func:`find_peaks` gives them.
    phases
        Phases; of those without atoms positions alone count.
    radiation
        Of a list of peaks, which does not say it; of a pattern None.
    options
        ``radius_mm``, ``shift_sd_deg`` and ``instrument`` of :class:`MatchOptions`; others mean nothing here and are
        refused.

    Returns
    -------
    LineMatch
        Weight fractions are those of the crystalline part, good for screening: strengths of lines on the scale of the
        structures, as reference intensity ratios give them (Chung, J. Appl. Cryst. 7 (1974) 519).

    Raises
    ------
    OptionError
        No phase, one given twice, no diffraction pattern, no radiation, or an option without effect.
    LibraryError
        A phase without a cell or without a line in the range.
    InvalidSpectrum
        Fewer than three lines were found.
    """
    options = options or MatchOptions()
    options.refuse(sorted({entry.name for entry in fields(MatchOptions)} - USED), "a match of lines")
    refuse_names(phases, options)
    spectrum, peaks, seen_by = _observed(observed, radiation, options)
    lines = observed_lines(peaks, seen_by)
    instrument = (spectrum.instrument if spectrum is not None else None) or Instrument()
    range_deg = (float(lines.position[0]) - 1.0, float(lines.position[-1]) + 1.0)
    if spectrum is not None:
        range_deg = float(spectrum.x[0]), float(spectrum.x[-1])
    lists = [line_list(phase, seen_by.wavelength_angstrom, range_deg, instrument) for phase in phases]
    displaced = instrument.geometry != "debye-scherrer"
    changes, shift = start(lists, lines, displaced=displaced, shift_sd_deg=options.shift_sd_deg)
    fit = refine(
        lists,
        lines,
        changes,
        shift,
        displaced=displaced,
        shift_sd_deg=options.shift_sd_deg,
        range_deg=range_deg,
    )
    amounts = strengths(lists, lines, fit.assigned, range_deg)
    account = Account(lines, lists, fit, amounts, range_deg=range_deg, displaced=displaced)
    echoed = {name: value for name, value in options.to_dict().items() if name in USED}
    return account.result(spectrum, echoed, instrument.radius_mm or options.radius_mm)


def _observed(
    observed: Spectrum | PeakList, radiation: Radiation | None, options: MatchOptions
) -> tuple[Spectrum | None, PeakList, Radiation]:
    if isinstance(observed, PeakList):
        if radiation is None:
            raise OptionError("a list of peaks does not state its radiation", where="radiation")
        return None, observed, radiation
    if radiation is not None:
        raise OptionError("the pattern states its radiation itself", where="radiation")
    if observed.technique != "xrd":
        raise OptionError(f"a match of lines needs a diffraction pattern, not {observed.technique}")
    stated = observed.radiation
    if options.instrument is not None:
        observed = on_instrument(observed, options.instrument)
        if stated is not None and observed.radiation is not None and observed.radiation.widths_angstrom:
            # Peaks are found as two lines, not as six.
            observed = replace(observed, radiation=stated)
    if observed.radiation is None:
        raise OptionError("the pattern has no wavelength", suggestion="give the radiation, for example CuKa")
    return observed, find_peaks(observed), observed.radiation
