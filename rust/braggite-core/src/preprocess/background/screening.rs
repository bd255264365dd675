//! Members of the Whittaker family that judge a point by its height above the curve: psalsa and derpsalsa.

#![allow(clippy::inline_always, reason = "one source compiled for each instruction set")]

use super::snip::continued;
use super::whittaker::{check_door, fit};
use super::{Background, Reweighting, Room, WhittakerOptions};
use crate::error::{Error, Result};
use crate::instruction_set::{InstructionSet, for_each_instruction_set};
use crate::linalg::pentadiagonal::Penalty;

/// Height above the curve at which a point counts as peak, when none is given: a tenth of the standard deviation of
/// the ordinates that count (Oller-Moreno, IEEE SSD (2014) 1).
pub fn peak_height(y: &[f64], weights: Option<&[f64]>) -> f64 {
    let kept: Vec<f64> = y
        .iter()
        .enumerate()
        .filter(|(i, _)| weights.is_none_or(|w| w.get(*i) != Some(&0.0)))
        .map(|(_, v)| *v)
        .collect();
    let mean = kept.iter().sum::<f64>() / kept.len() as f64;
    let variance = kept.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / kept.len() as f64;
    (0.1 * variance.sqrt()).max(f64::MIN_POSITIVE)
}

/// How derpsalsa recognises the flanks and tops of peaks before it fits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Screening {
    /// Half width of the smoothing kernel, in points; 0 leaves the spectrum as it is.
    pub half_window: usize,
    /// How often it is smoothed.
    pub smooths: usize,
}

/// derpsalsa: psalsa with the weights of sloping and curved points lowered throughout.
///
/// Korepanov, J. Raman Spectrosc. 51 (2020) 2061; the kernel after Chen, Appl. Spectrosc. 73 (2019) 284.
///
/// # Errors
/// As [`whittaker`]; `InvalidOption` for a smoothing kernel wider than the spectrum or more than 1000 smoothings.
pub fn derpsalsa(
    y: &[f64],
    penalty: &Penalty,
    (p, k): (f64, f64),
    screening: Screening,
    options: WhittakerOptions<'_>,
    room: &mut Room,
) -> Result<Background> {
    let rule = Reweighting::Derpsalsa { p, k };
    check_door(y, penalty.len(), rule, options)?;
    fit(y, penalty, rule, options, Some(&factors(y, screening, options)?), room)
}

/// The factors by which sloping and curved points of the checked `y` weigh less.
///
/// # Errors
/// As [`derpsalsa`].
pub(super) fn factors(y: &[f64], screening: Screening, options: WhittakerOptions<'_>) -> Result<Vec<f64>> {
    if 2 * screening.half_window >= y.len() {
        let (name, reason) = ("smooth_half_window", "must be below half the number of points");
        return Err(Error::InvalidOption { name, value: screening.half_window as f64, reason });
    }
    if screening.smooths > 1000 {
        let (name, reason) = ("num_smooths", "must be at most 1000");
        return Err(Error::InvalidOption { name, value: screening.smooths as f64, reason });
    }
    let Some(given) = options.weights else { return Ok(screen(y, screening)) };
    let mut factors = screen(&bridged(y, given), screening);
    factors.iter_mut().zip(given).for_each(|(factor, given)| *factor *= given);
    Ok(factors)
}

/// `y` with straight lines across the points of weight 0.
pub(super) fn bridged(y: &[f64], given: &[f64]) -> Vec<f64> {
    let mut bridged = y.to_vec();
    let mut last: Option<usize> = None;
    for (i, _) in given.iter().enumerate().filter(|(_, g)| **g > 0.0) {
        let from = last.map_or(y[i], |at| y[at]);
        let start = last.map_or(0, |at| at + 1);
        let length = (i - last.unwrap_or(0)) as f64;
        for (k, value) in bridged[start..i].iter_mut().enumerate() {
            *value = from + (y[i] - from) * (k + 1) as f64 / length.max(1.0);
        }
        last = Some(i);
    }
    if let Some(at) = last {
        bridged[at..].fill(y[at]);
    }
    bridged
}

/// exp(-(s' / rms)^2 / 2 - (s'' / rms)^2 / 2) of the smoothed spectrum s: near 0 on flanks and tops.
fn screen(y: &[f64], screening: Screening) -> Vec<f64> {
    let smooth = smoothed(y, screening);
    let slope = gradient(&smooth);
    let bend = gradient(&slope);
    let scale = |v: &[f64]| (v.iter().map(|d| d * d).sum::<f64>() / v.len() as f64).sqrt().max(f64::MIN_POSITIVE);
    let (slope_scale, bend_scale) = (scale(&slope), scale(&bend));
    let factor = |(s, b): (&f64, &f64)| (-0.5 * ((s / slope_scale).powi(2) + (b / bend_scale).powi(2))).exp();
    slope.iter().zip(&bend).map(factor).collect()
}

