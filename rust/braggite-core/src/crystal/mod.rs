//! Crystal structures to powder lines.
//!
//! A [`Structure`] is checked and its sites reduced to orbits once; [`powder_lines`] then lists the unique reflections
//! of its Laue class with their squared structure factors.

pub mod cell;
pub mod displacement;
pub mod form_factors;
pub mod lines;
pub mod reflections;
pub mod structure;
pub mod structure_factors;
pub mod symmetry;

mod orbits;
mod waasmaier_kirfel;

pub use cell::Cell;
pub use displacement::Displacement;
pub use form_factors::FormFactor;
pub use lines::{PowderLines, lorentz_polarisation, powder_lines};
pub use structure::{Atom, Scatterer, Structure};
pub use symmetry::{Operation, Rotation, rotate_index};
