//! Bounded Levenberg-Marquardt.
