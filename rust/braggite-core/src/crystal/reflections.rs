//! Unique reflections of a structure within a range of d.

use super::cell::Cell;
use super::structure::Structure;
use super::symmetry::Rotation;
use crate::error::{Error, Result};

/// One family of symmetry-equivalent reflections.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reflection {
    /// The member with the largest h + k + l, then h, then k.
    pub hkl: [i32; 3],
    /// Members of the family under the Laue class.
    pub multiplicity: u32,
    /// 1/d^2 in 1/angstrom^2.
    pub inverse_d_squared: f64,
}

/// Indices beyond this are refused; the order below needs four times as much to stay below `BASE`.
const LARGEST_INDEX: f64 = 1000.0;
/// Base that makes (h + k + l, h, k) one integer.
const BASE: i64 = 4096;
/// Ceiling on the points of the reciprocal lattice that are looked at.
const MOST_POINTS: f64 = 2e7;

/// The unique, not systematically absent reflections with `d_min <= d <= d_max` (angstrom), grouped by (h, k).
///
/// Families of equal d that no operation relates stay apart. h runs over the reciprocal lattice; of each family the
/// member whose (h + k + l, h, k) is largest is kept.
///
/// # Errors
/// `InvalidOption` when `d_min` is not positive or so small that millions of reflections would follow.
pub fn unique_reflections(structure: &Structure, d_min: f64, d_max: f64) -> Result<Vec<Reflection>> {
    let (cell, group) = (structure.cell(), structure.group());
    let limits = index_limits(cell, d_min)?;
    let mut walls: Vec<[i64; 3]> = group.laue.iter().map(wall).collect();
    let (lowest, highest) = (1.0 / (d_max * d_max), 1.0 / (d_min * d_min));
    let mut found = Vec::new();
    for h in -limits[0]..=limits[0] {
        for k in -limits[1]..=limits[1] {
            for l in l_range(cell, h, k, highest) {
                let hkl = [h, k, l];
                let Some(multiplicity) = multiplicity_if_first(hkl, &mut walls) else { continue };
                let inverse_d_squared = cell.inverse_d_squared(hkl);
                let inside = (lowest..=highest).contains(&inverse_d_squared) && hkl != [0; 3];
                if inside && !group.is_absent(hkl) {
                    found.push(Reflection { hkl, multiplicity, inverse_d_squared });
                }
            }
        }
    }
    Ok(found)
}

fn index_limits(cell: &Cell, d_min: f64) -> Result<[i32; 3]> {
    let refuse = |reason| Err(Error::InvalidOption { name: "d_min", value: d_min, reason });
    if !(d_min.is_finite() && d_min > 0.0) {
        return refuse("must be a positive length in angstrom");
    }
    let points = 4.0 / 3.0 * std::f64::consts::PI * cell.volume() / d_min.powi(3);
    let limits = cell.lengths_angstrom().map(|edge| edge / d_min);
    if points > MOST_POINTS || limits.iter().any(|v| *v > LARGEST_INDEX) {
        return refuse("would list millions of reflections for this cell; shorten the range");
    }
    Ok(limits.map(|v| v.floor() as i32))
}

/// The l with h + k + l >= 0 for which (h, k, l) lies inside the sphere of 1/d^2 <= `highest`.
fn l_range(cell: &Cell, h: i32, k: i32, highest: f64) -> std::ops::RangeInclusive<i32> {
    let [_, _, g33, g23, g13, _] = cell.reciprocal_metric();
    let half = (g13 * f64::from(h) + g23 * f64::from(k)) / g33;
    let square = half * half + (highest - cell.inverse_d_squared([h, k, 0])) / g33;
    // A hair more on either side: the exact test of 1/d^2 decides at the rim. A negative square leaves no l.
    let root = if square < 0.0 { f64::NEG_INFINITY } else { square.sqrt() + 1e-6 };
    ((-half - root).ceil() as i32).max(-h - k)..=(root - half).floor() as i32
}

/// The vector w with h . w >= 0 where h comes before h R in the order of (h + k + l, h, k), 0 where they are equal.
fn wall(rotation: &Rotation) -> [i64; 3] {
    let order = [BASE * BASE + BASE, BASE * BASE + 1, BASE * BASE];
    let mut wall = order;
    for (value, row) in wall.iter_mut().zip(rotation) {
        *value -= row.iter().zip(order).map(|(&r, o)| i64::from(r) * o).sum::<i64>();
    }
    wall
}

