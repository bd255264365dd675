//! Backgrounds of one spectrum or of many rows of equal length.

#![allow(clippy::needless_pass_by_value, reason = "extracted arguments are owned")]

use braggite_core::batch;
use braggite_core::cancel::CancelFlag;
use braggite_core::error::{Error, Result};
use braggite_core::grid::Grid;
use braggite_core::linalg::pentadiagonal::Penalty;
use braggite_core::preprocess::background::{
    Adaptive, Background, ClippingOptions, ConcaveOptions, Ending, Family, LossFunction, Member, PolynomialOptions,
    Reweighting, Screening, ShirleyOptions, SnipOptions, SonneveldVisserOptions, TougaardOptions, WhittakerOptions,
    chebyshev, concave_rubber_band, lam_for_width, linear, modified_polynomial, rubber_band, shirley, snip,
    sonneveld_visser, tougaard,
};
use numpy::{IntoPyArray, PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;

use crate::border;

pub mod splines;
pub mod windows;

/// Curves one after the other, and per row: converged, passes, final tolerance.
type Rows<'py> = (Bound<'py, PyArray1<f64>>, Vec<bool>, Vec<usize>, Vec<f64>);

fn rows_to_py(py: Python<'_>, mut rows: Vec<Background>) -> Rows<'_> {
    let endings: Vec<Ending> = rows.iter().map(Background::ending).collect();
    let curves = match rows.as_mut_slice() {
        [one] => std::mem::take(&mut one.curve),
        _ => rows.iter().map(|row| row.curve.as_slice()).collect::<Vec<_>>().concat(),
    };
    curves_to_py(curves.into_pyarray(py), &endings)
}

fn curves_to_py<'py>(curves: Bound<'py, PyArray1<f64>>, endings: &[Ending]) -> Rows<'py> {
    let converged = endings.iter().map(|row| row.converged).collect();
    let iterations = endings.iter().map(|row| row.iterations).collect();
    let tolerance = endings.iter().map(|row| row.final_tolerance).collect();
    (curves, converged, iterations, tolerance)
}

/// Rows of `points` values; refuses what does not divide.
pub fn row_of(y: &[f64], points: usize, row: usize) -> &[f64] {
    y.get(row * points..(row + 1) * points).unwrap_or_default()
}

/// What a member of the Whittaker family is told; each reads its own.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct WhittakerArguments {
    lam: f64,
    max_iterations: usize,
    tol: f64,
    #[pyo3(default)]
    p: Option<f64>,
    #[pyo3(default)]
    k: Option<f64>,
    #[pyo3(default)]
    lam_1: Option<f64>,
    #[pyo3(default)]
    eta: Option<f64>,
    #[pyo3(default)]
    asymmetric_coef: Option<f64>,
    #[pyo3(default)]
    smooth_half_window: Option<usize>,
    #[pyo3(default)]
    num_smooths: Option<usize>,
}

/// An option that `method` cannot do without.
fn needed<T>(name: &'static str, value: Option<T>) -> Result<T> {
    value.ok_or(Error::InvalidOption { name, value: f64::NAN, reason: "is missing" })
}

/// The member called `method`.
fn member(method: &str, given: &WhittakerArguments, points: usize) -> Result<Member> {
    let p = || needed("p", given.p);
    Ok(match method {
        "asls" => Member::Reweighted(Reweighting::Asls { p: p()? }),
        "airpls" => Member::Reweighted(Reweighting::Airpls),
        "arpls" => Member::Reweighted(Reweighting::Arpls),
        "iarpls" => Member::Reweighted(Reweighting::Iarpls),
        "psalsa" => Member::Psalsa { p: p()?, k: given.k },
        "derpsalsa" => {
            let half_window = given.smooth_half_window.unwrap_or(points / 200);
            let screening = Screening { half_window, smooths: needed("num_smooths", given.num_smooths)? };
            Member::Derpsalsa { p: p()?, k: given.k, screening }
        }
        _ => Member::Adaptive(adaptive_member(method, given)?),
    })
}

