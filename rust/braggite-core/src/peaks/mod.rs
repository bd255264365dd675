//! Noise, line widths and peaks of a spectrum.

mod filter;
pub mod find;
mod fit;
mod ground;
mod groups;
mod measured;
mod multiplet;
pub mod noise;
pub mod rough_width;
mod stretches;
pub mod width;

pub use find::{FindOptions, GroundOptions, PeakList, find_peaks, find_peaks_on_ground};
pub use noise::{NoiseModel, difference_sigma, noise_model, sigma_or_estimate};
pub use rough_width::rough_fwhm;
pub use width::{Widths, estimate_fwhm};

/// Standard deviation of a Gaussian over its full width at half maximum.
const SIGMA_PER_FWHM: f64 = 0.424_660_900_144_009_5;
