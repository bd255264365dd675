//! A Gaussian convolved with a one-sided exponential decay.

use std::f64::consts::{LN_2, PI};

use crate::lineshape::faddeeva::erfcx;
use crate::lineshape::parameter::ShapeParameter;
use crate::lineshape::profile::{Pointwise, Profile};
use crate::lineshape::scaled_erfc::deficit;
use crate::lineshape::search;

/// Full width of the Gaussian and decay length of the tail above the centre, which may be zero.
pub const PARAMETERS: [ShapeParameter; 2] =
    [ShapeParameter::width("fwhm_gauss"), ShapeParameter::width_or_zero("decay")];

/// Decay lengths over sigma below this draw the same line to the last bit.
const SHORTEST_DECAY: f64 = 1e-13;
/// Above this the line is written by its small distance from the Gaussian, below by the function itself.
const NEARLY_GAUSSIAN: f64 = 8.5;

/// exp(-x² / 2s²) erfcx((s / t - x / s) / sqrt 2) / 2t; the centre is that of the Gaussian, the mean lies t above.
///
/// Grushka (1972), Anal. Chem. 44, 1733; Kalambet et al. (2011), J. Chemometrics 25, 352.
#[derive(Debug, Clone, Copy)]
pub struct ExponentiallyModifiedGaussian {
    sigma: f64,
    decay: f64,
    /// Derivative of sigma to the full width.
    sigma_by_fwhm: f64,
}

impl ExponentiallyModifiedGaussian {
    /// With the parameters of [`PARAMETERS`].
    pub fn new(parameters: &[f64]) -> Self {
        let sigma_by_fwhm = 0.5 / (2.0 * LN_2).sqrt();
        let sigma = parameters[0] * sigma_by_fwhm;
        Self { sigma, decay: parameters[1].max(SHORTEST_DECAY * sigma), sigma_by_fwhm }
    }

    /// Value, slope, curvature and derivative to the decay length.
    fn terms(&self, offset: f64) -> [f64; 4] {
        let (sigma, decay) = (self.sigma, self.decay);
        let (u, ratio) = (offset / sigma, sigma / decay);
        let y = ratio - u;
        let gauss = (-0.5 * u * u).exp() / (sigma * (2.0 * PI).sqrt());
        if y > NEARLY_GAUSSIAN {
            let d = deficit(y / std::f64::consts::SQRT_2);
            let lean = ratio / y;
            let slope = gauss / sigma * lean * (ratio * d.first - u);
            let curvature = gauss / (sigma * sigma) * lean * (u * u - lean * lean * (1.0 - d.second));
            let by_decay = gauss / sigma * ratio * lean * (u / y - d.second * lean + d.first);
            return [gauss * lean * (1.0 - d.first), slope, curvature, by_decay];
        }
        let z = y / std::f64::consts::SQRT_2;
        let value = if z < 0.0 {
            ((ratio * (0.5 * ratio - u)).exp() - 0.5 * (-0.5 * u * u).exp() * erfcx(-z)) / decay
        } else {
            0.5 * (-0.5 * u * u).exp() * erfcx(z) / decay
        };
        // t f' + f = g, and its derivatives.
        let slope = (gauss - value) / decay;
        let curvature = (-u * gauss / sigma - slope) / decay;
        [value, slope, curvature, -(value + ratio * (y * value - ratio * gauss)) / decay]
    }
}

impl Pointwise<4> for ExponentiallyModifiedGaussian {
    fn at(&self, offset: f64) -> [f64; 4] {
        let [value, slope, curvature, by_decay] = self.terms(offset);
        // A Gaussian spreads as heat does: the derivative to sigma is sigma times the curvature.
        [value, -slope, self.sigma * curvature * self.sigma_by_fwhm, by_decay]
    }
}

impl Profile<4> for ExponentiallyModifiedGaussian {
    fn scale(&self) -> f64 {
        self.sigma + self.decay
    }

    fn mode(&self) -> f64 {
        // Between the median of the Gaussian and the mean of the whole.
        search::mode(self, 0.0, self.decay)
    }
}
