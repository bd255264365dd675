//! Line shapes on arrays.

use braggite_core::error::{Error, Result};
use braggite_core::lineshape::columns::ShapeColumns;
use braggite_core::lineshape::emission::EmissionLine;
use braggite_core::lineshape::faddeeva;
use braggite_core::lineshape::shape::{NAMES, Shape};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

use crate::border;

type Column<'py> = Bound<'py, PyArray1<f64>>;

/// A line shape with its emission lines, if it has any.
#[pyclass(frozen)]
pub struct LineShape(Shape);

#[pymethods]
impl LineShape {
    /// The shape called `name`, seen at every (wavelength, weight) of `emission`.
    #[new]
    fn new(py: Python<'_>, name: &str, emission: Vec<(f64, f64)>) -> PyResult<Self> {
        border::call(py, || {
            let inner = Shape::named(name).ok_or(Error::InvalidOption {
                name: "name",
                value: f64::NAN,
                reason: "no line shape is called so",
            })?;
            if emission.is_empty() {
                return Ok(Self(inner));
            }
            let line = |(wavelength_angstrom, weight)| EmissionLine { wavelength_angstrom, weight };
            Ok(Self(Shape::emission(inner, emission.into_iter().map(line).collect())?))
        })
    }

    /// Name, whether it is a width, bounds and start of every parameter.
    fn parameters(&self) -> Vec<(&'static str, bool, f64, f64, f64)> {
        self.0.parameters().iter().map(|p| (p.name, p.is_width, p.lower, p.upper, p.start)).collect()
    }

    fn values<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray1<'py, f64>,
        center: f64,
        parameters: Vec<f64>,
        amplitude: f64,
    ) -> PyResult<Column<'py>> {
        let x = border::slice(&x, "x")?;
        let values = border::call(py, || {
            self.0.check(&parameters)?;
            let mut values = vec![0.0; x.len()];
            self.0.add_values(x, center, &parameters, amplitude, &mut values);
            Ok(values)
        })?;
        Ok(values.into_pyarray(py))
    }

    /// Value and derivatives to the centre and the parameters.
    fn columns<'py>(
        &self,
        py: Python<'py>,
        x: PyReadonlyArray1<'py, f64>,
        center: f64,
        parameters: Vec<f64>,
    ) -> PyResult<(Column<'py>, Vec<Column<'py>>)> {
        let x = border::slice(&x, "x")?;
        let columns = border::call(py, || {
            self.0.check(&parameters)?;
            let mut columns = ShapeColumns::default();
            self.0.fill(x, center, &parameters, &mut columns);
            Ok(columns)
        })?;
        Ok((columns.value.into_pyarray(py), columns.by.into_iter().map(|by| by.into_pyarray(py)).collect()))
    }

    /// Full width at half maximum, height, offset of the maximum and area (None where infinite).
    fn measures(&self, py: Python<'_>, parameters: Vec<f64>) -> PyResult<(f64, f64, f64, Option<f64>)> {
        border::call(py, || {
            self.0.check(&parameters)?;
            let mut unused = vec![0.0; parameters.len()];
            let fwhm = self.0.fwhm(&parameters, &mut unused);
            Ok((fwhm, self.0.height(&parameters, &mut unused), self.0.mode(&parameters), self.0.area(&parameters)))
        })
    }

    /// Area between two positions.
    fn area_between(&self, py: Python<'_>, center: f64, parameters: Vec<f64>, start: f64, stop: f64) -> PyResult<f64> {
        border::call(py, || {
            self.0.check(&parameters)?;
            Ok(self.0.area_between(center, &parameters, start, stop))
        })
    }

    /// Positions outside which the line is below `tail` times its maximum.
    fn window(&self, py: Python<'_>, center: f64, parameters: Vec<f64>, tail: f64) -> PyResult<(f64, f64)> {
        border::call(py, || {
            self.0.check(&parameters)?;
            Ok(self.0.window(center, &parameters, tail))
        })
    }
}

/// Names of all line shapes.
#[pyfunction]
pub fn line_shape_names() -> Vec<&'static str> {
    NAMES.to_vec()
}

/// Real and imaginary part of the Faddeeva function at x + iy, y not negative.
#[pyfunction]
pub fn faddeeva_function<'py>(
    py: Python<'py>,
    x: PyReadonlyArray1<'py, f64>,
    y: PyReadonlyArray1<'py, f64>,
) -> PyResult<(Column<'py>, Column<'py>)> {
    let (x, y) = (border::slice(&x, "x")?, border::slice(&y, "y")?);
    let parts = border::call(py, || -> Result<(Vec<f64>, Vec<f64>)> {
        Ok(x.iter().zip(y).map(|(&x, &y)| faddeeva::faddeeva(x, y).into()).unzip())
    })?;
    Ok((parts.0.into_pyarray(py), parts.1.into_pyarray(py)))
}
