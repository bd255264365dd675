//! Filters on the scale of a line: its own shape, and the shape's second derivative, which sees shoulders.

#![allow(clippy::inline_always, reason = "one source compiled for several instruction sets")]

use std::f64::consts::TAU;
use std::ops::Range;

use super::stretches::stretches;
use crate::dispatch::{self, dispatch};

/// Points that share one kernel; widths change slowly along the axis.
const BLOCK: usize = 64;
/// Kernels end at this many standard deviations.
const REACH: f64 = 4.0;
/// Blocks whose widths differ by less than this share have one kernel.
const SAME_SCALE: f64 = 0.02;

/// What is correlated with the spectrum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kernel {
    /// The Gaussian: the most sensitive to a lone line on flat ground.
    Line,
    /// Minus its second derivative: blind to level and slope, and to the convex tails of neighbours.
    Curvature,
}

impl Kernel {
    /// The kernel at the distance `d`, for standard deviation `t`.
    fn at(self, d: f64, t: f64) -> f64 {
        let u2 = (d / t) * (d / t);
        let gauss = (-0.5 * u2).exp();
        match self {
            Self::Line => gauss,
            Self::Curvature => (1.0 - u2) * gauss,
        }
    }

    /// Expected crossings of a level, as a factor on `exp(-z^2 / 2)`, per standard deviation of the kernel
    /// (Rice, Bell Syst. Tech. J. 24 (1945) 46, with the spectrum of white noise behind the kernel).
    pub fn crossings(self) -> f64 {
        let second_moment = match self {
            Self::Line => 0.5,
            Self::Curvature => 2.5,
        };
        f64::sqrt(second_moment) / TAU
    }

    /// Height above noise that white noise exceeds `false_alarms` times over `lengths` standard deviations of the kernel.
    pub fn threshold(self, lengths: f64, false_alarms: f64) -> f64 {
        let rate = (self.crossings() * lengths / false_alarms).max(1.0);
        (2.0 * rate.ln()).sqrt().max(1.0)
    }
}

/// A filtered spectrum, and the noise of any of its points.
#[derive(Debug, Clone)]
pub struct Response<'a> {
    pub value: Vec<f64>,
    variance: &'a [f64],
    /// Halves of the symmetric kernels, and which of them each block has.
    taps: Vec<Vec<f64>>,
    block_taps: Vec<usize>,
}

impl<'a> Response<'a> {
    /// Correlate with a kernel of unit norm whose standard deviation, in points, is `scale(i)`.
    ///
    /// A curvature cut off by an end of the spectrum would see its level; it is left at zero.
    pub fn new(kernel: Kernel, y: &[f64], variance: &'a [f64], scale: impl Fn(usize) -> f64) -> Self {
        let n = y.len();
        let mut response = Self { value: vec![0.0; n], variance, taps: Vec::new(), block_taps: Vec::new() };
        let mut made_for = 0.0;
        for from in (0..n).step_by(BLOCK) {
            let to = (from + BLOCK).min(n);
            let t = scale(usize::midpoint(from, to)).max(0.3);
            if (t - made_for).abs() > SAME_SCALE * t {
                response.taps.push(half_kernel(kernel, t));
                made_for = t;
            }
            let taps = &response.taps[response.taps.len() - 1];
            response.block_taps.push(response.taps.len() - 1);
            dispatch(Correlation { y, taps, from, target: &mut response.value[from..to] });
            if kernel == Kernel::Curvature {
                let core = (2.0 * t).ceil() as usize;
                for i in (from..to).filter(|i| *i < core || *i + core >= n) {
                    response.value[i] = 0.0;
                }
            }
        }
        response
    }

    /// Standard deviation of the noise at point `i`.
    pub fn sigma(&self, i: usize) -> f64 {
        let taps = &self.taps[self.block_taps[i / BLOCK]];
        let v = self.variance;
        let mut sum = taps[0] * taps[0] * v[i];
        for (offset, k) in taps.iter().enumerate().skip(1) {
            let left = i.checked_sub(offset).map_or(0.0, |j| v[j]);
            let right = v.get(i + offset).copied().unwrap_or(0.0);
            sum += k * k * (left + right);
        }
        sum.sqrt().max(f64::MIN_POSITIVE)
    }

