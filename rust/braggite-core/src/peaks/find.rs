//! Peaks of a spectrum: where, how high, how wide, and how sure.

use super::SIGMA_PER_FWHM;
use super::filter::{Kernel, Response};
use super::ground;
use super::groups::{Candidate, Fitted, Lines};
use super::noise::median;
use super::width::{Binned, estimate_fwhm};
use crate::error::{Error, Result};
use crate::grid::{Grid, check_finite, check_length, check_points};

/// Points a full width has after binning; more cost time and tell nothing new.
const POINTS_PER_FWHM: f64 = 8.0;
/// Full width in points where nothing in the spectrum tells it.
const FALLBACK_POINTS: f64 = 6.0;
/// Alarms of the four filters together over those of one: they see much the same noise (measured on white noise).
const VOTES: f64 = 2.0;
/// Valleys shallower than this many standard deviations are noise.
const VALLEY: f64 = 2.0;
/// Share of the threshold below which, in deviations of the points themselves, a filtered spectrum is not looked at.
const QUIET: f64 = 0.4;
/// Curvature filters, as shares of the line's standard deviation: the narrow ones resolve, the wide one is sensitive.
const SHOULDERS: [f64; 3] = [0.5, 0.8, 1.3];
/// Two findings nearer than these shares of the width are one peak: between curvature maxima, and to a line maximum.
const SAME_SHOULDER: f64 = 0.6;
const SAME_LINE: f64 = 1.0;
/// Relative standard deviation of a line's width about the expected one, measured or not.
const WIDTH_SPREAD: f64 = 0.3;
const WIDTH_UNKNOWN: f64 = 0.7;
/// Points from one look at the expected width to the next when the axis is measured in widths.
const STRIDE: usize = 32;
/// A bump wider than this share of the axis is ground.
const WIDEST: f64 = 0.1;
/// What the ground follows is at least this many times wider than a line: a wider bump may be a remnant of the ground.
const STIFFNESS_IN_LINES: f64 = 8.0;
/// Share of the false alarms that the search for the width of weak lines may cause.
const WIDTH_ALARMS: f64 = 0.1;
/// Averaged points that show the lines well enough to measure their widths over a first, very stiff ground.
const FIRST_LOOK: usize = 384;
/// Averaged points to the width of a line, or to the stiffness of the ground, when the ground is drawn.
const KNOTS_PER_FWHM: f64 = 1.0;
const KNOTS_PER_STIFFNESS: f64 = 80.0;

/// What decides which bumps are peaks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FindOptions {
    /// Peaks expected in a spectrum of pure noise.
    pub false_alarms: f64,
    /// Full width at half maximum in axis units; `None`: measured on the strongest peaks.
    pub fwhm: Option<f64>,
}

/// How stiff the ground under the peaks is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroundOptions {
    /// Stiffness in widths of the lines.
    pub in_widths: f64,
    /// Stiffness of the first look, which measures the widths, as a share of the axis.
    pub first_share: f64,
    /// Stiffness where no line is strong enough to measure, as a share of the axis.
    pub share_without_lines: f64,
}

/// Peaks by ascending position; one array a quantity, positions and widths in axis units.
///
/// Values and standard uncertainties come from pseudo-Voigts fitted to neighbouring peaks together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PeakList {
    /// Maximum.
    pub position: Vec<f64>,
    /// Its standard uncertainty.
    pub position_su: Vec<f64>,
    /// Height above background.
    pub height: Vec<f64>,
    /// Its standard uncertainty.
    pub height_su: Vec<f64>,
    /// Integral of the line, tails included.
    pub area: Vec<f64>,
    /// Its standard uncertainty.
    pub area_su: Vec<f64>,
    /// Full width at half maximum; one value for lines that overlap.
    pub fwhm: Vec<f64>,
    /// Its standard uncertainty.
    pub fwhm_su: Vec<f64>,
    /// Filtered height over its noise.
    pub significance: Vec<f64>,
}

