//! Noise, widths and peaks of spectra.

#![allow(clippy::needless_pass_by_value, reason = "extracted arguments are owned")]

use std::borrow::Cow;
use std::collections::HashMap;

use braggite_core::batch;
use braggite_core::cancel::CancelFlag;
use braggite_core::error::Result;
use braggite_core::grid::{Grid, check_length};
use braggite_core::peaks;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

use crate::border;

type Column<'py> = Bound<'py, PyArray1<f64>>;
type Columns<'py> = HashMap<&'static str, Column<'py>>;

/// How stiff the ground is; the names are those of the core.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct GroundArguments {
    in_widths: f64,
    first_share: f64,
    share_without_lines: f64,
}

fn columns(py: Python<'_>, list: peaks::PeakList) -> Columns<'_> {
    let columns = [
        ("position", list.position),
        ("position_su", list.position_su),
        ("height", list.height),
        ("height_su", list.height_su),
        ("area", list.area),
        ("area_su", list.area_su),
        ("fwhm", list.fwhm),
        ("fwhm_su", list.fwhm_su),
        ("significance", list.significance),
    ];
    columns.into_iter().map(|(name, column)| (name, column.into_pyarray(py))).collect()
}

/// Peaks of each row of `y` (rows one after the other), with the stiffness of the ground that was subtracted first;
/// `sigma` holds a value for each of `y`, `None` estimates them row by row; no `ground`: `y` is net.
#[pyfunction]
#[allow(clippy::too_many_arguments, reason = "every option is explicit")]
#[pyo3(signature = (x, y, sigma, false_alarms, fwhm, ground, threads))]
pub fn find_peaks<'py>(
    py: Python<'py>,
    x: PyReadonlyArray1<'py, f64>,
    y: PyReadonlyArray1<'py, f64>,
    sigma: Option<PyReadonlyArray1<'py, f64>>,
    false_alarms: f64,
    fwhm: Option<f64>,
    ground: Option<GroundArguments>,
    threads: usize,
) -> PyResult<Vec<(Columns<'py>, Option<f64>)>> {
    let (x, y) = (border::slice(&x, "x")?, border::slice(&y, "y")?);
    let sigma = sigma.as_ref().map(|sigma| border::slice(sigma, "sigma")).transpose()?;
    let finder = Finder { x, y, sigma, options: peaks::FindOptions { false_alarms, fwhm }, ground };
    let rows = finder.rows(py, threads)?;
    Ok(rows.into_iter().map(|(list, stiffness)| (columns(py, list), stiffness)).collect())
}

struct Finder<'a> {
    x: &'a [f64],
    y: &'a [f64],
    sigma: Option<&'a [f64]>,
    options: peaks::FindOptions,
    ground: Option<GroundArguments>,
}

impl Finder<'_> {
    fn rows(&self, py: Python<'_>, threads: usize) -> PyResult<Vec<(peaks::PeakList, Option<f64>)>> {
        let kernel = |cancel: &CancelFlag| {
            let grid = Grid::new(self.x)?;
            let count = self.y.len() / grid.len();
            check_length("y", self.y, count * grid.len())?;
            self.sigma.map_or(Ok(()), |sigma| check_length("sigma", sigma, self.y.len()))?;
            batch::rows(count, threads, cancel, || (), |(), row| self.row(grid, row))
        };
        if self.y.len() == self.x.len() {
            border::call(py, || kernel(&CancelFlag::new()))
        } else {
            border::call_cancellable(py, kernel)
        }
    }

    fn row(&self, grid: Grid<'_>, row: usize) -> Result<(peaks::PeakList, Option<f64>)> {
        let range = row * grid.len()..(row + 1) * grid.len();
        let y = &self.y[range.clone()];
        let sigma = match self.sigma {
            Some(sigma) => Cow::Borrowed(&sigma[range]),
            None => Cow::Owned(peaks::sigma_or_estimate(y, None, false)?),
        };
        match &self.ground {
            None => Ok((peaks::find_peaks(grid, y, &sigma, self.options)?, None)),
            Some(given) => {
                let GroundArguments { in_widths, first_share, share_without_lines } = *given;
                let ground = peaks::GroundOptions { in_widths, first_share, share_without_lines };
                let (list, stiffness) = peaks::find_peaks_on_ground(grid, y, &sigma, self.options, ground)?;
                Ok((list, Some(stiffness)))
            }
        }
    }
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

/// Standard deviation of every point of each row of `points`: square roots of counts, or estimated from the row.
#[pyfunction]
pub fn estimate_sigma<'py>(
    py: Python<'py>,
    y: PyReadonlyArray1<'py, f64>,
    counts: bool,
    points: usize,
    threads: usize,
) -> PyResult<Column<'py>> {
    let y = border::slice(&y, "y")?;
    let row = |(): &mut (), row: usize| {
        peaks::sigma_or_estimate(y.get(row * points..(row + 1) * points).unwrap_or_default(), None, counts)
    };
    let rows = border::call(py, || batch::rows(y.len() / points.max(1), threads, &CancelFlag::new(), || (), row))?;
    Ok(rows.concat().into_pyarray(py))
}
