//! Line shapes: value and derivatives together.
