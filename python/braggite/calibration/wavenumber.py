"""Calibrate the axis of a Raman or infrared spectrometer on a standard, and put spectra right with it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from braggite.calibration.axis_law import AxisLaw, fitted_law, without_outliers
from braggite.calibration.axis_lines import LASER_CM1, CalibrationLine, lines_seen, measured_lines, recognise
from braggite.calibration.axis_standards import AxisStandard, axis_standard
from braggite.diagnostics import Diagnostic
from braggite.errors import OptionError
from braggite.preprocessing.ordinates import refuse_single_beam, to_absorbance
from braggite.preprocessing.saturation import note_saturation
from braggite.spectrum import Step
from braggite.values import finite

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from braggite.arrays import FloatArray
    from braggite.calibration.axis_lines import Recognised
    from braggite.spectrum import Spectrum, TechniqueName

LEAST_SHARE = 0.6
"""Of the strong lines of the standard that the range covers, so many must be found."""
STRONG = 0.25
"""Strength of a strong line, as a share of the strongest that the range covers."""
KNOTS = 65
"""Positions at which a calibrated spectrum carries the uncertainty of its axis."""
AXIS_SU = "axis_su_cm1"


@dataclass(frozen=True, slots=True, eq=False)
class WavenumberCalibration:
    """How far the axis of one instrument is off, from a standard.

    Attributes
    ----------
    law : the correction; None where the data support none, and ``diagnostics`` say why
    lines : of the standard, as they were used: position read, true position, uncertainties, what the law leaves
    residual_rms_cm1 : root mean square of what the law leaves; None without a law
    laser_wavelength_nm : in air, where lamp lines were used
    aicc : of each order that was tried
    provenance : file, instrument, earlier standards
    """

    technique: TechniqueName
    standard: dict[str, Any]
    law: AxisLaw | None
    lines: tuple[CalibrationLine, ...] = ()
    residual_rms_cm1: float | None = None
    laser_wavelength_nm: float | None = None
    aicc: dict[int, float] = field(default_factory=dict)
    name: str = ""
    provenance: dict[str, Any] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()

    def __post_init__(self) -> None:
        if self.law is not None and not self.law.increasing:
            raise OptionError("makes positions that do not ascend", where="law")

    @property
    def usable(self) -> bool:
        """Whether the data support a law."""
        return self.law is not None

    @property
    def range_cm1(self) -> tuple[float, float] | None:
        """First and last line of the standard, as read; None without a law."""
        return None if self.law is None else (self.law.low_cm1, self.law.high_cm1)

    def correction_cm1(self, x: ArrayLike) -> FloatArray:
        """What is added to positions read, (n,)."""
        return self._law().correction_cm1(x)

    def su_cm1(self, x: ArrayLike) -> FloatArray:
        """Standard uncertainty of the corrected axis at positions read, (n,)."""
        return self._law().su_cm1(x)

    def _law(self) -> AxisLaw:
        if self.law is None:
            why = "; ".join(note.message for note in self.diagnostics if note.level == "error")
            raise OptionError(f"the calibration is not usable: {why}", where="calibration")
        return self.law

    def apply(self, spectrum: Spectrum) -> Spectrum:
        """The spectrum at true positions; what its axis is then uncertain by is read with :func:`axis_su_cm1`.

        Raises
        ------
        OptionError
            Another technique, an axis that was calibrated already, or a calibration that is not usable.
        """
        if spectrum.technique != self.technique:
            raise OptionError(
                f"the calibration is of a {self.technique} axis, the spectrum {spectrum.technique}", where="calibration"
            )
        if AXIS_SU in spectrum.metadata:
            raise OptionError("the axis has been calibrated already", where=spectrum.name or "spectrum")
        law, x = self._law(), spectrum.x
        knots = np.linspace(x[0], x[-1], KNOTS)
        su = tuple(zip((knots + law.correction_cm1(knots)).tolist(), law.su_cm1(knots).tolist(), strict=True))
        beyond = float(max(law.low_cm1 - x[0], x[-1] - law.high_cm1, 0.0))
        notes: tuple[Diagnostic, ...] = ()
        if beyond > 0.0:
            detail = (
                f"the standard has lines from {law.low_cm1:.0f} to {law.high_cm1:.0f} cm-1; beyond, the axis is "
                f"uncertain by up to {float(np.max(law.su_cm1(x))):.2g} cm-1"
            )
            notes = (Diagnostic.of("axis_extrapolated", where=spectrum.name or None, value=beyond, detail=detail),)
        step = Step(
            "calibrate_axis",
            {"standard": self.standard["name"], "order": law.order, "coefficients_cm1": law.coefficients.tolist(),
             "range_cm1": [law.low_cm1, law.high_cm1]},
        )  # fmt: skip
        return spectrum.with_step(
            step,
            x=x + law.correction_cm1(x),
            metadata={**spectrum.metadata, AXIS_SU: su},
            diagnostics=(*spectrum.diagnostics, *notes),
        )

    @classmethod
    def read(cls, path: str | Path) -> WavenumberCalibration:
        """From a file that :meth:`write` wrote; ``UnknownFormat`` names the key that is at fault."""
        from braggite.calibration.instrument_files import read_instrument_file
        from braggite.errors import UnknownFormat

        found = read_instrument_file(Path(path))
        if not isinstance(found, cls):
            raise UnknownFormat(f"{path} is no wavenumber calibration", where=str(path))
        return found

    def write(self, path: str | Path) -> Path:
        """As ``.toml``; ``OptionError`` for another suffix or a calibration that is not usable."""
        from braggite.calibration.wavenumber_toml import wavenumber_toml_text

        path = Path(path)
        if path.suffix.lower() != ".toml":
            raise OptionError(f"{path} must end in .toml", where=str(path))
        path.write_text(wavenumber_toml_text(self), encoding="utf-8", newline="\n")
        return path

    def to_dict(self) -> dict[str, Any]:
        """The body of a ``braggite.calibration/1`` document."""
        law = self.law
        return {
            "usable": self.usable,
            "technique": self.technique,
            "standard": self.standard,
            "law": None
            if law is None
            else {
                "order": law.order,
                "range_cm1": [law.low_cm1, law.high_cm1],
                "coefficients_cm1": law.coefficients.tolist(),
                "covariance_cm2": law.covariance.tolist(),
                "scatter_cm1": law.scatter_cm1,
            },
            "residual_rms_cm1": finite(self.residual_rms_cm1),
            "laser_wavelength_nm": self.laser_wavelength_nm,
            "aicc": {str(order): finite(value) for order, value in self.aicc.items()},
            "lines": [line.to_dict() for line in self.lines],
            "name": self.name,
        }


def axis_su_cm1(spectrum: Spectrum, x: ArrayLike | None = None) -> FloatArray | None:
    """Standard uncertainty of a calibrated spectrum's axis at positions ``x`` (n,), its own by default; else None."""
    knots = spectrum.metadata.get(AXIS_SU)
    if knots is None:
        return None
    position, su = np.array(knots).T
    return np.asarray(np.interp(spectrum.x if x is None else np.asarray(x, dtype=np.float64), position, su))


