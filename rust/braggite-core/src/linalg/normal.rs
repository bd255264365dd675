//! What a solver asks of a symmetric positive definite matrix, however it is stored.

use crate::error::Result;

/// A symmetric positive definite matrix, such as the normal matrix of a least-squares problem.
pub trait Normal: Sized {
    /// Number of rows.
    fn order(&self) -> usize;

    /// Entry at (`row`, `column`).
    fn get(&self, row: usize, column: usize) -> f64;

    /// This matrix times `x`.
    fn times(&self, x: &[f64]) -> Vec<f64>;

    /// The rows and columns of `keep`, ascending.
    #[must_use]
    fn restricted(&self, keep: &[usize]) -> Self;

    /// Solve A x = b in place.
    ///
    /// # Errors
    /// `NotPositiveDefinite`.
    fn solve(self, b: &mut [f64], what: &'static str) -> Result<()>;

    /// Solution with the unknowns that are not `free` held at zero.
    ///
    /// # Errors
    /// `NotPositiveDefinite` when the matrix restricted to the free unknowns is singular.
    fn solve_free(&self, b: &[f64], free: &[bool], what: &'static str) -> Result<Vec<f64>> {
        let keep: Vec<usize> = (0..b.len()).filter(|&i| free[i]).collect();
        let mut solution = vec![0.0; b.len()];
        if keep.is_empty() {
            return Ok(solution);
        }
        let mut right: Vec<f64> = keep.iter().map(|&i| b[i]).collect();
        self.restricted(&keep).solve(&mut right, what)?;
        for (&i, value) in keep.iter().zip(right) {
            solution[i] = value;
        }
        Ok(solution)
    }
}
