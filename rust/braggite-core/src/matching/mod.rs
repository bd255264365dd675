//! The engine: y(x) = sum of scale * intensity * shape + background, fitted whole.
//!
//! A [`region::Region`] is one scan, a [`phase::Phase`] a cell with its lines, [`state::State`] the values of all
//! nonlinear parameters and [`state::Role`] the name of each; [`model::Model`] evaluates them and solves the linear
//! unknowns, [`fit::fit`] refines.

pub mod anisotropic_strain;
pub mod approach;
pub mod background;
pub mod bands;
pub mod column;
pub mod discrepancy;
pub mod error_model;
pub mod fit;
pub mod fit_covariance;
pub mod freedom;
pub mod instrument;
pub mod lebail;
pub mod lines;
mod links;
pub mod matched;
pub mod model;
pub mod pawley;
pub mod peak_fit;
pub mod phase;
pub mod powder;
pub mod refinement;
pub mod region;
pub mod separable;
pub mod settled;
pub mod shifts;
#[cfg(test)]
pub(crate) mod specimen;
pub mod state;
pub mod statistics;
pub mod structure;
pub mod texture;
