//! Penalised B-splines.

use braggite_core::error::Result;
use braggite_core::grid::Grid;
use braggite_core::preprocess::background::{
    PenalisedSpline, Reweighting, SplineOptions, WhittakerOptions, penalised_spline,
};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

use super::{Rows, Spectra, rows_to_py};
use crate::border;

/// What the family is told; without `p` its weights are those of arPLS.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct SplineArguments {
    lam: f64,
    num_knots: usize,
    spline_degree: usize,
    diff_order: usize,
    max_iterations: usize,
    tol: f64,
    #[pyo3(default)]
    p: Option<f64>,
}

#[pyfunction]
#[pyo3(signature = (y, points, x, weights, options, threads))]
pub fn background_penalised_spline<'py>(
    py: Python<'py>,
    y: PyReadonlyArray1<'py, f64>,
    points: usize,
    x: PyReadonlyArray1<'py, f64>,
    weights: Option<PyReadonlyArray1<'py, f64>>,
    options: SplineArguments,
    threads: usize,
) -> PyResult<Rows<'py>> {
    let (y, x) = (border::slice(&y, "y")?, border::slice(&x, "x")?);
    let weights = weights.as_ref().map(|w| border::slice(w, "weights")).transpose()?;
    let SplineArguments { lam, num_knots, spline_degree, diff_order, max_iterations, tol, p } = options;
    let rule = p.map_or(Reweighting::Arpls, |p| Reweighting::Asls { p });
    let passes = WhittakerOptions { max_iterations, tol, weights };
    let basis = |grid: Grid<'_>| -> Result<PenalisedSpline> {
        PenalisedSpline::new(grid, SplineOptions { num_knots, degree: spline_degree, diff_order, lam })
    };
    let spectra = Spectra { y, points, x, threads };
    let rows = spectra.each(py, basis, || (), |basis, (), row| penalised_spline(row, basis, rule, passes))?;
    Ok(rows_to_py(py, rows))
}
