//! Match phases whose strengths are what the pattern shares out to them, round by round.
//!
//! Le Bail, Duroy and Fourquet (1988), Mater. Res. Bull. 23, 447. Strengths are not unknowns: uncertainties of everything
//! else are as if they were exact, and the match ends near the smallest misfit, not at it.

use crate::cancel::CancelFlag;
use crate::error::Result;
use crate::matching::background;
use crate::matching::fit::{evaluate, fit};
use crate::matching::lines::{LineTable, place_lines};
use crate::matching::matched::{PatternMatch, matched, shares};
use crate::matching::pawley::{PawleyOptions, check_lines, uncertain_by_counting};
use crate::matching::phase::{Hold, Phase};
use crate::matching::region::Region;
use crate::matching::settled::{Settled, is_missed, settle_tied};
use crate::matching::state::State;
use crate::optimise::levenberg_marquardt::Options;

/// Rounds of sharing out and fitting, at most.
const ROUNDS: usize = 30;
/// Times the pattern is shared out between two fits.
const SHARINGS: usize = 4;
/// The rounds end once one lowers the misfit by less than this share.
const SETTLED: f64 = 1e-4;
/// A fit between two rounds.
const BETWEEN: Options = Options { max_iterations: 4, relative_tolerance: 1e-3 };

/// Match `phases` to `region`, whose weights are one over the counting variance, starting from `start`.
///
/// # Errors
/// Those of the engine, and `Cancelled`.
pub fn match_lebail(
    region: &Region,
    phases: &[&Phase],
    start: &State,
    options: PawleyOptions<'_>,
    cancel: &CancelFlag,
) -> Result<PatternMatch> {
    check_lines(region, phases.iter().map(|phase| phase.hkl.len()).sum())?;
    let freedom = options.freedom;
    let radius_mm = region.optics.radius_mm;
    let Settled { mut state, scales, mut region, mut is_poor, exchanged } =
        settle_tied(region, phases, start, &options, cancel)?;
    let refine = |phases: &[&Phase], state: &State| freedom.refined(freedom.last_stage(), phases, state, radius_mm);
    let mut shared: Vec<Phase> = phases.iter().zip(&scales).map(|(p, &s)| p.held(Hold::Partitioned, s)).collect();
    let mut before = f64::INFINITY;
    for _ in 0..ROUNDS {
        for _ in 0..SHARINGS {
            shared = share_out(&region, &shared, &state)?;
        }
        let views: Vec<&Phase> = shared.iter().collect();
        let refined = refine(&views, &state);
        let result = fit(std::slice::from_ref(&region), &views, state, &refined, BETWEEN, cancel)?;
        state = result.model.state().clone();
        let is_settled = result.objective > before * (1.0 - SETTLED);
        before = result.objective;
        if is_settled && (!is_poor || is_missed(&region, &result.model)) {
            break;
        }
        if is_settled {
            (region, is_poor) = (background::settled(&region, result.model.lines(0))?, false);
            before = f64::INFINITY;
        }
    }
    let views: Vec<&Phase> = shared.iter().collect();
    let refined = refine(&views, &state);
    let result = fit(std::slice::from_ref(&region), &views, state, &refined, options.fit, cancel)?;
    let (statistics, uncertainty) = uncertain_by_counting(&region, &result, &refined);
    Ok(PatternMatch { exchanged, ..matched(&region, &views, &result, &refined, statistics, &uncertainty) })
}

/// The phases with the pattern shared out among their lines as the calculated one shares it.
fn share_out(region: &Region, phases: &[Phase], state: &State) -> Result<Vec<Phase>> {
    let views: Vec<&Phase> = phases.iter().collect();
    let (model, _) = evaluate(std::slice::from_ref(region), &views, state.clone())?;
    let ratio = shares(region, &model.calculated(0), &model.background(0));
    let mut components = Vec::new();
    let redrawn = phases.iter().enumerate().map(|(p, phase)| {
        let scale = model.strengths(p)[0];
        let mut strength: Vec<f64> = phase.strength.iter().map(|strength| scale * strength).collect();
        for line in place_lines(phase, &LineTable::new(phase, region), p, state, 0, region) {
            line.components(region, state.regions[0], &mut components);
            strength[line.index] *= line.mean_ratio(region, &components, &ratio).max(0.0);
        }
        Phase { strength, ..phase.clone() }
    });
    Ok(redrawn.collect())
}
