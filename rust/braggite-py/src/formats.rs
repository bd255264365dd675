//! Tables of numbers in text files.

use braggite_core::text_numbers::{Separator, number_rows};
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;

use crate::border;

type Rows<'py> = (Bound<'py, PyArray1<f64>>, usize, bool);

/// Values row by row, numbers a row, and whether a tab stands in every row; None for a table that is not regular.
#[pyfunction]
pub fn regular_rows<'py>(
    py: Python<'py>,
    text: &str,
    separator: Option<char>,
    decimal_comma: bool,
) -> PyResult<Option<Rows<'py>>> {
    let separator = match separator {
        Some(',') => Separator::Comma,
        Some(_) => Separator::Semicolon,
        None => Separator::Blanks,
    };
    let rows = border::call(py, || Ok(number_rows(text, separator, decimal_comma)))?;
    Ok(rows.map(|rows| (rows.values.into_pyarray(py), rows.width, rows.tabs_in_every_row)))
}