/// Convolved `smooths` times with the bump exp(-1 / (1 - u^2)); the ends are continued by straight lines.
fn smoothed(y: &[f64], screening: Screening) -> Vec<f64> {
    let half = screening.half_window;
    if half == 0 {
        return y.to_vec();
    }
    let bump = |j: usize| (-1.0 / (1.0 - (j as f64 / half as f64).powi(2))).exp();
    let raw: Vec<f64> = (0..half).map(bump).collect();
    let area = 2.0 * raw.iter().sum::<f64>() - raw[0];
    let kernel: Vec<f64> = raw.iter().map(|v| v / area).collect();
    let mut values = continued(y, half);
    for _ in 0..screening.smooths {
        values = convolved(&values, &kernel);
    }
    values[half..half + y.len()].to_vec()
}

/// Convolution with the symmetric kernel whose right half is `half` (the middle first); mirrored at the ends.
fn convolved(values: &[f64], half: &[f64]) -> Vec<f64> {
    let reach = half.len() - 1;
    let mut padded: Vec<f64> = values[1..=reach].iter().rev().copied().collect();
    padded.extend_from_slice(values);
    padded.extend(values[values.len() - 1 - reach..values.len() - 1].iter().rev());
    let mut sums = vec![0.0; values.len()];
    convolve(InstructionSet::widest(), &padded, half, &mut sums);
    sums
}

for_each_instruction_set! {
    /// The sums of `padded`, which reaches one point less than `half` is long beyond either end of them.
    fn convolve(padded: &[f64], half: &[f64], sums: &mut [f64]) = convolve_any;
}

/// Points whose sums stay in registers while the kernel passes over them.
const BLOCK: usize = 32;

#[inline(always)]
fn convolve_any(padded: &[f64], half: &[f64], sums: &mut [f64]) {
    let reach = half.len() - 1;
    for (block, sums) in sums.chunks_mut(BLOCK).enumerate() {
        let around = &padded[block * BLOCK..][..sums.len() + 2 * reach];
        let mut held = [0.0; BLOCK];
        let held = &mut held[..sums.len()];
        held.iter_mut().zip(&around[reach..]).for_each(|(sum, v)| *sum = half[0] * v);
        for (j, weight) in half.iter().enumerate().skip(1) {
            for ((sum, left), right) in held.iter_mut().zip(&around[reach - j..]).zip(&around[reach + j..]) {
                *sum += weight * (left + right);
            }
        }
        sums.copy_from_slice(held);
    }
}

/// Central differences per point, one-sided at the ends.
fn gradient(values: &[f64]) -> Vec<f64> {
    let last = values.len() - 1;
    let at = |i: usize| {
        let (left, right) = (i.saturating_sub(1), (i + 1).min(last));
        (values[right] - values[left]) / (right - left) as f64
    };
    (0..=last).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bridges_masked_points_by_lines() {
        let y = [9.0, 1.0, 9.0, 9.0, 4.0, 9.0];
        assert_eq!(bridged(&y, &[0.0, 1.0, 0.0, 0.0, 1.0, 0.0]), [1.0, 1.0, 2.0, 3.0, 4.0, 4.0]);
    }

    #[test]
    fn smoothing_keeps_a_line_and_the_screen_lets_it_pass() {
        let y: Vec<f64> = (0..100).map(|i| 3.0 + 0.5 * f64::from(i)).collect();
        let smooth = smoothed(&y, Screening { half_window: 4, smooths: 1 });
        // one smoothing of the continued line: the mirrored ends lie outside the spectrum
        assert!(smooth.iter().zip(&y).all(|(s, y)| (s - y).abs() < 1e-12 * y));
    }

    #[test]
    fn flanks_weigh_less_than_the_ground() {
        let y: Vec<f64> = (0..400).map(|i| 5.0 + 90.0 * (-((f64::from(i) - 200.0) / 9.0).powi(2)).exp()).collect();
        let screen = screen(&y, Screening { half_window: 2, smooths: 16 });
        assert!(screen[50] > 0.999 && screen[194] < 0.1 && screen[206] < 0.1);
    }

    #[test]
    fn refuses_absurd_options_by_name() {
        let (y, penalty) = ([1.0, 2.0, 1.0, 2.0, 1.0, 2.0], Penalty::uniform(6, 1.0).unwrap());
        let options = WhittakerOptions { max_iterations: 5, tol: 1e-3, weights: None };
        let run = |p, k, half_window| {
            derpsalsa(&y, &penalty, (p, k), Screening { half_window, smooths: 1 }, options, &mut Room::new(6))
        };
        assert!(matches!(run(0.0, 1.0, 1), Err(Error::InvalidOption { name: "p", .. })));
        assert!(matches!(run(0.1, 0.0, 1), Err(Error::InvalidOption { name: "k", .. })));
        assert!(matches!(run(0.1, 1.0, 3), Err(Error::InvalidOption { name: "smooth_half_window", .. })));
    }
}
