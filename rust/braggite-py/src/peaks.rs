//! Noise, widths and peaks of one spectrum.

#![allow(clippy::needless_pass_by_value, reason = "extracted arguments are owned")]

use std::collections::HashMap;

use braggite_core::grid::Grid;
use braggite_core::peaks;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

use crate::border;

type Column<'py> = Bound<'py, PyArray1<f64>>;

#[pyfunction]
#[pyo3(signature = (x, y, sigma, false_alarms, fwhm))]
pub fn find_peaks<'py>(
    py: Python<'py>,
    x: PyReadonlyArray1<'py, f64>,
    y: PyReadonlyArray1<'py, f64>,
    sigma: PyReadonlyArray1<'py, f64>,
    false_alarms: f64,
    fwhm: Option<f64>,
) -> PyResult<HashMap<&'static str, Column<'py>>> {
    let (x, y, sigma) = (border::slice(&x, "x")?, border::slice(&y, "y")?, border::slice(&sigma, "sigma")?);
    let options = peaks::FindOptions { false_alarms, fwhm };
    let list = border::call(py, || peaks::find_peaks(Grid::new(x)?, y, sigma, options))?;
    let columns = [
        ("position", list.position),
        ("position_su", list.position_su),
        ("height", list.height),
        ("area", list.area),
        ("area_su", list.area_su),
        ("fwhm", list.fwhm),
        ("fwhm_su", list.fwhm_su),
        ("significance", list.significance),
    ];
    Ok(columns.into_iter().map(|(name, column)| (name, column.into_pyarray(py))).collect())
}

/// Positions, full widths and heights of the clean strong peaks, and the typical width.
#[pyfunction]
pub fn estimate_fwhm<'py>(
    py: Python<'py>,
    x: PyReadonlyArray1<'py, f64>,
    y: PyReadonlyArray1<'py, f64>,
    sigma: PyReadonlyArray1<'py, f64>,
) -> PyResult<(Column<'py>, Column<'py>, Column<'py>, Option<f64>)> {
    let (x, y, sigma) = (border::slice(&x, "x")?, border::slice(&y, "y")?, border::slice(&sigma, "sigma")?);
    let widths = border::call(py, || peaks::estimate_fwhm(Grid::new(x)?, y, sigma))?;
    let [position, fwhm, height] = [widths.position, widths.fwhm, widths.height].map(|v| v.into_pyarray(py));
    Ok((position, fwhm, height, widths.typical))
}

/// Standard deviation of every point: square roots of counts, or estimated from the data.
#[pyfunction]
pub fn estimate_sigma<'py>(py: Python<'py>, y: PyReadonlyArray1<'py, f64>, counts: bool) -> PyResult<Column<'py>> {
    let y = border::slice(&y, "y")?;
    Ok(border::call(py, || peaks::sigma_or_estimate(y, None, counts))?.into_pyarray(py))
}
