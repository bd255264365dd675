//! The pseudo-Voigt of unit area over a window of points, in the widest vectors the processor has.

#![allow(clippy::inline_always, reason = "one source compiled for two instruction sets")]

use std::f64::consts::{LN_2, PI};

use crate::dispatch::{Kernel, dispatch};
use crate::exponential::exp;
use crate::lineshape::parameter::ShapeParameter;
use crate::lineshape::profile::{Pointwise, Profile};
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
}

impl Window {
    /// Fill the window with the shape centred at `centre` over the ascending points `x`.
    pub fn fill(&mut self, x: &[f64], centre: f64, mixture: &Mixture) {
        let buffers = [&mut self.value, &mut self.by_centre, &mut self.by_gauss, &mut self.by_lorentz];
        let columns = buffers.map(|buffer| {
            buffer.resize(x.len(), 0.0);
            &mut buffer[..]
        });
        fill_columns(x, centre, mixture, WINDOW_GAUSS_REACH, columns);
    }
}

/// Full widths from the centre beyond which a [`Window`] leaves the Gaussian part out: there it is below 2e-11 of its
/// top.
const WINDOW_GAUSS_REACH: f64 = 3.0;

struct Amplitudes {
    inverse_fwhm: f64,
    lorentz: f64,
    gauss: f64,
}

impl Amplitudes {
    fn new(fwhm: f64) -> Self {
        Self { inverse_fwhm: 1.0 / fwhm, lorentz: 2.0 / (PI * fwhm), gauss: 2.0 * (LN_2 / PI).sqrt() / fwhm }
    }

    /// Value and derivatives at `offset`, where the Gaussian has fallen to `g` of its top.
    #[inline(always)]
    fn point(&self, offset: f64, g: f64, mixture: &Mixture) -> [f64; 4] {
        let (lorentz, gauss) = (mixture.eta * self.lorentz, (1.0 - mixture.eta) * self.gauss);
        let u = offset * self.inverse_fwhm;
        let l = 1.0 / (1.0 + 4.0 * u * u);
        let value = lorentz * l + gauss * g;
        let by_centre = 8.0 * u * self.inverse_fwhm * (lorentz * l * l + LN_2 * gauss * g);
        let by_fwhm = (offset * by_centre - value) * self.inverse_fwhm;
        let by_eta = self.lorentz * l - self.gauss * g;
        let by = |k: usize| mixture.d_fwhm[k] * by_fwhm + mixture.d_eta[k] * by_eta;
        [value, by_centre, by(0), by(1)]
    }
}

/// Points of the ascending `x` where the Gaussian part counts.
#[inline(always)]
fn core(x: &[f64], centre: f64, reach: f64) -> std::ops::Range<usize> {
    let start = x.partition_point(|&position| position < centre - reach);
    start..start + x[start..].partition_point(|&position| position <= centre + reach)
}

/// Add `scale` times the shape centred at `centre` to `target`, which stands over the ascending points `x`.
pub fn add_values(target: &mut [f64], x: &[f64], centre: f64, mixture: &Mixture, scale: f64) {
    dispatch(Add { target, x, centre, mixture, scale, gauss_reach: WINDOW_GAUSS_REACH });
}

/// [`add_values`] with the Gaussian part up to `gauss_reach` full widths from the centre.
pub(super) struct Add<'a> {
    pub target: &'a mut [f64],
    pub x: &'a [f64],
    pub centre: f64,
    pub mixture: &'a Mixture,
    pub scale: f64,
    pub gauss_reach: f64,
}

impl Kernel for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { target, x, centre, mixture, scale, gauss_reach } = self;
        let a = Amplitudes::new(mixture.fwhm);
        let (lorentz, gauss) = (scale * mixture.eta * a.lorentz, scale * (1.0 - mixture.eta) * a.gauss);
        let core = core(x, centre, gauss_reach * mixture.fwhm);
        for (sum, &position) in target.iter_mut().zip(x) {
            let u = (position - centre) * a.inverse_fwhm;
            *sum += lorentz / (1.0 + 4.0 * u * u);
        }
        for (sum, &position) in target[core.clone()].iter_mut().zip(&x[core]) {
            let u = (position - centre) * a.inverse_fwhm;
            *sum += gauss * exp(-4.0 * LN_2 * u * u);
        }
    }
}

/// Write the shape over the ascending points `x` and its derivatives to the centre and to the two numbers that
/// `mixture` depends on, the Gaussian part up to `gauss_reach` full widths from the centre.
pub(super) fn fill_columns(x: &[f64], centre: f64, mixture: &Mixture, gauss_reach: f64, columns: [&mut [f64]; 4]) {
    dispatch(Fill { x, centre, mixture, gauss_reach, columns });
}

