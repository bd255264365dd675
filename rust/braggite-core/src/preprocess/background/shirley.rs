//! Shirley: a background proportional to the net intensity on the side of lower binding energy.

#![allow(clippy::inline_always, reason = "one source compiled for each instruction set")]

use std::array::from_fn;

use super::Background;
use super::ends::Ends;
use crate::error::{Error, Result};
use crate::grid::Grid;
use crate::instruction_set::{InstructionSet, for_each_instruction_set};
use crate::linalg::lanes::{Lanes, greater, minus};

/// How the background is iterated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShirleyOptions {
    /// Points averaged at either end.
    pub end_points: usize,
    /// Passes at most.
    pub max_iterations: usize,
    /// Largest change of the curve, as a share of the step between the ends, below which it has converged.
    pub tol: f64,
    /// Never above the data (the *smart* background): cut down to them after each pass.
    pub bounded: bool,
}

/// S(x) = `I_1` + (`I_2` - `I_1`) A(x) / A(end), A the integral of y - S from the first point: its own net area decides
/// the curve, so it is iterated from the lower end's constant.
///
/// The axis may ascend in binding or in kinetic energy: the result is the same. Where the net area is not positive no
/// such curve exists; the last one is returned as not converged.
/// Shirley, Phys. Rev. B 5 (1972) 4709; Proctor and Sherwood, Anal. Chem. 54 (1982) 13; Vegh, J. Electron Spectrosc.
/// 151 (2006) 159.
///
/// # Errors
/// `TooFewPoints` below four, `NotFinite`, `LengthMismatch`; `InvalidOption` for no `end_points` or more than half, or a
/// `tol` below 0.
pub fn shirley(x: Grid<'_>, y: &[f64], options: ShirleyOptions) -> Result<Background> {
    let Ends { left: (_, first), right: (_, last) } = Ends::of(x, y, options.end_points)?;
    if !(options.tol >= 0.0 && options.tol.is_finite()) {
        return Err(Error::InvalidOption { name: "tol", value: options.tol, reason: "must not be negative" });
    }
    let halves: Vec<f64> = x.x().windows(2).map(|w| 0.5 * (w[1] - w[0])).collect();
    let (step, level) = (last - first, first.min(last));
    let mut curve: Vec<f64> = y.iter().map(|y| if options.bounded { level.min(*y) } else { level }).collect();
    let mut area = vec![0.0; y.len()];
    let (mut change, set) = (f64::INFINITY, InstructionSet::widest());
    for pass in 1..=options.max_iterations {
        integrate(set, &halves, y, &curve, &mut area);
        let total = area.last().copied().unwrap_or_default();
        if step != 0.0 && total <= 0.0 {
            return Ok(Background { curve, converged: false, iterations: pass, final_tolerance: change });
        }
        let share = if step == 0.0 { 0.0 } else { step / total };
        let moved = advance(set, &mut curve, y, &area, (first, share), options.bounded);
        change = if moved == 0.0 { 0.0 } else { moved / step.abs() };
        if change <= options.tol {
            return Ok(Background { curve, converged: true, iterations: pass, final_tolerance: change });
        }
    }
    Ok(Background { curve, converged: false, iterations: options.max_iterations, final_tolerance: change })
}

for_each_instruction_set! {
    /// The running integral of `y - curve` by trapezia; `halves` are half steps.
    fn integrate(halves: &[f64], y: &[f64], curve: &[f64], area: &mut [f64]) = integrate_any;
}

#[inline(always)]
fn integrate_any(halves: &[f64], y: &[f64], curve: &[f64], area: &mut [f64]) {
    let area = &mut area[1..];
    let pairs = halves.iter().zip(y.iter().zip(&y[1..])).zip(curve.iter().zip(&curve[1..]));
    for (piece, ((half, y), z)) in area.iter_mut().zip(pairs) {
        *piece = half * ((y.0 - z.0) + (y.1 - z.1));
    }
    let mut sum = 0.0;
    let (fours, rest) = area.as_chunks_mut();
    for [a, b, c, d] in fours {
        // pairs first, so that one addition in four waits for the one before
        let (ab, cd) = (*a + *b, *c + *d);
        let (abc, all) = (ab + *c, ab + cd);
        (*a, *b, *c, *d) = (sum + *a, sum + ab, sum + abc, sum + all);
        sum = *d;
    }
    for piece in rest {
        sum += *piece;
        *piece = sum;
    }
}

for_each_instruction_set! {
    /// The next curve; returns the largest change.
    fn advance(curve: &mut [f64], y: &[f64], area: &[f64], line: (f64, f64), bounded: bool) -> f64 = advance_any;
}

