//! Polynomials by least squares.

#![allow(clippy::inline_always, reason = "one source compiled for each instruction set")]

use crate::error::{Error, Result};
use crate::grid::Grid;
use crate::instruction_set::{InstructionSet, for_each_instruction_set};
use crate::linalg::lanes::{Lanes, plus, times, total};

/// Positions mapped to -1..1; equal steps without an axis.
pub(super) fn unit_interval(x: Option<Grid<'_>>, n: usize) -> Vec<f64> {
    let scaled = |from: f64, to: f64, at: f64| (2.0 * at - from - to) / (to - from);
    match x {
        Some(x) => x.x().iter().map(|v| scaled(x.x()[0], x.x()[n - 1], *v)).collect(),
        None => (0..n).map(|i| scaled(0.0, (n - 1) as f64, i as f64)).collect(),
    }
}

/// The least-squares line through points; constant through one.
pub(super) fn line_through(x: &[f64], y: &[f64]) -> impl Fn(f64) -> f64 + use<> {
    let count = x.len().max(1) as f64;
    let (centre, mean) = (x.iter().sum::<f64>() / count, y.iter().sum::<f64>() / count);
    let moment: f64 = x.iter().zip(y).map(|(x, y)| (x - centre) * (y - mean)).sum();
    let spread: f64 = x.iter().map(|x| (x - centre) * (x - centre)).sum();
    let slope = moment / spread.max(f64::MIN_POSITIVE);
    move |x| mean + slope * (x - centre)
}

/// Polynomials orthonormal over weighted points (Forsythe, J. Soc. Ind. Appl. Math. 5 (1957) 74): the best condition a
/// polynomial fit can have. A fit in Chebyshev polynomials of the same order is the same curve.
#[derive(Debug, Clone)]
pub(super) struct Basis {
    /// Values at every point, one polynomial after the other.
    values: Vec<Vec<f64>>,
}

impl Basis {
    /// Orders 0 to `order` over the points `u` with `weights`.
    ///
    /// # Errors
    /// `TooFewPoints` unless more points than `order` have a weight.
    pub fn new(u: &[f64], weights: &[f64], order: usize) -> Result<Self> {
        let got = weights.iter().filter(|w| **w > 0.0).count();
        if got <= order {
            return Err(Error::TooFewPoints { what: "y outside the mask", got, needed: order + 1 });
        }
        let mut values: Vec<Vec<f64>> = vec![normalised(vec![1.0; u.len()], weights)];
        for k in 0..order {
            let mut next: Vec<f64> = u.iter().zip(&values[k]).map(|(u, p)| u * p).collect();
            for p in values.iter().rev() {
                let overlap = weighted_dot(&next, p, weights);
                next.iter_mut().zip(p).for_each(|(n, p)| *n -= overlap * p);
            }
            values.push(normalised(next, weights));
        }
        Ok(Self { values })
    }

    /// The polynomial of at most `order` closest to `y` at every point; `weights` as at the start.
    pub fn fit(&self, y: &[f64], weights: &[f64], order: usize) -> Vec<f64> {
        let mut curve = vec![0.0; y.len()];
        self.fit_into(y, weights, order, &mut curve);
        curve
    }

    /// As [`Basis::fit`], into `curve`.
    pub fn fit_into(&self, y: &[f64], weights: &[f64], order: usize, curve: &mut [f64]) {
        let used = &self.values[..self.values.len().min(order + 1)];
        project(InstructionSet::widest(), used, y, weights, curve);
    }
}

for_each_instruction_set! {
    /// The sum of the orthonormal `basis`, each times its weighted product with `y`.
    fn project(basis: &[Vec<f64>], y: &[f64], weights: &[f64], curve: &mut [f64]) = project_any;
}

/// Points that stay in the nearest cache while every polynomial passes over them.
const BLOCK: usize = 512;

#[inline(always)]
fn project_any(basis: &[Vec<f64>], y: &[f64], weights: &[f64], curve: &mut [f64]) {
    let mut sums = vec![[0.0; 8]; basis.len()];
    for (block, (y, weights)) in y.chunks(BLOCK).zip(weights.chunks(BLOCK)).enumerate() {
        for (sum, p) in sums.iter_mut().zip(basis) {
            *sum = add_weighted(*sum, y, &p[block * BLOCK..][..y.len()], weights);
        }
    }
    let factors: Vec<f64> = sums.iter().map(total).collect();
    for (block, curve) in curve.chunks_mut(BLOCK).enumerate() {
        curve.fill(0.0);
        for (factor, p) in factors.iter().zip(basis) {
            curve.iter_mut().zip(&p[block * BLOCK..]).for_each(|(z, p)| *z += factor * p);
        }
    }
}

fn weighted_dot(a: &[f64], b: &[f64], weights: &[f64]) -> f64 {
    total(&add_weighted([0.0; 8], a, b, weights))
}

/// `sum` and the products of `a`, `b` and `weights`, every eighth in one lane.
#[inline(always)]
fn add_weighted(mut sum: Lanes<8>, a: &[f64], b: &[f64], weights: &[f64]) -> Lanes<8> {
    let ((a, a_rest), (b, b_rest), (w, w_rest)) = (a.as_chunks(), b.as_chunks(), weights.as_chunks());
    for ((a, b), w) in a.iter().zip(b).zip(w) {
        sum = plus(sum, times(times(*w, *a), *b));
    }
    for ((sum, a), (b, w)) in sum.iter_mut().zip(a_rest).zip(b_rest.iter().zip(w_rest)) {
        *sum += w * a * b;
    }
    sum
}

fn normalised(mut p: Vec<f64>, weights: &[f64]) -> Vec<f64> {
    let size = weighted_dot(&p, &p, weights).sqrt();
    for v in &mut p {
        *v /= size;
    }
    p
}
