//! A checked axis and the checks every kernel makes once at its door.

use crate::error::{Error, Result};

/// Steps that differ by less than this share of their mean count as equal.
const EQUAL_STEPS: f64 = 1e-3;

/// An axis known to be finite and strictly ascending.
#[derive(Debug, Clone, Copy)]
pub struct Grid<'a> {
    x: &'a [f64],
}

impl<'a> Grid<'a> {
    /// Check `x` once: at least two points, finite, strictly ascending.
    ///
    /// # Errors
    /// `TooFewPoints`, `NotFinite` or `NotAscending` with the first offending index.
    pub fn new(x: &'a [f64]) -> Result<Self> {
        check_points("x", x, 2)?;
        check_finite("x", x)?;
        // as in `check_finite`, without a way out at each value the loop runs in vectors
        if x.windows(2).filter(|w| w[1] <= w[0]).count() == 0 {
            return Ok(Self { x });
        }
        let index = x.windows(2).position(|w| w[1] <= w[0]).unwrap_or_default();
        Err(Error::NotAscending { what: "x", index: index + 1 })
    }

    /// The positions.
    pub fn x(&self) -> &'a [f64] {
        self.x
    }

    /// Number of points.
    #[allow(clippy::len_without_is_empty, reason = "a grid is never empty")]
    pub fn len(&self) -> usize {
        self.x.len()
    }

    /// Index of the first point at or above `position`.
    pub fn lower_bound(&self, position: f64) -> usize {
        self.x.partition_point(|&v| v < position)
    }

    /// Indices of the points inside `[from, to]`.
    pub fn range(&self, from: f64, to: f64) -> std::ops::Range<usize> {
        let start = self.lower_bound(from);
        let end = self.x.partition_point(|&v| v <= to);
        start..end.max(start)
    }

    /// Mean distance of neighbouring points.
    pub fn mean_step(&self) -> f64 {
        let last = self.x.len() - 1;
        (self.x[last] - self.x[0]) / last as f64
    }

    /// Whether all steps are equal, but for the rounding of a printed axis.
    pub fn is_even(&self) -> bool {
        let mean = self.mean_step();
        self.x.windows(2).fold(true, |even, w| even & ((w[1] - w[0] - mean).abs() < EQUAL_STEPS * mean))
    }

    /// Median distance of neighbouring points.
    pub fn median_step(&self) -> f64 {
        let mut steps: Vec<f64> = self.x.windows(2).map(|w| w[1] - w[0]).collect();
        let middle = steps.len() / 2;
        *steps.select_nth_unstable_by(middle, f64::total_cmp).1
    }
}

/// `Err(NotFinite)` at the first NaN or infinity.
///
/// # Errors
/// `NotFinite` with the index of the first offending value.
pub fn check_finite(what: &'static str, values: &[f64]) -> Result<()> {
    // without a way out at each value the loop runs in vectors
    if values.iter().fold(true, |finite, v| finite & v.is_finite()) {
        return Ok(());
    }
    let index = values.iter().position(|v| !v.is_finite()).unwrap_or_default();
    Err(Error::NotFinite { what, index })
}

/// `Err(LengthMismatch)` unless `values` has `expected` entries.
///
/// # Errors
/// `LengthMismatch` with both lengths.
pub fn check_length(what: &'static str, values: &[f64], expected: usize) -> Result<()> {
    if values.len() == expected { Ok(()) } else { Err(Error::LengthMismatch { what, expected, got: values.len() }) }
}

/// `Err(TooFewPoints)` below `needed` entries.
///
/// # Errors
/// `TooFewPoints` with both lengths.
pub fn check_points(what: &'static str, values: &[f64], needed: usize) -> Result<()> {
    if values.len() >= needed { Ok(()) } else { Err(Error::TooFewPoints { what, got: values.len(), needed }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_not_an_axis() {
        assert_eq!(Grid::new(&[1.0]).unwrap_err(), Error::TooFewPoints { what: "x", got: 1, needed: 2 });
        assert_eq!(Grid::new(&[1.0, f64::NAN]).unwrap_err(), Error::NotFinite { what: "x", index: 1 });
        assert_eq!(Grid::new(&[1.0, 2.0, 2.0]).unwrap_err(), Error::NotAscending { what: "x", index: 2 });
    }

    #[test]
    fn range_is_inclusive_and_never_inverted() {
        let x = [1.0, 2.0, 3.0, 4.0];
        let grid = Grid::new(&x).unwrap();
        assert_eq!(grid.range(2.0, 3.0), 1..3);
        assert_eq!(grid.range(9.0, 0.0), 4..4);
    }
}