#[inline(always)]
fn advance_any(curve: &mut [f64], y: &[f64], area: &[f64], (first, share): (f64, f64), bounded: bool) -> f64 {
    let ceiling = |y: f64| if bounded { y } else { f64::INFINITY };
    let next = |y: f64, area: f64| {
        let (free, ceiling) = (first + share * area, ceiling(y));
        if ceiling < free { ceiling } else { free }
    };
    let mut moved: Lanes<8> = [0.0; 8];
    let ((curve, curve_rest), (y, y_rest), (area, area_rest)) =
        (curve.as_chunks_mut::<8>(), y.as_chunks::<8>(), area.as_chunks::<8>());
    for ((z, y), area) in curve.iter_mut().zip(y).zip(area) {
        let new: Lanes<8> = from_fn(|k| next(y[k], area[k]));
        moved = greater(moved, minus(new, *z).map(f64::abs));
        *z = new;
    }
    let rest = curve_rest.iter_mut().zip(y_rest).zip(area_rest).map(|((z, y), area)| {
        let new = next(*y, *area);
        (new - std::mem::replace(z, new)).abs()
    });
    rest.chain(moved).fold(0.0, |most, change| if change > most { change } else { most })
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: ShirleyOptions = ShirleyOptions { end_points: 3, max_iterations: 100, tol: 1e-12, bounded: false };

    /// Peak and the Shirley background that belongs to it exactly: k times the peak's integral above `level`.
    fn region(n: usize) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let x: Vec<f64> = (0..n).map(|i| 280.0 + 20.0 * f64::from(i as u32) / (n - 1) as f64).collect();
        let (mut sum, mut last) = (0.0, 0.0);
        let (mut y, mut ground) = (Vec::new(), Vec::new());
        for (i, at) in x.iter().enumerate() {
            let peak = 900.0 * (-((at - 290.0) / 1.2).powi(2)).exp();
            sum += if i == 0 { 0.0 } else { 0.5 * (peak + last) * (at - x[i - 1]) };
            last = peak;
            ground.push(200.0 + 0.08 * sum);
            y.push(peak + 200.0 + 0.08 * sum);
        }
        (x, y, ground)
    }

    #[test]
    fn returns_the_ground_it_belongs_to() {
        let (x, y, ground) = region(400);
        let background = shirley(Grid::new(&x).unwrap(), &y, OPTIONS).unwrap();
        assert!(background.converged);
        // the peak is below rounding at both ends, so their means are exact
        assert!(background.curve.iter().zip(&ground).all(|(s, g)| (s - g).abs() < 1e-9 * g));
    }

    #[test]
    fn the_direction_of_the_axis_does_not_matter() {
        let (x, y, _) = region(301);
        let mirrored: Vec<f64> = x.iter().rev().map(|x| -x).collect();
        let reversed: Vec<f64> = y.iter().rev().copied().collect();
        let one = shirley(Grid::new(&x).unwrap(), &y, OPTIONS).unwrap().curve;
        let other = shirley(Grid::new(&mirrored).unwrap(), &reversed, OPTIONS).unwrap().curve;
        assert!(one.iter().zip(other.iter().rev()).all(|(a, b)| (a - b).abs() < 1e-9 * a));
    }

    #[test]
    fn any_instruction_set_gives_the_same_bits() {
        let (x, y, _) = region(403);
        let halves: Vec<f64> = x.windows(2).map(|w| 0.5 * (w[1] - w[0])).collect();
        let pass = |set: InstructionSet, bounded: bool| {
            let (mut curve, mut area) = (vec![200.0; y.len()], vec![0.0; y.len()]);
            integrate(set, &halves, &y, &curve, &mut area);
            let moved = advance(set, &mut curve, &y, &area, (200.0, 0.08), bounded);
            (curve, area, moved)
        };
        let sets: Vec<InstructionSet> = InstructionSet::available().collect();
        for bounded in [false, true] {
            assert!(sets.iter().all(|set| pass(*set, bounded) == pass(sets[0], bounded)));
        }
        // the integral of the peak alone: exp(-(t / 1.2)^2) over all t
        let whole = 900.0 * 1.2 * std::f64::consts::PI.sqrt();
        let level_and_ground = pass(sets[0], false).1;
        assert!(level_and_ground.last().is_some_and(|area| *area > whole));
    }

    #[test]
    fn the_smart_one_stays_below_the_data() {
        let (x, mut y, _) = region(400);
        y[330..350].iter_mut().for_each(|v| *v -= 60.0);
        let background = shirley(Grid::new(&x).unwrap(), &y, ShirleyOptions { bounded: true, ..OPTIONS }).unwrap();
        assert!(background.converged && background.curve.iter().zip(&y).all(|(s, y)| s <= y));
    }

    #[test]
    fn without_net_area_it_has_not_converged() {
        let x: Vec<f64> = (0..50).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|x| x - 500.0 * (-((x - 25.0) / 5.0).powi(2)).exp()).collect();
        assert!(!shirley(Grid::new(&x).unwrap(), &y, OPTIONS).unwrap().converged);
    }
}
