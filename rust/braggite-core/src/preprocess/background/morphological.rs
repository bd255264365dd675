//! Morphology: backgrounds from the lowest and highest points of a window that slides over the spectrum.

use super::windows::{ContinuedMean, MovingMean, Windows};
use super::{Background, check_ordinates};
use crate::error::{Error, Result};

/// Buffers of one spectrum, reused by the next of the same length.
#[derive(Debug, Clone, Default)]
pub struct WindowRoom {
    scratch: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
    continued: Vec<f64>,
    sums: Vec<f64>,
}

impl WindowRoom {
    /// Room for `n` points, grown where a method continues the spectrum beyond its ends.
    pub fn new(n: usize) -> Self {
        let zeros = || vec![0.0; n];
        Self { scratch: zeros(), low: zeros(), high: zeros(), continued: Vec::new(), sums: vec![0.0; n + 1] }
    }
}

/// Top-hat: the opening of the spectrum, the highest of the lowest values within a window. Never above the data.
///
/// Perez-Pueyo, Appl. Spectrosc. 64 (2010) 595.
///
/// # Errors
/// `TooFewPoints` below four, `NotFinite`, `LengthMismatch`.
pub fn top_hat(y: &[f64], windows: &Windows, room: &mut WindowRoom) -> Result<Background> {
    check_ordinates(y, windows.len())?;
    let mut curve = vec![0.0; y.len()];
    open(y, windows, &mut curve, room);
    Ok(settled(curve))
}

/// Rolling ball: the opening, smoothed by a moving mean.
///
/// Kneen and Annegarn, Nucl. Instrum. Methods B 109 (1996) 209; Liland, Appl. Spectrosc. 64 (2010) 1007.
///
/// # Errors
/// As [`top_hat`].
pub fn rolling_ball(
    y: &[f64],
    windows: &Windows,
    smoothing: &ContinuedMean,
    room: &mut WindowRoom,
) -> Result<Background> {
    check_ordinates(y, windows.len())?;
    let mut curve = vec![0.0; y.len()];
    open(y, windows, &mut curve, room);
    room.continued.resize(smoothing.continued_len(), 0.0);
    room.sums.resize(smoothing.continued_len() + 1, 0.0);
    let WindowRoom { low, continued, sums, .. } = room;
    smoothing.of(&curve, low, continued, sums);
    curve.copy_from_slice(low);
    Ok(settled(curve))
}

/// Mor: the lower of the opening and the mean of its own highest and lowest values within a window.
///
/// Perez-Pueyo, Appl. Spectrosc. 64 (2010) 595.
///
/// # Errors
/// As [`top_hat`].
pub fn mor(y: &[f64], windows: &Windows, room: &mut WindowRoom) -> Result<Background> {
    check_ordinates(y, windows.len())?;
    let mut curve = vec![0.0; y.len()];
    open(y, windows, &mut curve, room);
    average(&curve, windows, room);
    for (z, (low, high)) in curve.iter_mut().zip(room.low.iter().zip(&room.high)) {
        *z = z.min(0.5 * (low + high));
    }
    Ok(settled(curve))
}

/// When [`imor`] stops.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ImorOptions {
    /// Passes after the first.
    pub max_iterations: usize,
    /// Relative change of the curve below which it has converged.
    pub tol: f64,
}

/// `IMor`: the lower of the spectrum and the averaged opening of the curve so far, again and again.
///
/// Dai, Appl. Spectrosc. 72 (2018) 731.
///
/// # Errors
/// As [`top_hat`]; `InvalidOption` for a negative `tol`.
pub fn imor(y: &[f64], windows: &Windows, options: ImorOptions, room: &mut WindowRoom) -> Result<Background> {
    check_ordinates(y, windows.len())?;
    if !(options.tol >= 0.0 && options.tol.is_finite()) {
        return Err(Error::InvalidOption { name: "tol", value: options.tol, reason: "must not be negative" });
    }
    let (mut curve, mut opening) = (y.to_vec(), vec![0.0; y.len()]);
    let passes = options.max_iterations + 1;
    let mut change = f64::INFINITY;
    for pass in 1..=passes {
        open(&curve, windows, &mut opening, room);
        average(&opening, windows, room);
        let (mut moved, mut size) = (0.0, 0.0);
        for ((next, (y, z)), (low, high)) in
            opening.iter_mut().zip(y.iter().zip(&curve)).zip(room.low.iter().zip(&room.high))
        {
            *next = y.min(0.5 * (low + high));
            moved += (*next - z) * (*next - z);
            size += z * z;
        }
        change = (moved / f64::max(size, f64::MIN_POSITIVE)).sqrt();
        if change < options.tol {
            return Ok(Background { curve, converged: true, iterations: pass, final_tolerance: change });
        }
        std::mem::swap(&mut curve, &mut opening);
    }
    Ok(Background { curve, converged: false, iterations: passes, final_tolerance: change })
}

