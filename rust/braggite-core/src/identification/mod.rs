//! Which phases explain a pattern.
