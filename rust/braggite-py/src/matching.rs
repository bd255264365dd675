//! The engine: patterns, phases, matches tied to structures.

use std::sync::Arc;

use braggite_core::crystal::powder_lines;
use braggite_core::identification::identify::settle;
use braggite_core::matching::anisotropic_strain::{Monomial, free_terms};
use braggite_core::matching::background::Family;
use braggite_core::matching::freedom::Metric;
use braggite_core::matching::instrument::Instrument;
use braggite_core::matching::matched::{Known, MatchedParameter, MatchedPhase, PatternMatch};
use braggite_core::matching::pawley::PawleyOptions;
use braggite_core::matching::phase::{Hold, Phase};
use braggite_core::matching::refinement::{Freedom, Stage};
use braggite_core::matching::region::{EmissionLine, Optics, Reach, Region};
use braggite_core::matching::shifts::Shift;
use braggite_core::matching::state::{Role, State};
use braggite_core::matching::structure::StructureOptions;
use braggite_core::optimise::levenberg_marquardt::Options;
use numpy::{PyArray1, PyArray2, PyReadonlyArray1, ToPyArray};
use pyo3::prelude::*;

use crate::border::{call, call_cancellable, slice};
use crate::crystal::Structure;

/// A scan with its counting variances and background estimate.
#[pyclass(frozen, module = "braggite._core")]
pub struct Pattern {
    /// The core's region.
    pub inner: Region,
    /// Intervals of the spline that corrects its background estimate.
    pub spline_intervals: usize,
}

#[pymethods]
impl Pattern {
    #[new]
    #[pyo3(signature = (x, y, variance, background, emission, *, radius_mm, monochromator_two_theta_deg,
        variable_divergence, spline_intervals, spline_sd, background_family, background_order, reach, ghosts))]
    fn new(
        py: Python<'_>,
        x: PyReadonlyArray1<'_, f64>,
        y: PyReadonlyArray1<'_, f64>,
        variance: PyReadonlyArray1<'_, f64>,
        background: PyReadonlyArray1<'_, f64>,
        emission: Vec<(f64, f64, f64)>,
        radius_mm: f64,
        monochromator_two_theta_deg: f64,
        variable_divergence: bool,
        spline_intervals: usize,
        spline_sd: f64,
        background_family: &str,
        background_order: Option<usize>,
        reach: (f64, f64, f64),
        ghosts: Vec<Vec<(f64, f64, f64)>>,
    ) -> PyResult<Self> {
        let (x, y) = (slice(&x, "x")?, slice(&y, "y")?);
        let (variance, background) = (slice(&variance, "variance")?, slice(&background, "background")?);
        let lines = |lines: Vec<(f64, f64, f64)>| lines.into_iter().map(emission_line).collect();
        let (emission, ghosts) = (lines(emission), ghosts.into_iter().map(lines).collect());
        let optics = Optics { emission, ghosts, radius_mm, monochromator_two_theta_deg, variable_divergence };
        let mut inner = call(py, || {
            let weight = variance.iter().map(|v| if v.is_finite() { 1.0 / v } else { 0.0 }).collect();
            let family = Family::parse(background_family, spline_intervals, background_order)?;
            let (x, y, background) = (x.to_vec(), y.to_vec(), background.to_vec());
            Ok(Region { family, ..Region::new(x, y, weight, background, spline_intervals, spline_sd, optics)? })
        })?;
        inner.reach = Reach { weakest: reach.0, strongest: reach.1, longest_deg: reach.2 };
        Ok(Self { inner, spline_intervals })
    }
}

fn emission_line((wavelength_angstrom, weight, width_angstrom): (f64, f64, f64)) -> EmissionLine {
    EmissionLine { wavelength_angstrom, weight, width_angstrom }
}

/// A phase ready for the engine: its lines in the range of a pattern, the freedom of its cell.
#[pyclass(frozen, module = "braggite._core")]
pub struct MatchPhase {
    /// The core's phase.
    pub inner: Arc<Phase>,
}

