//! Lines of a fitted multiplet as a list shows them: each with its uncertainties.

use std::f64::consts::PI;

use super::fit::Fit;
use super::multiplet::{LN_WIDTH, Line, MIXING, Multiplet, SHARED};
use crate::linalg::normal::Normal;

/// Area over height times width of a Lorentzian and a Gaussian.
pub(super) const AREA: [f64; 2] = [PI / 2.0, 1.064_467_019_431_226];
/// Relative change of width and height of a Gaussian and a Lorentzian under a mean over a length, in units of that length
/// over the width, squared (second-order expansion about the half height and the top).
const WIDENED: [f64; 2] = [0.231_049, 0.5];
const LOWERED: [f64; 2] = [0.231_049, 1.0 / 3.0];

/// A value and its standard uncertainty.
pub type Estimate = (f64, f64);

/// One fitted line with its uncertainties, which grow with the scatter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    pub position: Estimate,
    pub height: Estimate,
    /// Integral of the whole line, tails included.
    pub area: Estimate,
    pub fwhm: Estimate,
}

impl Fit {
    /// The lines as they are where each point is a mean over the length `blur` of the axis; `None` where the points do not
    /// determine them.
    pub fn measured(&self, blur: f64) -> Option<Vec<Measured>> {
        let Multiplet { lines, fwhm, mixing, .. } = &self.multiplet;
        let covariance = self.curvature.clone().cholesky("covariance").ok()?.inverse();
        let su = |index: usize| (self.scatter * covariance.get(index, index)).sqrt();
        let share = AREA[1] + mixing * (AREA[0] - AREA[1]);
        let blur = (blur / fwhm).powi(2);
        let widened = 1.0 + blur * (WIDENED[0] + mixing * (WIDENED[1] - WIDENED[0]));
        let lowered = 1.0 - blur * (LOWERED[0] + mixing * (LOWERED[1] - LOWERED[0]));
        let measured = lines.iter().enumerate().map(|(k, Line { at, height })| {
            let (by_at, by_height) = (SHARED + 2 * k, SHARED + 2 * k + 1);
            let area = height * fwhm * share;
            let gradient = [(LN_WIDTH, area), (MIXING, height * fwhm * (AREA[0] - AREA[1])), (by_height, fwhm * share)];
            let variance: f64 =
                gradient.iter().flat_map(|(i, a)| gradient.map(|(j, b)| a * b * covariance.get(*i, j))).sum();
            Measured {
                position: (*at, su(by_at)),
                height: (height / lowered, su(by_height)),
                area: (area, (self.scatter * variance).sqrt()),
                fwhm: (fwhm / widened, fwhm * su(LN_WIDTH)),
            }
        });
        Some(measured.collect())
    }
}
