//! One scan as the engine sees it.

use crate::error::{Error, Result};
use crate::grid::{Grid, check_finite, check_length, check_points};
use crate::matching::background::Family;
use crate::matching::background::basis::Basis;
use crate::matching::state::MAX_GHOSTS;

/// One wavelength of the source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EmissionLine {
    /// Wavelength in angstrom.
    pub wavelength_angstrom: f64,
    /// Share of the total, all shares summing to one.
    pub weight: f64,
    /// Natural full width at half maximum in angstrom; 0 for a sharp line.
    pub width_angstrom: f64,
}

/// What the diffractometer does to positions and intensities.
#[derive(Debug, Clone, PartialEq)]
pub struct Optics {
    /// Wavelengths, strongest first.
    pub emission: Vec<EmissionLine>,
    /// Other radiations of the tube, each with its lines, strongest first, of weight relative to that one; how strong it
    /// is beside K-alpha1 is a number of the state.
    pub ghosts: Vec<Vec<EmissionLine>>,
    /// Goniometer radius in mm.
    pub radius_mm: f64,
    /// Twice the Bragg angle of the monochromator in degrees; 0 without one.
    pub monochromator_two_theta_deg: f64,
    /// Whether the divergence slit opens with the angle (constant irradiated length).
    pub variable_divergence: bool,
}

/// Lines this near to the strongest, relatively, are parts of it.
const ONE_LINE: f64 = 1e-3;

impl Optics {
    /// Lines of a radiation: 0 is the main one, ghosts follow.
    pub fn lines(&self, radiation: usize) -> &[EmissionLine] {
        match radiation.checked_sub(1) {
            None => &self.emission,
            Some(ghost) => self.ghosts.get(ghost).map_or(&[], Vec::as_slice),
        }
    }

    /// Share of the main radiation that is its strongest line: the unit of the shares of ghosts.
    pub fn strongest_share(&self) -> f64 {
        let strongest = self.emission.first().map_or(f64::NAN, |line| line.wavelength_angstrom);
        let near = |line: &&EmissionLine| (line.wavelength_angstrom / strongest - 1.0).abs() < ONE_LINE;
        self.emission.iter().filter(near).map(|line| line.weight).sum()
    }
}

/// How far lines are followed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reach {
    /// Full widths to either side of the weakest line of a phase.
    pub weakest: f64,
    /// Full widths in addition for the strongest; between them by the root of the strength.
    pub strongest: f64,
    /// Nowhere further, degrees.
    pub longest_deg: f64,
}

impl Default for Reach {
    fn default() -> Self {
        Self { weakest: 5.0, strongest: 20.0, longest_deg: 6.0 }
    }
}

/// One scan: points, weights, a background and the functions that are fitted on top of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// Positions in degrees 2-theta, strictly ascending.
    pub x: Vec<f64>,
    /// Ordinates.
    pub y: Vec<f64>,
    /// One over the variance of each ordinate; 0 excludes the point.
    pub weight: Vec<f64>,
    /// Background that the functions of the basis are added to.
    pub background: Vec<f64>,
    /// Functions fitted with the lines: those that correct an estimate, or the background itself.
    pub basis: Basis,
    /// Standard deviation of each of their coefficients around zero; infinite leaves it free.
    pub basis_sd: f64,
    /// What the background is made of once lines are known.
    pub family: Family,
    /// Diffractometer.
    pub optics: Optics,
    /// How far lines are followed in it.
    pub reach: Reach,
}

impl Region {
    /// Check the columns and build the spline with `intervals` intervals, its coefficients within `spline_sd` of zero.
    ///
    /// # Errors
    /// The faults of a spectrum, negative weights, an emission profile without wavelengths.
    pub fn new(
        x: Vec<f64>,
        y: Vec<f64>,
        weight: Vec<f64>,
        background: Vec<f64>,
        intervals: usize,
        spline_sd: f64,
        mut optics: Optics,
    ) -> Result<Self> {
        check_points("x", &x, 8)?;
        let n = Grid::new(&x)?.len();
        for (what, column) in [("y", &y), ("weight", &weight), ("background", &background)] {
            check_length(what, column, n)?;
            check_finite(what, column)?;
        }
        if let Some(&value) = weight.iter().find(|&&w| w < 0.0) {
            return Err(Error::InvalidOption { name: "weight", value, reason: "weights are not negative" });
        }
        let total: f64 = optics.emission.iter().map(|line| line.weight).sum();
        let all = || optics.emission.iter().chain(optics.ghosts.iter().flatten());
        if optics.ghosts.len() > MAX_GHOSTS || optics.ghosts.iter().any(Vec::is_empty) {
            let (value, reason) = (optics.ghosts.len() as f64, "at most two ghosts, each with a line");
            return Err(Error::InvalidOption { name: "ghosts", value, reason });
        }
        let bad = all().find(|l| !(l.wavelength_angstrom > 0.0 && l.weight >= 0.0));
        if let Some(line) = bad {
            let value = line.wavelength_angstrom;
            return Err(Error::InvalidOption { name: "wavelength", value, reason: "wavelengths are positive" });
        }
        let broad = |line: &&EmissionLine| !(0.0..0.1).contains(&(line.width_angstrom / line.wavelength_angstrom));
        if let Some(line) = all().find(broad) {
            let (value, reason) =
                (line.width_angstrom, "natural widths are not negative and below a tenth of the wavelength");
            return Err(Error::InvalidOption { name: "width_angstrom", value, reason });
        }
        if total.is_nan() || total <= 0.0 {
            return Err(Error::InvalidOption { name: "emission", value: total, reason: "no wavelength given" });
        }
        for line in &mut optics.emission {
            line.weight /= total;
        }
        let (basis, family, reach) = (Basis::splines(&x, intervals), Family::default(), Reach::default());
        Ok(Self { x, y, weight, background, basis, basis_sd: spline_sd, family, optics, reach })
    }

    /// Highest order of the polynomials that are the background, once they are.
    pub fn polynomial_order(&self) -> Option<usize> {
        let is_fitted = matches!(self.family, Family::Chebyshev(_)) && self.basis_sd.is_infinite();
        is_fitted.then(|| self.basis.columns().len().saturating_sub(1))
    }

    /// Number of points with a weight.
    pub fn n_used(&self) -> usize {
        self.weight.iter().filter(|&&w| w > 0.0).count()
    }

    /// What the natural width of the strongest emission line adds to the coefficient of tan(theta) of a Lorentzian full
    /// width, degrees.
    pub fn natural_deg(&self) -> f64 {
        self.optics.emission.first().map_or(0.0, |l| (2.0 * l.width_angstrom / l.wavelength_angstrom).to_degrees())
    }

    /// The strongest wavelength in angstrom.
    pub fn wavelength_angstrom(&self) -> f64 {
        self.optics.emission.first().map_or(f64::NAN, |line| line.wavelength_angstrom)
    }
}
