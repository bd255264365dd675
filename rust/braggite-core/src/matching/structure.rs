//! Match phases whose intensities are tied to their structures: cells, amounts and their uncertainties.

use crate::cancel::CancelFlag;
use crate::error::Result;
use crate::linalg::normal::Normal;
use crate::linalg::symmetric::Symmetric;
use crate::matching::background::underneath;
use crate::matching::error_model::{discrepancy, varied, widened};
use crate::matching::fit::{Fit, evaluate, fit, prior_curvature};
use crate::matching::freedom::{inverse, metric_with_derivatives};
use crate::matching::lines::{LineTable, place_lines};
use crate::matching::phase::Phase;
use crate::matching::refinement::{Freedom, Stage};
use crate::matching::region::Region;
use crate::matching::state::{Refined, Role, State};
use crate::matching::statistics::{Statistics, statistics};
use crate::optimise::levenberg_marquardt::{Options, StopReason};

/// Relative fall of the objective at which the first of the two fits may stop.
const START_TOLERANCE: f64 = 1e-3;

/// How a structure match is to be done.
#[derive(Debug, Clone, Copy)]
pub struct StructureOptions<'a> {
    /// Priors of the instrument.
    pub freedom: &'a Freedom,
    /// What is refined.
    pub stage: Stage,
    /// Misfit proportional to the net signal that is allowed for at the start, while lines may stand beside their
    /// place and a strong one would drown the others.
    pub start_discrepancy: f64,
    /// The same at the end; 0 weights by counting alone.
    pub discrepancy: f64,
    /// Neighbouring points that share one misfit.
    pub correlated_points: f64,
    /// Intervals of the background spline.
    pub spline_intervals: usize,
    /// When to stop.
    pub fit: Options,
}

/// One refined number of a match.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchedParameter {
    /// Its place in the model.
    pub role: Role,
    /// Value.
    pub value: f64,
    /// Standard uncertainty, widened for serial correlation; None without influence on the data.
    pub su: Option<f64>,
    /// Standard uncertainty from counting alone.
    pub su_counting: Option<f64>,
    /// Whether it ended at a bound.
    pub at_bound: bool,
    /// The bounds it was held between.
    pub bounds: (f64, f64),
}

/// One phase of a match.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchedPhase {
    /// Cell lengths in angstrom, angles in degrees.
    pub cell: [f64; 6],
    /// Standard uncertainties of the cell; None where symmetry fixes the number.
    pub cell_su: [Option<f64>; 6],
    /// Counting uncertainties of the cell.
    pub cell_su_counting: [Option<f64>; 6],
    /// Volume of the cell in cubic angstrom, its uncertainty, its counting uncertainty.
    pub volume: (f64, Option<f64>, Option<f64>),
    /// Weight fraction among the phases of the match.
    pub weight_fraction: f64,
    /// Its standard uncertainty, None for a phase with a scale of zero.
    pub weight_fraction_su: Option<f64>,
    /// Its counting uncertainty.
    pub weight_fraction_su_counting: Option<f64>,
    /// Bragg R factor in percent, observed intensities by Rietveld's partition; None without intensity.
    pub r_bragg_percent: Option<f64>,
    /// Curve without background.
    pub curve: Vec<f64>,
    /// Index of each reflection in the phase's list.
    pub line: Vec<usize>,
    /// Its position in the pattern, degrees 2-theta.
    pub two_theta_deg: Vec<f64>,
    /// Its calculated area.
    pub area: Vec<f64>,
    /// Its observed area, partitioned in proportion to the calculated curves.
    pub area_observed: Vec<f64>,
}

/// A structure match.
#[derive(Debug, Clone)]
pub struct StructureMatch {
    /// Why the fit ended.
    pub stop: StopReason,
    /// Steps tried.
    pub iterations: usize,
    /// Agreement, by counting variances.
    pub statistics: Statistics,
    /// Calculated ordinates, background included.
    pub calculated: Vec<f64>,
    /// Fitted background.
    pub background: Vec<f64>,
    /// Phases in the order given.
    pub phases: Vec<MatchedPhase>,
    /// Refined numbers.
    pub parameters: Vec<MatchedParameter>,
    /// Scale of each phase, its uncertainty, its counting uncertainty.
    pub scales: Vec<(f64, Option<f64>, Option<f64>)>,
    /// Covariance of the refined numbers followed by the scales, widened as their uncertainties are; no row for a number
    /// without influence.
    pub covariance: Vec<Option<Vec<f64>>>,
    /// State at the end.
    pub state: State,
}

