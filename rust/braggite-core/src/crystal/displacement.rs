//! Squared structure factors as functions of isotropic displacement factors, one for each group of atoms.
//!
//! F = sum over groups of `exp(-B_g s^2)` times what the group scatters at rest, so that the geometry is summed once.

use super::reflections::Reflection;
use super::structure::Structure;
use super::structure_factors::{Summation, Sums, add, friedel_mean};
use crate::error::{Error, Result};

/// |F|^2 of reflections for any B of groups of atoms, such as those of one element.
#[derive(Debug, Clone, PartialEq)]
pub struct Displacement {
    n_groups: usize,
    /// By reflection, then group: what the group scatters at rest.
    at_rest: Vec<Sums>,
    s_squared: Vec<f64>,
}

impl Displacement {
    /// For every atom of the asymmetric unit its group, counted from 0.
    ///
    /// # Errors
    /// `InvalidStructure` where not every atom has a group or a group has no atom.
    pub fn new(structure: &Structure, reflections: &[Reflection], group_of_atom: &[usize]) -> Result<Self> {
        let n_groups = group_of_atom.iter().max().map_or(0, |last| last + 1);
        let refuse = |what: &str| Err(Error::InvalidStructure(what.to_owned()));
        if group_of_atom.len() != structure.orbits().len() {
            return refuse("not every atom has a group of displacement factors");
        }
        if (0..n_groups).any(|group| !group_of_atom.contains(&group)) {
            return refuse("a group of displacement factors has no atom");
        }
        let mut summation = Summation::new(structure, reflections);
        let centrings = summation.centrings();
        let mut at_rest = vec![Sums::default(); reflections.len() * n_groups];
        for (reflection, groups) in reflections.iter().zip(at_rest.chunks_exact_mut(n_groups.max(1))) {
            summation.add_orbits(
                reflection,
                |_| centrings,
                |orbit, part| add(&mut groups[group_of_atom[orbit]], &part),
            );
        }
        let s_squared = reflections.iter().map(|reflection| reflection.inverse_d_squared / 4.0).collect();
        Ok(Self { n_groups, at_rest, s_squared })
    }

    /// Number of groups.
    pub fn n_groups(&self) -> usize {
        self.n_groups
    }

    fn groups(&self, reflection: usize) -> &[Sums] {
        &self.at_rest[reflection * self.n_groups..(reflection + 1) * self.n_groups]
    }

    fn total(&self, reflection: usize, b_angstrom2: &[f64]) -> Sums {
        let s_squared = self.s_squared[reflection];
        let mut total = Sums::default();
        for (sums, b) in self.groups(reflection).iter().zip(b_angstrom2) {
            let damping = (-b * s_squared).exp();
            add(&mut total, &sums.map(|sum| damping * sum));
        }
        total
    }

    /// |F|^2 of the cell in electrons^2, the mean of a Friedel pair, for a B of each group.
    pub fn f_squared(&self, reflection: usize, b_angstrom2: &[f64]) -> f64 {
        friedel_mean(&self.total(reflection, b_angstrom2))
    }

    /// Derivative of the logarithm of |F|^2 of every reflection to the B of `group`; 0 where |F|^2 is.
    pub fn relative_slopes(&self, b_angstrom2: &[f64], group: usize) -> Vec<f64> {
        let slope = |reflection: usize| {
            let (total, s_squared) = (self.total(reflection, b_angstrom2), self.s_squared[reflection]);
            let damping = (-b_angstrom2[group] * s_squared).exp();
            let own = self.groups(reflection)[group];
            let along: f64 = total.iter().zip(&own).map(|(sum, own)| sum * damping * own).sum();
            let square = friedel_mean(&total);
            if square > 0.0 { -2.0 * s_squared * along / square } else { 0.0 }
        };
        (0..self.s_squared.len()).map(slope).collect()
    }
}

#[cfg(test)]
mod tests;
