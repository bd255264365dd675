//! A column of a design matrix that is zero outside an extent.

use std::ops::Range;

use crate::linalg::envelope::Envelope;
use crate::linalg::symmetric::{add_scaled, dot};

/// Values over the points from `start` on; zero elsewhere.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Column {
    /// Index of its first point.
    pub start: usize,
    /// Values.
    pub values: Vec<f64>,
}

impl Column {
    /// Zeros over `extent`.
    pub fn zeros(extent: Range<usize>) -> Self {
        Self { start: extent.start, values: vec![0.0; extent.len()] }
    }

    /// Its points.
    pub fn extent(&self) -> Range<usize> {
        self.start..self.start + self.values.len()
    }

    /// Its value at a point; None outside its extent.
    pub fn at(&self, point: usize) -> Option<f64> {
        self.values.get(point.checked_sub(self.start)?).copied()
    }

    /// Make it all zeros over `extent`, in the memory it has.
    pub fn clear_over(&mut self, extent: Range<usize>) {
        self.start = extent.start;
        self.values.clear();
        self.values.resize(extent.len(), 0.0);
    }

    /// Become the part of `column` over `points`, all of it where None.
    pub fn copy_part(&mut self, column: &Self, points: Option<&Range<usize>>) {
        let whole = column.extent();
        let points = points.unwrap_or(&whole);
        let start = points.start.clamp(whole.start, whole.end);
        let end = points.end.clamp(start, whole.end);
        self.start = start;
        self.values.clear();
        self.values.extend_from_slice(&column.values[start - whole.start..end - whole.start]);
    }

    /// The part over `points`, which lie inside its extent where there are any.
    pub fn over(&mut self, points: Range<usize>) -> &mut [f64] {
        if points.is_empty() {
            return &mut [];
        }
        &mut self.values[points.start - self.start..points.end - self.start]
    }

    /// Sum over all points of its values times `values`, one a point.
    pub fn along(&self, values: &[f64]) -> f64 {
        dot(&self.values, &values[self.extent()])
    }

    /// Add `factor` times the column to `target`, one value a point.
    pub fn add_to(&self, target: &mut [f64], factor: f64) {
        add_scaled(&mut target[self.extent()], factor, &self.values);
    }

    /// The same where `target` may end before the column does.
    pub fn add_before(&self, target: &mut [f64], factor: f64) {
        let end = self.extent().end.min(target.len());
        if self.start < end {
            add_scaled(&mut target[self.start..end], factor, &self.values[..end - self.start]);
        }
    }

    /// Sum of products with another column.
    pub fn times(&self, other: &Self) -> f64 {
        let (mine, theirs) = (self.extent(), other.extent());
        let (low, high) = (mine.start.max(theirs.start), mine.end.min(theirs.end));
        if low >= high {
            return 0.0;
        }
        dot(&self.values[low - mine.start..high - mine.start], &other.values[low - theirs.start..high - theirs.start])
    }
}

/// Products of columns with each other, in an order that keeps them in an envelope.
#[derive(Debug, Clone)]
pub struct Gram {
    /// Which column each row belongs to.
    pub order: Vec<usize>,
    /// The products.
    pub matrix: Envelope,
}

impl Gram {
    /// Products of all `columns`.
    ///
    /// Sorted by the end of their extents, columns that overlap fill the whole envelope and nothing else: right ends
    /// are a perfect elimination order of an interval graph. Those that reach over everything come last, as a border.
    pub fn of(columns: &[&Column]) -> Self {
        Self::coupled(columns, std::iter::empty())
    }

    /// The same with room for what joins columns that do not overlap: all of one coupling with each other.
    pub fn coupled<'c>(columns: &[&Column], couplings: impl Iterator<Item = &'c [usize]>) -> Self {
        let mut order: Vec<usize> = (0..columns.len()).collect();
        order.sort_by_key(|&i| (columns[i].extent().end, usize::MAX - columns[i].start));
        let ends: Vec<usize> = order.iter().map(|&i| columns[i].extent().end).collect();
        let mut first: Vec<usize> =
            order.iter().map(|&i| ends.partition_point(|&end| end <= columns[i].start)).collect();
        let rows = inverse(&order);
        for coupling in couplings {
            let leftmost = coupling.iter().map(|&column| rows[column]).min().unwrap_or_default();
            for &column in coupling {
                first[rows[column]] = first[rows[column]].min(leftmost);
            }
        }
        let mut matrix = Envelope::zeros(first);
        for (row, &i) in order.iter().enumerate() {
            let start = matrix.first(row);
            for (entry, &j) in matrix.row_mut(row).iter_mut().zip(&order[start..]) {
                *entry = columns[i].times(columns[j]);
            }
        }
        Self { order, matrix }
    }

    /// Row of each column.
    pub fn rows(&self) -> Vec<usize> {
        inverse(&self.order)
    }
}

fn inverse(order: &[usize]) -> Vec<usize> {
    let mut rows = vec![0; order.len()];
    for (row, &column) in order.iter().enumerate() {
        rows[column] = row;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::normal::Normal;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn holds_every_product(
            extents in prop::collection::vec((0..30_usize, 0..20_usize), 1..9),
            values in prop::collection::vec(-1.0..1.0_f64, 60),
        ) {
            let columns: Vec<Column> = extents
                .iter()
                .enumerate()
                .map(|(k, &(start, n))| Column { start, values: (0..n).map(|i| values[(7 * k + i) % 60]).collect() })
                .collect();
            let gram = Gram::of(&columns.iter().collect::<Vec<&Column>>());
            let rows = gram.rows();
            for (i, a) in columns.iter().enumerate() {
                let mut whole = vec![0.0; 60];
                a.add_to(&mut whole, 1.0);
                for (j, b) in columns.iter().enumerate() {
                    let product = gram.matrix.get(rows[i], rows[j]);
                    prop_assert!((product - b.along(&whole)).abs() < 1e-12, "product over all points");
                }
            }
        }
    }
}
