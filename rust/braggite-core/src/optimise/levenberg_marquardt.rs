//! Levenberg-Marquardt within bounds, with priors and a stated reason for stopping.

use std::borrow::Cow;

use crate::cancel::CancelFlag;
use crate::error::Result;
use crate::linalg::symmetric::Symmetric;
use crate::optimise::curvature::Curvature;
use crate::optimise::parameter::Parameter;

/// A sum of squares whose linear unknowns, if any, are solved inside.
///
/// Its curvature is stored as suits it: full, or as an envelope where the unknowns are local.
pub trait Problem<C: Curvature = Symmetric> {
    /// Objective at `theta`, without priors; linear unknowns are at their best for this `theta`. Infinite where the
    /// model has no meaning: such a step is refused.
    ///
    /// # Errors
    /// Whatever the model refuses.
    fn objective(&mut self, theta: &[f64]) -> Result<f64>;

    /// Half the Hessian (Gauss-Newton) and half the negative gradient of the objective at `theta`, linear unknowns
    /// eliminated. Called only for the `theta` of the latest accepted [`Problem::objective`].
    ///
    /// # Errors
    /// Whatever the model refuses.
    fn linearise(&mut self, theta: &[f64], curvature: &mut C, descent: &mut [f64]) -> Result<()>;

    /// A fall of the objective that means nothing: rounding, or far less than noise makes.
    fn rounding(&self) -> f64 {
        0.0
    }
}

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Largest number of accepted or refused steps.
    pub max_iterations: usize,
    /// Converged once a step lowers the objective by less than this share of it.
    pub relative_tolerance: f64,
}

/// Why the iteration ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// The objective no longer falls.
    Converged,
    /// No step lowers the objective although the model says it should.
    NoProgress,
    /// Out of iterations.
    MaxIterations,
}

impl StopReason {
    /// The word documents carry.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Converged => "converged",
            Self::NoProgress => "no_progress",
            Self::MaxIterations => "max_iterations",
        }
    }
}

/// The end of a minimisation.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Refined values.
    pub theta: Vec<f64>,
    /// Objective with priors.
    pub objective: f64,
    /// Steps tried.
    pub iterations: usize,
    /// Why it ended.
    pub stop: StopReason,
}

const DAMPING_START: f64 = 1e-3;
const DAMPING_MAX: f64 = 1e10;

/// Minimise `problem` plus the priors of `parameters`, within their bounds.
///
/// Marquardt's diagonal scaling; a parameter at its bound that wants to leave is fixed for the step; damping follows
/// Nielsen (1999), IMM-REP-1999-05.
///
/// # Errors
/// Those of the problem, and `Cancelled`.
pub fn minimise<C: Curvature>(
    problem: &mut impl Problem<C>,
    parameters: &[Parameter],
    options: Options,
    cancel: &CancelFlag,
) -> Result<Outcome> {
    let n = parameters.len();
    let mut theta: Vec<f64> = parameters.iter().map(|p| p.value.clamp(p.lower, p.upper)).collect();
    let mut objective = problem.objective(&theta)? + penalties(parameters, &theta);
    let mut curvature = C::zeros(n);
    let mut descent = vec![0.0; n];
    let (mut damping, mut growth) = (DAMPING_START, 2.0);
    let mut stop = if n == 0 { StopReason::Converged } else { StopReason::MaxIterations };
    let mut iterations = 0;
    let mut stale = true;
    while n > 0 && iterations < options.max_iterations {
        cancel.check()?;
        if stale {
            curvature = C::zeros(n);
            descent.fill(0.0);
            problem.linearise(&theta, &mut curvature, &mut descent)?;
            add_priors(parameters, &theta, &mut curvature, &mut descent);
            stale = false;
        }
        iterations += 1;
        let (trial, expected) = step(parameters, &theta, &curvature, &descent, damping);
        let lowered = problem.objective(&trial)? + penalties(parameters, &trial);
        let gain = objective - lowered;
        let negligible = options.relative_tolerance * objective + problem.rounding();
        if gain > 0.0 {
            let small = gain < negligible;
            let ratio = if expected > 0.0 { gain / expected } else { 0.0 };
            damping = (damping * (1.0 / 3.0_f64).max(1.0 - (2.0 * ratio - 1.0).powi(3))).max(1e-12);
            growth = 2.0;
            theta = trial;
            objective = lowered;
            stale = true;
            if small {
                stop = StopReason::Converged;
                break;
            }
        } else {
            if (0.0..negligible).contains(&expected) || objective <= 0.0 {
                stop = StopReason::Converged;
                break;
            }
            damping *= growth;
            growth *= 2.0;
            if damping > DAMPING_MAX {
                stop = StopReason::NoProgress;
                break;
            }
        }
    }
    problem.objective(&theta)?;
    Ok(Outcome { theta, objective, iterations, stop })
}

