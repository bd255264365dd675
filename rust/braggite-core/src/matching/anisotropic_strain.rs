//! Anisotropic strain: widths that go with direction as a quartic form of the indices.
//!
//! Stephens (1999), J. Appl. Cryst. 32, 281. Where the metric of the cell varies from grain to grain, the variance of
//! 1/d² is the sum of `S_HKL` h^H k^K l^L over H + K + L = 4, of which the Laue class leaves 2 (cubic) to 15 free.

use crate::matching::freedom::{inverse, metric_with_derivatives};

/// Number of monomials of the fourth degree.
const MONOMIALS: usize = 15;

/// Powers of h, k, l of every monomial, those first that a term is named after where symmetry ties several.
const POWERS: [[i32; 3]; MONOMIALS] = [
    [4, 0, 0],
    [0, 4, 0],
    [0, 0, 4],
    [2, 2, 0],
    [2, 0, 2],
    [0, 2, 2],
    [3, 1, 0],
    [1, 3, 0],
    [3, 0, 1],
    [1, 0, 3],
    [0, 3, 1],
    [0, 1, 3],
    [2, 1, 1],
    [1, 2, 1],
    [1, 1, 2],
];
/// Full width in degrees over tan(theta) below which the root of the form ends in a parabola to zero, of finite slope.
const ROOT_FLOOR_DEG: f64 = 5e-3;
/// Degrees of 2-theta over tan(theta) that a relative spread of 1/d² by 1e-6 makes.
const DEG_PER_MILLIONTH: f64 = 1e-6 * 180.0 / std::f64::consts::PI;
/// Entries of an elimination below this are zero: those of rotations are small fractions.
const ZERO: f64 = 1e-9;

type Form = [f64; MONOMIALS];

/// The free terms of a phase and what each makes of its lines.
///
/// A term is in 1e-12 angstrom⁻⁴, multiplies the plain monomials, and the full width at half maximum (not the standard
/// deviation) follows from the root of the form.
#[derive(Debug, Clone, PartialEq)]
pub struct AnisotropicStrain {
    /// Powers of h, k, l of the monomial that each term is named after, and whose coefficient it is.
    pub powers: Vec<[i32; 3]>,
    /// Share of the width that is added to the Lorentzian one; the rest is added to the Gaussian one in squares.
    pub lorentzian_share: f64,
    /// By term, its form at every line for a value of one.
    forms: Vec<Vec<f64>>,
}

impl AnisotropicStrain {
    /// The terms that the rotations of a Laue class (h goes to h R) leave free, at the lines `hkl`.
    pub fn new(laue_rotations: &[[[i32; 3]; 3]], hkl: &[[f64; 3]], lorentzian_share: f64) -> Self {
        let (powers, terms): (Vec<[i32; 3]>, Vec<Form>) =
            invariant_forms(laue_rotations).into_iter().map(|(named, form)| (POWERS[named], form)).unzip();
        let at_lines = |term: &Form| hkl.iter().map(|&h| value(term, h)).collect();
        let forms = terms.iter().map(at_lines).collect();
        Self { powers, lorentzian_share, forms }
    }

    /// Number of free terms.
    pub fn len(&self) -> usize {
        self.powers.len()
    }

    /// Whether nothing is free, which no Laue class brings about.
    pub fn is_empty(&self) -> bool {
        self.powers.is_empty()
    }

    /// The form of term `term` at every line for a value of one.
    pub fn form(&self, term: usize) -> &[f64] {
        &self.forms[term]
    }

    /// Variance of 1/d² at line `line`, in 1e-12 angstrom⁻⁴, for the values `terms`.
    pub fn variance(&self, terms: &[f64], line: usize) -> f64 {
        terms.iter().zip(&self.forms).map(|(term, form)| term * form[line]).sum()
    }

    /// The terms of a strain that is the same in every direction, a full width of `width_deg` over tan(theta).
    pub fn isotropic(&self, cell: &[f64; 6], width_deg: f64) -> Vec<f64> {
        let (g, _) = inverse(&metric_with_derivatives(cell).0);
        let square = [([0, 0], g[0]), ([1, 1], g[1]), ([2, 2], g[2])];
        let mixed = [([1, 2], 2.0 * g[3]), ([0, 2], 2.0 * g[4]), ([0, 1], 2.0 * g[5])];
        let quadratic = [square, mixed].concat();
        let coefficient = |powers: &[i32; 3]| {
            let pairs = quadratic.iter().flat_map(|one| quadratic.iter().map(move |other| (one, other)));
            let of_powers = pairs.filter(|((a, _), (b, _))| {
                let mut sum = [0; 3];
                a.iter().chain(b).for_each(|&axis| sum[axis] += 1);
                sum == *powers
            });
            of_powers.map(|((_, a), (_, b))| a * b).sum::<f64>()
        };
        let size = (width_deg / DEG_PER_MILLIONTH).powi(2);
        self.powers.iter().map(|powers| size * coefficient(powers)).collect()
    }

