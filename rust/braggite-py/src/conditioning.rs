//! Despiking and smoothing of one spectrum or of many rows of equal length.

#![allow(clippy::needless_pass_by_value, reason = "extracted arguments are owned")]

use braggite_core::batch;
use braggite_core::cancel::CancelFlag;
use braggite_core::error::{Error, Result};
use braggite_core::grid::Grid;
use braggite_core::peaks::sigma_or_estimate;
use braggite_core::preprocess::despike::{self as core, DespikeOptions, Gate, ReplicateOptions};
use braggite_core::preprocess::smooth::{SavitzkyGolayOptions, Smoothed, savitzky_golay, whittaker_smooth};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

use crate::border;
use crate::preprocess::row_of;

type Values<'py> = Bound<'py, PyArray1<f64>>;

/// `kernel` for every row and its standard deviations (given, or estimated from the row) over the positions `x`.
fn rows_with_noise<T: Send>(
    py: Python<'_>,
    (y, sigma): (&[f64], Option<&[f64]>),
    x: &[f64],
    threads: usize,
    kernel: impl Fn(Grid<'_>, &[f64], &[f64]) -> Result<T> + Sync + Send,
) -> PyResult<Vec<T>> {
    let points = x.len();
    let all = |cancel: &CancelFlag| {
        let grid = Grid::new(x)?;
        batch::rows(
            y.len() / points.max(1),
            threads,
            cancel,
            || (),
            |(), row| {
                let given = sigma.map(|s| row_of(s, points, row));
                kernel(grid, row_of(y, points, row), &sigma_or_estimate(row_of(y, points, row), given, false)?)
            },
        )
    };
    if y.len() == points { border::call(py, || all(&CancelFlag::new())) } else { border::call_cancellable(py, all) }
}

/// What despiking is told.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct DespikeArguments {
    threshold: f64,
    window: usize,
    max_width: usize,
    fwhm: Option<f64>,
    max_iterations: usize,
}

fn gate_named(method: &str) -> Result<Gate> {
    match method {
        "whitaker_hayes" => Ok(Gate::WhitakerHayes),
        "median" => Ok(Gate::Median),
        _ => Err(Error::InvalidOption { name: "method", value: f64::NAN, reason: "not a way of despiking" }),
    }
}

/// Curves one after the other, and per row: replaced points, converged, passes.
#[pyfunction]
#[pyo3(signature = (y, x, sigma, method, options, threads))]
#[allow(clippy::type_complexity, reason = "one tuple a caller unpacks at once")]
pub fn despike<'py>(
    py: Python<'py>,
    y: PyReadonlyArray1<'py, f64>,
    x: PyReadonlyArray1<'py, f64>,
    sigma: Option<PyReadonlyArray1<'py, f64>>,
    method: &str,
    options: DespikeArguments,
    threads: usize,
) -> PyResult<(Values<'py>, Vec<Vec<usize>>, Vec<bool>, Vec<usize>)> {
    let (y, x) = (border::slice(&y, "y")?, border::slice(&x, "x")?);
    let sigma = sigma.as_ref().map(|s| border::slice(s, "sigma")).transpose()?;
    let DespikeArguments { threshold, window, max_width, fwhm, max_iterations } = options;
    let rows = rows_with_noise(py, (y, sigma), x, threads, |grid, y, sigma| {
        let gate = gate_named(method)?;
        core::despike(grid, y, sigma, DespikeOptions { gate, threshold, window, max_width, fwhm, max_iterations })
    })?;
    let replaced = rows.iter().map(|row| row.replaced.clone()).collect();
    let (converged, passes) = rows.iter().map(|row| (row.converged, row.iterations)).unzip();
    let curve: Vec<f64> = rows.into_iter().flat_map(|row| row.curve).collect();
    Ok((curve.into_pyarray(py), replaced, converged, passes))
}

