//! From many phases to the few that are worth fitting.
//!
//! [`lines`] is what is kept of each phase, [`sight`] a pattern as a search through such lines sees it, [`sift`] the loop
//! over all phases, [`one_sided`] how well lines are borne out where others may lie on top of them, and [`nominate`] the
//! way from a pattern to candidates.

pub mod lines;
pub mod nominate;
pub mod one_sided;
pub mod sift;
pub mod sight;
