//! Whittaker: the curve that balances closeness to the data against the roughness of its second differences.

use super::Smoothed;
use crate::error::{Error, Result};
use crate::grid::{Grid, check_finite, check_length};
use crate::linalg::pentadiagonal::{Penalty, Workspace};
use crate::linalg::selected_inverse::selected_inverse;
use crate::preprocess::background::lam_for_width;

/// Candidates of the search for the best lam, from the smallest to the largest.
const GRID: usize = 25;
const SMALLEST_LAM: f64 = 1e-2;
/// Golden-section steps after the grid; they leave lam known to about one per cent.
const REFINEMENTS: usize = 12;

/// A Whittaker curve and the penalty it was drawn with.
#[derive(Debug, Clone, PartialEq)]
pub struct WhittakerSmooth {
    /// Curve and noise.
    pub smoothed: Smoothed,
    /// The penalty used.
    pub lam: f64,
    /// Whether `lam` was searched for and the best one lies at an end of the search.
    pub at_bound: bool,
}

/// Smooth `y` with weights (`None`: all 1; 0 leaves a point out) and `lam`, or the lam of least generalised
/// cross-validation.
///
/// Whittaker, Proc. Edinburgh Math. Soc. 41 (1923) 63; Eilers, Anal. Chem. 75 (2003) 3631; cross-validation: Craven and
/// Wahba, Numer. Math. 31 (1979) 377. The variance is that of the curve as a linear function of the ordinates.
///
/// # Errors
/// As [`Penalty::on_grid`]; `LengthMismatch`, `NotFinite`; `InvalidOption` for negative weights.
pub fn whittaker_smooth(
    grid: Grid<'_>,
    y: &[f64],
    variance: &[f64],
    weights: Option<&[f64]>,
    lam: Option<f64>,
) -> Result<WhittakerSmooth> {
    let n = grid.len();
    let ones = vec![1.0; n];
    let weights = weights.unwrap_or(&ones);
    for (what, values) in [("y", y), ("variance", variance), ("weights", weights)] {
        check_length(what, values, n)?;
        check_finite(what, values)?;
    }
    if let Some(&value) = weights.iter().find(|w| **w < 0.0) {
        return Err(Error::InvalidOption { name: "weights", value, reason: "must not be negative" });
    }
    let kept = weights.iter().filter(|w| **w > 0.0).count();
    if kept < 4 {
        return Err(Error::TooFewPoints { what: "y with weights above 0", got: kept, needed: 4 });
    }
    let problem = Problem { grid, y, weights, kept: kept as f64 };
    let (lam, at_bound) = lam.map_or_else(|| problem.best_lam(), |lam| Ok((lam, false)))?;
    let too_stiff = |error| match error {
        Error::NotPositiveDefinite { .. } => Error::InvalidOption {
            name: "lam",
            value: lam,
            reason: "is so large for these weights that figures are lost",
        },
        other => other,
    };
    let (curve, penalty) = problem.curve(lam).map_err(too_stiff)?;
    let loaded: Vec<f64> = weights.iter().zip(variance).map(|(w, v)| w * w * v).collect();
    let squares: Vec<f64> = weights.iter().map(|w| w * w).collect();
    let (rows, middle) = (penalty.rows(), n / 2);
    let unit = selected_inverse(&rows, weights, &squares).map_err(too_stiff)?;
    let own = selected_inverse(&rows, weights, &loaded).map_err(too_stiff)?.sandwich;
    let correlation = unit.sandwich_beside[middle] / (unit.sandwich[middle] * unit.sandwich[middle + 1]).sqrt();
    let smoothed =
        Smoothed { curve, variance: own, noise_gain: unit.sandwich[middle].sqrt(), neighbour_correlation: correlation };
    Ok(WhittakerSmooth { smoothed, lam, at_bound })
}

#[derive(Clone, Copy)]
struct Problem<'a> {
    grid: Grid<'a>,
    y: &'a [f64],
    weights: &'a [f64],
    kept: f64,
}

