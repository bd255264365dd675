//! A set of phases, fitted: the node of the search.

use std::sync::Arc;

use crate::cancel::CancelFlag;
use crate::error::Result;
use crate::identification::orientation::likely_textures;
use crate::linalg::symmetric::{add_scaled, dot};
use crate::matching::fit::{Fit, fit};
use crate::matching::phase::Phase;
use crate::matching::refinement::{Freedom, Stage};
use crate::matching::region::Region;
use crate::matching::state::{Refined, State};
use crate::optimise::levenberg_marquardt::{Options, StopReason};

/// Curves blurred over this many line widths whose cosine exceeds [`ALIKE`] are one set of lines.
const ALIKE_WIDTHS: f64 = 3.0;
const ALIKE: f64 = 0.9;

/// Logarithm of how much more often crystals are flat along their most widely spaced planes than anything else.
const COMMON_TEXTURE: f64 = 7.0;

/// A member of a hypothesis: which candidate, how likely before the data, and its phase.
#[derive(Debug, Clone)]
pub struct Member {
    /// Index of the candidate.
    pub candidate: usize,
    /// Logarithm of its prior probability relative to other candidates.
    pub log_prior: f64,
    /// Its phase, with a texture axis where one helps.
    pub phase: Arc<Phase>,
}

/// A set of phases with the state that fits best.
#[derive(Debug, Clone)]
pub struct Hypothesis {
    /// Phases in the order they joined.
    pub members: Vec<Member>,
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
    /// Curve of each phase for a scale of one.
    pub curves: Vec<Vec<f64>>,
    /// Rise of the objective if a phase went and nothing else moved far: its scale squared over the variance of that.
    pub removal_cost: Vec<f64>,
    /// Why its fit ended.
    pub stop: StopReason,
}

impl Hypothesis {
    /// Whether a candidate is among the members.
    pub fn contains(&self, candidate: usize) -> bool {
        self.members.iter().any(|m| m.candidate == candidate)
    }

    /// Whether the newest member draws the same lines as an older one: two names for one set of lines, not two phases.
    pub fn repeats_itself(&self, setting: &Setting<'_>) -> bool {
        let Some((newest, older)) = self.curves.split_last() else { return false };
        let reach = (ALIKE_WIDTHS * setting.freedom.correlated_points(setting.region)).ceil() as usize;
        let newest = blurred(newest, reach);
        older.iter().any(|curve| cosine(&newest, &blurred(curve, reach)) > ALIKE)
    }

    /// Calculated ordinates without background.
    pub fn lines(&self) -> Vec<f64> {
        let mut sum = vec![0.0; self.calculated.len()];
        for (curve, &scale) in self.curves.iter().zip(&self.scales) {
            add_scaled(&mut sum, scale, curve);
        }
        sum
    }

    /// Indices of the members' candidates.
    pub fn candidates(&self) -> Vec<usize> {
        self.members.iter().map(|m| m.candidate).collect()
    }
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
    pub fn solve(&self, members: Vec<Member>, state: State) -> Result<Hypothesis> {
        let views: Vec<&Phase> = members.iter().map(|m| m.phase.as_ref()).collect();
        let refined = self.refined(&views, &state);
        let regions = std::slice::from_ref(self.region);
        let result = fit(regions, &views, state, &refined, self.options, self.cancel)?;
        let prior: f64 = members.iter().map(|m| m.log_prior).sum();
        // A newcomer is ranked by its objective alone.
        let covariance = (self.stage != Stage::Newcomer).then(|| result.covariance(&refined));
        let variance = |number: usize| covariance.as_ref()?.variance(number);
        let log_evidence = prior + self.log_evidence(&result, &refined, variance);
        let removal_cost = (0..members.len())
            .map(|p| variance(refined.len() + p).map_or(0.0, |variance| result.model.scales()[p].powi(2) / variance))
            .collect();
        let (state, scales) = (result.model.state().clone(), result.model.scales());
        let (objective, stop, calculated) = (result.objective, result.stop, result.model.calculated(0));
        let curves = (0..views.len()).map(|p| result.model.unit_curve(0, p)).collect();
        Ok(Hypothesis { members, state, scales, objective, log_evidence, calculated, curves, removal_cost, stop })
    }

