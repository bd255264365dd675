//! Values of all nonlinear parameters, and the names by which a fit refines them.

use crate::error::{Error, Result};
use crate::matching::anisotropic_strain::width_over_tangent;
use crate::matching::freedom::{inverse, metric_with_derivatives, quadratic};
use crate::matching::phase::Phase;
use crate::matching::shifts::{SHIFTS, Shift};
use crate::optimise::parameter::Parameter;

/// Most ghosts that a region can have.
pub const MAX_GHOSTS: usize = 2;

/// Which number of the model a refined parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Zero shift of a region, degrees 2-theta.
    Zero(usize),
    /// A length that shifts the lines of a region, mm.
    Shift(usize, Shift),
    /// Gaussian width: coefficient of tan², degrees².
    GaussU,
    /// Gaussian width: coefficient of tan, degrees².
    GaussV,
    /// Gaussian width: constant, degrees².
    GaussW,
    /// Lorentzian width of the instrument: coefficient of 1/cos, degrees.
    LorentzX,
    /// Lorentzian width of the instrument: coefficient of tan, degrees.
    LorentzY,
    /// Axial divergence of a region: half height of slit and sample over the radius.
    Axial(usize),
    /// Strength of another radiation of the tube beside the strongest line.
    Ghost {
        /// Index of the region.
        region: usize,
        /// Index into the ghosts of its optics.
        ghost: usize,
    },
    /// Group `group` of the cell numbers of a phase: relative change of lengths, change of angles in degrees.
    Cell {
        /// Index of the phase.
        phase: usize,
        /// Index into its freedom.
        group: usize,
    },
    /// Lorentzian width of a phase from crystallite size: coefficient of 1/cos, degrees.
    Size(usize),
    /// Lorentzian width of a phase from strain: coefficient of tan, degrees.
    Strain(usize),
    /// Term `term` of the anisotropic strain of a phase, 1e-12 angstrom⁻⁴.
    StrainTerm {
        /// Index of the phase.
        phase: usize,
        /// Index of the term.
        term: usize,
    },
    /// Change of the isotropic displacement factor of all atoms of a phase, angstrom².
    DeltaB(usize),
    /// Isotropic displacement factor of a group of atoms of a phase, angstrom².
    Displacement {
        /// Index of the phase.
        phase: usize,
        /// Index of the group.
        group: usize,
    },
    /// Natural logarithm of the March parameter of a phase.
    LogMarch(usize),
}

/// One refined number: what it is, and what it may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Refined {
    /// Its place in the model.
    pub role: Role,
    /// Start, bounds, prior.
    pub parameter: Parameter,
}

/// Numbers of one phase.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PhaseState {
    /// Change of each group of cell numbers: relative for lengths, degrees for angles.
    pub cell_change: [f64; 6],
    /// Lorentzian size width, degrees.
    pub size_deg: f64,
    /// Lorentzian strain width, degrees.
    pub strain_deg: f64,
    /// Terms of the anisotropic strain, 1e-12 angstrom⁻⁴, where the phase may have any; empty where none is refined.
    pub strain_terms: Vec<f64>,
    /// Change of B, angstrom².
    pub delta_b: f64,
    /// B of each group of atoms, angstrom², where the phase has any; empty where none is refined.
    pub b_iso_angstrom2: Vec<f64>,
    /// Logarithm of the March parameter.
    pub log_march: f64,
}

/// Numbers of one region.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RegionState {
    /// Zero shift, degrees 2-theta.
    pub zero_deg: f64,
    /// Length behind each of [`Shift::ALL`], mm.
    pub shifts_mm: [f64; SHIFTS],
    /// Axial divergence, S/L = H/L; 0 for symmetric lines.
    pub axial_ratio: f64,
    /// Strength of each ghost beside the strongest line.
    pub ghost_shares: [f64; MAX_GHOSTS],
}

impl RegionState {
    /// Shift of a line in degrees 2-theta, from the sine and cosine of theta, and its derivative to 2-theta.
    #[inline]
    pub fn shift(&self, sine: f64, cosine: f64, radius_mm: f64) -> (f64, f64) {
        let (mut shift, mut slope) = (self.zero_deg, 0.0);
        for (length, cause) in self.shifts_mm.iter().zip(Shift::ALL) {
            let (per_mm, slope_per_mm) = cause.per_mm(sine, cosine, radius_mm);
            shift += length * per_mm;
            slope += length * slope_per_mm;
        }
        (shift, slope)
    }
}

/// All nonlinear numbers of the model.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Gaussian width coefficients U, V, W in degrees².
    pub gauss: [f64; 3],
    /// Lorentzian width coefficients X, Y of the instrument in degrees, to which those of each phase are added.
    pub lorentz: [f64; 2],
    /// One entry a region.
    pub regions: Vec<RegionState>,
    /// One entry a phase.
    pub phases: Vec<PhaseState>,
}

/// Strain width in degrees that directions start from at least: without any width, none could grow.
const LEAST_START_DEG: f64 = 0.01;

fn no_phase(index: usize) -> Error {
    Error::InvalidOption { name: "index", value: index as f64, reason: "no such phase" }
}