/// Find peaks by matched filters whose thresholds follow from the false alarms allowed.
///
/// Four filters vote: the line itself (lone weak lines) and its second derivative at three scales (shoulders and lines
/// on the tails of others). They share `false_alarms`; Rice's rate of crossings turns that into a height
/// over noise. Turin, IRE Trans. Inf. Theory 6 (1960) 311; Mariscotti, Nucl. Instrum. Methods 50 (1967) 309.
///
/// # Errors
/// `TooFewPoints` below eight points, `NotFinite`, `LengthMismatch`; `InvalidOption` for `false_alarms` or `fwhm` that
/// are not positive.
pub fn find_peaks(grid: Grid<'_>, y: &[f64], sigma: &[f64], options: FindOptions) -> Result<PeakList> {
    check(grid, y, sigma, options)?;
    found(grid, y, sigma, options, WIDEST * extent(grid))
}

/// Peaks of checked net ordinates; where no strong line tells the width it is sought up to `widest`.
fn found(grid: Grid<'_>, y: &[f64], sigma: &[f64], options: FindOptions, widest: f64) -> Result<PeakList> {
    let step = typical_step(grid);
    let known = options.fwhm.is_some();
    let widths = estimate_fwhm(grid, y, sigma)?;
    let measured = widths.typical.filter(|fwhm| *fwhm <= WIDEST * extent(grid));
    let likeliest = || likeliest_width(grid, y, sigma, widest / step, options.false_alarms);
    let fallback = options.fwhm.or(measured).unwrap_or_else(likeliest);
    let trend = |at: f64| measured.and_then(|_| widths.at(at));
    let expected = |at: f64| options.fwhm.or_else(|| trend(at)).unwrap_or(fallback).max(2.0 * step);
    let factor = (expected(middle(grid)) / step / POINTS_PER_FWHM) as usize;
    let factor = factor.clamp(1, (grid.len() / 8).max(1));
    let binned = Binned::new(grid.x(), y, sigma, factor);
    let blur = step * ((factor * factor - 1) as f64).sqrt();
    let spread = if known || measured.is_some() { WIDTH_SPREAD } else { WIDTH_UNKNOWN };
    let variance = smoothed(&binned.variance);
    let (candidates, threshold) = candidates(&binned, &variance, &expected, options.false_alarms);
    let lines = Lines { binned: &binned, variance: &variance, width: &expected, spread, blur, threshold };
    Ok(listed(&lines.fitted(&candidates)))
}

/// As [`find_peaks`] for raw ordinates: noise (where it is not known) and a stiff ground come first. Returns the
/// stiffness that was used as well.
///
/// # Errors
/// As [`find_peaks`].
pub fn find_peaks_on_ground(
    grid: Grid<'_>,
    y: &[f64],
    sigma: &[f64],
    options: FindOptions,
    ground: GroundOptions,
) -> Result<(PeakList, f64)> {
    check(grid, y, sigma, options)?;
    let (extent, step) = (extent(grid), typical_step(grid));
    let fwhm = if let Some(fwhm) = options.fwhm {
        Some(fwhm)
    } else {
        let first = ground::net(grid, y, sigma, ground.first_share * extent, grid.len() / FIRST_LOOK)?;
        estimate_fwhm(grid, &first, sigma)?.typical.filter(|fwhm| *fwhm <= WIDEST * extent)
    };
    let stiffness = fwhm.map_or(ground.share_without_lines * extent, |w| (ground.in_widths * w).min(extent));
    let knot = fwhm.map_or(stiffness / KNOTS_PER_STIFFNESS, |w| w / KNOTS_PER_FWHM);
    let net = ground::net(grid, y, sigma, stiffness, (knot / step) as usize)?;
    let widest = (WIDEST * extent).min(stiffness / STIFFNESS_IN_LINES);
    Ok((found(grid, &net, sigma, options, widest)?, stiffness))
}

