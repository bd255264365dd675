//! The two ends of a region, averaged against noise.

use super::check_ordinates;
use crate::error::{Error, Result};
use crate::grid::Grid;

/// Mean position and ordinate of the outermost points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ends {
    pub left: (f64, f64),
    pub right: (f64, f64),
}

impl Ends {
    /// The means of `count` points at either end, after checking the door of a region.
    ///
    /// # Errors
    /// `TooFewPoints` below four, `NotFinite`, `LengthMismatch`; `InvalidOption` for no `end_points` or more than half.
    pub fn of(x: Grid<'_>, y: &[f64], count: usize) -> Result<Self> {
        check_ordinates(y, x.len())?;
        if count == 0 || count > y.len() / 2 {
            let reason = "must be at least 1 and at most half the number of points";
            return Err(Error::InvalidOption { name: "end_points", value: count as f64, reason });
        }
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let from = y.len() - count;
        let (left, right) = ((mean(&x.x()[..count]), mean(&y[..count])), (mean(&x.x()[from..]), mean(&y[from..])));
        Ok(Self { left, right })
    }
}
