//! How noisy a spectrum is, from the spectrum itself.

use crate::error::Result;
use crate::grid::{check_finite, check_length, check_points};

/// Median of |d| to standard deviation for normal d.
pub(crate) const MAD_TO_SIGMA: f64 = 1.482_602_218_505_602;
/// Points a level needs before its noise counts.
const POINTS_PER_LEVEL: usize = 40;
const MOST_LEVELS: usize = 16;
/// Most neighbourhoods looked at, evenly spread: they settle the noise to a few per cent.
const MOST_WINDOWS: usize = 4096;

/// Variance of an ordinate as a function of its expectation: `constant + slope * y`.
///
/// Counts have (0, 1), rates (0, 1 / dwell), a detector with read noise both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoiseModel {
    /// Variance at zero signal, in squared ordinates.
    pub constant: f64,
    /// Variance per unit of signal, in ordinates.
    pub slope: f64,
}

impl NoiseModel {
    /// Standard deviation at the expectation `y`.
    pub fn sigma(self, y: f64) -> f64 {
        (self.constant + self.slope * y.max(0.0)).sqrt()
    }
}

/// One noise level for the whole spectrum: the scaled median of |second differences|, blind to smooth structure.
///
/// # Errors
/// `TooFewPoints` below three points, `NotFinite`.
pub fn difference_sigma(y: &[f64]) -> Result<f64> {
    check_points("y", y, 3)?;
    check_finite("y", y)?;
    let mut size: Vec<f64> = y.windows(3).map(|w| (w[0] - 2.0 * w[1] + w[2]).abs()).collect();
    Ok(MAD_TO_SIGMA / 6f64.sqrt() * median(&mut size))
}

/// Fit `constant + slope * y` (both at least 0) to robust variances at several levels of the signal.
///
/// Differences of fourth order are used, which pass over peaks sampled by five points or more; a level where peaks
/// leak in all the same lies above the line through the others and is dropped.
///
/// # Errors
/// `TooFewPoints` below five points, `NotFinite`.
pub fn noise_model(y: &[f64]) -> Result<NoiseModel> {
    check_points("y", y, 5)?;
    check_finite("y", y)?;
    let stride = (y.len() - 4).div_ceil(MOST_WINDOWS);
    let mut points: Vec<(f64, f64)> = y
        .windows(5)
        .step_by(stride)
        .map(|w| {
            let difference = w[0] - 4.0 * w[1] + 6.0 * w[2] - 4.0 * w[3] + w[4];
            (w.iter().sum::<f64>() / 5.0, difference.abs() / 70f64.sqrt())
        })
        .collect();
    let levels = (points.len() / POINTS_PER_LEVEL).clamp(1, MOST_LEVELS);
    let size = points.len().div_ceil(levels);
    part(&mut points, size);
    let bins: Vec<(f64, f64)> = points
        .chunks_mut(size)
        .map(|bin| {
            // the middle of the bin: a mean would follow the few highest points
            let level = bin.select_nth_unstable_by(bin.len() / 2, |a, b| a.0.total_cmp(&b.0)).1.0;
            let spread = bin.select_nth_unstable_by(bin.len() / 2, |a, b| a.1.total_cmp(&b.1)).1.1;
            (level.max(0.0), (MAD_TO_SIGMA * spread).powi(2))
        })
        .collect();
    let floor = smallest_variance(y);
    let first = line(&bins, floor);
    let kept: Vec<(f64, f64)> =
        bins.iter().copied().filter(|(level, v)| *v < 1.5 * (first.constant + first.slope * level)).collect();
    Ok(if kept.len() * 2 > bins.len() { line(&kept, floor) } else { first })
}

/// Order the points so far that chunks of `size` hold ascending levels.
fn part(points: &mut [(f64, f64)], size: usize) {
    if points.len() > size {
        let middle = points.len().div_ceil(size) / 2 * size;
        points.select_nth_unstable_by(middle, |a, b| a.0.total_cmp(&b.0));
        let (low, high) = points.split_at_mut(middle);
        part(low, size);
        part(high, size);
    }
}

