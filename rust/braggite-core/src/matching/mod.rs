//! The engine: y(x) = sum of scale * intensity * shape + background.
