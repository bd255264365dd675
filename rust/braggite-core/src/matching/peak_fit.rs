//! Peaks fitted freely to one region: the separable core with a start, a stop and numbers per peak.

use crate::cancel::CancelFlag;
use crate::error::{Error, Result};
use crate::grid::{Grid, check_finite, check_length};
use crate::linalg::normal::Normal;
use crate::linalg::symmetric::Symmetric;
use crate::matching::separable::Tails;
use crate::matching::separable::affine::AffineLines;
use crate::matching::separable::covariance::{Covariance, Standing};
use crate::matching::separable::model::{Linear, Points, Separable};
use crate::matching::separable::shapes::{Line, Placed, ShapeLines};
use crate::optimise::levenberg_marquardt::{Options, Outcome, StopReason, minimise};
use crate::optimise::parameter::Parameter;

/// A number and its standard uncertainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// From the weights of the points; None for a number that is fixed, at its bound, or undetermined.
    pub su: Option<f64>,
}

/// One peak as fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedPeak {
    /// Centre, then the parameters of its shape.
    pub numbers: Vec<Estimate>,
    /// Area; None for a shape whose area is infinite.
    pub area: Option<Estimate>,
    /// Full width at half maximum.
    pub fwhm: Estimate,
    /// Maximum above background.
    pub height: Estimate,
}

/// The end of a peak fit.
#[derive(Debug, Clone)]
pub struct PeakFit {
    /// Nonlinear unknowns.
    pub theta: Vec<f64>,
    /// Linear unknowns: those of the lines, then those of the background columns.
    pub linear: Vec<f64>,
    /// Weighted sum of squared residuals, without priors.
    pub chi_squared: f64,
    /// Steps tried.
    pub iterations: usize,
    /// Why it ended.
    pub stop: StopReason,
    /// What is known of the nonlinear, then the linear unknowns, and their covariance.
    pub covariance: Covariance,
    /// Calculated ordinates.
    pub calculated: Vec<f64>,
    /// The part of them that is background.
    pub background: Vec<f64>,
    /// One entry a line.
    pub peaks: Vec<FittedPeak>,
}

/// Lines are followed to this share of their maximum while the fit is far from its end, and always in its curvature.
const NEAR: f64 = 1e-3;
/// And to this one in the covariance.
const NEAR_FOR_COVARIANCE: f64 = 1e-4;
/// A step of the first stage that gains less than this share ends it.
const FIRST_STAGE: f64 = 1e-4;

/// Fit `lines`, whose numbers follow `parameters`, with the linear unknowns `linear` to the points of one region.
///
/// Two stages: lines cut where they are low, then followed to `tail` of their maximum (0: everywhere).
///
/// # Errors
/// Those of a grid; `NotFinite`, `LengthMismatch`; `TooFewPoints` with fewer weighted points than unknowns;
/// `InvalidOption` for a line whose start no shape can have; `Cancelled`.
pub fn fit_peaks(
    points: Points<'_>,
    lines: &AffineLines,
    parameters: &[Parameter],
    linear: Linear<'_>,
    tail: f64,
    options: Options,
    cancel: &CancelFlag,
) -> Result<PeakFit> {
    check(points, parameters.len() + linear.non_negative.len())?;
    check_start(lines, parameters)?;
    let near = Tails { model: tail.max(NEAR), curvature: NEAR };
    let own = linear.non_negative.len().saturating_sub(linear.background.len());
    let drawing = ShapeLines::new(points.x, lines, own)?;
    let mut model = Separable::new(points, drawing, linear, near)?;
    let mut refined = parameters.to_vec();
    let rough = Options { relative_tolerance: options.relative_tolerance.max(FIRST_STAGE), ..options };
    let first = minimise(&mut model, &refined, rough, cancel)?;
    for (parameter, value) in refined.iter_mut().zip(&first.theta) {
        parameter.value = *value;
    }
    model.set_tails(Tails { model: tail, curvature: NEAR });
    let left = options.max_iterations.saturating_sub(first.iterations);
    let outcome = minimise(&mut model, &refined, Options { max_iterations: left, ..options }, cancel)?;
    report(model, &refined, outcome, first.iterations, tail)
}

fn check(points: Points<'_>, unknowns: usize) -> Result<()> {
    let n = Grid::new(points.x)?.len();
    check_length("y", points.y, n)?;
    check_finite("y", points.y)?;
    check_length("weight", points.weight, n)?;
    check_finite("weight", points.weight)?;
    if let Some(index) = points.weight.iter().position(|&w| w < 0.0) {
        return Err(Error::InvalidOption {
            name: "weight",
            value: points.weight[index],
            reason: "must not be negative",
        });
    }
    let got = points.weight.iter().filter(|&&w| w > 0.0).count();
    if got < unknowns.max(1) {
        return Err(Error::TooFewPoints { what: "the part of the spectrum with weight", got, needed: unknowns.max(1) });
    }
    Ok(())
}

