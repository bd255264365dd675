//! Match phases whose intensities are tied to their structures: cells, amounts and their uncertainties.

use crate::cancel::CancelFlag;
use crate::error::Result;
use crate::linalg::normal::Normal;
use crate::linalg::symmetric::Symmetric;
use crate::matching::background;
use crate::matching::discrepancy::discrepancy_of_fit;
use crate::matching::error_model::{varied, widened};
use crate::matching::fit::{evaluate, fit, prior_curvature};
use crate::matching::fit_covariance::FitCovariance;
use crate::matching::matched::{PatternMatch, Uncertainty, matched};
use crate::matching::phase::Phase;
use crate::matching::refinement::{Freedom, Stage};
use crate::matching::region::Region;
use crate::matching::state::{Refined, State};
use crate::matching::statistics::{Statistics, statistics};
use crate::optimise::levenberg_marquardt::Options;

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
    /// When to stop.
    pub fit: Options,
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
) -> Result<PatternMatch> {
    let refined = options.freedom.refined(options.stage, phases, &state, region.optics.radius_mm);
    let weighed = |region, discrepancy| widened(region, discrepancy, options.correlated_points);
    let start = weighed(region, options.start_discrepancy);
    let coarse = Options { relative_tolerance: START_TOLERANCE, ..options.fit };
    let first = fit(std::slice::from_ref(&start), phases, state, &refined, coarse, cancel)?;
    let state = first.model.state().clone();
    let region = &background::settled(region, first.model.lines(0))?;
    let refined = options.freedom.refined(options.stage, phases, &state, region.optics.radius_mm);
    let mut pattern = weighed(region, options.discrepancy);
    let free = fit(std::slice::from_ref(&pattern), phases, state, &refined, coarse, cancel)?;
    // Misfit is not information: without this, thousands of points that a model misses alike would overrule the priors.
    let excess = agreement(region, &pattern, &free.model.calculated(0), free.model.n_free()).berar_lelann.powi(2);
    let state = free.model.state().clone();
    let refined = options.freedom.refined(options.stage, phases, &state, region.optics.radius_mm);
    pattern.weight.iter_mut().for_each(|weight| *weight /= excess);
    let regions = std::slice::from_ref(&pattern);
    let result = fit(regions, phases, state, &refined, options.fit, cancel)?;
    let n_free = result.model.n_free();
    let calculated = result.model.calculated(0);
    let by_counting = agreement(region, region, &calculated, n_free);
    let correlated = options.correlated_points;
    // Without a projection the data determine nothing, and there is no covariance either.
    let misfit = result
        .model
        .projection(&refined)
        .map_or(0.0, |projection| discrepancy_of_fit(region, &calculated, correlated, &pattern, &projection));
    let priors = prior_curvature(&refined);
    let expected = weighed(region, misfit);
    let varied = [varied(region, &pattern, misfit, correlated)];
    let widening = agreement(region, &expected, &calculated, n_free).berar_lelann;
    let own = result.model.covariance_under(&priors, &varied);
    let inherited = options.freedom.instrument.as_ref().and_then(|i| i.inherited(&result.model, &priors).ok());
    let uncertainty = Uncertainty {
        counting: counting_covariance(region, phases, result.model.state(), &refined)?,
        by_misfit: Some(combined(own, widening, inherited.as_ref())),
        widening: 1.0,
    };
    Ok(matched(region, phases, &result, &refined, by_counting, &uncertainty))
}

/// Covariance of the fit's own, widened, and that from the uncertainty of the instrument, which is widened already.
fn combined(own: Vec<Option<Vec<f64>>>, widening: f64, inherited: Option<&Symmetric>) -> FitCovariance {
    let mut covariance = own;
    for (i, row) in covariance.iter_mut().enumerate() {
        for (j, entry) in row.iter_mut().flatten().enumerate() {
            *entry = widening * widening * *entry + inherited.map_or(0.0, |m| m.get(i, j));
        }
    }
    FitCovariance::of_rows(covariance)
}

pub(super) fn agreement(counted: &Region, pattern: &Region, calculated: &[f64], n_free: usize) -> Statistics {
    let variance: Vec<f64> = pattern.weight.iter().map(|&w| if w > 0.0 { 1.0 / w } else { 1.0 }).collect();
    statistics(std::iter::once((&counted.y[..], calculated, &variance[..], &counted.weight[..])), n_free)
}

fn counting_covariance(
    region: &Region,
    phases: &[&Phase],
    state: &State,
    refined: &[Refined],
) -> Result<FitCovariance> {
    let (mut model, _) = evaluate(std::slice::from_ref(region), phases, state.clone())?;
    model.move_also(refined.iter().map(|r| r.role).collect());
    Ok(model.covariance(&vec![0.0; refined.len()]))
}
