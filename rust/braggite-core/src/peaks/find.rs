//! Peaks of a spectrum net of background: where, how high, how wide, and how sure.

use super::SIGMA_PER_FWHM;
use super::filter::{Kernel, Response};
use super::measure::{Net, Position};
use super::noise::median;
use super::width::{Binned, estimate_fwhm};
use crate::error::{Error, Result};
use crate::grid::{Grid, check_finite, check_length, check_points};

/// Points a full width has after binning; more cost time and tell nothing new.
const POINTS_PER_FWHM: f64 = 8.0;
/// Full width in points where nothing in the spectrum tells it.
const FALLBACK_POINTS: f64 = 6.0;
/// The three filters see much the same noise: together they alarm like this many independent ones (measured).
const VOTES: f64 = 2.0;
/// Valleys shallower than this many standard deviations are noise.
const VALLEY: f64 = 2.0;
/// Curvature filters, as shares of the line's standard deviation: the narrow ones resolve, the wide one is sensitive.
const SHOULDERS: [f64; 3] = [0.5, 0.8, 1.3];
/// Two findings nearer than these shares of the width are one peak: between curvature maxima, and to a line maximum.
const SAME_SHOULDER: f64 = 0.6;
const SAME_LINE: f64 = 1.0;
/// A peak without a neighbour within this many widths is located with the line itself, or where it is so significant that
/// the slopes of far tails matter more than noise, with the wide curvature filter.
const LONE: f64 = 2.0;
const SLOPES_MATTER: f64 = 30.0;
/// Areas end this many widths from the position where no neighbour comes first.
const AREA_REACH: f64 = 3.0;

/// What decides which bumps are peaks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FindOptions {
    /// Peaks expected in a spectrum of pure noise.
    pub false_alarms: f64,
    /// Full width at half maximum in axis units; `None`: measured on the strongest peaks.
    pub fwhm: Option<f64>,
}

/// Peaks by ascending position; one array a quantity, positions and widths in axis units.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PeakList {
    /// Maximum, interpolated.
    pub position: Vec<f64>,
    /// Standard uncertainty from the noise.
    pub position_su: Vec<f64>,
    /// Height above background.
    pub height: Vec<f64>,
    /// Integral between the valleys to the neighbours, or to three widths.
    pub area: Vec<f64>,
    /// Its counting uncertainty.
    pub area_su: Vec<f64>,
    /// Full width at half maximum; the expected one where neighbours cover both sides.
    pub fwhm: Vec<f64>,
    /// Its uncertainty from the noise; NaN where the width is the expected one.
    pub fwhm_su: Vec<f64>,
    /// Filtered height over its noise.
    pub significance: Vec<f64>,
}

/// Find peaks by matched filters whose thresholds follow from the false alarms allowed.
///
/// Three filters vote: the line itself (lone weak lines) and its second derivative at two scales (shoulders and lines
/// on the tails of others). They share `false_alarms`; Rice's rate of crossings turns that into a height
/// over noise. Turin, IRE Trans. Inf. Theory 6 (1960) 311; Mariscotti, Nucl. Instrum. Methods 50 (1967) 309.
///
/// # Errors
/// `TooFewPoints` below eight points, `NotFinite`, `LengthMismatch`; `InvalidOption` for `false_alarms` or `fwhm` that
/// are not positive.
pub fn find_peaks(grid: Grid<'_>, y: &[f64], sigma: &[f64], options: FindOptions) -> Result<PeakList> {
    check_points("y", y, 8)?;
    check_length("y", y, grid.len())?;
    check_length("sigma", sigma, grid.len())?;
    check_finite("y", y)?;
    check_finite("sigma", sigma)?;
    check_positive("false_alarms", options.false_alarms)?;
    if let Some(fwhm) = options.fwhm {
        check_positive("fwhm", fwhm)?;
    }
    let widths = estimate_fwhm(grid, y, sigma)?;
    let fallback = options.fwhm.unwrap_or_else(|| widths.typical.unwrap_or_else(|| likeliest_width(grid, y, sigma)));
    let smallest = 2.0 * grid.median_step();
    let expected = |at: f64| options.fwhm.or_else(|| widths.at(at)).unwrap_or(fallback).max(smallest);
    let found = candidates(grid, y, sigma, &expected, options.false_alarms);
    let net = Net { x: grid.x(), y, sigma };
    Ok(describe(net, &found, &expected))
}

fn check_positive(name: &'static str, value: f64) -> Result<()> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(Error::InvalidOption { name, value, reason: "must be positive" })
}

/// The width whose matched filter sees the most significant bump, for spectra without a strong peak.
fn likeliest_width(grid: Grid<'_>, y: &[f64], sigma: &[f64]) -> f64 {
    let step = grid.median_step();
    let mut best = (0.0, FALLBACK_POINTS * step);
    let mut factor = 1;
    while y.len() / factor >= 64 {
        let binned = Binned::new(grid.x(), y, sigma, factor);
        for points in [4.5, 6.5] {
            let t = SIGMA_PER_FWHM * points;
            let response = Response::new(Kernel::Line, &binned.y, &binned.variance, |_| t);
            let highest = (0..binned.y.len()).map(|i| response.significance(i)).fold(0.0, f64::max);
            let needed = Kernel::Line.threshold(binned.y.len() as f64 / t, 0.01);
            if highest > needed && highest > best.0 {
                best = (highest, points * step * factor as f64);
            }
        }
        factor *= 2;
    }
    best.1
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    at: f64,
    significance: f64,
}