    /// Fit the phases of `hypothesis` again from where it stands.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn solve_again(&self, hypothesis: &Hypothesis) -> Result<Hypothesis> {
        self.solve(hypothesis.members.clone(), hypothesis.state.clone())
    }

    /// Laplace's approximation of the evidence: Kass and Raftery (1995), J. Am. Stat. Assoc. 90, 773.
    ///
    /// The prior of a scale is flat up to the scale that would explain all of the net signal.
    fn log_evidence(&self, result: &Fit<'_>, refined: &[Refined], variance: impl Fn(usize) -> Option<f64>) -> f64 {
        let mut sum = -0.5 * result.objective;
        for (i, entry) in refined.iter().enumerate() {
            if let (Some(prior), Some(variance)) = (entry.parameter.prior, variance(i)) {
                sum += 0.5 * (variance / (prior.sd * prior.sd)).min(1.0).ln();
            }
        }
        let net: f64 = self.region.y.iter().zip(&self.region.background).map(|(y, b)| (y - b).max(0.0)).sum();
        for p in 0..result.model.scales().len() {
            let drawn: f64 = result.model.unit_curve(0, p).iter().sum();
            if let Some(variance) = variance(refined.len() + p).filter(|_| drawn > 0.0) {
                sum += 0.5 * (variance * std::f64::consts::TAU * (drawn / net).powi(2)).min(1.0).ln();
            }
        }
        sum
    }

    /// `hypothesis` with member `index` given the texture axis that helps most, if one raises the evidence.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn with_best_texture(&self, hypothesis: Hypothesis, index: usize, least_gain: f64) -> Result<Hypothesis> {
        if hypothesis.members[index].phase.march.is_some() || hypothesis.scales[index] <= 0.0 {
            return Ok(hypothesis);
        }
        let mut best: Option<Hypothesis> = None;
        for (axis, log_march) in likely_textures(self.region, &hypothesis, index, 2.0 * least_gain) {
            let mut members = hypothesis.members.clone();
            members[index].phase = Arc::new(members[index].phase.with_texture(axis));
            let mut state = hypothesis.state.clone();
            state.phases[index].log_march = log_march;
            let trial = self.solve(members, state)?;
            // The later one is the more common: it stands unless the data speak against it.
            if best.as_ref().is_none_or(|other| trial.log_evidence > other.log_evidence - COMMON_TEXTURE) {
                best = Some(trial);
            }
        }
        let pays = |trial: &Hypothesis| trial.log_evidence > hypothesis.log_evidence + least_gain;
        Ok(best.filter(pays).unwrap_or(hypothesis))
    }

    /// `hypothesis` with member `index` freed of its texture, if the evidence does not miss it.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn without_idle_texture(&self, hypothesis: Hypothesis, index: usize, least_gain: f64) -> Result<Hypothesis> {
        if hypothesis.members[index].phase.march.is_none() {
            return Ok(hypothesis);
        }
        let mut members = hypothesis.members.clone();
        members[index].phase = Arc::new(Phase { march: None, ..members[index].phase.as_ref().clone() });
        let mut state = hypothesis.state.clone();
        state.phases[index].log_march = 0.0;
        let trial = self.solve(members, state)?;
        Ok(if trial.log_evidence > hypothesis.log_evidence - least_gain { trial } else { hypothesis })
    }
}

/// Running mean over `reach` points.
fn blurred(curve: &[f64], reach: usize) -> Vec<f64> {
    let mut sum = 0.0;
    (0..curve.len())
        .map(|i| {
            sum += curve[i];
            if i >= reach {
                sum -= curve[i - reach];
            }
            sum
        })
        .collect()
}

fn cosine(a: &[f64], b: &[f64]) -> f64 {
    let norm = (dot(a, a) * dot(b, b)).sqrt();
    if norm > 0.0 { dot(a, b) / norm } else { 0.0 }
}
