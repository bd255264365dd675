//! What each phase of a hypothesis contributes, and what could stand in its place.

use crate::error::{Error, Result};
use crate::identification::hypothesis::{Hypothesis, Setting};
use crate::identification::limit::{Fitted, significance};
use crate::identification::search::{Candidates, join};

/// A candidate whose screen promises less than this share of what a phase brings is no rival of it.
const RIVAL_SHARE: f64 = 0.4;
/// Gain for which a candidate in place of another is given a texture.
const SWAP_TEXTURE_GAIN: f64 = 2.0;

/// Decoys of a phase that show what misfit does to an amount.
const DECOYS: usize = 60;

/// The weight of one phase of a hypothesis.
#[derive(Debug, Clone)]
pub struct Contribution {
    /// Log evidence with the phase minus log evidence of the best set without it and without its rivals.
    pub log_evidence: f64,
    /// How clearly it stands out of the misfit of the pattern: [`significance`].
    pub significance: f64,
    /// Candidates that explain as much in its place, with the fall of log evidence.
    pub rivals: Vec<(usize, f64)>,
    /// The hypothesis without the phase.
    pub without: Hypothesis,
}

/// The hypothesis without member `position`, refitted.
///
/// # Errors
/// Those of the engine.
pub fn leave_out(setting: &Setting<'_>, hypothesis: &Hypothesis, position: usize) -> Result<Hypothesis> {
    let mut members = hypothesis.members.clone();
    members.remove(position);
    let mut state = hypothesis.state.clone();
    state.phases.remove(position);
    setting.solve(members, state)
}

/// Weigh member `position`: refit without it, then try the `branch` most promising candidates in its place.
///
/// A candidate within `rival_margin` of the log evidence is a rival; `all` is the hypothesis as further curves see it.
///
/// # Errors
/// Those of the engine.
pub fn weigh(
    setting: &Setting<'_>,
    candidates: &Candidates,
    hypothesis: &Hypothesis,
    all: &Fitted<'_, '_>,
    position: usize,
    branch: usize,
    rival_margin: f64,
) -> Result<Contribution> {
    let without = leave_out(setting, hypothesis, position)?;
    let contribution = hypothesis.log_evidence - without.log_evidence;
    let (mut best_other, mut rivals) = (without.log_evidence, Vec::new());
    let least = RIVAL_SHARE * contribution;
    for (i, placement) in candidates.promising(setting, &without, least, branch + 1) {
        if i == hypothesis.members[position].candidate {
            continue;
        }
        let swapped = match join(setting, candidates, &without, i, placement.strain, SWAP_TEXTURE_GAIN) {
            Ok(Some(swapped)) => swapped,
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Ok(None) | Err(_) => continue,
        };
        let fall = hypothesis.log_evidence - swapped.log_evidence;
        if fall < rival_margin {
            rivals.push((i, fall));
        } else {
            best_other = best_other.max(swapped.log_evidence);
        }
    }
    let significance = significance(setting, hypothesis, all, position, &without, DECOYS)?;
    Ok(Contribution { log_evidence: hypothesis.log_evidence - best_other, significance, rivals, without })
}
