//! A rubber band stretched below the spectrum: its lower convex hull.

use super::morphological::check_iterations;
use super::{Background, check_ordinates};
use crate::error::{Error, Result};
use crate::grid::Grid;

/// Share of the spectrum's range by which a pass of the concave band bends its ends up.
const BEND: f64 = 0.1;
/// Points nearer than this share of a range to its border belong to the next one, whatever the axis' rounding.
const BORDER: f64 = 1e-9;

/// The lower convex hull (Andrew, Inf. Process. Lett. 9 (1979) 216): never above the data, for grounds that do not dome.
///
/// # Errors
/// `TooFewPoints` below four, `NotFinite`, `LengthMismatch`.
pub fn rubber_band(x: Grid<'_>, y: &[f64]) -> Result<Background> {
    check_ordinates(y, x.len())?;
    let mut curve = y.to_vec();
    stretch(x.x(), y, 0..y.len(), &mut curve);
    for (z, y) in curve.iter_mut().zip(y) {
        *z = z.min(*y);
    }
    Ok(Background { curve, converged: true, iterations: 1, final_tolerance: 0.0 })
}

/// How [`concave_rubber_band`] follows a dome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConcaveOptions {
    /// Passes; each lets the band follow a dome a tenth of the remaining range higher.
    pub iterations: usize,
    /// Ranges of equal width, in each of which the lowest point may carry the band.
    pub baseline_points: usize,
}

/// A rubber band that enters domes: the net spectrum is bent upwards by a parabola, the band stretched below it, again
/// and again; what was taken away in all is the background.
///
/// A band carried by the lowest points of ranges may lie above the data between them. The first and last band are
/// straight ones. Pirzer and Sawatzki, US patent 7,359,815 (2008), the concave rubber band of vendors' software.
///
/// # Errors
/// As [`rubber_band`]; `InvalidOption` for no `iterations` or more than 10,000, fewer than two `baseline_points` or
/// more than 100,000.
pub fn concave_rubber_band(x: Grid<'_>, y: &[f64], options: ConcaveOptions) -> Result<Background> {
    check_ordinates(y, x.len())?;
    check_iterations(options.iterations)?;
    if !(2..=100_000).contains(&options.baseline_points) {
        let (name, reason) = ("baseline_points", "must be from 2 to 100000");
        return Err(Error::InvalidOption { name, value: options.baseline_points as f64, reason });
    }
    let x = x.x();
    let (first, extent) = (x[0], x[x.len() - 1] - x[0]);
    let parabola: Vec<f64> = x.iter().map(|x| (2.0 * (x - first) / extent - 1.0).powi(2)).collect();
    let range_of = |at: f64| (((at - first) / extent) * options.baseline_points as f64 + BORDER) as usize;
    let ranges: Vec<usize> = x.iter().map(|x| range_of(*x).min(options.baseline_points - 1)).collect();
    let mut net = y.to_vec();
    let mut band = vec![0.0; y.len()];
    for pass in 0..options.iterations + 2 {
        let bent = pass > 0 && pass <= options.iterations;
        let (low, high) =
            net.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
        let height = if bent { BEND * (high - low) } else { 0.0 };
        net.iter_mut().zip(&parabola).for_each(|(net, p)| *net += height * p);
        stretch(x, &net, lowest_of_ranges(&net, &ranges), &mut band);
        net.iter_mut().zip(&band).for_each(|(net, band)| *net -= band);
    }
    let curve = y.iter().zip(&net).map(|(y, net)| y - net).collect();
    Ok(Background { curve, converged: true, iterations: options.iterations, final_tolerance: 0.0 })
}

/// The index of the lowest point of every range, and both ends.
fn lowest_of_ranges<'a>(y: &'a [f64], ranges: &'a [usize]) -> impl Iterator<Item = usize> + 'a {
    let last = y.len() - 1;
    let mut from = 0;
    let lowest = ranges.chunk_by(|a, b| a == b).map(move |range| {
        let at = from;
        from += range.len();
        (at..from).fold(at, |best, i| if y[i] < y[best] { i } else { best })
    });
    std::iter::once(0).chain(lowest.filter(move |i| *i != 0 && *i != last)).chain(std::iter::once(last))
}

/// The lower convex hull of the points `of` (ascending, both ends among them) into `band`.
fn stretch(x: &[f64], y: &[f64], of: impl Iterator<Item = usize>, band: &mut [f64]) {
    let slope = |a: usize, b: usize| (y[b] - y[a]) / (x[b] - x[a]);
    let mut hull: Vec<usize> = Vec::new();
    for i in of {
        while let [.., before, last] = hull[..]
            && slope(last, i) <= slope(before, last)
        {
            hull.pop();
        }
        hull.push(i);
    }
    for pair in hull.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let slope = slope(a, b);
        band[a] = y[a];
        band[b] = y[b];
        for i in a + 1..b {
            band[i] = y[a] + slope * (x[i] - x[a]);
        }
    }
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

    #[test]
    fn the_concave_band_enters_a_dome_the_plain_one_spans() {
        let x: Vec<f64> = (0..800).map(f64::from).collect();
        let dome = |x: f64| 20.0 - 20.0 * (x / 399.5 - 1.0).powi(2);
        let y: Vec<f64> = x.iter().map(|x| dome(*x) + 60.0 * (-((x - 250.0) / 6.0).powi(2)).exp()).collect();
        let grid = Grid::new(&x).unwrap();
        let options = ConcaveOptions { iterations: 10, baseline_points: 64 };
        let worst = |background: Background| {
            background.curve.iter().zip(&x).fold(0.0_f64, |worst, (z, x)| worst.max((z - dome(*x)).abs()))
        };
        assert!(worst(rubber_band(grid, &y).unwrap()) > 19.0);
        // straight lines between points 12.5 apart under a dome of curvature 2.5e-4: 5e-3; the tail of the peak more
        assert!(worst(concave_rubber_band(grid, &y, options).unwrap()) < 1.0);
    }

    #[test]
    fn refuses_absurd_options_by_name() {
        let x = [0.0, 1.0, 2.0, 3.0];
        let run = |iterations, baseline_points| {
            concave_rubber_band(Grid::new(&x).unwrap(), &x, ConcaveOptions { iterations, baseline_points })
        };
        assert!(matches!(run(0, 64), Err(Error::InvalidOption { name: "iterations", .. })));
        assert!(matches!(run(1, 1), Err(Error::InvalidOption { name: "baseline_points", .. })));
    }
}
