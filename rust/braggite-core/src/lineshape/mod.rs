//! Line shapes: value and derivatives together.
//!
//! [`shape::Shape`] is the door for fits of single lines; each family stands in a file of its own as a
//! [`profile::Profile`]. The whole-pattern engine uses [`pseudo_voigt`] directly.

pub mod columns;
pub mod elementary;
pub mod parameter;
pub mod profile;
pub mod pseudo_voigt;
mod search;
pub mod shape;
pub mod thompson_cox_hastings;
