//! Which axis of preferred orientation a phase shows.

use crate::error::Result;
use crate::identification::hypothesis::Hypothesis;
use crate::matching::fit::evaluate;
use crate::matching::phase::Phase;
use crate::matching::region::Region;
use crate::matching::state::State;

/// Low-index directions tried for every phase, besides those of its strongest lines.
const LOW_INDEX: [[f64; 3]; 7] = [
    [0.0, 0.0, 1.0],
    [1.0, 0.0, 0.0],
    [0.0, 1.0, 0.0],
    [1.0, 1.0, 0.0],
    [1.0, 0.0, 1.0],
    [0.0, 1.0, 1.0],
    [1.0, 1.0, 1.0],
];
/// Strongest lines whose directions are tried.
const STRONG_LINES: usize = 5;
/// Logarithms of the March parameter tried: plates and needles.
const TRIALS: [f64; 2] = [-0.3, 0.2];

/// Axis and March parameter that lower the objective most when all else stays, if by twice `least_gain`.
///
/// # Errors
/// Those of the engine.
pub fn best_axis(
    region: &Region,
    hypothesis: &Hypothesis,
    index: usize,
    least_gain: f64,
) -> Result<Option<([f64; 3], f64)>> {
    let phase = &hypothesis.members[index].phase;
    let alone = Region { background: others(hypothesis, index), spline_sd: f64::MIN_POSITIVE.sqrt(), ..region.clone() };
    let mut state = State { phases: vec![hypothesis.state.phases[index].clone()], ..hypothesis.state.clone() };
    let regions = std::slice::from_ref(&alone);
    let (_, untextured) = evaluate(regions, &[phase.as_ref()], state.clone())?;
    let mut best = (2.0 * least_gain, None);
    for axis in axes(phase) {
        let textured = phase.with_texture(axis);
        for log_march in TRIALS {
            state.phases[0].log_march = log_march;
            let (_, objective) = evaluate(regions, &[&textured], state.clone())?;
            if untextured - objective > best.0 {
                best = (untextured - objective, Some((axis, log_march)));
            }
        }
    }
    Ok(best.1)
}

/// Everything calculated but member `index`.
fn others(hypothesis: &Hypothesis, index: usize) -> Vec<f64> {
    let scale = hypothesis.scales[index];
    hypothesis.calculated.iter().zip(&hypothesis.curves[index]).map(|(total, own)| total - scale * own).collect()
}

/// Directions to try, equivalent ones once.
fn axes(phase: &Phase) -> Vec<[f64; 3]> {
    let mut order: Vec<usize> = (0..phase.hkl.len()).collect();
    order.sort_by(|&a, &b| phase.strength[b].total_cmp(&phase.strength[a]));
    let strong = order.into_iter().take(STRONG_LINES).map(|i| primitive(phase.hkl[i]));
    let mut list: Vec<[f64; 3]> = Vec::new();
    for axis in LOW_INDEX.into_iter().chain(strong) {
        if !list.iter().any(|&known| equivalent(phase, known, axis)) {
            list.push(axis);
        }
    }
    list
}

fn primitive(hkl: [f64; 3]) -> [f64; 3] {
    let divisor = (2..=6).rev().map(f64::from).find(|d| hkl.iter().all(|h| h % d == 0.0)).unwrap_or(1.0);
    hkl.map(|h| h / divisor)
}

fn equivalent(phase: &Phase, a: [f64; 3], b: [f64; 3]) -> bool {
    phase.laue_rotations.iter().any(|rotation| {
        let image: [f64; 3] = std::array::from_fn(|j| (0..3).map(|i| a[i] * f64::from(rotation[i][j])).sum::<f64>());
        (0..3).all(|i| (image[i] - b[i]).abs() < 1e-9) || (0..3).all(|i| (image[i] + b[i]).abs() < 1e-9)
    })
}