fn check_start(lines: &AffineLines, parameters: &[Parameter]) -> Result<()> {
    for parameter in parameters {
        if parameter.value.is_nan() || parameter.lower.is_nan() || parameter.upper.is_nan() {
            return Err(Error::InvalidOption { name: "start", value: parameter.value, reason: "must be a number" });
        }
        if parameter.lower > parameter.upper {
            return Err(Error::InvalidOption {
                name: "bounds",
                value: parameter.lower,
                reason: "the lower one is above the upper one",
            });
        }
    }
    let start: Vec<f64> = parameters.iter().map(|p| p.value.clamp(p.lower, p.upper)).collect();
    let mut placed = Placed::default();
    for (index, line) in lines.lines().iter().enumerate() {
        lines.place(index, &start, &mut placed);
        if !placed.centre().is_finite() {
            return Err(Error::InvalidOption { name: "position", value: placed.centre(), reason: "must be finite" });
        }
        line.shape.check(placed.parameters())?;
    }
    Ok(())
}

fn report(
    mut model: Separable<ShapeLines<'_>>,
    parameters: &[Parameter],
    outcome: Outcome,
    before: usize,
    tail: f64,
) -> Result<PeakFit> {
    let tails = Tails { model: tail, curvature: NEAR_FOR_COVARIANCE };
    let covariance = model.covariance(parameters, &outcome.theta, tails)?;
    let background = model.calculated().iter().zip(model.signal()).map(|(c, s)| c - s).collect();
    let estimates = Estimates { covariance: &covariance, linear: model.linear(), n_theta: outcome.theta.len() };
    let peaks = model.drawing().placed().map(|(line, placed)| estimates.peak(line, placed)).collect();
    Ok(PeakFit {
        linear: model.linear().to_vec(),
        chi_squared: model.chi_squared(),
        iterations: before + outcome.iterations,
        stop: outcome.stop,
        calculated: model.calculated().to_vec(),
        background,
        peaks,
        covariance,
        theta: outcome.theta,
    })
}

/// Propagates the covariance of unknowns to numbers of peaks.
struct Estimates<'a> {
    covariance: &'a Covariance,
    linear: &'a [f64],
    n_theta: usize,
}

impl Estimates<'_> {
    fn peak(&self, line: &Line, placed: &Placed) -> FittedPeak {
        let (amplitude, unknown) = (line.factor * self.linear[line.linear], self.n_theta + line.linear);
        let parameters = placed.parameters();
        let mut slopes = vec![0.0; parameters.len()];
        let fwhm = line.shape.fwhm(parameters, &mut slopes);
        let fwhm = self.estimate(fwhm, &chained(placed, &slopes, 1.0));
        let unit_height = line.shape.height(parameters, &mut slopes);
        let mut gradient = chained(placed, &slopes, amplitude);
        gradient.push((unknown, line.factor * unit_height));
        let area = line.shape.area(parameters);
        FittedPeak {
            numbers: (0..placed.numbers.len()).map(|number| self.number(placed, number)).collect(),
            area: area.map(|unit| self.estimate(amplitude * unit, &[(unknown, line.factor * unit)])),
            fwhm,
            height: self.estimate(amplitude * unit_height, &gradient),
        }
    }

    fn number(&self, placed: &Placed, number: usize) -> Estimate {
        let links = placed.links.iter().filter(|link| link.number == number);
        let gradient: Vec<(usize, f64)> = links.map(|link| (link.theta, link.slope)).collect();
        self.estimate(placed.numbers[number], &gradient)
    }

    fn estimate(&self, value: f64, gradient: &[(usize, f64)]) -> Estimate {
        Estimate { value, su: standard_uncertainty(self.covariance, gradient) }
    }
}

/// Derivatives to unknowns from those to the parameters of a shape, times `factor`.
fn chained(placed: &Placed, slopes: &[f64], factor: f64) -> Vec<(usize, f64)> {
    let links = placed.links.iter().filter(|link| link.number > 0);
    links.map(|link| (link.theta, factor * slopes[link.number - 1] * link.slope)).collect()
}

fn standard_uncertainty(covariance: &Covariance, gradient: &[(usize, f64)]) -> Option<f64> {
    let standing = |&(unknown, slope): &(usize, f64)| (slope != 0.0).then(|| covariance.standing[unknown]);
    let standings: Vec<Standing> = gradient.iter().filter_map(standing).collect();
    if standings.contains(&Standing::Undetermined) || !standings.contains(&Standing::Determined) {
        return None;
    }
    Some(variance(&covariance.values, gradient).max(0.0).sqrt())
}

fn variance(values: &Symmetric, gradient: &[(usize, f64)]) -> f64 {
    gradient.iter().map(|&(i, a)| a * gradient.iter().map(|&(j, b)| values.get(i, j) * b).sum::<f64>()).sum()
}
