//! The strongest lines of many phases, one phase after the other.

use crate::crystal::lines::PowderLines;
use crate::error::{Error, Result};

/// A line of the index: the logarithm of one over its spacing in angstrom, and its multiplicity times |F|².
pub type IndexLine = (f32, f32);

/// The `count` strongest of `lines` by falling strength at the angle where they are seen, those closer than `apart` (in the
/// logarithm of d) taken as one.
///
/// Small angles make lines strong: the Lorentz-polarisation factor goes about with d².
pub fn strongest_lines(lines: &PowderLines, count: usize, apart: f64) -> Vec<IndexLine> {
    let mut merged: Vec<(f64, f64)> = Vec::with_capacity(lines.len());
    for ((d, &multiplicity), f_squared) in lines.d_angstrom.iter().zip(&lines.multiplicity).zip(&lines.f_squared) {
        let (position, strength) = (-d.ln(), f64::from(multiplicity) * f_squared);
        match merged.last_mut() {
            Some(last) if position - last.0 < apart && last.1 + strength > 0.0 => {
                last.0 += (position - last.0) * strength / (last.1 + strength);
                last.1 += strength;
            }
            _ => merged.push((position, strength)),
        }
    }
    let seen = |line: &(f64, f64)| line.1 * (-2.0 * line.0).exp();
    merged.sort_by(|a, b| seen(b).total_cmp(&seen(a)));
    merged.truncate(count);
    merged.into_iter().map(|(position, strength)| (position as f32, strength as f32)).collect()
}

/// Lines of many phases as borrowed columns: phase p has the lines `starts[p]..starts[p + 1]`.
#[derive(Debug, Clone, Copy)]
pub struct LineIndex<'a> {
    starts: &'a [u64],
    log_inverse_d: &'a [f32],
    strength: &'a [f32],
    tolerance: &'a [f32],
}

impl<'a> LineIndex<'a> {
    /// Check that the columns belong together.
    ///
    /// # Errors
    /// `LengthMismatch`, or `InvalidOption` where the starts do not ascend to the number of lines.
    pub fn new(starts: &'a [u64], log_inverse_d: &'a [f32], strength: &'a [f32], tolerance: &'a [f32]) -> Result<Self> {
        let mismatch = |what, expected, got| Err(Error::LengthMismatch { what, expected, got });
        if strength.len() != log_inverse_d.len() {
            return mismatch("strength", log_inverse_d.len(), strength.len());
        }
        if starts.len() != tolerance.len() + 1 {
            return mismatch("starts", tolerance.len() + 1, starts.len());
        }
        let ascending = starts.windows(2).all(|pair| pair[0] <= pair[1]);
        let (first, last) = (starts[0], starts[starts.len() - 1]);
        if !ascending || first != 0 || last != log_inverse_d.len() as u64 {
            return Err(Error::InvalidOption {
                name: "starts",
                value: last as f64,
                reason: "must ascend from 0 to the number of lines",
            });
        }
        Ok(Self { starts, log_inverse_d, strength, tolerance })
    }

    /// Number of phases.
    pub fn n_phases(&self) -> usize {
        self.tolerance.len()
    }

    /// Positions and strengths of the lines of phase `row`, strongest first.
    #[inline]
    pub fn lines(&self, row: usize) -> (&'a [f32], &'a [f32]) {
        let range = self.starts[row] as usize..self.starts[row + 1] as usize;
        (&self.log_inverse_d[range.clone()], &self.strength[range])
    }

    /// Relative tolerance of the cell of phase `row`.
    #[inline]
    pub fn tolerance(&self, row: usize) -> f32 {
        self.tolerance[row]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn powder(d_angstrom: &[f64], f_squared: &[f64]) -> PowderLines {
        let n = d_angstrom.len();
        PowderLines {
            hkl: vec![[1, 0, 0]; n],
            multiplicity: vec![2; n],
            d_angstrom: d_angstrom.to_vec(),
            f_squared: f_squared.to_vec(),
            laue_rotations: Vec::new(),
        }
    }

    #[test]
    fn keeps_the_strongest_and_merges_neighbours() {
        let lines = strongest_lines(&powder(&[4.0, 2.0, 1.9999, 1.0], &[0.5, 3.0, 1.0, 50.0]), 2, 1e-3);
        // 100 at d = 1 outshines 8 at 2 (times 4) and 1 at 4 (times 16).
        assert_eq!(lines.len(), 2);
        assert!(lines[0].0.abs() < 1e-6 && (lines[0].1 - 100.0).abs() < 1e-4, "rounding to f32: {lines:?}");
        let mean = -(2.0_f64.ln() * 0.75 + 1.9999_f64.ln() * 0.25);
        assert!((f64::from(lines[1].0) - mean).abs() < 1e-6, "rounding to f32: the weighted mean of both");
        assert!((lines[1].1 - 8.0).abs() < 1e-5, "rounding to f32: their sum");
    }

    #[test]
    fn extinct_lines_bring_nothing() {
        assert!(strongest_lines(&powder(&[], &[]), 4, 1e-3).is_empty());
        let lines = strongest_lines(&powder(&[2.0, 2.0], &[0.0, 0.0]), 4, 1e-3);
        assert!(lines.iter().all(|line| line.1 == 0.0 && line.0.is_finite()));
    }

    #[test]
    fn columns_that_do_not_belong_together_are_refused() {
        let (positions, strengths) = ([0.1_f32, 0.2], [1.0_f32, 2.0]);
        assert!(LineIndex::new(&[0, 1, 2], &positions, &strengths, &[0.01, 0.01]).is_ok());
        assert!(LineIndex::new(&[0, 1, 2], &positions, &strengths[..1], &[0.01, 0.01]).is_err());
        assert!(LineIndex::new(&[0, 1, 2], &positions, &strengths, &[0.01]).is_err());
        assert!(LineIndex::new(&[0, 3, 2], &positions, &strengths, &[0.01, 0.01]).is_err());
        assert!(LineIndex::new(&[0, 1, 1], &positions, &strengths, &[0.01, 0.01]).is_err());
        assert!(LineIndex::new(&[1, 1, 2], &positions, &strengths, &[0.01, 0.01]).is_err());
    }
}