#[pymethods]
impl MatchPhase {
    #[new]
    #[pyo3(signature = (structure, *, cell, metric, cell_tolerance, cell_mass, wavelength_angstrom, two_theta_min_deg,
        two_theta_max_deg, relative_floor, texture_axis=None))]
    fn new(
        py: Python<'_>,
        structure: &Structure,
        cell: [f64; 6],
        metric: &str,
        cell_tolerance: f64,
        cell_mass: f64,
        wavelength_angstrom: f64,
        two_theta_min_deg: f64,
        two_theta_max_deg: f64,
        relative_floor: f64,
        texture_axis: Option<[f64; 3]>,
    ) -> PyResult<Self> {
        let inner = call(py, || {
            let all = powder_lines(&structure.inner, wavelength_angstrom, two_theta_min_deg, two_theta_max_deg)?;
            let atomless = structure.inner.atoms().is_empty();
            let lines = if atomless { all.with_equal_strengths() } else { all.above(relative_floor) };
            Phase::from_lines(cell, Metric::parse(metric)?, cell_tolerance, cell_mass, &lines, texture_axis)
        })?;
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Indices of the texture axis, when orientation may be refined.
    #[getter]
    fn texture_axis(&self) -> Option<[f64; 3]> {
        self.inner.march.as_ref().map(|march| march.axis)
    }

    /// The same phase with widths that its strain gives every direction, `lorentzian_share` of each Lorentzian.
    fn with_anisotropic_strain(&self, py: Python<'_>, lorentzian_share: f64) -> PyResult<Self> {
        let inner = call(py, || self.inner.with_anisotropic_strain(lorentzian_share))?;
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Powers of h, k, l that each term of its anisotropic strain is named after; none without.
    #[getter]
    fn strain_powers(&self) -> Vec<[i32; 3]> {
        self.inner.anisotropic_strain.as_ref().map_or_else(Vec::new, |strain| strain.powers.clone())
    }

    /// Full width over tan(theta) in degrees that the terms of `state` give each line of phase `index`; NaN where they
    /// make no variance.
    fn strain_widths<'py>(
        &self,
        py: Python<'py>,
        state: &EngineState,
        index: usize,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        Ok(call(py, || state.inner.strain_widths(index, &self.inner))?.to_pyarray(py))
    }

    /// The same phase with a displacement factor of its own for each group of the atoms of its structure, the mean and
    /// standard deviation in angstrom² of which are known.
    fn displaced(
        &self,
        py: Python<'_>,
        structure: &Structure,
        group_of_atom: Vec<usize>,
        prior: Vec<(f64, f64)>,
    ) -> PyResult<Self> {
        let inner = call(py, || self.inner.displaced(&structure.inner, &group_of_atom, prior))?;
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Multiplicity times |F|² of each line where groups of atoms have these displacement factors in angstrom².
    fn strengths<'py>(&self, py: Python<'py>, b_iso_angstrom2: Vec<f64>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let strengths = call(py, || self.inner.strengths_at(&b_iso_angstrom2))?;
        Ok(strengths.to_pyarray(py))
    }

    /// Numbers of the cell that move together, by group.
    #[getter]
    fn freedom(&self) -> Vec<Vec<usize>> {
        self.inner.freedom.clone()
    }

    /// Number of lines.
    fn __len__(&self) -> usize {
        self.inner.hkl.len()
    }

    /// Multiplicity of each line.
    fn multiplicity<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<u32>> {
        self.inner.multiplicity.to_pyarray(py)
    }

    /// Indices of all lines, (n, 3).
    fn hkl<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<i32>>> {
        let rows: Vec<Vec<i32>> = self.inner.hkl.iter().map(|h| h.iter().map(|&v| v as i32).collect()).collect();
        Ok(PyArray2::from_vec2(py, &rows)?)
    }
}

