//! The ground under the lines: a stiff curve through averaged points, whose weights release what stands above noise.

#![allow(clippy::inline_always, reason = "one source compiled for several instruction sets")]

use super::noise::median;
use super::width::Binned;
use crate::dispatch::{Kernel, dispatch};
use crate::error::Result;
use crate::exponential::exp;
use crate::grid::Grid;
use crate::linalg::pentadiagonal::{Penalty, Workspace};
use crate::preprocess::background::lam_for_width;

const MOST_PASSES: usize = 30;
/// Change of the weights, root mean square, below which the curve is settled.
const SETTLED: f64 = 0.01;
/// Keeps the equations regular where everything is released.
const LEAST_WEIGHT: f64 = 1e-9;
const LANES: usize = 8;
/// Median size of normal noise of unit deviation.
const NORMAL_QUARTILE: f64 = 0.674_489_750_196_081_7;
/// Mean (with its sign changed) and standard deviation of its negative half.
const HALF_NORMAL: (f64, f64) = (0.797_884_560_802_865_4, 0.602_810_274_989_087_6);

/// Subtract from `y` a curve of the given stiffness (period of the wave of which half passes, in axis units) through the
/// means of `factor` points.
///
/// As arPLS (Baek, Analyst 140 (2015) 250) with residuals in units of their noise, so that a high level is not taken for
/// a bump; the last pass releases what lies below the curve as it does what lies above, so noise does not lower it.
///
/// # Errors
/// As [`Penalty::on_grid`].
pub(super) fn net(grid: Grid<'_>, y: &[f64], sigma: &[f64], stiffness: f64, factor: usize) -> Result<Vec<f64>> {
    let binned = Binned::new(grid.x(), y, sigma, factor.clamp(1, (y.len() / 4).max(1)));
    let curve = curve(&binned, stiffness)?;
    let mut net = y.to_vec();
    subtract(grid.x(), &mut net, &binned.x, &curve);
    Ok(net)
}

fn curve(binned: &Binned<'_>, stiffness: f64) -> Result<Vec<f64>> {
    let n = binned.x.len();
    let grid = Grid::new(&binned.x)?;
    let step = (binned.x[n - 1] - binned.x[0]) / (n - 1) as f64;
    let penalty = Penalty::on_grid(grid, lam_for_width(stiffness, step).clamp(1e-3, 1e15))?;
    let inverse: Vec<f64> = binned.variance.iter().map(|v| v.sqrt().recip()).collect();
    let (mut weights, mut curve, mut work) = (vec![1.0; n], vec![0.0; n], Workspace::new(n));
    let (mut residuals, mut room) = (vec![0.0; n], Vec::with_capacity(n));
    for _ in 0..MOST_PASSES {
        penalty.solve(&weights, &binned.y, &mut curve, &mut work)?;
        for (((residual, y), z), inverse) in residuals.iter_mut().zip(&*binned.y).zip(&curve).zip(&inverse) {
            *residual = (y - z) * inverse;
        }
        if reweighted(&residuals, Threshold::of(&residuals, &mut room), &mut weights) < SETTLED * SETTLED * n as f64 {
            break;
        }
    }
    let threshold = Threshold::of(&residuals, &mut room);
    for residual in &mut residuals {
        *residual = residual.abs();
    }
    reweighted(&residuals, threshold, &mut weights);
    penalty.solve(&weights, &binned.y, &mut curve, &mut work)?;
    Ok(curve)
}

/// Write the weights of the residuals; returns the sum of their squared changes.
fn reweighted(residuals: &[f64], threshold: Threshold, weights: &mut [f64]) -> f64 {
    dispatch(Reweighting { residuals, threshold, weights })
}

struct Reweighting<'a> {
    residuals: &'a [f64],
    threshold: Threshold,
    weights: &'a mut [f64],
}

impl Kernel for Reweighting<'_> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let mut change = [0.0; LANES];
        for (residuals, weights) in self.residuals.chunks(LANES).zip(self.weights.chunks_mut(LANES)) {
            for ((residual, weight), change) in residuals.iter().zip(weights).zip(&mut change) {
                let new = self.threshold.weight(*residual).max(LEAST_WEIGHT);
                *change += (new - *weight) * (new - *weight);
                *weight = new;
            }
        }
        change.iter().sum()
    }
}

