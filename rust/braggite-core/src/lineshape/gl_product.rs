//! The product of a Gaussian and a Lorentzian, GL of photoelectron spectroscopy.

#![allow(clippy::inline_always, reason = "one source compiled for two instruction sets")]

use std::f64::consts::{LN_2, PI};

use crate::exponential::exp;
use crate::lineshape::faddeeva::erfcx;
use crate::lineshape::parameter::ShapeParameter;
use crate::lineshape::profile::{Pointwise, Profile};
use crate::lineshape::scaled_erfc::deficit;

/// Width and mixing: 0 is a Gaussian, 1 a Lorentzian, between them the full width is up to 3 % below the first.
pub const PARAMETERS: [ShapeParameter; 2] =
    [ShapeParameter::width("fwhm"), ShapeParameter::number("mixing", 0.0, 1.0, 0.3)];

/// exp(-4 ln 2 (1 - m) (x / w)²) / (1 + 4 m (x / w)²), divided by its area.
#[derive(Debug, Clone, Copy)]
pub struct GlProduct {
    fwhm: f64,
    inverse: f64,
    /// Exponent and Lorentzian coefficient of the squared offset in widths.
    gauss: f64,
    lorentz: f64,
    height: f64,
    /// Derivative of the logarithm of the height to the mixing.
    log_height_slope: f64,
}

impl GlProduct {
    /// With the parameters of [`PARAMETERS`].
    pub fn new(parameters: &[f64]) -> Self {
        let (fwhm, mixing) = (parameters[0], parameters[1]);
        let (gauss, lorentz) = (4.0 * LN_2 * (1.0 - mixing), 4.0 * mixing);
        let (area, by_gauss, by_lorentz) = area(gauss, lorentz);
        Self {
            fwhm,
            inverse: 1.0 / fwhm,
            gauss,
            lorentz,
            height: 1.0 / (fwhm * area),
            log_height_slope: (4.0 * LN_2 * by_gauss - 4.0 * by_lorentz) / area,
        }
    }
}

/// Integral of exp(-a u²) / (1 + b u²) = pi / sqrt(b) erfcx(sqrt(a / b)), with its derivatives to a and b.
fn area(a: f64, b: f64) -> (f64, f64, f64) {
    // Without Lorentzian: sqrt(pi / a), and moments of the Gaussian for the slopes. Without Gaussian the slope to a is
    // infinite; the floor keeps it a number.
    let gaussian = (PI / a.max(1e-16)).sqrt();
    if b < 1e-300 {
        return (gaussian, -0.5 * gaussian / a, -0.5 * gaussian / a);
    }
    let y = (a / b).sqrt();
    if y < 1.0 {
        let area = PI / b.sqrt() * erfcx(y);
        let by_a = -(gaussian - area) / b;
        return (area, by_a, -(0.5 * area + a * by_a) / b);
    }
    let d = deficit(y);
    (gaussian * (1.0 - d.first), -gaussian * d.first / b, -0.5 * gaussian * (d.second - d.first) / b)
}

impl Pointwise<4> for GlProduct {
    #[inline(always)]
    fn at(&self, offset: f64) -> [f64; 4] {
        let u = offset * self.inverse;
        let square = u * u;
        let l = 1.0 / (1.0 + self.lorentz * square);
        let value = self.height * exp(-self.gauss * square) * l;
        let by_centre = 2.0 * value * u * self.inverse * (self.gauss + self.lorentz * l);
        let by_mixing = value * (self.log_height_slope + 4.0 * square * (LN_2 - l));
        [value, by_centre, u * by_centre - value * self.inverse, by_mixing]
    }
}

impl Profile<4> for GlProduct {
    fn scale(&self) -> f64 {
        self.fwhm
    }
}
