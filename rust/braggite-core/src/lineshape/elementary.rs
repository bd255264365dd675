//! Gaussian and Lorentzian of unit area.

#![allow(clippy::inline_always, reason = "one source compiled for two instruction sets")]

use std::f64::consts::{LN_2, PI};

use crate::exponential::exp;
use crate::lineshape::parameter::ShapeParameter;
use crate::lineshape::profile::{Pointwise, Profile};

/// Parameters of either.
pub const PARAMETERS: [ShapeParameter; 1] = [ShapeParameter::width("fwhm")];

/// 2 sqrt(ln 2 / pi) / w exp(-4 ln 2 (x / w)²).
#[derive(Debug, Clone, Copy)]
pub struct Gaussian {
    fwhm: f64,
    inverse: f64,
}

/// 2 / (pi w) / (1 + 4 (x / w)²).
#[derive(Debug, Clone, Copy)]
pub struct Lorentzian {
    fwhm: f64,
    inverse: f64,
}

impl Gaussian {
    /// Height of a Gaussian of unit area and unit full width.
    pub(super) fn unit_height() -> f64 {
        2.0 * (LN_2 / PI).sqrt()
    }

    /// With the parameters of [`PARAMETERS`].
    pub fn new(parameters: &[f64]) -> Self {
        Self { fwhm: parameters[0], inverse: 1.0 / parameters[0] }
    }
}

impl Lorentzian {
    /// With the parameters of [`PARAMETERS`].
    pub fn new(parameters: &[f64]) -> Self {
        Self { fwhm: parameters[0], inverse: 1.0 / parameters[0] }
    }
}

impl Pointwise<3> for Gaussian {
    #[inline(always)]
    fn at(&self, offset: f64) -> [f64; 3] {
        let u = offset * self.inverse;
        let value = Self::unit_height() * self.inverse * exp(-4.0 * LN_2 * u * u);
        let by_centre = 8.0 * LN_2 * u * self.inverse * value;
        [value, by_centre, u * by_centre - value * self.inverse]
    }
}

impl Profile<3> for Gaussian {
    fn scale(&self) -> f64 {
        self.fwhm
    }

    fn fwhm(&self, gradient: &mut [f64]) -> f64 {
        gradient[0] = 1.0;
        self.fwhm
    }

    fn reach(&self, tail: f64) -> (f64, f64) {
        let reach = self.fwhm * (-tail.ln() / (4.0 * LN_2)).max(0.0).sqrt();
        (reach, reach)
    }
}

impl Pointwise<3> for Lorentzian {
    #[inline(always)]
    fn at(&self, offset: f64) -> [f64; 3] {
        let u = offset * self.inverse;
        let l = 1.0 / (1.0 + 4.0 * u * u);
        let value = 2.0 / PI * self.inverse * l;
        let by_centre = 8.0 * u * self.inverse * value * l;
        [value, by_centre, u * by_centre - value * self.inverse]
    }
}

impl Profile<3> for Lorentzian {
    fn scale(&self) -> f64 {
        self.fwhm
    }

    fn fwhm(&self, gradient: &mut [f64]) -> f64 {
        gradient[0] = 1.0;
        self.fwhm
    }

    fn reach(&self, tail: f64) -> (f64, f64) {
        let reach = 0.5 * self.fwhm * (1.0 / tail - 1.0).max(0.0).sqrt();
        (reach, reach)
    }
}
