//! The border: borrow arrays, release the interpreter lock, poll for Ctrl-C, turn errors and panics into ours.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use braggite_core::cancel::CancelFlag;
use braggite_core::error::{Error, Result};
use numpy::{Element, PyReadonlyArray1, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyType;

/// How often a waiting call looks for signals.
const SIGNAL_POLL: Duration = Duration::from_millis(50);

fn exception(py: Python<'_>, class: &str, message: String) -> PyErr {
    match py.import("braggite.errors").and_then(|m| m.getattr(class)).and_then(|c| Ok(c.cast_into::<PyType>()?)) {
        Ok(class) => PyErr::from_type(class, message),
        Err(error) => error,
    }
}

/// The Python exception for a core error.
pub fn to_py_err(py: Python<'_>, error: &Error) -> PyErr {
    let class = match error {
        Error::LengthMismatch { .. }
        | Error::TooFewPoints { .. }
        | Error::NotFinite { .. }
        | Error::NotAscending { .. }
        | Error::Undetermined(_) => "InvalidSpectrum",
        Error::InvalidOption { .. } => "OptionError",
        Error::InvalidStructure(_) => "LibraryError",
        Error::Cancelled => return pyo3::exceptions::PyKeyboardInterrupt::new_err("cancelled"),
        _ => "InternalError",
    };
    exception(py, class, error.to_string())
}

fn panic_message(payload: &(dyn std::any::Any + Send)) -> String {
    let text =
        payload.downcast_ref::<&str>().map(ToString::to_string).or_else(|| payload.downcast_ref::<String>().cloned());
    format!("a kernel panicked: {}", text.unwrap_or_else(|| "no message".to_owned()))
}

/// Run a short kernel with the interpreter lock released; a panic becomes `InternalError`.
pub fn call<T: Send>(py: Python<'_>, kernel: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    match py.detach(|| catch_unwind(AssertUnwindSafe(kernel))) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(to_py_err(py, &error)),
        Err(payload) => Err(exception(py, "InternalError", panic_message(payload.as_ref()))),
    }
}

/// Run a long kernel on a scoped thread while this one polls for signals; Ctrl-C raises the cancel flag.
pub fn call_cancellable<T: Send>(py: Python<'_>, kernel: impl FnOnce(&CancelFlag) -> Result<T> + Send) -> PyResult<T> {
    let flag = CancelFlag::new();
    let (sender, mut receiver) = mpsc::channel();
    let mut interrupt = None;
    let outcome = std::thread::scope(|scope| {
        let flag = &flag;
        scope.spawn(move || sender.send(catch_unwind(AssertUnwindSafe(|| kernel(flag)))));
        loop {
            let (message, back) = py.detach(move || (receiver.recv_timeout(SIGNAL_POLL), receiver));
            receiver = back;
            match message {
                Ok(outcome) => return Some(outcome),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {}
            }
            if interrupt.is_none()
                && let Err(error) = py.check_signals()
            {
                flag.raise();
                interrupt = Some(error);
            }
        }
    });
    match (interrupt, outcome) {
        (Some(error), _) => Err(error),
        (None, Some(Ok(Ok(value)))) => Ok(value),
        (None, Some(Ok(Err(error)))) => Err(to_py_err(py, &error)),
        (None, Some(Err(payload))) => Err(exception(py, "InternalError", panic_message(payload.as_ref()))),
        (None, None) => Err(exception(py, "InternalError", "a kernel ended without an answer".to_owned())),
    }
}

/// A contiguous slice of a borrowed array; the Python layer passes contiguous arrays of the right type only.
pub fn slice<'a, T: Element>(array: &'a PyReadonlyArray1<'_, T>, what: &'static str) -> PyResult<&'a [T]> {
    array.as_slice().map_err(|_| {
        pyo3::exceptions::PyTypeError::new_err(format!(
            "{what} must be a contiguous array of {} (shape {:?})",
            std::any::type_name::<T>(),
            array.shape()
        ))
    })
}
