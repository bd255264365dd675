//! An atom's orbit under the space group: every position once, however its coordinates were rounded.

use super::cell::Cell;
use super::structure::Atom;
use super::symmetry::SpaceGroup;

/// The positions an atom of the asymmetric unit stands for.
#[derive(Debug, Clone)]
pub(crate) struct Orbit {
    pub scatterer: usize,
    pub occupancy: f64,
    pub b_iso_angstrom2: f64,
    /// Positions modulo the centring that the sum runs over, measured from the inversion centre if there is one.
    pub positions: Vec<[f64; 3]>,
    /// What each of them counts for: 2 where the inversion makes a second position of it.
    pub weight: f64,
    /// Positions in the cell, centring translations not counted.
    pub n_positions: u32,
}

/// Images nearer than this are one position written with rounded coordinates.
const SAME_POSITION_ANGSTROM: f64 = 0.05;
/// Images nearer than this cannot both hold an atom: more than half filled, they are one position.
const CLOSEST_ATOMS_ANGSTROM: f64 = 0.4;

fn difference(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

/// The shortest difference `a - b` modulo the lattice, and its squared length.
fn nearest_difference(cell: &Cell, centring: &[[f64; 3]], a: [f64; 3], b: [f64; 3]) -> ([f64; 3], f64) {
    let candidate = |c: &[f64; 3]| {
        let delta = difference(difference(a, b), *c).map(|v| v - v.round());
        (delta, cell.distance_squared(delta))
    };
    centring.iter().map(candidate).min_by(|x, y| x.1.total_cmp(&y.1)).unwrap_or(([0.0; 3], f64::INFINITY))
}

/// The mean of the images that coincide with `position`: the special position that rounded coordinates stand for.
fn on_its_special_position(cell: &Cell, group: &SpaceGroup, position: [f64; 3], tolerance: f64) -> [f64; 3] {
    let mut sum = [0.0; 3];
    let mut count = 0.0;
    for operation in &group.representatives {
        let (delta, square) = nearest_difference(cell, &group.centring, operation.apply(position), position);
        if square < tolerance * tolerance {
            count += 1.0;
            sum.iter_mut().zip(delta).for_each(|(s, d)| *s += d);
        }
    }
    [0, 1, 2].map(|i: usize| position[i] + sum[i] / count)
}

fn distinct_images(cell: &Cell, group: &SpaceGroup, position: [f64; 3], tolerance: f64) -> Vec<[f64; 3]> {
    let mut images: Vec<[f64; 3]> = Vec::new();
    for operation in &group.representatives {
        let image = operation.apply(position).map(|v| v.rem_euclid(1.0));
        let known =
            |other: &[f64; 3]| nearest_difference(cell, &group.centring, image, *other).1 < tolerance * tolerance;
        if !images.iter().any(known) {
            images.push(image);
        }
    }
    images
}

/// Keep one of each pair that the inversion relates; the flag says whether there were pairs.
fn halved(cell: &Cell, centring: &[[f64; 3]], inversion: [f64; 3], images: &[[f64; 3]]) -> (Vec<[f64; 3]>, bool) {
    let tolerance = SAME_POSITION_ANGSTROM * SAME_POSITION_ANGSTROM;
    let inverse = |x: [f64; 3]| difference(inversion, x);
    let same = |a: [f64; 3], b: [f64; 3]| nearest_difference(cell, centring, a, b).1 < tolerance;
    if images.iter().any(|&x| same(inverse(x), x)) {
        return (images.to_vec(), false);
    }
    let mut kept: Vec<[f64; 3]> = Vec::with_capacity(images.len() / 2);
    for &image in images {
        if !kept.iter().any(|&other| same(inverse(image), other)) {
            kept.push(image);
        }
    }
    (kept, true)
}

/// Reduce one atom to its orbit.
pub(crate) fn orbit_of(cell: &Cell, group: &SpaceGroup, atom: &Atom) -> Orbit {
    let tolerance = if atom.occupancy > 0.5 { CLOSEST_ATOMS_ANGSTROM } else { SAME_POSITION_ANGSTROM };
    let position = on_its_special_position(cell, group, atom.position, tolerance);
    let images = distinct_images(cell, group, position, tolerance);
    let n_positions = images.len() as u32;
    let (positions, paired) = match group.inversion {
        Some(inversion) => {
            let (kept, paired) = halved(cell, &group.centring, inversion, &images);
            let centre = inversion.map(|t| t / 2.0);
            (kept.into_iter().map(|x| difference(x, centre)).collect(), paired)
        }
        None => (images, false),
    };
    Orbit {
        scatterer: atom.scatterer,
        occupancy: atom.occupancy,
        b_iso_angstrom2: atom.b_iso_angstrom2,
        positions,
        weight: if paired { 2.0 } else { 1.0 },
        n_positions,
    }
}
