//! Which axis of preferred orientation a phase shows.

use crate::identification::hypothesis::Hypothesis;
use crate::linalg::symmetric::weighted_dot;
use crate::lineshape::pseudo_voigt::add_values;
use crate::matching::lines::{LineTable, place_lines};
use crate::matching::phase::Phase;
use crate::matching::region::Region;
use crate::matching::texture::March;

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
/// Logarithms of the March parameter tried: plates (below zero) and needles.
const TRIALS: [f64; 6] = [-0.9, -0.6, -0.35, -0.15, 0.15, 0.35];

/// A texture that a phase may have: its axis and the logarithm of its March parameter.
pub type Texture = ([f64; 3], f64);

/// Textures that bring the lines of member `index` near to what is observed of them, if they promise to lower the
/// objective by more than `least`: the one that brings them nearest, and the plates that are common.
///
/// Crystals are flat along their most widely spaced planes (Donnay & Harker (1937), Am. Mineral. 22, 446), and where a
/// few weak lines are all that tells, other axes imitate that. Every line stands for itself: its observed share over
/// its calculated one, weighted by how well the points under it determine it. Fits decide.
pub fn likely_textures(region: &Region, hypothesis: &Hypothesis, index: usize, least: f64) -> Vec<Texture> {
    let phase = &hypothesis.members[index].phase;
    let shares = line_shares(region, hypothesis, index);
    let start = cost(&shares, |_| 1.0) - least;
    let widest = phase.hkl.first().map(|&hkl| primitive(hkl));
    let (mut nearest, mut common) = ((start, None), (start, None));
    for axis in axes(phase) {
        let march = March::new(axis, &phase.hkl, &phase.laue_rotations, &phase.cell);
        let is_widest = widest.is_some_and(|widest| equivalent(phase, axis, widest));
        for log_march in TRIALS {
            let trial = (cost(&shares, |line| march.factor(line, log_march).0), Some((axis, log_march)));
            if trial.0 < nearest.0 {
                nearest = trial;
            }
            if is_widest && log_march < 0.0 && trial.0 < common.0 {
                common = trial;
            }
        }
    }
    let common = common.1.filter(|_| common.1 != nearest.1);
    nearest.1.into_iter().chain(common).collect()
}

/// A line's observed over calculated intensity and the weight of that ratio.
struct Share {
    line: usize,
    ratio: f64,
    weight: f64,
}

/// Weighted squares of the ratios about the best common multiple of `factor`.
fn cost(shares: &[Share], factor: impl Fn(usize) -> f64) -> f64 {
    let (mut squares, mut products, mut factors) = (0.0, 0.0, 0.0);
    for share in shares {
        let f = factor(share.line);
        squares += share.weight * share.ratio * share.ratio;
        products += share.weight * share.ratio * f;
        factors += share.weight * f * f;
    }
    if factors > 0.0 { squares - products * products / factors } else { squares }
}

fn line_shares(region: &Region, hypothesis: &Hypothesis, index: usize) -> Vec<Share> {
    let phase = &hypothesis.members[index].phase;
    let (state, scale) = (&hypothesis.state, hypothesis.scales[index]);
    let lines = hypothesis.lines();
    let residual: Vec<f64> = region.y.iter().zip(&hypothesis.calculated).map(|(y, c)| y - c).collect();
    let table = LineTable::new(phase, region);
    let (mut components, mut shape) = (Vec::new(), Vec::new());
    let mut shares = Vec::new();
    for line in place_lines(phase, &table, index, state, 0, region) {
        let shift = state.regions[0];
        line.components(region, shift, &mut components);
        let (mut misfit, mut power) = (0.0, 0.0);
        for component in &components {
            let range = component.window(region);
            shape.clear();
            shape.resize(range.len(), 0.0);
            let x = &region.x[range.clone()];
            add_values(&mut shape, x, component.centre, &component.mixture, scale * line.area * component.share);
            let own: Vec<f64> = shape.iter().zip(&lines[range.clone()]).map(|(s, l)| s * s / l.max(*s)).collect();
            let weight = &region.weight[range.clone()];
            misfit += weighted_dot(weight, &own, &residual[range]);
            power += weighted_dot(weight, &own, &shape);
        }
        if power > 0.0 {
            shares.push(Share { line: line.index, ratio: 1.0 + misfit / power, weight: power });
        }
    }
    shares
}

/// Directions to try, equivalent ones once.
fn axes(phase: &Phase) -> Vec<[f64; 3]> {
    let mut order: Vec<usize> = (0..phase.hkl.len()).collect();
    order.sort_by(|&a, &b| phase.strength[b].total_cmp(&phase.strength[a]));
    let strong = order.into_iter().take(STRONG_LINES).chain([0]).map(|i| primitive(phase.hkl[i]));
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
