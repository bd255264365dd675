//! How wide the lines of a spectrum are, from its strongest clean peaks.

use std::borrow::Cow;

use super::noise::median;
use super::stretches::stretches;
use crate::error::Result;
use crate::grid::{Grid, check_finite, check_length};

/// Height over noise that a peak needs before its width counts.
const STRONG: f64 = 15.0;
/// Most peaks looked at.
const MOST_PEAKS: usize = 60;
/// A neighbour is one that rises by this share of the peak's height before the half height is reached.
const RISE: f64 = 0.1;
/// Points below which no width is measured.
const FEWEST_POINTS: usize = 32;
/// Clean peaks that settle the width; fewer send the search to coarser points.
const ENOUGH: usize = 3;

/// Full widths at half maximum: of clean strong peaks, and as a straight line over the axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Widths {
    /// Positions of the clean strong peaks, ascending.
    pub position: Vec<f64>,
    /// Their full widths, in axis units.
    pub fwhm: Vec<f64>,
    /// Their heights.
    pub height: Vec<f64>,
    /// Median width; `None` without a clean strong peak.
    pub typical: Option<f64>,
    slope: f64,
    centre: f64,
}

impl Widths {
    /// The width expected at `x`, within a factor of two of the median; `None` without a clean strong peak.
    pub fn at(&self, x: f64) -> Option<f64> {
        self.typical.map(|w| (w + self.slope * (x - self.centre)).clamp(0.5 * w, 2.0 * w))
    }
}

/// Measure the widths of the strongest peaks that reach their half height on both sides before a neighbour rises.
///
/// `y` is net of background. Where too few peaks stand out of single points, neighbouring points are averaged first.
///
/// # Errors
/// `LengthMismatch`, `NotFinite`.
pub fn estimate_fwhm(grid: Grid<'_>, y: &[f64], sigma: &[f64]) -> Result<Widths> {
    check_length("y", y, grid.len())?;
    check_length("sigma", sigma, grid.len())?;
    check_finite("y", y)?;
    check_finite("sigma", sigma)?;
    let mut binned = Binned::new(grid.x(), y, sigma, 1);
    let mut best: Vec<Clean> = Vec::new();
    while binned.x.len() >= FEWEST_POINTS {
        let found = clean_peaks(&binned);
        if found.len() > best.len() {
            best = found;
        }
        if best.len() >= ENOUGH {
            break;
        }
        binned = binned.halved();
    }
    best.sort_unstable_by(|a, b| a.position.total_cmp(&b.position));
    let extent = grid.x()[grid.len() - 1] - grid.x()[0];
    Ok(summary(&best, extent))
}

fn summary(peaks: &[Clean], extent: f64) -> Widths {
    let mut sorted: Vec<f64> = peaks.iter().map(|p| p.fwhm).collect();
    let typical = (!sorted.is_empty()).then(|| median(&mut sorted));
    let mut at: Vec<f64> = peaks.iter().map(|p| p.position).collect();
    let centre = median(&mut at);
    let slope = typical.map_or(0.0, |_| theil_sen(peaks, extent));
    Widths {
        position: peaks.iter().map(|p| p.position).collect(),
        fwhm: peaks.iter().map(|p| p.fwhm).collect(),
        height: peaks.iter().map(|p| p.height).collect(),
        typical,
        slope,
        centre,
    }
}

/// Median slope of all pairs far enough apart (Sen, J. Am. Stat. Assoc. 63 (1968) 1379); 0 with too few peaks.
fn theil_sen(peaks: &[Clean], extent: f64) -> f64 {
    let mut slopes = Vec::new();
    for (i, a) in peaks.iter().enumerate() {
        let far = peaks[i + 1..].iter().filter(|b| b.position - a.position > 0.2 * extent);
        slopes.extend(far.map(|b| (b.fwhm - a.fwhm) / (b.position - a.position)));
    }
    if slopes.len() < 10 { 0.0 } else { median(&mut slopes) }
}

#[derive(Debug, Clone, Copy)]
struct Clean {
    position: f64,
    fwhm: f64,
    height: f64,
}

/// A spectrum whose neighbouring points were averaged.
pub(super) struct Binned<'a> {
    pub x: Cow<'a, [f64]>,
    pub y: Cow<'a, [f64]>,
    pub variance: Vec<f64>,
}

impl<'a> Binned<'a> {
    /// Means of `factor` points; points left over at the end are dropped.
    pub fn new(x: &'a [f64], y: &'a [f64], sigma: &[f64], factor: usize) -> Self {
        if factor == 1 {
            return Self { x: x.into(), y: y.into(), variance: sigma.iter().map(|s| s * s).collect() };
        }
        let scale = 1.0 / factor as f64;
        let mean = |values: &[f64]| values.chunks_exact(factor).map(|c| sum(c, |v| v) * scale).collect::<Vec<_>>();
        let variance = sigma.chunks_exact(factor).map(|c| sum(c, |s| s * s) * scale * scale).collect();
        Self { x: mean(x).into(), y: mean(y).into(), variance }
    }

