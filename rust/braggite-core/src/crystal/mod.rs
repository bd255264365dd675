//! Crystal structures to powder lines.
