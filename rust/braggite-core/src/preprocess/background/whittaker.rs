//! Whittaker family: a stiff curve, fitted again and again with weights that release the peaks.
//!
//! Each pass solves (W + lam D'D) z = W y; the members differ only in how residuals become weights.

use std::borrow::Cow;
use std::f64::consts::TAU;

use super::passes::{Begun, Matrix, Room, Start, alone, definite};
use super::{Background, Reweighting};
use crate::error::{Error, Result};
use crate::grid::{check_finite, check_length};
use crate::linalg::pentadiagonal::Penalty;

/// Residuals below this share of the largest ordinate are the solver's rounding.
const ROUNDING: f64 = 1e-9;

/// When to stop, and what every pass keeps.
#[derive(Debug, Clone, Copy)]
pub struct WhittakerOptions<'a> {
    /// Passes after the first.
    pub max_iterations: usize,
    /// Change of the weights (airPLS: negative residual over |y|) below which the iteration has converged.
    pub tol: f64,
    /// Non-negative factors on the weights of every pass; 0 masks a point. `None`: all 1.
    pub weights: Option<&'a [f64]>,
}

/// lam at which the filter passes half of a wave of period `width`: `(width / (2 pi step))^4`.
///
/// With equal weights a wave of angular frequency `w` per point is damped to `1 / (1 + lam (2 sin(w/2))^4)`; structure
/// much narrower than `width` is a peak, much wider is background, at any sampling.
pub fn lam_for_width(width: f64, step: f64) -> f64 {
    (width / (TAU * step)).powi(4)
}

/// Asymmetric least squares at equal steps; see [`Reweighting::Asls`].
///
/// # Errors
/// As [`whittaker`].
pub fn asls(y: &[f64], lam: f64, p: f64, options: WhittakerOptions<'_>) -> Result<Background> {
    whittaker(y, &Penalty::uniform(y.len(), lam)?, Reweighting::Asls { p }, options, &mut Room::new(y.len()))
}

/// airPLS at equal steps; see [`Reweighting::Airpls`].
///
/// # Errors
/// As [`whittaker`].
pub fn airpls(y: &[f64], lam: f64, options: WhittakerOptions<'_>) -> Result<Background> {
    whittaker(y, &Penalty::uniform(y.len(), lam)?, Reweighting::Airpls, options, &mut Room::new(y.len()))
}

/// arPLS at equal steps; see [`Reweighting::Arpls`].
///
/// # Errors
/// As [`whittaker`].
pub fn arpls(y: &[f64], lam: f64, options: WhittakerOptions<'_>) -> Result<Background> {
    whittaker(y, &Penalty::uniform(y.len(), lam)?, Reweighting::Arpls, options, &mut Room::new(y.len()))
}

/// Fit a background of the Whittaker family.
///
/// # Errors
/// `NotFinite`, `LengthMismatch`; `InvalidOption` for `p` outside (0, 1), a negative `tol` or negative weights.
pub fn whittaker(
    y: &[f64],
    penalty: &Penalty,
    reweighting: Reweighting,
    options: WhittakerOptions<'_>,
    room: &mut Room,
) -> Result<Background> {
    fit(y, penalty, reweighting, options, None, room)
}

/// As [`whittaker`], with other factors (`later`) on the weights of every pass but the first.
pub(super) fn fit(
    y: &[f64],
    penalty: &Penalty,
    rule: Reweighting,
    options: WhittakerOptions<'_>,
    later: Option<&[f64]>,
    room: &mut Room,
) -> Result<Background> {
    let n = penalty.len();
    check_length("workspace", room.curve.as_flattened(), n)?;
    alone(n, options, |run, curve| {
        run.side_by_side(|_| begin(y, n, rule, options, later.map(Cow::Borrowed)), &mut Smoother(penalty), room, curve)
    })
}

