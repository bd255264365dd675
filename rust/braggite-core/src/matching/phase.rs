//! A crystalline phase as the engine sees it: a cell, its freedom, its lines.

use crate::crystal::displacement::Displacement;
use crate::crystal::lines::PowderLines;
use crate::crystal::reflections::Reflection;
use crate::crystal::structure::Structure;
use crate::error::{Error, Result};
use crate::grid::check_length;
use crate::matching::anisotropic_strain::AnisotropicStrain;
use crate::matching::freedom::{Metric, inverse, metric_with_derivatives, quadratic};
use crate::matching::texture::March;

/// How the intensities of a phase are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// To the structure: one scale for all lines.
    Tied,
    /// Not at all: each line has a strength of its own (Pawley (1981), J. Appl. Cryst. 14, 357).
    Free,
    /// To what the pattern was shared out last: one factor for all lines, which means nothing (Le Bail).
    Partitioned,
    /// Each line has a strength of its own beside a scale, and is drawn toward what the structure says at that scale.
    Restrained,
}

impl Hold {
    /// From the word the Python layer uses.
    ///
    /// # Errors
    /// `InvalidStructure` for any other word.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "tied" => Ok(Self::Tied),
            "free" => Ok(Self::Free),
            "restrained" => Ok(Self::Restrained),
            "partitioned" => Ok(Self::Partitioned),
            other => Err(Error::InvalidStructure(format!("unknown hold {other}"))),
        }
    }
}

/// Displacement factors of a phase that may be refined: one B for each group of its atoms.
#[derive(Debug, Clone, PartialEq)]
pub struct Displaced {
    /// What the groups scatter.
    pub factors: Displacement,
    /// Mean and standard deviation of what is known of each B, angstrom².
    pub prior_angstrom2: Vec<(f64, f64)>,
}

/// A phase with its lines in the order of descending d.
#[derive(Debug, Clone, PartialEq)]
pub struct Phase {
    /// Cell lengths in angstrom and angles in degrees of the reference.
    pub cell: [f64; 6],
    /// Numbers of the cell that move together.
    pub freedom: Vec<Vec<usize>>,
    /// How far the cell may honestly differ from the reference, as a fraction of its lengths.
    pub cell_tolerance: f64,
    /// Mass of the atoms in one cell, in unified atomic mass units.
    pub cell_mass: f64,
    /// Indices of the lines.
    pub hkl: Vec<[f64; 3]>,
    /// Multiplicity times |F|² of each line.
    pub strength: Vec<f64>,
    /// Members of each family of reflections.
    pub multiplicity: Vec<u32>,
    /// Point operations of the Laue class.
    pub laue_rotations: Vec<[[i32; 3]; 3]>,
    /// Preferred orientation, when it may be refined.
    pub march: Option<March>,
    /// Anisotropic strain, when it may be refined.
    pub anisotropic_strain: Option<AnisotropicStrain>,
    /// Displacement factors of groups of its atoms, when they may be refined.
    pub displaced: Option<Displaced>,
    /// Hold on the intensities.
    pub hold: Hold,
}

impl Phase {
    /// Check and assemble a phase.
    ///
    /// # Errors
    /// Lists that differ in length, a phase without lines, a cell tolerance or mass that is not positive.
    pub fn new(
        cell: [f64; 6],
        metric: Metric,
        cell_tolerance: f64,
        cell_mass: f64,
        hkl: Vec<[f64; 3]>,
        f_squared: &[f64],
        multiplicity: Vec<u32>,
        laue_rotations: Vec<[[i32; 3]; 3]>,
    ) -> Result<Self> {
        check_length("f_squared", f_squared, hkl.len())?;
        if multiplicity.len() != hkl.len() {
            let (what, expected, got) = ("multiplicity", hkl.len(), multiplicity.len());
            return Err(Error::LengthMismatch { what, expected, got });
        }
        let strength = multiplicity.iter().zip(f_squared).map(|(&m, f)| f64::from(m) * f).collect();
        if hkl.is_empty() {
            return Err(Error::InvalidStructure("no reflection inside the measured range".to_owned()));
        }
        for (name, value) in [("cell_tolerance", cell_tolerance), ("cell_mass", cell_mass)] {
            if value.is_nan() || value <= 0.0 {
                return Err(Error::InvalidOption { name, value, reason: "must be positive" });
            }
        }
        let freedom = metric.groups();
        Ok(Self {
            cell,
            freedom,
            cell_tolerance,
            cell_mass,
            hkl,
            strength,
            multiplicity,
            laue_rotations,
            march: None,
            anisotropic_strain: None,
            displaced: None,
            hold: Hold::Tied,
        })
    }

    /// A phase from the powder lines of its structure, with a texture axis when one is given.
    ///
    /// # Errors
    /// Those of [`Phase::new`].
    pub fn from_lines(
        cell: [f64; 6],
        metric: Metric,
        cell_tolerance: f64,
        cell_mass: f64,
        lines: &PowderLines,
        texture_axis: Option<[f64; 3]>,
    ) -> Result<Self> {
        let hkl = lines.hkl.iter().map(|h| h.map(f64::from)).collect();
        let (multiplicity, laue) = (lines.multiplicity.clone(), lines.laue_rotations.clone());
        let phase = Self::new(cell, metric, cell_tolerance, cell_mass, hkl, &lines.f_squared, multiplicity, laue)?;
        Ok(match texture_axis {
            Some(axis) => phase.with_texture(axis),
            None => phase,
        })
    }

