//! Peak fits: line shapes by name, numbers of lines as affine forms.

use braggite_core::batch;
use braggite_core::cancel::CancelFlag;
use braggite_core::error::{Error, Result};
use braggite_core::grid::check_length;
use braggite_core::lineshape::shape::Shape;
use braggite_core::matching::column::Column;
use braggite_core::matching::peak_fit::{self, Estimate, FittedPeak};
use braggite_core::matching::separable::affine::{Affine, AffineLines};
use braggite_core::matching::separable::covariance::Standing;
use braggite_core::matching::separable::model::{Linear, Points};
use braggite_core::matching::separable::shapes::Line;
use braggite_core::optimise::levenberg_marquardt::Options;
use braggite_core::optimise::parameter::{Parameter, Prior};
use braggite_core::peaks;
use numpy::{PyArray1, PyArray2, PyReadonlyArray1, ToPyArray};
use pyo3::prelude::*;

use crate::border::{call, call_cancellable, slice};

/// Name of a shape, its linear unknown, the factor on it, and (constant, [(unknown, factor)]) of each of its numbers.
type LineRow = (String, usize, f64, Vec<(f64, Vec<(usize, f64)>)>);
/// Start, lower and upper bound, and mean and standard deviation of a prior.
type ParameterRow = (f64, f64, f64, Option<(f64, f64)>);

/// Lines and nonlinear unknowns of a peak fit.
#[pyclass(frozen, module = "braggite._core")]
pub struct PeakModel {
    lines: AffineLines,
    parameters: Vec<Parameter>,
    non_negative: Vec<bool>,
    loss: Option<usize>,
}

#[pymethods]
impl PeakModel {
    #[new]
    #[pyo3(signature = (lines, parameters, non_negative, loss))]
    fn new(
        py: Python<'_>,
        lines: Vec<LineRow>,
        parameters: Vec<ParameterRow>,
        non_negative: Vec<bool>,
        loss: Option<usize>,
    ) -> PyResult<Self> {
        let lines = call(py, || affine_lines(lines, parameters.len()))?;
        let parameters = parameters.into_iter().map(parameter).collect();
        Ok(Self { lines, parameters, non_negative, loss })
    }
}

fn affine_lines(rows: Vec<LineRow>, n_theta: usize) -> Result<AffineLines> {
    let (mut lines, mut numbers) = (Vec::new(), Vec::new());
    for (name, linear, factor, forms) in rows {
        let unknown = Error::InvalidOption { name: "shape", value: f64::NAN, reason: "no shape of this name" };
        lines.push(Line { shape: Shape::named(&name).ok_or(unknown)?, linear, factor });
        numbers.push(forms.into_iter().map(|(constant, terms)| Affine { constant, terms }).collect());
    }
    AffineLines::new(lines, numbers, n_theta)
}

fn parameter((value, lower, upper, prior): ParameterRow) -> Parameter {
    Parameter { value, lower, upper, prior: prior.map(|(mean, sd)| Prior { mean, sd }) }
}

/// The end of a peak fit, its arrays copied out on demand.
#[pyclass(frozen, module = "braggite._core")]
pub struct PeakFitView {
    inner: peak_fit::PeakFit,
}

type Estimates<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>);

impl PeakFitView {
    fn estimates<'py>(&self, py: Python<'py>, of: impl Fn(&FittedPeak) -> Option<Estimate>) -> Estimates<'py> {
        let all: Vec<Option<Estimate>> = self.inner.peaks.iter().map(of).collect();
        let value: Vec<f64> = all.iter().map(|e| e.map_or(f64::NAN, |e| e.value)).collect();
        let su: Vec<f64> = all.iter().map(|e| e.and_then(|e| e.su).unwrap_or(f64::NAN)).collect();
        (value.to_pyarray(py), su.to_pyarray(py))
    }
}