/// A row that starts from the weights given; `later` are other factors on those of every later pass.
pub(super) fn begin<'a>(
    y: &'a [f64],
    n: usize,
    rule: Reweighting,
    options: WhittakerOptions<'a>,
    later: Option<Cow<'a, [f64]>>,
) -> Result<Begun<'a>> {
    check_door(y, n, rule, options)?;
    let first = options.weights.map(Cow::Borrowed);
    let given = later.or_else(|| first.clone());
    Ok(Begun::Fit(Start { y, rule, first, given }))
}

/// (W + lam D'D) z = W y.
pub(super) struct Smoother<'a>(pub &'a Penalty);

impl<const L: usize> Matrix<L> for Smoother<'_> {
    fn solve(&mut self, Room { solver, y, weights, curve, .. }: &mut Room<L>) -> [Result<()>; L] {
        definite(self.0.solve_lanes(weights, y, curve, solver))
    }
}

/// Whether the curve passes through every point that counts, but for rounding: then there are no peaks to release.
pub(super) fn meets(y: &[f64], z: &[f64], given: &[f64]) -> bool {
    let largest = largest(y, Some(given));
    y.iter().zip(z).zip(given).all(|((y, z), g)| within_rounding(*y, *z, *g, largest))
}

/// The largest |y| that counts.
pub(super) fn largest(y: &[f64], given: Option<&[f64]>) -> f64 {
    let greater = |a: f64, b: f64| if b > a { b } else { a };
    let Some(given) = given else {
        let mut parts = [0.0_f64; 8];
        let (chunks, rest) = y.as_chunks::<8>();
        for chunk in chunks {
            parts = std::array::from_fn(|k| greater(parts[k], chunk[k].abs()));
        }
        return parts.iter().chain(rest).fold(0.0, |a, b| greater(a, b.abs()));
    };
    y.iter().zip(given).filter(|(_, g)| **g > 0.0).fold(0.0, |a, (y, _)| greater(a, y.abs()))
}

/// Whether a point does not count or differs from the curve by rounding of the largest ordinate only.
pub(super) fn within_rounding(y: f64, z: f64, given: f64, largest: f64) -> bool {
    given == 0.0 || (y - z).abs() <= ROUNDING * largest
}