fn adaptive_member(method: &str, given: &WhittakerArguments) -> Result<Adaptive> {
    match method {
        "iasls" => Ok(Adaptive::Iasls { p: needed("p", given.p)?, lam_1: needed("lam_1", given.lam_1)? }),
        "drpls" => Ok(Adaptive::Drpls { eta: needed("eta", given.eta)? }),
        "aspls" => Ok(Adaptive::Aspls { steepness: needed("asymmetric_coef", given.asymmetric_coef)? }),
        _ => Err(Error::InvalidOption { name: "method", value: f64::NAN, reason: "not of the Whittaker family" }),
    }
}

#[pyfunction]
#[pyo3(signature = (y, points, x, weights, method, options, threads))]
pub fn background_whittaker<'py>(
    py: Python<'py>,
    y: PyReadonlyArray1<'py, f64>,
    points: usize,
    x: Option<PyReadonlyArray1<'py, f64>>,
    weights: Option<PyReadonlyArray1<'py, f64>>,
    method: &str,
    options: WhittakerArguments,
    threads: usize,
) -> PyResult<Rows<'py>> {
    let y = border::slice(&y, "y")?;
    let x = x.as_ref().map(|x| border::slice(x, "x")).transpose()?;
    let weights = weights.as_ref().map(|w| border::slice(w, "weights")).transpose()?;
    let array = PyArray1::zeros(py, y.len(), false);
    let mut written = array.readwrite();
    let curves = written.as_slice_mut()?;
    let mut kernel = |cancel: &CancelFlag| {
        let x = x.map(Grid::new).transpose()?;
        let penalty = &x.map_or_else(|| Penalty::uniform(points, options.lam), |x| Penalty::on_grid(x, options.lam))?;
        let passes = WhittakerOptions { max_iterations: options.max_iterations, tol: options.tol, weights };
        let family = Family { member: member(method, &options, points)?, penalty, x, options: passes };
        batch::chunks(y.len() / points.max(1), threads, curves, |rows, curves| {
            family.rows(&y[rows.start * points..rows.end * points], cancel, curves)
        })
    };
    let endings = if y.len() == points {
        border::call(py, || kernel(&CancelFlag::new()))
    } else {
        border::call_cancellable(py, kernel)
    };
    endings.map(|endings| curves_to_py(array, &endings))
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
    let all = |cancel: &CancelFlag| {
        batch::rows(y.len() / points.max(1), threads, cancel, || (), |(), row| snip(row_of(y, points, row), options))
    };
    let single = y.len() == points;
    let rows = if single { border::call(py, || all(&CancelFlag::new())) } else { border::call_cancellable(py, all) }?;
    Ok(rows_to_py(py, rows))
}

/// lam whose filter passes half of a wave of period `width` sampled at `step`.
#[pyfunction]
pub fn whittaker_lam(width: f64, step: f64) -> f64 {
    lam_for_width(width, step)
}

#[pyfunction]
pub fn background_linear<'py>(
    py: Python<'py>,
    y: PyReadonlyArray1<'py, f64>,
    points: usize,
    x: PyReadonlyArray1<'py, f64>,
    end_points: usize,
    threads: usize,
) -> PyResult<Rows<'py>> {
    let (y, x) = (border::slice(&y, "y")?, border::slice(&x, "x")?);
    let rows = on_grid(py, y, points, x, threads, |grid, row| linear(grid, row, end_points))?;
    Ok(rows_to_py(py, rows))
}

#[pyfunction]
#[allow(clippy::too_many_arguments, reason = "every option is explicit")]
pub fn background_shirley<'py>(
    py: Python<'py>,
    y: PyReadonlyArray1<'py, f64>,
    points: usize,
    x: PyReadonlyArray1<'py, f64>,
    end_points: usize,
    max_iterations: usize,
    tol: f64,
    bounded: bool,
    threads: usize,
) -> PyResult<Rows<'py>> {
    let (y, x) = (border::slice(&y, "y")?, border::slice(&x, "x")?);
    let options = ShirleyOptions { end_points, max_iterations, tol, bounded };
    let rows = on_grid(py, y, points, x, threads, |grid, row| shirley(grid, row, options))?;
    Ok(rows_to_py(py, rows))
}

