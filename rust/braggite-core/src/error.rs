//! The one error type of the core; the binding maps each variant to a Python class.

/// What a kernel refuses, or why it stopped before an answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Two arrays that belong together differ in length.
    #[error("{what} has {got} values where {expected} are needed")]
    LengthMismatch {
        /// Which array.
        what: &'static str,
        /// Length needed.
        expected: usize,
        /// Length found.
        got: usize,
    },
    /// Fewer points than the kernel can work with.
    #[error("{what} has {got} points; at least {needed} are needed")]
    TooFewPoints {
        /// Which array.
        what: &'static str,
        /// Length found.
        got: usize,
        /// Smallest length accepted.
        needed: usize,
    },
    /// NaN or infinity.
    #[error("{what} holds a value that is not finite at index {index}")]
    NotFinite {
        /// Which array.
        what: &'static str,
        /// First offending index.
        index: usize,
    },
    /// An axis that does not increase strictly.
    #[error("{what} does not increase strictly at index {index}")]
    NotAscending {
        /// Which axis.
        what: &'static str,
        /// First index whose value is not above its predecessor.
        index: usize,
    },
    /// An option outside its meaning.
    #[error("option {name} = {value}: {reason}")]
    InvalidOption {
        /// Name as the literature and the Python layer write it.
        name: &'static str,
        /// Value given.
        value: f64,
        /// What is accepted.
        reason: &'static str,
    },
    /// A crystal structure that cannot be computed with.
    #[error("structure: {0}")]
    InvalidStructure(String),
    /// A matrix that is not positive definite where the algebra needs it to be.
    #[error("{what}: the matrix is not positive definite at row {row}")]
    NotPositiveDefinite {
        /// Which solve.
        what: &'static str,
        /// Row of the failing pivot.
        row: usize,
    },
    /// Data that leave an answer open.
    #[error("undetermined: {0}")]
    Undetermined(&'static str),
    /// The caller raised the cancel flag.
    #[error("cancelled")]
    Cancelled,
}

/// Result with the core's error.
pub type Result<T> = std::result::Result<T, Error>;