/// Refuse ordinates and options that mean nothing.
pub(super) fn check_door(y: &[f64], n: usize, rule: Reweighting, options: WhittakerOptions<'_>) -> Result<()> {
    check_length("y", y, n)?;
    check_finite("y", y)?;
    if let Reweighting::Asls { p } | Reweighting::Psalsa { p, .. } | Reweighting::Derpsalsa { p, .. } = rule
        && !(p > 0.0 && p < 1.0)
    {
        return Err(Error::InvalidOption { name: "p", value: p, reason: "must be between 0 and 1" });
    }
    if let Reweighting::Psalsa { k, .. } | Reweighting::Derpsalsa { k, .. } = rule
        && !(k > 0.0 && k.is_finite())
    {
        return Err(Error::InvalidOption { name: "k", value: k, reason: "must be above 0" });
    }
    if let Reweighting::Aspls { steepness } = rule
        && !(steepness > 0.0 && steepness.is_finite())
    {
        let (name, reason) = ("asymmetric_coef", "must be above 0");
        return Err(Error::InvalidOption { name, value: steepness, reason });
    }
    if !(options.tol >= 0.0 && options.tol.is_finite()) {
        return Err(Error::InvalidOption { name: "tol", value: options.tol, reason: "must not be negative" });
    }
    let Some(given) = options.weights else { return Ok(()) };
    check_length("weights", given, n)?;
    check_finite("weights", given)?;
    if let Some(&value) = given.iter().find(|&&v| v < 0.0) {
        return Err(Error::InvalidOption { name: "weights", value, reason: "must not be negative" });
    }
    let kept = given.iter().filter(|&&v| v > 0.0).count();
    if kept < 4 {
        return Err(Error::TooFewPoints { what: "y outside the mask", got: kept, needed: 4 });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linalg::pentadiagonal::Workspace;
    use proptest::prelude::*;

    const DEFAULT: WhittakerOptions<'static> = WhittakerOptions { max_iterations: 50, tol: 1e-3, weights: None };

    fn spectrum(n: usize) -> Vec<f64> {
        let bump = |i: usize, at: f64, h: f64| h * (-((i as f64 - at) / 8.0).powi(2)).exp();
        (0..n)
            .map(|i| {
                let noise = ((i * 7919 + 13) % 101) as f64 / 101.0 - 0.5;
                100.0 + 0.02 * i as f64 + noise + bump(i, n as f64 / 3.0, 500.0) + bump(i, n as f64 / 1.7, 90.0)
            })
            .collect()
    }

    #[test]
    fn follows_the_ground_under_peaks() {
        let y = spectrum(1000);
        for background in
            [arpls(&y, 1e6, DEFAULT).unwrap(), airpls(&y, 1e6, DEFAULT).unwrap(), asls(&y, 1e6, 0.01, DEFAULT).unwrap()]
        {
            assert!(background.converged);
            for (i, b) in background.curve.iter().enumerate() {
                // the noise is +-0.5; the line underneath is known exactly
                assert!((b - 100.0 - 0.02 * i as f64).abs() < 1.5, "{i}: {b}");
            }
        }
    }

    #[test]
    fn half_gain_at_the_stated_width() {
        let (width, n) = (60.0, 6000);
        let y: Vec<f64> = (0..n).map(|i| (TAU * f64::from(i) / width).sin()).collect();
        let penalty = Penalty::uniform(n as usize, lam_for_width(width, 1.0)).unwrap();
        let mut z = vec![0.0; n as usize];
        penalty.solve(&vec![1.0; n as usize], &y, &mut z, &mut Workspace::new(n as usize)).unwrap();
        let gain = z[2000..4000].iter().fold(0.0_f64, |m, v| m.max(*v));
        // (2 sin(w/2))^4 against w^4 at 60 points a period: 0.1 %
        assert!((gain - 0.5).abs() < 2e-3, "{gain}");
    }

    proptest! {
        #[test]
        fn scales_with_the_ordinates(power in -20_i32..20) {
            let (y, factor) = (spectrum(301), 2f64.powi(power));
            let scaled: Vec<f64> = y.iter().map(|v| v * factor).collect();
            for method in [Reweighting::Arpls, Reweighting::Airpls, Reweighting::Asls { p: 0.01 }] {
                let penalty = Penalty::uniform(301, 1e5).unwrap();
                let one = whittaker(&y, &penalty, method, DEFAULT, &mut Room::new(301)).unwrap();
                let other = whittaker(&scaled, &penalty, method, DEFAULT, &mut Room::new(301)).unwrap();
                prop_assert!(one.curve.iter().zip(&other.curve).all(|(a, b)| (a * factor - b).abs() <= 1e-12 * b.abs()));
            }
        }
    }

    #[test]
    fn masked_points_do_not_matter() {
        let y = spectrum(400);
        let mut weights = vec![1.0; 400];
        weights[100..180].fill(0.0);
        let mut other = y.clone();
        other[100..180].fill(1e9);
        let options = WhittakerOptions { weights: Some(&weights), ..DEFAULT };
        assert_eq!(arpls(&y, 1e5, options).unwrap().iterations, arpls(&other, 1e5, options).unwrap().iterations);
        assert_eq!(arpls(&y, 1e5, options).unwrap().curve, arpls(&other, 1e5, options).unwrap().curve);
    }

    #[test]
    fn refuses_absurd_options_by_name() {
        let y = spectrum(100);
        assert!(matches!(asls(&y, 1e5, 1.0, DEFAULT), Err(Error::InvalidOption { name: "p", .. })));
        assert!(matches!(arpls(&y, -1.0, DEFAULT), Err(Error::InvalidOption { name: "lam", .. })));
        let options = WhittakerOptions { tol: f64::NAN, ..DEFAULT };
        assert!(matches!(arpls(&y, 1.0, options), Err(Error::InvalidOption { name: "tol", .. })));
        assert!(matches!(arpls(&[1.0], 1.0, DEFAULT), Err(Error::TooFewPoints { .. })));
        assert!(matches!(arpls(&[f64::NAN; 9], 1.0, DEFAULT), Err(Error::NotFinite { .. })));
    }
}
