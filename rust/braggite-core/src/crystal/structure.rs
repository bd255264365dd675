//! A crystal structure: cell, symmetry, scatterers and the atoms of the asymmetric unit, checked once.

use super::cell::Cell;
use super::form_factors::FormFactor;
use super::orbits::{Orbit, orbit_of};
use super::symmetry::{Operation, Rotation, SpaceGroup};
use crate::error::{Error, Result};

/// What scatters: f = f0(s) + f' + i f'', in electrons.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scatterer {
    /// f0 as a function of s = sin(theta)/lambda.
    pub f0: FormFactor,
    /// Real part of the anomalous dispersion at the wavelength used.
    pub f_prime: f64,
    /// Imaginary part of the anomalous dispersion at the wavelength used.
    pub f_double_prime: f64,
}

/// One atom of the asymmetric unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Atom {
    /// Index into the scatterers.
    pub scatterer: usize,
    /// Fractional coordinates.
    pub position: [f64; 3],
    /// Share of the site that is filled, 0..1.
    pub occupancy: f64,
    /// Isotropic displacement factor B in angstrom^2.
    pub b_iso_angstrom2: f64,
}

/// A checked structure, its sites reduced to orbits.
#[derive(Debug, Clone)]
pub struct Structure {
    cell: Cell,
    operations: Vec<Operation>,
    scatterers: Vec<Scatterer>,
    atoms: Vec<Atom>,
    group: SpaceGroup,
    orbits: Vec<Orbit>,
}

/// Slack on an occupancy for sums of rounded fractions.
const OCCUPANCY_SLACK: f64 = 1e-6;

impl Structure {
    /// A structure from all symmetry operations (centring included) and the atoms of the asymmetric unit.
    ///
    /// # Errors
    /// `InvalidStructure` naming the operation or atom: operations that form no group or do not suit the cell, an
    /// occupancy outside 0..1, a negative B, a value that is not finite, a scatterer that does not exist.
    pub fn new(cell: Cell, operations: Vec<Operation>, scatterers: Vec<Scatterer>, atoms: Vec<Atom>) -> Result<Self> {
        let group = SpaceGroup::new(&cell, &operations)?;
        for (index, atom) in atoms.iter().enumerate() {
            check_atom(index, atom, scatterers.len())?;
        }
        let finite = |s: &Scatterer| s.f0.is_finite() && s.f_prime.is_finite() && s.f_double_prime.is_finite();
        if let Some(index) = scatterers.iter().position(|s| !finite(s)) {
            return Err(Error::InvalidStructure(format!("scatterer {} has a value that is not finite", index + 1)));
        }
        let orbits = atoms.iter().map(|atom| orbit_of(&cell, &group, atom)).collect();
        Ok(Self { cell, operations, scatterers, atoms, group, orbits })
    }

    /// The cell.
    pub fn cell(&self) -> &Cell {
        &self.cell
    }

    /// All symmetry operations as given.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The scatterers.
    pub fn scatterers(&self) -> &[Scatterer] {
        &self.scatterers
    }

    /// The atoms of the asymmetric unit.
    pub fn atoms(&self) -> &[Atom] {
        &self.atoms
    }

    /// Distinct rotations of the Laue class; they act on indices as h R.
    pub fn laue_rotations(&self) -> &[Rotation] {
        &self.group.laue
    }

    /// How many positions in the cell each atom of the asymmetric unit stands for.
    pub fn site_multiplicities(&self) -> Vec<u32> {
        let centrings = self.group.centring.len() as u32;
        self.orbits.iter().map(|orbit| orbit.n_positions * centrings).collect()
    }

    pub(crate) fn group(&self) -> &SpaceGroup {
        &self.group
    }

    pub(crate) fn orbits(&self) -> &[Orbit] {
        &self.orbits
    }
}

fn check_atom(index: usize, atom: &Atom, n_scatterers: usize) -> Result<()> {
    let refuse = |what: String| Err(Error::InvalidStructure(format!("atom {}: {what}", index + 1)));
    if atom.scatterer >= n_scatterers {
        return refuse(format!("scatterer {} of {n_scatterers} does not exist", atom.scatterer));
    }
    if !atom.position.iter().all(|v| v.is_finite()) {
        return refuse(format!("position {:?} is not finite", atom.position));
    }
    if !(0.0..=1.0 + OCCUPANCY_SLACK).contains(&atom.occupancy) {
        return refuse(format!("occupancy {} lies outside 0..1", atom.occupancy));
    }
    if !(atom.b_iso_angstrom2.is_finite() && atom.b_iso_angstrom2 >= 0.0) {
        return refuse(format!("B = {} angstrom^2 is negative or not finite", atom.b_iso_angstrom2));
    }
    Ok(())
}
