//! Symmetric positive definite matrices whose rows begin late: envelope (skyline) storage, Cholesky factor, inverse.

use crate::error::{Error, Result};
use crate::linalg::normal::Normal;
use crate::linalg::symmetric::{Symmetric, add_scaled, dot};

/// A symmetric matrix of which row `i` is zero left of column `first[i]`; the lower triangle is stored from there on.
///
/// A Cholesky factor fills the same envelope (George and Liu (1981), *Computer Solution of Large Sparse Positive
/// Definite Systems*, chapter 4).
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope {
    first: Vec<usize>,
    /// Where row `i` begins in `values`; one more entry than rows.
    offset: Vec<usize>,
    values: Vec<f64>,
}

impl Envelope {
    /// All zeros; row `i` reaches from column `first[i]`, at most `i`, to the diagonal.
    pub fn zeros(mut first: Vec<usize>) -> Self {
        let mut offset = Vec::with_capacity(first.len() + 1);
        let mut length = 0;
        for (row, start) in first.iter_mut().enumerate() {
            *start = (*start).min(row);
            offset.push(length);
            length += row - *start + 1;
        }
        offset.push(length);
        Self { first, offset, values: vec![0.0; length] }
    }

    /// First column of `row`.
    pub fn first(&self, row: usize) -> usize {
        self.first[row]
    }

    /// Entries of `row` from its first column to the diagonal.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.values[self.offset[row]..self.offset[row + 1]]
    }

    /// The same, to be written.
    pub fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.values[self.offset[row]..self.offset[row + 1]]
    }

    /// Set the entry at (`row`, `column`); left of the first column of its row it stays zero.
    pub fn set(&mut self, row: usize, column: usize, value: f64) {
        let (row, column) = (row.max(column), row.min(column));
        if column >= self.first[row] {
            self.values[self.offset[row] + column - self.first[row]] = value;
        }
    }

    /// Add to the entry at (`row`, `column`), which must not lie left of the first column of its row.
    pub fn add(&mut self, row: usize, column: usize, value: f64) {
        let (row, column) = (row.max(column), row.min(column));
        self.values[self.offset[row] + column - self.first[row]] += value;
    }

    /// Add to the diagonal entry of `row`.
    pub fn add_to_diagonal(&mut self, row: usize, value: f64) {
        self.values[self.offset[row + 1] - 1] += value;
    }

    /// The whole matrix.
    pub fn to_dense(&self) -> Symmetric {
        let mut dense = Symmetric::zeros(self.first.len());
        for row in 0..self.first.len() {
            for (column, &value) in (self.first[row]..).zip(self.row(row)) {
                dense.set(row, column, value);
            }
        }
        dense
    }

    /// Raise the diagonal entry of `row` by `share` of itself, or to 1 where it is zero: no longer singular there.
    pub fn stiffen(&mut self, row: usize, share: f64) {
        let diagonal = self.get(row, row);
        self.add_to_diagonal(row, if diagonal > 0.0 { share * diagonal } else { 1.0 });
    }

    /// Cholesky factor L with A = L Lᵀ.
    ///
    /// # Errors
    /// `NotPositiveDefinite` at the first pivot that is not above `share` of its diagonal entry: 1 minus the squared
    /// multiple correlation with the unknowns before it.
    pub fn cholesky(mut self, what: &'static str, share: f64) -> Result<EnvelopeCholesky> {
        for row in 0..self.first.len() {
            let start = self.first[row];
            let (above, rest) = self.values.split_at_mut(self.offset[row]);
            let current = &mut rest[..=row - start];
            for column in start..row {
                let from = start.max(self.first[column]);
                let pivot_row = &above[self.offset[column]..self.offset[column + 1]];
                let begin = from - self.first[column];
                let sum = dot(&current[from - start..column - start], &pivot_row[begin..column - self.first[column]]);
                current[column - start] = (current[column - start] - sum) / pivot_row[column - self.first[column]];
            }
            let (left, diagonal) = current.split_at_mut(row - start);
            let pivot = diagonal[0] - dot(left, left);
            if pivot.is_nan() || pivot <= diagonal[0].abs() * share {
                return Err(Error::NotPositiveDefinite { what, row });
            }
            diagonal[0] = pivot.sqrt();
        }
        Ok(EnvelopeCholesky { factor: self })
    }
}

impl Normal for Envelope {
    fn order(&self) -> usize {
        self.first.len()
    }

    fn get(&self, row: usize, column: usize) -> f64 {
        let (row, column) = (row.max(column), row.min(column));
        if column < self.first[row] { 0.0 } else { self.values[self.offset[row] + column - self.first[row]] }
    }

    fn times(&self, x: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; x.len()];
        for row in 0..x.len() {
            let (start, entries) = (self.first[row], self.row(row));
            let left = &entries[..row - start];
            product[row] += dot(left, &x[start..row]) + entries[row - start] * x[row];
            add_scaled(&mut product[start..row], x[row], left);
        }
        product
    }

    fn restricted(&self, keep: &[usize]) -> Self {
        let first = keep.iter().map(|&row| keep.partition_point(|&column| column < self.first[row])).collect();
        let mut small = Self::zeros(first);
        for (i, &row) in keep.iter().enumerate() {
            let (start, entries) = (self.first[row], self.row(row));
            let begin = small.first[i];
            for (entry, &column) in small.row_mut(i).iter_mut().zip(&keep[begin..]) {
                *entry = entries[column - start];
            }
        }
        small
    }

    fn solve(self, b: &mut [f64], what: &'static str) -> Result<()> {
        self.cholesky(what, f64::EPSILON)?.solve(b);
        Ok(())
    }
}

