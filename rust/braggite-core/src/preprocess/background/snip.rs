//! SNIP: clip each point to the mean of its neighbours at a shrinking distance.

#![allow(clippy::inline_always, reason = "one source compiled for each instruction set")]

use std::ops::Range;

use super::Background;
use super::polynomial::line_through;
use crate::error::{Error, Result};
use crate::grid::{check_finite, check_points};
use crate::instruction_set::{InstructionSet, for_each_instruction_set};

/// How SNIP clips.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SnipOptions {
    /// Largest distance, in points; about the full width of the widest peak.
    pub half_window: usize,
    /// From the largest distance down to 1 (Morhac 1997), which leaves smoother curves, or from 1 up (Ryan 1988).
    pub decreasing: bool,
    /// Clip log(log(sqrt(y + 1) + 1) + 1), which levels counts over several decades.
    pub lls: bool,
}

/// Statistics-sensitive non-linear iterative peak clipping.
///
/// Beyond both ends the spectrum is continued by the straight line through its outermost `half_window` points.
/// Ryan et al., Nucl. Instrum. Methods B 34 (1988) 396; Morhac et al., Nucl. Instrum. Methods A 401 (1997) 113.
///
/// # Errors
/// `TooFewPoints` below four points, `NotFinite`; `InvalidOption` for a `half_window` of 0 or beyond half the points.
pub fn snip(y: &[f64], options: SnipOptions) -> Result<Background> {
    check_points("y", y, 4)?;
    check_finite("y", y)?;
    let width = options.half_window;
    if width == 0 || width > (y.len() - 1) / 2 {
        return Err(Error::InvalidOption {
            name: "half_window",
            value: width as f64,
            reason: "must be at least 1 and at most half the number of points",
        });
    }
    let offset = if options.lls { y.iter().fold(0.0_f64, |low, v| low.min(*v)) } else { 0.0 };
    let level = |v: f64| if options.lls { (((v - offset + 1.0).sqrt() + 1.0).ln() + 1.0).ln() } else { v };
    let unlevel = |v: f64| if options.lls { ((v.exp() - 1.0).exp() - 1.0).powi(2) - 1.0 + offset } else { v };
    let mut curve = continued(&y.iter().map(|v| level(*v)).collect::<Vec<f64>>(), width);
    let (mut between, set) = (vec![0.0; curve.len()], InstructionSet::widest());
    let distance = |step: usize| if options.decreasing { width - step } else { step + 1 };
    for step in (0..width).step_by(2) {
        let distances = (distance(step), (step + 1 < width).then(|| distance(step + 1)));
        clip_twice(set, &mut curve, &mut between, distances);
    }
    let curve = curve[width..width + y.len()].iter().map(|v| unlevel(*v)).collect();
    Ok(Background { curve, converged: true, iterations: width, final_tolerance: 0.0 })
}

for_each_instruction_set! {
    /// Two steps in one sweep, `values` to `between` and back; without a second one back by copying.
    fn clip_twice(values: &mut [f64], between: &mut [f64], distances: (usize, Option<usize>)) = clip_twice_any;
}

/// Points by which the first of two steps runs ahead, so that the second finds all it needs in the nearest cache.
const BLOCK: usize = 512;

#[inline(always)]
fn clip_twice_any(values: &mut [f64], between: &mut [f64], (first, second): (usize, Option<usize>)) {
    let n = values.len();
    let reach = first.max(second.unwrap_or_default());
    let (mut made, mut done) = (0, 0);
    while done < n {
        let next = (made + BLOCK).min(n);
        clip(values, first, made..next, between);
        made = next;
        // what the first step may still read stays
        let free = if made == n { n } else { made.saturating_sub(reach) };
        match second {
            Some(distance) => clip(between, distance, done..free, values),
            None => values[done..free].copy_from_slice(&between[done..free]),
        }
        done = free;
    }
}

/// One step for the points of `range`: none in `to` above the mean of the two in `from` at this distance.
#[inline(always)]
fn clip(from: &[f64], distance: usize, range: Range<usize>, to: &mut [f64]) {
    let start = distance.clamp(range.start, range.end);
    let end = (from.len() - distance).clamp(start, range.end);
    to[range.start..start].copy_from_slice(&from[range.start..start]);
    to[end..range.end].copy_from_slice(&from[end..range.end]);
    if start == end {
        return;
    }
    let neighbours = from[start - distance..end - distance].iter().zip(&from[start + distance..end + distance]);
    for ((to, here), (left, right)) in to[start..end].iter_mut().zip(&from[start..end]).zip(neighbours) {
        let mean = 0.5 * (left + right);
        *to = if mean < *here { mean } else { *here };
    }
}

/// `y` with `width` points of the straight line through its first and last `width` points at either end.
pub(super) fn continued(y: &[f64], width: usize) -> Vec<f64> {
    let index: Vec<f64> = (0..width).map(|i| i as f64).collect();
    let (left, right) = (line_through(&index, &y[..width]), line_through(&index, &y[y.len() - width..]));
    let before = index.iter().map(|i| left(i - width as f64));
    let after = index.iter().map(|i| right(i + width as f64));
    before.chain(y.iter().copied()).chain(after).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: SnipOptions = SnipOptions { half_window: 20, decreasing: true, lls: false };

    #[test]
    fn removes_a_peak_and_keeps_the_ground() {
        // the transform bends a sloping line, so it is tried on a level one
        for (lls, slope) in [(false, 0.1), (true, 0.0)] {
            let ground = |i: usize| 5.0 + slope * i as f64;
            let y: Vec<f64> = (0..200).map(|i| ground(i) + 50.0 * (-((i as f64 - 90.0) / 2.5).powi(2)).exp()).collect();
            let curve = snip(&y, SnipOptions { lls, ..OPTIONS }).unwrap().curve;
            let worst = curve.iter().enumerate().fold(0.0_f64, |m, (i, b)| m.max((b - ground(i)).abs()));
            // a share of the peak's height: what its tail lifts at the shrinking distances
            assert!(worst < 1e-3 * 50.0, "{lls}: {worst}");
        }
    }

    #[test]
    fn two_steps_at_once_are_one_after_the_other_with_any_instruction_set() {
        let y: Vec<f64> = (0..1700).map(|i| f64::from((i * 7919) % 101)).collect();
        for (first, second) in [(700, Some(699)), (1, Some(2)), (9, Some(8)), (5, None), (513, Some(512))] {
            let (mut one, mut other) = (y.clone(), y.clone());
            clip(&y, first, 0..y.len(), &mut one);
            if let Some(second) = second {
                clip(&one, second, 0..y.len(), &mut other);
            } else {
                other.copy_from_slice(&one);
            }
            for set in InstructionSet::available() {
                let (mut values, mut between) = (y.clone(), vec![0.0; y.len()]);
                clip_twice(set, &mut values, &mut between, (first, second));
                assert_eq!(values, other);
            }
        }
    }

    #[test]
    fn never_above_the_data() {
        let y: Vec<f64> = (0..300).map(|i| f64::from((i * 7919) % 101)).collect();
        assert!(snip(&y, OPTIONS).unwrap().curve.iter().zip(&y).all(|(b, y)| b <= y));
    }

    #[test]
    fn refuses_a_window_wider_than_the_data() {
        assert!(matches!(snip(&[1.0; 30], OPTIONS), Err(Error::InvalidOption { name: "half_window", .. })));
    }
}