    /// Means of two points.
    pub fn halved(&self) -> Binned<'static> {
        let mean = |values: &[f64]| values.chunks_exact(2).map(|pair| 0.5 * (pair[0] + pair[1])).collect::<Vec<_>>();
        let variance = self.variance.chunks_exact(2).map(|pair| 0.25 * (pair[0] + pair[1])).collect();
        Binned { x: mean(&self.x).into(), y: mean(&self.y).into(), variance }
    }
}

/// Sum of `of` each value, in four sums that need not wait for each other.
fn sum(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    let fours = values.chunks_exact(4);
    let rest: f64 = fours.remainder().iter().map(|v| of(*v)).sum();
    let mut sums = [0.0; 4];
    for four in fours {
        for (sum, v) in sums.iter_mut().zip(four) {
            *sum += of(*v);
        }
    }
    (sums[0] + sums[2]) + (sums[1] + sums[3]) + rest
}

fn clean_peaks(data: &Binned<'_>) -> Vec<Clean> {
    let n = data.y.len();
    let strong = |y: f64, variance: f64| y * y.abs() > STRONG * STRONG * variance;
    let is_top = |&i: &usize| {
        let y = data.y[i];
        strong(y, data.variance[i]) && i > 0 && i + 1 < n && y >= data.y[i - 1] && y > data.y[i + 1]
    };
    let mut tops: Vec<usize> =
        stretches(&data.y, &data.variance, strong).into_iter().flatten().filter(is_top).collect();
    tops.sort_unstable_by(|a, b| data.y[*b].total_cmp(&data.y[*a]));
    let mut taken = vec![false; n];
    let mut found = Vec::new();
    for top in tops {
        if taken[top] {
            continue;
        }
        if found.len() == MOST_PEAKS {
            break;
        }
        let (left, right) = (flank(data, top, -1), flank(data, top, 1));
        let (from, to) = (top.saturating_sub(3 * left.points), (top + 3 * right.points + 1).min(n));
        taken[from..to].fill(true);
        if let (Some(a), Some(b)) = (left.crossing, right.crossing) {
            found.push(Clean { position: 0.5 * (a + b), fwhm: b - a, height: data.y[top] });
        }
    }
    found
}

struct Flank {
    crossing: Option<f64>,
    points: usize,
}

/// Walk from a top to its half height; stop without a crossing where a neighbour rises or the spectrum ends.
fn flank(data: &Binned<'_>, top: usize, direction: isize) -> Flank {
    let (height, n) = (data.y[top], data.y.len());
    let mut lowest = height;
    let mut here = top;
    loop {
        let points = here.abs_diff(top).max(1);
        let Some(next) = here.checked_add_signed(direction).filter(|next| *next < n) else {
            return Flank { crossing: None, points };
        };
        let y = data.y[next];
        if y < 0.5 * height {
            let share = (data.y[here] - 0.5 * height) / (data.y[here] - y);
            return Flank { crossing: Some(data.x[here] + share * (data.x[next] - data.x[here])), points };
        }
        if y > lowest + RISE * height + 3.0 * data.variance[next].sqrt() {
            return Flank { crossing: None, points };
        }
        lowest = lowest.min(y);
        here = next;
    }
}

#[cfg(test)]
mod tests {
    use super::super::noise::tests::normal;
    use super::*;

    #[test]
    fn measures_gaussians_that_widen_along_the_axis() {
        let (n, noise) = (4000, normal(5, 4000));
        let x: Vec<f64> = (0..n).map(|i| 10.0 + 0.02 * i as f64).collect();
        let width = |at: f64| 0.1 + 0.002 * (at - 10.0);
        let y: Vec<f64> = (0..n)
            .map(|i| {
                let peaks: f64 = (0..14)
                    .map(|k| {
                        let at = 13.3 + 5.4 * f64::from(k);
                        800.0 * (-4.0 * std::f64::consts::LN_2 * ((x[i] - at) / width(at)).powi(2)).exp()
                    })
                    .sum();
                peaks + 10.0 * noise[i]
            })
            .collect();
        let widths = estimate_fwhm(Grid::new(&x).unwrap(), &y, &vec![10.0; n]).unwrap();
        assert_eq!(widths.position.len(), 14);
        for at in [20.0, 50.0, 80.0] {
            // half heights of peaks at 80 sigma, 5 to 12 points wide: a few per cent each
            assert!((widths.at(at).unwrap() / width(at) - 1.0).abs() < 0.06, "{at}: {:?}", widths.at(at));
        }
    }

    #[test]
    fn nothing_strong_gives_no_width() {
        let x: Vec<f64> = (0..500).map(f64::from).collect();
        let widths = estimate_fwhm(Grid::new(&x).unwrap(), &normal(2, 500), &[1.0; 500]).unwrap();
        assert_eq!((widths.typical, widths.at(3.0)), (None, None));
    }
}
