//! Bands of phases matched to a spectrum: positions, widths and strengths may each differ from the reference within priors.
//!
//! A vibrational reference is a list of bands, not a spectrum: positions differ from sample to sample within a range,
//! strengths with laser, orientation and mode. So every band has four numbers of its own, each under a Gaussian prior
//! (displacement, logarithm of the width, Lorentzian share, logarithm of the area), and all bands share one shift of the
//! axis. Scales of phases and the background are linear.

mod drawing;

use crate::cancel::CancelFlag;
use crate::error::{Error, Result};
use crate::grid::{Grid, check_finite, check_length};
use crate::linalg::normal::Normal;
use crate::linalg::symmetric::Symmetric;
use crate::lineshape::shape::Shape;
use crate::matching::bands::drawing::{BandDrawing, Own, Placed};
use crate::matching::column::Column;
use crate::matching::peak_fit::Estimate;
use crate::matching::separable::Tails;
use crate::matching::separable::covariance::{Covariance, Standing};
use crate::matching::separable::model::{Linear, Points, Separable};
use crate::optimise::levenberg_marquardt::{Options, Outcome, StopReason, minimise};
use crate::optimise::parameter::Parameter;

/// One band of a reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Position.
    pub position: f64,
    /// Standard deviation of the position from sample to sample.
    pub position_sd: f64,
    /// Area relative to the other bands of its phase.
    pub area: f64,
    /// Standard deviation of its natural logarithm.
    pub ln_area_sd: f64,
    /// Full width at half maximum.
    pub fwhm: f64,
    /// Standard deviation of its natural logarithm.
    pub ln_fwhm_sd: f64,
    /// Whether it is a dip.
    pub negative: bool,
}

/// What is known of all bands before the data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BandPriors {
    /// Standard deviation of the common shift.
    pub shift_sd: f64,
    /// Mean and standard deviation of the share of the Lorentzian.
    pub lorentz: (f64, f64),
    /// Smallest full width.
    pub least_fwhm: f64,
    /// Whether the scale of the last phase may be negative, as a limit needs it.
    pub free_sign: bool,
}

/// One band as fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedBand {
    /// Position, without the common shift taken off.
    pub position: Estimate,
    /// Full width at half maximum.
    pub fwhm: Estimate,
    /// Share of the Lorentzian.
    pub lorentz: Estimate,
    /// Area, negative for a dip.
    pub area: Estimate,
    /// Maximum above background, negative for a dip.
    pub height: f64,
    /// Area over the standard uncertainty that the data alone give it, all other numbers held.
    pub significance: f64,
}

/// The end of a match of bands.
#[derive(Debug, Clone)]
pub struct BandMatch {
    /// Nonlinear unknowns: the shift, then four a band.
    pub theta: Vec<f64>,
    /// Common shift.
    pub shift: Estimate,
    /// Area of each phase, dips left out.
    pub areas: Vec<f64>,
    /// Their covariance.
    pub area_covariance: Symmetric,
    /// The bands, phase by phase.
    pub bands: Vec<FittedBand>,
    /// Calculated ordinates.
    pub calculated: Vec<f64>,
    /// The part of each phase.
    pub curves: Vec<Vec<f64>>,
    /// Weighted sum of squared residuals, and the same with priors.
    pub chi_squared: f64,
    /// The same with the penalties of the priors.
    pub objective: f64,
    /// Natural logarithm of the evidence, up to a constant of the spectrum.
    pub log_evidence: f64,
    /// Steps tried.
    pub iterations: usize,
    /// Why it ended.
    pub stop: StopReason,
}

/// Standard deviations within which a number with a prior is looked for.
const REACH: f64 = 3.0;
/// Bands are followed to this share of their maximum.
const TAIL: f64 = 1e-3;

