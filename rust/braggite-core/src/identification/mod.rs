//! Which phases explain a pattern.
//!
//! [`screen`] ranks candidates against what is still unexplained, [`hypothesis`] is a set of phases with its fit,
//! [`search`] grows sets by beam search, [`evidence`] weighs each phase of the best set, [`limit`] bounds the amount of a
//! phase that is not in it, [`counting_time`] says how long to count for a lower bound. [`index`] finds the candidates of all this among very many phases, [`spectra`] compares whole spectra.

pub mod coarse;
pub mod counting_time;
pub mod evidence;
pub mod hypothesis;
pub mod identify;
pub mod index;
pub mod limit;
pub mod orientation;
pub mod placement;
mod profile;
pub mod screen;
pub mod search;
pub mod spectra;
