//! The flag a caller raises to stop a long call.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Error, Result};

/// Raised by the caller, read by kernels between units of work.
#[derive(Debug, Default)]
pub struct CancelFlag(AtomicBool);

impl CancelFlag {
    /// A flag that is down.
    pub const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Ask the running call to stop.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// `Err(Cancelled)` once the flag is up.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when the caller raised the flag.
    pub fn check(&self) -> Result<()> {
        if self.0.load(Ordering::Relaxed) { Err(Error::Cancelled) } else { Ok(()) }
    }
}
