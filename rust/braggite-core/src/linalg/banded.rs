//! Symmetric positive definite matrices with few diagonals: Cholesky factor and solve.

use crate::error::{Error, Result};

/// A symmetric matrix whose entries vanish more than `width` beside the diagonal, stored row by row from the outermost
/// lower diagonal to the main one.
#[derive(Debug, Clone, PartialEq)]
pub struct Banded {
    order: usize,
    width: usize,
    values: Vec<f64>,
}

impl Banded {
    /// All zeros.
    pub fn zeros(order: usize, width: usize) -> Self {
        Self { order, width, values: vec![0.0; order * (width + 1)] }
    }

    /// Number of rows.
    pub fn order(&self) -> usize {
        self.order
    }

    /// Add to the entry at (`row`, `column`) of the lower triangle, `column` at most `row` and within the band.
    pub fn add(&mut self, row: usize, column: usize, value: f64) {
        let place = self.place(row, column);
        self.values[place] += value;
    }

    /// Take over the entries of `other`, of the same shape.
    pub fn copy_from(&mut self, other: &Self) {
        self.values.copy_from_slice(&other.values);
    }

    /// Replace the lower triangle by the factor L of A = L L'.
    ///
    /// # Errors
    /// `NotPositiveDefinite` with the first row whose pivot is not positive.
    pub fn factor(&mut self) -> Result<()> {
        for row in 0..self.order {
            let first = row.saturating_sub(self.width);
            for column in first..=row {
                let from = first.max(column.saturating_sub(self.width));
                let shared: f64 =
                    (from..column).map(|k| self.values[self.place(row, k)] * self.values[self.place(column, k)]).sum();
                let rest = self.values[self.place(row, column)] - shared;
                let entry = if column < row {
                    rest / self.values[self.place(column, column)]
                } else if rest > 0.0 {
                    rest.sqrt()
                } else {
                    return Err(Error::NotPositiveDefinite { what: "banded matrix", row });
                };
                let place = self.place(row, column);
                self.values[place] = entry;
            }
        }
        Ok(())
    }

    /// Solve A x = b in place, after [`Banded::factor`].
    pub fn solve(&self, b: &mut [f64]) {
        for row in 0..self.order {
            let first = row.saturating_sub(self.width);
            let known: f64 = (first..row).map(|k| self.values[self.place(row, k)] * b[k]).sum();
            b[row] = (b[row] - known) / self.values[self.place(row, row)];
        }
        for row in (0..self.order).rev() {
            let last = (row + self.width).min(self.order - 1);
            let known: f64 = (row + 1..=last).map(|k| self.values[self.place(k, row)] * b[k]).sum();
            b[row] = (b[row] - known) / self.values[self.place(row, row)];
        }
    }

    fn place(&self, row: usize, column: usize) -> usize {
        row * (self.width + 1) + self.width + column - row
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn solves_what_it_was_multiplied_with(
            entries in prop::collection::vec(-1.0..1.0_f64, 40),
            x in prop::collection::vec(-3.0..3.0_f64, 8),
            width in 0..5_usize,
        ) {
            let mut matrix = Banded::zeros(8, width);
            let mut b = vec![0.0; 8];
            for row in 0..8_usize {
                for column in row.saturating_sub(width)..=row {
                    // diagonally dominant, so positive definite
                    let value = if row == column { 9.0 } else { entries[5 * row + row - column] };
                    matrix.add(row, column, value);
                    b[row] += value * x[column];
                    b[column] += if row == column { 0.0 } else { value * x[row] };
                }
            }
            matrix.factor().unwrap();
            matrix.solve(&mut b);
            prop_assert!(b.iter().zip(&x).all(|(got, x)| (got - x).abs() < 1e-12));
        }
    }

    #[test]
    fn says_which_pivot_failed() {
        let mut matrix = Banded::zeros(3, 1);
        matrix.add(0, 0, 1.0);
        matrix.add(1, 1, -1.0);
        assert_eq!(matrix.factor(), Err(Error::NotPositiveDefinite { what: "banded matrix", row: 1 }));
    }
}
