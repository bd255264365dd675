//! How the solution of a fit follows numbers that it holds.

use crate::error::Result;
use crate::linalg::normal::Normal;
use crate::matching::column::Gram;
use crate::matching::model::{Model, add_to_theta};
use crate::matching::separable::Drawing;
use crate::matching::state::Role;

impl Model<'_> {
    /// Names of the moving numbers.
    pub fn roles(&self) -> &[Role] {
        self.fit.drawing().roles()
    }

    /// Derivative of moving numbers and linear unknowns of the phases (each 0 where the data do not determine it) to
    /// every number of `held`.
    ///
    /// -A⁻¹ C, with A the normal matrix of what the fit solves and C its columns to the held numbers; `priors` is the
    /// curvature of the priors of the moving numbers.
    ///
    /// # Errors
    /// `NotPositiveDefinite`.
    pub fn slopes(&self, priors: &[f64], held: &[Role]) -> Result<Vec<Vec<f64>>> {
        let (n_moving, n_theta) = (self.n_theta(), self.n_theta() + held.len());
        let mut wider = self.clone();
        wider.move_also(held.to_vec());
        let (mut gram, unknowns) = wider.fit.information(n_theta);
        add_to_theta(&mut gram, priors);
        let rows = gram.rows();
        let Gram { order, matrix } = gram;
        let is_held = |row: usize| (n_moving..n_theta).contains(&order[row]);
        let solved: Vec<usize> = (0..order.len()).filter(|&row| !is_held(row) && matrix.get(row, row) > 0.0).collect();
        let factor = matrix.restricted(&solved).cholesky("covariance", f64::EPSILON)?;
        let slopes = (n_moving..n_theta).map(|column| {
            let mut solution: Vec<f64> = solved.iter().map(|&row| -matrix.get(row, rows[column])).collect();
            factor.solve(&mut solution);
            let mut slope = vec![0.0; n_moving + self.fit.drawing().n_linear()];
            for (&row, value) in solved.iter().zip(solution) {
                let unknown = unknowns[order[row]];
                let place = if unknown < n_moving { unknown } else { unknown - held.len() };
                if let Some(entry) = slope.get_mut(place) {
                    *entry = value;
                }
            }
            slope
        });
        Ok(slopes.collect())
    }
}