    /// The same phase with its strengths held by `hold`; those without a scale are expected to be `scale` times those of the structure.
    #[must_use]
    pub fn held(&self, hold: Hold, scale: f64) -> Self {
        let own = matches!(hold, Hold::Free | Hold::Partitioned);
        let factor = if own && scale > 0.0 { scale } else { 1.0 };
        Self { strength: self.strength.iter().map(|strength| factor * strength).collect(), hold, ..self.clone() }
    }

    /// The same phase with a displacement factor of its own for each group of the atoms of its `structure`, of which is
    /// known the mean and standard deviation in angstrom².
    ///
    /// # Errors
    /// Those of [`Displacement::new`]; a mean below zero, a standard deviation that is not positive.
    pub fn displaced(
        &self,
        structure: &Structure,
        group_of_atom: &[usize],
        prior_angstrom2: Vec<(f64, f64)>,
    ) -> Result<Self> {
        for &(mean, sd) in &prior_angstrom2 {
            let refuse = |value, reason| Err(Error::InvalidOption { name: "prior", value, reason });
            if !(mean.is_finite() && mean >= 0.0) {
                return refuse(mean, "the mean of a B must not be negative");
            }
            if !(sd.is_finite() && sd > 0.0) {
                return refuse(sd, "the standard deviation of a B must be positive");
            }
        }
        let (reciprocal, _) = inverse(&metric_with_derivatives(&self.cell).0);
        let reflection = |(&h, &multiplicity): (&[f64; 3], &u32)| Reflection {
            hkl: h.map(|index| index as i32),
            multiplicity,
            inverse_d_squared: quadratic(&reciprocal, h),
        };
        let reflections: Vec<Reflection> = self.hkl.iter().zip(&self.multiplicity).map(reflection).collect();
        let factors = Displacement::new(structure, &reflections, group_of_atom)?;
        if factors.n_groups() != prior_angstrom2.len() {
            let (expected, got) = (factors.n_groups(), prior_angstrom2.len());
            return Err(Error::LengthMismatch { what: "prior", expected, got });
        }
        Ok(Self { displaced: Some(Displaced { factors, prior_angstrom2 }), ..self.clone() })
    }

    /// Strength of line `index` where groups of atoms have these displacement factors; that of the structure where none
    /// are given.
    pub fn strength_at(&self, index: usize, b_angstrom2: &[f64]) -> f64 {
        match &self.displaced {
            Some(displaced) if !b_angstrom2.is_empty() => {
                f64::from(self.multiplicity[index]) * displaced.factors.f_squared(index, b_angstrom2)
            }
            _ => self.strength[index],
        }
    }

    /// The same of all lines.
    ///
    /// # Errors
    /// `LengthMismatch` for another number of displacement factors than there are groups of atoms.
    pub fn strengths_at(&self, b_angstrom2: &[f64]) -> Result<Vec<f64>> {
        let groups = self.displaced.as_ref().map_or(0, |displaced| displaced.factors.n_groups());
        check_length("b_iso_angstrom2", b_angstrom2, groups)?;
        Ok((0..self.hkl.len()).map(|index| self.strength_at(index, b_angstrom2)).collect())
    }

    /// Number of its linear unknowns: strengths of lines in order, then the scale where there is one.
    pub fn n_linear(&self) -> usize {
        match self.hold {
            Hold::Tied | Hold::Partitioned => 1,
            Hold::Free => self.hkl.len(),
            Hold::Restrained => self.hkl.len() + 1,
        }
    }

    /// Which of its linear unknowns draws line `index`, and the area of the line for one of it, from its area for a scale
    /// and for a strength of one.
    pub fn drawn_by(&self, index: usize, area: f64, area_per_strength: f64) -> (usize, f64) {
        match self.hold {
            Hold::Tied | Hold::Partitioned => (0, area),
            Hold::Free | Hold::Restrained => (index, area_per_strength),
        }
    }

    /// Which of its linear unknowns is its scale.
    pub fn scale(&self) -> Option<usize> {
        match self.hold {
            Hold::Tied => Some(0),
            Hold::Free | Hold::Partitioned => None,
            Hold::Restrained => Some(self.hkl.len()),
        }
    }

    /// The same phase with preferred orientation along the reciprocal-lattice vector `axis`.
    #[must_use]
    pub fn with_texture(&self, axis: [f64; 3]) -> Self {
        let march = March::new(axis, &self.hkl, &self.laue_rotations, &self.cell);
        Self { march: Some(march), ..self.clone() }
    }

    /// The same phase with widths that its strain may give every direction of its own.
    ///
    /// # Errors
    /// A Lorentzian share of these widths outside 0..1.
    pub fn with_anisotropic_strain(&self, lorentzian_share: f64) -> Result<Self> {
        if !(0.0..=1.0).contains(&lorentzian_share) {
            let (name, reason) = ("lorentzian_share", "must lie between 0 and 1");
            return Err(Error::InvalidOption { name, value: lorentzian_share, reason });
        }
        let strain = AnisotropicStrain::new(&self.laue_rotations, &self.hkl, lorentzian_share);
        Ok(Self { anisotropic_strain: Some(strain), ..self.clone() })
    }
}
