//! Bounded Levenberg-Marquardt.

pub mod curvature;
pub mod levenberg_marquardt;
pub mod parameter;
