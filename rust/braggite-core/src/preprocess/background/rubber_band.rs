//! A rubber band stretched below the spectrum: its lower convex hull.

use super::Background;
use crate::error::Result;
use crate::grid::{Grid, check_finite, check_length, check_points};

/// The lower convex hull (Andrew, Inf. Process. Lett. 9 (1979) 216): never above the data, for grounds that do not dome.
///
/// # Errors
/// `TooFewPoints` below four, `NotFinite`, `LengthMismatch`.
pub fn rubber_band(x: Grid<'_>, y: &[f64]) -> Result<Background> {
    check_points("y", y, 4)?;
    check_length("y", y, x.len())?;
    check_finite("y", y)?;
    let x = x.x();
    let slope = |a: usize, b: usize| (y[b] - y[a]) / (x[b] - x[a]);
    let mut hull: Vec<usize> = Vec::new();
    for i in 0..y.len() {
        while let [.., before, last] = hull[..]
            && slope(last, i) <= slope(before, last)
        {
            hull.pop();
        }
        hull.push(i);
    }
    let mut curve = y.to_vec();
    for pair in hull.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        for i in a + 1..b {
            curve[i] = (y[a] + slope(a, b) * (x[i] - x[a])).min(y[i]);
        }
    }
    Ok(Background { curve, converged: true, iterations: 1, final_tolerance: 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_the_peak_and_touches_the_ground() {
        let x = [0.0, 1.0, 2.0, 3.0, 5.0];
        let curve = rubber_band(Grid::new(&x).unwrap(), &[1.0, 9.0, 0.0, 4.0, 6.0]).unwrap().curve;
        assert_eq!(curve, [1.0, 0.5, 0.0, 2.0, 6.0]);
    }

    #[test]
    fn never_above_the_data() {
        let x: Vec<f64> = (0..300).map(|i| f64::from(i) + 0.3 * f64::from(i % 2)).collect();
        let y: Vec<f64> = (0..300).map(|i| f64::from((i * 7919) % 101)).collect();
        let curve = rubber_band(Grid::new(&x).unwrap(), &y).unwrap().curve;
        assert!(curve.iter().zip(&y).all(|(b, y)| b <= y));
    }
}
