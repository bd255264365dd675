//! How the solution of a fit follows numbers that it holds.

use crate::error::Result;
use crate::linalg::normal::Normal;
use crate::matching::model::Model;
use crate::matching::state::Role;

impl Model<'_> {
    /// Names of the moving numbers.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// Derivative of moving numbers and scales (each 0 where the data do not determine it) to every number of `held`.
    ///
    /// -A⁻¹ C, with A the normal matrix of what the fit solves and C its columns to the held numbers; `priors` is the
    /// curvature of the priors of the moving numbers.
    ///
    /// # Errors
    /// `NotPositiveDefinite`.
    pub fn slopes(&self, priors: &[f64], held: &[Role]) -> Result<Vec<Vec<f64>>> {
        let (n_moving, n_held) = (self.roles.len(), held.len());
        let mut wider = self.clone();
        wider.move_also(held.to_vec());
        let (mut normal, _) = wider.joint_equations();
        for (i, value) in priors.iter().enumerate() {
            normal.add(i, i, *value);
        }
        let linear = self.active_linear().into_iter().map(|i| n_moving + n_held + i);
        let solved: Vec<usize> = (0..n_moving).chain(linear).filter(|&i| normal.get(i, i) > 0.0).collect();
        let factor = normal.restricted(&solved).cholesky("covariance")?;
        let slopes = (n_moving..n_moving + n_held).map(|column| {
            let mut solution: Vec<f64> = solved.iter().map(|&i| -normal.get(i, column)).collect();
            factor.solve(&mut solution);
            let mut slope = vec![0.0; n_moving + self.phases.len()];
            for (&i, value) in solved.iter().zip(solution) {
                let place = if i < n_moving { i } else { i - n_held };
                if let Some(entry) = slope.get_mut(place) {
                    *entry = value;
                }
            }
            slope
        });
        Ok(slopes.collect())
    }
}