fn check(grid: Grid<'_>, y: &[f64], sigma: &[f64], options: FindOptions) -> Result<()> {
    check_points("y", y, 8)?;
    check_length("y", y, grid.len())?;
    check_length("sigma", sigma, grid.len())?;
    check_finite("y", y)?;
    check_finite("sigma", sigma)?;
    check_positive("false_alarms", options.false_alarms)?;
    options.fwhm.map_or(Ok(()), |fwhm| check_positive("fwhm", fwhm))
}

fn check_positive(name: &'static str, value: f64) -> Result<()> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(Error::InvalidOption { name, value, reason: "must be positive" })
}

fn extent(grid: Grid<'_>) -> f64 {
    grid.x()[grid.len() - 1] - grid.x()[0]
}

fn middle(grid: Grid<'_>) -> f64 {
    0.5 * (grid.x()[0] + grid.x()[grid.len() - 1])
}

/// The mean step where steps are equal, else the median.
fn typical_step(grid: Grid<'_>) -> f64 {
    if grid.is_even() { grid.mean_step() } else { grid.median_step() }
}

fn listed(lines: &[Fitted]) -> PeakList {
    let column = |value: fn(&Fitted) -> f64| lines.iter().map(value).collect();
    PeakList {
        position: column(|line| line.measured.position.0),
        position_su: column(|line| line.measured.position.1),
        height: column(|line| line.measured.height.0),
        height_su: column(|line| line.measured.height.1),
        area: column(|line| line.measured.area.0),
        area_su: column(|line| line.measured.area.1),
        fwhm: column(|line| line.measured.fwhm.0),
        fwhm_su: column(|line| line.measured.fwhm.1),
        significance: column(|line| line.significance),
    }
}

/// The width whose matched filter sees the most significant bump, for spectra without a strong peak.
///
/// `widest` in points.
fn likeliest_width(grid: Grid<'_>, y: &[f64], sigma: &[f64], widest: f64, false_alarms: f64) -> f64 {
    let step = typical_step(grid);
    let mut best = (0.0, FALLBACK_POINTS * step);
    let scales = 2.0 * (widest / FALLBACK_POINTS).log2().max(1.0);
    let mut binned = Binned::new(grid.x(), y, sigma, 1);
    let mut factor = 1.0;
    while binned.y.len() >= 64 && 6.5 * factor <= widest {
        let deviation: Vec<f64> = binned.variance.iter().map(|v| v.sqrt()).collect();
        for points in [4.5, 6.5] {
            let t = SIGMA_PER_FWHM * points;
            let response = Response::new(Kernel::Line, &binned.y, &binned.variance, |_| t);
            let needed = Kernel::Line.threshold(binned.y.len() as f64 / t, WIDTH_ALARMS * false_alarms / scales);
            for i in response.maxima(needed, 0.0, &deviation) {
                let highest = response.significance(i);
                if highest > needed && highest > best.0 {
                    best = (highest, points * step * factor);
                }
            }
        }
        binned = binned.halved();
        factor *= 2.0;
    }
    best.1
}

