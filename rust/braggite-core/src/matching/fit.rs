//! Refine a model and say what came out, with uncertainties.

use crate::cancel::CancelFlag;
use crate::error::Result;
use crate::matching::fit_covariance::FitCovariance;
use crate::matching::model::Model;
use crate::matching::phase::Phase;
use crate::matching::region::Region;
use crate::matching::separable::restraint::Restraint;
use crate::matching::state::{Refined, State};
use crate::optimise::levenberg_marquardt::{Options, Problem, StopReason, minimise};

/// The end of a fit.
#[derive(Debug)]
pub struct Fit<'a> {
    /// The model at the best state.
    pub model: Model<'a>,
    /// Weighted sum of squared residuals plus penalties.
    pub objective: f64,
    /// Steps tried.
    pub iterations: usize,
    /// Why the iteration ended.
    pub stop: StopReason,
    /// Refined numbers, in the order given.
    pub theta: Vec<f64>,
}

/// Fit `refined` numbers of the model that starts at `state`.
///
/// # Errors
/// Those of the model, and `Cancelled`.
pub fn fit<'a>(
    regions: &'a [Region],
    phases: &'a [&'a Phase],
    state: State,
    refined: &[Refined],
    options: Options,
    cancel: &CancelFlag,
) -> Result<Fit<'a>> {
    fit_restrained(regions, phases, state, refined, &[], options, cancel)
}

/// The same with strengths and scales held by `restraints`.
///
/// # Errors
/// As [`fit`].
pub fn fit_restrained<'a>(
    regions: &'a [Region],
    phases: &'a [&'a Phase],
    state: State,
    refined: &[Refined],
    restraints: &[Restraint],
    options: Options,
    cancel: &CancelFlag,
) -> Result<Fit<'a>> {
    let mut model = Model::new(regions, phases, state, refined.iter().map(|r| r.role).collect(), restraints)?;
    let parameters: Vec<_> = refined.iter().map(|r| r.parameter.clone()).collect();
    let outcome = minimise(&mut model, &parameters, options, cancel)?;
    Ok(Fit {
        model,
        objective: outcome.objective,
        iterations: outcome.iterations,
        stop: outcome.stop,
        theta: outcome.theta,
    })
}

impl Fit<'_> {
    /// Covariance of refined numbers followed by scales, from the weights of the regions and the priors.
    pub fn covariance(&self, refined: &[Refined]) -> FitCovariance {
        self.model.covariance(&prior_curvature(refined))
    }
}

/// Curvature that the prior of each refined number adds; 0 without one.
pub fn prior_curvature(refined: &[Refined]) -> Vec<f64> {
    refined.iter().map(|r| r.parameter.prior.map_or(0.0, |prior| prior.sd.powi(-2))).collect()
}

/// Objective of the model at a state without refining anything: curves drawn, linear unknowns solved.
///
/// # Errors
/// Those of the model.
pub fn evaluate<'a>(regions: &'a [Region], phases: &'a [&'a Phase], state: State) -> Result<(Model<'a>, f64)> {
    let mut model = Model::new(regions, phases, state, Vec::new(), &[])?;
    let objective = model.objective(&[])?;
    Ok((model, objective))
}
