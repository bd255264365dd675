//! Search through the lines of very many phases.

use braggite_core::error::Result;
use braggite_core::identification::index::lines::LineIndex;
use braggite_core::identification::index::nominate::{self, Extent, Nominee, Shelf};
use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1, ToPyArray};
use pyo3::prelude::*;

use crate::border::{call_cancellable, slice};
use crate::matching::{InstrumentPrior, Pattern};

/// Shelf, row, score, strain, shift in degrees.
type Nominees<'py> = (
    Bound<'py, PyArray1<u32>>,
    Bound<'py, PyArray1<u32>>,
    Bound<'py, PyArray1<f32>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
);

/// The rows of one line index that a search considers; its columns stay where they are.
#[pyclass(frozen, module = "braggite._core")]
pub struct LineShelf {
    starts: Py<PyArray1<u64>>,
    log_inverse_d: Py<PyArray1<f32>>,
    strength: Py<PyArray1<f32>>,
    tolerance: Py<PyArray1<f32>>,
    rows: Py<PyArray1<u32>>,
}

#[pymethods]
impl LineShelf {
    #[new]
    fn new(
        starts: Py<PyArray1<u64>>,
        log_inverse_d: Py<PyArray1<f32>>,
        strength: Py<PyArray1<f32>>,
        tolerance: Py<PyArray1<f32>>,
        rows: Py<PyArray1<u32>>,
    ) -> Self {
        Self { starts, log_inverse_d, strength, tolerance, rows }
    }
}

/// The borrowed columns of a shelf.
struct Borrowed<'py> {
    starts: PyReadonlyArray1<'py, u64>,
    lines: [PyReadonlyArray1<'py, f32>; 3],
    rows: PyReadonlyArray1<'py, u32>,
}

impl<'py> Borrowed<'py> {
    fn new(py: Python<'py>, shelf: &LineShelf) -> Self {
        let lines = [&shelf.log_inverse_d, &shelf.strength, &shelf.tolerance];
        Self {
            starts: shelf.starts.bind(py).readonly(),
            lines: lines.map(|column| column.bind(py).readonly()),
            rows: shelf.rows.bind(py).readonly(),
        }
    }

    fn shelf(&self) -> PyResult<Result<Shelf<'_>>> {
        let [positions, strength, tolerance] = &self.lines;
        let (positions, strength) = (slice(positions, "log_inverse_d")?, slice(strength, "strength")?);
        let (starts, tolerance) = (slice(&self.starts, "starts")?, slice(tolerance, "tolerance")?);
        let rows = slice(&self.rows, "rows")?;
        Ok(LineIndex::new(starts, positions, strength, tolerance).map(|index| Shelf { index, rows }))
    }
}

/// The phases of all shelves that are worth fitting to a pattern.
#[pyfunction]
#[pyo3(signature = (shelves, pattern, prior, *, count, survivors, first_lines, rounds))]
pub fn nominate_phases<'py>(
    py: Python<'py>,
    shelves: Vec<PyRef<'py, LineShelf>>,
    pattern: &Pattern,
    prior: &InstrumentPrior,
    count: usize,
    survivors: usize,
    first_lines: usize,
    rounds: usize,
) -> PyResult<Nominees<'py>> {
    let borrowed: Vec<Borrowed<'_>> = shelves.iter().map(|shelf| Borrowed::new(py, shelf)).collect();
    let shelves = borrowed.iter().map(Borrowed::shelf).collect::<PyResult<Vec<_>>>()?;
    let extent = Extent { count, survivors, first_lines, rounds };
    let nominees = call_cancellable(py, |cancel| {
        let shelves = shelves.into_iter().collect::<Result<Vec<_>>>()?;
        nominate::nominate(&shelves, &pattern.inner, &prior.inner, extent, cancel)
    })?;
    Ok(columns(py, &nominees))
}

fn columns<'py>(py: Python<'py>, nominees: &[Nominee]) -> Nominees<'py> {
    (
        nominees.iter().map(|n| n.shelf as u32).collect::<Vec<_>>().to_pyarray(py),
        nominees.iter().map(|n| n.row).collect::<Vec<_>>().to_pyarray(py),
        nominees.iter().map(|n| n.score).collect::<Vec<_>>().to_pyarray(py),
        nominees.iter().map(|n| n.strain).collect::<Vec<_>>().to_pyarray(py),
        nominees.iter().map(|n| n.shift_deg).collect::<Vec<_>>().to_pyarray(py),
    )
}
