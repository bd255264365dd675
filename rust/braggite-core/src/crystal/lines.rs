//! Powder lines: the unique reflections of a structure with their intensities.

use super::reflections::unique_reflections;
use super::structure::Structure;
use super::structure_factors::squared_structure_factors;
use super::symmetry::Rotation;
use crate::error::{Error, Result};

/// Unique reflections by descending d; the arrays run in step.
#[derive(Debug, Clone, PartialEq)]
pub struct PowderLines {
    /// One member of each family.
    pub hkl: Vec<[i32; 3]>,
    /// Members of the family under the Laue class.
    pub multiplicity: Vec<u32>,
    /// Lattice spacing in angstrom.
    pub d_angstrom: Vec<f64>,
    /// |F|^2 of the cell in electrons^2 (the mean of a Friedel pair).
    pub f_squared: Vec<f64>,
    /// Rotations that make the whole family of an hkl, as h R.
    pub laue_rotations: Vec<Rotation>,
}

/// The Lorentz-polarisation factor (1 + cos^2 2tm cos^2 2t) / (sin^2 t cos t) of a powder diffractometer.
///
/// `two_theta_deg` is 2t, `monochromator_two_theta_deg` 2tm (0: no monochromator); both in degrees. International
/// Tables C, 6.2.
pub fn lorentz_polarisation(two_theta_deg: f64, monochromator_two_theta_deg: f64) -> f64 {
    let two_theta = two_theta_deg.to_radians();
    let monochromator = monochromator_two_theta_deg.to_radians().cos();
    let polarised = monochromator * two_theta.cos();
    let (sin, cos) = (two_theta / 2.0).sin_cos();
    (1.0 + polarised * polarised) / (sin * sin * cos)
}

/// All reflections of `structure` that symmetry allows between two diffraction angles, sorted by descending d.
///
/// Lines that happen to be extinct are listed too, with their |F|^2 near zero; see [`PowderLines::above`]. The
/// dispersion of the scatterers is taken as it stands: give the structure the f', f'' of this wavelength.
///
/// # Errors
/// `InvalidOption` for a wavelength that is not positive, angles that are not 0 <= min < max < 180 deg, or a range
/// that holds millions of reflections.
pub fn powder_lines(
    structure: &Structure,
    wavelength_angstrom: f64,
    two_theta_min_deg: f64,
    two_theta_max_deg: f64,
) -> Result<PowderLines> {
    check_range(wavelength_angstrom, two_theta_min_deg, two_theta_max_deg)?;
    let spacing = |two_theta: f64| wavelength_angstrom / (2.0 * (two_theta.to_radians() / 2.0).sin());
    let reflections = unique_reflections(structure, spacing(two_theta_max_deg), spacing(two_theta_min_deg))?;
    let f_squared = squared_structure_factors(structure, &reflections);
    let mut order: Vec<usize> = (0..reflections.len()).collect();
    order.sort_by(|&i, &j| reflections[i].inverse_d_squared.total_cmp(&reflections[j].inverse_d_squared));
    Ok(PowderLines {
        hkl: order.iter().map(|&i| reflections[i].hkl).collect(),
        multiplicity: order.iter().map(|&i| reflections[i].multiplicity).collect(),
        d_angstrom: order.iter().map(|&i| reflections[i].inverse_d_squared.sqrt().recip()).collect(),
        f_squared: order.iter().map(|&i| f_squared[i]).collect(),
        laue_rotations: structure.laue_rotations().to_vec(),
    })
}

fn check_range(wavelength: f64, min: f64, max: f64) -> Result<()> {
    let refuse = |name, value, reason| Err(Error::InvalidOption { name, value, reason });
    if !(wavelength.is_finite() && wavelength > 0.0) {
        return refuse("wavelength_angstrom", wavelength, "must be a positive length in angstrom");
    }
    if !(0.0..180.0).contains(&min) {
        return refuse("two_theta_min_deg", min, "must lie in 0..180 deg");
    }
    if !(max > min && max < 180.0) {
        return refuse("two_theta_max_deg", max, "must lie above two_theta_min_deg and below 180 deg");
    }
    Ok(())
}

impl PowderLines {
    /// Number of lines.
    pub fn len(&self) -> usize {
        self.hkl.len()
    }

    /// Whether no reflection lies in the range.
    pub fn is_empty(&self) -> bool {
        self.hkl.is_empty()
    }

    /// Diffraction angle 2-theta of each line in degrees; NaN for a line out of reach of the wavelength.
    pub fn two_theta_deg(&self, wavelength_angstrom: f64) -> Vec<f64> {
        self.d_angstrom.iter().map(|d| 2.0 * (wavelength_angstrom / (2.0 * d)).asin().to_degrees()).collect()
    }

    /// Multiplicity * |F|^2 * Lorentz-polarisation of each line, in electrons^2 per cell.
    pub fn intensities(&self, wavelength_angstrom: f64, monochromator_two_theta_deg: f64) -> Vec<f64> {
        let angles = self.two_theta_deg(wavelength_angstrom);
        let factors = self.multiplicity.iter().zip(&self.f_squared);
        let intensity =
            |(t, (m, f)): (f64, (&u32, &f64))| f64::from(*m) * f * lorentz_polarisation(t, monochromator_two_theta_deg);
        angles.into_iter().zip(factors).map(intensity).collect()
    }

    /// The same lines, all of one strength (multiplicity times |F|^2): what is expected where no atoms are known.
    #[must_use]
    pub fn with_equal_strengths(&self) -> Self {
        let f_squared = self.multiplicity.iter().map(|&m| 1.0 / f64::from(m)).collect();
        Self { f_squared, ..self.clone() }
    }

    /// Only the lines whose multiplicity * |F|^2 exceeds `relative_floor` of the largest one; 0 keeps every line that
    /// is not exactly extinct.
    #[must_use]
    pub fn above(&self, relative_floor: f64) -> Self {
        let strength: Vec<f64> =
            self.multiplicity.iter().zip(&self.f_squared).map(|(m, f)| f64::from(*m) * f).collect();
        let floor = relative_floor * strength.iter().fold(0.0_f64, |m, v| m.max(*v));
        let kept: Vec<usize> = (0..self.len()).filter(|&i| strength[i] > floor).collect();
        Self {
            hkl: kept.iter().map(|&i| self.hkl[i]).collect(),
            multiplicity: kept.iter().map(|&i| self.multiplicity[i]).collect(),
            d_angstrom: kept.iter().map(|&i| self.d_angstrom[i]).collect(),
            f_squared: kept.iter().map(|&i| self.f_squared[i]).collect(),
            laue_rotations: self.laue_rotations.clone(),
        }
    }
}
