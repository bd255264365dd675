//! The unit cell and its reciprocal metric.

use crate::error::{Error, Result};

/// A unit cell that encloses a volume.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    lengths: [f64; 3],
    angles: [f64; 3],
    metric: [f64; 6],
    reciprocal: [f64; 6],
    volume: f64,
}

/// Cosine of an angle in degrees, exact where symmetry fixes the angle.
fn cos_deg(angle: f64) -> f64 {
    match angle {
        60.0 => 0.5,
        90.0 => 0.0,
        120.0 => -0.5,
        _ => angle.to_radians().cos(),
    }
}

/// `x^T M x` for a metric in the order (11, 22, 33, 23, 13, 12).
fn quadratic_form(m: &[f64; 6], [x, y, z]: [f64; 3]) -> f64 {
    m[0] * x * x + m[1] * y * y + m[2] * z * z + 2.0 * (m[3] * y * z + m[4] * x * z + m[5] * x * y)
}

impl Cell {
    /// A cell from its edges a, b, c in angstrom and angles alpha, beta, gamma in degrees.
    ///
    /// # Errors
    /// `InvalidStructure` for an edge that is not positive, or angles that no parallelepiped has.
    pub fn new(lengths_angstrom: [f64; 3], angles_deg: [f64; 3]) -> Result<Self> {
        let [a, b, c] = lengths_angstrom;
        if !lengths_angstrom.iter().all(|v| v.is_finite() && *v > 0.0) {
            return Err(Error::InvalidStructure(format!("cell edges {a}, {b}, {c} angstrom must be positive")));
        }
        let [ca, cb, cg] = angles_deg.map(cos_deg);
        let square = 1.0 - ca * ca - cb * cb - cg * cg + 2.0 * ca * cb * cg;
        // A NaN fails the comparison too; 1e-8 is a cell flattened to a ten-thousandth of its box.
        if !(square > 1e-8 && angles_deg.iter().all(|v| *v > 0.0 && *v < 180.0)) {
            let [alpha, beta, gamma] = angles_deg;
            return Err(Error::InvalidStructure(format!("no cell has the angles {alpha}, {beta}, {gamma} deg")));
        }
        let volume = a * b * c * square.sqrt();
        let metric = [a * a, b * b, c * c, b * c * ca, a * c * cb, a * b * cg];
        let [g11, g22, g33, g23, g13, g12] = metric;
        let determinant = volume * volume;
        let reciprocal = [
            (g22 * g33 - g23 * g23) / determinant,
            (g11 * g33 - g13 * g13) / determinant,
            (g11 * g22 - g12 * g12) / determinant,
            (g12 * g13 - g11 * g23) / determinant,
            (g12 * g23 - g22 * g13) / determinant,
            (g13 * g23 - g33 * g12) / determinant,
        ];
        Ok(Self { lengths: lengths_angstrom, angles: angles_deg, metric, reciprocal, volume })
    }

    /// Edges a, b, c in angstrom.
    pub fn lengths_angstrom(&self) -> [f64; 3] {
        self.lengths
    }

    /// Angles alpha, beta, gamma in degrees.
    pub fn angles_deg(&self) -> [f64; 3] {
        self.angles
    }

    /// Volume in cubic angstrom.
    pub fn volume(&self) -> f64 {
        self.volume
    }

    /// Reciprocal metric (G*11, G*22, G*33, G*23, G*13, G*12) in 1/angstrom^2, without the factor 2 pi.
    pub fn reciprocal_metric(&self) -> [f64; 6] {
        self.reciprocal
    }

    /// 1/d^2 of a reflection, in 1/angstrom^2.
    pub fn inverse_d_squared(&self, hkl: [i32; 3]) -> f64 {
        quadratic_form(&self.reciprocal, hkl.map(f64::from))
    }

    /// Squared length of a difference of fractional coordinates, in angstrom^2.
    pub fn distance_squared(&self, difference: [f64; 3]) -> f64 {
        quadratic_form(&self.metric, difference)
    }

    /// Metric (G11, G22, G33, G23, G13, G12) in angstrom^2.
    pub fn metric(&self) -> [f64; 6] {
        self.metric
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triclinic_metric_inverts_the_direct_one() {
        let cell = Cell::new([7.9, 8.6, 9.7], [83.0, 76.0, 68.0]).unwrap();
        let full = |m: [f64; 6]| [[m[0], m[5], m[4]], [m[5], m[1], m[3]], [m[4], m[3], m[2]]];
        let (g, r) = (full(cell.metric()), full(cell.reciprocal_metric()));
        for (i, row) in g.iter().enumerate() {
            for j in 0..3 {
                let product: f64 = row.iter().zip(&r).map(|(g, r)| g * r[j]).sum();
                assert!((product - f64::from(u8::from(i == j))).abs() < 1e-12, "rounding of a 3x3 inverse");
            }
        }
    }

    #[test]
    fn hexagonal_spacing_follows_the_textbook_formula() {
        let (a, c) = (2.8156, 14.0542);
        let cell = Cell::new([a, a, c], [90.0, 90.0, 120.0]).unwrap();
        let expected = 4.0 / 3.0 * (1.0 + 2.0 + 4.0) / (a * a) + 25.0 / (c * c);
        assert!((cell.inverse_d_squared([1, 2, 5]) / expected - 1.0).abs() < 1e-14, "same formula, rounding only");
    }

    #[test]
    fn impossible_cells_are_named() {
        let error = Cell::new([5.0, 5.0, 5.0], [60.0, 60.0, 130.0]).unwrap_err().to_string();
        assert!(error.contains("60, 60, 130"), "{error}");
        assert!(Cell::new([5.0, 0.0, 5.0], [90.0; 3]).is_err());
        assert!(Cell::new([5.0; 3], [90.0, f64::NAN, 90.0]).is_err());
        assert!(Cell::new([5.0; 3], [200.0, 200.0, 200.0]).is_err());
    }
}
