//! Cells, widths and scales with strengths tied, from cells that may be far off: where strengths are released.

use crate::cancel::CancelFlag;
use crate::error::Result;
use crate::matching::approach::approach;
use crate::matching::background;
use crate::matching::discrepancy::discrepancy;
use crate::matching::error_model::widened;
use crate::matching::fit::{Fit, evaluate, fit};
use crate::matching::model::Model;
use crate::matching::pawley::{ON_THE_WAY, PawleyOptions};
use crate::matching::phase::Phase;
use crate::matching::refinement::Stage;
use crate::matching::region::Region;
use crate::matching::state::State;

/// Where a match with tied strengths stands.
#[derive(Debug, Clone)]
pub struct Settled {
    /// Nonlinear numbers.
    pub state: State,
    /// Scale of each phase.
    pub scales: Vec<f64>,
    /// The pattern with the background of its family underneath the lines, where these are met.
    pub region: Region,
    /// Whether lines are missed: the background is an estimate yet, to be settled once strengths are released.
    pub is_poor: bool,
    /// The phase of which two axes had to change places.
    pub exchanged: Option<usize>,
}

/// Misfit as a share of the net signal from which lines count as missed.
const POOR: f64 = 0.1;
/// Axes whose lengths differ by less, relatively, may have changed places in a cell that is one percent off.
const ALIKE: f64 = 0.04;

/// Approach the cells, where the start is not near them already, and settle everything that is tied; where lines are missed, with axes of like lengths exchanged.
///
/// # Errors
/// Those of the engine, and `Cancelled`.
pub fn settle_tied(
    region: &Region,
    phases: &[&Phase],
    start: &State,
    options: &PawleyOptions<'_>,
    cancel: &CancelFlag,
) -> Result<Settled> {
    let freedom = options.freedom;
    let correlated = freedom.correlated_points(region);
    let pattern = [widened(region, options.start_discrepancy, correlated)];
    if options.near {
        let (model, _) = evaluate(&pattern, phases, start.clone())?;
        let (region, is_poor) = beneath(region, &model)?;
        return Ok(Settled { state: start.clone(), scales: model.scales(), region, is_poor, exchanged: None });
    }
    let from = |start: State| -> Result<Fit<'_>> {
        let state = approach(region, phases, start, freedom, cancel)?;
        let refined = freedom.refined(Stage::Search, phases, &state, region.optics.radius_mm);
        fit(&pattern, phases, state, &refined, ON_THE_WAY, cancel)
    };
    let (mut best, mut exchanged) = (from(start.clone())?, None);
    if is_missed(region, &best.model) {
        for (p, other) in exchanges(phases, start) {
            let trial = from(other)?;
            if trial.objective < best.objective {
                (best, exchanged) = (trial, Some(p));
            }
        }
    }
    let (region, is_poor) = beneath(region, &best.model)?;
    Ok(Settled { state: best.model.state().clone(), scales: best.model.scales(), region, is_poor, exchanged })
}

/// Whether `model` misses lines of `region` that are there.
pub(super) fn is_missed(region: &Region, model: &Model<'_>) -> bool {
    discrepancy(region, &model.calculated(0), 1.0) > POOR
}

/// The region with its background beneath the lines of `model`, an estimate where these are missed; whether they are.
fn beneath(region: &Region, model: &Model<'_>) -> Result<(Region, bool)> {
    let (is_poor, lines) = (is_missed(region, model), model.lines(0));
    let region = if is_poor { background::underneath(region, lines) } else { background::settled(region, lines) };
    Ok((region?, is_poor))
}

/// `state` with two axes of like lengths of one phase exchanged, for every such pair.
fn exchanges(phases: &[&Phase], state: &State) -> Vec<(usize, State)> {
    let mut others = Vec::new();
    for (p, phase) in phases.iter().enumerate() {
        let cell = state.cell(p, phase);
        let lengths: Vec<(usize, usize)> = phase
            .freedom
            .iter()
            .enumerate()
            .filter(|(_, members)| members.iter().all(|&i| i < 3))
            .map(|(group, members)| (group, members[0]))
            .collect();
        for (k, &(one, a)) in lengths.iter().enumerate() {
            for &(other, b) in &lengths[k + 1..] {
                if (cell[a] / cell[b]).ln().abs() < ALIKE {
                    let mut exchanged = state.clone();
                    exchanged.phases[p].cell_change[one] = cell[b] / phase.cell[a] - 1.0;
                    exchanged.phases[p].cell_change[other] = cell[a] / phase.cell[b] - 1.0;
                    others.push((p, exchanged));
                }
            }
        }
    }
    others
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::freedom::Metric;
    use crate::matching::specimen::{phase, state};

    #[test]
    fn only_axes_of_like_lengths_change_places() {
        let tetragonal = phase(Metric::Tetragonal, [4.0, 4.0, 4.1, 90.0, 90.0, 90.0]);
        let long = phase(Metric::Hexagonal, [4.0, 4.0, 5.0, 90.0, 90.0, 120.0]);
        let cubic = phase(Metric::Cubic, [4.1, 4.1, 4.1, 90.0, 90.0, 90.0]);
        let start = state(3, 1);
        let found = exchanges(&[&cubic, &long, &tetragonal], &start);
        assert_eq!(found.iter().map(|(p, _)| *p).collect::<Vec<usize>>(), [2]);
        let (before, after) = (start.cell(2, &tetragonal), found[0].1.cell(2, &tetragonal));
        assert!((before[0] - after[2]).abs() < 1e-12 && (before[2] - after[0]).abs() < 1e-12, "lengths exchanged");
    }
}
