//! Symmetry operations: checked to form a space group that suits the cell, and split into what the sums need.

use super::cell::Cell;
use crate::error::{Error, Result};

/// The integer matrix of a symmetry operation on fractional coordinates, row by row.
pub type Rotation = [[i32; 3]; 3];

/// A symmetry operation x' = R x + t on fractional coordinates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Operation {
    /// R, row by row.
    pub rotation: Rotation,
    /// t, in fractions of the cell edges.
    pub translation: [f64; 3],
}

/// Farthest a written translation (0.333, 0.6667) may lie from the twenty-fourth it stands for.
const ROUNDING_OF_TRANSLATIONS: f64 = 2e-3;
/// Phases of symmetry are multiples of 1/24 of a turn; anything nearer to zero than this is zero.
pub(crate) const PHASE_TOLERANCE: f64 = 1e-2;
/// Largest relative change of a metric element under a rotation that a written cell may show.
const METRIC_TOLERANCE: f64 = 2e-3;
const IDENTITY: Rotation = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];

impl Operation {
    /// The image of a position.
    pub fn apply(&self, position: [f64; 3]) -> [f64; 3] {
        sum(self.rotate(position), self.translation)
    }

    /// R x, without the translation.
    fn rotate(&self, [x, y, z]: [f64; 3]) -> [f64; 3] {
        self.rotation.map(|[a, b, c]| f64::from(a) * x + f64::from(b) * y + f64::from(c) * z)
    }

    fn after(&self, first: &Self) -> Self {
        Self { rotation: product(&self.rotation, &first.rotation), translation: self.apply(first.translation) }
    }
}

/// The index triple h R that R makes of a reflection h.
pub fn rotate_index(hkl: [i32; 3], rotation: &Rotation) -> [i32; 3] {
    let mut image = [0; 3];
    for (h, row) in hkl.iter().zip(rotation) {
        for (value, r) in image.iter_mut().zip(row) {
            *value += h * r;
        }
    }
    image
}

fn product(left: &Rotation, right: &Rotation) -> Rotation {
    left.map(|row| rotate_index(row, right))
}