/// Maxima of the four filters that noise does not explain, each line once, by position; and the lowest threshold of a
/// curvature.
fn candidates(
    binned: &Binned<'_>,
    variance: &[f64],
    expected: &impl Fn(f64) -> f64,
    false_alarms: f64,
) -> (Vec<Candidate>, f64) {
    let (n, last) = (binned.x.len(), binned.x.len() - 1);
    let points = |i: usize| {
        let (a, b) = (i.saturating_sub(2), (i + 2).min(last));
        SIGMA_PER_FWHM * expected(binned.x[i]) * (b - a) as f64 / (binned.x[b] - binned.x[a])
    };
    let lengths: f64 = (0..n).step_by(STRIDE).map(|i| (n - i).min(STRIDE) as f64 / points(i)).sum();
    let deviation: Vec<f64> = variance.iter().map(|v| v.sqrt()).collect();
    let at = |response: &Response<'_>, i: usize| {
        let here = response.interpolated(i);
        let (below, share) = (here.floor() as usize, here.fract());
        binned.x[below] + share * (binned.x[(below + 1).min(last)] - binned.x[below])
    };
    let line = Response::new(Kernel::Line, &binned.y, &binned.variance, points);
    let mut found: Vec<Candidate> = Vec::new();
    let mut lowest = f64::INFINITY;
    for share in SHOULDERS {
        let curvature = Response::new(Kernel::Curvature, &binned.y, &binned.variance, |i| share * points(i));
        let threshold = Kernel::Curvature.threshold(lengths / share, false_alarms / VOTES);
        lowest = threshold.min(lowest);
        for i in curvature.maxima(VALLEY, least(threshold), &deviation) {
            let significance = curvature.significance(i);
            if significance > threshold {
                let alone = line.significance(i);
                let above = |significance: f64| significance.max(alone - pedestal(&line, i, points(i)));
                let significance = if alone > significance { above(significance) } else { significance };
                let at = at(&curvature, i);
                add(&mut found, Candidate { at, significance }, SAME_SHOULDER * expected(at));
            }
        }
    }
    let threshold = Kernel::Line.threshold(lengths, false_alarms / VOTES);
    for i in line.maxima(VALLEY, least(threshold), &deviation) {
        let mut significance = line.significance(i);
        if significance > threshold {
            significance -= pedestal(&line, i, points(i));
        }
        if significance > threshold {
            let at = at(&line, i);
            add(&mut found, Candidate { at, significance }, SAME_LINE * expected(at));
        }
    }
    (found, lowest)
}

/// Variances averaged over five points: a point that noise lifted is not trusted less for it.
fn smoothed(variance: &[f64]) -> Vec<f64> {
    let n = variance.len();
    let mean = |window: &[f64]| window.iter().sum::<f64>() / window.len() as f64;
    let ends = |i: usize| mean(&variance[i.saturating_sub(2)..(i + 3).min(n)]);
    let inner = variance.windows(5).map(|w| (w[0] + w[1] + w[2] + w[3] + w[4]) * 0.2);
    (0..2).map(ends).chain(inner).chain((n - 2..n).map(ends)).collect()
}

/// Deviations of a point below which a filtered spectrum shows no line of this `threshold`, nor its top above a valley.
fn least(threshold: f64) -> f64 {
    (QUIET * threshold).min(threshold - VALLEY)
}

/// Insert `new` by position, unless a line nearer than `apart` is known, which then takes the larger significance.
fn add(found: &mut Vec<Candidate>, new: Candidate, apart: f64) {
    let place = found.partition_point(|old| old.at <= new.at - apart);
    match found.get_mut(place).filter(|old| old.at < new.at + apart) {
        Some(old) => old.significance = old.significance.max(new.significance),
        None => found.insert(place, new),
    }
}

/// Level of the filtered spectrum beside `i`, in units of its noise: tails of neighbours, never below the background.
fn pedestal(line: &Response<'_>, i: usize, t: f64) -> f64 {
    let per_width = t / SIGMA_PER_FWHM;
    let (near, far) = ((1.5 * per_width) as usize, (3.0 * per_width).ceil() as usize);
    let n = line.value.len();
    let mut left = line.value[i.saturating_sub(far)..i.saturating_sub(near)].to_vec();
    let mut right = line.value[(i + near + 1).min(n)..(i + far + 1).min(n)].to_vec();
    let level = match (left.is_empty(), right.is_empty()) {
        (true, _) => median(&mut right),
        (_, true) => median(&mut left),
        _ => 0.5 * (median(&mut left) + median(&mut right)),
    };
    level.max(0.0) / line.sigma(i)
}

