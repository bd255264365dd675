//! An atom's orbit under the space group: every position once, however its coordinates were rounded.

use super::cell::Cell;
use super::structure::Atom;
use super::symmetry::{SpaceGroup, difference, sum};

/// The positions an atom of the asymmetric unit stands for.
#[derive(Debug, Clone)]
pub(crate) struct Orbit {
    pub scatterer: usize,
    pub occupancy: f64,
    pub b_iso_angstrom2: f64,
    /// Positions modulo the centring that the sum runs over, measured from the inversion centre if there is one.
    pub positions: Vec<[f64; 3]>,
    /// What each of them counts for: 2 where the inversion makes a second position of it, else 1.
    pub weight: f64,
    /// Positions in the cell, centring translations not counted.
    pub n_positions: u32,
}

/// Images nearer than this are one position written with rounded coordinates; split sites lie farther apart.
const SAME_POSITION_ANGSTROM: f64 = 0.1;

/// The shortest difference `a - b` modulo the lattice where the two coincide.
fn coincide(cell: &Cell, centring: &[[f64; 3]], a: [f64; 3], b: [f64; 3]) -> Option<[f64; 3]> {
    let apart = difference(a, b);
    let deltas = centring.iter().map(|c| difference(apart, *c).map(|v| v - v.round()));
    deltas.into_iter().find(|d| cell.distance_squared(*d) < SAME_POSITION_ANGSTROM * SAME_POSITION_ANGSTROM)
}

/// The mean of the images that coincide with `position`, and their number: the special position that rounded
/// coordinates stand for, and the order of its site symmetry.
fn special_position(cell: &Cell, group: &SpaceGroup, position: [f64; 3]) -> ([f64; 3], usize) {
    let images = group.representatives.iter().map(|o| o.apply(position));
    let deltas: Vec<[f64; 3]> = images.filter_map(|x| coincide(cell, &group.centring, x, position)).collect();
    let shift = deltas.iter().fold([0.0; 3], |total, delta| sum(total, *delta));
    let order = deltas.len().max(1);
    (sum(position, shift.map(|v| v / order as f64)), order)
}

/// Reduce one atom to its orbit.
pub(crate) fn orbit_of(cell: &Cell, group: &SpaceGroup, atom: &Atom) -> Orbit {
    // The first mean may miss images just outside the tolerance; the second has them all.
    let (nearer, _) = special_position(cell, group, atom.position);
    let (position, order) = special_position(cell, group, nearer);
    let n_positions = group.representatives.len() / order;
    let same = |a: [f64; 3], b: [f64; 3]| coincide(cell, &group.centring, a, b).is_some();
    let inverse = |x: [f64; 3]| group.inversion.map(|t| difference(t, x));
    let mut kept: Vec<[f64; 3]> = Vec::with_capacity(group.half.len() / order + 1);
    for image in group.half.iter().map(|o| o.apply(position)) {
        let known = |other: &[f64; 3]| same(image, *other) || inverse(image).is_some_and(|x| same(x, *other));
        if order == 1 || !kept.iter().any(known) {
            kept.push(image);
        }
    }
    let centre = group.inversion.map_or([0.0; 3], |t| t.map(|v| v / 2.0));
    Orbit {
        scatterer: atom.scatterer,
        occupancy: atom.occupancy,
        b_iso_angstrom2: atom.b_iso_angstrom2,
        weight: n_positions as f64 / kept.len() as f64,
        positions: kept.into_iter().map(|x| difference(x, centre)).collect(),
        n_positions: n_positions as u32,
    }
}
