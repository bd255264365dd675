//! The way from a pattern and candidates to weighed phases.

use std::sync::Arc;

use crate::cancel::CancelFlag;
use crate::error::{Error, Result};
use crate::identification::coarse::coarsen;
use crate::identification::evidence::{Contribution, leave_out, weigh};
use crate::identification::hypothesis::{Hypothesis, Member, Setting};
use crate::identification::limit::{Limit, LimitOptions, Reach, Scene, upper_limit};
use crate::identification::search::{Candidates, Width, join, search};
use crate::matching::background::underneath;
use crate::matching::discrepancy::discrepancy;
use crate::matching::error_model::widened;
use crate::matching::phase::Phase;
use crate::matching::refinement::{Freedom, Stage};
use crate::matching::region::Region;
use crate::optimise::levenberg_marquardt::Options;

/// Choices of an identification.
#[derive(Debug, Clone, PartialEq)]
pub struct Choices {
    /// Instrument priors.
    pub freedom: Freedom,
    /// Extent of the search.
    pub width: Width,
    /// Relative misfit assumed while searching.
    pub search_discrepancy: f64,
    /// Intervals of the background spline.
    pub spline_intervals: usize,
    /// Fall of log evidence within which another candidate is a rival.
    pub rival_margin: f64,
    /// Hypotheses refitted in full.
    pub finalists: usize,
}

/// What an identification found, on the coarse pattern it worked with.
#[derive(Debug)]
pub struct Identification {
    /// The best hypothesis.
    pub best: Hypothesis,
    /// Weight of each of its members.
    pub contributions: Vec<Contribution>,
    /// Hypotheses of the search, best first, with their log evidence at the end of the search.
    pub hypotheses: Vec<(Vec<usize>, f64)>,
    /// Largest gain of each candidate in a screen.
    pub screened: Vec<f64>,
    /// Best gain of each candidate that was fitted.
    pub fitted: Vec<Option<f64>>,
    /// Candidates that drew the same lines as a member of the set they were tried with.
    pub repeats: Vec<(usize, Vec<usize>)>,
    /// Candidates whose fit failed.
    pub failed: Vec<(usize, Error)>,
    /// Relative misfit of the best hypothesis.
    pub discrepancy: f64,
    /// The pattern the numbers above refer to.
    pub pattern: Region,
    /// Weight of each of its points by counting alone.
    pub counting: Vec<f64>,
}

const SEARCH_FIT: Options = Options { max_iterations: 12, relative_tolerance: 2e-3 };
const FULL_FIT: Options = Options { max_iterations: 30, relative_tolerance: 2e-4 };
/// Bounds of the misfit that evidence allows for: even good models miss by so much, and worse ones are not excused.
const DISCREPANCY: [f64; 2] = [0.03, 0.12];
const ROUNDS: usize = 5;
/// A phase whose scale is this certain (its square over its variance) is not tried without.
const REMOVAL_CERTAIN: f64 = 200.0;

/// Identify the phases of `region`, whose weights are one over the counting variance, among `phases`.
///
/// # Errors
/// Those of the engine on the pattern itself, and `Cancelled`.
pub fn identify(
    region: &Region,
    phases: Vec<Arc<Phase>>,
    log_prior: Vec<f64>,
    choices: &Choices,
    cancel: &CancelFlag,
) -> Result<Identification> {
    let freedom = &choices.freedom;
    let counted = coarsen(region, freedom.fwhm_deg, choices.spline_intervals)?;
    let correlated = freedom.correlated_points(&counted);
    let pattern = widened(&counted, choices.search_discrepancy, correlated);
    let searching = Setting { region: &pattern, freedom, stage: Stage::Search, options: SEARCH_FIT, cancel };
    let candidates = Candidates::new(phases, log_prior, &searching)?;
    let mut found = search(&searching, &candidates, choices.width)?;

    let full = Setting { stage: Stage::Full, options: FULL_FIT, ..searching };
    let mut finalists = Vec::new();
    for hypothesis in found.hypotheses.iter().take(choices.finalists) {
        finalists.push(full.solve_again(hypothesis)?);
    }
    finalists.sort_by(|a, b| b.log_evidence.total_cmp(&a.log_evidence));
    let first =
        full.solve_again(&improve(&searching, &candidates, searching.solve_again(&finalists[0])?, choices.width)?)?;

    let counted = underneath(&counted, &first.lines())?;
    let discrepancy = discrepancy(&counted, &first.calculated, correlated).clamp(DISCREPANCY[0], DISCREPANCY[1]);
    let pattern = widened(&counted, discrepancy, correlated);
    let (quick, full) = (Setting { region: &pattern, ..searching }, Setting { region: &pattern, ..full });
    let mut best = full.solve_again(&first)?;
    for _ in 0..ROUNDS {
        let start = quick.solve_again(&best)?;
        let before = start.log_evidence;
        let improved = improve(&quick, &candidates, start, choices.width)?;
        let changed = improved.log_evidence > before + choices.width.least_gain;
        best = full.solve_again(&improved)?;
        if !changed {
            break;
        }
    }
    let settled = quick.solve_again(&best)?;
    for (i, placement) in candidates.screen(&quick, &settled).iter().enumerate() {
        if !best.contains(i) {
            found.screened[i] = found.screened[i].max(placement.gain);
        }
    }
    let contributions = contributions(&quick, &candidates, &settled, choices)?;
    let hypotheses = found.hypotheses.iter().map(|h| (h.candidates(), h.log_evidence)).collect();
    let (screened, fitted, repeats, failed) = (found.screened, found.fitted, found.repeats, found.failed);
    Ok(Identification {
        best,
        contributions,
        hypotheses,
        screened,
        fitted,
        repeats,
        failed,
        discrepancy,
        pattern,
        counting: counted.weight,
    })
}

