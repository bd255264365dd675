//! Beam search over sets of phases.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::grid::check_length;
use crate::identification::hypothesis::{Hypothesis, Member, Setting};
use crate::identification::screen::{Fingerprint, Placement, Residual};
use crate::matching::phase::Phase;
use crate::matching::refinement::Stage;
use crate::matching::state::RegionState;

/// Fall of log evidence behind the best of a level at which a hypothesis is not grown further.
const BEAM_MARGIN: f64 = 100.0;

/// How wide and how deep the search goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Width {
    /// Largest number of phases in one hypothesis.
    pub max_phases: usize,
    /// Hypotheses kept from one level to the next.
    pub beam: usize,
    /// Candidates fitted at each of them.
    pub branch: usize,
    /// Rise of the log evidence that a further phase must bring.
    pub least_gain: f64,
}

/// What the search found.
#[derive(Debug, Clone)]
pub struct Found {
    /// Hypotheses met, best first.
    pub hypotheses: Vec<Hypothesis>,
    /// Largest gain of each candidate in any screen, in units of log evidence.
    pub screened: Vec<f64>,
    /// Best log evidence that each candidate brought when fitted, relative to the set without it.
    pub fitted: Vec<Option<f64>>,
    /// Candidates that drew the same lines as a member of the set they were tried with.
    pub repeats: Vec<(usize, Vec<usize>)>,
    /// Candidates whose fit failed, with the reason.
    pub failed: Vec<(usize, Error)>,
}

/// The candidates of a search with their fingerprints.
#[derive(Debug)]
pub struct Candidates {
    /// Phases in the caller's order.
    pub phases: Vec<Arc<Phase>>,
    /// Logarithm of the prior probability of each, relative to the others.
    pub log_prior: Vec<f64>,
    fingerprints: Vec<Fingerprint>,
}

impl Candidates {
    /// Fingerprint every phase for the pattern of `setting`.
    ///
    /// # Errors
    /// `LengthMismatch` unless every phase has a prior.
    pub fn new(phases: Vec<Arc<Phase>>, log_prior: Vec<f64>, setting: &Setting<'_>) -> Result<Self> {
        check_length("log_prior", &log_prior, phases.len())?;
        let fingerprints = phases
            .iter()
            .map(|phase| {
                let mut state = setting.freedom.start();
                state.regions = vec![RegionState::default()];
                state.phases.push(setting.freedom.start_phase(phase, 0.0));
                Fingerprint::new(phase, setting.region, state, setting.freedom.fwhm_deg)
            })
            .collect();
        Ok(Self { phases, log_prior, fingerprints })
    }

    /// Best placement of every candidate on what `hypothesis` leaves unexplained.
    pub fn screen(&self, setting: &Setting<'_>, hypothesis: &Hypothesis) -> Vec<Placement> {
        let fwhm = setting.freedom.fwhm_deg;
        let residual = Residual::new(setting.region, &hypothesis.calculated, fwhm);
        let region = hypothesis.state.regions[0];
        let shift = region.shift(0.0, 1.0, setting.region.optics.radius_mm).0;
        let spread = setting.freedom.shift_sd_deg;
        let shifts: Vec<f64> = if hypothesis.members.is_empty() {
            (-4..=4).map(|k| shift + 0.5 * spread * f64::from(k)).collect()
        } else {
            vec![shift]
        };
        self.fingerprints
            .iter()
            .zip(&self.log_prior)
            .map(|(fingerprint, log_prior)| {
                let placement = fingerprint.place(&residual, &shifts);
                Placement { gain: 0.5 * placement.gain + log_prior, ..placement }
            })
            .collect()
    }

    /// The `branch` candidates outside `hypothesis` that promise more than `least`, most promising first.
    pub fn promising(
        &self,
        setting: &Setting<'_>,
        hypothesis: &Hypothesis,
        least: f64,
        branch: usize,
    ) -> Vec<(usize, Placement)> {
        let mut list: Vec<(usize, Placement)> = self
            .screen(setting, hypothesis)
            .into_iter()
            .enumerate()
            .filter(|(i, placement)| placement.gain > least && !hypothesis.contains(*i))
            .collect();
        list.sort_by(|a, b| b.1.gain.total_cmp(&a.1.gain));
        list.truncate(branch);
        list
    }
}

