//! Bands of phases matched to a spectrum.

use braggite_core::grid::check_length;
use braggite_core::matching::bands::{self, Band, BandMatch, BandPriors, FittedBand};
use braggite_core::matching::column::Column;
use braggite_core::matching::discrepancy;
use braggite_core::matching::peak_fit::Estimate;
use braggite_core::matching::separable::model::Points;
use braggite_core::optimise::levenberg_marquardt::Options;
use numpy::{PyArray1, PyArray2, PyReadonlyArray1, ToPyArray};
use pyo3::prelude::*;

use crate::border::{call, call_cancellable, slice};

/// Position, its standard deviation, area, that of its logarithm, full width, that of its logarithm, whether a dip.
type BandRow = (f64, f64, f64, f64, f64, f64, bool);

fn band((position, position_sd, area, ln_area_sd, fwhm, ln_fwhm_sd, negative): BandRow) -> Band {
    Band { position, position_sd, area, ln_area_sd, fwhm, ln_fwhm_sd, negative }
}

/// The end of a match of bands.
#[pyclass(frozen, module = "braggite._core")]
pub struct BandMatchView {
    inner: BandMatch,
}

type Column1<'py> = Bound<'py, PyArray1<f64>>;

impl BandMatchView {
    fn estimates<'py>(&self, py: Python<'py>, of: impl Fn(&FittedBand) -> Estimate) -> (Column1<'py>, Column1<'py>) {
        let all: Vec<Estimate> = self.inner.bands.iter().map(of).collect();
        let value: Vec<f64> = all.iter().map(|e| e.value).collect();
        let su: Vec<f64> = all.iter().map(|e| e.su.unwrap_or(f64::NAN)).collect();
        (value.to_pyarray(py), su.to_pyarray(py))
    }
}

#[pymethods]
impl BandMatchView {
    /// Nonlinear unknowns: the shift, then displacement, log width, Lorentzian share and log area of each band.
    #[getter]
    fn theta<'py>(&self, py: Python<'py>) -> Column1<'py> {
        self.inner.theta.to_pyarray(py)
    }

    /// Common shift and its standard uncertainty.
    #[getter]
    fn shift(&self) -> (f64, Option<f64>) {
        (self.inner.shift.value, self.inner.shift.su)
    }

    /// Weighted squares, the same with priors, log evidence, steps, why it ended.
    #[getter]
    fn outcome(&self) -> (f64, f64, f64, usize, &'static str) {
        let m = &self.inner;
        (m.chi_squared, m.objective, m.log_evidence, m.iterations, m.stop.as_str())
    }

    /// (phases,) areas, dips left out.
    #[getter]
    fn areas<'py>(&self, py: Python<'py>) -> Column1<'py> {
        self.inner.areas.to_pyarray(py)
    }

    /// (phases, phases) covariance of the areas.
    #[getter]
    fn area_covariance<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        Ok(PyArray2::from_vec2(py, &self.inner.area_covariance.rows())?)
    }

    /// (n,) calculated ordinates.
    #[getter]
    fn calculated<'py>(&self, py: Python<'py>) -> Column1<'py> {
        self.inner.calculated.to_pyarray(py)
    }

    /// (phases, n) part of each phase.
    #[getter]
    fn curves<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        Ok(PyArray2::from_vec2(py, &self.inner.curves)?)
    }

    /// Positions of the bands and their standard uncertainties.
    #[getter]
    fn position<'py>(&self, py: Python<'py>) -> (Column1<'py>, Column1<'py>) {
        self.estimates(py, |band| band.position)
    }

    /// Full widths.
    #[getter]
    fn fwhm<'py>(&self, py: Python<'py>) -> (Column1<'py>, Column1<'py>) {
        self.estimates(py, |band| band.fwhm)
    }

    /// Areas; negative for dips.
    #[getter]
    fn area<'py>(&self, py: Python<'py>) -> (Column1<'py>, Column1<'py>) {
        self.estimates(py, |band| band.area)
    }

    /// Heights, and how clearly each stands out of the noise.
    #[getter]
    fn height<'py>(&self, py: Python<'py>) -> (Column1<'py>, Column1<'py>) {
        let height: Vec<f64> = self.inner.bands.iter().map(|band| band.height).collect();
        let significance: Vec<f64> = self.inner.bands.iter().map(|band| band.significance).collect();
        (height.to_pyarray(py), significance.to_pyarray(py))
    }
}

/// Match the bands of `phases` beside `background` columns, from the references or from `start`.
#[pyfunction]
#[pyo3(signature = (x, y, weight, background, phases, *, shift_sd, lorentz, least_fwhm, start, free_sign, max_iterations, relative_tolerance))]
pub fn match_bands(
    py: Python<'_>,
    x: PyReadonlyArray1<'_, f64>,
    y: PyReadonlyArray1<'_, f64>,
    weight: PyReadonlyArray1<'_, f64>,
    background: Vec<PyReadonlyArray1<'_, f64>>,
    phases: Vec<Vec<BandRow>>,
    shift_sd: f64,
    lorentz: (f64, f64),
    least_fwhm: f64,
    start: Option<Vec<f64>>,
    free_sign: bool,
    max_iterations: usize,
    relative_tolerance: f64,
) -> PyResult<BandMatchView> {
    let points = Points { x: slice(&x, "x")?, y: slice(&y, "y")?, weight: slice(&weight, "weight")? };
    let column =
        |values: &PyReadonlyArray1<'_, f64>| Ok(Column { start: 0, values: slice(values, "background")?.to_vec() });
    let background = background.iter().map(column).collect::<PyResult<Vec<Column>>>()?;
    let phases: Vec<Vec<Band>> = phases.into_iter().map(|rows| rows.into_iter().map(band).collect()).collect();
    let priors = BandPriors { shift_sd, lorentz, least_fwhm, free_sign };
    let options = Options { max_iterations, relative_tolerance };
    let start = start.as_deref();
    let inner = call_cancellable(py, |cancel| {
        bands::match_bands(points, &phases, &background, &priors, start, options, cancel)
    })?;
    Ok(BandMatchView { inner })
}

/// Misfit as a share of the net signal that residuals show beyond noise, as one over every `correlated_points` points.
#[pyfunction]
pub fn relative_discrepancy(
    py: Python<'_>,
    residual: PyReadonlyArray1<'_, f64>,
    weight: PyReadonlyArray1<'_, f64>,
    net: PyReadonlyArray1<'_, f64>,
    correlated_points: f64,
) -> PyResult<f64> {
    let (residual, weight, net) = (slice(&residual, "residual")?, slice(&weight, "weight")?, slice(&net, "net")?);
    call(py, || {
        check_length("weight", weight, residual.len())?;
        check_length("net", net, residual.len())?;
        Ok(discrepancy::discrepancy_of_residual(residual, weight, net, correlated_points))
    })
}
