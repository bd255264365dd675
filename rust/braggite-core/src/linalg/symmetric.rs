//! Dense symmetric positive definite matrices: Cholesky factor, solve, inverse.

#![allow(clippy::inline_always, reason = "one source compiled for several instruction sets")]

use crate::error::{Error, Result};
use crate::instruction_set::{InstructionSet, for_each_instruction_set};
use crate::linalg::normal::Normal;

/// A symmetric matrix of order `n`, stored full, row by row; only the lower triangle is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Symmetric {
    order: usize,
    values: Vec<f64>,
}

impl Symmetric {
    /// All zeros.
    pub fn zeros(order: usize) -> Self {
        Self { order, values: vec![0.0; order * order] }
    }

    /// Set the entry at (`row`, `column`) in the lower triangle.
    pub fn set(&mut self, row: usize, column: usize, value: f64) {
        let (row, column) = (row.max(column), row.min(column));
        self.values[row * self.order + column] = value;
    }

    /// Add to the entry at (`row`, `column`) in the lower triangle.
    pub fn add(&mut self, row: usize, column: usize, value: f64) {
        let (row, column) = (row.max(column), row.min(column));
        self.values[row * self.order + column] += value;
    }

    /// All rows, both triangles.
    pub fn rows(&self) -> Vec<Vec<f64>> {
        (0..self.order).map(|i| (0..self.order).map(|j| self.get(i, j)).collect()).collect()
    }

    /// This matrix times `middle` times this matrix, of the same order.
    #[must_use]
    pub fn congruent(&self, middle: &Self) -> Self {
        let n = self.order;
        let (outer, inner) = (self.rows(), middle.rows());
        let mut product = Self::zeros(n);
        for (i, left) in outer.iter().enumerate() {
            let half: Vec<f64> = inner.iter().map(|column| dot(left, column)).collect();
            for (j, right) in outer.iter().enumerate().take(i + 1) {
                product.set(i, j, dot(&half, right));
            }
        }
        product
    }

    /// Cholesky factor L with A = L Lᵀ.
    ///
    /// # Errors
    /// `NotPositiveDefinite` at the first pivot that is not above rounding of its diagonal entry.
    pub fn cholesky(mut self, what: &'static str) -> Result<Cholesky> {
        let n = self.order;
        for row in 0..n {
            let (above, rest) = self.values.split_at_mut(row * n);
            let current = &mut rest[..n];
            let diagonal = current[row];
            for column in 0..row {
                let pivot_row = &above[column * n..=column * n + column];
                let sum = dot(&current[..column], &pivot_row[..column]);
                current[column] = (current[column] - sum) / pivot_row[column];
            }
            let pivot = diagonal - dot(&current[..row], &current[..row]);
            if pivot.is_nan() || pivot <= diagonal.abs() * f64::EPSILON {
                return Err(Error::NotPositiveDefinite { what, row });
            }
            current[row] = pivot.sqrt();
        }
        Ok(Cholesky { order: n, factor: self.values })
    }
}

impl Normal for Symmetric {
    fn order(&self) -> usize {
        self.order
    }

    /// From the lower triangle.
    fn get(&self, row: usize, column: usize) -> f64 {
        let (row, column) = (row.max(column), row.min(column));
        self.values[row * self.order + column]
    }

    fn times(&self, x: &[f64]) -> Vec<f64> {
        (0..self.order).map(|i| x.iter().enumerate().map(|(j, x)| self.get(i, j) * x).sum()).collect()
    }

    fn restricted(&self, keep: &[usize]) -> Self {
        let mut small = Self::zeros(keep.len());
        for (i, &row) in keep.iter().enumerate() {
            for (j, &column) in keep.iter().enumerate().take(i + 1) {
                small.set(i, j, self.get(row, column));
            }
        }
        small
    }

    fn solve(self, b: &mut [f64], what: &'static str) -> Result<()> {
        self.cholesky(what)?.solve(b);
        Ok(())
    }
}

/// Dot product in the widest vectors the processor has; every instruction set gives the same bits.
#[inline]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    if a.len() < LANES {
        return a.iter().zip(b).map(|(x, y)| x * y).sum();
    }
    if a.len() > SHORT { dot_on(InstructionSet::widest(), a, b) } else { dot_any(a, b) }
}

/// Dot product of `a` and `b` with the weights `w`.
pub fn weighted_dot(w: &[f64], a: &[f64], b: &[f64]) -> f64 {
    if a.len() > SHORT { weighted_dot_on(InstructionSet::widest(), w, a, b) } else { weighted_dot_any(w, a, b) }
}

/// Shorter products do not repay the question to the processor.
const SHORT: usize = 32;
const LANES: usize = 8;

for_each_instruction_set! {
    fn dot_on(a: &[f64], b: &[f64]) -> f64 = dot_any;
}

