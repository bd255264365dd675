"""Diagnostics are data: every code stands here once, with its level and meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["info", "warning", "error"]

CODES: dict[str, tuple[Level, str]] = {
    "wavelength_assumed": ("warning", "the file states no wavelength; the Cu K-alpha doublet is assumed"),
    "axis_reversed": ("info", "the positions descended and were reversed"),
    "negative_counts": ("warning", "some ordinates are negative"),
    "duplicate_positions_dropped": ("info", "repeated positions with equal ordinates were dropped"),
    "several_scans": ("warning", "the file holds several scans; one was read"),
    "scan_refused": ("warning", "a scan of the file cannot be read"),
    "sigma_unknown": ("warning", "ordinates are neither counts nor rates of known dwell; noise is estimated"),
    "last_row_dropped": ("warning", "the file does not end with a line end; its last row may be cut and was dropped"),
    "third_column_not_sigma": ("warning", "a third column does not behave like a standard deviation and is ignored"),
    "axis_label_theta": ("info", "the header calls the axis theta; it is read as 2-theta"),
    "attenuation_corrected": ("info", "beam attenuation factors were multiplied in"),
    "attenuation_in_ordinates": ("info", "the ordinates already carry the attenuation factors of the file"),
    "attenuation_undecided": ("warning", "attenuation factors stand beside intensities; they were not multiplied in"),
    "scan_not_completed": ("warning", "the instrument marks this scan as not completed"),
    "binding_energy_computed": ("info", "kinetic energies were turned into binding energies, hv - KE"),
    "raman_shift_computed": ("info", "wavelengths were turned into Raman shifts with the laser's"),
    "energy_axis_assumed": ("warning", "nothing says whether the energies are kinetic or binding energies"),
    "photon_energy_assumed": ("warning", "the file names the source but not its photon energy"),
    "energy_calibration_stored": ("info", "the file stores energy calibrations; they are kept but not applied"),
    "fit_model_stored": ("info", "the file stores a fit (regions, components); it is kept with the metadata"),
    "fit_model_unreadable": ("warning", "a line of the fit stored in the file cannot be understood"),
    "transmission_divided": ("info", "ordinates were divided by the transmission column"),
    "transmission_unusable": ("warning", "the transmission column is not positive; ordinates were left as they are"),
    "columns_unused": ("info", "further columns are kept with the metadata and not used"),
    "repeats_averaged": ("warning", "some energies were measured twice; their mean was taken"),
    "cycles_averaged": ("info", "repeated cycles were averaged; each is kept with the metadata"),
    "single_beam": ("warning", "this block is a single beam, not a spectrum divided by its reference"),
    "rows_outside_range": ("info", "rows at the ends without position or ordinate were left out"),
    "axis_label_contradicted": ("warning", "the positions are not what the header calls them"),
    "unit_contradicted": ("warning", "the ordinates are not what the file calls them"),
    "wavenumber_computed": ("info", "wavelengths were turned into wavenumbers"),
    "transmittance_percent": ("info", "the transmittance is in percent, as its values show"),
    "transmittance_scale_doubtful": ("warning", "the values do not tell a transmittance in percent from a fraction"),
    "ordinates_guessed": ("warning", "nothing states what the ordinates are; the direction of the bands decides"),
    "reflectance": ("warning", "ordinates are reflectance: bands differ in shape and strength from absorbance"),
    "technique_assumed": ("warning", "nothing in the file states the technique"),
    "kalpha2_kept": ("info", "the file names K-alpha1 only, but nothing removes K-alpha2; the doublet is used"),
    "reference_estimated": ("warning", "the reference structure is of grade D or E (cell recalled or estimated)"),
    "not_converged": ("warning", "the fit stopped before it converged"),
    "microabsorption": ("warning", "grains of some micrometres would change the weight fractions"),
    "standard_not_seen": ("warning", "the internal standard does not stand out; fractions are of the crystalline part"),
    "standard_impossible": ("warning", "more of the internal standard was weighed in than its lines allow for"),
    "direct_derivation": ("info", "weight fractions follow from intensities and compositions, good to 1-4 wt%"),
    "screening_fractions": (
        "info",
        "weight fractions follow from strengths of lines alone, good for screening",
    ),
    "axes_exchanged": ("info", "two axes of like lengths had to change places before the lines were met"),
    "intensities_shared": ("info", "intensities are shared out among lines that cannot be told apart"),
    "cell_not_determined": ("warning", "fewer lines of the phase stand out than its cell has free numbers"),
    "poor_agreement": ("warning", "a large share of the signal is not met: a phase is missing, or a cell is wrong"),
    "at_bound": ("warning", "a parameter ended at its bound"),
    "not_determined": ("warning", "the data cannot tell some numbers of the fit apart"),
    "uncertainty_scaled": ("info", "standard uncertainties are multiplied by the root of the reduced chi-square"),
    "few_points": ("warning", "fewer points than the analysis is designed for"),
    "roads_disagree": ("info", "the search by whole spectra names another phase first than the bands show"),
    "unexplained_lines": ("warning", "lines of the pattern belong to no phase found"),
    "amorphous_hump": ("warning", "the background has a broad hump, as glass, polymer or very fine grains make it"),
    "ghost_lines": ("info", "weak lines repeat strong ones by other wavelengths of the tube"),
    "ghost_fitted": ("info", "another radiation of the tube takes part in the match"),
    "ghost_refused": ("info", "the data do not pay for another radiation of the tube"),
    "no_candidates": ("warning", "no phase of the library passes the filter"),
    "candidates_nominated": ("info", "only phases whose lines are worth fitting to the pattern were fitted"),
    "watched_in_part": ("warning", "more phases could have formed than are watched"),
    "reference_unreadable": ("warning", "a file of the library cannot be read; the others are used"),
    "candidate_failed": ("warning", "a candidate could not be computed or fitted"),
    "blank_subtracted": ("info", "the scan of an empty holder was subtracted"),
    "blank_interpolated": ("info", "the blank was measured at other positions and is interpolated"),
    "blank_factor_uncertain": ("warning", "the factor of the blank is uncertain by more than half of itself"),
    "background_subtracted": ("info", "the background was subtracted before peaks were looked for"),
    "background_not_converged": ("warning", "the background iteration stopped at its limit"),
    "ordinates_above_one": ("warning", "transmittance or reflectance above 100 %"),
    "ordinates_not_positive": ("warning", "values of a transmittance or reflectance are not above zero"),
    "atmosphere_masked": ("info", "bands of carbon dioxide were left out"),
    "atmosphere_subtracted": ("info", "carbon dioxide and water vapour were taken off"),
    "no_peaks": ("warning", "nothing rises above the noise: a background alone, such as fluorescence"),
    "no_spikes": ("info", "no spike was found"),
    "spikes_replaced": ("info", "points were replaced as spikes"),
    "replicates_differ": ("warning", "the scans differ by more than their noise at many points"),
    "noise_correlated": ("info", "after smoothing neighbouring ordinates share their noise"),
    "background_chosen": ("info", "the background method was chosen from the data"),
    "detector_saturated": ("warning", "points stand at the ceiling of the detector"),
    "axis_extrapolated": ("info", "the axis goes beyond the lines of its calibration"),
    "calibration_not_monotonic": ("error", "the law of the axis would not ascend"),
    "calibration_few_lines": ("error", "too few lines of the standard lie in the range"),
    "calibration_coarse_step": ("error", "the step is too coarse for the shape of a line"),
    "standard_not_matched": ("error", "the pattern is not that of the standard"),
    "profile_undetermined": ("error", "the data do not determine the widths of the instrument"),
    "cell_not_certified": ("error", "the pattern contradicts the cell of the standard"),
    "cell_doubtful": ("warning", "the pattern agrees poorly with the cell of the standard"),
    "anisotropic_strain": ("info", "widths of the phase go with direction"),
    "anisotropic_strain_not_kept": ("info", "the data do not ask for widths of the phase that go with direction"),
    "displacement_factors_assumed": ("info", "the data say less of some displacement factors than the reference"),
    "strain_not_positive": ("warning", "terms of anisotropic strain make no variance of some lines"),
    "size_needs_instrument": ("info", "sizes and strains are not stated without a calibrated instrument"),
    "variable_guessed": ("warning", "the variable of the series is taken from the file names"),
    "variable_unknown": ("warning", "nothing tells the variable of the series; its scans have no order"),
    "scan_failed": ("warning", "a scan of the series could not be used"),
    "search_low_coverage": ("warning", "the reference that resembles the spectrum most covers little of its range"),
    "search_small_margin": ("warning", "another phase resembles the spectrum nearly as well"),
    "look_alikes_merged": ("info", "phases that no scan tells apart are counted as one"),
}


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One remark about data, an assumption or a result."""

    code: str
    where: str | None = None
    value: Any = None
    message: str = ""
    suggestion: str | None = None
    level: Level = "info"

    @classmethod
    def of(
        cls,
        code: str,
        *,
        where: str | None = None,
        value: Any = None,
        detail: str | None = None,
        suggestion: str | None = None,
    ) -> Diagnostic:
        """A diagnostic of a known code; ``detail`` replaces the standard sentence."""
        level, meaning = CODES[code]
        return cls(code, where, value, detail or meaning, suggestion, level)

    def to_dict(self) -> dict[str, Any]:
        """Plain types, as documents carry it."""
        return {
            "code": self.code,
            "level": self.level,
            "where": self.where,
            "value": self.value,
            "message": self.message,
            "suggestion": self.suggestion,
        }