/// Match `phases` to `region`, whose weights are one over the counting variance, starting from `state`.
///
/// # Errors
/// Those of the engine, and `Cancelled`.
pub fn match_structure(
    region: &Region,
    phases: &[&Phase],
    state: State,
    options: StructureOptions<'_>,
    cancel: &CancelFlag,
) -> Result<StructureMatch> {
    let refined = options.freedom.refined(options.stage, phases, &state, region.optics.radius_mm);
    let weighed =
        |region, discrepancy| widened(region, options.spline_intervals, discrepancy, options.correlated_points);
    let start = weighed(region, options.start_discrepancy)?;
    let coarse = Options { relative_tolerance: START_TOLERANCE, ..options.fit };
    let first = fit(std::slice::from_ref(&start), phases, state, &refined, coarse, cancel)?;
    let state = first.model.state().clone();
    let region = &underneath(region, first.model.lines(0))?;
    let refined = options.freedom.refined(options.stage, phases, &state, region.optics.radius_mm);
    let mut pattern = weighed(region, options.discrepancy)?;
    let free = fit(std::slice::from_ref(&pattern), phases, state, &refined, coarse, cancel)?;
    // Misfit is not information: without this, thousands of points that a model misses alike would overrule the priors.
    let excess = agreement(region, &pattern, &free.model.calculated(0), free.model.n_free()).berar_lelann.powi(2);
    let state = free.model.state().clone();
    let refined = options.freedom.refined(options.stage, phases, &state, region.optics.radius_mm);
    pattern.weight.iter_mut().for_each(|weight| *weight /= excess);
    let regions = std::slice::from_ref(&pattern);
    let result = fit(regions, phases, state, &refined, options.fit, cancel)?;
    let state = result.model.state().clone();
    let n_free = result.model.n_free();
    let calculated = result.model.calculated(0);
    let by_counting = agreement(region, region, &calculated, n_free);
    let misfit = discrepancy(region, &calculated);
    let priors = prior_curvature(&refined);
    let expected = widened(region, options.spline_intervals, misfit, options.correlated_points)?;
    let varied = [varied(region, &pattern, misfit, options.correlated_points)];
    let widening = agreement(region, &expected, &calculated, n_free).berar_lelann;
    let own = result.model.covariance_under(&priors, &varied);
    let inherited = options.freedom.instrument.as_ref().and_then(|i| i.inherited(&result.model, &priors).ok());
    let uncertainty = Uncertainty {
        covariance: combined(own, widening, inherited.as_ref()),
        counting: counting_covariance(region, phases, &state, &refined)?,
        first_scale: refined.len(),
    };
    let parameters = refined
        .iter()
        .enumerate()
        .map(|(i, entry)| MatchedParameter {
            role: entry.role,
            value: result.theta[i],
            su: uncertainty.su(i, i, |_| 1.0),
            su_counting: uncertainty.su_counting(i, i, |_| 1.0),
            at_bound: entry.parameter.at_bound(result.theta[i]),
            bounds: (entry.parameter.lower, entry.parameter.upper),
        })
        .collect();
    let scales = result
        .model
        .scales()
        .iter()
        .zip(refined.len()..)
        .map(|(&scale, i)| (scale, uncertainty.su(i, i, |_| 1.0), uncertainty.su_counting(i, i, |_| 1.0)))
        .collect();
    let background = result.model.background(0);
    let matched = (0..phases.len())
        .map(|p| matched_phase(region, phases, p, &result, &refined, &background, &uncertainty))
        .collect();
    Ok(StructureMatch {
        stop: result.stop,
        iterations: result.iterations,
        statistics: by_counting,
        calculated,
        background,
        phases: matched,
        parameters,
        scales,
        covariance: uncertainty.covariance,
        state,
    })
}