/// The multiplicity of a reflection if it is the first of its family.
///
/// Neighbours fail at the same wall, so the wall that failed last is asked first.
fn multiplicity_if_first(hkl: [i32; 3], walls: &mut [[i64; 3]]) -> Option<u32> {
    let [h, k, l] = hkl.map(i64::from);
    let mut stabiliser = 0;
    for index in 0..walls.len() {
        let [x, y, z] = walls[index];
        let side = h * x + k * y + l * z;
        if side < 0 {
            walls.swap(0, index);
            return None;
        }
        stabiliser += u32::from(side == 0);
    }
    // The identity always counts, so the stabiliser is never empty.
    Some(walls.len() as u32 / stabiliser)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crystal::structure_factors::squared_structure_factors;
    use crate::crystal::{Atom, FormFactor, Operation, Scatterer, rotate_index};
    use proptest::prelude::*;

    /// P 21/c: a screw axis, a glide plane and an inversion centre.
    fn p21c() -> Vec<Operation> {
        let diagonal = |x, y, z| [[x, 0, 0], [0, y, 0], [0, 0, z]];
        let shifted = [0.0, 0.5, 0.5];
        [(1, 1, 1, [0.0; 3]), (-1, 1, -1, shifted), (-1, -1, -1, [0.0; 3]), (1, -1, 1, shifted)]
            .map(|(x, y, z, translation)| Operation { rotation: diagonal(x, y, z), translation })
            .to_vec()
    }

    fn monoclinic(lengths: [f64; 3], beta: f64, position: [f64; 3]) -> Structure {
        let cell = Cell::new(lengths, [90.0, beta, 90.0]).unwrap();
        let f0 = FormFactor { a: [8.0, 2.0, 0.0, 0.0, 0.0], b: [20.0, 3.0, 0.0, 0.0, 0.0], c: 1.0 };
        let scatterers = vec![Scatterer { f0, f_prime: -1.0, f_double_prime: 2.0 }];
        let atom = Atom { scatterer: 0, position, occupancy: 0.4, b_iso_angstrom2: 0.7 };
        Structure::new(cell, p21c(), scatterers, vec![atom]).unwrap()
    }

    /// Every lattice point of the shell that the screw axis (0k0) and the glide plane (h0l) leave.
    fn brute_force_count(cell: &Cell, d_min: f64, d_max: f64) -> u32 {
        let limits = cell.lengths_angstrom().map(|edge| (edge / d_min) as i32 + 1);
        let mut count = 0;
        for h in -limits[0]..=limits[0] {
            for k in -limits[1]..=limits[1] {
                for l in -limits[2]..=limits[2] {
                    let absent = (h == 0 && l == 0 && k % 2 != 0) || (k == 0 && l % 2 != 0);
                    let d = cell.inverse_d_squared([h, k, l]).sqrt().recip();
                    count += u32::from([h, k, l] != [0; 3] && !absent && d >= d_min && d <= d_max);
                }
            }
        }
        count
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn multiplicities_add_up_to_the_allowed_points(
            a in 3.0..9.0_f64, b in 3.0..9.0_f64, c in 3.0..9.0_f64, beta in 75.0..125.0_f64, d_min in 0.9..2.0_f64,
        ) {
            let structure = monoclinic([a, b, c], beta, [0.1, 0.2, 0.3]);
            let found = unique_reflections(&structure, d_min, 5.0).unwrap();
            let total: u32 = found.iter().map(|r| r.multiplicity).sum();
            prop_assert_eq!(total, brute_force_count(structure.cell(), d_min, 5.0));
        }

        #[test]
        fn equivalent_atoms_and_equivalent_indices_scatter_alike(
            x in 0.03..0.2_f64, y in 0.03..0.2_f64, z in 0.03..0.2_f64, which in 1..4_usize,
        ) {
            let structure = monoclinic([5.15, 5.21, 5.32], 99.2, [x, y, z]);
            let moved = monoclinic([5.15, 5.21, 5.32], 99.2, p21c()[which].apply([x, y, z]));
            let found = unique_reflections(&structure, 1.2, 9.0).unwrap();
            let turn = |r: &Reflection| Reflection { hkl: rotate_index(r.hkl, &p21c()[which].rotation), ..*r };
            let turned: Vec<Reflection> = found.iter().map(turn).collect();
            let expected = squared_structure_factors(&structure, &found);
            let others = [squared_structure_factors(&moved, &found), squared_structure_factors(&structure, &turned)];
            let strongest = expected.iter().fold(0.0_f64, |m, v| m.max(*v));
            for (found, expected) in others.iter().flat_map(|f| f.iter().zip(&expected)) {
                prop_assert!((found - expected).abs() <= 1e-11 * strongest, "an identity, up to rounding");
            }
        }
    }
}
