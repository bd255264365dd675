//! Backgrounds: what a spectrum would be without its peaks. One file a family.

pub mod adaptive;
mod ends;
pub mod linear;
pub mod modified_polynomial;
mod polynomial;
pub mod reweighting;
pub mod rubber_band;
pub mod screening;
pub mod shirley;
pub mod snip;
pub mod tougaard;
pub mod whittaker;

pub use adaptive::{Adaptive, adaptive};
pub use linear::linear;
pub use modified_polynomial::{PolynomialOptions, modified_polynomial};
pub use reweighting::Reweighting;
pub use rubber_band::rubber_band;
pub use screening::{Screening, derpsalsa, peak_height};
pub use shirley::{ShirleyOptions, shirley};
pub use snip::{SnipOptions, snip};
pub use tougaard::{LossFunction, Tougaard, TougaardOptions, tougaard};
pub use whittaker::{WhittakerOptions, airpls, arpls, asls, lam_for_width, whittaker};

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