/// What Tougaard's background is told; names as the literature writes them.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct TougaardArguments {
    #[pyo3(item("B"))]
    b: Option<f64>,
    #[pyo3(item("C"))]
    c: Option<f64>,
    #[pyo3(item("D"), default)]
    d: f64,
    #[pyo3(item("T0"), default)]
    gap: f64,
    end_points: usize,
    fit_from: Option<f64>,
    kinetic: bool,
}

/// As the others, and per row the B and the C used; `sign` is that of T^2 in the loss function.
#[pyfunction]
pub fn background_tougaard<'py>(
    py: Python<'py>,
    y: PyReadonlyArray1<'py, f64>,
    points: usize,
    x: PyReadonlyArray1<'py, f64>,
    sign: f64,
    options: TougaardArguments,
    threads: usize,
) -> PyResult<(Rows<'py>, Vec<f64>, Vec<f64>)> {
    let (y, x) = (border::slice(&y, "y")?, border::slice(&x, "x")?);
    let TougaardArguments { b, c, d, gap, end_points, fit_from, kinetic } = options;
    let (loss, options) = (LossFunction { b, c, sign, d, gap }, TougaardOptions { end_points, fit_from, kinetic });
    let rows = on_grid(py, y, points, x, threads, |grid, row| tougaard(grid, row, loss, options))?;
    let (b, c) = rows.iter().map(|row| (row.b, row.c)).unzip();
    Ok((rows_to_py(py, rows.into_iter().map(|row| row.background).collect()), b, c))
}

/// `kernel` for every row over the positions `x`.
fn on_grid<T: Send>(
    py: Python<'_>,
    y: &[f64],
    points: usize,
    x: &[f64],
    threads: usize,
    kernel: impl Fn(Grid<'_>, &[f64]) -> Result<T> + Sync + Send,
) -> PyResult<Vec<T>> {
    Spectra { y, points, x, threads }.each(py, Ok, || (), |grid, (), row| kernel(*grid, row))
}

/// Rows of `points` values over the positions `x`.
struct Spectra<'a> {
    y: &'a [f64],
    points: usize,
    x: &'a [f64],
    threads: usize,
}

impl<'a> Spectra<'a> {
    /// `kernel` for every row, with what `prepare` makes of the positions and a `room` of each thread; a single row
    /// without the cost of a thread.
    fn each<P: Sync, S, T: Send>(
        &self,
        py: Python<'_>,
        prepare: impl Fn(Grid<'a>) -> Result<P> + Sync + Send,
        room: impl Fn() -> S + Sync + Send,
        kernel: impl Fn(&P, &mut S, &[f64]) -> Result<T> + Sync + Send,
    ) -> PyResult<Vec<T>> {
        let all = |cancel: &CancelFlag| {
            let prepared = prepare(Grid::new(self.x)?)?;
            let row = |room: &mut S, row: usize| kernel(&prepared, room, row_of(self.y, self.points, row));
            batch::rows(self.y.len() / self.points.max(1), self.threads, cancel, &room, row)
        };
        let single = self.y.len() == self.points;
        if single { border::call(py, || all(&CancelFlag::new())) } else { border::call_cancellable(py, all) }
    }
}

#[pyfunction]
pub fn background_rubber_band<'py>(
    py: Python<'py>,
    y: PyReadonlyArray1<'py, f64>,
    points: usize,
    x: PyReadonlyArray1<'py, f64>,
    threads: usize,
) -> PyResult<Rows<'py>> {
    let (y, x) = (border::slice(&y, "y")?, border::slice(&x, "x")?);
    let rows = on_grid(py, y, points, x, threads, rubber_band)?;
    Ok(rows_to_py(py, rows))
}

