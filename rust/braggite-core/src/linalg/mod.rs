//! Small dense, envelope and non-negative linear algebra.

pub mod pentadiagonal;
