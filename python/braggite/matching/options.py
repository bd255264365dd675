"""Defaults of whole-pattern matching, in one place; resolved values are echoed in every result."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal, get_args

from braggite.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from braggite.calibration.profile import InstrumentProfile

Emission = Literal["doublet", "full"]
Ghosts = Literal["off", "auto"]
DisplacementFactors = Literal["reference", "overall", "elements"]
BackgroundFamily = Literal["estimate", "spline", "chebyshev", "fixed"]
OF_A_MATCH: BackgroundFamily = "chebyshev"
OF_AN_IDENTIFICATION: BackgroundFamily = "estimate"

GHOST_SHARE_SD = 0.01
"""A filter leaves 0.5 to 2 % of K-beta; tungsten stays below."""
LARGEST_GRAIN_UM = 200.0
HIGHEST_ORDER = 30
LARGEST_DEPTH_MM = 10.0
OFFSETS = ("auto", "displacement", "zero", "both")


@dataclass(frozen=True, slots=True)
class MatchOptions:
    """What is assumed of the instrument and how far numbers may move.

    Attributes
    ----------
    radius_mm : goniometer radius where the file states none
    axial_ratio : axial divergence to start from, slit and sample half height over radius (0: symmetric lines)
    shift_sd_deg : standard deviation of the shift of the pattern at low angle, as displacement (zero in transmission)
    offset : what shifts the pattern: "displacement" (the height of a flat sample; of a capillary along and across
        the beam), "zero" (of the goniometer) or "both"; "auto": displacement in reflection, zero in transmission
    transparency_sd_mm : standard deviation of the depth 1/(2 mu) of a flat sample that the beam enters, which shifts
        lines by -depth sin(2 theta) / radius and is never negative; None: opaque
    log_march_sd : standard deviation of the logarithm of a March-Dollase parameter
    displacement_factors : isotropic B of phases tied to structures: ``reference``, held; ``overall``, one change for
        all atoms of a phase; ``elements``, one B for each element of a phase, the same on all its sites, not negative
    delta_b_sd_angstrom2 : standard deviation of that change; of B of an element about the mean of the reference, where
        it is half of that mean if this is more
    background : what the background is made of: ``estimate``, one made underneath the lines and corrected by a spline
        near zero; ``spline``, free cubic B-splines fitted with the lines; ``chebyshev``, polynomials fitted with them;
        ``fixed``, the first estimate or ``background_curve``, held. None: chebyshev in a match or a calibration,
        estimate in an identification
    background_order : highest order of the polynomials; None: as many as the data tell (the result states it)
    background_curve : ordinates of a ``fixed`` background, one a point
    spline_interval_deg : interval of the spline that corrects the estimate, or is the background
    spline_sd : standard deviation of that correction, as a share of the median background
    start_discrepancy, discrepancy : misfit proportional to the net signal that is allowed for beyond counting, at the
        start of a match and at its end (0: counting alone)
    strength_sd : how far restrained strengths may be from those of the structure, as a share of each
    texture_gain : rise of log evidence for which a phase is given preferred orientation
    anisotropic_strain : names of the phases whose strain may go with direction (Stephens, J. Appl. Cryst. 32 (1999)
        281), or "auto" for all of a match; kept where the data ask for it. Not in Le Bail matches
    strain_lorentzian_share : share of those widths that is added to the Lorentzian one; the rest is added to the
        Gaussian one in squares
    grain_um : diameter of the grains of all phases for which weight fractions are corrected for micro-absorption; None:
        unknown, the fractions are those of fine grains
    internal_standard : name and weight fraction of a phase that was weighed in; fractions are then those of the whole
        specimen, and what is amorphous follows. None: fractions of the crystalline part
    emission : "doublet", sharp emission lines as the file states them, their widths part of those of the pattern; or
        "full", the profile that the anode emits with its natural widths (Cu)
    ghosts : "off", or "auto": K-beta and W L-alpha of the tube take part where the data pay for it, each with a share
        of K-alpha1 that is refined, normal about zero within `GHOST_SHARE_SD` and not negative
    instrument : calibrated instrument, held in the fit with its emission lines; None: unknown, widths are estimated and
        no size is stated
    scherrer_constant : K of sizes from full widths at half maximum
    max_iterations, relative_tolerance : when a fit stops
    """

    radius_mm: float = 200.0
    axial_ratio: float = 0.015
    shift_sd_deg: float = 0.06
    offset: Literal["auto", "displacement", "zero", "both"] = "auto"
    transparency_sd_mm: float | None = None
    log_march_sd: float = 0.4
    displacement_factors: DisplacementFactors = "overall"
    delta_b_sd_angstrom2: float = 0.3
    background: BackgroundFamily | None = None
    background_order: int | None = None
    background_curve: tuple[float, ...] | None = None
    spline_interval_deg: float = 7.0
    spline_sd: float = 0.2
    start_discrepancy: float = 0.1
    discrepancy: float = 0.0
    strength_sd: float = 0.2
    texture_gain: float = 5.0
    anisotropic_strain: tuple[str, ...] | Literal["auto"] = ()
    strain_lorentzian_share: float = 1.0
    grain_um: float | None = None
    internal_standard: tuple[str, float] | None = None
    emission: Emission = "doublet"
    ghosts: Ghosts = "off"
    instrument: InstrumentProfile | None = None
    scherrer_constant: float = 0.9
    max_iterations: int = 60
    relative_tolerance: float = 1e-5

    def __post_init__(self) -> None:
        for name in (
            "radius_mm",
            "shift_sd_deg",
            "log_march_sd",
            "delta_b_sd_angstrom2",
            "spline_interval_deg",
            "spline_sd",
            "scherrer_constant",
            "strength_sd",
            "max_iterations",
            "relative_tolerance",
        ):
            if not getattr(self, name) > 0:
                raise OptionError(f"{name} = {getattr(self, name)} must be positive", where=name)
        for name in ("axial_ratio", "start_discrepancy", "discrepancy"):
            if not 0 <= getattr(self, name) < 1:
                raise OptionError(f"{name} = {getattr(self, name)} must lie between 0 and 1", where=name)
        self._check_words()
        if self.offset not in OFFSETS:
            raise OptionError(f"offset {self.offset!r} is none of {', '.join(OFFSETS)}", where="offset")
        if self.transparency_sd_mm is not None and not 0 < self.transparency_sd_mm <= LARGEST_DEPTH_MM:
            depth = f"transparency_sd_mm = {self.transparency_sd_mm}"
            raise OptionError(f"{depth} must lie between 0 and {LARGEST_DEPTH_MM:g}", where="transparency_sd_mm")
        if not 0 <= self.strain_lorentzian_share <= 1:
            value = self.strain_lorentzian_share
            raise OptionError(f"strain_lorentzian_share = {value} must lie in 0..1", where="strain_lorentzian_share")
        if self.anisotropic_strain != "auto":
            named = self.anisotropic_strain
            object.__setattr__(self, "anisotropic_strain", (named,) if isinstance(named, str) else tuple(named))
        if self.grain_um is not None and not 0.0 < self.grain_um <= LARGEST_GRAIN_UM:
            raise OptionError(
                f"grain_um = {self.grain_um} must lie between 0 and {LARGEST_GRAIN_UM:g}", where="grain_um"
            )
        if self.internal_standard is not None and not 0.0 < self.internal_standard[1] < 1.0:
            raise OptionError(
                f"the internal standard's weight fraction {self.internal_standard[1]} must lie between 0 and 1",
                where="internal_standard",
            )
        self._check_background()

    def _check_words(self) -> None:
        words = {"emission": Emission, "ghosts": Ghosts, "displacement_factors": DisplacementFactors}
        for name, kind in words.items():
            if getattr(self, name) not in get_args(kind):
                choices = ", ".join(get_args(kind))
                raise OptionError(f"{name} {getattr(self, name)!r} is none of {choices}", where=name)
        if self.displacement_factors == "reference":
            self.refuse(["delta_b_sd_angstrom2"], "displacement factors that are held")

    def _check_background(self) -> None:
        family, order, curve = self.background, self.background_order, self.background_curve
        if family is not None and family not in get_args(BackgroundFamily):
            words = ", ".join(get_args(BackgroundFamily))
            raise OptionError(f"unknown background {family}", where="background", suggestion=f"one of {words}")
        if order is not None and (family not in (None, "chebyshev") or not 0 <= order <= HIGHEST_ORDER):
            raise OptionError(
                f"background_order = {order} must lie between 0 and {HIGHEST_ORDER} and goes with chebyshev",
                where="background_order",
            )
        if curve is not None and (family not in (None, "fixed") or order is not None or not all(map(isfinite, curve))):
            raise OptionError("a background_curve must be finite and goes with fixed", where="background_curve")

    def refuse(self, names: Iterable[str], task: str) -> None:
        """``OptionError`` where one of these options, which mean nothing to the task, is not at its default."""
        usual = MatchOptions()
        for name in names:
            if getattr(self, name) != getattr(usual, name):
                raise OptionError(f"{name} means nothing to {task}", where=name, suggestion="leave it out")

    def to_dict(self) -> dict[str, Any]:
        """Plain types."""
        return asdict(replace(self, instrument=None, background_curve=None)) | {
            "background_curve": None if self.background_curve is None else "given",
            "instrument": None if self.instrument is None else self.instrument.to_dict(),
        }


def on_background(options: MatchOptions, usual: BackgroundFamily) -> MatchOptions:
    """The options with the family of the background resolved: ``usual`` where nothing says which."""
    family = options.background or ("chebyshev" if options.background_order is not None else usual)
    return replace(options, background="fixed" if options.background_curve is not None else family)