/// `num_std`: `IModPoly` with this cut, else `ModPoly`.
#[pyfunction]
#[allow(clippy::too_many_arguments, reason = "every option is explicit")]
#[pyo3(signature = (y, points, x, weights, order, max_iterations, tol, num_std, threads))]
pub fn background_polynomial<'py>(
    py: Python<'py>,
    y: PyReadonlyArray1<'py, f64>,
    points: usize,
    x: PyReadonlyArray1<'py, f64>,
    weights: Option<PyReadonlyArray1<'py, f64>>,
    order: usize,
    max_iterations: usize,
    tol: f64,
    num_std: Option<f64>,
    threads: usize,
) -> PyResult<Rows<'py>> {
    let (y, x) = (border::slice(&y, "y")?, border::slice(&x, "x")?);
    let weights = weights.as_ref().map(|w| border::slice(w, "weights")).transpose()?;
    let options = PolynomialOptions { order, max_iterations, tol, num_std, weights };
    let rows = on_grid(py, y, points, x, threads, |grid, row| modified_polynomial(grid, row, options))?;
    Ok(rows_to_py(py, rows))
}

/// The rubber band that enters domes: `iterations` passes over the lowest points of `baseline_points` ranges.
#[pyfunction]
pub fn background_concave_rubber_band<'py>(
    py: Python<'py>,
    y: PyReadonlyArray1<'py, f64>,
    points: usize,
    x: PyReadonlyArray1<'py, f64>,
    iterations: usize,
    baseline_points: usize,
    threads: usize,
) -> PyResult<Rows<'py>> {
    let (y, x) = (border::slice(&y, "y")?, border::slice(&x, "x")?);
    let options = ConcaveOptions { iterations, baseline_points };
    let rows = on_grid(py, y, points, x, threads, |grid, row| concave_rubber_band(grid, row, options))?;
    Ok(rows_to_py(py, rows))
}

/// `step` is what a step of `interval` counts for on the axis; `curvature` in the unit of the ordinates.
#[pyfunction]
#[allow(clippy::too_many_arguments, reason = "every option is explicit")]
pub fn background_sonneveld_visser<'py>(
    py: Python<'py>,
    y: PyReadonlyArray1<'py, f64>,
    points: usize,
    x: PyReadonlyArray1<'py, f64>,
    interval: usize,
    step: f64,
    curvature: f64,
    iterations: usize,
    threads: usize,
) -> PyResult<Rows<'py>> {
    let (y, x) = (border::slice(&y, "y")?, border::slice(&x, "x")?);
    let options = SonneveldVisserOptions { interval, step, curvature, iterations };
    let rows = on_grid(py, y, points, x, threads, |grid, row| sonneveld_visser(grid, row, options))?;
    Ok(rows_to_py(py, rows))
}

/// As the others, and for every point of every row whether it was clipped; `num_std` above and below.
#[pyfunction]
#[allow(clippy::too_many_arguments, reason = "every option is explicit")]
#[pyo3(signature = (y, points, x, weights, order, num_std, max_iterations, threads))]
pub fn background_chebyshev<'py>(
    py: Python<'py>,
    y: PyReadonlyArray1<'py, f64>,
    points: usize,
    x: PyReadonlyArray1<'py, f64>,
    weights: Option<PyReadonlyArray1<'py, f64>>,
    order: usize,
    num_std: (f64, f64),
    max_iterations: usize,
    threads: usize,
) -> PyResult<(Rows<'py>, Bound<'py, PyArray1<bool>>)> {
    let (y, x) = (border::slice(&y, "y")?, border::slice(&x, "x")?);
    let weights = weights.as_ref().map(|w| border::slice(w, "weights")).transpose()?;
    let options = ClippingOptions { order, num_std, max_iterations, weights };
    let rows = on_grid(py, y, points, x, threads, |grid, row| chebyshev(grid, row, options))?;
    let clipped: Vec<bool> = rows.iter().flat_map(|row| row.clipped.iter().copied()).collect();
    let rows = rows.into_iter().map(|row| row.background).collect();
    Ok((rows_to_py(py, rows), clipped.into_pyarray(py)))
}
