//! Savitzky-Golay: a polynomial fitted to the points around each point.

use super::Smoothed;
use super::local_fit::LocalFit;
use crate::error::{Error, Result};
use crate::grid::{Grid, check_finite, check_length};

/// What is fitted around each point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SavitzkyGolayOptions {
    /// Number of points of a fit; odd.
    pub window_length: usize,
    /// Degree of the polynomial.
    pub polyorder: usize,
    /// 0: the curve, 1 and 2: its derivatives by the axis.
    pub deriv: usize,
}

/// Smooth `y`; `variance` of each ordinate is carried through.
///
/// Savitzky and Golay, Anal. Chem. 36 (1964) 1627. Up to half a window from either end, the polynomial of the outermost
/// window is used. Where steps are unequal each polynomial is fitted at the true positions.
///
/// # Errors
/// `LengthMismatch`, `NotFinite`; `InvalidOption` by name.
pub fn savitzky_golay(grid: Grid<'_>, y: &[f64], variance: &[f64], options: SavitzkyGolayOptions) -> Result<Smoothed> {
    check_door(grid, y, variance, options)?;
    let fits = Fits { x: grid.x(), step: grid.mean_step(), options };
    let mut smoothed = Smoothed { curve: vec![0.0; y.len()], variance: vec![0.0; y.len()], ..fits.in_the_middle() };
    let (half, n) = (options.window_length / 2, y.len());
    let mut fit = LocalFit::default();
    let (mut c, mut t) = (Vec::new(), Vec::new());
    let mut point = |i: usize, out: &mut Smoothed| {
        let start = fits.coefficients(i, &mut fit, &mut t, &mut c);
        let near = start..start + c.len();
        out.curve[i] = c.iter().zip(&y[near.clone()]).map(|(c, y)| c * y).sum();
        out.variance[i] = c.iter().zip(&variance[near]).map(|(c, v)| c * c * v).sum();
    };
    let singly = if grid.is_even() { half } else { n };
    for i in (0..singly.min(n)).chain(singly.max(n - half.min(singly))..n) {
        point(i, &mut smoothed);
    }
    if grid.is_even() {
        fits.coefficients(n / 2, &mut fit, &mut t, &mut c);
        let squares: Vec<f64> = c.iter().map(|c| c * c).collect();
        correlate(&c, y, &mut smoothed.curve[half..n - half]);
        correlate(&squares, variance, &mut smoothed.variance[half..n - half]);
    }
    Ok(smoothed)
}

/// `to[i] = sum over k of c[k] from[i + k]`, one pass over `to` for each k so that the passes vectorise.
fn correlate(c: &[f64], from: &[f64], to: &mut [f64]) {
    to.fill(0.0);
    for (k, c) in c.iter().enumerate() {
        for (to, from) in to.iter_mut().zip(&from[k..]) {
            *to += c * from;
        }
    }
}

/// The fits of one spectrum.
#[derive(Clone, Copy)]
struct Fits<'a> {
    x: &'a [f64],
    step: f64,
    options: SavitzkyGolayOptions,
}

impl Fits<'_> {
    /// The coefficients at point `i`; returns the first point they belong to.
    fn coefficients(self, i: usize, fit: &mut LocalFit, t: &mut Vec<f64>, c: &mut Vec<f64>) -> usize {
        let SavitzkyGolayOptions { window_length, polyorder, deriv } = self.options;
        let start = i.saturating_sub(window_length / 2).min(self.x.len() - window_length);
        let centre = self.x[start + window_length / 2];
        t.clear();
        t.extend(self.x[start..start + window_length].iter().map(|x| (x - centre) / self.step));
        fit.coefficients(t, t[i - start], polyorder, deriv, c);
        let unit = self.step.powi(-i32::try_from(deriv).unwrap_or(0));
        for c in c {
            *c *= unit;
        }
        start
    }

    /// Gain and correlation at the middle point, with an empty curve.
    fn in_the_middle(self) -> Smoothed {
        let (mut fit, mut t, mut c, mut d) = (LocalFit::default(), Vec::new(), Vec::new(), Vec::new());
        let middle = self.x.len() / 2;
        let start = self.coefficients(middle, &mut fit, &mut t, &mut c);
        let next = self.coefficients((middle + 1).min(self.x.len() - 1), &mut fit, &mut t, &mut d);
        let own = |c: &[f64]| c.iter().map(|c| c * c).sum::<f64>();
        let common: f64 = c[next - start..].iter().zip(&d).map(|(c, d)| c * d).sum();
        let neighbour_correlation = common / (own(&c) * own(&d)).sqrt().max(f64::MIN_POSITIVE);
        Smoothed { curve: Vec::new(), variance: Vec::new(), noise_gain: own(&c).sqrt(), neighbour_correlation }
    }
}