fn penalties(parameters: &[Parameter], theta: &[f64]) -> f64 {
    parameters.iter().zip(theta).map(|(p, &t)| p.penalty(t)).sum()
}

fn add_priors(parameters: &[Parameter], theta: &[f64], curvature: &mut impl Curvature, descent: &mut [f64]) {
    for (i, parameter) in parameters.iter().enumerate() {
        if let Some(prior) = parameter.prior {
            let weight = prior.sd.powi(-2);
            curvature.add_to_diagonal(i, weight);
            descent[i] += weight * (prior.mean - theta[i]);
        }
    }
}

/// The damped step inside the bounds and the fall of the objective that the quadratic model expects of it.
fn step(
    parameters: &[Parameter],
    theta: &[f64],
    curvature: &impl Curvature,
    descent: &[f64],
    damping: f64,
) -> (Vec<f64>, f64) {
    let n = theta.len();
    let movable = |i: usize| curvature.diagonal(i) > 0.0;
    let mut free: Vec<bool> = (0..n).map(movable).collect();
    let mut delta = vec![0.0; n];
    for _ in 0..3 * n + 3 {
        let right = slope(curvature, descent, &delta, &free);
        let Some(solution) = damped_solution(curvature, &right, &free, damping) else { break };
        let mut inside = true;
        for i in 0..n {
            if !free[i] {
                continue;
            }
            let position = theta[i] + solution[i];
            delta[i] = position.clamp(parameters[i].lower, parameters[i].upper) - theta[i];
            if position < parameters[i].lower || position > parameters[i].upper {
                free[i] = false;
                inside = false;
            }
        }
        if !inside {
            continue;
        }
        if (0..n).all(|i| free[i] == movable(i)) {
            break;
        }
        // Nothing is outside: let go of what was held but would rather move back in.
        let slopes = slope(curvature, descent, &delta, &vec![false; n]);
        let inward = (0..n).filter(|&i| movable(i) && !free[i]).filter(|&i| {
            let push = slopes[i] - damping * curvature.diagonal(i) * delta[i];
            let slack = 1e-12 * descent[i].abs();
            if theta[i] + delta[i] <= parameters[i].lower { push > slack } else { push < -slack }
        });
        let gain = |i: usize| slopes[i] * slopes[i] / curvature.diagonal(i);
        let Some(released) = inward.max_by(|&i, &j| gain(i).total_cmp(&gain(j))) else { break };
        free[released] = true;
    }
    let trial: Vec<f64> =
        theta.iter().zip(&delta).zip(parameters).map(|((t, d), p)| (t + d).clamp(p.lower, p.upper)).collect();
    for ((delta, to), from) in delta.iter_mut().zip(&trial).zip(theta) {
        *delta = to - from;
    }
    let linear: f64 = delta.iter().zip(descent).map(|(d, g)| d * g).sum();
    let quadratic: f64 = delta.iter().zip(curvature.times(&delta)).map(|(d, p)| d * p).sum();
    (trial, 2.0 * linear - quadratic)
}

