//! Bounded Levenberg-Marquardt.

pub mod levenberg_marquardt;
pub mod parameter;