#[pymethods]
impl PeakFitView {
    /// Nonlinear unknowns.
    #[getter]
    fn theta<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.inner.theta.to_pyarray(py)
    }

    /// Linear unknowns: of the lines, then of the background columns.
    #[getter]
    fn linear<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.inner.linear.to_pyarray(py)
    }

    /// Chi-square, number of steps, why it ended.
    #[getter]
    fn outcome(&self) -> (f64, usize, &'static str) {
        (self.inner.chi_squared, self.inner.iterations, self.inner.stop.as_str())
    }

    /// For nonlinear, then linear unknowns: `determined`, `held` or `undetermined`.
    #[getter]
    fn standing(&self) -> Vec<&'static str> {
        let word = |standing: &Standing| match standing {
            Standing::Determined => "determined",
            Standing::Held => "held",
            Standing::Undetermined => "undetermined",
        };
        self.inner.covariance.standing.iter().map(word).collect()
    }

    /// (n, n) covariance of nonlinear, then linear unknowns; zero where an unknown has none.
    fn covariance<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        Ok(PyArray2::from_vec2(py, &self.inner.covariance.values.rows())?)
    }

    /// (n,) calculated ordinates and the part of them that is background.
    #[getter]
    fn curves<'py>(&self, py: Python<'py>) -> Estimates<'py> {
        (self.inner.calculated.to_pyarray(py), self.inner.background.to_pyarray(py))
    }

    /// Areas and their uncertainties; NaN where there is none.
    #[getter]
    fn area<'py>(&self, py: Python<'py>) -> Estimates<'py> {
        self.estimates(py, |peak| peak.area)
    }

    /// Full widths and their uncertainties.
    #[getter]
    fn fwhm<'py>(&self, py: Python<'py>) -> Estimates<'py> {
        self.estimates(py, |peak| Some(peak.fwhm))
    }

    /// Heights and their uncertainties.
    #[getter]
    fn height<'py>(&self, py: Python<'py>) -> Estimates<'py> {
        self.estimates(py, |peak| Some(peak.height))
    }

    /// Number `index` of each line (0: its position) and its uncertainty; NaN where a shape has none.
    fn number<'py>(&self, py: Python<'py>, index: usize) -> Estimates<'py> {
        self.estimates(py, |peak| peak.numbers.get(index).copied())
    }
}

/// Fit each of `models` to a row of `y` (rows one after the other, as `weight`); `background` holds one column a row.
#[pyfunction]
#[pyo3(signature = (models, x, y, weight, background, tail, max_iterations, relative_tolerance, threads))]
pub fn fit_peaks(
    py: Python<'_>,
    models: Vec<Bound<'_, PeakModel>>,
    x: PyReadonlyArray1<'_, f64>,
    y: PyReadonlyArray1<'_, f64>,
    weight: PyReadonlyArray1<'_, f64>,
    background: Vec<PyReadonlyArray1<'_, f64>>,
    tail: f64,
    max_iterations: usize,
    relative_tolerance: f64,
    threads: usize,
) -> PyResult<Vec<PeakFitView>> {
    let points = Points { x: slice(&x, "x")?, y: slice(&y, "y")?, weight: slice(&weight, "weight")? };
    let column =
        |values: &PyReadonlyArray1<'_, f64>| Ok(Column { start: 0, values: slice(values, "background")?.to_vec() });
    let background = background.iter().map(column).collect::<PyResult<Vec<Column>>>()?;
    let models: Vec<&PeakModel> = models.iter().map(Bound::get).collect();
    let options = Options { max_iterations, relative_tolerance };
    let fits = Fits { points, models: &models, background: &background, tail, options };
    let inner = if let [_] = *models {
        call(py, || Ok(vec![fits.row(0, &CancelFlag::new())?]))
    } else {
        call_cancellable(py, |cancel| fits.rows(threads, cancel))
    };
    Ok(inner?.into_iter().map(|inner| PeakFitView { inner }).collect())
}

struct Fits<'a> {
    points: Points<'a>,
    models: &'a [&'a PeakModel],
    background: &'a [Column],
    tail: f64,
    options: Options,
}

impl Fits<'_> {
    fn rows(&self, threads: usize, cancel: &CancelFlag) -> Result<Vec<peak_fit::PeakFit>> {
        batch::rows(self.models.len(), threads, cancel, || (), |(), row| self.row(row, cancel))
    }

    fn row(&self, row: usize, cancel: &CancelFlag) -> Result<peak_fit::PeakFit> {
        let (Points { x, y, weight }, model) = (self.points, self.models[row]);
        check_length("y", y, x.len() * self.models.len())?;
        check_length("weight", weight, y.len())?;
        let part = row * x.len()..(row + 1) * x.len();
        let points = Points { x, y: &y[part.clone()], weight: &weight[part] };
        let PeakModel { lines, parameters, non_negative, loss } = model;
        let linear = Linear { non_negative, background: self.background, restraints: &[], loss: *loss };
        peak_fit::fit_peaks(points, lines, parameters, linear, self.tail, self.options, cancel)
    }
}

/// Full widths at half height of the peaks at ascending positions, to start a fit from.
#[pyfunction]
pub fn rough_fwhm<'py>(
    py: Python<'py>,
    x: PyReadonlyArray1<'py, f64>,
    y: PyReadonlyArray1<'py, f64>,
    positions: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (x, y, positions) = (slice(&x, "x")?, slice(&y, "y")?, slice(&positions, "positions")?);
    Ok(call(py, || Ok(peaks::rough_fwhm(x, y, positions)))?.to_pyarray(py))
}
