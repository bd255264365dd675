//! A polynomial fitted to what is left after clipping, until the same points are clipped twice.

use super::Background;
use super::modified_polynomial::HIGHEST_ORDER;
use super::polynomial::{Basis, unit_interval};
use super::whittaker::meets;
use crate::error::{Error, Result};
use crate::grid::{Grid, check_finite, check_length};

/// What is fitted and what is clipped.
#[derive(Debug, Clone, Copy)]
pub struct ClippingOptions<'a> {
    /// Order of the polynomial.
    pub order: usize,
    /// Standard deviations above and below the curve beyond which a point is clipped.
    pub num_std: (f64, f64),
    /// Passes after the first fit.
    pub max_iterations: usize,
    /// Non-negative factors on the squares; 0 masks a point. `None`: all 1.
    pub weights: Option<&'a [f64]>,
}

/// A background with the points it was not fitted to.
#[derive(Debug, Clone, PartialEq)]
pub struct Clipped {
    /// The curve.
    pub background: Background,
    /// Whether a point was clipped; masked points are not.
    pub clipped: Vec<bool>,
}

/// Chebyshev polynomials by least squares, clipped above and below at standard deviations of the points kept; a point
/// clipped once may return. Converged when a pass clips what the last one clipped.
///
/// Not converged: a cycle of sets, or fewer points left than the order needs (the last curve is returned). The final
/// tolerance is the share of points that changed sides.
/// Series: Mason and Handscomb, Chebyshev Polynomials (2003); the clipping is that of astronomical continuum fits.
///
/// # Errors
/// `NotFinite`, `LengthMismatch`, `TooFewPoints` unless more points than the order count; `InvalidOption` for an order
/// above 50, a `num_std` that is not above 0, negative weights.
pub fn chebyshev(x: Grid<'_>, y: &[f64], options: ClippingOptions<'_>) -> Result<Clipped> {
    check(x, y, options)?;
    let (n, order) = (y.len(), options.order);
    let ones = vec![1.0; n];
    let given = options.weights.unwrap_or(&ones);
    let (above, below) = options.num_std;
    let u = unit_interval(Some(x), n);
    let mut weights = given.to_vec();
    let mut curve = Basis::new(&u, &weights, order)?.fit(y, &weights, order);
    let mut clipped = vec![false; n];
    let done = |curve, converged, iterations, final_tolerance, clipped| {
        Ok(Clipped { background: Background { curve, converged, iterations, final_tolerance }, clipped })
    };
    if meets(y, &curve, given) {
        return done(curve, true, 1, 0.0, clipped);
    }
    let mut change = f64::INFINITY;
    for pass in 1..=options.max_iterations {
        let deviation = deviation_of(y, &curve, &weights);
        let mut moved = 0_usize;
        for ((clipped, given), (y, z)) in clipped.iter_mut().zip(given).zip(y.iter().zip(&curve)) {
            let beyond = *given > 0.0 && (y - z > above * deviation || z - y > below * deviation);
            moved += usize::from(beyond != *clipped);
            *clipped = beyond;
        }
        change = moved as f64 / n as f64;
        if moved == 0 {
            return done(curve, true, pass, 0.0, clipped);
        }
        for ((weight, given), clipped) in weights.iter_mut().zip(given).zip(&clipped) {
            *weight = if *clipped { 0.0 } else { *given };
        }
        match Basis::new(&u, &weights, order) {
            Ok(basis) => curve = basis.fit(y, &weights, order),
            Err(_) => return done(curve, false, pass, change, clipped),
        }
    }
    done(curve, false, options.max_iterations, change, clipped)
}

/// Root mean square of `y - z` over the points kept.
fn deviation_of(y: &[f64], z: &[f64], weights: &[f64]) -> f64 {
    let (mut count, mut square) = (0.0, 0.0);
    for ((y, z), weight) in y.iter().zip(z).zip(weights) {
        let kept = if *weight > 0.0 { 1.0 } else { 0.0 };
        count += kept;
        square += kept * (y - z) * (y - z);
    }
    (square / f64::max(count, 1.0)).sqrt()
}

fn check(x: Grid<'_>, y: &[f64], options: ClippingOptions<'_>) -> Result<()> {
    check_length("y", y, x.len())?;
    check_finite("y", y)?;
    let invalid = |name, value, reason| Err(Error::InvalidOption { name, value, reason });
    if options.order > HIGHEST_ORDER {
        return invalid("poly_order", options.order as f64, "must be at most 50");
    }
    for (name, value) in [("num_std", options.num_std.0), ("num_std_below", options.num_std.1)] {
        if !(value > 0.0 && value.is_finite()) {
            return invalid(name, value, "must be above 0");
        }
    }
    check_weights(options.weights, y.len())
}

/// Refuse weights that mean nothing.
pub(super) fn check_weights(weights: Option<&[f64]>, points: usize) -> Result<()> {
    let Some(weights) = weights else { return Ok(()) };
    check_length("weights", weights, points)?;
    check_finite("weights", weights)?;
    match weights.iter().find(|w| **w < 0.0) {
        Some(&value) => Err(Error::InvalidOption { name: "weights", value, reason: "must not be negative" }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: ClippingOptions<'static> =
        ClippingOptions { order: 3, num_std: (2.5, 2.5), max_iterations: 100, weights: None };

    #[test]
    fn finds_the_ground_and_says_what_it_clipped() {
        let x: Vec<f64> = (0..600).map(f64::from).collect();
        let ground = |x: f64| 50.0 + 0.1 * x - 2e-4 * x * x;
        let noise = |i: usize| ((i * 7919 + 13) % 101) as f64 / 101.0 - 0.5;
        let y: Vec<f64> = x
            .iter()
            .enumerate()
            .map(|(i, x)| ground(*x) + noise(i) + 40.0 * (-((x - 300.0) / 9.0).powi(2)).exp())
            .collect();
        let Clipped { background, clipped } = chebyshev(Grid::new(&x).unwrap(), &y, OPTIONS).unwrap();
        assert!(background.converged && clipped[290..310].iter().all(|c| *c) && !clipped[..250].iter().any(|c| *c));
        // the noise is +-0.5; a quarter of it is left of what a cubic through 560 points averages and of the tails
        assert!(background.curve.iter().zip(&x).all(|(z, x)| (z - ground(*x)).abs() < 0.25));
    }

    #[test]
    fn refuses_absurd_options_by_name() {
        let x = [0.0, 1.0, 2.0, 3.0, 4.0];
        let run = |options| chebyshev(Grid::new(&x).unwrap(), &[1.0, 5.0, 2.0, 7.0, 1.0], options);
        let order = run(ClippingOptions { order: 51, ..OPTIONS });
        assert!(matches!(order, Err(Error::InvalidOption { name: "poly_order", .. })));
        let below = run(ClippingOptions { num_std: (1.0, 0.0), ..OPTIONS });
        assert!(matches!(below, Err(Error::InvalidOption { name: "num_std_below", .. })));
        assert!(matches!(run(ClippingOptions { order: 5, ..OPTIONS }), Err(Error::TooFewPoints { .. })));
    }
}
