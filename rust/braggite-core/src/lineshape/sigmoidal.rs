//! A pseudo-Voigt whose width changes along the axis as a sigmoid.

#![allow(clippy::inline_always, reason = "one source compiled for two instruction sets")]

use std::f64::consts::{FRAC_PI_2, LN_2, PI};

use crate::exponential::exp;
use crate::lineshape::elementary::Gaussian;
use crate::lineshape::parameter::ShapeParameter;
use crate::lineshape::profile::{Pointwise, Profile};
use crate::lineshape::search;

/// Width at the centre, Lorentzian share, and asymmetry in reciprocal widths: above 0 the left side is the wider one.
pub const PARAMETERS: [ShapeParameter; 3] = [
    ShapeParameter::width("fwhm"),
    ShapeParameter::number("eta", 0.0, 1.0, 0.5),
    ShapeParameter::number("asymmetry", -2.0, 2.0, 0.0),
];

/// Beyond this the narrow side has no tail left, and exponentials would leave the range of numbers.
const STEEPEST: f64 = 80.0;

/// The pseudo-Voigt with w(x) = 2 w / (1 + exp(a x / w)), divided by its area.
///
/// Stancik and Brauns (2008), Vib. Spectrosc. 47, 66, whose asymmetry is a / w.
#[derive(Debug, Clone, Copy)]
pub struct Sigmoidal {
    fwhm: f64,
    inverse: f64,
    eta: f64,
    asymmetry: f64,
    /// Reciprocal of the area, and derivatives of its logarithm to eta and asymmetry.
    norm: f64,
    log_norm: [f64; 2],
}

/// Lorentzian and Gaussian part in full widths at the centre: value, slope, derivative to the asymmetry.
#[inline(always)]
fn parts(u: f64, asymmetry: f64) -> [[f64; 3]; 2] {
    let grown = exp((asymmetry * u).min(STEEPEST));
    // Reciprocal of the width.
    let (r, r_slope, r_by_asymmetry) = (0.5 * (1.0 + grown), 0.5 * asymmetry * grown, 0.5 * u * grown);
    let square = u * u * r * r;
    let l = 1.0 / (1.0 + 4.0 * square);
    let (lorentz, gauss) = (2.0 / PI * r * l, Gaussian::unit_height() * r * exp(-4.0 * LN_2 * square));
    // Derivatives to the reciprocal width, times it, and to the offset alone.
    let lorentz_by_r = 2.0 / PI * l * l * (1.0 - 4.0 * square);
    let gauss_by_r = gauss / r * (1.0 - 8.0 * LN_2 * square);
    let lorentz_by_u = -8.0 * u * r * r * lorentz * l;
    let gauss_by_u = -8.0 * LN_2 * u * r * r * gauss;
    [
        [lorentz, lorentz_by_u + lorentz_by_r * r_slope, lorentz_by_r * r_by_asymmetry],
        [gauss, gauss_by_u + gauss_by_r * r_slope, gauss_by_r * r_by_asymmetry],
    ]
}

/// Areas of the two parts and their derivatives to the asymmetry, by the double exponential rule.
fn areas(asymmetry: f64) -> [[f64; 2]; 2] {
    const STEP: f64 = 0.025;
    const NODES: i32 = 150;
    let mut sums = [[0.0; 2]; 2];
    for k in -NODES..=NODES {
        let s = f64::from(k) * STEP;
        let inner = FRAC_PI_2 * s.sinh();
        let weight = STEP * FRAC_PI_2 * s.cosh() * inner.cosh();
        for (sum, part) in sums.iter_mut().zip(parts(inner.sinh(), asymmetry)) {
            sum[0] += weight * part[0];
            sum[1] += weight * part[2];
        }
    }
    sums
}

impl Sigmoidal {
    /// With the parameters of [`PARAMETERS`].
    pub fn new(parameters: &[f64]) -> Self {
        let (fwhm, eta, asymmetry) = (parameters[0], parameters[1], parameters[2]);
        let [lorentz, gauss] = areas(asymmetry);
        let area = eta * lorentz[0] + (1.0 - eta) * gauss[0];
        let by_asymmetry = eta * lorentz[1] + (1.0 - eta) * gauss[1];
        Self {
            fwhm,
            inverse: 1.0 / fwhm,
            eta,
            asymmetry,
            norm: 1.0 / area,
            log_norm: [(gauss[0] - lorentz[0]) / area, -by_asymmetry / area],
        }
    }
}

impl Pointwise<5> for Sigmoidal {
    #[inline(always)]
    fn at(&self, offset: f64) -> [f64; 5] {
        let u = offset * self.inverse;
        let [lorentz, gauss] = parts(u, self.asymmetry);
        let mixed = |k: usize| self.norm * self.inverse * (self.eta * lorentz[k] + (1.0 - self.eta) * gauss[k]);
        let (value, by_u) = (mixed(0), mixed(1));
        let by_eta = self.norm * self.inverse * (lorentz[0] - gauss[0]) + value * self.log_norm[0];
        [value, -by_u * self.inverse, -(value + u * by_u) * self.inverse, by_eta, mixed(2) + value * self.log_norm[1]]
    }
}

impl Profile<5> for Sigmoidal {
    fn scale(&self) -> f64 {
        self.fwhm
    }

    fn mode(&self) -> f64 {
        search::mode(self, -0.5 * self.fwhm, 0.5 * self.fwhm)
    }
}