/// Half the negative gradient after the changes `delta` of all parameters that are not `free`.
fn slope<'a>(curvature: &impl Curvature, descent: &'a [f64], delta: &[f64], free: &[bool]) -> Cow<'a, [f64]> {
    if delta.iter().zip(free).all(|(&change, &free)| free || change == 0.0) {
        return descent.into();
    }
    let made: Vec<f64> = delta.iter().zip(free).map(|(&change, &free)| if free { 0.0 } else { change }).collect();
    descent.iter().zip(curvature.times(&made)).map(|(slope, change)| slope - change).collect()
}

fn damped_solution(curvature: &impl Curvature, descent: &[f64], free: &[bool], damping: f64) -> Option<Vec<f64>> {
    let mut damping = damping;
    while damping < DAMPING_MAX {
        if let Some(solution) = curvature.damped_solution(descent, free, damping) {
            return Some(solution);
        }
        damping *= 10.0;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// y = a exp(-b x) with the amplitude `a` eliminated as the linear unknown.
    struct Decay {
        x: Vec<f64>,
        y: Vec<f64>,
        amplitude: f64,
    }

    impl Problem for Decay {
        fn objective(&mut self, theta: &[f64]) -> Result<f64> {
            let shape: Vec<f64> = self.x.iter().map(|x| (-theta[0] * x).exp()).collect();
            let square: f64 = shape.iter().map(|s| s * s).sum();
            self.amplitude = shape.iter().zip(&self.y).map(|(s, y)| s * y).sum::<f64>() / square;
            Ok(shape.iter().zip(&self.y).map(|(s, y)| (y - self.amplitude * s).powi(2)).sum())
        }

        fn linearise(&mut self, theta: &[f64], curvature: &mut Symmetric, descent: &mut [f64]) -> Result<()> {
            let (mut jj, mut js, mut ss, mut jr) = (0.0, 0.0, 0.0, 0.0);
            for (x, y) in self.x.iter().zip(&self.y) {
                let s = (-theta[0] * x).exp();
                let j = -x * self.amplitude * s;
                jj += j * j;
                js += j * s;
                ss += s * s;
                jr += j * (y - self.amplitude * s);
            }
            curvature.set(0, 0, jj - js * js / ss);
            descent[0] = jr;
            Ok(())
        }
    }

    fn decay() -> Decay {
        let x: Vec<f64> = (0..50).map(|i| f64::from(i) * 0.1).collect();
        let y = x.iter().map(|x| 3.0 * (-0.7 * x).exp()).collect();
        Decay { x, y, amplitude: 0.0 }
    }

    const OPTIONS: Options = Options { max_iterations: 100, relative_tolerance: 1e-12 };

    #[test]
    fn finds_the_truth() {
        let mut problem = decay();
        let outcome =
            minimise(&mut problem, &[Parameter::bounded(5.0, 0.0, 10.0)], OPTIONS, &CancelFlag::new()).unwrap();
        assert!((outcome.theta[0] - 0.7).abs() < 1e-7, "simulated truth 0.7, got {}", outcome.theta[0]);
        assert!((problem.amplitude - 3.0).abs() < 1e-6);
        assert_eq!(outcome.stop, StopReason::Converged);
    }

    #[test]
    fn stops_at_a_bound() {
        let parameter = Parameter::bounded(1.5, 1.0, 2.0);
        let outcome = minimise(&mut decay(), std::slice::from_ref(&parameter), OPTIONS, &CancelFlag::new()).unwrap();
        assert!((outcome.theta[0] - 1.0).abs() < 1e-15);
        assert!(parameter.at_bound(outcome.theta[0]));
    }

    /// (theta - centre)ᵀ C (theta - centre).
    struct Bowl {
        curvature: [[f64; 2]; 2],
        centre: [f64; 2],
    }

    impl Problem for Bowl {
        fn objective(&mut self, theta: &[f64]) -> Result<f64> {
            let d = [theta[0] - self.centre[0], theta[1] - self.centre[1]];
            Ok((0..2).map(|i| (0..2).map(|j| d[i] * self.curvature[i][j] * d[j]).sum::<f64>()).sum())
        }

        fn linearise(&mut self, theta: &[f64], curvature: &mut Symmetric, descent: &mut [f64]) -> Result<()> {
            for (i, slope) in descent.iter_mut().enumerate() {
                for j in 0..=i {
                    curvature.set(i, j, self.curvature[i][j]);
                }
                *slope = (0..2).map(|j| self.curvature[i][j] * (self.centre[j] - theta[j])).sum();
            }
            Ok(())
        }
    }

    #[test]
    fn a_parameter_that_overshoots_goes_to_its_bound_while_the_others_move() {
        let mut bowl = Bowl { curvature: [[2.0, -1.5], [-1.5, 2.0]], centre: [-3.0, 5.0] };
        let parameters = [Parameter::bounded(0.3, 0.0, 1.0), Parameter::bounded(0.0, -10.0, 10.0)];
        let outcome = minimise(&mut bowl, &parameters, OPTIONS, &CancelFlag::new()).unwrap();
        assert_eq!(outcome.stop, StopReason::Converged);
        assert!(outcome.theta[0].abs() < 1e-12, "KKT: held at the lower bound, got {}", outcome.theta[0]);
        // With the first at 0, the gradient to the second vanishes at 5 + 1.5 / 2 * 3.
        assert!((outcome.theta[1] - 7.25).abs() < 1e-5, "KKT: {}", outcome.theta[1]);
    }

    proptest! {
        /// Karush-Kuhn-Tucker at the end of any convex quadratic problem in a box.
        #[test]
        fn ends_where_no_step_inside_the_bounds_helps(
            (c00, c11, correlation) in (0.1..10.0_f64, 0.1..10.0_f64, -0.95..0.95_f64),
            centre in prop::array::uniform2(-3.0..3.0_f64),
            start in prop::array::uniform2(-1.0..1.0_f64),
        ) {
            let cross = correlation * (c00 * c11).sqrt();
            let mut bowl = Bowl { curvature: [[c00, cross], [cross, c11]], centre };
            let parameters = start.map(|value| Parameter::bounded(value, -1.0, 1.0));
            let outcome = minimise(&mut bowl, &parameters, OPTIONS, &CancelFlag::new()).unwrap();
            let (mut curvature, mut descent) = (Symmetric::zeros(2), [0.0; 2]);
            bowl.linearise(&outcome.theta, &mut curvature, &mut descent).unwrap();
            for (t, g) in outcome.theta.iter().zip(descent) {
                // 1e-3: the objective, of order 100, stands within 1e-12 of its minimum; the gradient goes with the root.
                prop_assert!(g < 1e-3 || *t > 1.0 - 1e-9, "KKT: descent {g} at {t}");
                prop_assert!(g > -1e-3 || *t < -1.0 + 1e-9, "KKT: descent {g} at {t}");
            }
        }
    }

    #[test]
    fn a_strict_prior_holds() {
        let parameter = Parameter::bounded(1.5, 0.0, 10.0).with_prior(1.5, 1e-6);
        let outcome = minimise(&mut decay(), &[parameter], OPTIONS, &CancelFlag::new()).unwrap();
        assert!((outcome.theta[0] - 1.5).abs() < 1e-6);
    }

    #[test]
    fn a_raised_flag_stops_it() {
        let flag = CancelFlag::new();
        flag.raise();
        let result = minimise(&mut decay(), &[Parameter::bounded(5.0, 0.0, 10.0)], OPTIONS, &flag);
        assert_eq!(result.unwrap_err(), crate::error::Error::Cancelled);
    }
}
