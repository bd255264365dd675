"""The compiled kernels; arrays are contiguous float64. Users call the typed Python layer instead."""

from collections.abc import Mapping, Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

__version__: str
build_profile: str
source_digest: str

# crystal

@final
class Structure:
    """A checked crystal structure; scatterers are (element, charge, a1..a5 b1..b5 c or None, f', f'')."""

    def __new__(
        cls,
        cell: Sequence[float],
        rotations: Sequence[Sequence[Sequence[int]]],
        translations: Sequence[Sequence[float]],
        scatterers: Sequence[tuple[str, int | None, Sequence[float] | None, float, float]],
        atoms: Sequence[tuple[int, Sequence[float], float, float]],
    ) -> Structure: ...
    @property
    def species(self) -> list[str]: ...
    def strongest_lines(
        self, wavelength_angstrom: float, d_min_angstrom: float, apart: float, count: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """ln(1/d) and multiplicity times |F|^2."""
    @property
    def site_multiplicities(self) -> list[int]: ...
    @property
    def laue_rotations(self) -> list[list[list[int]]]: ...
    @property
    def volume(self) -> float: ...
    def lines(
        self,
        wavelength_angstrom: float,
        two_theta_min_deg: float,
        two_theta_max_deg: float,
        monochromator_two_theta_deg: float,
        relative_floor: float | None,
    ) -> tuple[
        NDArray[np.int32],
        NDArray[np.uint32],
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.float64],
    ]:
        """Lines by descending d: hkl, multiplicity, d, 2-theta, |F|^2, intensity."""

def lorentz_polarisation(two_theta_deg: float, monochromator_two_theta_deg: float) -> float: ...

# formats

def regular_rows(text: str, separator: str | None, decimal_comma: bool) -> tuple[NDArray[np.float64], int, bool] | None:
    """Values row by row, numbers a row, whether a tab stands in every row; None for a table that is not regular."""

# preprocess: curves one after the other; per row: converged, passes, final tolerance

def background_whittaker(
    y: NDArray[np.float64],
    points: int,
    x: NDArray[np.float64] | None,
    weights: NDArray[np.float64] | None,
    method: str,
    options: dict[str, Any],
    threads: int,
) -> tuple[NDArray[np.float64], list[bool], list[int], list[float]]: ...
def background_snip(
    y: NDArray[np.float64], points: int, half_window: int, decreasing: bool, lls: bool, threads: int
) -> tuple[NDArray[np.float64], list[bool], list[int], list[float]]: ...
def background_linear(
    y: NDArray[np.float64], points: int, x: NDArray[np.float64], end_points: int, threads: int
) -> tuple[NDArray[np.float64], list[bool], list[int], list[float]]: ...
def background_rubber_band(
    y: NDArray[np.float64], points: int, x: NDArray[np.float64], threads: int
) -> tuple[NDArray[np.float64], list[bool], list[int], list[float]]: ...
def background_polynomial(
    y: NDArray[np.float64],
    points: int,
    x: NDArray[np.float64],
    weights: NDArray[np.float64] | None,
    order: int,
    max_iterations: int,
    tol: float,
    num_std: float | None,
    threads: int,
) -> tuple[NDArray[np.float64], list[bool], list[int], list[float]]: ...
def background_shirley(
    y: NDArray[np.float64],
    points: int,
    x: NDArray[np.float64],
    end_points: int,
    max_iterations: int,
    tol: float,
    bounded: bool,
    threads: int,
) -> tuple[NDArray[np.float64], list[bool], list[int], list[float]]: ...
def background_tougaard(
    y: NDArray[np.float64],
    points: int,
    x: NDArray[np.float64],
    sign: float,
    options: dict[str, Any],
    threads: int,
) -> tuple[tuple[NDArray[np.float64], list[bool], list[int], list[float]], list[float], list[float]]: ...
def background_windows(
    y: NDArray[np.float64],
    points: int,
    x: NDArray[np.float64],
    step: float,
    method: str,
    options: dict[str, Any],
    threads: int,
) -> tuple[NDArray[np.float64], list[bool], list[int], list[float]]: ...
def background_penalised_spline(
    y: NDArray[np.float64],
    points: int,
    x: NDArray[np.float64],
    weights: NDArray[np.float64] | None,
    options: dict[str, Any],
    threads: int,
) -> tuple[NDArray[np.float64], list[bool], list[int], list[float]]: ...
def background_concave_rubber_band(
    y: NDArray[np.float64],
    points: int,
    x: NDArray[np.float64],
    iterations: int,
    baseline_points: int,
    threads: int,
) -> tuple[NDArray[np.float64], list[bool], list[int], list[float]]: ...
def background_sonneveld_visser(
    y: NDArray[np.float64],
    points: int,
    x: NDArray[np.float64],
    interval: int,
    step: float,
    curvature: float,
    iterations: int,
    threads: int,
) -> tuple[NDArray[np.float64], list[bool], list[int], list[float]]: ...
def background_chebyshev(
    y: NDArray[np.float64],
    points: int,
    x: NDArray[np.float64],
    weights: NDArray[np.float64] | None,
    order: int,
    num_std: tuple[float, float],
    max_iterations: int,
    threads: int,
) -> tuple[
    tuple[NDArray[np.float64], list[bool], list[int], list[float]],
    NDArray[np.bool_],
]: ...
def despike(
    y: NDArray[np.float64],
    x: NDArray[np.float64],
    sigma: NDArray[np.float64] | None,
    method: str,
    options: dict[str, Any],
    threads: int,
) -> tuple[NDArray[np.float64], list[list[int]], list[bool], list[int]]: ...
def despike_replicates(
    y: NDArray[np.float64], sigma: NDArray[np.float64], points: int, threshold: float, window: int
) -> tuple[NDArray[np.float64], list[list[int]], list[float]]: ...
def smooth_savitzky_golay(
    y: NDArray[np.float64],
    x: NDArray[np.float64],
    sigma: NDArray[np.float64] | None,
    window_length: int,
    polyorder: int,
    deriv: int,
    threads: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[float], list[float], list[float], list[bool]]: ...
