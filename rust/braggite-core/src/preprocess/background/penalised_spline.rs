//! Penalised B-splines: a curve of few coefficients, fitted again and again with weights that release the peaks.
//!
//! Each pass solves (B'W B + lam D'D) c = B'W y for the coefficients c of B-splines on equal knots over the true axis, D
//! taking differences of neighbouring coefficients. Eilers and Marx, Stat. Sci. 11 (1996) 89; Eilers, Marx and Durban,
//! SORT 39 (2015) 149.

use std::ops::Range;

use super::passes::Passes;
use super::whittaker::check_door;
use super::{Background, Reweighting, WhittakerOptions};
use crate::error::{Error, Result};
use crate::grid::Grid;
use crate::linalg::banded::Banded;

/// Highest degree accepted.
const HIGHEST_DEGREE: usize = 5;

/// Knots, degree and penalty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SplineOptions {
    /// Knots from one end of the axis to the other, both among them.
    pub num_knots: usize,
    /// Degree of the polynomials between knots.
    pub degree: usize,
    /// Order of the differences that are penalised.
    pub diff_order: usize,
    /// Strength of the penalty.
    pub lam: f64,
}

/// The basis over an axis and the penalty on its coefficients, the same for every spectrum.
#[derive(Debug, Clone, PartialEq)]
pub struct PenalisedSpline {
    degree: usize,
    /// Points of every interval between knots.
    intervals: Vec<Range<usize>>,
    /// The `degree + 1` B-splines that are not zero at every point, one point after the other.
    values: Vec<f64>,
    penalty: Banded,
    lam: f64,
}

impl PenalisedSpline {
    /// The basis over `x`.
    ///
    /// # Errors
    /// `InvalidOption` unless `num_knots` is from 2 to 100,000, `spline_degree` from 1 to 5, `diff_order` at least 1 and
    /// below the number of B-splines (`num_knots + spline_degree - 1`) and at most 5, and `lam` above 0 and at most 1e20.
    pub fn new(x: Grid<'_>, options: SplineOptions) -> Result<Self> {
        check(options)?;
        let SplineOptions { num_knots, degree, diff_order, lam } = options;
        let (x, spaces) = (x.x(), num_knots - 1);
        let (first, extent) = (x[0], x[x.len() - 1] - x[0]);
        let mut values = vec![0.0; x.len() * (degree + 1)];
        let mut ends = vec![0; spaces];
        for ((i, at), row) in x.iter().enumerate().zip(values.chunks_exact_mut(degree + 1)) {
            let place = (at - first) / extent * spaces as f64;
            let interval = (place as usize).min(spaces - 1);
            basis_row(place - interval as f64, row);
            ends[interval] = i + 1;
        }
        let mut from = 0;
        let intervals = ends
            .iter()
            .map(|end| {
                let points = from..from.max(*end);
                from = points.end;
                points
            })
            .collect();
        Ok(Self { degree, intervals, values, penalty: penalty(spaces + degree, degree, diff_order, lam), lam })
    }

    /// Number of points.
    #[allow(clippy::len_without_is_empty, reason = "a grid is never empty")]
    pub fn len(&self) -> usize {
        self.values.len() / (self.degree + 1)
    }

    /// One pass: the weighted curve through `y`.
    fn solve<const ORDER: usize>(&self, y: &[f64], w: &[f64], curve: &mut [f64], system: &mut System) -> Result<()> {
        system.matrix.copy_from(&self.penalty);
        system.rhs.fill(0.0);
        for (interval, points) in self.intervals.iter().enumerate() {
            let data = w[points.clone()].iter().zip(&y[points.clone()]);
            let (products, sums) = moments(self.rows::<ORDER>(points).zip(data));
            for (a, (products, sum)) in products.iter().zip(sums).enumerate() {
                system.rhs[interval + a] += sum;
                for (b, product) in products.iter().enumerate().take(a + 1) {
                    system.matrix.add(interval + a, interval + b, *product);
                }
            }
        }
        system.matrix.factor().map_err(|_| {
            let reason = "leaves the splines undetermined: take it nearer to 1, or fewer num_knots";
            Error::InvalidOption { name: "lam", value: self.lam, reason }
        })?;
        system.matrix.solve(&mut system.rhs);
        for (interval, points) in self.intervals.iter().enumerate() {
            let coefficients = &system.rhs[interval..interval + ORDER];
            for (z, row) in curve[points.clone()].iter_mut().zip(self.rows::<ORDER>(points)) {
                *z = row.iter().zip(coefficients).map(|(b, c)| b * c).sum();
            }
        }
        Ok(())
    }

