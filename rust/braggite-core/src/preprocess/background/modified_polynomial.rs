//! Polynomials fitted again and again to a spectrum cut down to them: `ModPoly` and `IModPoly`.

#![allow(clippy::inline_always, reason = "one source compiled for each instruction set")]

use super::Background;
use super::chebyshev::check_weights;
use super::polynomial::{Basis, unit_interval};
use super::whittaker::meets;
use crate::error::{Error, Result};
use crate::grid::{Grid, check_finite, check_length};
use crate::instruction_set::{InstructionSet, for_each_instruction_set};
use crate::linalg::lanes::{filled, minus, plus, times, total};

/// Highest order accepted; beyond it a polynomial follows the peaks.
pub(super) const HIGHEST_ORDER: usize = 50;

/// What both share.
#[derive(Debug, Clone, Copy)]
pub struct PolynomialOptions<'a> {
    /// Order of the polynomial.
    pub order: usize,
    /// Passes after the first fit.
    pub max_iterations: usize,
    /// Relative change (of the curve; `IModPoly`: of the deviation) below which it has converged.
    pub tol: f64,
    /// `IModPoly`: cut at this many standard deviations above the curve, peaks left out from the start. `None`: `ModPoly`.
    pub num_std: Option<f64>,
    /// Non-negative factors on the squares; 0 masks a point. `None`: all 1.
    pub weights: Option<&'a [f64]>,
}

/// Fit, cut the spectrum down to the fit, and again.
///
/// `ModPoly` cuts at the curve itself and so sinks slowly below the ground: a smaller `tol` is no better.
/// `ModPoly`: Lieber and Mahadevan-Jansen, Appl. Spectrosc. 57 (2003) 1363. `IModPoly`: Zhao, Appl. Spectrosc. 61 (2007)
/// 1225.
///
/// # Errors
/// `NotFinite`, `LengthMismatch`, `TooFewPoints` unless more points than the order count; `InvalidOption` for an order
/// above 50, a negative `tol` or `num_std`, negative weights.
pub fn modified_polynomial(x: Grid<'_>, y: &[f64], options: PolynomialOptions<'_>) -> Result<Background> {
    check(x, y, options)?;
    let ones = vec![1.0; y.len()];
    let mut weights = options.weights.unwrap_or(&ones).to_vec();
    let given = weights.clone();
    let (u, order) = (unit_interval(Some(x), y.len()), options.order);
    let mut basis = Basis::new(&u, &weights, order)?;
    let mut curve = basis.fit(y, &weights, order);
    if meets(y, &curve, &given) {
        return Ok(Background { curve, converged: true, iterations: 1, final_tolerance: 0.0 });
    }
    let mut deviation = deviation_of(y, &curve, &given);
    if options.num_std.is_some() {
        for ((w, y), z) in weights.iter_mut().zip(y).zip(&curve) {
            *w = if *y > z + deviation { 0.0 } else { *w };
        }
        basis = Basis::new(&u, &weights, order)?;
    }
    let set = InstructionSet::widest();
    let (mut cut, mut next) = (y.to_vec(), vec![0.0; y.len()]);
    let mut change = f64::INFINITY;
    for pass in 1..=options.max_iterations {
        let above = options.num_std.map_or(0.0, |factor| factor * deviation);
        cut_down(set, &mut cut, &curve, above);
        basis.fit_into(&cut, &weights, order, &mut next);
        if options.num_std.is_some() {
            let now = deviation_of(&cut, &next, &given);
            change = (now - deviation).abs() / now.max(f64::MIN_POSITIVE);
            deviation = now;
        } else {
            change = relative_change(set, &curve, &next);
        }
        std::mem::swap(&mut curve, &mut next);
        if change < options.tol {
            return Ok(Background { curve, converged: true, iterations: pass, final_tolerance: change });
        }
    }
    Ok(Background { curve, converged: false, iterations: options.max_iterations, final_tolerance: change })
}

fn check(x: Grid<'_>, y: &[f64], options: PolynomialOptions<'_>) -> Result<()> {
    check_length("y", y, x.len())?;
    check_finite("y", y)?;
    let invalid = |name, value, reason| Err(Error::InvalidOption { name, value, reason });
    if options.order > HIGHEST_ORDER {
        return invalid("poly_order", options.order as f64, "must be at most 50");
    }
    if !(options.tol >= 0.0 && options.tol.is_finite()) {
        return invalid("tol", options.tol, "must not be negative");
    }
    match options.num_std {
        Some(value) if !(value >= 0.0 && value.is_finite()) => {
            return invalid("num_std", value, "must not be negative");
        }
        _ => {}
    }
    check_weights(options.weights, y.len())
}

for_each_instruction_set! {
    /// No value more than `above` the curve.
    fn cut_down(values: &mut [f64], curve: &[f64], above: f64) = cut_down_any;
}

#[inline(always)]
fn cut_down_any(values: &mut [f64], curve: &[f64], above: f64) {
    for (value, z) in values.iter_mut().zip(curve) {
        let highest = z + above;
        *value = if highest < *value { highest } else { *value };
    }
}

for_each_instruction_set! {
    /// |new - old| / |old|, Euclidean.
    fn relative_change(old: &[f64], new: &[f64]) -> f64 = relative_change_any;
}

