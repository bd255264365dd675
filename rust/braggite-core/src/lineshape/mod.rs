//! Line shapes: value and derivatives together.
//!
//! [`shape::Shape`] is the door for fits of single lines; each family stands in a file of its own as a
//! [`profile::Profile`]. The whole-pattern engine uses [`pseudo_voigt`] directly.

pub mod axial_divergence;
pub mod columns;
mod composite;
pub mod convolved;
pub mod core_levels;
pub mod doniach_sunjic;
pub mod elementary;
pub mod emission;
pub mod exponentially_modified_gaussian;
pub mod faddeeva;
pub mod fano;
pub mod gl_product;
pub mod mixtures;
pub mod parameter;
pub mod pearson7;
pub mod profile;
pub mod pseudo_voigt;
mod scaled_erfc;
mod search;
pub mod shape;
pub mod sigmoidal;
pub mod split;
pub mod thompson_cox_hastings;
pub mod voigt;
