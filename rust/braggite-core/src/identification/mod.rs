//! Which phases explain a pattern.
//!
//! [`screen`] ranks candidates against what is still unexplained, [`hypothesis`] is a set of phases with its fit,
//! [`search`] grows sets by beam search, [`evidence`] weighs each phase of the best set, [`limit`] bounds the amount of a
//! phase that is not in it. [`index`] finds the candidates of all this among very many phases.

pub mod coarse;
pub mod evidence;
pub mod hypothesis;
pub mod identify;
pub mod index;
pub mod limit;
pub mod orientation;
pub mod placement;
pub mod screen;
pub mod search;
