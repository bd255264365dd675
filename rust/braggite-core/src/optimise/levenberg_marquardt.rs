//! Levenberg-Marquardt within bounds, with priors and a stated reason for stopping.

use crate::cancel::CancelFlag;
use crate::error::Result;
use crate::linalg::symmetric::Symmetric;
use crate::optimise::parameter::Parameter;

/// A sum of squares whose linear unknowns, if any, are solved inside.
pub trait Problem {
    /// Objective at `theta`, without priors; linear unknowns are at their best for this `theta`.
    ///
    /// # Errors
    /// Whatever the model refuses.
    fn objective(&mut self, theta: &[f64]) -> Result<f64>;

    /// Half the Hessian (Gauss-Newton) and half the negative gradient of the objective at `theta`, linear unknowns
    /// eliminated. Called only for the `theta` of the latest accepted [`Problem::objective`].
    ///
    /// # Errors
    /// Whatever the model refuses.
    fn linearise(&mut self, theta: &[f64], curvature: &mut Symmetric, descent: &mut [f64]) -> Result<()>;
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
pub fn minimise(
    problem: &mut impl Problem,
    parameters: &[Parameter],
    options: Options,
    cancel: &CancelFlag,
) -> Result<Outcome> {
    let n = parameters.len();
    let mut theta: Vec<f64> = parameters.iter().map(|p| p.value.clamp(p.lower, p.upper)).collect();
    let mut objective = problem.objective(&theta)? + penalties(parameters, &theta);
    let mut curvature = Symmetric::zeros(n);
    let mut descent = vec![0.0; n];
    let (mut damping, mut growth) = (DAMPING_START, 2.0);
    let mut stop = if n == 0 { StopReason::Converged } else { StopReason::MaxIterations };
    let mut iterations = 0;
    let mut stale = true;
    while n > 0 && iterations < options.max_iterations {
        cancel.check()?;
        if stale {
            curvature = Symmetric::zeros(n);
            descent.fill(0.0);
            problem.linearise(&theta, &mut curvature, &mut descent)?;
            add_priors(parameters, &theta, &mut curvature, &mut descent);
            stale = false;
        }
        iterations += 1;
        let (trial, expected) = step(parameters, &theta, &curvature, &descent, damping);
        let lowered = problem.objective(&trial)? + penalties(parameters, &trial);
        let gain = objective - lowered;
        if gain > 0.0 {
            let small = gain < options.relative_tolerance * objective;
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
            if expected < options.relative_tolerance * objective {
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

fn add_priors(parameters: &[Parameter], theta: &[f64], curvature: &mut Symmetric, descent: &mut [f64]) {
    for (i, parameter) in parameters.iter().enumerate() {
        if let Some(prior) = parameter.prior {
            let weight = prior.sd.powi(-2);
            curvature.add(i, i, weight);
            descent[i] += weight * (prior.mean - theta[i]);
        }
    }
}

/// The damped step inside the bounds and the fall of the objective that the quadratic model expects of it.
fn step(
    parameters: &[Parameter],
    theta: &[f64],
    curvature: &Symmetric,
    descent: &[f64],
    damping: f64,
) -> (Vec<f64>, f64) {
    let mut free: Vec<usize> = (0..theta.len())
        .filter(|&i| {
            let p = &parameters[i];
            curvature.get(i, i) > 0.0
                && !(theta[i] <= p.lower && descent[i] < 0.0)
                && !(theta[i] >= p.upper && descent[i] > 0.0)
        })
        .collect();
    let mut trial = theta.to_vec();
    // A step that meets a bound is taken again with that parameter held there.
    for _ in 0..theta.len() {
        let Some(delta) = damped_solution(curvature, descent, &free, damping) else { break };
        let outside: Vec<usize> = free
            .iter()
            .zip(&delta)
            .filter(|&(&i, d)| theta[i] + d < parameters[i].lower || theta[i] + d > parameters[i].upper)
            .map(|(&i, _)| i)
            .collect();
        trial.copy_from_slice(theta);
        for (&i, d) in free.iter().zip(&delta) {
            trial[i] = (theta[i] + d).clamp(parameters[i].lower, parameters[i].upper);
        }
        if outside.is_empty() || outside.len() == free.len() {
            break;
        }
        free.retain(|i| !outside.contains(i));
    }
    let delta: Vec<f64> = trial.iter().zip(theta).map(|(a, b)| a - b).collect();
    let linear: f64 = delta.iter().zip(descent).map(|(d, g)| d * g).sum();
    let quadratic: f64 = (0..delta.len())
        .map(|i| delta[i] * (0..delta.len()).map(|j| curvature.get(i, j) * delta[j]).sum::<f64>())
        .sum();
    (trial, 2.0 * linear - quadratic)
}

fn damped_solution(curvature: &Symmetric, descent: &[f64], free: &[usize], damping: f64) -> Option<Vec<f64>> {
    let mut damping = damping;
    while damping < DAMPING_MAX {
        let mut matrix = curvature.restricted(free);
        for i in 0..free.len() {
            matrix.set(i, i, matrix.get(i, i) * (1.0 + damping));
        }
        let mut delta: Vec<f64> = free.iter().map(|&i| descent[i]).collect();
        if let Ok(factor) = matrix.cholesky("step") {
            factor.solve(&mut delta);
            return Some(delta);
        }
        damping *= 10.0;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

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