#[inline(always)]
fn relative_change_any(old: &[f64], new: &[f64]) -> f64 {
    let (mut moved, mut size) = ([0.0; 8], [0.0; 8]);
    let ((old, old_rest), (new, new_rest)) = (old.as_chunks(), new.as_chunks());
    let last = (filled(old_rest), filled(new_rest));
    for (old, new) in old.iter().zip(new).chain([(&last.0, &last.1)]) {
        let difference = minus(*new, *old);
        moved = plus(moved, times(difference, difference));
        size = plus(size, times(*old, *old));
    }
    (total(&moved) / total(&size).max(f64::MIN_POSITIVE)).sqrt()
}

/// Standard deviation of `y - z` over the points that count.
fn deviation_of(y: &[f64], z: &[f64], given: &[f64]) -> f64 {
    let set = InstructionSet::widest();
    let [count, sum, _] = moments(set, y, z, given, 0.0);
    let count = count.max(1.0);
    let [_, _, square] = moments(set, y, z, given, sum / count);
    (square / count).sqrt()
}

for_each_instruction_set! {
    /// Number, sum and sum of squares of `y - z - centre` over the points that count.
    fn moments(y: &[f64], z: &[f64], given: &[f64], centre: f64) -> [f64; 3] = moments_any;
}

#[inline(always)]
fn moments_any(y: &[f64], z: &[f64], given: &[f64], centre: f64) -> [f64; 3] {
    let [mut count, mut sum, mut square] = [[0.0; 8]; 3];
    let ((y, y_rest), (z, z_rest), (given, given_rest)) = (y.as_chunks(), z.as_chunks(), given.as_chunks());
    let last = (filled(y_rest), filled(z_rest), filled(given_rest));
    for ((y, z), given) in y.iter().zip(z).zip(given).chain([((&last.0, &last.1), &last.2)]) {
        let counted = given.map(|g| if g > 0.0 { 1.0 } else { 0.0 });
        let residual = times(minus(minus(*y, *z), [centre; 8]), counted);
        count = plus(count, counted);
        sum = plus(sum, residual);
        square = plus(square, times(residual, residual));
    }
    [total(&count), total(&sum), total(&square)]
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: PolynomialOptions<'static> =
        PolynomialOptions { order: 2, max_iterations: 250, tol: 1e-6, num_std: None, weights: None };

    #[test]
    fn finds_the_parabola_under_a_peak() {
        let x: Vec<f64> = (0..500).map(f64::from).collect();
        let ground = |x: f64| 50.0 + 0.1 * x - 1e-4 * x * x;
        let y: Vec<f64> = x.iter().map(|x| ground(*x) + 40.0 * (-((x - 300.0) / 9.0).powi(2)).exp()).collect();
        let grid = Grid::new(&x).unwrap();
        let improved = modified_polynomial(grid, &y, PolynomialOptions { num_std: Some(1.0), ..OPTIONS }).unwrap();
        // without noise the cut ends at the ground itself, to rounding
        assert!(improved.converged && improved.curve.iter().zip(&x).all(|(b, x)| (b - ground(*x)).abs() < 1e-9));
    }

    #[test]
    fn any_instruction_set_gives_the_same_bits() {
        let y: Vec<f64> = (0..1003).map(|i| f64::from((i * 7919) % 101)).collect();
        let z: Vec<f64> = (0..1003).map(|i| 40.0 + 0.01 * f64::from(i)).collect();
        let given: Vec<f64> = (0..1003).map(|i| f64::from(u8::from(i % 7 > 0))).collect();
        let all = |set| {
            let mut cut = y.clone();
            cut_down(set, &mut cut, &z, 3.0);
            (moments(set, &y, &z, &given, 1.5), relative_change(set, &y, &z), cut)
        };
        let sets: Vec<InstructionSet> = InstructionSet::available().collect();
        assert!(sets.iter().all(|set| all(*set) == all(sets[0])));
        let kept = || y.iter().zip(&z).zip(&given).filter(|(_, g)| **g > 0.0).map(|((y, z), _)| y - z - 1.5);
        let [count, sum, square] = all(sets[0]).0;
        let slow = [kept().count() as f64, kept().sum(), kept().map(|d| d * d).sum()];
        // sums of a thousand terms in another order
        assert!([count, sum, square].iter().zip(slow).all(|(a, b)| (a - b).abs() < 1e-10 * b.abs()));
    }

    #[test]
    fn refuses_absurd_options_by_name() {
        let x = [0.0, 1.0, 2.0, 3.0];
        let run = |options| modified_polynomial(Grid::new(&x).unwrap(), &x, options);
        let order = run(PolynomialOptions { order: 51, ..OPTIONS });
        assert!(matches!(order, Err(Error::InvalidOption { name: "poly_order", .. })));
        assert!(matches!(run(PolynomialOptions { order: 4, ..OPTIONS }), Err(Error::TooFewPoints { .. })));
        let factor = run(PolynomialOptions { num_std: Some(-1.0), ..OPTIONS });
        assert!(matches!(factor, Err(Error::InvalidOption { name: "num_std", .. })));
    }
}