/// What is known of the instrument before a fit.
#[pyclass(frozen, module = "braggite._core")]
pub struct InstrumentPrior {
    /// The core's freedom.
    pub inner: Freedom,
}

#[pymethods]
impl InstrumentPrior {
    #[new]
    #[pyo3(signature = (*, fwhm_deg, axial_ratio, shift_sd_deg, log_march_sd, delta_b_moves, delta_b_sd, zero_moves, shifts,
        transparency_sd_mm, ghost_sd, instrument=None))]
    fn new(
        py: Python<'_>,
        fwhm_deg: f64,
        axial_ratio: f64,
        shift_sd_deg: f64,
        log_march_sd: f64,
        delta_b_moves: bool,
        delta_b_sd: f64,
        zero_moves: bool,
        shifts: Vec<String>,
        transparency_sd_mm: f64,
        ghost_sd: Vec<f64>,
        instrument: Option<([f64; 7], Vec<Vec<f64>>)>,
    ) -> PyResult<Self> {
        let inner = call(py, || {
            let instrument = instrument.map(|(values, covariance)| Instrument::new(values, &covariance)).transpose()?;
            Ok(Freedom {
                fwhm_deg,
                axial_ratio,
                shift_sd_deg,
                log_march_sd,
                delta_b_moves,
                delta_b_sd,
                zero_moves,
                shifts: shifts.iter().map(|word| Shift::parse(word)).collect::<Result<_, _>>()?,
                transparency_sd_mm,
                ghost_sd,
                instrument,
            })
        })?;
        Ok(Self { inner })
    }
}

/// Nonlinear numbers of a model, to start the next fit from.
#[pyclass(frozen, module = "braggite._core")]
pub struct EngineState {
    /// The core's state.
    pub inner: State,
}

#[pymethods]
impl EngineState {
    /// The state without the phases that are not in `indices`.
    fn keep(&self, py: Python<'_>, indices: Vec<usize>) -> PyResult<Self> {
        let inner = call(py, || self.inner.keep(&indices))?;
        Ok(Self { inner })
    }

    /// The state with the strain of phase `index` in terms of its directions, for now alike in all of them.
    fn with_strain_terms(&self, py: Python<'_>, index: usize, phase: &MatchPhase) -> PyResult<Self> {
        let inner = call(py, || self.inner.with_strain_terms(index, &phase.inner))?;
        Ok(Self { inner })
    }
}

