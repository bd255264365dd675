//! One spectrum against very many.

use braggite_core::identification::spectra::{Query, Shelf, agreements, placed};
use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1, ToPyArray};
use pyo3::prelude::*;

use crate::border::{call, slice};

/// Reference spectra on one grid, one after the other; their columns stay where they are.
#[pyclass(frozen, module = "braggite._core")]
pub struct SpectrumShelf {
    starts: Py<PyArray1<u64>>,
    first: Py<PyArray1<i32>>,
    values: Py<PyArray1<f32>>,
}

#[pymethods]
impl SpectrumShelf {
    #[new]
    fn new(starts: Py<PyArray1<u64>>, first: Py<PyArray1<i32>>, values: Py<PyArray1<f32>>) -> Self {
        Self { starts, first, values }
    }

    /// Correlation of the values, of the slopes, and number of common cells, for every row.
    #[pyo3(signature = (first_cell, y, used))]
    #[allow(clippy::type_complexity, reason = "columns of one table")]
    fn agreements<'py>(
        &self,
        py: Python<'py>,
        first_cell: i32,
        y: PyReadonlyArray1<'py, f64>,
        used: PyReadonlyArray1<'py, bool>,
    ) -> PyResult<(Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<u32>>)> {
        let borrowed = self.borrowed(py);
        let (starts, first, values) = borrowed.columns()?;
        let (y, used) = (slice(&y, "y")?, slice(&used, "used")?);
        let found =
            call(py, || Ok(agreements(&Shelf::new(starts, first, values)?, &Query::new(first_cell, y, used)?)))?;
        Ok((
            found.iter().map(|f| f.values).collect::<Vec<_>>().to_pyarray(py),
            found.iter().map(|f| f.slopes).collect::<Vec<_>>().to_pyarray(py),
            found.iter().map(|f| f.common as u32).collect::<Vec<_>>().to_pyarray(py),
        ))
    }

    /// Best score and shift in cells, for some rows.
    #[pyo3(signature = (rows, first_cell, y, used, *, reach))]
    #[allow(clippy::type_complexity, reason = "columns of one table")]
    fn placed<'py>(
        &self,
        py: Python<'py>,
        rows: PyReadonlyArray1<'py, u32>,
        first_cell: i32,
        y: PyReadonlyArray1<'py, f64>,
        used: PyReadonlyArray1<'py, bool>,
        reach: u32,
    ) -> PyResult<(Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>)> {
        let borrowed = self.borrowed(py);
        let (starts, first, values) = borrowed.columns()?;
        let (rows, y, used) = (slice(&rows, "rows")?, slice(&y, "y")?, slice(&used, "used")?);
        let found =
            call(py, || placed(&Shelf::new(starts, first, values)?, rows, &Query::new(first_cell, y, used)?, reach))?;
        Ok((
            found.iter().map(|f| f.score).collect::<Vec<_>>().to_pyarray(py),
            found.iter().map(|f| f.shift).collect::<Vec<_>>().to_pyarray(py),
        ))
    }
}

impl SpectrumShelf {
    fn borrowed<'py>(&self, py: Python<'py>) -> Borrowed<'py> {
        Borrowed(self.starts.bind(py).readonly(), self.first.bind(py).readonly(), self.values.bind(py).readonly())
    }
}

/// The borrowed columns of a shelf.
struct Borrowed<'py>(PyReadonlyArray1<'py, u64>, PyReadonlyArray1<'py, i32>, PyReadonlyArray1<'py, f32>);

impl Borrowed<'_> {
    #[allow(clippy::type_complexity, reason = "columns of one table")]
    fn columns(&self) -> PyResult<(&[u64], &[i32], &[f32])> {
        Ok((slice(&self.0, "starts")?, slice(&self.1, "first")?, slice(&self.2, "values")?))
    }
}
