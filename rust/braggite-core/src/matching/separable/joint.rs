//! Curvature over nonlinear unknowns, the linear ones eliminated without leaving the envelope.

use crate::linalg::envelope::{Envelope, EnvelopeCholesky};
use crate::linalg::normal::Normal;
use crate::matching::column::Gram;
use crate::optimise::curvature::Curvature;

/// Share of the diagonal added for linear unknowns, so that two that draw the same do not stop a step.
pub const RIDGE: f64 = 1e-10;

/// Normal matrix over nonlinear unknowns and the linear ones beside them.
///
/// As a [`Curvature`] it is the Schur complement of the linear part; a step is solved with both together, which stays
/// sparse where the complement would fill.
#[derive(Debug, Clone)]
pub struct JointCurvature {
    matrix: Envelope,
    /// Row of each nonlinear unknown.
    theta: Vec<usize>,
    /// Rows of the linear unknowns, ascending.
    linear: Vec<usize>,
    linear_factor: Option<EnvelopeCholesky>,
}

impl JointCurvature {
    /// From the products of weighted derivative columns, the first `n_theta` of them to nonlinear unknowns.
    pub fn new(gram: Gram, n_theta: usize) -> Self {
        let rows = gram.rows();
        let mut matrix = gram.matrix;
        let mut linear = rows[n_theta..].to_vec();
        linear.sort_unstable();
        for &row in &linear {
            matrix.stiffen(row, RIDGE);
        }
        let linear_factor = matrix.restricted(&linear).cholesky("linear unknowns", f64::EPSILON).ok();
        Self { matrix, theta: rows[..n_theta].to_vec(), linear, linear_factor }
    }

    fn spread(&self, x: &[f64]) -> Vec<f64> {
        let mut whole = vec![0.0; self.matrix.order()];
        for (&row, value) in self.theta.iter().zip(x) {
            whole[row] = *value;
        }
        whole
    }
}

impl Curvature for JointCurvature {
    fn zeros(n: usize) -> Self {
        Self {
            matrix: Envelope::zeros((0..n).collect()),
            theta: (0..n).collect(),
            linear: Vec::new(),
            linear_factor: None,
        }
    }

    fn diagonal(&self, i: usize) -> f64 {
        self.matrix.get(self.theta[i], self.theta[i])
    }

    fn add_to_diagonal(&mut self, i: usize, value: f64) {
        self.matrix.add_to_diagonal(self.theta[i], value);
    }

    fn times(&self, x: &[f64]) -> Vec<f64> {
        let mut whole = self.spread(x);
        if let Some(factor) = &self.linear_factor {
            let product = self.matrix.times(&whole);
            let mut answer: Vec<f64> = self.linear.iter().map(|&row| product[row]).collect();
            factor.solve(&mut answer);
            for (&row, value) in self.linear.iter().zip(answer) {
                whole[row] = -value;
            }
        }
        let product = self.matrix.times(&whole);
        self.theta.iter().map(|&row| product[row]).collect()
    }

    fn damped_solution(&self, right: &[f64], free: &[bool], damping: f64) -> Option<Vec<f64>> {
        let mut kept = vec![false; self.matrix.order()];
        let mut damped = self.matrix.clone();
        for &row in &self.linear {
            kept[row] = true;
        }
        for (i, &row) in self.theta.iter().enumerate() {
            kept[row] = free[i];
            damped.add_to_diagonal(row, damping * self.diagonal(i));
        }
        let whole = damped.solve_free(&self.spread(right), &kept, "step").ok()?;
        Some(self.theta.iter().map(|&row| whole[row]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::symmetric::{Symmetric, dot};
    use crate::matching::column::Column;

    /// The same curvature formed densely: nonlinear block minus its part along the linear columns.
    fn dense(columns: &[Column], n_theta: usize) -> Symmetric {
        let all = |i: usize, j: usize| columns[i].times(&columns[j]);
        let mut linear = Symmetric::zeros(columns.len() - n_theta);
        for i in n_theta..columns.len() {
            (n_theta..=i).for_each(|j| linear.set(i - n_theta, j - n_theta, all(i, j)));
        }
        let factor = linear.cholesky("test").unwrap();
        let mut schur = Symmetric::zeros(n_theta);
        for i in 0..n_theta {
            let mut solved: Vec<f64> = (n_theta..columns.len()).map(|k| all(k, i)).collect();
            factor.solve(&mut solved);
            for j in 0..=i {
                let beside: Vec<f64> = (n_theta..columns.len()).map(|k| all(k, j)).collect();
                schur.set(i, j, all(i, j) - dot(&solved, &beside));
            }
        }
        schur
    }

    #[test]
    fn is_the_schur_complement() {
        let wave = |start: usize, length: u32, k: f64| Column {
            start,
            values: (0..length).map(|i| (0.3 + k * f64::from(i)).sin()).collect(),
        };
        let columns = [wave(0, 9, 0.4), wave(12, 10, 0.9), wave(6, 11, 1.3), wave(2, 8, 0.2), wave(0, 24, 0.05)];
        let joint = JointCurvature::new(Gram::of(&columns.iter().collect::<Vec<&Column>>()), 3);
        let dense = dense(&columns, 3);
        let x = [0.7, -1.1, 0.4];
        for (a, b) in joint.times(&x).iter().zip(Curvature::times(&dense, &x)) {
            assert!((a - b).abs() < 1e-8, "dense complement: {a} against {b}");
        }
        // Without damping the step is Newton's on the complement, also with one unknown held.
        for free in [[true; 3], [true, false, true]] {
            let ours = joint.damped_solution(&x, &free, 0.0).unwrap();
            let theirs = dense.damped_solution(&x, &free, 0.0).unwrap();
            assert!(ours.iter().zip(&theirs).all(|(a, b)| (a - b).abs() < 1e-7), "{ours:?} against {theirs:?}");
        }
    }
}
