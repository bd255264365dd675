//! Which runs of points stand out, and what a spike is replaced by.

use super::Seen;
use crate::peaks::noise::{MAD_TO_SIGMA, median};

/// How runs are proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Modified z-score of the differenced spectrum, averaged over the two edges of the run; the replacement is the
    /// straight line through the neighbours (their mean, where they lie evenly about the point).
    WhitakerHayes,
    /// Least height of the run above the median of its neighbours, in standard deviations; the replacement is that
    /// median.
    Median,
}

/// A run `from..to` that is a spike, and by how much it is too sharp for a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proposal {
    pub from: usize,
    pub to: usize,
    pub excess: f64,
}

/// Spread of the differences of neighbours over what `sigma` lets expect (median absolute deviation), at least 1.
pub(super) fn noise_scale(y: &[f64], sigma: &[f64]) -> f64 {
    let mut z: Vec<f64> = (1..y.len()).map(|i| (y[i] - y[i - 1]) / sigma[i].hypot(sigma[i - 1])).collect();
    let middle = median(&mut z);
    for z in &mut z {
        *z = (*z - middle).abs();
    }
    (MAD_TO_SIGMA * median(&mut z)).max(1.0)
}

impl Gate {
    /// How far the run `from..to` (with a point on either side) stands out.
    pub(super) fn score(self, seen: Seen<'_>, from: usize, to: usize) -> f64 {
        let Seen { y, sigma, scale, options, .. } = seen;
        let low = |i: usize, j: usize| sigma[i].min(sigma[j]) * scale;
        match self {
            Self::WhitakerHayes => {
                let rise = (y[from] - y[from - 1]) / low(from, from - 1);
                let fall = (y[to - 1] - y[to]) / low(to - 1, to);
                (rise + fall) / 8f64.sqrt()
            }
            Self::Median => {
                let level = sigma[from - 1].hypot(sigma[to]) / 2f64.sqrt();
                let least = y[from..to].iter().fold(f64::INFINITY, |m, v| m.min(*v));
                if least <= y[from - 1].max(y[to]) {
                    return 0.0; // the run does not stand out of its own neighbours
                }
                let mut around: Vec<f64> = y[from.saturating_sub(options.window)..from].to_vec();
                around.extend_from_slice(&y[to..(to + options.window).min(y.len())]);
                (least - median(&mut around)) / (level * scale)
            }
        }
    }

    /// What `y` would be at `index` without the spikes, from up to `window` good points on either side.
    pub(super) fn replacement(self, x: &[f64], y: &[f64], spike: &[bool], index: usize, window: usize) -> f64 {
        let mut good: Vec<usize> = (0..index).rev().filter(|i| !spike[*i]).take(window).collect();
        let before = good.len();
        good.extend((index..y.len()).filter(|i| !spike[*i]).take(window));
        match self {
            Self::Median => median(&mut good.iter().map(|i| y[*i]).collect::<Vec<f64>>()),
            Self::WhitakerHayes if before == 0 || before == good.len() => mean(&good, y),
            Self::WhitakerHayes => line_at(x, y, &good, index),
        }
    }
}

fn mean(of: &[usize], values: &[f64]) -> f64 {
    of.iter().map(|i| values[*i]).sum::<f64>() / of.len() as f64
}

/// The least-squares line through the points `of`, at point `index`.
fn line_at(x: &[f64], y: &[f64], of: &[usize], index: usize) -> f64 {
    let (centre, level) = (mean(of, x), mean(of, y));
    let (mut xx, mut xy) = (0.0, 0.0);
    for &i in of {
        xx += (x[i] - centre) * (x[i] - centre);
        xy += (x[i] - centre) * (y[i] - level);
    }
    level + xy / xx * (x[index] - centre)
}