struct Fill<'a> {
    x: &'a [f64],
    centre: f64,
    mixture: &'a Mixture,
    gauss_reach: f64,
    columns: [&'a mut [f64]; 4],
}

impl Kernel for Fill<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { x, centre, mixture, gauss_reach, columns: [value, by_centre, by_first, by_second] } = self;
        let a = Amplitudes::new(mixture.fwhm);
        let core = core(x, centre, gauss_reach * mixture.fwhm);
        value.fill(0.0);
        for (g, &position) in value[core.clone()].iter_mut().zip(&x[core]) {
            let u = (position - centre) * a.inverse_fwhm;
            *g = exp(-4.0 * LN_2 * u * u);
        }
        let derivatives = by_centre.iter_mut().zip(by_first).zip(by_second);
        for ((&position, value), ((by_centre, by_first), by_second)) in x.iter().zip(value).zip(derivatives) {
            [*value, *by_centre, *by_first, *by_second] = a.point(position - centre, *value, mixture);
        }
    }
}

/// Parameters of the pseudo-Voigt as a shape.
pub const PARAMETERS: [ShapeParameter; 2] =
    [ShapeParameter::width("fwhm"), ShapeParameter::number("eta", 0.0, 1.0, 0.5)];

/// Full widths up to which a shape counts its Gaussian part: there it is below 1e-30 of its top.
const SHAPE_GAUSS_REACH: f64 = 5.0;

/// Relative precision of a reach, and the most steps towards it.
const PRECISE: f64 = 1e-4;
const MAX_STEPS: usize = 20;

/// eta Lorentzian + (1 - eta) Gaussian of one full width, as functions of two numbers.
#[derive(Debug, Clone, Copy)]
pub struct PseudoVoigt(pub(super) Mixture);

impl PseudoVoigt {
    /// With the parameters of [`PARAMETERS`].
    pub fn new(parameters: &[f64]) -> Self {
        Self(Mixture { fwhm: parameters[0], eta: parameters[1], d_fwhm: [1.0, 0.0], d_eta: [0.0, 1.0] })
    }
}

impl Pointwise<4> for PseudoVoigt {
    #[inline(always)]
    fn at(&self, offset: f64) -> [f64; 4] {
        let u = offset / self.0.fwhm;
        let gauss = if u.abs() <= SHAPE_GAUSS_REACH { exp(-4.0 * LN_2 * u * u) } else { 0.0 };
        Amplitudes::new(self.0.fwhm).point(offset, gauss, &self.0)
    }
}

impl Profile<4> for PseudoVoigt {
    fn scale(&self) -> f64 {
        self.0.fwhm
    }

    fn fwhm(&self, gradient: &mut [f64]) -> f64 {
        gradient.copy_from_slice(&self.0.d_fwhm);
        self.0.fwhm
    }

    fn reach(&self, tail: f64) -> (f64, f64) {
        let a = Amplitudes::new(self.0.fwhm);
        let (lorentz, gauss) = (self.0.eta * a.lorentz, (1.0 - self.0.eta) * a.gauss);
        let level = tail * (lorentz + gauss);
        // Either part alone is above the level up to here; from inside, Newton's steps never pass the end of a tail.
        let alone = [(lorentz / level - 1.0).max(0.0) / 4.0, (gauss / level).max(1.0).ln() / (4.0 * LN_2)];
        let mut u = alone[0].max(alone[1]).sqrt();
        for _ in 0..MAX_STEPS {
            let (l, g) = (1.0 / (1.0 + 4.0 * u * u), exp(-4.0 * LN_2 * u * u));
            let slope = 8.0 * u * (lorentz * l * l + LN_2 * gauss * g);
            let step = (lorentz * l + gauss * g - level) / slope;
            u += step;
            if step.is_nan() || step.abs() < PRECISE * u {
                break;
            }
        }
        let reach = self.0.fwhm * u * (1.0 + PRECISE);
        (reach, reach)
    }

    fn fill(&self, x: &[f64], centre: f64, columns: [&mut [f64]; 4]) {
        fill_columns(x, centre, &self.0, SHAPE_GAUSS_REACH, columns);
    }

    fn add_values(&self, x: &[f64], centre: f64, scale: f64, target: &mut [f64]) {
        dispatch(Add { target, x, centre, mixture: &self.0, scale, gauss_reach: SHAPE_GAUSS_REACH });
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
