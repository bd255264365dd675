//! Line shapes: value and derivatives together.

pub mod pseudo_voigt;
pub mod thompson_cox_hastings;
