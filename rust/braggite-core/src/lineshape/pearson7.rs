//! The Pearson VII line: a Lorentzian raised to a power, from Lorentzian (1) to Gaussian (infinite).

#![allow(clippy::inline_always, reason = "one source compiled for two instruction sets")]

use std::f64::consts::{LN_2, PI};

use crate::exponential::exp;
use crate::lineshape::parameter::ShapeParameter;
use crate::lineshape::profile::{Pointwise, Profile};
use crate::logarithm::ln_1p;

/// Exponents with a finite area and a line that doubles still hold; at the upper end it is a Gaussian to 1e-4.
pub(super) const EXPONENTS: [f64; 2] = [0.51, 1000.0];

/// Full width and exponent.
pub const PARAMETERS: [ShapeParameter; 2] =
    [ShapeParameter::width("fwhm"), ShapeParameter::number("exponent", EXPONENTS[0], EXPONENTS[1], 1.5)];

/// H (1 + 4 (2^(1/m) - 1) (x / w)²)^(-m) of unit area.
///
/// Hall, Veeraraghavan, Rubin and Winchell (1977), J. Appl. Cryst. 10, 66.
#[derive(Debug, Clone, Copy)]
pub struct Pearson7 {
    fwhm: f64,
    inverse: f64,
    exponent: f64,
    /// 4 (2^(1/m) - 1) and its derivative to the exponent.
    steepness: [f64; 2],
    height: f64,
    /// Derivative of the logarithm of the height to the exponent.
    log_height_slope: f64,
}

impl Pearson7 {
    /// With the parameters of [`PARAMETERS`].
    pub fn new(parameters: &[f64]) -> Self {
        let (fwhm, exponent) = (parameters[0], parameters[1]);
        let c = 4.0 * (LN_2 / exponent).exp_m1();
        let slope = -4.0 * LN_2 * (LN_2 / exponent).exp() / (exponent * exponent);
        let (ratio, log_slope) = gamma_half_ratio(exponent);
        Self {
            fwhm,
            inverse: 1.0 / fwhm,
            exponent,
            steepness: [c, slope],
            height: (c / PI).sqrt() * ratio / fwhm,
            log_height_slope: 0.5 * slope / c + log_slope,
        }
    }
}

impl Pointwise<4> for Pearson7 {
    #[inline(always)]
    fn at(&self, offset: f64) -> [f64; 4] {
        let u = offset * self.inverse;
        let [c, c_slope] = self.steepness;
        let logarithm = ln_1p(c * u * u);
        let value = self.height * exp(-self.exponent * logarithm);
        let share = value * self.exponent * u / (1.0 + c * u * u);
        let by_centre = 2.0 * c * share * self.inverse;
        let by_exponent = value * (self.log_height_slope - logarithm) - share * u * c_slope;
        [value, by_centre, u * by_centre - value * self.inverse, by_exponent]
    }
}

impl Profile<4> for Pearson7 {
    fn scale(&self) -> f64 {
        self.fwhm
    }

    fn fwhm(&self, gradient: &mut [f64]) -> f64 {
        gradient.copy_from_slice(&[1.0, 0.0]);
        self.fwhm
    }
}

/// Where the asymptotic series of [`gamma_half_ratio`] is good to the last bits.
const SERIES_FROM: f64 = 40.0;
/// Gamma(z + 1/2) / Gamma(z) over sqrt(z), in powers of 1/z; Tricomi and Erdelyi (1951), Pacific J. Math. 1, 133.
const SERIES: [f64; 7] =
    [1.0, -1.0 / 8.0, 1.0 / 128.0, 5.0 / 1024.0, -21.0 / 32_768.0, -399.0 / 262_144.0, 869.0 / 4_194_304.0];

/// Gamma(m) / Gamma(m - 1/2) and the derivative of its logarithm, for m > 1/2.
pub(super) fn gamma_half_ratio(m: f64) -> (f64, f64) {
    let (mut z, mut factor, mut slope) = (m - 0.5, 1.0, 0.0);
    while z < SERIES_FROM {
        factor *= z / (z + 0.5);
        slope += 1.0 / z - 1.0 / (z + 0.5);
        z += 1.0;
    }
    let r = 1.0 / z;
    let sum = SERIES.iter().rev().fold(0.0, |sum, c| sum * r + c);
    let sum_slope = (0..).zip(SERIES).skip(1).map(|(k, c)| -f64::from(k) * c * r.powi(k + 1)).sum::<f64>();
    (factor * z.sqrt() * sum, slope + 0.5 * r + sum_slope / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratio_of_gamma_functions() {
        // Gamma(1)/Gamma(1/2), Gamma(3/2)/Gamma(1), Gamma(2)/Gamma(3/2)
        for (m, want) in [(1.0, 1.0 / PI.sqrt()), (1.5, 0.5 * PI.sqrt()), (2.0, 2.0 / PI.sqrt())] {
            // forty factors, each rounded
            assert!((gamma_half_ratio(m).0 / want - 1.0).abs() < 2e-14, "{m}");
        }
        // digamma(1) - digamma(1/2) = 2 ln 2
        assert!((gamma_half_ratio(1.0).1 - 2.0 * LN_2).abs() < 2e-13);
    }
}