def smooth_whittaker(
    y: NDArray[np.float64],
    x: NDArray[np.float64],
    sigma: NDArray[np.float64] | None,
    weights: NDArray[np.float64] | None,
    lam: float | None,
    threads: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[float], list[float], list[float], list[bool]]: ...
def whittaker_lam(width: float, step: float) -> float: ...

# peaks

def find_peaks(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    sigma: NDArray[np.float64] | None,
    false_alarms: float,
    fwhm: float | None,
    ground: Mapping[str, float] | None,
    threads: int,
) -> list[tuple[dict[str, NDArray[np.float64]], float | None]]: ...
def estimate_fwhm(
    x: NDArray[np.float64], y: NDArray[np.float64], sigma: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float | None]: ...
def estimate_sigma(y: NDArray[np.float64], counts: bool, points: int, threads: int) -> NDArray[np.float64]: ...

# peak fits

@final
class PeakModel:
    """Lines and nonlinear unknowns: (shape, linear unknown, factor, [(constant, [(unknown, factor)])]) a line,
    (start, lower, upper, (mean, sd) or None) an unknown."""

    def __new__(
        cls,
        lines: Sequence[tuple[str, int, float, Sequence[tuple[float, Sequence[tuple[int, float]]]]]],
        parameters: Sequence[tuple[float, float, float, tuple[float, float] | None]],
        non_negative: Sequence[bool],
        loss: int | None,
    ) -> PeakModel: ...

