//! Backgrounds from windows that slide over the spectrum.

use braggite_core::error::{Error, Result};
use braggite_core::grid::Grid;
use braggite_core::preprocess::background::{
    Background, ContinuedMean, ImorOptions, MovingMean, WindowRoom, Windows, bruckner, imor, mor, rolling_ball, top_hat,
};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;

use super::{Rows, Spectra, needed, rows_to_py};
use crate::border;

/// What a method is told; each reads its own.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct WindowArguments {
    half_window: usize,
    #[pyo3(default)]
    smooth_half_window: Option<usize>,
    #[pyo3(default)]
    iterations: Option<usize>,
    #[pyo3(default)]
    max_iterations: Option<usize>,
    #[pyo3(default)]
    tol: Option<f64>,
}

/// A method with its windows laid over the axis.
enum Laid {
    TopHat(Windows),
    Mor(Windows),
    Imor(Windows, ImorOptions),
    RollingBall(Windows, ContinuedMean),
    Bruckner(MovingMean, usize),
}

impl Laid {
    fn new(method: &str, x: Grid<'_>, step: f64, given: &WindowArguments) -> Result<Self> {
        let windows = || Windows::new(x, given.half_window, step);
        match method {
            "tophat" => Ok(Self::TopHat(windows()?)),
            "mor" => Ok(Self::Mor(windows()?)),
            "imor" => {
                let max_iterations = needed("max_iterations", given.max_iterations)?;
                Ok(Self::Imor(windows()?, ImorOptions { max_iterations, tol: needed("tol", given.tol)? }))
            }
            "rolling_ball" => {
                let smooth = given.smooth_half_window.unwrap_or(given.half_window);
                Ok(Self::RollingBall(windows()?, ContinuedMean::new(x, smooth, step)?))
            }
            "bruckner" => {
                let mean = MovingMean::symmetric(x, given.half_window, step)?;
                Ok(Self::Bruckner(mean, needed("iterations", given.iterations)?))
            }
            _ => Err(Error::InvalidOption { name: "method", value: f64::NAN, reason: "has no sliding window" }),
        }
    }

    fn row(&self, y: &[f64], room: &mut WindowRoom) -> Result<Background> {
        match self {
            Self::TopHat(windows) => top_hat(y, windows, room),
            Self::Mor(windows) => mor(y, windows, room),
            Self::Imor(windows, options) => imor(y, windows, *options, room),
            Self::RollingBall(windows, smoothing) => rolling_ball(y, windows, smoothing, room),
            Self::Bruckner(mean, iterations) => bruckner(y, mean, *iterations, room),
        }
    }
}

/// `step` is the distance that a point of `half_window` counts for.
#[pyfunction]
#[allow(clippy::too_many_arguments, reason = "every option is explicit")]
pub fn background_windows<'py>(
    py: Python<'py>,
    y: PyReadonlyArray1<'py, f64>,
    points: usize,
    x: PyReadonlyArray1<'py, f64>,
    step: f64,
    method: &str,
    options: WindowArguments,
    threads: usize,
) -> PyResult<Rows<'py>> {
    let (y, x) = (border::slice(&y, "y")?, border::slice(&x, "x")?);
    let laid = |grid: Grid<'_>| Laid::new(method, grid, step, &options);
    let room = || WindowRoom::new(points);
    let rows = Spectra { y, points, x, threads }.each(py, laid, room, |laid, room, row| laid.row(row, room))?;
    Ok(rows_to_py(py, rows))
}