/// Name, phase index or None, group of the cell or None, value, su, counting su, at bound.
type ParameterRow = (&'static str, Option<usize>, Option<usize>, f64, Option<f64>, Option<f64>, bool);

fn parameter_row(parameter: &MatchedParameter) -> ParameterRow {
    let (name, phase, group) = match parameter.role {
        Role::Zero(_) => ("zero_deg", None, None),
        Role::Shift(_, Shift::Displacement) => ("displacement_mm", None, None),
        Role::Shift(_, Shift::Transparency) => ("transparency_mm", None, None),
        Role::Shift(_, Shift::Along) => ("displacement_along_mm", None, None),
        Role::Shift(_, Shift::Across) => ("displacement_across_mm", None, None),
        Role::Axial(_) => ("axial_ratio", None, None),
        Role::Ghost { ghost, .. } => ("ghost_share", None, Some(ghost)),
        Role::GaussU => ("gauss_u_deg2", None, None),
        Role::GaussV => ("gauss_v_deg2", None, None),
        Role::GaussW => ("gauss_w_deg2", None, None),
        Role::LorentzX => ("lorentz_x_deg", None, None),
        Role::LorentzY => ("lorentz_y_deg", None, None),
        Role::Cell { phase, group } => ("cell_change", Some(phase), Some(group)),
        Role::Size(phase) => ("size_width_deg", Some(phase), None),
        Role::Strain(phase) => ("strain_width_deg", Some(phase), None),
        Role::StrainTerm { phase, term } => ("strain_term", Some(phase), Some(term)),
        Role::DeltaB(phase) => ("delta_b_angstrom2", Some(phase), None),
        Role::Displacement { phase, group } => ("b_iso_angstrom2", Some(phase), Some(group)),
        Role::LogMarch(phase) => ("log_march", Some(phase), None),
    };
    (name, phase, group, parameter.value, parameter.su, parameter.su_counting, parameter.at_bound)
}

/// One phase of a match.
#[pyclass(frozen, module = "braggite._core")]
pub struct MatchedPhaseView {
    inner: MatchedPhase,
}

type Numbers = [Option<f64>; 6];

#[pymethods]
impl MatchedPhaseView {
    /// Cell, its uncertainties, its counting uncertainties.
    #[getter]
    fn cell(&self) -> ([f64; 6], Numbers, Numbers) {
        (self.inner.cell, self.inner.cell_su, self.inner.cell_su_counting)
    }

    /// Volume of the cell, uncertainty, counting uncertainty.
    #[getter]
    fn volume(&self) -> Known {
        self.inner.volume
    }

    /// Weight fraction, uncertainty, counting uncertainty; None where a phase has no scale.
    #[getter]
    fn weight_fraction(&self) -> Option<Known> {
        self.inner.weight_fraction
    }

    /// Sum of the areas of lines in range without Lorentz and polarisation factors, uncertainty, counting one.
    #[getter]
    fn strength(&self) -> Known {
        self.inner.strength
    }

    /// Uncertainty of the calculated area of each reflection in range; NaN where it has no strength of its own.
    #[getter]
    fn area_su<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_iter(py, self.inner.area_su.iter().map(|su| su.unwrap_or(f64::NAN)))
    }

    /// Group of lines that the data cannot tell apart to which each reflection in range belongs; -1 for one that stands
    /// alone.
    #[getter]
    fn group<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i32>> {
        let number = |group: &Option<usize>| group.and_then(|g| i32::try_from(g).ok()).unwrap_or(-1);
        PyArray1::from_iter(py, self.inner.group.iter().map(number))
    }

    /// Bragg R factor in percent.
    #[getter]
    fn r_bragg_percent(&self) -> Option<f64> {
        self.inner.r_bragg_percent
    }

    /// Curve without background.
    #[getter]
    fn curve<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.inner.curve.to_pyarray(py)
    }

    /// Index into the lines of the phase, position, calculated and observed area of each reflection in range.
    #[getter]
    #[allow(clippy::type_complexity, reason = "four columns of one table")]
    fn reflections<'py>(
        &self,
        py: Python<'py>,
    ) -> (Bound<'py, PyArray1<usize>>, Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>)
    {
        let p = &self.inner;
        (p.line.to_pyarray(py), p.two_theta_deg.to_pyarray(py), p.area.to_pyarray(py), p.area_observed.to_pyarray(py))
    }
}

/// A whole-pattern match.
#[pyclass(frozen, module = "braggite._core")]
pub struct PatternMatchView {
    inner: PatternMatch,
}

#[pymethods]
impl PatternMatchView {
    /// Word for why the fit ended, and the number of steps tried.
    #[getter]
    fn stop(&self) -> (&'static str, usize) {
        (self.inner.stop.as_str(), self.inner.iterations)
    }

    /// Rwp, Rp, Rexp in percent, goodness of fit, Durbin-Watson, Berar-Lelann factor, points, unknowns.
    #[getter]
    fn statistics(&self) -> (f64, f64, f64, f64, f64, f64, usize, usize) {
        let s = &self.inner.statistics;
        let (rwp, rp, rexp) = (s.rwp_percent, s.rp_percent, s.rexp_percent);
        (rwp, rp, rexp, s.gof, s.durbin_watson, s.berar_lelann, s.n_points, s.n_free)
    }