/// Weigh every member of a hypothesis.
fn contributions(
    setting: &Setting<'_>,
    candidates: &Candidates,
    hypothesis: &Hypothesis,
    choices: &Choices,
) -> Result<Vec<Contribution>> {
    if hypothesis.members.is_empty() {
        return Ok(Vec::new());
    }
    let scene = Scene::new(setting, hypothesis)?;
    let model = scene.model()?;
    let all = scene.fitted(&model)?;
    let (branch, margin) = (choices.width.branch, choices.rival_margin);
    let weighed = |position| weigh(setting, candidates, hypothesis, &all, position, branch, margin);
    (0..hypothesis.members.len()).map(weighed).collect()
}

impl Identification {
    /// Bound the amount of `phase` beside the members of the best hypothesis but those at positions `without`; say how
    /// long to count for the limit to `reach` a weight fraction.
    ///
    /// # Errors
    /// Those of the engine, and `Cancelled`.
    pub fn upper_limit(
        &self,
        phase: &Phase,
        without: &[usize],
        freedom: &Freedom,
        options: LimitOptions,
        reach: Option<f64>,
        cancel: &CancelFlag,
    ) -> Result<Limit> {
        let full = Setting { region: &self.pattern, freedom, stage: Stage::Full, options: FULL_FIT, cancel };
        let mut beside = self.best.clone();
        let mut leaving = without.to_vec();
        leaving.sort_unstable_by(|a, b| b.cmp(a));
        for position in leaving {
            beside = leave_out(&full, &beside, position)?;
        }
        let reach = reach.map(|weight_fraction| Reach { weight_fraction, counting: &self.counting });
        upper_limit(&full, &beside, phase, options, reach)
    }
}

/// Settle `phases` on `region` without a search: cells and widths, and for each the texture axis that it shows.
///
/// # Errors
/// Those of the engine, and `Cancelled`.
pub fn settle(
    region: &Region,
    phases: Vec<Arc<Phase>>,
    freedom: &Freedom,
    spline_intervals: usize,
    discrepancy: f64,
    least_gain: f64,
    cancel: &CancelFlag,
) -> Result<Hypothesis> {
    let counted = coarsen(region, freedom.fwhm_deg, spline_intervals)?;
    let pattern = widened(&counted, discrepancy, freedom.correlated_points(&counted));
    let quick = Setting { region: &pattern, freedom, stage: Stage::Search, options: SEARCH_FIT, cancel };
    let full = Setting { stage: Stage::Full, options: FULL_FIT, ..quick };
    let views: Vec<&Phase> = phases.iter().map(Arc::as_ref).collect();
    let state = freedom.start_with(&views);
    let members = (0..).zip(phases).map(|(candidate, phase)| Member { candidate, log_prior: 0.0, phase }).collect();
    let mut best = full.solve_again(&quick.solve(members, state)?)?;
    for position in 0..best.members.len() {
        best = quick.with_best_texture(quick.solve_again(&best)?, position, least_gain)?;
    }
    full.solve_again(&best)
}

/// Remove phases that do not pay, give the others their texture, add the one phase that pays most.
fn improve(setting: &Setting<'_>, candidates: &Candidates, start: Hypothesis, width: Width) -> Result<Hypothesis> {
    let mut best = start;
    for position in (0..best.members.len()).rev() {
        // What a phase explains alone bounds what its removal could cost.
        if best.removal_cost[position] > REMOVAL_CERTAIN {
            continue;
        }
        let trial = leave_out(setting, &best, position)?;
        if trial.log_evidence > best.log_evidence - width.least_gain {
            best = trial;
        }
    }
    for position in 0..best.members.len() {
        best = setting.without_idle_texture(best, position, width.least_gain)?;
        best = setting.with_best_texture(best, position, width.least_gain)?;
    }
    if best.members.len() >= width.max_phases {
        return Ok(best);
    }
    let mut better: Option<Hypothesis> = None;
    for (i, placement) in candidates.promising(setting, &best, width.least_gain, width.branch) {
        let trial = match join(setting, candidates, &best, i, placement.strain, width.least_gain) {
            Ok(Some(trial)) => trial,
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Ok(None) | Err(_) => continue,
        };
        let threshold = better.as_ref().map_or(best.log_evidence + width.least_gain, |b| b.log_evidence);
        if trial.log_evidence > threshold {
            better = Some(trial);
        }
    }
    Ok(better.unwrap_or(best))
}
