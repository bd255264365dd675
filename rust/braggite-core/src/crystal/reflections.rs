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
