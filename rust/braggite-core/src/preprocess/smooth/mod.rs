//! Smoothing, and what it does to the noise.

mod local_fit;
pub mod savitzky_golay;
pub mod whittaker;

pub use savitzky_golay::{SavitzkyGolayOptions, savitzky_golay};
pub use whittaker::{WhittakerSmooth, whittaker_smooth};

/// A smoothed spectrum and its noise.
#[derive(Debug, Clone, PartialEq)]
pub struct Smoothed {
    /// One value a point: the curve or its derivative by the axis.
    pub curve: Vec<f64>,
    /// Variance of `curve`, from those of the ordinates.
    pub variance: Vec<f64>,
    /// Standard deviation of `curve` in the middle of the spectrum for ordinates of standard deviation 1.
    pub noise_gain: f64,
    /// Correlation of the noise of two neighbours there.
    pub neighbour_correlation: f64,
}
