//! Members of the Whittaker family with a matrix of their own: iasls, drpls and aspls.

#![allow(clippy::inline_always, reason = "one source compiled for each instruction set")]

use std::array::from_fn;

use super::passes::{Begun, Matrix, Room, Run, Start, alone, definite};
use super::polynomial::{Basis, unit_interval};
use super::whittaker::{begin, check_door, meets};
use super::{Background, Ending, Reweighting, WhittakerOptions};
use crate::error::{Error, Result};
use crate::grid::{Grid, check_length};
use crate::instruction_set::{InstructionSet, for_each_instruction_set};
use crate::linalg::five_rows::{FiveRows, solve};
use crate::linalg::lanes::{Lanes, minus, plus, times};
use crate::linalg::pentadiagonal::Penalty;

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
    alone(n, options, |run, curve| rows(run, y, x, penalty, member, &mut Room::<1>::new(n), curve))
}

/// As [`adaptive`] for rows that follow one another in `y`, L side by side; their curves into `curves`.
pub(super) fn rows<const L: usize>(
    run: Run<'_>,
    y: &[f64],
    x: Option<Grid<'_>>,
    penalty: &Penalty,
    member: Adaptive,
    room: &mut Room<L>,
    curves: &mut [f64],
) -> Result<Vec<Ending>> {
    let (n, options) = (penalty.len(), run.options);
    if let Some(x) = x {
        check_length("x", x.x(), n)?;
    }
    check_member(member, options)?;
    if run.rows == 0 {
        return Ok(Vec::new());
    }
    let row_of = |row: usize| y.get(row * n..(row + 1) * n).unwrap_or(y);
    let begin = |row, rule| begin(row_of(row), n, rule, options, None);
    let unequal = x.filter(|_| !penalty.is_uniform());
    let second = penalty.rows();
    match member {
        Adaptive::Iasls { p, lam_1 } => {
            let rule = Reweighting::Asls { p };
            check_door(row_of(0), n, rule, options)?;
            let ones = vec![1.0; n];
            let given = options.weights.unwrap_or(&ones);
            let first = first_differences(unequal, given, lam_1, true);
            let both = first.iter().zip(&second).map(|(a, b)| from_fn(|k| a[k] + b[k])).collect();
            let basis = Basis::new(&unit_interval(x, n), given, 2)?;
            let mut matrix = Iasls { both, first, bend: vec![[0.0; L]; n] };
            let begin = |row| Ok(from_parabola(begin(row, rule)?, given, p, &basis));
            run.side_by_side(begin, &mut matrix, room, curves)
        }
        Adaptive::Drpls { eta } => {
            let first = first_differences(unequal, &vec![1.0; n], 1.0, false);
            run.side_by_side(|row| begin(row, Reweighting::Drpls), &mut Drpls { first, second, eta }, room, curves)
        }
        Adaptive::Aspls { steepness } => {
            let mut matrix = Aspls { second, alpha: vec![[1.0; L]; n] };
            run.side_by_side(|row| begin(row, Reweighting::Aspls { steepness }), &mut matrix, room, curves)
        }
    }
}

/// A row of iasls with its first weights: those above and below a parabola; a line is its own background, exactly,
/// where the squared small weights would leave the solve few digits.
fn from_parabola<'a>(begun: Begun<'a>, given: &[f64], p: f64, basis: &Basis) -> Begun<'a> {
    let Begun::Fit(start) = begun else { return begun };
    let line = basis.fit(start.y, given, 1);
    if meets(start.y, &line, given) {
        return Begun::Known(line);
    }
    let parabola = basis.fit(start.y, given, 2);
    let points = start.y.iter().zip(&parabola).zip(given);
    let first: Vec<f64> = points.map(|((y, z), g)| g * if y > z { p } else { 1.0 - p }).collect();
    Begun::Fit(Start { first: Some(first.into()), ..start })
}

struct Iasls<const L: usize> {
    /// Both penalties.
    both: Vec<[f64; 5]>,
    first: Vec<[f64; 5]>,
    /// The first penalty times y.
    bend: Vec<Lanes<L>>,
}

