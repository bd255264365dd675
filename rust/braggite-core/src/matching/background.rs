//! The smooth part of a region: the estimate underneath fitted lines, and the cubic B-splines that correct it.

use crate::error::Result;
use crate::grid::Grid;
use crate::linalg::pentadiagonal::{Penalty, Workspace};
use crate::matching::column::Column;
use crate::matching::region::Region;
use crate::preprocess::background::lam_for_width;

/// Structure narrower than this is not background, degrees.
const NARROWEST_DEG: f64 = 6.0;
/// Misfit of lines, as a share of their height, that must not become background.
const LINE_MISFIT: f64 = 0.1;
/// Points this many deviations above the curve are lines that the fit does not know.
const UNKNOWN_LINE: f64 = 2.5;
/// Passes of the smoother.
const PASSES: usize = 4;

/// A background estimated from what `lines`, the calculated signal without background, leaves of a region.
///
/// Where lines crowd, an estimate that never saw them follows their feet; this one stands underneath them. Whittaker
/// smoother (Eilers (2003), Anal. Chem. 75, 3631), weights lowered under lines and cut above unknown ones.
#[derive(Debug)]
pub struct Underneath {
    penalty: Penalty,
    weights: Vec<f64>,
    /// The estimate at each point.
    pub background: Vec<f64>,
}

impl Underneath {
    /// Estimate the background of `region` underneath `lines`.
    ///
    /// # Errors
    /// Those of the smoother.
    pub fn new(region: &Region, lines: &[f64]) -> Result<Self> {
        let n = region.x.len();
        let step = (region.x[n - 1] - region.x[0]) / (n - 1) as f64;
        let penalty = Penalty::on_grid(Grid::new(&region.x)?, lam_for_width(NARROWEST_DEG, step))?;
        let rest: Vec<f64> = region.y.iter().zip(lines).map(|(y, l)| y - l).collect();
        let sigma: Vec<f64> = region
            .weight
            .iter()
            .zip(lines)
            .map(|(&w, l)| if w > 0.0 { (1.0 / w + (LINE_MISFIT * l).powi(2)).sqrt() } else { f64::INFINITY })
            .collect();
        let level = region.weight.iter().map(|w| w.sqrt()).fold(0.0, f64::max);
        let full: Vec<f64> = sigma.iter().map(|s| 1.0 / (level * s).powi(2) + 1e-9).collect();
        let mut weights = full.clone();
        let mut background = region.background.clone();
        let mut work = Workspace::new(n);
        for pass in 0..PASSES {
            penalty.solve(&weights, &rest, &mut background, &mut work)?;
            for i in 0..n {
                let unknown = rest[i] - background[i] > UNKNOWN_LINE * sigma[i];
                if pass + 1 < PASSES {
                    weights[i] = if unknown { 1e-9 } else { full[i] };
                }
            }
        }
        Ok(Self { penalty, weights, background })
    }

    /// What of a further curve the estimate takes for background.
    ///
    /// # Errors
    /// Those of the smoother.
    pub fn share_of(&self, curve: &[f64]) -> Result<Vec<f64>> {
        let mut smooth = vec![0.0; curve.len()];
        self.penalty.solve(&self.weights, curve, &mut smooth, &mut Workspace::new(curve.len()))?;
        Ok(smooth)
    }
}

/// The region with its background estimated anew [`Underneath`] `lines`.
///
/// # Errors
/// Those of the smoother.
pub fn underneath(region: &Region, lines: &[f64]) -> Result<Region> {
    Ok(Region { background: Underneath::new(region, lines)?.background, ..region.clone() })
}

/// A cubic B-spline basis over uniform intervals.
#[derive(Debug, Clone, PartialEq)]
pub struct SplineBasis {
    columns: Vec<Column>,
}

impl SplineBasis {
    /// The basis over the ascending points `x` with `intervals` equal intervals: `intervals + 3` functions.
    ///
    /// de Boor (1978), *A Practical Guide to Splines*; uniform cubic pieces written out.
    pub fn new(x: &[f64], intervals: usize) -> Self {
        let (Some(&first), Some(&last)) = (x.first(), x.last()) else { return Self { columns: Vec::new() } };
        let intervals = intervals.max(1);
        let width = ((last - first) / intervals as f64).max(f64::MIN_POSITIVE);
        let mut columns: Vec<Column> = (0..intervals + 3).map(|_| Column::default()).collect();
        for (i, &position) in x.iter().enumerate() {
            let t = (position - first) / width;
            let interval = (t as usize).min(intervals - 1);
            for (piece, value) in uniform_cubic(t - interval as f64).into_iter().enumerate() {
                let column = &mut columns[interval + piece];
                if column.values.is_empty() {
                    column.start = i;
                }
                column.values.push(value);
            }
        }
        columns.retain(|column| !column.values.is_empty());
        Self { columns }
    }

    /// The basis functions, left to right.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Add the spline with these coefficients to `target`.
    pub fn add_to(&self, target: &mut [f64], coefficients: &[f64]) {
        for (column, &c) in self.columns.iter().zip(coefficients) {
            column.add_to(target, c);
        }
    }
}

fn uniform_cubic(t: f64) -> [f64; 4] {
    let s = 1.0 - t;
    [
        s * s * s / 6.0,
        (3.0 * t * t * t - 6.0 * t * t + 4.0) / 6.0,
        (3.0 * s * s * s - 6.0 * s * s + 4.0) / 6.0,
        t * t * t / 6.0,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_to_one_everywhere() {
        let x: Vec<f64> = (0..101).map(|i| 10.0 + f64::from(i) * 0.37).collect();
        let basis = SplineBasis::new(&x, 7);
        assert_eq!(basis.columns().len(), 10);
        let mut sum = vec![0.0; x.len()];
        basis.add_to(&mut sum, &[1.0; 10]);
        assert!(sum.iter().all(|s| (s - 1.0).abs() < 1e-12), "identity: partition of unity");
    }
}