impl State {
    /// The number behind `role`.
    pub fn get(&self, role: Role) -> f64 {
        match role {
            Role::Zero(r) => self.regions[r].zero_deg,
            Role::Shift(r, shift) => self.regions[r].shifts_mm[shift as usize],
            Role::Axial(r) => self.regions[r].axial_ratio,
            Role::Ghost { region, ghost } => self.regions[region].ghost_shares[ghost],
            Role::GaussU => self.gauss[0],
            Role::GaussV => self.gauss[1],
            Role::GaussW => self.gauss[2],
            Role::LorentzX => self.lorentz[0],
            Role::LorentzY => self.lorentz[1],
            Role::Cell { phase, group } => self.phases[phase].cell_change[group],
            Role::Size(p) => self.phases[p].size_deg,
            Role::Strain(p) => self.phases[p].strain_deg,
            Role::StrainTerm { phase, term } => self.phases[phase].strain_terms[term],
            Role::DeltaB(p) => self.phases[p].delta_b,
            Role::Displacement { phase, group } => self.phases[phase].b_iso_angstrom2[group],
            Role::LogMarch(p) => self.phases[p].log_march,
        }
    }

    /// Set the number behind `role`.
    pub fn set(&mut self, role: Role, value: f64) {
        match role {
            Role::Zero(r) => self.regions[r].zero_deg = value,
            Role::Shift(r, shift) => self.regions[r].shifts_mm[shift as usize] = value,
            Role::Axial(r) => self.regions[r].axial_ratio = value,
            Role::Ghost { region, ghost } => self.regions[region].ghost_shares[ghost] = value,
            Role::GaussU => self.gauss[0] = value,
            Role::GaussV => self.gauss[1] = value,
            Role::GaussW => self.gauss[2] = value,
            Role::LorentzX => self.lorentz[0] = value,
            Role::LorentzY => self.lorentz[1] = value,
            Role::Cell { phase, group } => self.phases[phase].cell_change[group] = value,
            Role::Size(p) => self.phases[p].size_deg = value,
            Role::Strain(p) => self.phases[p].strain_deg = value,
            Role::StrainTerm { phase, term } => self.phases[phase].strain_terms[term] = value,
            Role::DeltaB(p) => self.phases[p].delta_b = value,
            Role::Displacement { phase, group } => self.phases[phase].b_iso_angstrom2[group] = value,
            Role::LogMarch(p) => self.phases[p].log_march = value,
        }
    }

    /// Whether phase `phase` looks the same in region `region` in both states.
    #[allow(clippy::float_cmp, reason = "only the very same numbers draw the very same curve")]
    pub fn draws_alike(&self, other: &Self, region: usize, phase: usize) -> bool {
        self.gauss == other.gauss
            && self.lorentz == other.lorentz
            && self.regions[region] == other.regions[region]
            && self.phases[phase] == other.phases[phase]
    }

    /// The same state with the phases at `indices` only, in that order.
    ///
    /// # Errors
    /// `InvalidOption` for an index without a phase.
    pub fn keep(&self, indices: &[usize]) -> Result<Self> {
        let phases =
            indices.iter().map(|&i| self.phases.get(i).cloned().ok_or_else(|| no_phase(i))).collect::<Result<_>>()?;
        Ok(Self { phases, ..self.clone() })
    }

    /// The same state with the strain of phase `index` in terms of its directions, for now alike in all of them.
    ///
    /// # Errors
    /// `InvalidOption` for an index without a phase.
    pub fn with_strain_terms(&self, index: usize, phase: &Phase) -> Result<Self> {
        let mut state = self.clone();
        let numbers = state.phases.get_mut(index).ok_or_else(|| no_phase(index))?;
        if let Some(strain) = phase.anisotropic_strain.as_ref().filter(|_| numbers.strain_terms.is_empty()) {
            numbers.strain_terms = strain.isotropic(&phase.cell, numbers.strain_deg.max(LEAST_START_DEG));
            numbers.strain_deg = 0.0;
        }
        Ok(state)
    }

    /// Full width over tan(theta), degrees, that the anisotropic strain of phase `index` gives each of its lines; NaN where
    /// its terms make no variance.
    ///
    /// # Errors
    /// `InvalidOption` for an index without a phase.
    pub fn strain_widths(&self, index: usize, phase: &Phase) -> Result<Vec<f64>> {
        let numbers = self.phases.get(index).ok_or_else(|| no_phase(index))?;
        let Some(strain) = phase.anisotropic_strain.as_ref().filter(|_| !numbers.strain_terms.is_empty()) else {
            return Ok(vec![f64::NAN; phase.hkl.len()]);
        };
        let (reciprocal, _) = inverse(&metric_with_derivatives(&self.cell(index, phase)).0);
        let width = |(line, &h): (usize, &[f64; 3])| {
            let variance = strain.variance(&numbers.strain_terms, line);
            if variance > 0.0 { width_over_tangent(variance, quadratic(&reciprocal, h)).0 } else { f64::NAN }
        };
        Ok(phase.hkl.iter().enumerate().map(width).collect())
    }

    /// Cell numbers of phase `index` after its changes.
    pub fn cell(&self, index: usize, phase: &Phase) -> [f64; 6] {
        let mut cell = phase.cell;
        for (group, change) in phase.freedom.iter().zip(self.phases[index].cell_change) {
            for &i in group {
                if i < 3 { cell[i] *= 1.0 + change } else { cell[i] += change }
            }
        }
        cell
    }
}
