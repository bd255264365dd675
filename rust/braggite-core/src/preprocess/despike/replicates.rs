//! Spikes as what one scan has and its repeats have not.

use super::{check_sigma, check_threshold};
use crate::error::{Error, Result};
use crate::grid::{check_finite, check_length, check_points};
use crate::peaks::noise::{MAD_TO_SIGMA, median};

/// What counts as a spike between repeats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReplicateOptions {
    /// Difference to the other scans, in standard deviations, above which a point is a spike.
    pub threshold: f64,
    /// Points on either side whose median difference is the drift between the scans.
    pub window: usize,
}

/// One of several scans, compared with the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Replicate {
    /// Its ordinates; at a spike the median of the others plus the drift.
    pub curve: Vec<f64>,
    /// Which points were replaced, ascending.
    pub replaced: Vec<usize>,
    /// Spread of its differences to the others over what the noise explains, at least 1.
    pub spread: f64,
}

/// Compare every scan with the median of the others at each point.
///
/// `y` and `sigma` hold scans of `points` values one after the other. The noise of a point is that of the others and, of
/// its own, no more than its neighbours have: a spike does not excuse itself by its own counts.
///
/// # Errors
/// `TooFewPoints` below five points or two scans, `LengthMismatch`, `NotFinite`; `InvalidOption` by name.
pub fn despike_replicates(
    y: &[f64],
    sigma: &[f64],
    points: usize,
    options: ReplicateOptions,
) -> Result<Vec<Replicate>> {
    let scans = y.len().checked_div(points).unwrap_or(0);
    if scans < 2 {
        return Err(Error::TooFewPoints { what: "scans", got: scans, needed: 2 });
    }
    check_points("y", &y[..points], 5)?;
    check_length("y", y, scans * points)?;
    check_finite("y", y)?;
    check_sigma(sigma, y.len())?;
    check_threshold(options.threshold)?;
    if options.window < 2 || options.window >= points {
        let reason = "must be at least 2 and below the number of points";
        return Err(Error::InvalidOption { name: "window", value: options.window as f64, reason });
    }
    Ok((0..scans).map(|own| compared(y, sigma, points, own, options)).collect())
}

fn compared(y: &[f64], sigma: &[f64], points: usize, own: usize, options: ReplicateOptions) -> Replicate {
    let scan = |values: &[f64]| values[own * points..(own + 1) * points].to_vec();
    let (mut curve, sigma_own) = (scan(y), scan(sigma));
    let (others, sigma_others) = (median_of_others(y, points, own), median_of_others(sigma, points, own));
    let difference: Vec<f64> = curve.iter().zip(&others).map(|(a, b)| a - b).collect();
    let drift = running_median(&difference, options.window);
    let usual = running_median(&sigma_own, options.window);
    let z: Vec<f64> = (0..points)
        .map(|i| (difference[i] - drift[i]) / sigma_others[i].hypot(sigma_own[i].min(usual[i].max(sigma_others[i]))))
        .collect();
    let spread = (MAD_TO_SIGMA * median(&mut z.iter().map(|z| z.abs()).collect::<Vec<f64>>())).max(1.0);
    let replaced: Vec<usize> = (0..points).filter(|i| z[*i] > options.threshold * spread).collect();
    for &i in &replaced {
        curve[i] = others[i] + drift[i];
    }
    Replicate { curve, replaced, spread }
}

/// At each point the median of all scans but `own` (of two the lower).
fn median_of_others(values: &[f64], points: usize, own: usize) -> Vec<f64> {
    let others: Vec<&[f64]> =
        values.chunks_exact(points).enumerate().filter(|(scan, _)| *scan != own).map(|(_, scan)| scan).collect();
    let mut column = vec![0.0; others.len()];
    (0..points)
        .map(|i| {
            column.iter_mut().zip(&others).for_each(|(c, scan)| *c = scan[i]);
            column.sort_unstable_by(f64::total_cmp);
            column[(column.len() - 1) / 2]
        })
        .collect()
}

fn running_median(values: &[f64], reach: usize) -> Vec<f64> {
    let mut near = Vec::with_capacity(2 * reach + 1);
    (0..values.len())
        .map(|i| {
            near.clear();
            near.extend_from_slice(&values[i.saturating_sub(reach)..(i + reach + 1).min(values.len())]);
            median(&mut near)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peaks::noise::tests::normal;

    const OPTIONS: ReplicateOptions = ReplicateOptions { threshold: 6.0, window: 25 };

    #[test]
    fn what_one_scan_has_alone_goes_and_drift_stays() {
        let (n, noise) = (400, normal(9, 1200));
        let line = |i: usize| 900.0 * (-(i as f64 - 150.0).powi(2) / 2.0).exp();
        for scans in [2, 3] {
            let mut y: Vec<f64> =
                (0..scans * n).map(|k| line(k % n) + 40.0 * (k / n) as f64 + 2.0 * noise[k]).collect();
            y[n + 90..n + 95].iter_mut().for_each(|v| *v += 40.0);
            y[151] += 60.0;
            let result = despike_replicates(&y, &vec![2.0; scans * n], n, OPTIONS).unwrap();
            assert_eq!(result[0].replaced, [151]);
            assert_eq!(result[1].replaced, [90, 91, 92, 93, 94]);
            // the drift of 40 is kept, within three deviations of the other scan's noise
            assert!((result[1].curve[92] - 40.0).abs() < 6.0);
        }
    }

    #[test]
    fn refuses_by_name() {
        let run = |y: &[f64], options| despike_replicates(y, &vec![1.0; y.len()], 9, options);
        assert!(matches!(run(&[1.0; 9], OPTIONS), Err(Error::TooFewPoints { what: "scans", .. })));
        assert!(matches!(run(&[1.0; 18], OPTIONS), Err(Error::InvalidOption { name: "window", .. })));
    }
}