/// Covariance of the fit's own, widened, and that from the uncertainty of the instrument, which is widened already.
fn combined(own: Vec<Option<Vec<f64>>>, widening: f64, inherited: Option<&Symmetric>) -> Vec<Option<Vec<f64>>> {
    let mut covariance = own;
    for (i, row) in covariance.iter_mut().enumerate() {
        for (j, entry) in row.iter_mut().flatten().enumerate() {
            *entry = widening * widening * *entry + inherited.map_or(0.0, |m| m.get(i, j));
        }
    }
    covariance
}

fn agreement(counted: &Region, pattern: &Region, calculated: &[f64], n_free: usize) -> Statistics {
    let variance: Vec<f64> = pattern.weight.iter().map(|&w| if w > 0.0 { 1.0 / w } else { 1.0 }).collect();
    statistics(std::iter::once((&counted.y[..], calculated, &variance[..], &counted.weight[..])), n_free)
}

fn counting_covariance(
    region: &Region,
    phases: &[&Phase],
    state: &State,
    refined: &[Refined],
) -> Result<Vec<Option<Vec<f64>>>> {
    let (mut model, _) = evaluate(std::slice::from_ref(region), phases, state.clone())?;
    model.move_also(refined.iter().map(|r| r.role).collect());
    Ok(model.covariance(&vec![0.0; refined.len()]))
}

struct Uncertainty {
    /// Of refined numbers and scales, by the misfit that the lines show.
    covariance: Vec<Option<Vec<f64>>>,
    /// The same from counting alone.
    counting: Vec<Option<Vec<f64>>>,
    first_scale: usize,
}

impl Uncertainty {
    /// Uncertainty of the sum of `gradient(i)` times unknown i over `from..=to`.
    fn su(&self, from: usize, to: usize, gradient: impl Fn(usize) -> f64) -> Option<f64> {
        propagate(&self.covariance, from, to, gradient).map(f64::sqrt)
    }

    fn su_counting(&self, from: usize, to: usize, gradient: impl Fn(usize) -> f64) -> Option<f64> {
        propagate(&self.counting, from, to, gradient).map(f64::sqrt)
    }
}

fn propagate(rows: &[Option<Vec<f64>>], from: usize, to: usize, gradient: impl Fn(usize) -> f64) -> Option<f64> {
    let (mut variance, mut any) = (0.0, false);
    for i in from..=to {
        let Some(row) = rows.get(i).and_then(Option::as_ref) else { continue };
        any = true;
        for (j, entry) in row.iter().enumerate().take(to + 1).skip(from) {
            variance += gradient(i) * gradient(j) * entry;
        }
    }
    (any && variance >= 0.0).then_some(variance)
}

fn matched_phase(
    region: &Region,
    phases: &[&Phase],
    p: usize,
    result: &Fit<'_>,
    refined: &[Refined],
    background: &[f64],
    uncertainty: &Uncertainty,
) -> MatchedPhase {
    let phase = phases[p];
    let state = result.model.state();
    let scales = &result.model.scales();
    let cell = state.cell(p, phase);
    let (mut cell_su, mut cell_su_counting) = ([None; 6], [None; 6]);
    for (i, entry) in refined.iter().enumerate() {
        let Role::Cell { phase: of, group } = entry.role else { continue };
        if of != p {
            continue;
        }
        for &number in &phase.freedom[group] {
            let chain = if number < 3 { phase.cell[number] } else { 1.0 };
            cell_su[number] = uncertainty.su(i, i, |_| chain);
            cell_su_counting[number] = uncertainty.su_counting(i, i, |_| chain);
        }
    }
    let mass: Vec<f64> = (0..phases.len())
        .map(|q| {
            let (_, determinant) = inverse(&metric_with_derivatives(&state.cell(q, phases[q])).0);
            phases[q].cell_mass * determinant.max(0.0).sqrt()
        })
        .collect();
    let total: f64 = mass.iter().zip(scales).map(|(m, s)| m * s).sum();
    let weight_fraction = if total > 0.0 { mass[p] * scales[p] / total } else { 0.0 };
    let first = uncertainty.first_scale;
    let gradient = |i: usize| {
        let own = if i - first == p { 1.0 } else { 0.0 };
        mass[i - first] * (own - weight_fraction) / total.max(f64::MIN_POSITIVE)
    };
    let last = first + phases.len() - 1;
    let present = scales[p] > 0.0;
    let curve = result.model.curve(0, p);
    let mut matched = MatchedPhase {
        cell,
        cell_su,
        cell_su_counting,
        volume: volume(phase, p, &cell, refined, uncertainty),
        weight_fraction,
        weight_fraction_su: uncertainty.su(first, last, gradient).filter(|_| present),
        weight_fraction_su_counting: uncertainty.su_counting(first, last, gradient).filter(|_| present),
        r_bragg_percent: None,
        curve,
        line: Vec::new(),
        two_theta_deg: Vec::new(),
        area: Vec::new(),
        area_observed: Vec::new(),
    };
    partition(region, phase, p, result, background, &mut matched);
    matched
}

