//! The pseudo-Voigt of unit area over a window of points, in the widest vectors the processor has.

#![allow(clippy::inline_always, reason = "one source compiled for two instruction sets")]

use std::f64::consts::{LN_2, PI};

use crate::exponential::exp;
use crate::lineshape::thompson_cox_hastings::Mixture;

/// Values and derivatives of one line over one window; reused from line to line.
#[derive(Debug, Default, Clone)]
pub struct Window {
    /// Shape, per axis unit.
    pub value: Vec<f64>,
    /// Derivative to the centre.
    pub by_centre: Vec<f64>,
    /// Derivative to the Gaussian full width.
    pub by_gauss: Vec<f64>,
    /// Derivative to the Lorentzian full width.
    pub by_lorentz: Vec<f64>,
    gauss: Vec<f64>,
}

struct Amplitudes {
    inverse_fwhm: f64,
    lorentz: f64,
    gauss: f64,
}

impl Amplitudes {
    fn new(fwhm: f64) -> Self {
        Self { inverse_fwhm: 1.0 / fwhm, lorentz: 2.0 / (PI * fwhm), gauss: 2.0 * (LN_2 / PI).sqrt() / fwhm }
    }
}

/// Add `scale` times the shape centred at `centre` to `target`, which stands over the points `x`.
pub fn add_values(target: &mut [f64], x: &[f64], centre: f64, mixture: &Mixture, scale: f64) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[allow(unsafe_code, reason = "the processor was asked in the line above")]
        // SAFETY: `add_values_avx2` needs nothing but AVX2.
        return unsafe { add_values_avx2(target, x, centre, mixture, scale) };
    }
    add_values_any(target, x, centre, mixture, scale);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn add_values_avx2(target: &mut [f64], x: &[f64], centre: f64, mixture: &Mixture, scale: f64) {
    add_values_any(target, x, centre, mixture, scale);
}

#[inline(always)]
fn add_values_any(target: &mut [f64], x: &[f64], centre: f64, mixture: &Mixture, scale: f64) {
    let a = Amplitudes::new(mixture.fwhm);
    let (lorentz, gauss) = (scale * mixture.eta * a.lorentz, scale * (1.0 - mixture.eta) * a.gauss);
    let core = core(x, centre, mixture.fwhm);
    for (sum, &position) in target.iter_mut().zip(x) {
        let u = (position - centre) * a.inverse_fwhm;
        *sum += lorentz / (1.0 + 4.0 * u * u);
    }
    for (sum, &position) in target[core.clone()].iter_mut().zip(&x[core]) {
        let u = (position - centre) * a.inverse_fwhm;
        *sum += gauss * exp(-4.0 * LN_2 * u * u);
    }
}

/// Full widths from the centre beyond which the Gaussian part is left out: there it is below 2e-11 of its top.
const GAUSS_REACH: f64 = 3.0;

/// Points of the ascending `x` where the Gaussian part counts.
fn core(x: &[f64], centre: f64, fwhm: f64) -> std::ops::Range<usize> {
    let start = x.partition_point(|&position| position < centre - GAUSS_REACH * fwhm);
    start..start + x[start..].partition_point(|&position| position <= centre + GAUSS_REACH * fwhm)
}

impl Window {
    /// Fill the window with the shape centred at `centre` over the points `x`.
    pub fn fill(&mut self, x: &[f64], centre: f64, mixture: &Mixture) {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            #[allow(unsafe_code, reason = "the processor was asked in the line above")]
            // SAFETY: `fill_avx2` needs nothing but AVX2.
            return unsafe { self.fill_avx2(x, centre, mixture) };
        }
        self.fill_any(x, centre, mixture);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn fill_avx2(&mut self, x: &[f64], centre: f64, mixture: &Mixture) {
        self.fill_any(x, centre, mixture);
    }

    #[inline(always)]
    fn fill_any(&mut self, x: &[f64], centre: f64, mixture: &Mixture) {
        let n = x.len();
        for buffer in [&mut self.value, &mut self.by_centre, &mut self.by_gauss, &mut self.by_lorentz] {
            buffer.resize(n, 0.0);
        }
        let a = Amplitudes::new(mixture.fwhm);
        let (lorentz, gauss) = (mixture.eta * a.lorentz, (1.0 - mixture.eta) * a.gauss);
        let core = core(x, centre, mixture.fwhm);
        self.gauss.clear();
        self.gauss.resize(n, 0.0);
        for (g, &position) in self.gauss[core.clone()].iter_mut().zip(&x[core]) {
            let u = (position - centre) * a.inverse_fwhm;
            *g = exp(-4.0 * LN_2 * u * u);
        }
        let derivatives = self.by_centre.iter_mut().zip(&mut self.by_gauss).zip(&mut self.by_lorentz);
        let values = x.iter().zip(&self.gauss).zip(&mut self.value);
        for (((&position, &g), value), ((by_centre, by_gauss), by_lorentz)) in values.zip(derivatives) {
            let offset = position - centre;
            let u = offset * a.inverse_fwhm;
            let l = 1.0 / (1.0 + 4.0 * u * u);
            *value = lorentz * l + gauss * g;
            *by_centre = 8.0 * u * a.inverse_fwhm * (lorentz * l * l + LN_2 * gauss * g);
            let by_fwhm = (offset * *by_centre - *value) * a.inverse_fwhm;
            let by_eta = a.lorentz * l - a.gauss * g;
            *by_gauss = mixture.d_fwhm[0] * by_fwhm + mixture.d_eta[0] * by_eta;
            *by_lorentz = mixture.d_fwhm[1] * by_fwhm + mixture.d_eta[1] * by_eta;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lineshape::thompson_cox_hastings::mixture;

    #[test]
    fn area_is_one() {
        let x: Vec<f64> = (-200_000..=200_000).map(|i| f64::from(i) * 1e-3).collect();
        let mut y = vec![0.0; x.len()];
        add_values(&mut y, &x, 0.0, &mixture(0.05, 0.04), 1.0);
        let area: f64 = y.iter().sum::<f64>() * 1e-3;
        assert!((area - 1.0).abs() < 2e-4, "identity: unit area but for the tails outside, got {area}");
    }

    #[test]
    fn derivatives_agree_with_differences() {
        let x: Vec<f64> = (-50..=50).map(|i| f64::from(i) * 0.01).collect();
        let (gauss, lorentz, centre, h) = (0.08, 0.05, 0.013, 1e-6);
        let value = |g: f64, l: f64, c: f64| {
            let mut y = vec![0.0; x.len()];
            add_values(&mut y, &x, c, &mixture(g, l), 1.0);
            y
        };
        let mut window = Window::default();
        window.fill(&x, centre, &mixture(gauss, lorentz));
        let cases = [
            (&window.by_centre, value(gauss, lorentz, centre + h), value(gauss, lorentz, centre - h)),
            (&window.by_gauss, value(gauss + h, lorentz, centre), value(gauss - h, lorentz, centre)),
            (&window.by_lorentz, value(gauss, lorentz + h, centre), value(gauss, lorentz - h, centre)),
        ];
        for (analytic, up, down) in cases {
            for ((a, u), d) in analytic.iter().zip(&up).zip(&down) {
                let difference = (u - d) / (2.0 * h);
                assert!((a - difference).abs() < 2e-3, "central difference: {a} against {difference}");
            }
        }
        assert_eq!(window.value.len(), x.len());
    }
}
