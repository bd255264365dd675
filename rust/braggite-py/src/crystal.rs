//! Crystal structures held on the Rust side, and their powder lines.

use braggite_core::crystal::{
    self, Atom, Cell, FormFactor, Operation, Rotation, Scatterer, form_factors, powder_lines,
};
use braggite_core::error::{Error, Result};
use braggite_core::identification::index::lines::strongest_lines;
use numpy::{PyArray1, PyArray2, PyArrayMethods, ToPyArray};
use pyo3::prelude::*;

use crate::border::call;

/// Element, charge, coefficients (a1..a5, b1..b5, c) instead of the shipped ones, f', f''.
type ScattererInput = (String, Option<i32>, Option<[f64; 11]>, f64, f64);
/// Scatterer, fractional coordinates, occupancy, B in angstrom^2.
type AtomInput = (usize, [f64; 3], f64, f64);
type Column<'py, T> = Bound<'py, PyArray1<T>>;
/// hkl, multiplicity, d, 2-theta, |F|^2, intensity.
type Lines<'py> = (
    Bound<'py, PyArray2<i32>>,
    Column<'py, u32>,
    Column<'py, f64>,
    Column<'py, f64>,
    Column<'py, f64>,
    Column<'py, f64>,
);

/// A checked crystal structure, built once and passed to kernels.
#[pyclass(frozen, module = "braggite._core")]
pub struct Structure {
    /// The core's structure, for the kernels of other rooms.
    pub inner: crystal::Structure,
    species: Vec<String>,
}

fn scatterer((element, charge, explicit, f_prime, f_double_prime): ScattererInput) -> Result<(String, Scatterer)> {
    let (species, f0) = if let Some([a1, a2, a3, a4, a5, b1, b2, b3, b4, b5, c]) = explicit {
        (element, FormFactor { a: [a1, a2, a3, a4, a5], b: [b1, b2, b3, b4, b5], c })
    } else {
        let (species, f0) = form_factors::waasmaier_kirfel(&element, charge)?;
        (species.to_owned(), f0)
    };
    Ok((species, Scatterer { f0, f_prime, f_double_prime }))
}

fn operations(rotations: Vec<Rotation>, translations: Vec<[f64; 3]>) -> Result<Vec<Operation>> {
    let (expected, got) = (rotations.len(), translations.len());
    if expected != got {
        return Err(Error::LengthMismatch { what: "translations", expected, got });
    }
    let operation = |(rotation, translation)| Operation { rotation, translation };
    Ok(rotations.into_iter().zip(translations).map(operation).collect())
}

fn atom((scatterer, position, occupancy, b_iso_angstrom2): AtomInput) -> Atom {
    Atom { scatterer, position, occupancy, b_iso_angstrom2 }
}

#[pymethods]
impl Structure {
    #[new]
    fn new(
        py: Python<'_>,
        cell: [f64; 6],
        rotations: Vec<Rotation>,
        translations: Vec<[f64; 3]>,
        scatterers: Vec<ScattererInput>,
        atoms: Vec<AtomInput>,
    ) -> PyResult<Self> {
        call(py, || {
            let [a, b, c, alpha, beta, gamma] = cell;
            let cell = Cell::new([a, b, c], [alpha, beta, gamma])?;
            let operations = operations(rotations, translations)?;
            let chosen = scatterers.into_iter().map(scatterer).collect::<Result<Vec<_>>>()?;
            let (species, scatterers) = chosen.into_iter().unzip();
            let atoms = atoms.into_iter().map(atom).collect();
            Ok(Self { inner: crystal::Structure::new(cell, operations, scatterers, atoms)?, species })
        })
    }

    /// The tabulated species each scatterer uses.
    #[getter]
    fn species(&self) -> Vec<String> {
        self.species.clone()
    }

    /// Positions in the cell that each atom of the asymmetric unit stands for.
    #[getter]
    fn site_multiplicities(&self) -> Vec<u32> {
        self.inner.site_multiplicities()
    }

    /// Rotations of the Laue class, acting on indices as h R.
    #[getter]
    fn laue_rotations(&self) -> Vec<Rotation> {
        self.inner.laue_rotations().to_vec()
    }

    /// Volume of the cell in cubic angstrom.
    #[getter]
    fn volume(&self) -> f64 {
        self.inner.cell().volume()
    }

    /// The `count` strongest lines from spacings of `d_min_angstrom` up, those closer than `apart` in ln(d) as one: ln(1/d)
    /// and multiplicity times |F|^2.
    fn strongest_lines<'py>(
        &self,
        py: Python<'py>,
        wavelength_angstrom: f64,
        d_min_angstrom: f64,
        apart: f64,
        count: usize,
    ) -> PyResult<(Column<'py, f32>, Column<'py, f32>)> {
        let strongest = call(py, || {
            let two_theta_max_deg = 2.0 * (0.5 * wavelength_angstrom / d_min_angstrom).asin().to_degrees();
            let lines = powder_lines(&self.inner, wavelength_angstrom, 0.0, two_theta_max_deg)?;
            Ok(strongest_lines(&lines, count, apart))
        })?;
        let (positions, strengths): (Vec<f32>, Vec<f32>) = strongest.into_iter().unzip();
        Ok((positions.to_pyarray(py), strengths.to_pyarray(py)))
    }

    /// Lines between two angles by descending d: hkl, multiplicity, d, 2-theta, |F|^2, intensity; with a floor, only
    /// those stronger than this share of the strongest.
    fn lines<'py>(
        &self,
        py: Python<'py>,
        wavelength_angstrom: f64,
        two_theta_min_deg: f64,
        two_theta_max_deg: f64,
        monochromator_two_theta_deg: f64,
        relative_floor: Option<f64>,
    ) -> PyResult<Lines<'py>> {
        let lines = call(py, || {
            let all = powder_lines(&self.inner, wavelength_angstrom, two_theta_min_deg, two_theta_max_deg)?;
            Ok(match relative_floor {
                Some(floor) => all.above(floor),
                None => all,
            })
        })?;
        let two_theta = lines.two_theta_deg(wavelength_angstrom);
        let intensity = lines.intensities(wavelength_angstrom, monochromator_two_theta_deg);
        let hkl = lines.hkl.concat().to_pyarray(py).reshape([lines.len(), 3])?;
        let column = |values: &[f64]| values.to_pyarray(py);
        let (d, f_squared) = (column(&lines.d_angstrom), column(&lines.f_squared));
        Ok((hkl, lines.multiplicity.to_pyarray(py), d, column(&two_theta), f_squared, column(&intensity)))
    }
}

/// Lorentz-polarisation factor at 2-theta, without a monochromator where its angle is 0.
#[pyfunction]
pub fn lorentz_polarisation(two_theta_deg: f64, monochromator_two_theta_deg: f64) -> f64 {
    crystal::lorentz_polarisation(two_theta_deg, monochromator_two_theta_deg)
}
