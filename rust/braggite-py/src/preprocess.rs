//! Backgrounds of one spectrum or of many rows of equal length.

#![allow(clippy::needless_pass_by_value, reason = "extracted arguments are owned")]

use braggite_core::batch;
use braggite_core::cancel::CancelFlag;
use braggite_core::error::{Error, Result};
use braggite_core::grid::Grid;
use braggite_core::linalg::pentadiagonal::Penalty;
use braggite_core::preprocess::background::whittaker::Room;
use braggite_core::preprocess::background::{
    Background, Reweighting, SnipOptions, WhittakerOptions, lam_for_width, snip, whittaker,
};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

use crate::border;

/// Curves one after the other, and per row: converged, passes, final tolerance.
type Rows<'py> = (Bound<'py, PyArray1<f64>>, Vec<bool>, Vec<usize>, Vec<f64>);

fn rows_to_py(py: Python<'_>, rows: Vec<Background>) -> Rows<'_> {
    let converged = rows.iter().map(|row| row.converged).collect();
    let iterations = rows.iter().map(|row| row.iterations).collect();
    let tolerance = rows.iter().map(|row| row.final_tolerance).collect();
    let curve: Vec<f64> = rows.into_iter().flat_map(|row| row.curve).collect();
    (curve.into_pyarray(py), converged, iterations, tolerance)
}

/// Rows of `points` values; refuses what does not divide.
fn row_of(y: &[f64], points: usize, row: usize) -> &[f64] {
    y.get(row * points..(row + 1) * points).unwrap_or_default()
}

fn reweighting(method: &str, p: f64) -> Result<Reweighting> {
    match method {
        "asls" => Ok(Reweighting::Asls { p }),
        "airpls" => Ok(Reweighting::Airpls),
        "arpls" => Ok(Reweighting::Arpls),
        _ => Err(Error::InvalidOption { name: "method", value: f64::NAN, reason: "not of the Whittaker family" }),
    }
}

#[pyfunction]
#[pyo3(signature = (y, points, x, weights, method, lam, p, max_iterations, tol, threads))]
pub fn background_whittaker<'py>(
    py: Python<'py>,
    y: PyReadonlyArray1<'py, f64>,
    points: usize,
    x: Option<PyReadonlyArray1<'py, f64>>,
    weights: Option<PyReadonlyArray1<'py, f64>>,
    method: &str,
    lam: f64,
    p: f64,
    max_iterations: usize,
    tol: f64,
    threads: usize,
) -> PyResult<Rows<'py>> {
    let y = border::slice(&y, "y")?;
    let x = x.as_ref().map(|x| border::slice(x, "x")).transpose()?;
    let weights = weights.as_ref().map(|w| border::slice(w, "weights")).transpose()?;
    let kernel = |cancel: &CancelFlag| {
        let reweighting = reweighting(method, p)?;
        let penalty = x.map_or_else(|| Penalty::uniform(points, lam), |x| Penalty::on_grid(Grid::new(x)?, lam))?;
        let options = WhittakerOptions { max_iterations, tol, weights };
        batch::rows(
            y.len() / points.max(1),
            threads,
            cancel,
            || Room::new(points),
            |room, row| whittaker(row_of(y, points, row), &penalty, reweighting, options, room),
        )
    };
    let short = y.len() == points;
    let rows =
        if short { border::call(py, || kernel(&CancelFlag::new())) } else { border::call_cancellable(py, kernel) };
    rows.map(|rows| rows_to_py(py, rows))
}

#[pyfunction]
pub fn background_snip<'py>(
    py: Python<'py>,
    y: PyReadonlyArray1<'py, f64>,
    points: usize,
    half_window: usize,
    decreasing: bool,
    lls: bool,
    threads: usize,
) -> PyResult<Rows<'py>> {
    let y = border::slice(&y, "y")?;
    let options = SnipOptions { half_window, decreasing, lls };
    let rows = border::call_cancellable(py, |cancel| {
        batch::rows(y.len() / points.max(1), threads, cancel, || (), |(), row| snip(row_of(y, points, row), options))
    })?;
    Ok(rows_to_py(py, rows))
}

/// lam whose filter passes half of a wave of period `width` sampled at `step`.
#[pyfunction]
pub fn whittaker_lam(width: f64, step: f64) -> f64 {
    lam_for_width(width, step)
}