    /// The B-splines at the points of an interval.
    fn rows<const ORDER: usize>(&self, points: &Range<usize>) -> impl Iterator<Item = &[f64; ORDER]> {
        self.values[points.start * ORDER..points.end * ORDER].chunks_exact(ORDER).filter_map(<[f64]>::first_chunk)
    }
}

/// Weighted sums of the products of B-splines with one another and with the ordinates.
fn moments<'a, const ORDER: usize>(
    points: impl Iterator<Item = (&'a [f64; ORDER], (&'a f64, &'a f64))>,
) -> ([[f64; ORDER]; ORDER], [f64; ORDER]) {
    let (mut products, mut sums) = ([[0.0; ORDER]; ORDER], [0.0; ORDER]);
    for (row, (w, y)) in points {
        let weighted = row.map(|b| w * b);
        for ((products, sum), weighted) in products.iter_mut().zip(&mut sums).zip(weighted) {
            *sum += weighted * y;
            for (product, b) in products.iter_mut().zip(row) {
                *product += weighted * b;
            }
        }
    }
    (products, sums)
}

/// Matrix and right-hand side of one pass.
struct System {
    matrix: Banded,
    rhs: Vec<f64>,
}

/// Fit a penalised spline.
///
/// # Errors
/// As [`whittaker`](super::whittaker()); `InvalidOption` for a `lam` that leaves the coefficients undetermined in double
/// precision.
pub fn penalised_spline(
    y: &[f64],
    spline: &PenalisedSpline,
    reweighting: Reweighting,
    options: WhittakerOptions<'_>,
) -> Result<Background> {
    check_door(y, spline.len(), reweighting, options)?;
    let ones = vec![1.0; y.len()];
    let given = options.weights.unwrap_or(&ones);
    let mut system = System { matrix: spline.penalty.clone(), rhs: vec![0.0; spline.penalty.order()] };
    let passes = Passes { y, given, reweighting, options };
    passes.run(given, |weights, curve| match spline.degree {
        1 => spline.solve::<2>(y, weights, curve, &mut system),
        2 => spline.solve::<3>(y, weights, curve, &mut system),
        3 => spline.solve::<4>(y, weights, curve, &mut system),
        4 => spline.solve::<5>(y, weights, curve, &mut system),
        _ => spline.solve::<6>(y, weights, curve, &mut system),
    })
}

fn check(options: SplineOptions) -> Result<()> {
    let invalid = |name, value, reason| Err(Error::InvalidOption { name, value, reason });
    let SplineOptions { num_knots, degree, diff_order, lam } = options;
    if !(2..=100_000).contains(&num_knots) {
        return invalid("num_knots", num_knots as f64, "must be from 2 to 100000");
    }
    if !(1..=HIGHEST_DEGREE).contains(&degree) {
        return invalid("spline_degree", degree as f64, "must be from 1 to 5");
    }
    if !(1..=HIGHEST_DEGREE).contains(&diff_order) || diff_order >= num_knots + degree - 1 {
        return invalid("diff_order", diff_order as f64, "must be from 1 to 5, below num_knots + spline_degree - 1");
    }
    if !(lam > 0.0 && lam <= 1e20) {
        return invalid("lam", lam, "must be above 0 and at most 1e20");
    }
    Ok(())
}

/// The B-splines on unit knots that are not zero at `u` of the way between two of them (de Boor, J. Approx. Theory 6
/// (1972) 50).
fn basis_row(u: f64, row: &mut [f64]) {
    row[0] = 1.0;
    for degree in 1..row.len() {
        let mut carried = 0.0;
        for (r, spline) in row[..degree].iter_mut().enumerate() {
            let share = *spline / degree as f64;
            *spline = carried + (r as f64 + 1.0 - u) * share;
            carried = (u + (degree - 1 - r) as f64) * share;
        }
        row[degree] = carried;
    }
}

