//! The diagonals of the inverse of a symmetric matrix with five diagonals, without the inverse.
//!
//! Takahashi, Fagan and Chin, Proc. 8th PICA Conf. (1973) 63: from L D L', the elements of the inverse inside the bands
//! follow backwards, row by row. Done in dual numbers, the same recurrence also gives the derivative of the inverse of
//! A + t B, which is -A^-1 B A^-1: the covariance of a linear smoother.

use std::ops::{Div, Mul, Neg, Sub};

use crate::error::{Error, Result};
use crate::grid::check_length;

/// A value and its derivative.
#[derive(Debug, Clone, Copy, Default)]
struct Dual(f64, f64);

impl Sub for Dual {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0, self.1 - other.1)
    }
}

impl Mul for Dual {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self(self.0 * other.0, self.0 * other.1 + self.1 * other.0)
    }
}

impl Div for Dual {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let value = self.0 / other.0;
        Self(value, (self.1 - value * other.1) / other.0)
    }
}

impl Neg for Dual {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0, -self.1)
    }
}

/// Diagonals of A^-1 and of A^-1 B A^-1.
#[derive(Debug, Clone, PartialEq)]
pub struct SelectedInverse {
    /// The main diagonal of A^-1.
    pub inverse: Vec<f64>,
    /// The main diagonal of A^-1 B A^-1.
    pub sandwich: Vec<f64>,
    /// The first diagonal beside it: element (i, i + 1); the last is 0.
    pub sandwich_beside: Vec<f64>,
}

/// For `rows` of A (columns `i - 2` to `i + 2`, zero beyond the ends) plus `add` on its diagonal, and diagonal `b`.
///
/// # Errors
/// `LengthMismatch`; `NotPositiveDefinite`.
pub fn selected_inverse(rows: &[[f64; 5]], add: &[f64], b: &[f64]) -> Result<SelectedInverse> {
    let n = rows.len();
    check_length("add", add, n)?;
    check_length("b", b, n)?;
    let (pivots, first, second) = factors(rows, add, b)?;
    let one = Dual(1.0, 0.0);
    let mut result = SelectedInverse { inverse: vec![0.0; n], sandwich: vec![0.0; n], sandwich_beside: vec![0.0; n] };
    // elements (i + 1, i + 1), (i + 1, i + 2), (i + 2, i + 2) of the inverse
    let (mut below, mut beside, mut last) = (Dual::default(), Dual::default(), Dual::default());
    for i in (0..n).rev() {
        let right = -(first[i] * below) - second[i] * beside;
        let far = -(first[i] * beside) - second[i] * last;
        let here = one / pivots[i] - first[i] * right - second[i] * far;
        result.inverse[i] = here.0;
        result.sandwich[i] = -here.1;
        result.sandwich_beside[i] = -right.1;
        (last, beside, below) = (below, right, here);
    }
    Ok(result)
}

type Factors = (Vec<Dual>, Vec<Dual>, Vec<Dual>);

/// D and the two diagonals of L.
fn factors(rows: &[[f64; 5]], add: &[f64], b: &[f64]) -> Result<Factors> {
    let n = rows.len();
    let zero = Dual::default();
    let (mut pivots, mut first, mut second) = (vec![zero; n], vec![zero; n], vec![zero; n]);
    for i in 0..n {
        let (one, two) = (i.checked_sub(1), i.checked_sub(2));
        let at = |values: &[Dual], index: Option<usize>| index.map_or(zero, |k| values[k]);
        let (l1, l2) = (at(&first, one), at(&second, two));
        let pivot = Dual(rows[i][2] + add[i], b[i]) - l1 * l1 * at(&pivots, one) - l2 * l2 * at(&pivots, two);
        if pivot.0.is_nan() || pivot.0 <= 0.0 {
            return Err(Error::NotPositiveDefinite { what: "inverse", row: i });
        }
        pivots[i] = pivot;
        first[i] = (Dual(rows[i][3], 0.0) - at(&second, one) * at(&pivots, one) * l1) / pivot;
        second[i] = Dual(rows[i][4], 0.0) / pivot;
    }
    Ok((pivots, first, second))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::pentadiagonal::{Penalty, Workspace};

    #[test]
    fn is_what_solving_for_every_unit_vector_gives() {
        let n = 25;
        let weights: Vec<f64> = (0..n).map(|i| 0.5 + ((i * 7) % 5) as f64).collect();
        let b: Vec<f64> = (0..n).map(|i| 1.0 + ((i * 3) % 4) as f64).collect();
        let penalty = Penalty::uniform(n, 30.0).unwrap();
        let found = selected_inverse(&penalty.rows(), &weights, &b).unwrap();
        let mut columns = vec![vec![0.0; n]; n];
        for (j, column) in columns.iter_mut().enumerate() {
            let unit: Vec<f64> = (0..n).map(|i| f64::from(u8::from(i == j)) / weights[i]).collect();
            penalty.solve(&weights, &unit, column, &mut Workspace::new(n)).unwrap();
        }
        let sandwich = |i: usize, j: usize| (0..n).map(|k| columns[k][i] * b[k] * columns[k][j]).sum::<f64>();
        for (i, column) in columns.iter().enumerate() {
            // two direct solvers, condition about 16 lam
            assert!((found.inverse[i] / column[i] - 1.0).abs() < 1e-11);
            assert!((found.sandwich[i] / sandwich(i, i) - 1.0).abs() < 1e-10);
            assert!(i + 1 == n || (found.sandwich_beside[i] / sandwich(i, i + 1) - 1.0).abs() < 1e-10);
        }
    }

    #[test]
    fn refuses_what_is_not_positive_definite() {
        let rows = Penalty::uniform(9, 1.0).unwrap().rows();
        let error = selected_inverse(&rows, &[-9.0; 9], &[1.0; 9]);
        assert!(matches!(error, Err(Error::NotPositiveDefinite { .. })));
    }
}
