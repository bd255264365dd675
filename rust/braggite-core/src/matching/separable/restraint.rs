//! What is known of linear unknowns before the data.

use crate::linalg::envelope::Envelope;

/// A combination of linear unknowns that is known: weight (sum of factor times unknown - target)² joins the objective.
#[derive(Debug, Clone, PartialEq)]
pub struct Restraint {
    /// Unknowns and their factors.
    pub terms: Vec<(usize, f64)>,
    /// What the combination should be.
    pub target: f64,
    /// One over its variance.
    pub weight: f64,
}

impl Restraint {
    /// One unknown near zero, within `sd`.
    pub fn to_zero(unknown: usize, sd: f64) -> Self {
        Self { terms: vec![(unknown, 1.0)], target: 0.0, weight: sd.powi(-2) }
    }

    /// How far the combination is from its target.
    fn miss(&self, linear: &[f64]) -> f64 {
        self.target - self.terms.iter().map(|&(i, factor)| factor * linear[i]).sum::<f64>()
    }

    /// Its part of the objective.
    pub fn penalty(&self, linear: &[f64]) -> f64 {
        self.weight * self.miss(linear).powi(2)
    }

    /// Add half its negative gradient.
    pub fn add_descent(&self, linear: &[f64], descent: &mut [f64]) {
        let pull = self.weight * self.miss(linear);
        self.terms.iter().for_each(|&(i, factor)| descent[i] += pull * factor);
    }

    /// Add its curvature; unknowns for which `row` is None do not move.
    pub fn add_curvature(&self, matrix: &mut Envelope, row: impl Fn(usize) -> Option<usize>) {
        let terms: Vec<(usize, f64)> = self.terms.iter().filter_map(|&(i, factor)| Some((row(i)?, factor))).collect();
        for (k, &(a, by_a)) in terms.iter().enumerate() {
            for &(b, by_b) in &terms[..=k] {
                matrix.add(a, b, self.weight * by_a * by_b);
            }
        }
    }
}
