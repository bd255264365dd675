//! Members of the Whittaker family with a matrix of their own: iasls, drpls and aspls.

use super::polynomial::{Basis, unit_interval};
use super::whittaker::{Passes, check_door, meets};
use super::{Background, Reweighting, WhittakerOptions};
use crate::error::{Error, Result};
use crate::grid::{Grid, check_length};
use crate::linalg::five_rows::solve;
use crate::linalg::pentadiagonal::{Penalty, Workspace};

/// Which member, and what only it knows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Adaptive {
    /// `(W^2 + lam_1 D1'D1 + lam D2'D2) z = (W^2 + lam_1 D1'D1) y`: the residual may not jump; weights as asls, first
    /// those of a fitted parabola (He, Anal. Methods 6 (2014) 4402).
    Iasls {
        /// Weight of points above the curve, 0 to 1.
        p: f64,
        /// Penalty on the steps of the residual.
        lam_1: f64,
    },
    /// (W + D1'D1 + lam (I - eta W) D2'D2) z = W y: stiffer under peaks (Xu, Appl. Opt. 58 (2019) 3913).
    Drpls {
        /// Share by which full weight loosens the curve, 0 to 1.
        eta: f64,
    },
    /// (W + lam diag(|d| / max |d|) D2'D2) z = W y: stiffer far from the curve (Zhang, Spectrosc. Lett. 53 (2020) 222).
    Aspls {
        /// Steepness of the weights.
        steepness: f64,
    },
}

/// Fit a background by one of these members; `x` where steps are unequal.
///
/// # Errors
/// As [`whittaker`](super::whittaker()); `InvalidOption` for `eta` outside 0 to 1, a negative `lam_1`, and for drpls weights
/// above 1, for which its matrix has no meaning.
pub fn adaptive(
    y: &[f64],
    x: Option<Grid<'_>>,
    penalty: &Penalty,
    member: Adaptive,
    options: WhittakerOptions<'_>,
) -> Result<Background> {
    let n = penalty.len();
    let reweighting = match member {
        Adaptive::Iasls { p, .. } => Reweighting::Asls { p },
        Adaptive::Drpls { .. } => Reweighting::Drpls,
        Adaptive::Aspls { steepness } => Reweighting::Aspls { steepness },
    };
    check_door(y, n, reweighting, options)?;
    if let Some(x) = x {
        check_length("x", x.x(), n)?;
    }
    check_member(member, options)?;
    let ones = vec![1.0; n];
    let given = options.weights.unwrap_or(&ones);
    let passes = Passes { y, given, reweighting, options };
    let (mut weights, mut next) = (given.to_vec(), vec![0.0; n]);
    let mut system = System { rows: penalty.rows(), rhs: vec![0.0; n], solver: Workspace::new(n) };
    let second = penalty.rows();
    match member {
        Adaptive::Iasls { p, lam_1 } => {
            let first = first_differences(x.filter(|_| !penalty.is_uniform()), given, lam_1, true);
            let bend: Vec<f64> = (0..n).map(|i| times(&first, y, i)).collect();
            let basis = Basis::new(&unit_interval(x, n), given, 2)?;
            let line = basis.fit(y, given, 1);
            if meets(y, &line, given) {
                // exact, where the squared small weights leave the solve few digits
                return Ok(Background { curve: line, converged: true, iterations: 1, final_tolerance: 0.0 });
            }
            let parabola = basis.fit(y, given, 2);
            for ((w, y), z) in weights.iter_mut().zip(y).zip(&parabola) {
                *w *= if y > z { p } else { 1.0 - p };
            }
            passes.run(&mut weights, &mut next, |weights, curve| {
                system.fill(|i, row| {
                    *row = std::array::from_fn(|k| first[i][k] + second[i][k]);
                    row[2] += weights[i] * weights[i];
                    weights[i] * weights[i] * y[i] + bend[i]
                });
                system.solve(curve)
            })
        }
        Adaptive::Drpls { eta } => {
            let first = first_differences(x.filter(|_| !penalty.is_uniform()), given, 1.0, false);
            passes.run(&mut weights, &mut next, |weights, curve| {
                system.fill(|i, row| {
                    let stiffness = 1.0 - eta * weights[i];
                    *row = std::array::from_fn(|k| first[i][k] + stiffness * second[i][k]);
                    row[2] += weights[i];
                    weights[i] * y[i]
                });
                system.solve(curve)
            })
        }
        Adaptive::Aspls { .. } => {
            let mut alpha: Option<Vec<f64>> = None;
            passes.run(&mut weights, &mut next, |weights, curve| {
                system.fill(|i, row| {
                    let stiffness = alpha.as_ref().map_or(1.0, |alpha| alpha[i]);
                    *row = second[i].map(|v| stiffness * v);
                    row[2] += weights[i];
                    weights[i] * y[i]
                });
                system.solve(curve)?;
                alpha = Some(distances(y, curve, given));
                Ok(())
            })
        }
    }
}

struct System {
    rows: Vec<[f64; 5]>,
    rhs: Vec<f64>,
    solver: Workspace,
}

impl System {
    /// Write every row with `row`, which returns its right-hand side.
    fn fill(&mut self, row: impl Fn(usize, &mut [f64; 5]) -> f64) {
        for (i, (target, rhs)) in self.rows.iter_mut().zip(&mut self.rhs).enumerate() {
            *rhs = row(i, target);
        }
    }

