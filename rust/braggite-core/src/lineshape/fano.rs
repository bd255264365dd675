//! A resonance that interferes with a continuum.

#![allow(clippy::inline_always, reason = "one source compiled for two instruction sets")]

use std::f64::consts::PI;

use crate::lineshape::parameter::ShapeParameter;
use crate::lineshape::profile::{Pointwise, Profile};

/// Width of the resonance and Fano's q, whose sign is the side of the maximum.
pub const FANO: [ShapeParameter; 2] =
    [ShapeParameter::width("fwhm_lorentz"), ShapeParameter::number("q", -1e6, 1e6, 10.0)];

/// Width of the resonance and 1/q, the coupling to the continuum; 0 is a Lorentzian.
pub const BREIT_WIGNER_FANO: [ShapeParameter; 2] =
    [ShapeParameter::width("fwhm_lorentz"), ShapeParameter::number("inverse_q", -0.99, 0.99, -0.1)];

/// (a + b e)² / ((a² + b²)(1 + e²)) with e = 2 x / w, of unit height; the area is infinite unless b = 0.
///
/// Fano (1961), Phys. Rev. 124, 1866; Klein (1982), in Light Scattering in Solids III, p. 147.
#[derive(Debug, Clone, Copy)]
pub struct Fano {
    fwhm_lorentz: f64,
    a: f64,
    b: f64,
    /// Which of the two is the parameter.
    moves_a: bool,
}

impl Fano {
    /// With the parameters of [`FANO`].
    pub fn by_q(parameters: &[f64]) -> Self {
        Self { fwhm_lorentz: parameters[0], a: parameters[1], b: 1.0, moves_a: true }
    }

    /// With the parameters of [`BREIT_WIGNER_FANO`].
    pub fn by_inverse_q(parameters: &[f64]) -> Self {
        Self { fwhm_lorentz: parameters[0], a: 1.0, b: parameters[1], moves_a: false }
    }

    fn level_crossings(&self, level: f64) -> Option<[f64; 2]> {
        // (a + b e)² = L n (1 + e²) with n = a² + b² is a quadratic in e.
        let n = (self.a * self.a + self.b * self.b) * level;
        let (second, first, zeroth) = (n - self.b * self.b, -self.a * self.b, n - self.a * self.a);
        let root = (first * first - second * zeroth).sqrt();
        (second > 0.0).then(|| [-root, root].map(|root| 0.5 * self.fwhm_lorentz * (root - first) / second))
    }
}

impl Pointwise<4> for Fano {
    #[inline(always)]
    fn at(&self, offset: f64) -> [f64; 4] {
        let (a, b) = (self.a, self.b);
        let to_e = 2.0 / self.fwhm_lorentz;
        let e = offset * to_e;
        let (norm, resonance) = (1.0 / (a * a + b * b), 1.0 / (1.0 + e * e));
        let amplitude = a + b * e;
        let common = 2.0 * amplitude * (b - a * e) * norm * resonance;
        let by_e = common * resonance;
        let by_form = common * norm * if self.moves_a { b } else { -a };
        [amplitude * amplitude * norm * resonance, -by_e * to_e, -by_e * e / self.fwhm_lorentz, by_form]
    }
}

impl Profile<4> for Fano {
    fn scale(&self) -> f64 {
        self.fwhm_lorentz
    }

    fn mode(&self) -> f64 {
        0.5 * self.fwhm_lorentz * self.b / self.a
    }

    fn height(&self, gradient: &mut [f64]) -> f64 {
        gradient.fill(0.0);
        1.0
    }

    /// Infinite for |q| <= 1, where the continuum stands above half of the maximum.
    fn fwhm(&self, gradient: &mut [f64]) -> f64 {
        let width = |fano: &Self| fano.level_crossings(0.5).map_or(f64::INFINITY, |[low, high]| high - low);
        // w (a² + b²) / |a² - b²|
        let (a, b) = (self.a, self.b);
        let difference = a * a - b * b;
        let form = if self.moves_a { -4.0 * a * b * b } else { 4.0 * a * a * b };
        let total = width(self);
        gradient.copy_from_slice(&[total / self.fwhm_lorentz, self.fwhm_lorentz * form / (difference * difference)]);
        total
    }

    fn reach(&self, tail: f64) -> (f64, f64) {
        self.level_crossings(tail).map_or((f64::INFINITY, f64::INFINITY), |[low, high]| (-low, high))
    }

    fn area(&self) -> Option<f64> {
        (self.b == 0.0).then_some(0.5 * PI * self.fwhm_lorentz)
    }
}