fn check_door(grid: Grid<'_>, y: &[f64], variance: &[f64], options: SavitzkyGolayOptions) -> Result<()> {
    check_length("y", y, grid.len())?;
    check_finite("y", y)?;
    check_length("variance", variance, y.len())?;
    check_finite("variance", variance)?;
    let SavitzkyGolayOptions { window_length, polyorder, deriv } = options;
    let refuse = |name, value: usize, reason| Err(Error::InvalidOption { name, value: value as f64, reason });
    if window_length % 2 == 0 || window_length > y.len() {
        return refuse("window_length", window_length, "must be odd and at most the number of points");
    }
    if polyorder >= window_length || polyorder > 20 {
        return refuse("polyorder", polyorder, "must be below window_length and at most 20");
    }
    if deriv > 2 {
        return refuse("deriv", deriv, "must be 0, 1 or 2");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_polynomial_of_its_order_stays_at_any_steps(
            steps in proptest::collection::vec(0.2_f64..3.0, 12..40), a in -3.0_f64..3.0, b in -1.0_f64..1.0, deriv in 0_usize..3,
        ) {
            let x: Vec<f64> = steps.iter().scan(0.0, |at, s| { *at += s; Some(*at) }).collect();
            let y: Vec<f64> = x.iter().map(|x| 2.0 + a * x + b * x * x).collect();
            let options = SavitzkyGolayOptions { window_length: 7, polyorder: 3, deriv };
            let result = savitzky_golay(Grid::new(&x).unwrap(), &y, &vec![1.0; y.len()], options).unwrap();
            for (x, found) in x.iter().zip(&result.curve) {
                let truth = [2.0 + a * x + b * x * x, a + 2.0 * b * x, 2.0 * b][deriv];
                // rounding of ordinates up to 1e4 over steps as small as 0.2, squared for the second derivative
                prop_assert!((found - truth).abs() < 1e-7, "{found} {truth}");
            }
        }
    }

    #[test]
    fn the_noise_of_a_mean_of_five() {
        let x: Vec<f64> = (0..50).map(f64::from).collect();
        let options = SavitzkyGolayOptions { window_length: 5, polyorder: 0, deriv: 0 };
        let result = savitzky_golay(Grid::new(&x).unwrap(), &[1.0; 50], &[4.0; 50], options).unwrap();
        assert!(result.variance.iter().all(|v| (v - 0.8).abs() < 1e-12));
        assert!((result.noise_gain - 0.2_f64.sqrt()).abs() < 1e-12);
        assert!((result.neighbour_correlation - 0.8).abs() < 1e-12);
    }

    #[test]
    fn refuses_by_name() {
        let x: Vec<f64> = (0..9).map(f64::from).collect();
        let run = |window_length, polyorder, deriv| {
            let options = SavitzkyGolayOptions { window_length, polyorder, deriv };
            savitzky_golay(Grid::new(&x).unwrap(), &[1.0; 9], &[1.0; 9], options)
        };
        assert!(matches!(run(4, 2, 0), Err(Error::InvalidOption { name: "window_length", .. })));
        assert!(matches!(run(11, 2, 0), Err(Error::InvalidOption { name: "window_length", .. })));
        assert!(matches!(run(5, 5, 0), Err(Error::InvalidOption { name: "polyorder", .. })));
        assert!(matches!(run(5, 2, 3), Err(Error::InvalidOption { name: "deriv", .. })));
    }
}