/// Maxima of the three filters that noise does not explain, each line once, by position.
fn candidates(
    grid: Grid<'_>,
    y: &[f64],
    sigma: &[f64],
    expected: &impl Fn(f64) -> f64,
    false_alarms: f64,
) -> Vec<Candidate> {
    let step = grid.median_step();
    let middle = expected(0.5 * (grid.x()[0] + grid.x()[grid.len() - 1]));
    let factor = ((middle / step / POINTS_PER_FWHM) as usize).clamp(1, (grid.len() / 8).max(1));
    let binned = Binned::new(grid.x(), y, sigma, factor);
    let (n, last) = (binned.x.len(), binned.x.len() - 1);
    let points = |i: usize| {
        let (a, b) = (i.saturating_sub(2), (i + 2).min(last));
        SIGMA_PER_FWHM * expected(binned.x[i]) * (b - a) as f64 / (binned.x[b] - binned.x[a])
    };
    let lengths: f64 = (0..n).map(|i| 1.0 / points(i)).sum();
    let line = Response::new(Kernel::Line, &binned.y, &binned.variance, points);
    let mut found: Vec<Candidate> = Vec::new();
    for share in SHOULDERS {
        let curvature = Response::new(Kernel::Curvature, &binned.y, &binned.variance, |i| share * points(i));
        let threshold = Kernel::Curvature.threshold(lengths / share, false_alarms / VOTES);
        for i in curvature.maxima(VALLEY) {
            let significance = curvature.significance(i);
            if significance > threshold {
                let significance = significance.max(line.significance(i) - pedestal(&line, i, points(i)));
                add(&mut found, Candidate { at: binned.x[i], significance }, SAME_SHOULDER * expected(binned.x[i]));
            }
        }
    }
    let threshold = Kernel::Line.threshold(lengths, false_alarms / VOTES);
    for i in line.maxima(VALLEY) {
        let significance = line.significance(i) - pedestal(&line, i, points(i));
        if significance > threshold {
            add(&mut found, Candidate { at: binned.x[i], significance }, SAME_LINE * expected(binned.x[i]));
        }
    }
    found.sort_unstable_by(|a, b| a.at.total_cmp(&b.at));
    found
}

/// Keep `new` unless a line nearer than `apart` is known, which then takes the larger significance.
fn add(found: &mut Vec<Candidate>, new: Candidate, apart: f64) {
    match found.iter_mut().find(|old| (old.at - new.at).abs() < apart) {
        Some(old) => old.significance = old.significance.max(new.significance),
        None => found.push(new),
    }
}

/// Level of the filtered spectrum beside `i`, in units of its noise: tails of neighbours, never below the background.
fn pedestal(line: &Response, i: usize, t: f64) -> f64 {
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
    level.max(0.0) / line.sigma[i].max(f64::MIN_POSITIVE)
}

fn describe(net: Net<'_>, found: &[Candidate], expected: &impl Fn(f64) -> f64) -> PeakList {
    let mut list = PeakList::default();
    let (first, last) = (net.x[0], net.x[net.x.len() - 1]);
    let neighbours = |k: usize| {
        let before = k.checked_sub(1).map_or(f64::NEG_INFINITY, |b| found[b].at);
        (before, found.get(k + 1).map_or(f64::INFINITY, |c| c.at))
    };
    for (k, candidate) in found.iter().enumerate() {
        let (before, after) = neighbours(k);
        let width = expected(candidate.at);
        let nearest = (candidate.at - before).min(after - candidate.at) / width;
        let Position { value: at, su } = locate(net, *candidate, width, nearest);
        let reach = AREA_REACH * width;
        let from = (0.5 * (before + at)).max(at - reach).max(first);
        let to = (0.5 * (at + after)).min(at + reach).min(last);
        let height = net.height(at, width);
        if height <= 0.0 {
            continue;
        }
        let (fwhm, fwhm_su) = net.fwhm(at, width, (from, to)).unwrap_or((width, f64::NAN));
        let (area, area_su) = net.area(from, to);
        list.position.push(at);
        list.position_su.push(su);
        list.height.push(height);
        list.area.push(area);
        list.area_su.push(area_su);
        list.fwhm.push(fwhm);
        list.fwhm_su.push(fwhm_su);
        list.significance.push(candidate.significance);
    }
    list
}

/// Interpolated maximum: of the line filter for a lone peak, of a curvature filter the narrower the nearer a neighbour.
fn locate(net: Net<'_>, candidate: Candidate, width: f64, nearest: f64) -> Position {
    let start = candidate.at;
    let t = SIGMA_PER_FWHM * width;
    if nearest > LONE && candidate.significance < SLOPES_MATTER {
        net.position(Kernel::Line, start, t)
    } else if nearest > 0.75 * LONE {
        net.position(Kernel::Curvature, start, SHOULDERS[2] * t)
    } else {
        net.position(Kernel::Curvature, start, SHOULDERS[1] * t)
    }
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
