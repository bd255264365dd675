//! A multiplet fitted to some thirty points; what these do not tell (the mixing of a weak line, say) stays where it is
//! expected, and the uncertainties contain how well that is known.

use super::multiplet::{LEVEL, LN_WIDTH, MIXING, Multiplet, Products, SHARED, WeightedPoints};
use crate::cancel::CancelFlag;
use crate::error::Result;
use crate::linalg::symmetric::Symmetric;
use crate::optimise::curvature::Curvature;
use crate::optimise::levenberg_marquardt::{Options, Problem, minimise};
use crate::optimise::parameter::Parameter;

/// Mixing expected of a line, and its spread: mean and standard deviation of anything between Gauss and Lorentz.
const MIXING_EXPECTED: (f64, f64) = (0.5, 0.288_675);
/// Noise may take the mixing this far beyond Gauss and Lorentz.
const MIXING_BEYOND: f64 = 0.3;
/// Lines stay within this many widths of where they were seen; widths within this factor of the expected one.
const WANDER: f64 = 0.8;
const STRETCH: f64 = 4.0;
/// Chi-square that a step must gain to be worth another one.
const SETTLED: f64 = 0.1;
const OPTIONS: Options = Options { max_iterations: 12, relative_tolerance: 0.0 };

/// What is expected before the points are looked at.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// Full width at half maximum.
    pub fwhm: f64,
    /// Relative standard deviation of the width.
    pub spread: f64,
    /// Standard deviation of the level about zero.
    pub level: f64,
}

/// A fitted multiplet.
#[derive(Debug, Clone)]
pub struct Fit {
    pub multiplet: Multiplet,
    /// Sum of squared residuals in units of their noise, and of deviations from what was expected.
    pub cost: f64,
    /// Squared residuals per point beyond the unknowns; at least 1.
    pub scatter: f64,
    /// Half the Hessian of the cost over [`Multiplet::unknowns`].
    pub curvature: Symmetric,
}

/// Fits multiplets to one set of points after the other.
#[derive(Debug, Default)]
pub struct Fitter {
    points: WeightedPoints,
    count: usize,
    products: Products,
    evaluated: Vec<f64>,
}

impl Fitter {
    /// The points of the fits that follow.
    pub fn set_points(&mut self, x: &[f64], y: &[f64], variance: &[f64]) {
        self.points.set(x, y, variance);
        self.count = x.len();
        self.evaluated.clear();
    }

    /// Fit the lines of `start`; `None` where a number is too large to be one.
    pub fn fit(&mut self, start: &Multiplet, expected: Expected) -> Option<Fit> {
        let parameters = parameters(start, expected);
        let outcome = minimise(self, &parameters, OPTIONS, &CancelFlag::new()).ok()?;
        let n = parameters.len();
        let mut curvature = Symmetric::zeros(n);
        self.linearise(&outcome.theta, &mut curvature, &mut vec![0.0; n]).ok()?;
        for (i, prior) in parameters.iter().enumerate().filter_map(|(i, p)| p.prior.map(|prior| (i, prior))) {
            curvature.add_to_diagonal(i, prior.sd.powi(-2));
        }
        let freedom = self.count.saturating_sub(n).max(1) as f64;
        let scatter = (self.products.chi_squared() / freedom).max(1.0);
        Some(Fit { multiplet: Multiplet::of(&outcome.theta), cost: outcome.objective, scatter, curvature })
    }
}

impl Problem for Fitter {
    fn objective(&mut self, theta: &[f64]) -> Result<f64> {
        if self.evaluated != theta {
            self.products.evaluate(&self.points, theta);
            theta.clone_into(&mut self.evaluated);
        }
        Ok(self.products.chi_squared())
    }

    fn linearise(&mut self, theta: &[f64], curvature: &mut Symmetric, descent: &mut [f64]) -> Result<()> {
        for (i, descent) in descent.iter_mut().enumerate() {
            *descent = self.products.descent(i);
            for j in i..theta.len() {
                curvature.set(j, i, self.products.between(i, j));
            }
        }
        Ok(())
    }

    fn rounding(&self) -> f64 {
        SETTLED
    }
}

