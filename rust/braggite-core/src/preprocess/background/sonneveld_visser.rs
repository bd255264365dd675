//! Sonneveld and Visser: nodes a few lines apart, lowered to the straight line between their neighbours.

use super::morphological::check_iterations;
use super::{Background, check_ordinates};
use crate::error::{Error, Result};
use crate::grid::Grid;

/// How the nodes stand and sink.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SonneveldVisserOptions {
    /// Distance of neighbouring nodes, in steps.
    pub interval: usize,
    /// What a step of `interval` counts for, in units of the axis.
    pub step: f64,
    /// Height above the line between its neighbours that a node keeps, in the unit of the ordinates: a ground that
    /// domes by this much over two distances is followed.
    pub curvature: f64,
    /// Passes, all of which are made.
    pub iterations: usize,
}

/// Every node above the line between its neighbours by more than `curvature` is lowered to that line, all nodes of a pass
/// at once, `iterations` times; the background is straight between the nodes.
///
/// At unequal distances the height kept is that of the same curvature.
/// Sonneveld and Visser, J. Appl. Crystallogr. 8 (1975) 1.
///
/// # Errors
/// `TooFewPoints` below four, `NotFinite`, `LengthMismatch`; `InvalidOption` for an `interval` of 0 or beyond half the
/// axis, a negative `curvature`, no `iterations` or more than 10,000.
pub fn sonneveld_visser(x: Grid<'_>, y: &[f64], options: SonneveldVisserOptions) -> Result<Background> {
    check_ordinates(y, x.len())?;
    check_iterations(options.iterations)?;
    let SonneveldVisserOptions { interval, step, curvature, iterations } = options;
    let distance = interval as f64 * step;
    if !(curvature >= 0.0 && curvature.is_finite()) {
        return Err(Error::InvalidOption { name: "curvature", value: curvature, reason: "must not be negative" });
    }
    if !(distance > 0.0 && 2.0 * distance <= x.x()[x.len() - 1] - x.x()[0]) {
        let reason = "must be at least 1 and at most half the axis";
        return Err(Error::InvalidOption { name: "interval", value: interval as f64, reason });
    }
    let nodes = nodes(x.x(), distance);
    let at: Vec<f64> = nodes.iter().map(|i| x.x()[*i]).collect();
    let mut heights: Vec<f64> = nodes.iter().map(|i| y[*i]).collect();
    let mut lowered = heights.clone();
    let mut change = 0.0;
    for _ in 0..iterations {
        change = lower(&at, &heights, curvature / (distance * distance), &mut lowered);
        std::mem::swap(&mut heights, &mut lowered);
    }
    let mut curve = vec![0.0; y.len()];
    for (pair, (ends, heights)) in nodes.windows(2).zip(at.windows(2).zip(heights.windows(2))) {
        let slope = (heights[1] - heights[0]) / (ends[1] - ends[0]);
        let span = pair[0]..=pair[1];
        for (z, x) in curve[span.clone()].iter_mut().zip(&x.x()[span]) {
            *z = heights[0] + slope * (x - ends[0]);
        }
    }
    Ok(Background { curve, converged: true, iterations, final_tolerance: change })
}

/// The first point, the point nearest to every further `distance`, and the last.
fn nodes(x: &[f64], distance: f64) -> Vec<usize> {
    let last = x.len() - 1;
    let mut nodes = vec![0];
    let mut wanted = x[0] + distance;
    for i in 1..last {
        // the nearer of this point and the next, ties to this one whatever the rounding
        if 0.5 * (x[i] + x[i + 1]) >= wanted - 1e-9 * distance {
            nodes.push(i);
            while 0.5 * (x[i] + x[i + 1]) >= wanted - 1e-9 * distance {
                wanted += distance;
            }
        }
    }
    nodes.push(last);
    nodes
}

/// One pass; returns the largest step down.
fn lower(at: &[f64], heights: &[f64], bend: f64, lowered: &mut [f64]) -> f64 {
    let mut change = 0.0_f64;
    for i in 1..at.len() - 1 {
        let (left, right) = (at[i] - at[i - 1], at[i + 1] - at[i]);
        let line = (right * heights[i - 1] + left * heights[i + 1]) / (left + right);
        let high = heights[i] > line + bend * left * right;
        lowered[i] = if high { line } else { heights[i] };
        change = change.max(heights[i] - lowered[i]);
    }
    change
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: SonneveldVisserOptions =
        SonneveldVisserOptions { interval: 10, step: 1.0, curvature: 0.0, iterations: 30 };

    #[test]
    fn nodes_are_the_nearest_points() {
        assert_eq!(nodes(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], 2.0), [0, 2, 4, 5]);
        assert_eq!(nodes(&[0.0, 1.8, 2.1, 7.0, 8.0, 9.0, 10.0], 2.0), [0, 2, 3, 4, 6]);
    }

    #[test]
    fn curvature_keeps_a_dome() {
        let x: Vec<f64> = (0..201).map(f64::from).collect();
        let dome = |x: f64| 100.0 - 0.01 * (x - 100.0).powi(2);
        let y: Vec<f64> = x.iter().map(|x| dome(*x)).collect();
        let grid = Grid::new(&x).unwrap();
        let cut = sonneveld_visser(grid, &y, OPTIONS).unwrap().curve;
        // 0.01 * 10^2 = 1 above the line between neighbours
        let kept = sonneveld_visser(grid, &y, SonneveldVisserOptions { curvature: 1.01, ..OPTIONS }).unwrap().curve;
        assert!(cut[100] < 80.0 && (kept[100] - 100.0).abs() < 1e-12);
    }

    #[test]
    fn refuses_absurd_options_by_name() {
        let x: Vec<f64> = (0..50).map(f64::from).collect();
        let run = |options| sonneveld_visser(Grid::new(&x).unwrap(), &x, options);
        let error = run(SonneveldVisserOptions { interval: 30, ..OPTIONS });
        assert!(matches!(error, Err(Error::InvalidOption { name: "interval", .. })));
        let error = run(SonneveldVisserOptions { curvature: -1.0, ..OPTIONS });
        assert!(matches!(error, Err(Error::InvalidOption { name: "curvature", .. })));
        let error = run(SonneveldVisserOptions { iterations: 0, ..OPTIONS });
        assert!(matches!(error, Err(Error::InvalidOption { name: "iterations", .. })));
    }
}