    /// Height over noise.
    pub fn significance(&self, i: usize) -> f64 {
        self.value[i] / self.sigma(i)
    }

    /// Maxima that stand out of the valleys beside them by `depth` times the noise (`deviation`) of the quieter of the two
    /// points, so that nothing is hidden behind a stretch of doubtful ones; where all is below `least` deviations there are
    /// only valleys.
    pub fn maxima(&self, depth: f64, least: f64, deviation: &[f64]) -> Vec<usize> {
        let (n, mut found) = (self.value.len(), Vec::new());
        for stretch in stretches(&self.value, deviation, |v, d| v >= least * d) {
            self.maxima_between(stretch, depth, deviation, &mut found);
        }
        found.retain(|&i| i > 0 && i + 1 < n);
        found
    }

    fn maxima_between(&self, stretch: Range<usize>, depth: f64, deviation: &[f64], found: &mut Vec<usize>) {
        let mut extreme = stretch.start.saturating_sub(1);
        let mut sign = if stretch.start == 0 { 1.0 } else { -1.0 };
        let (mut value, mut noise) = (self.value[extreme], deviation[extreme]);
        let points = self.value[stretch.clone()].iter().zip(&deviation[stretch.clone()]);
        for (i, (&v, &deviation)) in stretch.zip(points) {
            let fall = sign * (value - v);
            let turned = fall > depth * noise.min(deviation);
            if turned {
                if sign > 0.0 {
                    found.push(extreme);
                }
                sign = -sign;
            }
            if turned || fall < 0.0 {
                (extreme, value, noise) = (i, v, deviation);
            }
        }
        if sign > 0.0 {
            found.push(extreme);
        }
    }

    /// The maximum at `i` between the points, in points, by the parabola through it and its neighbours.
    pub fn interpolated(&self, i: usize) -> f64 {
        let [a, b, c] = [self.value[i - 1], self.value[i], self.value[i + 1]];
        let bend = 2.0 * b - a - c;
        i as f64 + if bend > 0.0 { (0.5 * (c - a) / bend).clamp(-0.5, 0.5) } else { 0.0 }
    }
}

/// Middle and one side of the kernel, of unit norm; a curvature sums to zero exactly.
fn half_kernel(kernel: Kernel, t: f64) -> Vec<f64> {
    let reach = (REACH * t).ceil() as usize;
    let mut half: Vec<f64> = (0..=reach).map(|offset| kernel.at(offset as f64, t)).collect();
    let whole = |half: &[f64], f: fn(f64) -> f64| f(half[0]) + 2.0 * half[1..].iter().map(|k| f(*k)).sum::<f64>();
    let mean = whole(&half, |k| k) / (2 * reach + 1) as f64;
    if kernel == Kernel::Curvature {
        for k in &mut half {
            *k -= mean;
        }
    }
    let norm = whole(&half, |k| k * k).sqrt().recip();
    for k in &mut half {
        *k *= norm;
    }
    half
}

/// The symmetric kernel correlated with `y` for the points from `from` on, as many as `target` has (at most a block).
struct Correlation<'a> {
    y: &'a [f64],
    taps: &'a [f64],
    from: usize,
    target: &'a mut [f64],
}

impl dispatch::Kernel for Correlation<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { y, taps, from, target } = self;
        let reach = taps.len() - 1;
        let within = from >= reach && from + BLOCK + reach <= y.len();
        match <&mut [f64; BLOCK]>::try_from(&mut *target) {
            Ok(target) if within => *target = correlated_block(y, taps, from),
            _ => correlate_at_an_end(y, taps, from, target),
        }
    }
}

#[inline(always)]
fn correlated_block(y: &[f64], taps: &[f64], from: usize) -> [f64; BLOCK] {
    let mut sum = [0.0; BLOCK];
    for (sum, y) in sum.iter_mut().zip(&y[from..from + BLOCK]) {
        *sum = taps[0] * y;
    }
    for (offset, k) in taps.iter().enumerate().skip(1) {
        let (left, right) = (&y[from - offset..from - offset + BLOCK], &y[from + offset..from + offset + BLOCK]);
        for ((sum, a), b) in sum.iter_mut().zip(left).zip(right) {
            *sum += k * (a + b);
        }
    }
    sum
}