/// The unknowns of `phases` where they start: at the reference, or at `start`.
///
/// # Errors
/// `LengthMismatch` for a start of another length.
fn parameters(phases: &[Vec<Band>], priors: &BandPriors, start: Option<&[f64]>) -> Result<Vec<Parameter>> {
    let around = |mean: f64, sd: f64, low: f64, high: f64| {
        Parameter::bounded(mean, low.max(mean - REACH * sd), high.min(mean + REACH * sd)).with_prior(mean, sd)
    };
    let everywhere = |mean: f64, sd: f64| around(mean, sd, f64::NEG_INFINITY, f64::INFINITY);
    let mut all = vec![everywhere(0.0, priors.shift_sd)];
    for band in phases.iter().flatten() {
        let ln_fwhm = band.fwhm.max(priors.least_fwhm).ln();
        all.push(everywhere(0.0, band.position_sd));
        all.push(around(ln_fwhm, band.ln_fwhm_sd, priors.least_fwhm.ln(), f64::INFINITY));
        all.push(around(priors.lorentz.0, priors.lorentz.1, 0.0, 1.0));
        all.push(everywhere(0.0, band.ln_area_sd));
    }
    if let Some(start) = start {
        check_length("start", start, all.len())?;
        all.iter_mut().zip(start).for_each(|(parameter, &value)| parameter.value = value);
    }
    Ok(all)
}

fn check(points: Points<'_>, phases: &[Vec<Band>], priors: &BandPriors) -> Result<()> {
    let n = Grid::new(points.x)?.len();
    check_length("y", points.y, n)?;
    check_finite("y", points.y)?;
    check_length("weight", points.weight, n)?;
    check_finite("weight", points.weight)?;
    let positive = [
        ("position_sd", phases.iter().flatten().map(|b| b.position_sd).fold(f64::INFINITY, f64::min)),
        ("area", phases.iter().flatten().map(|b| b.area).fold(f64::INFINITY, f64::min)),
        ("ln_area_sd", phases.iter().flatten().map(|b| b.ln_area_sd).fold(f64::INFINITY, f64::min)),
        ("fwhm", phases.iter().flatten().map(|b| b.fwhm).fold(f64::INFINITY, f64::min)),
        ("ln_fwhm_sd", phases.iter().flatten().map(|b| b.ln_fwhm_sd).fold(f64::INFINITY, f64::min)),
        ("shift_sd", priors.shift_sd),
        ("lorentz_sd", priors.lorentz.1),
        ("least_fwhm", priors.least_fwhm),
    ];
    match positive.into_iter().find(|(_, value)| value.is_nan() || *value <= 0.0) {
        Some((name, value)) => Err(Error::InvalidOption { name, value, reason: "must be above 0" }),
        None => Ok(()),
    }
}

/// Match `phases` and `background` columns to the points of one spectrum.
///
/// # Errors
/// Those of a grid; `NotFinite`, `LengthMismatch`; `InvalidOption` for a number of a band that must be above zero;
/// `Cancelled`.
pub fn match_bands(
    points: Points<'_>,
    phases: &[Vec<Band>],
    background: &[Column],
    priors: &BandPriors,
    start: Option<&[f64]>,
    options: Options,
    cancel: &CancelFlag,
) -> Result<BandMatch> {
    check(points, phases, priors)?;
    let refined = parameters(phases, priors, start)?;
    let mut non_negative = vec![true; phases.len()];
    if let (true, Some(last)) = (priors.free_sign, non_negative.last_mut()) {
        *last = false;
    }
    non_negative.resize(phases.len() + background.len(), false);
    let linear = Linear { non_negative: &non_negative, background, restraints: &[], loss: None };
    let tails = Tails { model: TAIL, curvature: TAIL };
    let mut model = Separable::new(points, BandDrawing::new(points.x, phases), linear, tails)?;
    let outcome = minimise(&mut model, &refined, options, cancel)?;
    let covariance = model.covariance(&refined, &outcome.theta, tails)?;
    Ok(Report { points, phases, model: &model, covariance: &covariance, outcome: &outcome, refined: &refined }.whole())
}

