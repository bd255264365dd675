//! Match phases whose lines have strengths of their own: cells and widths without a word from structures.
//!
//! Pawley (1981), J. Appl. Cryst. 14, 357, with the strengths as linear unknowns that are not negative.

use std::collections::HashSet;

use crate::cancel::CancelFlag;
use crate::error::{Error, Result};
use crate::matching::background;
use crate::matching::fit::{Fit, fit_restrained};
use crate::matching::lines::{LineTable, place_lines};
use crate::matching::matched::{PatternMatch, Uncertainty, matched};
use crate::matching::phase::{Hold, Phase};
use crate::matching::refinement::Freedom;
use crate::matching::region::Region;
use crate::matching::separable::restraint::Restraint;
use crate::matching::settled::{Settled, settle_tied};
use crate::matching::state::{Refined, State};
use crate::matching::statistics::Statistics;
use crate::matching::structure::agreement;
use crate::optimise::levenberg_marquardt::Options;

/// How a match of free strengths is to be done.
#[derive(Debug, Clone, Copy)]
pub struct PawleyOptions<'a> {
    /// Priors of the instrument.
    pub freedom: &'a Freedom,
    /// Misfit proportional to the net signal that is allowed for while strengths are still tied.
    pub start_discrepancy: f64,
    /// How far strengths of restrained phases may be from the reference, as a share of each.
    pub strength_sd: f64,
    /// Whether the start is another match of the pattern: cells are not looked for.
    pub near: bool,
    /// When to stop.
    pub fit: Options,
}

/// Fits on the way to the last one end with a smaller relative gain.
pub(super) const ON_THE_WAY: Options = Options { max_iterations: 12, relative_tolerance: 1e-3 };
/// Rounds of free strengths before the last: each sets anew how far lines are followed.
const ROUNDS: usize = 1;
/// Lines nearer to each other than this share of their width cannot be told apart: their strengths are drawn toward the
/// reference's share of what they have together.
const UNRESOLVED: f64 = 0.25;
/// Standard deviation of that, as a share of the strength.
const UNRESOLVED_SD: f64 = 1.0;
/// Weakest strength beside the strongest of a phase that a restraint knows.
const WEAKEST: f64 = 1e-3;

/// Match `phases` to `region`, whose weights are one over the counting variance, starting from `start`; `holds` says
/// which strengths are free, which restrained and which tied in the end.
///
/// # Errors
/// `TooFewPoints` for more lines than points can tell of; those of the engine, and `Cancelled`.
pub fn match_pawley(
    region: &Region,
    phases: &[&Phase],
    holds: &[Hold],
    start: &State,
    options: PawleyOptions<'_>,
    cancel: &CancelFlag,
) -> Result<PatternMatch> {
    let own = phases.iter().zip(holds).filter(|(_, hold)| matches!(hold, Hold::Free | Hold::Restrained));
    check_lines(region, own.map(|(phase, _)| phase.hkl.len()).sum())?;
    let Settled { mut state, scales, mut region, is_poor, exchanged } =
        settle_tied(region, phases, start, &options, cancel)?;
    let mut held: Vec<Phase> = phases.iter().zip(holds).zip(&scales).map(|((p, &h), &s)| p.held(h, s)).collect();
    for _ in 0..ROUNDS {
        let views: Vec<&Phase> = held.iter().collect();
        let result = released(std::slice::from_ref(&region), &views, state, &scales, &options, ON_THE_WAY, cancel)?.0;
        state = result.model.state().clone();
        let again = if is_poor { Some(background::settled(&region, result.model.lines(0))?) } else { None };
        held = (0..views.len()).map(|p| with_latest(&result, views[p], p)).collect();
        region = again.unwrap_or(region);
    }
    let views: Vec<&Phase> = held.iter().collect();
    let (result, refined) =
        released(std::slice::from_ref(&region), &views, state, &scales, &options, options.fit, cancel)?;
    let (statistics, uncertainty) = uncertain_by_counting(&region, &result, &refined);
    Ok(PatternMatch { exchanged, ..matched(&region, &views, &result, &refined, statistics, &uncertainty) })
}

/// Points that a line of its own needs, on average over the pattern.
const POINTS_PER_LINE: usize = 2;

/// Refuse more lines than the points can tell anything of.
pub(super) fn check_lines(region: &Region, lines: usize) -> Result<()> {
    let (needed, got) = (POINTS_PER_LINE * lines, region.n_used());
    if needed > got {
        return Err(Error::TooFewPoints { what: "the pattern, for strengths of so many lines,", got, needed });
    }
    Ok(())
}

