//! What an instrument does to every line, as a standard has shown it.

use crate::error::{Error, Result};
use crate::grid::check_finite;
use crate::linalg::normal::Normal;
use crate::linalg::symmetric::Symmetric;
use crate::matching::model::Model;
use crate::matching::state::{RegionState, Role, State};

/// The numbers of an instrument, in the order of [`Instrument::values`] and of its covariance.
pub const ROLES: [Role; 7] =
    [Role::GaussU, Role::GaussV, Role::GaussW, Role::LorentzX, Role::LorentzY, Role::Axial(0), Role::Zero(0)];

/// A calibrated instrument.
#[derive(Debug, Clone, PartialEq)]
pub struct Instrument {
    /// U, V, W in degrees² (of full widths at half maximum), X, Y in degrees, S/L = H/L, zero in degrees 2-theta.
    pub values: [f64; 7],
    /// Covariance of the values; 0 where nothing is known of it.
    pub covariance: Symmetric,
}

impl Instrument {
    /// Check and assemble; `covariance` by rows.
    ///
    /// # Errors
    /// Numbers that are not finite, an axial ratio below zero, a covariance that is not 7 by 7 or has negative variances.
    pub fn new(values: [f64; 7], covariance: &[Vec<f64>]) -> Result<Self> {
        check_finite("instrument", &values)?;
        if values[5] < 0.0 {
            return Err(Error::InvalidOption { name: "axial_ratio", value: values[5], reason: "must not be negative" });
        }
        let n = values.len();
        let mut matrix = Symmetric::zeros(n);
        for (what, got) in [("covariance", covariance.len())]
            .into_iter()
            .chain(covariance.iter().map(|row| ("row of covariance", row.len())))
        {
            if got != n {
                return Err(Error::LengthMismatch { what, expected: n, got });
            }
        }
        for (i, row) in covariance.iter().enumerate() {
            check_finite("covariance", row)?;
            if row[i] < 0.0 {
                return Err(Error::InvalidOption {
                    name: "covariance",
                    value: row[i],
                    reason: "variances are positive",
                });
            }
            for (j, &value) in row.iter().enumerate().take(i + 1) {
                matrix.set(i, j, value);
            }
        }
        Ok(Self { values, covariance: matrix })
    }

    /// Zero of the goniometer, degrees 2-theta.
    pub fn zero_deg(&self) -> f64 {
        self.values[6]
    }

    /// A state without phases.
    pub fn state(&self) -> State {
        let [u, v, w, x, y, axial_ratio, zero_deg] = self.values;
        State {
            gauss: [u, v, w],
            lorentz: [x, y],
            regions: vec![RegionState { zero_deg, axial_ratio, ..RegionState::default() }],
            phases: Vec::new(),
        }
    }

    /// Covariance that the uncertainty of the instrument adds to the numbers and scales of a fit that held it.
    ///
    /// `priors` is the curvature of the priors of the refined numbers.
    ///
    /// # Errors
    /// `NotPositiveDefinite` for a fit whose numbers the data do not determine.
    pub fn inherited(&self, model: &Model<'_>, priors: &[f64]) -> Result<Symmetric> {
        let held: Vec<usize> = (0..ROLES.len()).filter(|&i| !model.roles().contains(&ROLES[i])).collect();
        let slopes = model.slopes(priors, &held.iter().map(|&i| ROLES[i]).collect::<Vec<_>>())?;
        let known = slopes.first().map_or(0, Vec::len);
        let mut inherited = Symmetric::zeros(known);
        for (one, &i) in slopes.iter().zip(&held) {
            for (other, &j) in slopes.iter().zip(&held) {
                let shared = self.covariance.get(i, j);
                for (a, x) in one.iter().enumerate() {
                    for (b, y) in other.iter().enumerate().take(a + 1) {
                        inherited.add(a, b, x * shared * y);
                    }
                }
            }
        }
        Ok(inherited)
    }
}

#[cfg(test)]
mod tests;