def calibrate_wavenumber(
    spectrum: Spectrum,
    standard: str = "silicon",
    *,
    laser_wavelength_nm: float | None = None,
    order: int | None = None,
    after: WavenumberCalibration | None = None,
    name: str = "",
) -> WavenumberCalibration:
    """How far the axis of a Raman or infrared spectrometer is off, from the spectrum of a standard.

    Parameters
    ----------
    spectrum
        Of the pure standard; a transmittance is taken as absorbance.
    standard
        Raman: ``silicon``, ``polystyrene``, ``calcite``, or the lamp ``neon``. FT-IR: ``polystyrene``, a film.
    laser_wavelength_nm
        In air, for lamp lines; None takes what the file states. An error of it moves all lamp lines alike: follow the
        lamp with silicon (``after``).
    order
        Of the correction in wavenumber: 0 is an offset, 3 the highest; None takes what the lines support (least AICc).
    after
        An earlier calibration of the same axis, which this standard then only moves by an offset.
    name
        What the instrument is called.

    Returns
    -------
    WavenumberCalibration
        Its ``law`` is None where too few lines were found, where the spectrum is not that of the standard, or where
        the law would not ascend.

    Raises
    ------
    OptionError
        A lamp without a laser, or an order that the lines do not support.
    LibraryError
        A standard that is not known for this technique.

    References
    ----------
    ASTM E1840; Hutsebaut, Vandenabeele & Moens, Analyst 130 (2005) 1204.
    """
    laser = laser_wavelength_nm or spectrum.metadata.get("laser_wavelength_nm")
    known = axis_standard(standard, spectrum.technique, laser)
    refuse_single_beam(spectrum)
    clean = to_absorbance(spectrum) if spectrum.y_unit == "transmittance" else spectrum
    clean = clean if after is None else after.apply(clean)
    notes = _unsaid_saturation(spectrum)
    seen = lines_seen(clean, LASER_CM1 if spectrum.technique == "raman" else 0.0)
    found = recognise(known, seen, (float(clean.x[0]), float(clean.x[-1])))
    doubt = _another_material(known, found)
    lines = [] if doubt else measured_lines(clean, known.lines, seen, found.pairs)
    if not doubt and len(lines) < known.least_lines:
        detail = f"{len(lines)} lines of {known.name} could be measured; {known.least_lines} are needed"
        doubt = Diagnostic.of("calibration_few_lines", where=spectrum.name or None, value=len(lines), detail=detail)
    result = WavenumberCalibration(
        technique=spectrum.technique,
        standard=known.to_dict(),
        law=None,
        lines=tuple(lines),
        laser_wavelength_nm=laser,
        name=name,
        provenance={"file": spectrum.source.path or "", "sha256": spectrum.source.sha256 or "",
                    "standard": known.name, "after": "" if after is None else after.standard["name"]},
        diagnostics=notes,
    )  # fmt: skip
    if doubt is not None:
        return replace(result, diagnostics=(*notes, doubt))
    return _with_law(result, order if after is None else 0, after)