/// lam D'D of differences of order `diff_order`.
fn penalty(order: usize, degree: usize, diff_order: usize, lam: f64) -> Banded {
    let mut differences = vec![1.0];
    for _ in 0..diff_order {
        let shifted = differences.iter().map(|d| -d).chain([0.0]);
        differences = shifted.zip([0.0].into_iter().chain(differences.iter().copied())).map(|(a, b)| a + b).collect();
    }
    let mut penalty = Banded::zeros(order, degree.max(diff_order));
    for row in 0..order - diff_order {
        for (a, first) in differences.iter().enumerate() {
            for (b, second) in differences[..=a].iter().enumerate() {
                penalty.add(row + a, row + b, lam * first * second);
            }
        }
    }
    penalty
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPLINE: SplineOptions = SplineOptions { num_knots: 30, degree: 3, diff_order: 2, lam: 100.0 };
    const PASSES: WhittakerOptions<'static> = WhittakerOptions { max_iterations: 50, tol: 1e-3, weights: None };

    fn axis(n: usize) -> Vec<f64> {
        (0..n).map(|i| i as f64 + 0.4 * (i as f64 / 3.0).sin()).collect()
    }

    #[test]
    fn splines_add_up_to_one() {
        for degree in 1..=HIGHEST_DEGREE {
            for u in [0.0, 0.3, 0.99, 1.0] {
                let mut row = vec![0.0; degree + 1];
                basis_row(u, &mut row);
                assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-15 && row.iter().all(|b| *b >= 0.0));
            }
        }
    }

    #[test]
    fn follows_the_ground_under_peaks_at_unequal_steps() {
        let x = axis(1000);
        let noise = |i: usize| ((i * 7919 + 13) % 101) as f64 / 101.0 - 0.5;
        let peak = |x: f64| 500.0 * (-((x - 333.0) / 8.0).powi(2)).exp();
        let y: Vec<f64> = x.iter().enumerate().map(|(i, x)| 100.0 + 0.02 * x + noise(i) + peak(*x)).collect();
        for degree in 1..=HIGHEST_DEGREE {
            let options = SplineOptions { degree, lam: 1e5, ..SPLINE };
            let spline = PenalisedSpline::new(Grid::new(&x).unwrap(), options).unwrap();
            for rule in [Reweighting::Asls { p: 0.01 }, Reweighting::Arpls] {
                let background = penalised_spline(&y, &spline, rule, PASSES).unwrap();
                assert!(background.converged);
                // the noise is +-0.5; the line underneath is known exactly
                assert!(background.curve.iter().zip(&x).all(|(z, x)| (z - 100.0 - 0.02 * x).abs() < 1.5));
            }
        }
    }

    #[test]
    fn knots_without_points_are_bridged() {
        let x: Vec<f64> = (0..40).map(|i| if i < 20 { f64::from(i) } else { f64::from(i) + 300.0 }).collect();
        let y: Vec<f64> = x.iter().map(|x| 5.0 + 0.5 * x + (x % 3.0)).collect();
        let options = SplineOptions { num_knots: 100, ..SPLINE };
        let spline = PenalisedSpline::new(Grid::new(&x).unwrap(), options).unwrap();
        let background = penalised_spline(&y, &spline, Reweighting::Arpls, PASSES).unwrap();
        assert!(background.curve.iter().all(|z| z.is_finite()));
    }

    #[test]
    fn a_penalty_beyond_double_precision_is_refused() {
        let (x, y) = (axis(50), vec![1.0; 50]);
        let options = SplineOptions { num_knots: 10_000, diff_order: 1, lam: 1e20, ..SPLINE };
        let spline = PenalisedSpline::new(Grid::new(&x).unwrap(), options).unwrap();
        let error = penalised_spline(&y, &spline, Reweighting::Arpls, PASSES);
        assert!(matches!(error, Err(Error::InvalidOption { name: "lam", .. })));
    }

    #[test]
    fn refuses_absurd_options_by_name() {
        let x = axis(50);
        let name = |options| match PenalisedSpline::new(Grid::new(&x).unwrap(), options) {
            Err(Error::InvalidOption { name, .. }) => name,
            other => panic!("{other:?}"),
        };
        assert_eq!(name(SplineOptions { num_knots: 1, ..SPLINE }), "num_knots");
        assert_eq!(name(SplineOptions { degree: 0, ..SPLINE }), "spline_degree");
        assert_eq!(name(SplineOptions { diff_order: 0, ..SPLINE }), "diff_order");
        assert_eq!(name(SplineOptions { diff_order: 4, num_knots: 2, ..SPLINE }), "diff_order");
        assert_eq!(name(SplineOptions { lam: 0.0, ..SPLINE }), "lam");
    }
}