@final
class PeakFitView:
    """The end of a peak fit; pairs of arrays are values and uncertainties, NaN where there is none."""

    @property
    def theta(self) -> NDArray[np.float64]: ...
    @property
    def linear(self) -> NDArray[np.float64]: ...
    @property
    def outcome(self) -> tuple[float, int, str]:
        """Chi-square, steps, why it ended."""
    @property
    def standing(self) -> list[str]: ...
    def covariance(self) -> NDArray[np.float64]: ...
    @property
    def curves(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Calculated ordinates, and the background in them."""
    @property
    def area(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
    @property
    def fwhm(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
    @property
    def height(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
    def number(self, index: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...

def fit_peaks(
    models: Sequence[PeakModel],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    weight: NDArray[np.float64],
    background: Sequence[NDArray[np.float64]],
    tail: float,
    max_iterations: int,
    relative_tolerance: float,
    threads: int,
) -> list[PeakFitView]: ...
def rough_fwhm(
    x: NDArray[np.float64], y: NDArray[np.float64], positions: NDArray[np.float64]
) -> NDArray[np.float64]: ...

# bands

@final
class BandMatchView:
    """The end of a match of bands; pairs of arrays are values and uncertainties, NaN where there is none."""

    @property
    def theta(self) -> NDArray[np.float64]:
        """The shift, then displacement, log width, Lorentzian share and log area of each band."""
    @property
    def shift(self) -> tuple[float, float | None]: ...
    @property
    def outcome(self) -> tuple[float, float, float, int, str]:
        """Weighted squares, the same with priors, log evidence, steps, why it ended."""
    @property
    def areas(self) -> NDArray[np.float64]:
        """(phases,) dips left out."""
    @property
    def area_covariance(self) -> NDArray[np.float64]: ...
    @property
    def calculated(self) -> NDArray[np.float64]: ...
    @property
    def curves(self) -> NDArray[np.float64]:
        """(phases, n)"""
    @property
    def position(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
    @property
    def fwhm(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
    @property
    def area(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
    @property
    def height(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Heights, and how clearly each stands out of the noise."""

def match_bands(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    weight: NDArray[np.float64],
    background: Sequence[NDArray[np.float64]],
    phases: Sequence[Sequence[tuple[float, float, float, float, float, float, bool]]],
    *,
    shift_sd: float,
    lorentz: tuple[float, float],
    least_fwhm: float,
    start: Sequence[float] | None,
    free_sign: bool,
    max_iterations: int,
    relative_tolerance: float,
) -> BandMatchView: ...
def relative_discrepancy(
    residual: NDArray[np.float64], weight: NDArray[np.float64], net: NDArray[np.float64], correlated_points: float
) -> float: ...

# matching

@final
class Pattern:
    """A scan with counting variances (infinite: left out), background estimate, lines of (angstrom, weight, width)."""

    def __new__(
        cls,
        x: NDArray[np.float64],
        y: NDArray[np.float64],
        variance: NDArray[np.float64],
        background: NDArray[np.float64],
        emission: Sequence[tuple[float, float, float]],
        *,
        radius_mm: float,
        monochromator_two_theta_deg: float,
        variable_divergence: bool,
        spline_intervals: int,
        spline_sd: float,
        background_family: str,
        background_order: int | None,
        reach: tuple[float, float, float],
        ghosts: Sequence[Sequence[tuple[float, float, float]]],
    ) -> Pattern: ...

@final
class MatchPhase:
    """A phase ready for the engine: its lines in the range of a pattern, the freedom of its cell."""

    def __new__(
        cls,
        structure: Structure,
        *,
        cell: Sequence[float],
        metric: str,
        cell_tolerance: float,
        cell_mass: float,
        wavelength_angstrom: float,
        two_theta_min_deg: float,
        two_theta_max_deg: float,
        relative_floor: float,
        texture_axis: Sequence[float] | None = None,
    ) -> MatchPhase: ...
    def __len__(self) -> int: ...
    def with_anisotropic_strain(self, lorentzian_share: float) -> MatchPhase: ...
    def displaced(
        self, structure: Structure, group_of_atom: Sequence[int], prior: Sequence[tuple[float, float]]
    ) -> MatchPhase:
        """The same phase with a B of its own for each group of atoms; prior: mean and standard deviation of each."""
    def strengths(self, b_iso_angstrom2: Sequence[float]) -> NDArray[np.float64]:
        """Multiplicity times |F|^2 of each line for a B of each group of atoms; none: those of the structure."""
    @property
    def strain_powers(self) -> list[list[int]]:
        """Powers of h, k, l that each term of anisotropic strain is named after."""
    def strain_widths(self, state: EngineState, index: int) -> NDArray[np.float64]: ...
    def multiplicity(self) -> NDArray[np.uint32]: ...
    def hkl(self) -> NDArray[np.int32]: ...
    @property
    def texture_axis(self) -> list[float] | None: ...
    @property
    def freedom(self) -> list[list[int]]:
        """Numbers of the cell (0 to 5) that move together, by group."""

@final
class InstrumentPrior:
    """What is known of the instrument before a fit."""

    def __new__(
        cls,
        *,
        fwhm_deg: float,
        axial_ratio: float,
        shift_sd_deg: float,
        log_march_sd: float,
        delta_b_moves: bool,
        delta_b_sd: float,
        zero_moves: bool,
        shifts: Sequence[str],
        transparency_sd_mm: float,
        ghost_sd: Sequence[float],
        instrument: tuple[Sequence[float], Sequence[Sequence[float]]] | None = None,
    ) -> InstrumentPrior: ...

@final
class EngineState:
    """Nonlinear numbers of a model, to start the next fit from."""

    def keep(self, indices: Sequence[int]) -> EngineState:
        """The state with these phases only."""
    def with_strain_terms(self, index: int, phase: MatchPhase) -> EngineState:
        """The state with the strain of a phase in terms of its directions, alike in all of them."""

@final
class MatchedPhaseView:
    """One phase of a match; a number comes as value, uncertainty, counting uncertainty."""

    @property
    def cell(self) -> tuple[list[float], list[float | None], list[float | None]]: ...
    @property
    def volume(self) -> tuple[float, float | None, float | None]: ...
    @property
    def weight_fraction(self) -> tuple[float, float | None, float | None] | None: ...
    @property
    def strength(self) -> tuple[float, float | None, float | None]:
        """Sum of the areas of lines in range without Lorentz and polarisation factors."""
    @property
    def area_su(self) -> NDArray[np.float64]:
        """Of each calculated area; NaN where the line has no strength of its own."""
    @property
    def group(self) -> NDArray[np.int32]:
        """Of lines that the data cannot tell apart, for each; -1 for a line that stands alone."""
    @property
    def r_bragg_percent(self) -> float | None: ...
    @property
    def curve(self) -> NDArray[np.float64]: ...
    @property
    def reflections(
        self,
    ) -> tuple[NDArray[np.uintp], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Index into the lines of the phase, 2-theta, calculated and observed area."""

@final
class PatternMatchView:
    """A whole-pattern match."""

    @property
    def stop(self) -> tuple[str, int]: ...
    @property
    def statistics(self) -> tuple[float, float, float, float, float, float, int, int]:
        """Rwp, Rp, Rexp in percent, goodness of fit, Durbin-Watson, Berar-Lelann factor, points, unknowns."""
    @property
    def calculated(self) -> NDArray[np.float64]: ...
    @property
    def background(self) -> NDArray[np.float64]: ...
    @property
    def background_order(self) -> int | None: ...
    @property
    def phases(self) -> list[MatchedPhaseView]: ...
    @property
    def parameters(
        self,
    ) -> list[tuple[str, int | None, int | None, float, float | None, float | None, bool]]:
        """Name, phase index, group of the cell, value, uncertainty, counting uncertainty, at bound."""
    @property
    def bounds(self) -> list[tuple[float, float]]: ...
    @property
    def scales(self) -> list[tuple[float, float | None, float | None] | None]: ...
    @property
    def covariance(self) -> NDArray[np.float64]:
        """(m, m) over the refined numbers followed by the scales; NaN rows without influence."""
    @property
    def exchanged(self) -> int | None:
        """Index of the phase of which two axes changed places before the match agreed."""
    @property
    def state(self) -> EngineState: ...

def match_structure(
    pattern: Pattern,
    phases: Sequence[MatchPhase],
    prior: InstrumentPrior,
    *,
    state: EngineState | None = None,
    start_discrepancy: float,
    discrepancy: float,
    max_iterations: int,
    relative_tolerance: float,
) -> PatternMatchView: ...
def strain_terms(rotations: Sequence[Sequence[Sequence[int]]]) -> list[list[tuple[list[int], float]]]:
    """The free terms of anisotropic strain: of each the powers of h, k, l and their coefficients, its name's first."""

def match_pawley(
    pattern: Pattern,
    phases: Sequence[MatchPhase],
    prior: InstrumentPrior,
    *,
    state: EngineState | None = None,
    holds: Sequence[str],
    start_discrepancy: float,
    strength_sd: float,
    max_iterations: int,
    relative_tolerance: float,
) -> PatternMatchView: ...
def calibrate_instrument(
    pattern: Pattern,
    standard: MatchPhase,
    prior: InstrumentPrior,
    *,
    state: EngineState | None = None,
    size_width_deg: float,
    strain_width_deg: float,
    free_cell: bool,
    start_discrepancy: float,
    max_iterations: int,
    relative_tolerance: float,
) -> PatternMatchView: ...
def settle_phases(
    pattern: Pattern,
    phases: Sequence[MatchPhase],
    prior: InstrumentPrior,
    *,
    least_gain: float,
    discrepancy: float,
) -> tuple[list[MatchPhase], EngineState]: ...

# identification

@final
class IdentificationView:
    """What a search found, by index of the candidate."""

    @property
    def members(self) -> list[int]: ...
    @property
    def phases(self) -> list[MatchPhase]: ...
    @property
    def state(self) -> EngineState: ...
    @property
    def contributions(self) -> list[tuple[float, float, list[tuple[int, float]]]]:
        """Log evidence of each member, with its rivals and the log evidence each of those loses."""
    @property
    def hypotheses(self) -> list[tuple[list[int], float]]: ...
    @property
    def screened(self) -> NDArray[np.float64]: ...
    @property
    def fitted(self) -> list[float | None]: ...
    @property
    def repeats(self) -> list[tuple[int, list[int]]]:
        """Candidates that drew the same lines as a member of the set they were tried with."""
    @property
    def failed(self) -> list[tuple[int, str]]: ...
    @property
    def discrepancy(self) -> float: ...

def identify_phases(
    pattern: Pattern,
    candidates: Sequence[MatchPhase],
    log_prior: Sequence[float],
    prior: InstrumentPrior,
    *,
    max_phases: int,
    beam: int,
    branch: int,
    least_gain: float,
    search_discrepancy: float,
    rival_margin: float,
    finalists: int,
) -> IdentificationView: ...
def upper_limit(
    found: IdentificationView,
    phase: MatchPhase,
    without: Sequence[int],
    prior: InstrumentPrior,
    *,
    rise: float,
    decoys: int,
    intensity_sd: float,
    reach: float | None,
) -> tuple[float, tuple[float | None, float] | None]: ...

# line index

@final
class LineShelf:
    """The rows of one line index that a search considers."""

    def __new__(
        cls,
        starts: NDArray[np.uint64],
        log_inverse_d: NDArray[np.float32],
        strength: NDArray[np.float32],
        tolerance: NDArray[np.float32],
        rows: NDArray[np.uint32],
    ) -> LineShelf: ...

def nominate_phases(
    shelves: Sequence[LineShelf],
    pattern: Pattern,
    prior: InstrumentPrior,
    *,
    count: int,
    survivors: int,
    first_lines: int,
    rounds: int,
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    """Shelf, row, score, strain and shift in degrees of each nominee."""

# spectra

@final
class SpectrumShelf:
    """Reference spectra in cells of one grid, one after the other: ``first`` is the cell that each begins with."""

    def __new__(
        cls, starts: NDArray[np.uint64], first: NDArray[np.int32], values: NDArray[np.float32]
    ) -> SpectrumShelf: ...
    def agreements(
        self, first_cell: int, y: NDArray[np.float64], used: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.uint32]]:
        """Correlation of values, of slopes, and number of common cells, for every row."""
    def placed(
        self,
        rows: NDArray[np.uint32],
        first_cell: int,
        y: NDArray[np.float64],
        used: NDArray[np.bool_],
        *,
        reach: int,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Best score and shift in cells, for some rows."""

# lineshape

@final
class LineShape:
    """A line shape by name, seen at every (wavelength, weight) of ``emission``; parameters in the shape's order."""

    def __new__(cls, name: str, emission: Sequence[tuple[float, float]]) -> LineShape: ...
    def parameters(self) -> list[tuple[str, bool, float, float, float]]:
        """Name, whether it is a width, lower and upper bound, start (NaN for widths)."""

    def values(
        self, x: NDArray[np.float64], center: float, parameters: Sequence[float], amplitude: float
    ) -> NDArray[np.float64]: ...
    def columns(
        self, x: NDArray[np.float64], center: float, parameters: Sequence[float]
    ) -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
        """Value, then derivatives to the centre and the parameters."""

    def measures(self, parameters: Sequence[float]) -> tuple[float, float, float, float | None]:
        """Full width at half maximum, height, offset of the maximum, area (None: infinite)."""

    def area_between(self, center: float, parameters: Sequence[float], start: float, stop: float) -> float: ...
    def window(self, center: float, parameters: Sequence[float], tail: float) -> tuple[float, float]: ...

def line_shape_names() -> list[str]: ...
def faddeeva_function(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Real and imaginary part at x + iy, y not negative."""