/// Bruckner's robust smoothing: heights above the mean by more than twice its distance from the lowest point are cut,
/// then points above the mean of their window are lowered to it, `iterations` times.
///
/// All points of a pass are lowered at once, so that the direction of the axis does not matter, and windows narrow
/// towards the ends, so that a steep end is no peak. Bruckner, J. Appl. Crystallogr. 33 (2000) 977.
///
/// # Errors
/// As [`top_hat`]; `InvalidOption` for no `iterations` or more than 10,000.
pub fn bruckner(y: &[f64], mean: &MovingMean, iterations: usize, room: &mut WindowRoom) -> Result<Background> {
    check_ordinates(y, mean.len())?;
    check_iterations(iterations)?;
    let (average, lowest) = (y.iter().sum::<f64>() / y.len() as f64, y.iter().copied().fold(f64::INFINITY, f64::min));
    let cut = average + 2.0 * (average - lowest);
    let mut curve: Vec<f64> = y.iter().map(|y| y.min(cut)).collect();
    let mut change = 0.0;
    for _ in 0..iterations {
        mean.of(&curve, &mut room.low, &mut room.sums);
        let (mut moved, mut size) = (0.0, 0.0);
        for (z, mean) in curve.iter_mut().zip(&room.low) {
            let lower = if *mean < *z { *mean } else { *z };
            moved += (*z - lower) * (*z - lower);
            size += *z * *z;
            *z = lower;
        }
        change = (moved / f64::max(size, f64::MIN_POSITIVE)).sqrt();
    }
    Ok(Background { curve, converged: true, iterations, final_tolerance: change })
}

/// Refuse a number of passes that means nothing, for methods that make exactly as many as they are told.
pub(super) fn check_iterations(iterations: usize) -> Result<()> {
    if (1..=10_000).contains(&iterations) {
        return Ok(());
    }
    let reason = "must be from 1 to 10000";
    Err(Error::InvalidOption { name: "iterations", value: iterations as f64, reason })
}

fn open(y: &[f64], windows: &Windows, opening: &mut [f64], room: &mut WindowRoom) {
    windows.lowest(y, &mut room.low, &mut room.scratch);
    windows.highest(&room.low, opening, &mut room.scratch);
}

/// The lowest and highest values of every window of `opening` into the room.
fn average(opening: &[f64], windows: &Windows, room: &mut WindowRoom) {
    windows.lowest(opening, &mut room.low, &mut room.scratch);
    windows.highest(opening, &mut room.high, &mut room.scratch);
}

fn settled(curve: Vec<f64>) -> Background {
    Background { curve, converged: true, iterations: 1, final_tolerance: 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Grid;

    fn axis(n: u32) -> Vec<f64> {
        (0..n).map(f64::from).collect()
    }

    #[test]
    fn windows_wider_than_the_peak_leave_the_ground() {
        let x = axis(200);
        let y: Vec<f64> = (0..200).map(|i| if (90..110).contains(&i) { 50.0 } else { 5.0 }).collect();
        let grid = Grid::new(&x).unwrap();
        let (windows, mut room) = (Windows::new(grid, 12, 1.0).unwrap(), WindowRoom::new(200));
        let smoothing = ContinuedMean::new(grid, 12, 1.0).unwrap();
        let options = ImorOptions { max_iterations: 20, tol: 1e-3 };
        let flat = |background: Background| {
            // the moving mean's rounding
            assert!(background.converged && background.curve.iter().all(|z| (z - 5.0).abs() < 1e-12));
        };
        flat(top_hat(&y, &windows, &mut room).unwrap());
        flat(mor(&y, &windows, &mut room).unwrap());
        flat(imor(&y, &windows, options, &mut room).unwrap());
        flat(rolling_ball(&y, &windows, &smoothing, &mut room).unwrap());
    }

    #[test]
    fn never_above_the_data() {
        let (x, y): (Vec<f64>, Vec<f64>) = (axis(300), (0..300).map(|i| f64::from((i * 7919) % 101)).collect());
        let grid = Grid::new(&x).unwrap();
        let (windows, mut room) = (Windows::new(grid, 5, 1.0).unwrap(), WindowRoom::new(300));
        let mean = MovingMean::symmetric(grid, 5, 1.0).unwrap();
        let options = ImorOptions { max_iterations: 5, tol: 1e-3 };
        for background in [
            top_hat(&y, &windows, &mut room).unwrap(),
            mor(&y, &windows, &mut room).unwrap(),
            imor(&y, &windows, options, &mut room).unwrap(),
            bruckner(&y, &mean, 20, &mut room).unwrap(),
        ] {
            assert!(background.curve.iter().zip(&y).all(|(z, y)| z <= y));
        }
    }

    #[test]
    fn robust_smoothing_keeps_a_steep_convex_end() {
        let x = axis(400);
        // so that its mean plus twice its height above the lowest point is not reached, and nothing cut at first
        let y: Vec<f64> = x.iter().map(|x| 20.0 + 300.0 * (1.0 - x / 400.0).powf(1.5)).collect();
        let mean = MovingMean::symmetric(Grid::new(&x).unwrap(), 40, 1.0).unwrap();
        let curve = bruckner(&y, &mean, 50, &mut WindowRoom::new(400)).unwrap().curve;
        // the mean of a convex curve lies above it: what is left is rounding of running sums up to 400 * 140
        assert!(curve.iter().zip(&y).all(|(z, y)| (z - y).abs() < 1e-9));
    }

    #[test]
    fn refuses_absurd_options_by_name() {
        let (x, y) = (axis(9), [1.0; 9]);
        let grid = Grid::new(&x).unwrap();
        let mut room = WindowRoom::new(9);
        let options = ImorOptions { max_iterations: 5, tol: f64::NAN };
        let error = imor(&y, &Windows::new(grid, 2, 1.0).unwrap(), options, &mut room);
        assert!(matches!(error, Err(Error::InvalidOption { name: "tol", .. })));
        let error = bruckner(&y, &MovingMean::symmetric(grid, 2, 1.0).unwrap(), 0, &mut room);
        assert!(matches!(error, Err(Error::InvalidOption { name: "iterations", .. })));
    }
}