#[cfg(test)]
mod tests {
    use super::super::noise::tests::normal;
    use super::*;

    const OPTIONS: FindOptions = FindOptions { false_alarms: 0.1, fwhm: None };

    fn pattern(shift: f64) -> (Vec<f64>, Vec<f64>) {
        let x: Vec<f64> = (0..2000).map(|i| 20.0 + shift + 0.02 * f64::from(i)).collect();
        let noise = normal(9, 2000);
        let lines = [(25.0, 300.0), (31.0, 60.0), (31.2, 45.0), (40.0, 1000.0), (52.013, 120.0), (55.0, 500.0)];
        let y = (0..2000)
            .map(|i| {
                let value = |(at, h): &(f64, f64)| {
                    h * (-4.0 * std::f64::consts::LN_2 * ((x[i] - shift - at) / 0.15).powi(2)).exp()
                };
                lines.iter().map(value).sum::<f64>() + 3.0 * noise[i]
            })
            .collect();
        (x, y)
    }

    #[test]
    fn finds_lines_where_they_are() {
        let (x, y) = pattern(0.0);
        let list = find_peaks(Grid::new(&x).unwrap(), &y, &[3.0; 2000], OPTIONS).unwrap();
        let truth = [25.0, 31.0, 31.2, 40.0, 52.013, 55.0];
        assert_eq!(list.position.len(), truth.len(), "{list:?}");
        for (k, at) in truth.iter().enumerate() {
            // four of the stated uncertainties; the doublet's lines pull at each other by a tenth of a width
            let allowed = 4.0 * list.position_su[k] + if (31.0..31.3).contains(at) { 0.015 } else { 0.0 };
            assert!((list.position[k] - at).abs() < allowed, "{at}: {list:?}");
        }
        let area = 1000.0 * 0.15 * (std::f64::consts::PI / (4.0 * std::f64::consts::LN_2)).sqrt();
        assert!((list.area[3] - area).abs() < 4.0 * list.area_su[3]);
        assert!((list.height[3] / 1000.0 - 1.0).abs() < 0.02, "parabola over 0.3 widths: 1 %, noise 0.3 %");
        assert!((list.fwhm[3] / 0.15 - 1.0).abs() < 0.03, "half heights at 300 sigma: {}", list.fwhm[3]);
    }

    #[test]
    fn moves_with_the_axis_and_scales_with_the_ordinates() {
        let (x, y) = pattern(0.0);
        let (moved, _) = pattern(7.0);
        let plain = find_peaks(Grid::new(&x).unwrap(), &y, &[3.0; 2000], OPTIONS).unwrap();
        let scaled: Vec<f64> = y.iter().map(|v| 64.0 * v).collect();
        let other = find_peaks(Grid::new(&moved).unwrap(), &scaled, &[192.0; 2000], OPTIONS).unwrap();
        assert_eq!(plain.position.len(), other.position.len());
        for k in 0..plain.position.len() {
            // rounding of 27 + i * 0.02 against 20 + i * 0.02, amplified by Newton's stop at 1e-4 of a width
            assert!((other.position[k] - 7.0 - plain.position[k]).abs() < 1e-6);
            assert!((other.height[k] / 64.0 / plain.height[k] - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn refuses_by_name() {
        let x: Vec<f64> = (0..50).map(f64::from).collect();
        let grid = Grid::new(&x).unwrap();
        for (false_alarms, fwhm, option) in [(0.0, None, "false_alarms"), (0.1, Some(-1.0), "fwhm")] {
            let error = find_peaks(grid, &[0.0; 50], &[1.0; 50], FindOptions { false_alarms, fwhm }).unwrap_err();
            assert!(matches!(error, Error::InvalidOption { name, .. } if name == option));
        }
        assert!(find_peaks(grid, &[0.0; 50], &[1.0; 50], OPTIONS).unwrap().position.is_empty());
    }
}