impl Problem<'_> {
    fn curve(self, lam: f64) -> Result<(Vec<f64>, Penalty)> {
        let penalty = Penalty::on_grid(self.grid, lam)?;
        let mut curve = vec![0.0; self.y.len()];
        penalty.solve(self.weights, self.y, &mut curve, &mut Workspace::new(self.y.len()))?;
        Ok((curve, penalty))
    }

    /// Weighted mean square of the residuals over the squared share of freedom left; infinite where figures are lost.
    fn cross_validation(self, log_lam: f64) -> Result<f64> {
        let solved = self.curve(log_lam.exp()).and_then(|(curve, penalty)| {
            Ok((curve, selected_inverse(&penalty.rows(), self.weights, self.weights)?.inverse))
        });
        let (curve, inverse) = match solved {
            Err(Error::NotPositiveDefinite { .. }) => return Ok(f64::INFINITY),
            other => other?,
        };
        let fitted: f64 = inverse.iter().zip(self.weights).map(|(z, w)| z * w).sum();
        let square = |((y, z), w): ((&f64, &f64), &f64)| w * (y - z) * (y - z);
        let residual: f64 = self.y.iter().zip(&curve).zip(self.weights).map(square).sum();
        Ok(residual / self.kept / (1.0 - fitted / self.kept).powi(2).max(f64::MIN_POSITIVE))
    }

    /// lam of least cross-validation between almost none and half of a wave as long as the axis.
    fn best_lam(self) -> Result<(f64, bool)> {
        let scale = self.weights.iter().sum::<f64>() / self.kept;
        let low = (SMALLEST_LAM * scale).ln();
        let high = (lam_for_width(self.y.len() as f64, 1.0) * scale).max(2.0 * SMALLEST_LAM * scale).ln();
        let step = (high - low) / (GRID - 1) as f64;
        let mut best = (0, f64::INFINITY);
        for k in 0..GRID {
            let value = self.cross_validation(low + step * k as f64)?;
            if value < best.1 {
                best = (k, value);
            }
        }
        let at_bound = best.0 == 0 || best.0 == GRID - 1;
        let middle = low + step * best.0 as f64;
        let (from, to) = ((middle - step).max(low), (middle + step).min(high));
        Ok((self.golden(from, to)?.exp(), at_bound))
    }

    fn golden(self, mut from: f64, mut to: f64) -> Result<f64> {
        let share = 0.5 * (5f64.sqrt() - 1.0);
        let (mut a, mut b) = (to - share * (to - from), from + share * (to - from));
        let (mut at_a, mut at_b) = (self.cross_validation(a)?, self.cross_validation(b)?);
        for _ in 0..REFINEMENTS {
            if at_a < at_b {
                (to, b, at_b) = (b, a, at_a);
                a = to - share * (to - from);
                at_a = self.cross_validation(a)?;
            } else {
                (from, a, at_a) = (a, b, at_b);
                b = from + share * (to - from);
                at_b = self.cross_validation(b)?;
            }
        }
        Ok(0.5 * (from + to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peaks::noise::tests::normal;

    #[test]
    fn cross_validation_finds_a_curve_nearer_to_the_truth_than_the_data() {
        let (n, noise) = (500, normal(3, 500));
        let x: Vec<f64> = (0..n).map(|i| i as f64).collect();
        let truth: Vec<f64> = x.iter().map(|x| 10.0 * (x / 40.0).sin()).collect();
        let y: Vec<f64> = truth.iter().zip(&noise).map(|(t, e)| t + e).collect();
        let run = |lam| whittaker_smooth(Grid::new(&x).unwrap(), &y, &vec![1.0; n], None, lam).unwrap();
        let error = |z: &[f64]| (z.iter().zip(&truth).map(|(z, t)| (z - t).powi(2)).sum::<f64>() / n as f64).sqrt();
        let found = run(None);
        let own = error(&found.smoothed.curve);
        assert!(!found.at_bound);
        // no lam of a wide search is much better: cross-validation's own statistical loss
        for power in -2..9 {
            assert!(own < 1.3 * error(&run(Some(10f64.powi(power))).smoothed.curve));
        }
        assert!(found.smoothed.noise_gain < 0.5 && found.smoothed.neighbour_correlation > 0.9);
    }

    #[test]
    fn a_penalty_that_loses_all_figures_is_refused_or_passed_over() {
        let x: Vec<f64> = (0..4000).map(f64::from).collect();
        let (grid, noise) = (Grid::new(&x).unwrap(), normal(8, 4000));
        let weights: Vec<f64> = (0..4000).map(|i| if i % 997 < 3 { 1e-9 } else { 0.0 }).collect();
        let run = |lam| whittaker_smooth(grid, &noise, &vec![1.0; 4000], Some(&weights), lam);
        assert!(matches!(run(Some(1e20)), Err(Error::InvalidOption { name: "lam", .. })));
        assert!(run(None).unwrap().smoothed.curve.iter().all(|z| z.is_finite()));
    }

    #[test]
    fn refuses_by_name() {
        let x: Vec<f64> = (0..9).map(f64::from).collect();
        let grid = Grid::new(&x).unwrap();
        let run = |weights: &[f64], lam| whittaker_smooth(grid, &[1.0; 9], &[1.0; 9], Some(weights), lam);
        assert!(matches!(run(&[1.0; 9], Some(-1.0)), Err(Error::InvalidOption { name: "lam", .. })));
        assert!(matches!(run(&[-1.0; 9], Some(1.0)), Err(Error::InvalidOption { name: "weights", .. })));
        assert!(matches!(run(&[0.0; 9], Some(1.0)), Err(Error::TooFewPoints { .. })));
    }
}
