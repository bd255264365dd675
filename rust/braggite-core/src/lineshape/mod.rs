//! Line shapes: value and derivatives together.

pub mod exponential;
pub mod pseudo_voigt;
pub mod thompson_cox_hastings;
