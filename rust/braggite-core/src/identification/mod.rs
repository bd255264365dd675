//! Which phases explain a pattern.
//!
//! [`screen`] ranks candidates against what is still unexplained, [`hypothesis`] is a set of phases with its fit,
//! [`search`] grows sets by beam search, [`evidence`] weighs each phase of the best set.

pub mod coarse;
pub mod evidence;
pub mod hypothesis;
pub mod identify;
pub mod orientation;
pub mod screen;
pub mod search;
