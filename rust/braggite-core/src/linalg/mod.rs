//! Small dense, banded and non-negative linear algebra.

pub mod bounded;
pub mod pentadiagonal;
pub mod symmetric;
