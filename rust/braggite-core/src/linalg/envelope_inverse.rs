//! The inverse of an envelope matrix as far as the envelope reaches.
//!
//! Takahashi, Fagan and Chin, Proc. 8th PICA Conf. (1973) 63: the entries of the inverse where the factor has entries
//! follow backwards from each other. The rest of the inverse, which is full, is never formed.

use std::ops::Range;

use crate::linalg::envelope::{Envelope, EnvelopeCholesky};
use crate::linalg::normal::Normal;
use crate::linalg::symmetric::{add_scaled, dot};

/// Rows nearer to each other than this are one run: what lies between them costs less than a run of its own.
const GAP: usize = 8;

/// The rows below a column of the factor that reach back to it, in runs, with the entries of the column there.
#[derive(Debug, Default)]
struct Below {
    column: usize,
    /// The last row first.
    rows: Vec<usize>,
    /// The first run first, and where each begins in `entries`.
    runs: Vec<(Range<usize>, usize)>,
    /// Zero in a row of a run that does not reach back to the column.
    entries: Vec<f64>,
    /// The inverse times the entries, in the rows that reach back.
    products: Vec<f64>,
}

impl Below {
    /// Go on to `column`, which is the one before that of the last call.
    fn go_to(&mut self, column: usize, factor: &Envelope) {
        self.column = column;
        self.rows.retain(|&row| factor.first(row) <= column);
        self.runs.clear();
        self.entries.clear();
        for &row in self.rows.iter().rev() {
            match self.runs.last_mut() {
                Some((run, _)) if row - run.end < GAP => {
                    self.entries.resize(self.entries.len() + row - run.end, 0.0);
                    run.end = row + 1;
                }
                _ => self.runs.push((row..row + 1, self.entries.len())),
            }
            self.entries.push(factor.row(row)[column - factor.first(row)]);
        }
        self.rows.push(column);
    }

    /// The rows that reach back, and where each stands in `entries`.
    fn reaching<'a>(&'a self, matrix: &'a Envelope) -> impl Iterator<Item = (usize, usize)> + 'a {
        let rows = self.runs.iter().flat_map(|(run, begin)| run.clone().zip(*begin..));
        rows.filter(|&(row, _)| matrix.first(row) <= self.column)
    }

    /// Multiply the entries by what is known of the inverse.
    fn multiply(&mut self, inverse: &Envelope) {
        let mut products = std::mem::take(&mut self.products);
        products.clear();
        products.resize(self.entries.len(), 0.0);
        for (row, place) in self.reaching(inverse) {
            let (values, first) = (inverse.row(row), inverse.first(row));
            let entry = self.entries[place];
            products[place] += entry * values[row - first];
            for (columns, begin) in &self.runs {
                if columns.start >= row {
                    break;
                }
                let values = &values[columns.start - first..columns.end.min(row) - first];
                let over = *begin..begin + values.len();
                products[place] += dot(values, &self.entries[over.clone()]);
                add_scaled(&mut products[over], entry, values);
            }
        }
        self.products = products;
    }
}

impl EnvelopeCholesky {
    /// Entries of the inverse of A where the envelope of A has entries.
    pub fn inverse_inside(&self) -> Envelope {
        let factor = self.factor();
        let mut inverse = Envelope::zeros((0..factor.order()).map(|row| factor.first(row)).collect());
        let mut below = Below::default();
        for column in (0..factor.order()).rev() {
            let pivot = factor.get(column, column);
            below.go_to(column, factor);
            below.multiply(&inverse);
            let mut diagonal = 1.0 / pivot;
            for (row, place) in below.reaching(factor) {
                let entry = -below.products[place] / pivot;
                inverse.set(row, column, entry);
                diagonal -= below.entries[place] * entry;
            }
            inverse.set(column, column, diagonal / pivot);
        }
        inverse
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_far_apart_meet() {
        // A band, rows that reach further back, and a border over everything: runs of rows with gaps between.
        let first = |row: usize| match row {
            67.. => 0,
            _ if row.is_multiple_of(13) => row.saturating_sub(31),
            _ => row.saturating_sub(3),
        };
        let mut matrix = Envelope::zeros((0..70).map(first).collect());
        for row in 0..70 {
            let start = matrix.first(row);
            for (entry, column) in matrix.row_mut(row).iter_mut().zip(start..) {
                *entry = if column == row { 20.0 } else { ((7 * row + 3 * column) % 11) as f64 / 10.0 - 0.5 };
            }
        }
        let factor = matrix.clone().cholesky("test", f64::EPSILON).unwrap();
        let (inside, whole) = (factor.inverse_inside(), factor.inverse());
        for row in 0..70 {
            for column in matrix.first(row)..=row {
                let (got, want) = (inside.get(row, column), whole.get(row, column));
                assert!((got - want).abs() < 1e-14, "full inverse at {row}, {column}: {got} against {want}");
            }
        }
    }
}
