//! A set of phases, fitted: the node of the search.

use std::sync::Arc;

use crate::cancel::CancelFlag;
use crate::error::Result;
use crate::matching::fit::{Fit, fit};
use crate::matching::phase::Phase;
use crate::matching::refinement::{Freedom, Stage};
use crate::matching::region::Region;
use crate::matching::state::{Refined, State};
use crate::optimise::levenberg_marquardt::{Options, StopReason};

/// Reciprocal-lattice directions tried as the axis of preferred orientation.
const TEXTURE_AXES: [[f64; 3]; 7] = [
    [0.0, 0.0, 1.0],
    [1.0, 0.0, 0.0],
    [0.0, 1.0, 0.0],
    [1.0, 1.0, 0.0],
    [1.0, 0.0, 1.0],
    [0.0, 1.0, 1.0],
    [1.0, 1.0, 1.0],
];

/// A set of phases with the state that fits best.
#[derive(Debug, Clone)]
pub struct Hypothesis {
    /// Indices of the candidates, in the order they joined.
    pub members: Vec<usize>,
    /// Their phases, with a texture axis where one helps.
    pub phases: Vec<Arc<Phase>>,
    /// Nonlinear numbers.
    pub state: State,
    /// Scale of each phase.
    pub scales: Vec<f64>,
    /// Weighted sum of squares plus penalties.
    pub objective: f64,
    /// Natural logarithm of the evidence, up to a constant of the pattern.
    pub log_evidence: f64,
    /// Calculated ordinates.
    pub calculated: Vec<f64>,
    /// Why its fit ended.
    pub stop: StopReason,
}

/// Everything a fit of a hypothesis needs besides the phases.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The pattern.
    pub region: &'a Region,
    /// Priors of the instrument.
    pub freedom: &'a Freedom,
    /// What is refined.
    pub stage: Stage,
    /// When fits stop.
    pub options: Options,
    /// Neighbouring points whose misfit is correlated; the objective counts once for so many.
    pub correlated_points: f64,
    /// Raised to stop.
    pub cancel: &'a CancelFlag,
}

impl Setting<'_> {
    /// The numbers that a set of phases refines from `state`.
    pub fn refined(&self, phases: &[&Phase], state: &State) -> Vec<Refined> {
        self.freedom.refined(self.stage, phases, state, self.region.optics.radius_mm)
    }

    /// Fit a set of phases from `state`.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn solve(&self, members: Vec<usize>, phases: Vec<Arc<Phase>>, state: State) -> Result<Hypothesis> {
        let views: Vec<&Phase> = phases.iter().map(Arc::as_ref).collect();
        let refined = self.refined(&views, &state);
        let regions = std::slice::from_ref(self.region);
        let result = fit(regions, &views, state, &refined, self.options, self.cancel)?;
        let log_evidence = self.log_evidence(&result, &refined);
        let (state, scales) = (result.model.state().clone(), result.model.scales().to_vec());
        let (objective, stop, calculated) = (result.objective, result.stop, result.model.calculated(0).to_vec());
        Ok(Hypothesis { members, phases, state, scales, objective, log_evidence, calculated, stop })
    }

    /// Laplace's approximation of the evidence, with the objective tempered by the correlation of the misfit.
    ///
    /// The prior of a scale is flat up to the scale that would explain all of the net signal. Kass and Raftery (1995),
    /// J. Am. Stat. Assoc. 90, 773.
    fn log_evidence(&self, result: &Fit<'_>, refined: &[Refined]) -> f64 {
        let temper = 1.0 / self.correlated_points;
        let mut sum = -0.5 * temper * result.objective;
        let covariance = result.covariance(refined);
        for (i, entry) in refined.iter().enumerate() {
            let posterior = covariance.get(i).and_then(Option::as_ref).map(|row| row[i] / temper);
            if let (Some(prior), Some(variance)) = (entry.parameter.prior, posterior) {
                sum += 0.5 * (variance / (prior.sd * prior.sd)).min(1.0).ln();
            }
        }
        let net: f64 = self.region.y.iter().zip(&self.region.background).map(|(y, b)| (y - b).max(0.0)).sum();
        for p in 0..result.model.scales().len() {
            let drawn: f64 = result.model.curve(0, p).iter().sum();
            let variance = covariance.get(refined.len() + p).and_then(Option::as_ref).map(|row| row[refined.len() + p]);
            if let Some(variance) = variance.filter(|_| drawn > 0.0) {
                sum += 0.5 * (variance / temper * std::f64::consts::TAU * (drawn / net).powi(2)).min(1.0).ln();
            }
        }
        sum
    }

    /// `hypothesis` with phase `index` given the texture axis that helps most, if one helps.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn with_best_texture(&self, hypothesis: Hypothesis, index: usize, least_gain: f64) -> Result<Hypothesis> {
        if hypothesis.phases[index].march.is_some() || hypothesis.scales[index] <= 0.0 {
            return Ok(hypothesis);
        }
        let Some(axis) = self.best_axis(&hypothesis, index, least_gain)? else { return Ok(hypothesis) };
        let mut phases = hypothesis.phases.clone();
        phases[index] = Arc::new(phases[index].with_texture(axis));
        let trial = self.solve(hypothesis.members.clone(), phases, hypothesis.state.clone())?;
        Ok(if trial.log_evidence > hypothesis.log_evidence { trial } else { hypothesis })
    }

    fn best_axis(&self, hypothesis: &Hypothesis, index: usize, least_gain: f64) -> Result<Option<[f64; 3]>> {
        let mut best = (least_gain, None);
        for axis in TEXTURE_AXES {
            let mut phases = hypothesis.phases.clone();
            phases[index] = Arc::new(phases[index].with_texture(axis));
            let views: Vec<&Phase> = phases.iter().map(Arc::as_ref).collect();
            for log_march in [-0.3, 0.2] {
                let mut state = hypothesis.state.clone();
                state.phases[index].log_march = log_march;
                let (_, objective) = crate::matching::fit::evaluate(std::slice::from_ref(self.region), &views, state)?;
                let gain = (hypothesis.objective - objective) / self.correlated_points;
                if gain > best.0 {
                    best = (gain, Some(axis));
                }
            }
        }
        Ok(best.1)
    }
}