/// Numbers people read, from the end of a fit.
struct Report<'a> {
    points: Points<'a>,
    phases: &'a [Vec<Band>],
    model: &'a Separable<BandDrawing<'a>>,
    covariance: &'a Covariance,
    outcome: &'a Outcome,
    refined: &'a [Parameter],
}

impl Report<'_> {
    fn whole(&self) -> BandMatch {
        let (areas, area_covariance) = self.areas();
        let curves = (0..self.phases.len()).map(|phase| self.curve(phase)).collect();
        BandMatch {
            theta: self.outcome.theta.clone(),
            shift: self.estimate(self.outcome.theta[0], &[(0, 1.0)]),
            areas,
            area_covariance,
            bands: self.model.drawing().placed().iter().map(|placed| self.band(placed)).collect(),
            calculated: self.model.calculated().to_vec(),
            curves,
            chi_squared: self.model.chi_squared(),
            objective: self.outcome.objective,
            log_evidence: self.log_evidence(),
            iterations: self.outcome.iterations,
            stop: self.outcome.stop,
        }
    }

    fn scale(&self, phase: usize) -> f64 {
        self.model.linear()[phase]
    }

    fn curve(&self, phase: usize) -> Vec<f64> {
        let mut curve = vec![0.0; self.points.x.len()];
        self.model.columns()[phase].add_to(&mut curve, self.scale(phase));
        curve
    }

    fn n_theta(&self) -> usize {
        self.outcome.theta.len()
    }

    fn band(&self, placed: &Placed) -> FittedBand {
        let own = |number: Own| placed.first + number as usize;
        let [fwhm, lorentz] = placed.parameters;
        let area = placed.area * self.scale(placed.phase);
        let mut slopes = [0.0; 2];
        let height = area * Shape::PseudoVoigt.height(&placed.parameters, &mut slopes);
        let scale = self.n_theta() + placed.phase;
        FittedBand {
            position: self.estimate(placed.centre, &[(0, 1.0), (own(Own::Displacement), 1.0)]),
            fwhm: self.estimate(fwhm, &[(own(Own::LnFwhm), fwhm)]),
            lorentz: self.estimate(lorentz, &[(own(Own::Lorentz), 1.0)]),
            area: self.estimate(area, &[(own(Own::LnArea), area), (scale, placed.area)]),
            height,
            significance: self.significance(placed, area),
        }
    }

    /// Root of the weighted sum of squares of the band itself.
    fn significance(&self, placed: &Placed, area: f64) -> f64 {
        let mut curve = vec![0.0; self.points.x.len()];
        Shape::PseudoVoigt.add_values(self.points.x, placed.centre, &placed.parameters, area, &mut curve);
        curve.iter().zip(self.points.weight).map(|(c, w)| w * c * c).sum::<f64>().sqrt()
    }

    /// Area of each phase, dips left out, and the covariance of these.
    fn areas(&self) -> (Vec<f64>, Symmetric) {
        let gradients: Vec<Vec<(usize, f64)>> = (0..self.phases.len())
            .map(|phase| {
                let of_phase = |placed: &&Placed| placed.phase == phase && placed.area > 0.0;
                let bands = || self.model.drawing().placed().iter().filter(of_phase);
                let by_band = bands().map(|band| (band.first + Own::LnArea as usize, band.area * self.scale(phase)));
                by_band.chain([(self.n_theta() + phase, bands().map(|band| band.area).sum())]).collect()
            })
            .collect();
        let areas = gradients.iter().enumerate().map(|(p, g)| g[g.len() - 1].1 * self.scale(p)).collect();
        let mut covariance = Symmetric::zeros(self.phases.len());
        for (i, a) in gradients.iter().enumerate() {
            for (j, b) in gradients.iter().enumerate().take(i + 1) {
                covariance.set(i, j, self.product(a, b));
            }
        }
        (areas, covariance)
    }

    fn product(&self, a: &[(usize, f64)], b: &[(usize, f64)]) -> f64 {
        let values = &self.covariance.values;
        a.iter().map(|&(i, by_i)| by_i * b.iter().map(|&(j, by_j)| by_j * values.get(i, j)).sum::<f64>()).sum()
    }

    fn estimate(&self, value: f64, gradient: &[(usize, f64)]) -> Estimate {
        let determined = gradient.iter().any(|&(i, _)| self.covariance.standing[i] == Standing::Determined);
        Estimate { value, su: determined.then(|| self.product(gradient, gradient).max(0.0).sqrt()) }
    }

    /// Laplace's approximation of the evidence: Kass and Raftery (1995), J. Am. Stat. Assoc. 90, 773.
    ///
    /// The prior of a scale is flat up to the scale that would explain all of the net signal.
    fn log_evidence(&self) -> f64 {
        let variance =
            |i: usize| (self.covariance.standing[i] == Standing::Determined).then(|| self.covariance.values.get(i, i));
        let mut sum = -0.5 * self.outcome.objective;
        for (i, parameter) in self.refined.iter().enumerate() {
            if let (Some(prior), Some(variance)) = (parameter.prior, variance(i)) {
                sum += 0.5 * (variance / (prior.sd * prior.sd)).min(1.0).ln();
            }
        }
        let net: f64 = self.points.y.iter().map(|y| y.max(0.0)).sum();
        for (phase, column) in self.model.columns().iter().enumerate().take(self.phases.len()) {
            let drawn: f64 = column.values.iter().map(|value| value.max(0.0)).sum();
            if let Some(variance) = variance(self.n_theta() + phase).filter(|_| drawn > 0.0 && net > 0.0) {
                sum += 0.5 * (variance * std::f64::consts::TAU * (drawn / net).powi(2)).min(1.0).ln();
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::separable::Drawing;

    const PRIORS: BandPriors = BandPriors { shift_sd: 3.0, lorentz: (0.5, 0.3), least_fwhm: 2.0, free_sign: false };
    const OPTIONS: Options = Options { max_iterations: 100, relative_tolerance: 1e-12 };

    fn band(position: f64, area: f64, fwhm: f64) -> Band {
        Band { position, position_sd: 2.0, area, ln_area_sd: 0.6, fwhm, ln_fwhm_sd: 0.4, negative: false }
    }

    fn axis() -> Vec<f64> {
        (0..700).map(|i| 100.0 + f64::from(i)).collect()
    }

    /// Pseudo-Voigts of (centre, width, share, area).
    fn drawn(x: &[f64], bands: &[(f64, f64, f64, f64)]) -> Vec<f64> {
        let mut y = vec![0.0; x.len()];
        for &(centre, fwhm, share, area) in bands {
            Shape::PseudoVoigt.add_values(x, centre, &[fwhm, share], area, &mut y);
        }
        y
    }

    fn fitted(y: &[f64], phases: &[Vec<Band>], priors: &BandPriors) -> BandMatch {
        let (x, weight) = (axis(), vec![1e4; 700]);
        let points = Points { x: &x, y, weight: &weight };
        let flat = [Column { start: 0, values: vec![1.0; 700] }];
        match_bands(points, phases, &flat, priors, None, OPTIONS, &CancelFlag::new()).unwrap()
    }

    #[test]
    fn finds_shift_and_areas() {
        let x = axis();
        let y = drawn(&x, &[(303.0, 20.0, 0.5, 100.0), (504.0, 30.0, 0.4, 60.0), (403.5, 15.0, 0.6, 40.0)]);
        let phases = [vec![band(300.0, 1.0, 20.0), band(501.0, 0.5, 30.0)], vec![band(400.0, 1.0, 14.0)]];
        let found = fitted(&y, &phases, &PRIORS);
        assert_eq!(found.stop, StopReason::Converged);
        // The truth drawn above; the tails that a match leaves out are worth up to one percent.
        assert!((found.areas[0] / 160.0 - 1.0).abs() < 0.02, "area {}", found.areas[0]);
        assert!((found.areas[1] / 40.0 - 1.0).abs() < 0.02, "area {}", found.areas[1]);
        for (fit, truth) in found.bands.iter().zip([303.0, 504.0, 403.5]) {
            assert!((fit.position.value - truth).abs() < 0.05, "position {} against {truth}", fit.position.value);
        }
        assert!((found.shift.value - 3.2).abs() < 3.0 * found.shift.su.unwrap(), "shift {:?}", found.shift);
    }

    #[test]
    fn derivatives_are_differences() {
        let x = axis();
        let phases = [vec![band(300.0, 1.0, 20.0), Band { negative: true, ..band(330.0, 0.2, 12.0) }]];
        let tails = Tails { model: 0.0, curvature: 0.0 };
        let theta = [0.7, 0.4, 3.1, 0.3, -0.2, -1.0, 2.4, 0.6, 0.3];
        let curve = |theta: &[f64]| {
            let mut drawing = BandDrawing::new(&x, &phases);
            drawing.place(theta, tails).unwrap();
            let mut columns = [Column::default()];
            drawing.draw(&mut columns);
            columns[0].values.clone()
        };
        let mut drawing = BandDrawing::new(&x, &phases);
        drawing.place(&theta, tails).unwrap();
        let by = drawing.derivatives(&[1.0], theta.len(), &[]);
        for i in 0..theta.len() {
            let at = |step: f64| {
                curve(&theta.iter().enumerate().map(|(j, t)| if i == j { t + step } else { *t }).collect::<Vec<f64>>())
            };
            let (up, down) = (at(1e-5), at(-1e-5));
            let size = by.columns[i].values.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
            for (k, value) in by.columns[i].values.iter().enumerate() {
                let difference = (up[k] - down[k]) / 2e-5;
                assert!(
                    (value - difference).abs() < 1e-6 * size,
                    "unknown {i}: {value} against central difference {difference}"
                );
            }
        }
    }

    #[test]
    fn evidence_prefers_the_reference_that_fits() {
        let x = axis();
        let y = drawn(&x, &[(300.0, 20.0, 0.5, 1.0), (500.0, 30.0, 0.5, 0.6)]);
        let right = fitted(&y, &[vec![band(301.0, 1.0, 20.0), band(499.0, 0.5, 30.0)]], &PRIORS);
        let wrong = fitted(&y, &[vec![band(306.0, 0.3, 20.0), band(492.0, 1.0, 30.0)]], &PRIORS);
        assert!(right.log_evidence > wrong.log_evidence + 3.0, "{} against {}", right.log_evidence, wrong.log_evidence);
    }

    #[test]
    fn an_area_is_negative_only_where_asked() {
        let y = drawn(&axis(), &[(300.0, 20.0, 0.5, -1.0)]);
        let phases = [vec![band(300.0, 1.0, 20.0)]];
        assert!(fitted(&y, &phases, &PRIORS).areas[0].abs() < 1e-12);
        let free = BandPriors { free_sign: true, ..PRIORS };
        assert!(fitted(&y, &phases, &free).areas[0] < -0.5);
    }

    #[test]
    fn a_band_beyond_the_axis_is_nothing() {
        let y = drawn(&axis(), &[(300.0, 20.0, 0.5, 1.0)]);
        let found = fitted(&y, &[vec![band(5000.0, 1.0, 3.0), band(300.0, 1.0, 20.0)]], &PRIORS);
        assert!(found.bands[0].significance < 1e-3 * found.bands[1].significance);
    }

    #[test]
    fn absurd_bands_are_refused_by_name() {
        let (x, y) = (axis(), vec![0.0; 700]);
        let weight = vec![1.0; 700];
        let points = Points { x: &x, y: &y, weight: &weight };
        let phases = [vec![Band { fwhm: 0.0, ..band(300.0, 1.0, 20.0) }]];
        let refused = match_bands(points, &phases, &[], &PRIORS, None, OPTIONS, &CancelFlag::new());
        assert!(matches!(refused, Err(Error::InvalidOption { name: "fwhm", .. })));
    }
}