/// Volume of the cell and its uncertainties, from the covariance of everything in the cell that moved.
fn volume(
    phase: &Phase,
    p: usize,
    cell: &[f64; 6],
    refined: &[Refined],
    uncertainty: &Uncertainty,
) -> (f64, Option<f64>, Option<f64>) {
    let (metric, metric_by) = metric_with_derivatives(cell);
    let (reciprocal, determinant) = inverse(&metric);
    let volume = determinant.max(0.0).sqrt();
    // d ln V = trace(G⁻¹ dG) / 2, off-diagonal entries counted twice.
    let by = |number: usize| {
        let products: [f64; 6] = std::array::from_fn(|k| reciprocal[k] * metric_by[number][k]);
        let chain = if number < 3 { phase.cell[number] } else { 1.0 };
        chain * volume * (0.5 * products[..3].iter().sum::<f64>() + products[3..].iter().sum::<f64>())
    };
    let gradient = |i: usize| match refined[i].role {
        Role::Cell { phase: of, group } if of == p => phase.freedom[group].iter().map(|&number| by(number)).sum(),
        _ => 0.0,
    };
    let last = refined.len().saturating_sub(1);
    // A phase with a scale of zero has no say in its cell: unknown, not zero.
    let known = |su: &f64| *su > 0.0;
    (volume, uncertainty.su(0, last, gradient).filter(known), uncertainty.su_counting(0, last, gradient).filter(known))
}

/// Observed areas by Rietveld's partition: each point is shared among lines as the calculated pattern shares it.
fn partition(
    region: &Region,
    phase: &Phase,
    p: usize,
    result: &Fit<'_>,
    background: &[f64],
    matched: &mut MatchedPhase,
) {
    let state = result.model.state();
    let calculated = result.model.calculated(0);
    let ratio: Vec<f64> = (0..region.x.len())
        .map(|i| {
            let model = calculated[i] - background[i];
            if model > 0.0 && region.weight[i] > 0.0 { (region.y[i] - background[i]) / model } else { 1.0 }
        })
        .collect();
    let table = LineTable::new(phase, region);
    let scale = result.model.scales()[p];
    let (low, high) = (region.x[0], region.x[region.x.len() - 1]);
    let (mut components, mut difference, mut sum) = (Vec::new(), 0.0, 0.0);
    for line in place_lines(phase, &table, p, state, 0, region) {
        let shifts = state.regions[0];
        let centre = line.two_theta + shifts.zero_deg + line.centre_by_displacement * shifts.displacement_mm;
        if centre < low || centre > high {
            continue;
        }
        line.components(region, shifts, &mut components);
        let share = line.mean_ratio(region, &components, &ratio);
        let area = scale * line.area;
        matched.line.push(line.index);
        matched.two_theta_deg.push(centre);
        matched.area.push(area);
        matched.area_observed.push(area * share);
        difference += (area * share - area).abs();
        sum += (area * share).abs();
    }
    matched.r_bragg_percent = (sum > 0.0).then(|| 100.0 * difference / sum);
}
