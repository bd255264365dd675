//! Broadened lines of photoelectron spectroscopy; tails point to high binding energy where x is that.

use std::f64::consts::PI;

use crate::lineshape::convolved::{Convolved, Damped};
use crate::lineshape::doniach_sunjic::{self, DoniachSunjic};
use crate::lineshape::parameter::ShapeParameter;
use crate::lineshape::pearson7::{EXPONENTS, gamma_half_ratio};
use crate::lineshape::profile::{Pointwise, Profile};

const GAUSS: ShapeParameter = ShapeParameter::width_or_zero("fwhm_gauss");
const DAMPING: ShapeParameter = ShapeParameter::width("damping");
const HIGH: ShapeParameter = ShapeParameter::number("exponent_high", EXPONENTS[0], EXPONENTS[1], 1.0);
const LOW: ShapeParameter = ShapeParameter::number("exponent_low", EXPONENTS[0], EXPONENTS[1], 1.0);

/// Doniach-Sunjic and the full width of the Gaussian.
pub const DONIACH_SUNJIC_GAUSS: [ShapeParameter; 3] =
    [doniach_sunjic::PARAMETERS[0], doniach_sunjic::PARAMETERS[1], GAUSS];
/// The same with the distance at which damping halves the line.
pub const DONIACH_SUNJIC_DAMPED: [ShapeParameter; 4] =
    [doniach_sunjic::PARAMETERS[0], doniach_sunjic::PARAMETERS[1], DAMPING, GAUSS];
/// Width of the Lorentzian, its exponents above and below the centre, and the full width of the Gaussian.
pub const LA: [ShapeParameter; 4] = [ShapeParameter::width("fwhm_lorentz"), HIGH, LOW, GAUSS];
/// The same with the distance at which damping halves the line.
pub const LF: [ShapeParameter; 5] = [ShapeParameter::width("fwhm_lorentz"), HIGH, LOW, DAMPING, GAUSS];

/// Doniach-Sunjic of unit height convolved with a Gaussian of unit area.
pub fn doniach_sunjic_gauss(parameters: &[f64]) -> Convolved<5, 4, DoniachSunjic> {
    let inner = DoniachSunjic::new(parameters);
    Convolved::new(inner, parameters[0], parameters[2], inner.area())
}

/// Doniach-Sunjic with a damped tail, of unit area, convolved with a Gaussian.
pub fn doniach_sunjic_damped(parameters: &[f64]) -> Convolved<6, 5, Damped<5, 4, DoniachSunjic>> {
    let inner = Damped::new(DoniachSunjic::new(parameters), parameters[0], parameters[2]);
    Convolved::new(inner, parameters[0], parameters[3], Some(1.0)).of_damped(parameters[2])
}

/// LA of `CasaXPS`: a Lorentzian raised to one power above and to another below the centre, convolved with a Gaussian.
pub fn la(parameters: &[f64]) -> Convolved<6, 5, PowerLorentzian> {
    Convolved::new(PowerLorentzian::new(parameters), parameters[0], parameters[3], Some(1.0))
}

/// The same with damped tails, in the manner of LF of `CasaXPS`, whose formula is not published.
pub fn lf(parameters: &[f64]) -> Convolved<7, 6, Damped<6, 5, PowerLorentzian>> {
    let inner = Damped::new(PowerLorentzian::new(parameters), parameters[0], parameters[3]);
    Convolved::new(inner, parameters[0], parameters[4], Some(1.0)).of_damped(parameters[3])
}

/// (1 + 4 (x / w)²)^(-a) of unit area, a being one number above and another below the centre.
#[derive(Debug, Clone, Copy)]
pub struct PowerLorentzian {
    width: f64,
    exponents: [f64; 2],
    height: f64,
    /// Derivatives of the logarithm of the height to the exponents.
    log_height: [f64; 2],
}

impl PowerLorentzian {
    fn new(parameters: &[f64]) -> Self {
        let (width, exponents) = (parameters[0], [parameters[1], parameters[2]]);
        let ratios = exponents.map(gamma_half_ratio);
        let halves = ratios.map(|(ratio, _)| 0.25 * PI.sqrt() * width / ratio);
        let area = halves[0] + halves[1];
        let log_height = [0, 1].map(|side: usize| halves[side] * ratios[side].1 / area);
        Self { width, exponents, height: 1.0 / area, log_height }
    }
}

impl Pointwise<5> for PowerLorentzian {
    fn at(&self, offset: f64) -> [f64; 5] {
        let u = offset / self.width;
        let side = usize::from(offset < 0.0);
        let logarithm = (4.0 * u * u).ln_1p();
        let value = self.height * (-self.exponents[side] * logarithm).exp();
        let by_centre = value * self.exponents[side] * 8.0 * u / (self.width * (1.0 + 4.0 * u * u));
        let mut by = self.log_height.map(|slope| slope * value);
        by[side] -= logarithm * value;
        [value, by_centre, u * by_centre - value / self.width, by[0], by[1]]
    }
}