    /// How large each term is when it alone makes a full width of `width_deg` over tan(theta) along its direction.
    pub fn sizes(&self, cell: &[f64; 6], width_deg: f64) -> Vec<f64> {
        let (g, _) = inverse(&metric_with_derivatives(cell).0);
        let edges = [g[0].sqrt(), g[1].sqrt(), g[2].sqrt()];
        let size = (width_deg / DEG_PER_MILLIONTH).powi(2);
        let product =
            |powers: &[i32; 3]| powers.iter().zip(edges).map(|(&power, edge)| edge.powi(power)).product::<f64>();
        self.powers.iter().map(|powers| size * product(powers)).collect()
    }
}

/// Full width in degrees over tan(theta) of a line with this `variance` (1e-12 angstrom⁻⁴) of 1/d² = `q`, and its
/// derivative to the variance.
///
/// Zero where the variance is negative, which no distribution of cells brings about; at zero the derivative is that
/// toward positive ones, so that a line can find its width again.
pub fn width_over_tangent(variance: f64, q: f64) -> (f64, f64) {
    let by_variance = (DEG_PER_MILLIONTH / q).powi(2);
    let square = by_variance * variance;
    if square < 0.0 {
        return (0.0, 0.0);
    }
    let floor = ROOT_FLOOR_DEG * ROOT_FLOOR_DEG;
    if square >= floor {
        let width = square.sqrt();
        return (width, 0.5 * by_variance / width);
    }
    // The parabola through zero that meets the root with its slope.
    let cube = 2.0 * floor * ROOT_FLOOR_DEG;
    (square * (3.0 * floor - square) / cube, by_variance * (3.0 * floor - 2.0 * square) / cube)
}

/// Powers of h, k, l and the coefficient of their product.
pub type Monomial = ([i32; 3], f64);

/// The terms that the rotations of a Laue class (h goes to h R) leave free, each as a sum of monomials: that which it is
/// named after comes first, with a coefficient of one.
pub fn free_terms(laue_rotations: &[[[i32; 3]; 3]]) -> Vec<Vec<Monomial>> {
    let monomials = |(named, form): (usize, Form)| {
        let others = (0..MONOMIALS).filter(|&monomial| monomial != named && form[monomial].abs() > ZERO);
        std::iter::once(named).chain(others).map(|monomial| (POWERS[monomial], form[monomial])).collect()
    };
    invariant_forms(laue_rotations).into_iter().map(monomials).collect()
}

fn value(form: &Form, [h, k, l]: [f64; 3]) -> f64 {
    let term = |(coefficient, [a, b, c]): (&f64, [i32; 3])| coefficient * h.powi(a) * k.powi(b) * l.powi(c);
    form.iter().zip(POWERS).map(term).sum()
}

/// The quartic forms that do not change under the rotations, each with the monomial it is named after: its coefficient
/// there is one, and that of every other form zero.
fn invariant_forms(rotations: &[[[i32; 3]; 3]]) -> Vec<(usize, Form)> {
    let mut forms: Vec<(usize, Form)> = Vec::new();
    for monomial in 0..MONOMIALS {
        let mut form = averaged(monomial, rotations);
        for (named, other) in &forms {
            let factor = form[*named];
            form.iter_mut().zip(other).for_each(|(entry, value)| *entry -= factor * value);
        }
        let Some(named) = form.iter().position(|entry| entry.abs() > ZERO) else { continue };
        let leading = form[named];
        form = form.map(|entry| entry / leading);
        for (_, other) in &mut forms {
            let factor = other[named];
            other.iter_mut().zip(&form).for_each(|(entry, value)| *entry -= factor * value);
        }
        forms.push((named, form));
    }
    forms.sort_by_key(|(named, _)| *named);
    forms
}

/// Mean of a monomial over the images of its indices.
fn averaged(monomial: usize, rotations: &[[[i32; 3]; 3]]) -> Form {
    let mut mean = [0.0; MONOMIALS];
    for rotation in rotations {
        // The image of each index is a linear form of all three; the monomial is the product of four of these.
        let factors = (0..3).flat_map(|axis| (0..POWERS[monomial][axis]).map(move |_| axis));
        let mut product: Vec<([i32; 3], f64)> = vec![([0; 3], 1.0)];
        for axis in factors {
            product = (0..3)
                .filter(|&from| rotation[from][axis] != 0)
                .flat_map(|from| {
                    product.iter().map(move |&(mut powers, coefficient)| {
                        powers[from] += 1;
                        (powers, coefficient * f64::from(rotation[from][axis]))
                    })
                })
                .collect();
        }
        for (powers, coefficient) in product {
            if let Some(place) = POWERS.iter().position(|&other| other == powers) {
                mean[place] += coefficient / rotations.len() as f64;
            }
        }
    }
    mean
}

#[cfg(test)]
mod tests;
