//! Noise and peaks.
