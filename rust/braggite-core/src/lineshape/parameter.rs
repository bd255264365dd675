//! What a fit needs to know about one parameter of a shape.

use crate::error::{Error, Result};

/// One parameter of a shape, the centre not counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShapeParameter {
    /// Name as the literature and the Python layer write it.
    pub name: &'static str,
    /// Whether it is a length in the axis unit; its start then follows from the line.
    pub is_width: bool,
    /// Smallest value accepted.
    pub lower: f64,
    /// Largest value accepted.
    pub upper: f64,
    /// Start value where it is no width.
    pub start: f64,
}

/// Widths whose squares and reciprocals stay far from the ends of the numbers.
const WIDTHS: [f64; 2] = [1e-60, 1e60];

impl ShapeParameter {
    /// A width above zero.
    pub(super) const fn width(name: &'static str) -> Self {
        Self { name, is_width: true, lower: WIDTHS[0], upper: WIDTHS[1], start: f64::NAN }
    }

    /// A width that may vanish.
    pub(super) const fn width_or_zero(name: &'static str) -> Self {
        Self { lower: 0.0, ..Self::width(name) }
    }

    /// A number between two bounds.
    pub(super) const fn number(name: &'static str, lower: f64, upper: f64, start: f64) -> Self {
        Self { name, is_width: false, lower, upper, start }
    }

    /// Refuse a value outside the bounds.
    pub(super) fn check(&self, value: f64) -> Result<()> {
        let refused = |reason| Err(Error::InvalidOption { name: self.name, value, reason });
        match value {
            v if !v.is_finite() => refused("must be finite"),
            v if self.is_width && v < self.lower && self.lower > 0.0 => refused("a width must be above 0"),
            v if self.is_width && v < self.lower => refused("a width must not be negative"),
            v if v < self.lower => refused("is below what the shape is defined for"),
            v if v > self.upper => refused("is above what the shape is defined for"),
            _ => Ok(()),
        }
    }
}