for_each_instruction_set! {
    fn weighted_dot_on(w: &[f64], a: &[f64], b: &[f64]) -> f64 = weighted_dot_any;
}

for_each_instruction_set! {
    fn add_scaled_on(target: &mut [f64], factor: f64, values: &[f64]) = add_scaled_any;
}

#[inline(always)]
fn dot_any(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let tail: f64 = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in a_chunks.zip(b_chunks) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f64>() + tail
}

#[inline(always)]
fn weighted_dot_any(w: &[f64], a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (ws, a_chunks, b_chunks) = (w.chunks_exact(LANES), a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = ws.remainder().iter().zip(a_chunks.remainder()).zip(b_chunks.remainder());
    let tail: f64 = rest.map(|((w, x), y)| w * x * y).sum();
    for ((w, x), y) in ws.zip(a_chunks).zip(b_chunks) {
        for lane in 0..LANES {
            sums[lane] += w[lane] * x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f64>() + tail
}

/// Add `factor` times `values` to `target`, in the widest vectors the processor has.
pub fn add_scaled(target: &mut [f64], factor: f64, values: &[f64]) {
    add_scaled_on(InstructionSet::widest(), target, factor, values);
}

#[inline(always)]
fn add_scaled_any(target: &mut [f64], factor: f64, values: &[f64]) {
    for (sum, value) in target.iter_mut().zip(values) {
        *sum += factor * value;
    }
}

/// Lower Cholesky factor of a [`Symmetric`].
#[derive(Debug, Clone)]
pub struct Cholesky {
    order: usize,
    factor: Vec<f64>,
}

impl Cholesky {
    /// Solve A x = b in place.
    pub fn solve(&self, b: &mut [f64]) {
        self.solve_lower(b);
        let n = self.order;
        for row in (0..n).rev() {
            let value = b[row] / self.factor[row * n + row];
            b[row] = value;
            for (target, l) in b[..row].iter_mut().zip(&self.factor[row * n..row * n + row]) {
                *target -= value * l;
            }
        }
    }

    /// Solve L z = b in place.
    pub fn solve_lower(&self, b: &mut [f64]) {
        let n = self.order;
        for row in 0..n {
            let sum = dot(&self.factor[row * n..row * n + row], &b[..row]);
            b[row] = (b[row] - sum) / self.factor[row * n + row];
        }
    }

    /// Logarithm of the determinant of A.
    pub fn log_determinant(&self) -> f64 {
        (0..self.order).map(|i| 2.0 * self.factor[i * self.order + i].ln()).sum()
    }

    /// The inverse of A.
    pub fn inverse(&self) -> Symmetric {
        let n = self.order;
        let mut inverse = Symmetric::zeros(n);
        let mut column = vec![0.0; n];
        for j in 0..n {
            column.fill(0.0);
            column[j] = 1.0;
            self.solve(&mut column);
            for (i, value) in column.iter().enumerate().skip(j) {
                inverse.set(i, j, *value);
            }
        }
        inverse
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gram(columns: &[Vec<f64>]) -> Symmetric {
        let mut a = Symmetric::zeros(columns.len());
        for i in 0..columns.len() {
            for j in 0..=i {
                a.set(i, j, dot(&columns[i], &columns[j]) + if i == j { 0.1 } else { 0.0 });
            }
        }
        a
    }

    proptest! {
        #[test]
        fn solve_inverts_multiplication(
            columns in prop::collection::vec(prop::collection::vec(-1.0..1.0_f64, 12), 1..9),
            seed in -1.0..1.0_f64,
        ) {
            let a = gram(&columns);
            let n = a.order();
            let x: Vec<f64> = (0..n).map(|i| seed + i as f64).collect();
            let mut b: Vec<f64> = (0..n).map(|i| (0..n).map(|j| a.get(i, j) * x[j]).sum()).collect();
            let factor = a.clone().cholesky("test").unwrap();
            factor.solve(&mut b);
            for (got, want) in b.iter().zip(&x) {
                prop_assert!((got - want).abs() < 1e-9, "identity: {got} against {want}");
            }
            let inverse = factor.inverse();
            for i in 0..n {
                let unit: f64 = (0..n).map(|k| a.get(i, k) * inverse.get(k, i)).sum();
                prop_assert!((unit - 1.0).abs() < 1e-9, "identity: A times its inverse");
            }
        }
    }

    #[test]
    fn names_the_row_that_is_not_definite() {
        let mut a = Symmetric::zeros(2);
        a.set(0, 0, 1.0);
        a.set(1, 0, 1.0);
        a.set(1, 1, 1.0);
        assert_eq!(a.cholesky("test").unwrap_err(), Error::NotPositiveDefinite { what: "test", row: 1 });
    }
}
