//! Kernels of Braggite: pure functions over slices, in the order data flows.
//!
//! `text_numbers` reads tables, `preprocess` and `peaks` read a spectrum, `crystal` turns structures into lines, `matching` is the one engine that
//! fits lines to spectra, `identification` searches with it. No Python, no files, no printing.

pub mod batch;
pub mod cancel;
pub mod crystal;
pub mod dispatch;
pub mod error;
pub mod exponential;
pub mod grid;
pub mod identification;
pub mod instruction_set;
pub mod linalg;
pub mod lineshape;
pub mod logarithm;
pub mod matching;
pub mod optimise;
pub mod peaks;
pub mod preprocess;
pub mod sine;
pub mod text_numbers;

/// Version of the workspace.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