impl<const L: usize> FiveRows<L> for Iasls<L> {
    #[inline(always)]
    fn row(&self, i: usize, w: Lanes<L>, y: Lanes<L>) -> ([Lanes<L>; 5], Lanes<L>) {
        let square = times(w, w);
        let mut row = self.both[i].map(|v| [v; L]);
        row[2] = plus(row[2], square);
        (row, plus(times(square, y), self.bend[i]))
    }
}

impl<const L: usize> Matrix<L> for Iasls<L> {
    fn begin(&mut self, lane: usize, room: &Room<L>) {
        for i in 0..self.bend.len() {
            let near = (0..5).filter_map(|k| (i + k).checked_sub(2).and_then(|j| room.y.get(j)).map(|y| (k, y[lane])));
            self.bend[i][lane] = near.map(|(k, y)| self.first[i][k] * y).sum();
        }
    }

    fn solve(&mut self, Room { solver, y, weights, curve, .. }: &mut Room<L>) -> [Result<()>; L] {
        definite(solve(self, (weights, y), curve, solver))
    }
}

struct Drpls {
    first: Vec<[f64; 5]>,
    second: Vec<[f64; 5]>,
    eta: f64,
}

impl<const L: usize> FiveRows<L> for Drpls {
    #[inline(always)]
    fn row(&self, i: usize, w: Lanes<L>, y: Lanes<L>) -> ([Lanes<L>; 5], Lanes<L>) {
        let Drpls { first, second, eta } = self;
        let stiffness: Lanes<L> = w.map(|w| 1.0 - eta * w);
        let (first, second) = (first[i].map(|v| [v; L]), second[i].map(|v| [v; L]));
        let mut row = from_fn(|k| plus(first[k], times(stiffness, second[k])));
        row[2] = plus(row[2], w);
        (row, times(w, y))
    }
}

impl<const L: usize> Matrix<L> for Drpls {
    fn solve(&mut self, Room { solver, y, weights, curve, .. }: &mut Room<L>) -> [Result<()>; L] {
        definite(solve(self, (weights, y), curve, solver))
    }
}

struct Aspls<const L: usize> {
    second: Vec<[f64; 5]>,
    /// Distance from the last curve over its largest.
    alpha: Vec<Lanes<L>>,
}

impl<const L: usize> FiveRows<L> for Aspls<L> {
    #[inline(always)]
    fn row(&self, i: usize, w: Lanes<L>, y: Lanes<L>) -> ([Lanes<L>; 5], Lanes<L>) {
        let alpha = self.alpha[i];
        let mut row = self.second[i].map(|v| times(alpha, [v; L]));
        row[2] = plus(row[2], w);
        (row, times(w, y))
    }
}

impl<const L: usize> Matrix<L> for Aspls<L> {
    fn begin(&mut self, lane: usize, _: &Room<L>) {
        self.alpha.iter_mut().for_each(|alpha| alpha[lane] = 1.0);
    }

    fn solve(&mut self, Room { solver, y, given, weights, curve, .. }: &mut Room<L>) -> [Result<()>; L] {
        let sound = solve(self, (weights, y), curve, solver);
        distances(InstructionSet::widest(), y, curve, given, &mut self.alpha);
        definite(sound)
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

for_each_instruction_set! {
    /// |y - z| over its largest where points count; 1 where they do not.
    fn distances[const L: usize](y: &[Lanes<L>], z: &[Lanes<L>], given: &[Lanes<L>], alpha: &mut [Lanes<L>])
        = distances_any;
}

#[inline(always)]
fn distances_any<const L: usize>(y: &[Lanes<L>], z: &[Lanes<L>], given: &[Lanes<L>], alpha: &mut [Lanes<L>]) {
    let mut largest = [f64::MIN_POSITIVE; L];
    for (((y, z), g), alpha) in y.iter().zip(z).zip(given).zip(alpha.iter_mut()) {
        *alpha = minus(*y, *z).map(f64::abs);
        largest = from_fn(|k| if g[k] > 0.0 && alpha[k] > largest[k] { alpha[k] } else { largest[k] });
    }
    for (alpha, g) in alpha.iter_mut().zip(given) {
        *alpha = from_fn(|k| if g[k] > 0.0 { alpha[k] / largest[k] } else { 1.0 });
    }
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