    /// Calculated ordinates.
    #[getter]
    fn calculated<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.inner.calculated.to_pyarray(py)
    }

    /// Fitted background.
    #[getter]
    fn background<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.inner.background.to_pyarray(py)
    }

    /// Highest order of the polynomials the background is made of; None where it is not.
    #[getter]
    fn background_order(&self) -> Option<usize> {
        self.inner.background_order
    }

    /// Phases in the order given.
    #[getter]
    fn phases(&self) -> Vec<MatchedPhaseView> {
        self.inner.phases.iter().map(|p| MatchedPhaseView { inner: p.clone() }).collect()
    }

    /// Refined numbers.
    #[getter]
    fn parameters(&self) -> Vec<ParameterRow> {
        self.inner.parameters.iter().map(parameter_row).collect()
    }

    /// Lower and upper bound of each refined number.
    #[getter]
    fn bounds(&self) -> Vec<(f64, f64)> {
        self.inner.parameters.iter().map(|p| p.bounds).collect()
    }

    /// Scale of each phase, uncertainty, counting uncertainty; None where its strengths are free.
    #[getter]
    fn scales(&self) -> Vec<Option<Known>> {
        self.inner.scales.clone()
    }

    /// Covariance of the refined numbers followed by the scales; NaN without influence.
    #[getter]
    fn covariance<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let n = self.inner.covariance.len();
        let full = |row: &Option<Vec<f64>>| row.clone().unwrap_or_else(|| vec![f64::NAN; n]);
        let rows: Vec<Vec<f64>> = self.inner.covariance.iter().map(full).collect();
        Ok(PyArray2::from_vec2(py, &rows)?)
    }

    /// Index of the phase of which two axes changed places before the match agreed.
    #[getter]
    fn exchanged(&self) -> Option<usize> {
        self.inner.exchanged
    }

    /// Nonlinear numbers at the end.
    #[getter]
    fn state(&self) -> EngineState {
        EngineState { inner: self.inner.state.clone() }
    }
}

/// Settle named phases on a pattern, each with the texture axis it shows: phases and state to start a match from.
#[pyfunction]
#[pyo3(signature = (pattern, phases, prior, *, least_gain, discrepancy))]
pub fn settle_phases(
    py: Python<'_>,
    pattern: &Pattern,
    phases: Vec<PyRef<'_, MatchPhase>>,
    prior: &InstrumentPrior,
    least_gain: f64,
    discrepancy: f64,
) -> PyResult<(Vec<MatchPhase>, EngineState)> {
    let phases: Vec<Arc<Phase>> = phases.iter().map(|p| Arc::clone(&p.inner)).collect();
    let settled = call_cancellable(py, |cancel| {
        let intervals = pattern.spline_intervals;
        settle(&pattern.inner, phases, &prior.inner, intervals, discrepancy, least_gain, cancel)
    })?;
    let phases = settled.members.iter().map(|m| MatchPhase { inner: Arc::clone(&m.phase) }).collect();
    Ok((phases, EngineState { inner: settled.state }))
}

/// The free terms of anisotropic strain under rotations: of each the powers of h, k, l and their coefficients.
#[pyfunction]
pub fn strain_terms(py: Python<'_>, rotations: Vec<[[i32; 3]; 3]>) -> PyResult<Vec<Vec<Monomial>>> {
    call(py, || Ok(free_terms(&rotations)))
}

/// Match phases with intensities tied to their structures.
#[pyfunction]
#[pyo3(signature = (pattern, phases, prior, *, state=None, start_discrepancy, discrepancy, max_iterations, relative_tolerance))]
pub fn match_structure(
    py: Python<'_>,
    pattern: &Pattern,
    phases: Vec<PyRef<'_, MatchPhase>>,
    prior: &InstrumentPrior,
    state: Option<&EngineState>,
    start_discrepancy: f64,
    discrepancy: f64,
    max_iterations: usize,
    relative_tolerance: f64,
) -> PyResult<PatternMatchView> {
    let phases: Vec<Arc<Phase>> = phases.iter().map(|p| Arc::clone(&p.inner)).collect();
    let freedom = &prior.inner;
    let state = state.map(|s| s.inner.clone());
    let options = StructureOptions {
        freedom,
        stage: freedom.last_stage(),
        start_discrepancy,
        discrepancy,
        correlated_points: freedom.correlated_points(&pattern.inner),
        fit: Options { max_iterations, relative_tolerance },
    };
    let inner = call_cancellable(py, |cancel| {
        let views: Vec<&Phase> = phases.iter().map(Arc::as_ref).collect();
        let state = state.unwrap_or_else(|| freedom.start_with(&views));
        braggite_core::matching::structure::match_structure(&pattern.inner, &views, state, options, cancel)
    })?;
    Ok(PatternMatchView { inner })
}

