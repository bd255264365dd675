//! Backgrounds: what a spectrum would be without its peaks. One file a family.

pub mod adaptive;
pub mod chebyshev;
mod ends;
pub mod family;
pub mod linear;
pub mod modified_polynomial;
pub mod morphological;
mod passes;
pub mod penalised_spline;
mod polynomial;
pub mod reweighting;
pub mod rubber_band;
pub mod screening;
pub mod shirley;
pub mod snip;
pub mod sonneveld_visser;
pub mod tougaard;
pub mod whittaker;
pub mod windows;

pub use adaptive::{Adaptive, adaptive};
pub use chebyshev::{Clipped, ClippingOptions, chebyshev};
pub use family::{Family, Member};
pub use linear::linear;
pub use modified_polynomial::{PolynomialOptions, modified_polynomial};
pub use morphological::{ImorOptions, WindowRoom, bruckner, imor, mor, rolling_ball, top_hat};
pub use passes::Room;
pub use penalised_spline::{PenalisedSpline, SplineOptions, penalised_spline};
pub use reweighting::Reweighting;
pub use rubber_band::{ConcaveOptions, concave_rubber_band, rubber_band};
pub use screening::{Screening, derpsalsa, peak_height};
pub use shirley::{ShirleyOptions, shirley};
pub use snip::{SnipOptions, snip};
pub use sonneveld_visser::{SonneveldVisserOptions, sonneveld_visser};
pub use tougaard::{LossFunction, Tougaard, TougaardOptions, tougaard};
pub use whittaker::{WhittakerOptions, airpls, arpls, asls, lam_for_width, whittaker};
pub use windows::{ContinuedMean, MovingMean, Windows};

use crate::error::Result;
use crate::grid::{check_finite, check_length, check_points};

/// Refuse fewer than four ordinates, another number than `points`, and values that are not finite.
fn check_ordinates(y: &[f64], points: usize) -> Result<()> {
    check_points("y", y, 4)?;
    check_length("y", y, points)?;
    check_finite("y", y)
}

/// A background and how its iteration ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Background {
    /// One value a point, in the unit of the ordinates.
    pub curve: Vec<f64>,
    /// Whether the last change was below the tolerance.
    pub converged: bool,
    /// Number of passes made.
    pub iterations: usize,
    /// The last change, as the method measures it.
    pub final_tolerance: f64,
}

/// How the iteration of one row ended; its curve stands elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Ending {
    /// Whether the last change was below the tolerance.
    pub converged: bool,
    /// Number of passes made.
    pub iterations: usize,
    /// The last change, as the method measures it.
    pub final_tolerance: f64,
}

impl Background {
    /// How its iteration ended.
    pub fn ending(&self) -> Ending {
        Ending { converged: self.converged, iterations: self.iterations, final_tolerance: self.final_tolerance }
    }
}