pub(crate) fn sum(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

pub(crate) fn difference(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

fn determinant([[a, b, c], [d, e, f], [g, h, i]]: &Rotation) -> i32 {
    a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
}

fn negated(rotation: &Rotation) -> Rotation {
    rotation.map(|row| row.map(|v| -v))
}

/// How far a phase (in turns) is from the nearest whole turn.
pub(crate) fn off_integer(turns: f64) -> f64 {
    (turns - turns.round()).abs()
}

/// h . t in turns.
pub(crate) fn phase(hkl: [i32; 3], translation: [f64; 3]) -> f64 {
    hkl.iter().zip(translation).map(|(&h, t)| f64::from(h) * t).sum()
}

fn same_translation(a: [f64; 3], b: [f64; 3]) -> bool {
    a.iter().zip(b).all(|(x, y)| off_integer(x - y) < PHASE_TOLERANCE)
}

/// A translation in [0, 1), its rounded decimals replaced by the twenty-fourths they stand for.
fn exact_translation(translation: [f64; 3]) -> [f64; 3] {
    translation.map(|t| {
        let exact_fraction = (t * 24.0).round() / 24.0;
        let exact = if (t - exact_fraction).abs() < ROUNDING_OF_TRANSLATIONS { exact_fraction } else { t };
        exact.rem_euclid(1.0)
    })
}

/// A space group in its setting.
#[derive(Debug, Clone)]
pub(crate) struct SpaceGroup {
    /// One operation for each rotation; the identity first.
    pub representatives: Vec<Operation>,
    /// Lattice translations inside the cell, zero first.
    pub centring: Vec<[f64; 3]>,
    /// The representatives, one of each pair R, -R where the group holds -x + t, all of them otherwise.
    pub half: Vec<Operation>,
    /// Translation of the operation -x + t, if there is one.
    pub inversion: Option<[f64; 3]>,
    /// Distinct rotations of the Laue class, the identity first.
    pub laue: Vec<Rotation>,
}

impl SpaceGroup {
    /// Check that `operations` form a group that leaves the cell's metric alone, and split it.
    pub fn new(cell: &Cell, operations: &[Operation]) -> Result<Self> {
        let mut centring = vec![[0.0; 3]];
        let mut representatives = vec![Operation { rotation: IDENTITY, translation: [0.0; 3] }];
        for (index, operation) in operations.iter().enumerate() {
            check_operation(cell, index, operation)?;
            let translation = exact_translation(operation.translation);
            if operation.rotation == IDENTITY {
                if !centring.iter().any(|c| same_translation(*c, translation)) {
                    centring.push(translation);
                }
            } else if !representatives.iter().any(|r| r.rotation == operation.rotation) {
                representatives.push(Operation { rotation: operation.rotation, translation });
            }
        }
        let inversion_matrix = negated(&IDENTITY);
        let inversion = representatives.iter().find(|o| o.rotation == inversion_matrix).map(|o| o.translation);
        let mut half: Vec<Operation> = Vec::with_capacity(representatives.len());
        for operation in &representatives {
            if inversion.is_none() || !half.iter().any(|o| o.rotation == negated(&operation.rotation)) {
                half.push(*operation);
            }
        }
        let laue = match inversion {
            Some(_) => representatives.iter().map(|o| o.rotation).collect(),
            None => representatives.iter().flat_map(|o| [o.rotation, negated(&o.rotation)]).collect(),
        };
        let group = Self { representatives, centring, half, inversion, laue };
        group.check_closed(operations.len())?;
        Ok(group)
    }

    fn check_closed(&self, n_operations: usize) -> Result<()> {
        let expected = self.representatives.len() * self.centring.len();
        if n_operations != expected {
            return Err(Error::InvalidStructure(format!(
                "{n_operations} symmetry operations; {expected} different ones make a group with these rotations and centrings"
            )));
        }
        if self.is_closed() {
            return Ok(());
        }
        Err(Error::InvalidStructure("the symmetry operations do not form a group".to_owned()))
    }

    /// Whether products stay inside: every operation times each of a few that generate all of them.
    fn is_closed(&self) -> bool {
        let lattice_closed = self.centring.iter().all(|a| self.centring.iter().all(|b| self.is_lattice(sum(*a, *b))));
        let codes: Vec<i64> = self.representatives.iter().map(|o| code(&o.rotation)).collect();
        let mut reached = vec![false; codes.len()];
        let mut generators: Vec<&Operation> = Vec::new();
        for (index, operation) in self.representatives.iter().enumerate() {
            if reached[index] {
                continue;
            }
            reached[index] = true;
            generators.push(operation);
            if !self.centring.iter().all(|c| self.is_lattice(operation.rotate(*c))) {
                return false;
            }
            let mut waiting: Vec<usize> = (0..codes.len()).filter(|&i| reached[i]).collect();
            while let Some(i) = waiting.pop() {
                for generator in &generators {
                    let made = self.representatives[i].after(generator);
                    let Some(found) = codes.iter().position(|c| *c == code(&made.rotation)) else { return false };
                    if !self.is_lattice(difference(made.translation, self.representatives[found].translation)) {
                        return false;
                    }
                    if !reached[found] {
                        reached[found] = true;
                        waiting.push(found);
                    }
                }
            }
        }
        lattice_closed
    }

    fn is_lattice(&self, translation: [f64; 3]) -> bool {
        self.centring.iter().any(|c| same_translation(translation, *c))
    }

    /// Whether the centring or a screw axis or glide plane extinguishes a reflection.
    pub fn is_absent(&self, hkl: [i32; 3]) -> bool {
        self.centring.iter().any(|c| off_integer(phase(hkl, *c)) > PHASE_TOLERANCE)
            || self.representatives.iter().any(|o| {
                off_integer(phase(hkl, o.translation)) > PHASE_TOLERANCE && rotate_index(hkl, &o.rotation) == hkl
            })
    }
}

/// A number that tells rotations with elements in -8..8 apart.
fn code(rotation: &Rotation) -> i64 {
    rotation.iter().flatten().fold(0, |sum, &v| 16 * sum + i64::from(v))
}

fn check_operation(cell: &Cell, index: usize, operation: &Operation) -> Result<()> {
    let number = index + 1;
    let rotation = &operation.rotation;
    let small = rotation.iter().flatten().all(|v| (-7..=7).contains(v));
    if !small || determinant(rotation).abs() != 1 || !operation.translation.iter().all(|t| t.is_finite()) {
        return Err(Error::InvalidStructure(format!("symmetry operation {number} is not one: {operation:?}")));
    }
    let columns = [0, 1, 2].map(|j| rotation.map(|row| f64::from(row.get(j).copied().unwrap_or_default())));
    let [a, b, c] = columns;
    let edges = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    let [e1, e2, e3] = edges;
    let pairs =
        [(a, e1), (b, e2), (c, e3), (sum(b, c), sum(e2, e3)), (sum(a, c), sum(e1, e3)), (sum(a, b), sum(e1, e2))];
    let longest = cell.lengths_angstrom().iter().fold(0.0_f64, |m, v| m.max(v * v));
    for (image, original) in pairs {
        let change = (cell.distance_squared(image) - cell.distance_squared(original)).abs();
        if change > METRIC_TOLERANCE * longest {
            let ([a, b, c], [alpha, beta, gamma]) = (cell.lengths_angstrom(), cell.angles_deg());
            return Err(Error::InvalidStructure(format!(
                "the cell {a} {b} {c} angstrom, {alpha} {beta} {gamma} deg lacks the symmetry of operation {number} {rotation:?}"
            )));
        }
    }
    Ok(())
}