/// The given standard deviations; square roots of counts; or an estimate from the data.
///
/// # Errors
/// As [`noise_model`]; `LengthMismatch` when `sigma` does not fit `y`.
pub fn sigma_or_estimate(y: &[f64], sigma: Option<&[f64]>, counts: bool) -> Result<Vec<f64>> {
    if let Some(sigma) = sigma {
        check_length("sigma", sigma, y.len())?;
        return Ok(sigma.to_vec());
    }
    if counts {
        return Ok(y.iter().map(|v| v.max(1.0).sqrt()).collect());
    }
    let model = noise_model(y)?;
    Ok(y.iter().map(|v| model.sigma(*v)).collect())
}

/// A variance that rounding alone explains, so that data without noise keep a positive sigma.
fn smallest_variance(y: &[f64]) -> f64 {
    let largest = y.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    if largest > 0.0 { (largest * 1e-9).powi(2) } else { 1.0 }
}

/// Least squares in relative terms (a robust variance of n points has a relative error that depends on n only).
fn line(bins: &[(f64, f64)], floor: f64) -> NoiseModel {
    let mut model = NoiseModel { constant: bins.iter().map(|b| b.1).sum::<f64>() / bins.len() as f64, slope: 0.0 };
    for _ in 0..8 {
        let (mut s, mut sx, mut sy, mut sxx, mut sxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (x, v) in bins {
            let w = (model.constant + model.slope * x).max(floor).powi(-2);
            s += w;
            sx += w * x;
            sy += w * v;
            sxx += w * x * x;
            sxy += w * x * v;
        }
        let determinant = s * sxx - sx * sx;
        let flat = NoiseModel { constant: sy / s, slope: 0.0 };
        model = if determinant <= 1e-9 * s * sxx {
            flat
        } else {
            let free =
                NoiseModel { constant: (sxx * sy - sx * sxy) / determinant, slope: (s * sxy - sx * sy) / determinant };
            if free.slope < 0.0 {
                flat
            } else if free.constant < 0.0 {
                NoiseModel { constant: 0.0, slope: sxy / sxx }
            } else {
                free
            }
        };
    }
    NoiseModel { constant: model.constant.max(floor), slope: model.slope }
}

pub(crate) fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Normal deviates, seeded (splitmix and Box-Muller).
    pub fn normal(seed: u64, n: usize) -> Vec<f64> {
        let mut state = seed;
        let mut uniform = move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut v = state;
            v = (v ^ (v >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            v = (v ^ (v >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((v ^ (v >> 31)) >> 11) as f64 / (1u64 << 53) as f64
        };
        (0..n).map(|_| (-2.0 * (1.0 - uniform()).ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos()).collect()
    }

    #[test]
    fn finds_a_constant_level_under_peaks() {
        let noise = normal(3, 4000);
        let y: Vec<f64> =
            (0..4000).map(|i| 3.0 * noise[i] + 2000.0 * (-((i % 200) as f64 - 100.0).powi(2) / 18.0).exp()).collect();
        // a median of 4,000 correlated differences: 3 % (one in a hundred), and peaks on a tenth of the points
        assert!((difference_sigma(&y).unwrap() / 3.0 - 1.0).abs() < 0.2);
    }

    #[test]
    fn recovers_the_scale_of_rates() {
        let deviates = normal(11, 6000);
        for (constant, slope) in [(0.0, 0.25), (4.0, 0.05)] {
            let y: Vec<f64> = (0..6000)
                .map(|i| {
                    let level = 40.0
                        + 30.0 * (i as f64 / 900.0).sin()
                        + 900.0 * (-((i % 500) as f64 - 250.0).powi(2) / 72.0).exp();
                    level + (constant + slope * level).sqrt() * deviates[i]
                })
                .collect();
            let model = noise_model(&y).unwrap();
            for level in [20.0_f64, 60.0, 500.0] {
                let truth = (constant + slope * level).sqrt();
                // the spread of sixteen robust variances of 375 points each
                assert!((model.sigma(level) / truth - 1.0).abs() < 0.15, "{model:?} at {level}");
            }
        }
    }

    #[test]
    fn never_zero() {
        for y in [vec![0.0; 50], vec![7.0; 50], (0..50).map(f64::from).collect()] {
            assert!(sigma_or_estimate(&y, None, false).unwrap().iter().all(|s| *s > 0.0));
        }
        assert_eq!(sigma_or_estimate(&[0.0, 4.0], None, true).unwrap(), vec![1.0, 2.0]);
    }
}