/// Beyond the ends there is nothing.
#[inline(always)]
fn correlate_at_an_end(y: &[f64], taps: &[f64], from: usize, target: &mut [f64]) {
    let side = |j: Option<usize>| j.and_then(|j| y.get(j)).copied().unwrap_or(0.0);
    for (i, target) in (from..).zip(target) {
        let pairs = taps.iter().enumerate().skip(1);
        *target = taps[0] * y[i]
            + pairs.map(|(offset, k)| k * (side(i.checked_sub(offset)) + side(Some(i + offset)))).sum::<f64>();
    }
}

#[cfg(test)]
mod tests {
    use super::super::noise::tests::normal;
    use super::*;
    use crate::dispatch::chosen::with_each;

    #[test]
    fn white_noise_crosses_as_often_as_stated() {
        let (n, t) = (200_000, 3.0);
        let (noise, variance) = (normal(17, n), vec![1.0; n]);
        for kernel in [Kernel::Line, Kernel::Curvature] {
            let response = Response::new(kernel, &noise, &variance, |_| t);
            let level = kernel.threshold(n as f64 / t, 100.0);
            let crossings = response.value.windows(2).filter(|w| w[0] <= level && w[1] > level).count();
            // 100 expected: three Poisson deviations
            assert!((70..=130).contains(&crossings), "{kernel:?}: {crossings}");
        }
    }

    #[test]
    fn every_instruction_set_and_the_ends_agree_with_the_sum_written_out() {
        let y = normal(23, 300);
        let variance = vec![1.0; 300];
        for kernel in [Kernel::Line, Kernel::Curvature] {
            let taps = half_kernel(kernel, 2.3);
            let responses = with_each(|| Response::new(kernel, &y, &variance, |_| 2.3));
            assert!(responses.iter().all(|response| response.value == responses[0].value), "the same operations");
            for i in [7_usize, 100, 290] {
                let sum: f64 =
                    (0..300).filter(|j| i.abs_diff(*j) < taps.len()).map(|j: usize| taps[i.abs_diff(j)] * y[j]).sum();
                // rounding of some twenty terms of order 1
                assert!((responses[0].value[i] - sum).abs() < 1e-13);
            }
            assert!((responses[0].sigma(150) - 1.0).abs() < 1e-12, "unit norm");
        }
    }

    #[test]
    fn a_parabola_s_top_is_found_between_the_points() {
        let y: Vec<f64> = (0..9).map(|i| 5.0 - (f64::from(i) - 4.3).powi(2)).collect();
        let response = Response { value: y, variance: &[1.0; 9], taps: vec![vec![1.0]], block_taps: vec![0] };
        assert!((response.interpolated(4) - 4.3).abs() < 1e-12, "exact for a parabola");
    }

    #[test]
    fn doubtful_points_hide_no_maximum_behind_them() {
        let value = vec![0.0, 30.0, -40.0, 0.0, 25.0, 0.0, 0.0];
        let deviation = [1.0, 1e4, 1e4, 1.0, 1.0, 1.0, 1.0];
        let response = Response { value, variance: &[], taps: Vec::new(), block_taps: Vec::new() };
        assert_eq!(response.maxima(2.0, 0.0, &deviation), [1, 4]);
    }

    #[test]
    fn quiet_stretches_change_no_maximum_above_them() {
        let (value, deviation) = (normal(29, 5000), vec![1.0; 5000]);
        let response = Response { value, variance: &[], taps: Vec::new(), block_taps: Vec::new() };
        let (depth, high) = (1.0, 2.5);
        let above = |least: f64| {
            let mut all = response.maxima(depth, least, &deviation);
            all.retain(|&i| response.value[i] > high);
            all
        };
        assert!(above(high - depth).len() > 10);
        assert_eq!(above(high - depth), above(f64::NEG_INFINITY));
    }
}