/// Lower Cholesky factor of an [`Envelope`].
#[derive(Debug, Clone, PartialEq)]
pub struct EnvelopeCholesky {
    factor: Envelope,
}

impl EnvelopeCholesky {
    /// L.
    pub(super) fn factor(&self) -> &Envelope {
        &self.factor
    }

    /// bᵀ A⁻¹ b; `b` is overwritten.
    pub fn inverse_along(&self, b: &mut [f64]) -> f64 {
        self.solve_lower(b, 0);
        dot(b, b)
    }

    /// Entries of the inverse of A between `rows`, ascending, both triangles.
    pub fn inverse_between(&self, rows: &[usize]) -> Vec<Vec<f64>> {
        let last = rows.first().copied().unwrap_or_default();
        let mut column = vec![0.0; self.factor.order()];
        let of_row = |&row: &usize| {
            column.fill(0.0);
            column[row] = 1.0;
            self.solve_lower(&mut column, row);
            self.solve_upper(&mut column, last);
            rows.iter().map(|&other| column[other]).collect()
        };
        rows.iter().map(of_row).collect()
    }

    /// Solve A x = b in place.
    pub fn solve(&self, b: &mut [f64]) {
        self.solve_lower(b, 0);
        self.solve_upper(b, 0);
    }

    /// Solve L z = b in place where `b` is zero above row `from`.
    fn solve_lower(&self, b: &mut [f64], from: usize) {
        for row in from..b.len() {
            let start = self.factor.first[row].max(from);
            let entries = self.factor.row(row);
            let left = &entries[start - self.factor.first[row]..entries.len() - 1];
            let sum = dot(left, &b[start..row]);
            b[row] = (b[row] - sum) / entries[entries.len() - 1];
        }
    }

    /// Solve Lᵀ x = b in place, down to row `to` only.
    fn solve_upper(&self, b: &mut [f64], to: usize) {
        for row in (to..b.len()).rev() {
            let start = self.factor.first[row].max(to);
            let entries = self.factor.row(row);
            b[row] /= entries[entries.len() - 1];
            let (value, left) = (b[row], &entries[start - self.factor.first[row]..entries.len() - 1]);
            add_scaled(&mut b[start..row], -value, left);
        }
    }

    /// The inverse of A, which is full.
    pub fn inverse(&self) -> Symmetric {
        let n = self.factor.order();
        let mut inverse = Symmetric::zeros(n);
        let mut column = vec![0.0; n];
        for j in 0..n {
            column.fill(0.0);
            column[j] = 1.0;
            self.solve_lower(&mut column, j);
            self.solve_upper(&mut column, j);
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

    /// A positive definite matrix in both storages: diagonally dominant, zero outside a random envelope.
    fn pair(first: &[usize], entries: &[f64]) -> (Envelope, Symmetric) {
        let mut narrow = Envelope::zeros(first.to_vec());
        let mut dense = Symmetric::zeros(first.len());
        for row in 0..first.len() {
            let start = narrow.first(row);
            for (column, entry) in narrow.row_mut(row).iter_mut().enumerate() {
                let column = column + start;
                *entry = entries[(7 * row + column) % entries.len()] + if column == row { 9.0 } else { 0.0 };
                dense.set(row, column, *entry);
            }
        }
        (narrow, dense)
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12 * (1.0 + b.abs())
    }

    proptest! {
        #[test]
        fn agrees_with_dense_storage(
            first in prop::collection::vec(0..12_usize, 1..12),
            entries in prop::collection::vec(-1.0..1.0_f64, 40),
            free in prop::collection::vec(any::<bool>(), 12),
        ) {
            let (narrow, dense) = pair(&first, &entries);
            let n = first.len();
            let b: Vec<f64> = (0..n).map(|i| 1.0 - 0.3 * i as f64).collect();
            prop_assert!(narrow.times(&b).iter().zip(dense.times(&b)).all(|(p, q)| close(*p, q)), "dense product");
            let (p, q) = (narrow.solve_free(&b, &free[..n], "test").unwrap(), dense.solve_free(&b, &free[..n], "test").unwrap());
            prop_assert!(p.iter().zip(q).all(|(p, q)| close(*p, q)), "dense solution");
            let factor = narrow.clone().cholesky("test", f64::EPSILON).unwrap();
            let dense = dense.cholesky("test").unwrap().inverse();
            let (whole, inside) = (factor.inverse(), factor.inverse_inside());
            let some: Vec<usize> = (0..n).filter(|&i| free[i]).collect();
            let between = factor.inverse_between(&some);
            for i in 0..n {
                prop_assert!((0..=i).all(|j| close(whole.get(i, j), dense.get(i, j))), "dense inverse, row {i}");
                let within = narrow.first(i)..=i;
                prop_assert!(within.into_iter().all(|j| close(inside.get(i, j), dense.get(i, j))), "inside, row {i}");
            }
            for (row, &i) in between.iter().zip(&some) {
                prop_assert!(row.iter().zip(&some).all(|(value, &j)| close(*value, dense.get(i, j))), "between, row {i}");
            }
            let along = factor.inverse_along(&mut b.clone());
            prop_assert!(close(along, dot(&b, &dense.times(&b))), "dense product");
        }
    }

    #[test]
    fn names_the_row_that_depends_on_those_before() {
        let mut a = Envelope::zeros(vec![0, 1, 0]);
        a.row_mut(0)[0] = 1.0;
        a.row_mut(1)[0] = 4.0;
        a.row_mut(2).copy_from_slice(&[1.0, 2.0, 2.0 + 1e-9]);
        let refused = a.clone().cholesky("test", 1e-8).unwrap_err();
        assert_eq!(refused, Error::NotPositiveDefinite { what: "test", row: 2 });
        assert!(a.cholesky("test", 1e-12).is_ok());
    }
}
