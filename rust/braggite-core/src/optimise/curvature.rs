//! What the minimiser asks of the curvature of a sum of squares, however it is stored.

use crate::linalg::normal::Normal;
use crate::linalg::symmetric::Symmetric;

/// Half the Hessian of an objective over the parameters of a minimisation.
pub trait Curvature {
    /// All zeros over `n` parameters.
    fn zeros(n: usize) -> Self;

    /// Diagonal entry of parameter `i`; 0 for one without influence.
    fn diagonal(&self, i: usize) -> f64;

    /// Add to the diagonal entry of parameter `i`.
    fn add_to_diagonal(&mut self, i: usize, value: f64);

    /// This matrix times `x`.
    fn times(&self, x: &[f64]) -> Vec<f64>;

    /// Solution with `damping` times the diagonal added, zero where not `free`; None where it is not positive definite.
    fn damped_solution(&self, right: &[f64], free: &[bool], damping: f64) -> Option<Vec<f64>>;
}

impl Curvature for Symmetric {
    fn zeros(n: usize) -> Self {
        Self::zeros(n)
    }

    fn diagonal(&self, i: usize) -> f64 {
        self.get(i, i)
    }

    fn add_to_diagonal(&mut self, i: usize, value: f64) {
        self.add(i, i, value);
    }

    fn times(&self, x: &[f64]) -> Vec<f64> {
        Normal::times(self, x)
    }

    fn damped_solution(&self, right: &[f64], free: &[bool], damping: f64) -> Option<Vec<f64>> {
        let keep: Vec<usize> = (0..right.len()).filter(|&i| free[i]).collect();
        let all = keep.len() == right.len();
        let mut matrix = if all { self.clone() } else { self.restricted(&keep) };
        for i in 0..keep.len() {
            matrix.set(i, i, matrix.get(i, i) * (1.0 + damping));
        }
        let mut solution: Vec<f64> = keep.iter().map(|&i| right[i]).collect();
        matrix.solve(&mut solution, "step").ok()?;
        if all {
            return Some(solution);
        }
        let mut whole = vec![0.0; right.len()];
        for (&i, value) in keep.iter().zip(solution) {
            whole[i] = value;
        }
        Some(whole)
    }
}