/// Grow sets of candidates from nothing until no further phase pays.
///
/// # Errors
/// Those of the engine on the empty set, and `Cancelled`.
pub fn search(setting: &Setting<'_>, candidates: &Candidates, width: Width) -> Result<Found> {
    let n = candidates.phases.len();
    let empty = setting.solve(Vec::new(), setting.freedom.start())?;
    let mut found = Found {
        hypotheses: vec![empty.clone()],
        screened: vec![0.0; n],
        fitted: vec![None; n],
        repeats: Vec::new(),
        failed: Vec::new(),
    };
    let mut beam = vec![empty];
    for _ in 0..width.max_phases {
        let mut next: Vec<Hypothesis> = Vec::new();
        for hypothesis in &beam {
            for child in grow(setting, candidates, hypothesis, width, &mut found)? {
                let known = next.iter().chain(&found.hypotheses).any(|other| same_set(other, &child));
                if child.log_evidence > hypothesis.log_evidence + width.least_gain && !known {
                    next.push(child);
                }
            }
        }
        next.sort_by(|a, b| b.log_evidence.total_cmp(&a.log_evidence));
        next.truncate(width.beam);
        let best = next.first().map_or(f64::NEG_INFINITY, |h| h.log_evidence);
        next.retain(|h| h.log_evidence > best - BEAM_MARGIN);
        if next.is_empty() {
            break;
        }
        found.hypotheses.extend(next.iter().cloned());
        beam = next;
    }
    found.hypotheses.sort_by(|a, b| b.log_evidence.total_cmp(&a.log_evidence));
    Ok(found)
}

fn same_set(a: &Hypothesis, b: &Hypothesis) -> bool {
    a.members.len() == b.members.len() && a.members.iter().all(|m| b.contains(m.candidate))
}

fn grow(
    setting: &Setting<'_>,
    candidates: &Candidates,
    parent: &Hypothesis,
    width: Width,
    found: &mut Found,
) -> Result<Vec<Hypothesis>> {
    let mut introduced = Vec::new();
    for (i, placement) in candidates.promising(setting, parent, width.least_gain, width.branch) {
        found.screened[i] = found.screened[i].max(placement.gain);
        match introduce(setting, candidates, parent, i, placement.strain) {
            Ok(child) if child.repeats_itself(setting) => found.repeats.push((i, parent.candidates())),
            Ok(child) => introduced.push((i, child)),
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            Err(error) => found.failed.push((i, error)),
        }
    }
    introduced.sort_by(|a, b| a.1.objective.total_cmp(&b.1.objective));
    introduced.truncate(width.beam);
    let mut children = Vec::with_capacity(introduced.len());
    for (i, child) in introduced {
        let child = complete(setting, &child, width.least_gain)?;
        let gain = child.log_evidence - parent.log_evidence;
        found.fitted[i] = Some(found.fitted[i].map_or(gain, |best| best.max(gain)));
        children.push(child);
    }
    Ok(children)
}

/// `parent` with candidate `index` added, only the newcomer fitted.
fn introduce(
    setting: &Setting<'_>,
    candidates: &Candidates,
    parent: &Hypothesis,
    index: usize,
    strain: f64,
) -> Result<Hypothesis> {
    let phase = Arc::clone(&candidates.phases[index]);
    let mut state = parent.state.clone();
    state.phases.push(setting.freedom.start_phase(&phase, strain));
    let mut members = parent.members.clone();
    members.push(Member { candidate: index, log_prior: candidates.log_prior[index], phase });
    Setting { stage: Stage::Newcomer, ..*setting }.solve(members, state)
}

/// Everything of `introduced` refitted, its newest member with the texture it shows.
fn complete(setting: &Setting<'_>, introduced: &Hypothesis, least_gain: f64) -> Result<Hypothesis> {
    let child = setting.solve_again(introduced)?;
    setting.with_best_texture(child, introduced.members.len() - 1, least_gain)
}

/// `parent` with candidate `index` added and everything refitted; None where it repeats a phase of the parent or, after
/// a first fit of its own numbers, cannot reach `least_gain`.
///
/// # Errors
/// Those of the engine.
pub fn join(
    setting: &Setting<'_>,
    candidates: &Candidates,
    parent: &Hypothesis,
    index: usize,
    strain: f64,
    least_gain: f64,
) -> Result<Option<Hypothesis>> {
    let introduced = introduce(setting, candidates, parent, index, strain)?;
    if introduced.repeats_itself(setting) || parent.objective - introduced.objective < least_gain {
        return Ok(None);
    }
    complete(setting, &introduced, least_gain).map(Some)
}