/// Curves one after the other, and per scan: replaced points, spread of the differences over the noise.
#[pyfunction]
pub fn despike_replicates<'py>(
    py: Python<'py>,
    y: PyReadonlyArray1<'py, f64>,
    sigma: PyReadonlyArray1<'py, f64>,
    points: usize,
    threshold: f64,
    window: usize,
) -> PyResult<(Values<'py>, Vec<Vec<usize>>, Vec<f64>)> {
    let (y, sigma) = (border::slice(&y, "y")?, border::slice(&sigma, "sigma")?);
    let options = ReplicateOptions { threshold, window };
    let scans = border::call(py, || core::despike_replicates(y, sigma, points, options))?;
    let (replaced, spread) = scans.iter().map(|scan| (scan.replaced.clone(), scan.spread)).unzip();
    let curve: Vec<f64> = scans.into_iter().flat_map(|scan| scan.curve).collect();
    Ok((curve.into_pyarray(py), replaced, spread))
}

/// Curves and standard deviations one after the other; per row: noise gain, correlation of neighbours, lam, at bound.
type Smooth<'py> = (Values<'py>, Values<'py>, Vec<f64>, Vec<f64>, Vec<f64>, Vec<bool>);

fn smooth_to_py(py: Python<'_>, rows: Vec<(Smoothed, f64, bool)>) -> Smooth<'_> {
    let gain = rows.iter().map(|row| row.0.noise_gain).collect();
    let correlation = rows.iter().map(|row| row.0.neighbour_correlation).collect();
    let (lam, at_bound) = rows.iter().map(|row| (row.1, row.2)).unzip();
    let sigma: Vec<f64> = rows.iter().flat_map(|row| row.0.variance.iter().map(|v| v.max(0.0).sqrt())).collect();
    let curve: Vec<f64> = rows.into_iter().flat_map(|row| row.0.curve).collect();
    (curve.into_pyarray(py), sigma.into_pyarray(py), gain, correlation, lam, at_bound)
}

fn squares(sigma: &[f64]) -> Vec<f64> {
    sigma.iter().map(|s| s * s).collect()
}

#[pyfunction]
#[allow(clippy::too_many_arguments, reason = "every option is explicit")]
#[pyo3(signature = (y, x, sigma, window_length, polyorder, deriv, threads))]
pub fn smooth_savitzky_golay<'py>(
    py: Python<'py>,
    y: PyReadonlyArray1<'py, f64>,
    x: PyReadonlyArray1<'py, f64>,
    sigma: Option<PyReadonlyArray1<'py, f64>>,
    window_length: usize,
    polyorder: usize,
    deriv: usize,
    threads: usize,
) -> PyResult<Smooth<'py>> {
    let (y, x) = (border::slice(&y, "y")?, border::slice(&x, "x")?);
    let sigma = sigma.as_ref().map(|s| border::slice(s, "sigma")).transpose()?;
    let options = SavitzkyGolayOptions { window_length, polyorder, deriv };
    let rows = rows_with_noise(py, (y, sigma), x, threads, |grid, y, sigma| {
        Ok((savitzky_golay(grid, y, &squares(sigma), options)?, f64::NAN, false))
    })?;
    Ok(smooth_to_py(py, rows))
}

#[pyfunction]
#[pyo3(signature = (y, x, sigma, weights, lam, threads))]
pub fn smooth_whittaker<'py>(
    py: Python<'py>,
    y: PyReadonlyArray1<'py, f64>,
    x: PyReadonlyArray1<'py, f64>,
    sigma: Option<PyReadonlyArray1<'py, f64>>,
    weights: Option<PyReadonlyArray1<'py, f64>>,
    lam: Option<f64>,
    threads: usize,
) -> PyResult<Smooth<'py>> {
    let (y, x) = (border::slice(&y, "y")?, border::slice(&x, "x")?);
    let sigma = sigma.as_ref().map(|s| border::slice(s, "sigma")).transpose()?;
    let weights = weights.as_ref().map(|w| border::slice(w, "weights")).transpose()?;
    let rows = rows_with_noise(py, (y, sigma), x, threads, |grid, y, sigma| {
        let smooth = whittaker_smooth(grid, y, &squares(sigma), weights, lam)?;
        Ok((smooth.smoothed, smooth.lam, smooth.at_bound))
    })?;
    Ok(smooth_to_py(py, rows))
}