def _unsaid_saturation(spectrum: Spectrum) -> tuple[Diagnostic, ...]:
    """That the detector was at its ceiling, unless the reader said so already."""
    if any(note.code == "detector_saturated" for note in spectrum.diagnostics):
        return ()
    return note_saturation(spectrum.x, spectrum.y, unit=spectrum.x_unit, where=spectrum.name or None)


def _another_material(standard: AxisStandard, found: Recognised) -> Diagnostic | None:
    strength = [standard.lines[i].strength for i in found.in_range]
    strong = [i for i in found.in_range if standard.lines[i].strength >= STRONG * max(strength)]
    missing = [standard.lines[i].position_cm1 for i in strong if i not in found.met]
    if found.stranger_cm1 is not None:
        detail = f"a line near {found.stranger_cm1:.0f} cm-1 is higher than all of {standard.name}"
    elif len(missing) > (1.0 - LEAST_SHARE) * len(strong):
        detail = f"{standard.name} has lines near {', '.join(f'{m:.0f}' for m in missing[:6])} cm-1, the spectrum none"
    elif not found.in_range:
        detail = f"no line of {standard.name} lies in the range"
    else:
        return None
    return Diagnostic.of("standard_not_matched", value=found.stranger_cm1, detail=detail)


def _with_law(
    result: WavenumberCalibration, order: int | None, after: WavenumberCalibration | None
) -> WavenumberCalibration:
    observed, su_observed, true, su_true = (
        np.array([getattr(line, key) for line in result.lines])
        for key in ("observed_cm1", "observed_su_cm1", "true_cm1", "true_su_cm1")
    )
    su = np.hypot(su_observed, su_true)
    used = without_outliers(observed, true, su)
    law, tried = fitted_law(observed[used], true[used], su[used], order)
    left = true - observed - law.correction_cm1(observed)
    lines = tuple(
        replace(line, residual_cm1=float(rest), used=bool(counts))
        for line, rest, counts in zip(result.lines, left, used, strict=True)
    )
    if not law.increasing:
        note = Diagnostic.of("calibration_not_monotonic", value=law.order)
        return replace(result, lines=lines, aicc=tried, diagnostics=(*result.diagnostics, note))
    rms = float(np.sqrt(np.mean(left[used] ** 2)))
    if after is not None and after.law is not None:
        law = after.law.then_offset(float(law.coefficients[0]), float(law.covariance[0, 0]) + law.scatter_cm1**2)
        rms = float(np.hypot(rms, after.residual_rms_cm1 or 0.0))
    return replace(result, law=law, lines=lines, aicc=tried, residual_rms_cm1=rms)
