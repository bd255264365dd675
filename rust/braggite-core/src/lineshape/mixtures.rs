//! Pseudo-Voigts by other numbers than width and share of the area.

use std::f64::consts::{LN_2, PI};

use crate::lineshape::parameter::ShapeParameter;
use crate::lineshape::pseudo_voigt::PseudoVoigt;
use crate::lineshape::thompson_cox_hastings::{Mixture, mixture};

/// Full widths of the Gaussian and the Lorentzian; one of them may be zero.
pub const THOMPSON_COX_HASTINGS: [ShapeParameter; 2] =
    [ShapeParameter::width_or_zero("fwhm_gauss"), ShapeParameter::width_or_zero("fwhm_lorentz")];

/// Full width and Lorentzian share of the height.
pub const GL_SUM: [ShapeParameter; 2] =
    [ShapeParameter::width("fwhm"), ShapeParameter::number("mixing", 0.0, 1.0, 0.3)];

/// The pseudo-Voigt that imitates a Voigt line; Thompson, Cox and Hastings (1987), J. Appl. Cryst. 20, 79.
pub fn thompson_cox_hastings(parameters: &[f64]) -> PseudoVoigt {
    PseudoVoigt(mixture(parameters[0], parameters[1]))
}

/// The sum of a Gaussian and a Lorentzian mixed by heights, SGL of photoelectron spectroscopy.
pub fn gl_sum(parameters: &[f64]) -> PseudoVoigt {
    let (fwhm, mixing) = (parameters[0], parameters[1]);
    // Areas of unit height and unit full width.
    let (lorentz, gauss) = (0.5 * PI, 0.5 * (PI / LN_2).sqrt());
    let area = mixing * lorentz + (1.0 - mixing) * gauss;
    let eta = mixing * lorentz / area;
    PseudoVoigt(Mixture { fwhm, eta, d_fwhm: [1.0, 0.0], d_eta: [0.0, lorentz * gauss / (area * area)] })
}