/// Refine the widths of the instrument on a standard whose cell, size and strain are known.
#[pyfunction]
#[pyo3(signature = (pattern, standard, prior, *, state=None, size_width_deg, strain_width_deg, free_cell, start_discrepancy,
    max_iterations, relative_tolerance))]
pub fn calibrate_instrument(
    py: Python<'_>,
    pattern: &Pattern,
    standard: &MatchPhase,
    prior: &InstrumentPrior,
    state: Option<&EngineState>,
    size_width_deg: f64,
    strain_width_deg: f64,
    free_cell: bool,
    start_discrepancy: f64,
    max_iterations: usize,
    relative_tolerance: f64,
) -> PyResult<PatternMatchView> {
    let freedom = &prior.inner;
    let options = StructureOptions {
        freedom,
        stage: Stage::Calibration { free_cell },
        start_discrepancy,
        discrepancy: 0.0,
        correlated_points: freedom.correlated_points(&pattern.inner),
        fit: Options { max_iterations, relative_tolerance },
    };
    let state = state.map(|s| s.inner.clone());
    let inner = call_cancellable(py, |cancel| {
        let state =
            state.unwrap_or_else(|| freedom.start_calibration(&pattern.inner, size_width_deg, strain_width_deg));
        let phases = [standard.inner.as_ref()];
        braggite_core::matching::structure::match_structure(&pattern.inner, &phases, state, options, cancel)
    })?;
    Ok(PatternMatchView { inner })
}

/// Match phases with strengths of their own, each held as its word in `holds` says: free, restrained, tied, or all shared.
#[pyfunction]
#[pyo3(signature = (pattern, phases, prior, *, state=None, holds, start_discrepancy, strength_sd, max_iterations, relative_tolerance))]
pub fn match_pawley(
    py: Python<'_>,
    pattern: &Pattern,
    phases: Vec<PyRef<'_, MatchPhase>>,
    prior: &InstrumentPrior,
    state: Option<&EngineState>,
    holds: Vec<String>,
    start_discrepancy: f64,
    strength_sd: f64,
    max_iterations: usize,
    relative_tolerance: f64,
) -> PyResult<PatternMatchView> {
    let phases: Vec<Arc<Phase>> = phases.iter().map(|p| Arc::clone(&p.inner)).collect();
    let freedom = &prior.inner;
    let state = state.map(|s| s.inner.clone());
    let options = PawleyOptions {
        freedom,
        start_discrepancy,
        strength_sd,
        near: state.is_some(),
        fit: Options { max_iterations, relative_tolerance },
    };
    let inner = call_cancellable(py, |cancel| {
        let views: Vec<&Phase> = phases.iter().map(Arc::as_ref).collect();
        let holds = holds.iter().map(|word| Hold::parse(word)).collect::<Result<Vec<Hold>, _>>()?;
        let state = state.unwrap_or_else(|| freedom.start_with(&views));
        if holds.contains(&Hold::Partitioned) {
            braggite_core::matching::lebail::match_lebail(&pattern.inner, &views, &state, options, cancel)
        } else {
            braggite_core::matching::pawley::match_pawley(&pattern.inner, &views, &holds, &state, options, cancel)
        }
    })?;
    Ok(PatternMatchView { inner })
}