    fn solve(&mut self, curve: &mut [f64]) -> Result<()> {
        solve(&self.rows, &self.rhs, curve, &mut self.solver)
    }
}

fn check_member(member: Adaptive, options: WhittakerOptions<'_>) -> Result<()> {
    match member {
        Adaptive::Iasls { lam_1, .. } if !(lam_1 >= 0.0 && lam_1.is_finite()) => {
            Err(Error::InvalidOption { name: "lam_1", value: lam_1, reason: "must not be negative" })
        }
        Adaptive::Drpls { eta } if !(0.0..=1.0).contains(&eta) => {
            Err(Error::InvalidOption { name: "eta", value: eta, reason: "must be from 0 to 1" })
        }
        Adaptive::Drpls { .. } => match options.weights.and_then(|w| w.iter().find(|v| **v > 1.0)) {
            Some(&value) => Err(Error::InvalidOption { name: "weights", value, reason: "must be at most 1 for drpls" }),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// strength D1'D1 by rows, the integral of the squared slope in units of the mean step; with `masked` no difference
/// that touches a point of weight 0 counts.
fn first_differences(x: Option<Grid<'_>>, given: &[f64], strength: f64, masked: bool) -> Vec<[f64; 5]> {
    let n = given.len();
    let mut rows = vec![[0.0; 5]; n];
    for i in 0..n - 1 {
        let step = x.map_or(1.0, |x| (x.x()[i + 1] - x.x()[i]) * (n - 1) as f64 / (x.x()[n - 1] - x.x()[0]));
        let counts = !masked || (given[i] > 0.0 && given[i + 1] > 0.0);
        let v = if counts { strength / step } else { 0.0 };
        rows[i][2] += v;
        rows[i][3] -= v;
        rows[i + 1][1] -= v;
        rows[i + 1][2] += v;
    }
    rows
}

/// Element `i` of the matrix in `rows` times `v`.
fn times(rows: &[[f64; 5]], v: &[f64], i: usize) -> f64 {
    (0..5).filter_map(|k| (i + k).checked_sub(2).and_then(|j| v.get(j)).map(|v| rows[i][k] * v)).sum()
}

/// |y - z| over its largest where points count; 1 where they do not.
fn distances(y: &[f64], z: &[f64], given: &[f64]) -> Vec<f64> {
    let largest =
        y.iter().zip(z).zip(given).filter(|(_, g)| **g > 0.0).fold(0.0_f64, |m, ((y, z), _)| m.max((y - z).abs()));
    let share =
        |((y, z), g): ((&f64, &f64), &f64)| if *g > 0.0 { (y - z).abs() / largest.max(f64::MIN_POSITIVE) } else { 1.0 };
    y.iter().zip(z).zip(given).map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: WhittakerOptions<'static> = WhittakerOptions { max_iterations: 100, tol: 1e-3, weights: None };
    const MEMBERS: [Adaptive; 3] =
        [Adaptive::Iasls { p: 0.01, lam_1: 1e-4 }, Adaptive::Drpls { eta: 0.5 }, Adaptive::Aspls { steepness: 0.5 }];

    fn spectrum(n: usize) -> Vec<f64> {
        let noise = |i: usize| ((i * 7919 + 13) % 101) as f64 / 101.0 - 0.5;
        let peak = |i: usize| 500.0 * (-((i as f64 - n as f64 / 3.0) / 8.0).powi(2)).exp();
        (0..n).map(|i| 100.0 + 0.02 * i as f64 + noise(i) + peak(i)).collect()
    }

    #[test]
    fn follows_the_ground_under_peaks() {
        let (y, penalty) = (spectrum(1000), Penalty::uniform(1000, 1e6).unwrap());
        for member in MEMBERS {
            let background = adaptive(&y, None, &penalty, member, DEFAULT).unwrap();
            for (i, b) in background.curve.iter().enumerate() {
                // the noise is +-0.5; the line underneath is known exactly
                assert!((b - 100.0 - 0.02 * i as f64).abs() < 1.5, "{member:?} {i}: {b}");
            }
        }
    }

    #[test]
    fn refuses_absurd_options_by_name() {
        let (y, penalty) = (spectrum(50), Penalty::uniform(50, 1e3).unwrap());
        let run = |member, weights| adaptive(&y, None, &penalty, member, WhittakerOptions { weights, ..DEFAULT });
        let name = |result: Result<Background>| match result {
            Err(Error::InvalidOption { name, .. }) => name,
            other => panic!("{other:?}"),
        };
        assert_eq!(name(run(Adaptive::Iasls { p: 0.0, lam_1: 1.0 }, None)), "p");
        assert_eq!(name(run(Adaptive::Iasls { p: 0.1, lam_1: -1.0 }, None)), "lam_1");
        assert_eq!(name(run(Adaptive::Drpls { eta: 1.1 }, None)), "eta");
        assert_eq!(name(run(Adaptive::Drpls { eta: 0.5 }, Some(&[2.0; 50]))), "weights");
        assert_eq!(name(run(Adaptive::Aspls { steepness: 0.0 }, None)), "asymmetric_coef");
    }
}