/// How well a fit weighted by counting agrees, and its covariance, widened for serial correlation.
pub(super) fn uncertain_by_counting(
    region: &Region,
    result: &Fit<'_>,
    refined: &[Refined],
) -> (Statistics, Uncertainty) {
    let statistics = agreement(region, region, &result.model.calculated(0), result.model.n_free());
    let (counting, widening) = (result.covariance(refined), statistics.berar_lelann);
    (statistics, Uncertainty { counting, by_misfit: None, widening })
}

/// A fit with strengths as the holds of the phases say, from `state`.
fn released<'a>(
    regions: &'a [Region],
    phases: &'a [&'a Phase],
    state: State,
    scales: &[f64],
    options: &PawleyOptions<'_>,
    stop: Options,
    cancel: &CancelFlag,
) -> Result<(Fit<'a>, Vec<Refined>)> {
    let freedom = options.freedom;
    let refined = freedom.refined(freedom.last_stage(), phases, &state, regions[0].optics.radius_mm);
    let restraints = restraints(&regions[0], phases, &state, scales, options.strength_sd);
    let result = fit_restrained(regions, phases, state, &refined, &restraints, stop, cancel)?;
    Ok((result, refined))
}

/// A phase of free strengths with those of `result` as what is expected, never zero, so that no line is lost.
fn with_latest(result: &Fit<'_>, phase: &Phase, p: usize) -> Phase {
    if phase.hold != Hold::Free {
        return phase.clone();
    }
    let now = result.model.strengths(p);
    let floor = WEAKEST * now.iter().copied().fold(0.0, f64::max);
    Phase { strength: now.iter().map(|strength| strength.max(floor)).collect(), ..phase.clone() }
}

/// What holds strengths: the reference where they are restrained, and each other where the data cannot tell them apart.
fn restraints(region: &Region, phases: &[&Phase], state: &State, scales: &[f64], strength_sd: f64) -> Vec<Restraint> {
    let mut restraints = Vec::new();
    let mut first = 0;
    for (p, phase) in phases.iter().enumerate() {
        let floor = WEAKEST * phase.strength.iter().copied().fold(0.0, f64::max);
        match phase.hold {
            Hold::Tied | Hold::Partitioned => {}
            Hold::Restrained => {
                let scale = first + phase.hkl.len();
                let size = if scales[p] > 0.0 { scales[p] } else { 1.0 };
                restraints.extend(phase.strength.iter().enumerate().map(|(line, &strength)| Restraint {
                    terms: vec![(first + line, 1.0), (scale, -strength)],
                    target: 0.0,
                    weight: (strength_sd * size * strength.max(floor)).powi(-2),
                }));
            }
            Hold::Free => {
                restraints.extend(untold(region, phase, p, state).into_iter().map(|line| Restraint {
                    terms: vec![(first + line, 1.0)],
                    target: phase.strength[line],
                    weight: (UNRESOLVED_SD * phase.strength[line].max(floor)).powi(-2),
                }));
            }
        }
        first += phase.n_linear();
    }
    restraints
}

/// Lines of phase `p` whose strength the data do not tell: not from a neighbour's, or only by ghosts.
fn untold(region: &Region, phase: &Phase, p: usize, state: &State) -> Vec<usize> {
    let mut lines: Vec<usize> = unresolved(region, phase, p, state).into_iter().flatten().collect();
    if !region.optics.ghosts.is_empty() {
        let table = LineTable::new(phase, region);
        let seen: HashSet<usize> = place_lines(phase, &table, p, state, 0, region).map(|line| line.index).collect();
        lines.extend((0..phase.hkl.len()).filter(|line| !seen.contains(line)));
    }
    lines
}

/// Lines of phase `p` that the data cannot tell from a neighbour of the same phase, those that stand together in a group.
pub fn unresolved(region: &Region, phase: &Phase, p: usize, state: &State) -> Vec<Vec<usize>> {
    let table = LineTable::new(phase, region);
    let mut lines: Vec<(f64, f64, usize)> = place_lines(phase, &table, p, state, 0, region)
        .map(|line| (line.two_theta, line.mixture.fwhm, line.index))
        .collect();
    lines.sort_by(|a, b| a.0.total_cmp(&b.0));
    lines
        .chunk_by(|a, b| b.0 - a.0 < UNRESOLVED * a.1)
        .filter(|group| group.len() > 1)
        .map(|group| group.iter().map(|line| line.2).collect())
        .collect()
}
