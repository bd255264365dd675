//! Gaussian and Lorentzian widths to the pseudo-Voigt that imitates their convolution.

/// Full width and Lorentzian share of the pseudo-Voigt, with derivatives to the two component widths.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mixture {
    /// Full width at half maximum, in the axis unit.
    pub fwhm: f64,
    /// Lorentzian share, 0 to 1.
    pub eta: f64,
    /// Derivative of `fwhm` to the Gaussian and the Lorentzian full width.
    pub d_fwhm: [f64; 2],
    /// Derivative of `eta` to the Gaussian and the Lorentzian full width.
    pub d_eta: [f64; 2],
}

/// Coefficients of H^5 in powers of the Lorentzian width.
const POLYNOMIAL: [f64; 6] = [1.0, 2.69269, 2.42843, 4.47163, 0.07842, 1.0];

/// The mixture for Gaussian and Lorentzian full widths `gauss` > 0 and `lorentz` >= 0.
///
/// Thompson, Cox and Hastings (1987), J. Appl. Cryst. 20, 79, equations (7) and (8).
pub fn mixture(gauss: f64, lorentz: f64) -> Mixture {
    let (mut fifth, mut by_gauss, mut by_lorentz) = (0.0, 0.0, 0.0);
    for (l, c) in (0_i32..).zip(POLYNOMIAL) {
        let g = 5 - l;
        fifth += c * gauss.powi(g) * lorentz.powi(l);
        if g > 0 {
            by_gauss += c * f64::from(g) * gauss.powi(g - 1) * lorentz.powi(l);
        }
        if l > 0 {
            by_lorentz += c * f64::from(l) * gauss.powi(g) * lorentz.powi(l - 1);
        }
    }
    let fwhm = fifth.powf(0.2);
    let chain = 0.2 * fwhm / fifth;
    let d_fwhm = [chain * by_gauss, chain * by_lorentz];
    let q = lorentz / fwhm;
    let eta = q * (1.36603 + q * (-0.47719 + q * 0.11116));
    let slope = 1.36603 + q * (-2.0 * 0.47719 + q * 3.0 * 0.11116);
    let d_eta = [-slope * q / fwhm * d_fwhm[0], slope * (1.0 - q * d_fwhm[1]) / fwhm];
    Mixture { fwhm, eta, d_fwhm, d_eta }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pure_components_keep_their_width() {
        let gauss = mixture(0.1, 0.0);
        assert!((gauss.fwhm - 0.1).abs() < 1e-15 && gauss.eta == 0.0);
        let lorentz = mixture(1e-12, 0.1);
        assert!((lorentz.fwhm - 0.1).abs() < 1e-11 && (lorentz.eta - 1.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn derivatives_agree_with_differences(gauss in 0.02..0.5_f64, lorentz in 0.001..0.5_f64) {
            let m = mixture(gauss, lorentz);
            let h = 1e-6;
            let (g_up, g_down) = (mixture(gauss + h, lorentz), mixture(gauss - h, lorentz));
            let (l_up, l_down) = (mixture(gauss, lorentz + h), mixture(gauss, lorentz - h));
            prop_assert!(((g_up.fwhm - g_down.fwhm) / (2.0 * h) - m.d_fwhm[0]).abs() < 1e-6);
            prop_assert!(((l_up.fwhm - l_down.fwhm) / (2.0 * h) - m.d_fwhm[1]).abs() < 1e-6);
            prop_assert!(((g_up.eta - g_down.eta) / (2.0 * h) - m.d_eta[0]).abs() < 1e-4);
            prop_assert!(((l_up.eta - l_down.eta) / (2.0 * h) - m.d_eta[1]).abs() < 1e-4);
        }
    }
}