/// Starts, bounds and what is expected of the unknowns.
fn parameters(start: &Multiplet, expected: Expected) -> Vec<Parameter> {
    let unknowns = start.unknowns();
    let free = |value: f64| Parameter::bounded(value, f64::NEG_INFINITY, f64::INFINITY);
    let ln_width = expected.fwhm.ln();
    let mut parameters: Vec<Parameter> = unknowns.iter().copied().map(free).collect();
    parameters[LEVEL] = free(unknowns[LEVEL]).with_prior(0.0, expected.level);
    parameters[LN_WIDTH] = Parameter::bounded(unknowns[LN_WIDTH], ln_width - STRETCH.ln(), ln_width + STRETCH.ln())
        .with_prior(ln_width, expected.spread);
    parameters[MIXING] = Parameter::bounded(unknowns[MIXING], -MIXING_BEYOND, 1.0 + MIXING_BEYOND)
        .with_prior(MIXING_EXPECTED.0, MIXING_EXPECTED.1);
    for position in parameters[SHARED..].iter_mut().step_by(2) {
        let (at, wander) = (position.value, WANDER * expected.fwhm);
        *position = Parameter::bounded(at, at - wander, at + wander);
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::super::measured::AREA;
    use super::super::multiplet::tests::{axis, curve, multiplet};
    use super::super::noise::tests::normal;
    use super::*;

    const EXPECTED: Expected = Expected { fwhm: 0.15, spread: 0.3, level: 1.0 };

    fn fitted(y: &[f64], lines: &[(f64, f64)]) -> Fit {
        let start = Multiplet { mixing: 0.5, fwhm: 0.15, level: 0.0, ..multiplet(lines) };
        let mut fitter = Fitter::default();
        fitter.set_points(&axis(), y, &[1.0; 50]);
        fitter.fit(&start, EXPECTED).unwrap()
    }

    #[test]
    fn recovers_lines_with_their_uncertainties() {
        for lines in
            [vec![(0.01, 40.0)], vec![(-0.06, 80.0), (0.1, 50.0)], vec![(-0.2, 60.0), (0.0, 90.0), (0.2, 70.0)]]
        {
            let truth = multiplet(&lines);
            let clean = curve(&axis(), &truth);
            let mut squares = [0.0; 4];
            let trials: u32 = 200;
            for trial in 0..trials {
                let noise = normal(100 + u64::from(trial), 50);
                let y: Vec<f64> = clean.iter().zip(&noise).map(|(y, e)| y + e).collect();
                let moved: Vec<(f64, f64)> = lines.iter().map(|(at, height)| (at + 0.02, 0.8 * height)).collect();
                let line = fitted(&y, &moved).measured(0.0).unwrap()[0];
                let share = AREA[1] + truth.mixing * (AREA[0] - AREA[1]);
                let (at, height) = lines[0];
                let pairs = [
                    (line.position, at),
                    (line.height, height),
                    (line.fwhm, truth.fwhm),
                    (line.area, height * truth.fwhm * share),
                ];
                for (sum, ((value, su), true_value)) in squares.iter_mut().zip(pairs) {
                    *sum += ((value - true_value) / su).powi(2) / f64::from(trials);
                }
            }
            for (what, square) in ["position", "height", "fwhm", "area"].iter().zip(squares) {
                // 1 expected; what was expected of width and mixing makes it smaller, 200 trials scatter by 0.1
                assert!((0.4..1.4).contains(&square), "{what} of {} lines: {square}", lines.len());
            }
        }
    }

    #[test]
    fn a_gaussian_and_a_lorentzian_stand_at_the_bounds_of_the_mixing() {
        for mixing in [0.0, 1.0] {
            let truth = Multiplet { mixing, ..multiplet(&[(0.003, 5000.0)]) };
            let fit = fitted(&curve(&axis(), &truth), &[(0.0, 4500.0)]);
            // noise-free: what is expected of mixing and width pulls by a small share of an uncertainty
            assert!((fit.multiplet.fwhm / truth.fwhm - 1.0).abs() < 1e-3, "{fit:?}");
            assert!((fit.multiplet.lines[0].height / 5000.0 - 1.0).abs() < 1e-3);
        }
    }
}
