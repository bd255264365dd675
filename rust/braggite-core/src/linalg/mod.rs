//! Small dense, banded and non-negative linear algebra.

pub mod aligned;
pub mod banded;
pub mod bounded;
pub mod envelope;
pub mod envelope_inverse;
pub mod five_rows;
pub mod lanes;
pub mod normal;
pub mod pentadiagonal;
pub mod selected_inverse;
pub mod symmetric;
