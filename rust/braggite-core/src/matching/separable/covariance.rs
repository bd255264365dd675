//! Covariance of all unknowns of a separable fit, and what the data leave undetermined.

use crate::error::{Error, Result};
use crate::linalg::envelope::{Envelope, EnvelopeCholesky};
use crate::linalg::normal::Normal;
use crate::linalg::symmetric::Symmetric;
use crate::matching::column::Gram;
use crate::matching::separable::model::{Pull, Separable};
use crate::matching::separable::{Drawing, Tails};
use crate::optimise::parameter::Parameter;

/// What is known of the value of one unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has a variance.
    Determined,
    /// It stands at a bound, or nothing depends on it; others are as if it were exact.
    Held,
    /// Others can make up for any change of it.
    Undetermined,
}

/// Covariance over nonlinear, then linear unknowns, from the weights and the priors.
#[derive(Debug, Clone)]
pub struct Covariance {
    /// Whether each unknown has a variance.
    pub standing: Vec<Standing>,
    /// Variances and covariances; zero where an unknown has none.
    pub values: Symmetric,
}

/// An unknown of which this share of its information is left beside the others is undetermined.
const DEPENDENT: f64 = 1e-12;
/// Part of a dependence, as a share of its largest, that counts.
const TAKES_PART: f64 = 1e-4;

impl<D: Drawing> Separable<D> {
    /// Covariance at the latest evaluation, which was at `theta`; what columns share with each other is counted where
    /// they are above their `tails`.
    ///
    /// # Errors
    /// Those of the drawing.
    pub fn covariance(&mut self, parameters: &[Parameter], theta: &[f64], tails: Tails) -> Result<Covariance> {
        self.place(theta, tails)?;
        self.weigh_linear();
        let n_theta = theta.len();
        let pulls: Vec<Pull> = (0..self.n_background()).map(|index| self.pull_of_background(index)).collect();
        let (columns, sums) = self.derivatives(n_theta, &pulls.iter().collect::<Vec<&Pull>>());
        let unknowns: Vec<usize> = (0..n_theta).chain(self.active_linear().into_iter().map(|i| n_theta + i)).collect();
        let gram = self.joint(&columns);
        let rows = gram.rows();
        let Gram { order, mut matrix } = gram;
        let total = n_theta + self.linear().len();
        // Far tails look like background: what the two have in common is summed over all points.
        for (index, (pull, sum)) in pulls.iter().zip(&sums).enumerate() {
            let whole = [sum.as_slice(), &self.linear_along(pull)].concat();
            let background = rows[rows.len() - pulls.len() + index];
            for (&row, &unknown) in rows.iter().zip(&unknowns) {
                if unknown < total - pulls.len() {
                    matrix.set(row, background, whole[unknown]);
                }
            }
        }
        for (row, &column) in order.iter().enumerate().filter(|&(_, &column)| column < n_theta) {
            matrix.add_to_diagonal(row, parameters[column].prior.map_or(0.0, |prior| prior.sd.powi(-2)));
        }
        let keep = (0..order.len())
            .filter(|&row| matrix.get(row, row) > 0.0)
            .filter(|&row| order[row] >= n_theta || !parameters[order[row]].at_bound(theta[order[row]]))
            .collect();
        let mut covariance = Covariance { standing: vec![Standing::Held; total], values: Symmetric::zeros(total) };
        let of_row = |row: usize| unknowns[order[row]];
        let (keep, factor, dependent) = factor_what_is_determined(&matrix, keep);
        for &row in &keep {
            covariance.standing[of_row(row)] = Standing::Determined;
        }
        for &row in &dependent {
            covariance.standing[of_row(row)] = Standing::Undetermined;
        }
        let Some(inverse) = factor.map(|factor| factor.inverse()) else { return Ok(covariance) };
        for (i, &a) in keep.iter().enumerate().filter(|(_, row)| !dependent.contains(row)) {
            for (j, &b) in keep.iter().enumerate().take(i + 1).filter(|(_, row)| !dependent.contains(row)) {
                covariance.values.set(of_row(a), of_row(b), inverse.get(i, j));
            }
        }
        Ok(covariance)
    }
}

/// The rows kept, the factor over them, and the rows that depend on each other; the latter may stand among the kept.
fn factor_what_is_determined(
    matrix: &Envelope,
    mut keep: Vec<usize>,
) -> (Vec<usize>, Option<EnvelopeCholesky>, Vec<usize>) {
    let mut dependent = Vec::new();
    while !keep.is_empty() {
        match matrix.restricted(&keep).cholesky("covariance", DEPENDENT) {
            Ok(factor) => return (keep, Some(factor), dependent),
            Err(Error::NotPositiveDefinite { row, .. }) => {
                dependent.extend(dependence(matrix, &keep[..=row]));
                keep.remove(row);
            }
            Err(_) => break,
        }
    }
    (keep, None, dependent)
}

/// Which of `rows` take part in the combination that leaves the last of them without information.
fn dependence(matrix: &Envelope, rows: &[usize]) -> Vec<usize> {
    let (before, last) = (&rows[..rows.len() - 1], rows[rows.len() - 1]);
    let mut combination: Vec<f64> = before.iter().map(|&row| matrix.get(row, last)).collect();
    if matrix.restricted(before).solve(&mut combination, "covariance").is_err() {
        return vec![last];
    }
    combination.push(-1.0);
    let part = |(&row, value): (&usize, &f64)| (row, value.abs() * matrix.get(row, row).sqrt());
    let parts: Vec<(usize, f64)> = rows.iter().zip(&combination).map(part).collect();
    let largest = parts.iter().map(|(_, size)| *size).fold(0.0, f64::max);
    parts.into_iter().filter(|(_, size)| *size >= TAKES_PART * largest).map(|(row, _)| row).collect()
}