/// Where in units of the noise a residual stops to be ground.
#[derive(Clone, Copy)]
struct Threshold {
    centre: f64,
    slope: f64,
}

impl Threshold {
    /// From the residuals below the curve: their median, because a few deep ones beside strong lines would keep the flanks
    /// of those lines in the ground; at least that of noise. `room` is overwritten.
    fn of(residuals: &[f64], room: &mut Vec<f64>) -> Self {
        room.clear();
        room.extend(residuals.iter().filter(|d| **d < 0.0).map(|d| -d));
        let deviation = (median(room) / NORMAL_QUARTILE).max(1.0);
        Self { centre: (2.0 * HALF_NORMAL.1 + HALF_NORMAL.0) * deviation, slope: 2.0 / (HALF_NORMAL.1 * deviation) }
    }

    #[inline(always)]
    fn weight(self, residual: f64) -> f64 {
        1.0 / (1.0 + exp(self.slope * (residual - self.centre)))
    }
}

/// Subtract the polygon through the knots, going on straight beyond the outer ones.
fn subtract(x: &[f64], y: &mut [f64], knots: &[f64], curve: &[f64]) {
    let last = knots.len() - 2;
    let mut k = 0;
    let mut slope = (curve[1] - curve[0]) / (knots[1] - knots[0]);
    for (x, y) in x.iter().zip(y) {
        while k < last && *x > knots[k + 1] {
            k += 1;
            slope = (curve[k + 1] - curve[k]) / (knots[k + 1] - knots[k]);
        }
        *y -= curve[k] + slope * (x - knots[k]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::noise::tests::normal;
    use super::*;
    use crate::dispatch::chosen::with_each;

    #[test]
    fn follows_the_ground_under_lines_a_thousand_times_the_noise() {
        let (n, noise) = (4000, normal(31, 4000));
        let x: Vec<f64> = (0..n).map(|i| 0.02 * i as f64).collect();
        let level = |x: f64| 100.0 + 40.0 * (x / 9.0).cos();
        let line = |x: f64, at: f64| (-0.5 * ((x - at) / 0.06).powi(2)).exp();
        let y: Vec<f64> = (0..n)
            .map(|i| level(x[i]) + noise[i] + (1..16).map(|k| 1000.0 * line(x[i], 5.0 * f64::from(k))).sum::<f64>())
            .collect();
        let grid = Grid::new(&x).unwrap();
        let net = net(grid, &y, &vec![1.0; n], 6.0, 7).unwrap();
        for i in (100..n - 100).filter(|i| (1..16).all(|k| (x[*i] - 5.0 * f64::from(k)).abs() > 0.5)) {
            // away from the ends: four deviations of a mean over two degrees (0.1 each), 0.1 of curvature at this stiffness
            let ground = y[i] - net[i];
            assert!((ground - level(x[i])).abs() < 0.5, "{}: {ground} for {}", x[i], level(x[i]));
        }
    }

    #[test]
    fn noise_alone_does_not_lower_it() {
        let (n, noise) = (20_000, normal(37, 20_000));
        let x: Vec<f64> = (0..n).map(f64::from).collect();
        let net = net(Grid::new(&x).unwrap(), &noise, &vec![1.0; n as usize], 400.0, 4).unwrap();
        let mean = net.iter().sum::<f64>() / f64::from(n);
        // asymmetric weights leave 0.03 here; four deviations of the mean are 0.028
        assert!(mean.abs() < 0.028, "{mean}");
    }

    #[test]
    fn every_instruction_set_gives_the_same_weights() {
        let residuals = normal(41, 203);
        let threshold = Threshold::of(&residuals, &mut Vec::new());
        let results = with_each(|| {
            let mut weights = vec![1.0; 203];
            (reweighted(&residuals, threshold, &mut weights).to_bits(), weights)
        });
        assert!(results.iter().all(|result| *result == results[0]));
    }
}
