//! Despiking, smoothing and background subtraction.

pub mod background;
pub mod despike;
pub mod smooth;
