//! The core level of a metal, whose conduction electrons take up energy.

use std::f64::consts::{FRAC_PI_2, PI};

use crate::lineshape::parameter::ShapeParameter;
use crate::lineshape::profile::{Pointwise, Profile};

/// Full width of the lifetime (the line itself is wider) and asymmetry.
pub const PARAMETERS: [ShapeParameter; 2] =
    [ShapeParameter::width("fwhm_lorentz"), ShapeParameter::number("alpha", 0.0, 0.5, 0.1)];

/// cos(pi a / 2 + (1 - a) atan(e)) / (1 + e²)^((1 - a) / 2) with e = 2 (centre - x) / w, divided by its maximum.
///
/// The tail points to higher x, that is binding energy. Its area is infinite for a > 0.
/// Doniach and Sunjic (1970), J. Phys. C 3, 285.
#[derive(Debug, Clone, Copy)]
pub struct DoniachSunjic {
    width: f64,
    alpha: f64,
    /// Reciprocal of the maximum and derivative of its logarithm to alpha.
    norm: f64,
    log_norm_slope: f64,
}

impl DoniachSunjic {
    /// With the parameters of [`PARAMETERS`].
    pub fn new(parameters: &[f64]) -> Self {
        let alpha = parameters[1];
        // The maximum is sin(pi / (2 - a))^(2 - a).
        let angle = PI / (2.0 - alpha);
        let log_sine = angle.sin().ln();
        let norm = (-(2.0 - alpha) * log_sine).exp();
        // d/da [-(2 - a) ln sin(pi / (2 - a))]
        let log_norm_slope = log_sine - angle / angle.tan();
        Self { width: parameters[0], alpha, norm, log_norm_slope }
    }
}

impl Pointwise<4> for DoniachSunjic {
    fn at(&self, offset: f64) -> [f64; 4] {
        let power = 1.0 - self.alpha;
        let e = -2.0 * offset / self.width;
        let turn = e.atan();
        let angle = FRAC_PI_2 * self.alpha + power * turn;
        let (sine, cosine) = angle.sin_cos();
        let logarithm = 0.5 * (e * e).ln_1p();
        let size = self.norm * (-power * logarithm).exp();
        let by_e = -size * power / (1.0 + e * e) * (sine + cosine * e);
        let by_alpha = size * (cosine * (logarithm + self.log_norm_slope) - sine * (FRAC_PI_2 - turn));
        [size * cosine, by_e * 2.0 / self.width, -by_e * e / self.width, by_alpha]
    }
}

impl Profile<4> for DoniachSunjic {
    fn scale(&self) -> f64 {
        self.width
    }

    fn mode(&self) -> f64 {
        // e = cot(pi / (2 - a))
        -0.5 * self.width / (PI / (2.0 - self.alpha)).tan()
    }

    fn height(&self, gradient: &mut [f64]) -> f64 {
        gradient.fill(0.0);
        1.0
    }

    fn area(&self) -> Option<f64> {
        (self.alpha == 0.0).then_some(FRAC_PI_2 * self.width)
    }
}
