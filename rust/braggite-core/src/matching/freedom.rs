//! Which numbers of a cell may move: the constraints of the crystal system.

use crate::error::{Error, Result};

/// The metric symmetry a refinement must keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Six free numbers.
    Triclinic,
    /// a, b, c and the angle at this axis (0, 1, 2).
    Monoclinic(usize),
    /// a, b, c.
    Orthorhombic,
    /// a = b, c.
    Tetragonal,
    /// a = b, c with gamma 120.
    Hexagonal,
    /// a = b = c, alpha = beta = gamma.
    Rhombohedral,
    /// a = b = c.
    Cubic,
}

impl Metric {
    /// From the word the Python layer uses; the monoclinic axis follows its name (`monoclinic-b`).
    ///
    /// # Errors
    /// `InvalidStructure` for any other word.
    pub fn parse(name: &str) -> Result<Self> {
        match name {
            "triclinic" => Ok(Self::Triclinic),
            "monoclinic-a" => Ok(Self::Monoclinic(0)),
            "monoclinic-b" => Ok(Self::Monoclinic(1)),
            "monoclinic-c" => Ok(Self::Monoclinic(2)),
            "orthorhombic" => Ok(Self::Orthorhombic),
            "tetragonal" => Ok(Self::Tetragonal),
            "hexagonal" => Ok(Self::Hexagonal),
            "rhombohedral" => Ok(Self::Rhombohedral),
            "cubic" => Ok(Self::Cubic),
            other => Err(Error::InvalidStructure(format!("unknown metric {other}"))),
        }
    }

    /// Groups of cell numbers (0-2 lengths, 3-5 angles) that move together, one group a free parameter.
    pub fn groups(self) -> Vec<Vec<usize>> {
        match self {
            Self::Triclinic => (0..6).map(|i| vec![i]).collect(),
            Self::Monoclinic(axis) => vec![vec![0], vec![1], vec![2], vec![3 + axis]],
            Self::Orthorhombic => vec![vec![0], vec![1], vec![2]],
            Self::Tetragonal | Self::Hexagonal => vec![vec![0, 1], vec![2]],
            Self::Rhombohedral => vec![vec![0, 1, 2], vec![3, 4, 5]],
            Self::Cubic => vec![vec![0, 1, 2]],
        }
    }
}

/// Metric tensor of cell numbers (angstrom, degrees) and its six derivatives, each as (11, 22, 33, 23, 13, 12).
pub fn metric_with_derivatives(cell: &[f64; 6]) -> ([f64; 6], [[f64; 6]; 6]) {
    let [a, b, c, ..] = *cell;
    let radians = std::f64::consts::PI / 180.0;
    let cosines = [3, 4, 5].map(|i| (cell[i] * radians).cos());
    let slopes = [3, 4, 5].map(|i| -(cell[i] * radians).sin() * radians);
    let [ca, cb, cg] = cosines;
    let metric = [a * a, b * b, c * c, b * c * ca, a * c * cb, a * b * cg];
    let derivatives = [
        [2.0 * a, 0.0, 0.0, 0.0, c * cb, b * cg],
        [0.0, 2.0 * b, 0.0, c * ca, 0.0, a * cg],
        [0.0, 0.0, 2.0 * c, b * ca, a * cb, 0.0],
        [0.0, 0.0, 0.0, b * c * slopes[0], 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, a * c * slopes[1], 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.0, a * b * slopes[2]],
    ];
    (metric, derivatives)
}

/// v applied from both sides to a symmetric tensor given as (11, 22, 33, 23, 13, 12).
#[inline]
pub fn quadratic(tensor: &[f64; 6], v: [f64; 3]) -> f64 {
    let [x, y, z] = v;
    tensor[0] * x * x
        + tensor[1] * y * y
        + tensor[2] * z * z
        + 2.0 * (tensor[3] * y * z + tensor[4] * x * z + tensor[5] * x * y)
}

/// Product of a symmetric tensor given as (11, 22, 33, 23, 13, 12) with v.
#[inline]
pub fn product(tensor: &[f64; 6], v: [f64; 3]) -> [f64; 3] {
    let [x, y, z] = v;
    [
        tensor[0] * x + tensor[5] * y + tensor[4] * z,
        tensor[5] * x + tensor[1] * y + tensor[3] * z,
        tensor[4] * x + tensor[3] * y + tensor[2] * z,
    ]
}

/// Inverse of a symmetric tensor given as (11, 22, 33, 23, 13, 12), and its determinant.
pub fn inverse(t: &[f64; 6]) -> ([f64; 6], f64) {
    let minors = [
        t[1] * t[2] - t[3] * t[3],
        t[0] * t[2] - t[4] * t[4],
        t[0] * t[1] - t[5] * t[5],
        t[4] * t[5] - t[0] * t[3],
        t[3] * t[5] - t[1] * t[4],
        t[3] * t[4] - t[2] * t[5],
    ];
    let determinant = t[0] * minors[0] + t[5] * minors[5] + t[4] * minors[4];
    (minors.map(|m| m / determinant), determinant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn derivatives_of_one_over_d_squared(
            lengths in prop::array::uniform3(3.0..15.0_f64),
            angles in prop::array::uniform3(75.0..115.0_f64),
            hkl in prop::array::uniform3(-6..7_i32),
        ) {
            let cell = [lengths[0], lengths[1], lengths[2], angles[0], angles[1], angles[2]];
            let h = hkl.map(f64::from);
            let q = |cell: &[f64; 6]| quadratic(&inverse(&metric_with_derivatives(cell).0).0, h);
            let (metric, derivatives) = metric_with_derivatives(&cell);
            let v = product(&inverse(&metric).0, h);
            for k in 0..6 {
                let analytic = -quadratic(&derivatives[k], v);
                let step = 1e-5 * cell[k];
                let (mut up, mut down) = (cell, cell);
                up[k] += step;
                down[k] -= step;
                let difference = (q(&up) - q(&down)) / (2.0 * step);
                let scale = difference.abs().max(1e-3);
                prop_assert!((analytic - difference).abs() < 1e-5 * scale, "central difference, cell number {k}");
            }
        }
    }
}
